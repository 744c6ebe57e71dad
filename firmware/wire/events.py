"""What the journal records: each event's code, name and the meaning of its two numbers. One table for pump, host and docs.

The chain of an old log stays readable: a code keeps its meaning for ever, new events get new codes. Part of the schema's hash.

LINK_LOST and LOG_STARTED are retired. Every command of the host ends with a silent link, and the therapy does not depend on one (R14), so
a record of it would only push out records that matter; a log begins with PROVISIONED.
"""

(
    PROVISIONED,
    PRESCRIBED,
    BOLUS_STARTED,
    BOLUS_ENDED,
    BOLUS_CANCELLED,
    BOLUS_INTERRUPTED,
    BOLUS_DENIED,
    TAPER_STARTED,
    TAPER_STEP,
    TAPER_PAUSED,
    TAPER_CONTINUED,
    THERAPY_ENDED,
    SUSPENDED,
    RESUMED,
    RESTARTED,
    CLOSED,
    REFILLED,
    POWER_ON,
    RESET,
    HELD,
    ALARM,
    ALARM_ENDED,
    ACKNOWLEDGED,
    LINK_LOST,
    REFUSED,
    LOG_STARTED,
    PRIME_STARTED,
    PRIME_ENDED,
    CALIBRATED,
    BRIDGE_STARTED,
    BRIDGE_ENDED,
    OVERRIDDEN,
    CRASHED,
    SERVICE_OPENED,
    TITRATION_STARTED,
    TITRATION_STEP,
    PLAN_PAUSED,
    PLAN_CONTINUED,
    PLAN_BLOCKED,
    SCREEN_STARTED,
    SCREEN_ENDED,
    PROFILE,
    ALIGNED,
    BACKED_OFF,
    CHANGE_STARTED,
    CLOCK_SET,
) = range(1, 47)

UNSAVED = (BOLUS_DENIED, REFUSED)  # nothing changed: they go into the log without a checkpoint
