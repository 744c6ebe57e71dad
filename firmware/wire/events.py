"""What the journal records: each event's code, name and the meaning of its two numbers. One table for pump, host and docs.

The chain of an old log stays readable: a code keeps its meaning for ever, new events get new codes. Part of the schema's hash.
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
) = range(1, 40)

UNSAVED = (BOLUS_DENIED, REFUSED)  # nothing changed: they go into the log without a checkpoint
