"""What the codes of the wire are called and what they mean, and the schema's hash: for the host, the docs and the tests.

Not on the pump: it sends codes, and its memory is for the therapy. A code keeps its meaning for ever. Pure data but for the hash.
"""

from . import alarms, codec, limits
from . import events as e
from . import schema as s

ROLES = ((s.OBSERVER, "observer"), (s.OPERATOR, "operator"), (s.CLINICIAN, "clinician"), (s.SERVICE, "service"))
ORIGINS = ((s.ORIGIN_UNSTATED, "unstated"), (s.ORIGIN_SPINAL, "spinal"), (s.ORIGIN_CEREBRAL, "cerebral"), (s.ORIGIN_CHILD, "child"))
TAPERS = ((s.TAPER_LABEL, "label"), (s.TAPER_GENTLE, "gentle"), (s.TAPER_EXPLANT, "explant"), (s.TAPER_INFECTED, "infected"))

MODES = ((s.SIMPLE, "simple"), (s.FLEX, "flex"), (s.PERIODIC, "periodic"), (s.MINIMUM, "minimum"))

# code, name, meaning
STATES = (
    (s.UNPROVISIONED, "UNPROVISIONED", "no keys, no library: delivers nothing"),
    (s.READY, "READY", "provisioned, nothing prescribed"),
    (s.INFUSING, "INFUSING", "basal runs as prescribed"),
    (s.TAPERING, "TAPERING", "basal steps down by itself"),
    (s.TAPER_PAUSED, "TAPER_PAUSED", "basal runs at its taper step; the taper waits"),
    (s.SUSPENDED, "SUSPENDED", "stopped in an emergency; the withdrawal clock runs"),
    (s.HELD, "HELD", "stopped by a power cut or an alarm; a person decides"),
    (s.ENDED, "ENDED", "a therapy was completed by taper or closed"),
    (s.LOCKED, "LOCKED", "the store cannot be read; nothing moves"),
    (s.PRIMING, "PRIMING", "fills the line, which is disconnected; not counted as dose"),
    (s.TITRATING, "TITRATING", "basal steps up by itself"),
    (s.TITRATION_PAUSED, "TITRATION_PAUSED", "basal runs at its titration step; the titration waits"),
    (s.SCREENING, "SCREENING", "gives a test dose; no basal"),
    (s.CHANGING, "CHANGING", "stopped for a change of syringe; basal goes on when the refill is booked"),
)
RESULTS = (
    (s.RESULT_UNKNOWN, "unknown", "no such id among the last 64: it was not executed and never will be"),
    (s.RESULT_PENDING, "pending", "proposed, not committed: nothing has changed"),
    (s.RESULT_DONE, "done", "executed once"),
)

# code, name, whose fault, meaning
ERRORS = (
    (s.BAD_FRAME, "BAD_FRAME", "host", "not a canonical frame: >VERB session seq key=value ... ~MAC*CRC32"),
    (s.BAD_CRC, "BAD_CRC", "line", "the CRC-32 does not match: noise on the line, send the same bytes again"),
    (s.BAD_VERSION, "BAD_VERSION", "host", "this wire version or schema is not spoken here"),
    (s.BAD_VERB, "BAD_VERB", "host", "no such message in the schema"),
    (s.BAD_FIELD, "BAD_FIELD", "host", "a field is missing, unknown, repeated, out of order or of the wrong kind"),
    (s.OUT_OF_RANGE, "OUT_OF_RANGE", "host", "a value lies outside the schema's range"),
    (s.NOT_AUTHORISED, "NOT_AUTHORISED", "host", "this role may not send this message"),
    (s.STALE_SESSION, "STALE_SESSION", "host", "no such session, or idle too long: open a new one"),
    (s.BAD_MAC, "BAD_MAC", "host", "the message was not made with this pump's key for the role"),
    (s.REPLAY, "REPLAY", "host", "the sequence number was used before"),
    (s.NOT_NOW, "NOT_NOW", "state", "not possible in the pump's present state"),
    (s.LIMIT, "LIMIT", "rule", "a safety rule refuses: rule, value, limit and when it would be allowed are given"),
    (s.BAD_CODE, "BAD_CODE", "host", "the confirm code is not the one the pump gave for this id"),
    (s.CODE_EXPIRED, "CODE_EXPIRED", "host", "the confirm code is too old: propose again"),
    (s.ID_REUSED, "ID_REUSED", "host", "this id was used with other content"),
    (s.BUSY, "BUSY", "state", "retired: never sent"),
    (s.STORE_FAILED, "STORE_FAILED", "pump", "the journal could not be written; nothing was changed"),
)

# code, name, meaning of a, meaning of b
EVENTS = (
    (e.PROVISIONED, "PROVISIONED", "", ""),
    (e.PRESCRIBED, "PRESCRIBED", "D in ng/day", "the D before"),
    (e.BOLUS_STARTED, "BOLUS_STARTED", "dose in ng", "duration in ms"),
    (e.BOLUS_ENDED, "BOLUS_ENDED", "dose in ng", "ms it took"),
    (e.BOLUS_CANCELLED, "BOLUS_CANCELLED", "dose in ng", "ms delivered"),
    (e.BOLUS_INTERRUPTED, "BOLUS_INTERRUPTED", "dose in ng", "ms delivered, at least"),
    (e.BOLUS_DENIED, "BOLUS_DENIED", "dose in ng", "rule"),
    (e.TAPER_STARTED, "TAPER_STARTED", "target in ng/day", "preset"),
    (e.TAPER_STEP, "TAPER_STEP", "D in ng/day", "the D before"),
    (e.TAPER_PAUSED, "TAPER_PAUSED", "", ""),
    (e.TAPER_CONTINUED, "TAPER_CONTINUED", "", ""),
    (e.THERAPY_ENDED, "THERAPY_ENDED", "", ""),
    (e.SUSPENDED, "SUSPENDED", "role, 0 for the button", ""),
    (e.RESUMED, "RESUMED", "D in ng/day", "ms stopped"),
    (e.RESTARTED, "RESTARTED", "D in ng/day", "the D before"),
    (e.CLOSED, "CLOSED", "", ""),
    (e.REFILLED, "REFILLED", "volume in nL", "residual found minus residual booked, in nL"),
    (e.POWER_ON, "POWER_ON", "known steps lost from sight", "off-time in ms, -1 unknown"),
    (e.RESET, "RESET", "cause", ""),
    (e.HELD, "HELD", "alarm", ""),
    (e.ALARM, "ALARM", "alarm", "priority"),
    (e.ALARM_ENDED, "ALARM_ENDED", "alarm", ""),
    (e.ACKNOWLEDGED, "ACKNOWLEDGED", "alarm", "role"),
    (e.LINK_LOST, "LINK_LOST", "retired: never written", ""),
    (e.REFUSED, "REFUSED", "error", "rule"),
    (e.LOG_STARTED, "LOG_STARTED", "retired: never written", ""),
    (e.PRIME_STARTED, "PRIME_STARTED", "volume in nL", "duration in ms"),
    (e.PRIME_ENDED, "PRIME_ENDED", "steps", ""),
    (e.CALIBRATED, "CALIBRATED", "steps per nL now and before: numerator", "denominator"),
    (e.BRIDGE_STARTED, "BRIDGE_STARTED", "coming concentration in ng/mL", "dead volume in nL"),
    (e.BRIDGE_ENDED, "BRIDGE_ENDED", "concentration at the tip in ng/mL", ""),
    (e.OVERRIDDEN, "OVERRIDDEN", "soft limits, a bit each", "role"),
    (e.CRASHED, "CRASHED", "crashes so far", "cause of the reset"),
    (e.SERVICE_OPENED, "SERVICE_OPENED", "role", ""),
    (e.TITRATION_STARTED, "TITRATION_STARTED", "target in ng/day", "per cent a step"),
    (e.TITRATION_STEP, "TITRATION_STEP", "D in ng/day", "the D before"),
    (e.PLAN_PAUSED, "PLAN_PAUSED", "", ""),
    (e.PLAN_CONTINUED, "PLAN_CONTINUED", "", ""),
    (e.PLAN_BLOCKED, "PLAN_BLOCKED", "D of the step in ng/day", "rule, or minus the alarm"),
    (e.SCREEN_STARTED, "SCREEN_STARTED", "dose in ng", "duration in ms"),
    (e.SCREEN_ENDED, "SCREEN_ENDED", "dose in ng", "ms delivered, -1 unknown"),
    (e.PROFILE, "PROFILE", "mode", "place in its cycle of 24 h, in ms"),  # its note: the hash of the rows
    (e.ALIGNED, "ALIGNED", "place in the cycle in ms", "the place before"),
    (e.BACKED_OFF, "BACKED_OFF", "steps pulled back after an occlusion", "pressure left, in kPa"),
    (e.CHANGE_STARTED, "CHANGE_STARTED", "role", ""),
    (e.CLOCK_SET, "CLOCK_SET", "seconds since 2000-01-01 UTC", "role"),
)

# number of a self test, name
SELF_TESTS = (
    (s.TEST_CPU, "processor"),
    (s.TEST_RAM, "RAM"),
    (s.TEST_CODE, "code"),
    (s.TEST_WATCHDOG, "watchdog"),
    (s.TEST_CLOCK, "clock"),
    (s.TEST_STORE, "store"),
    (s.TEST_SUPPLY, "supply"),
    (s.TEST_BUTTONS, "buttons"),
    (s.TEST_ENDS, "end stops"),
    (s.TEST_ENABLE, "motor enable"),
    (s.TEST_THERMOMETER, "thermometer"),
    (s.TEST_TONE, "tone"),
)

# a bit of PROPOSED.soft, meaning
SOFT = (
    (limits.SOFT_RAISE_HIGH, "a raise of more than 20 % above 500 mcg/day"),
    (limits.SOFT_START_BELOW_RANGE, "twice the test dose is below the library's range: the start is at the lowest basal"),
    (limits.SOFT_LOCKOUT, "a clinician's bolus inside the lockout"),
    (limits.SOFT_RUNG_BACK, "back to a dose held within the last 72 h"),
    (limits.SOFT_RESIDUAL, "the residual found differs from the books by more than the library's share"),
    (limits.SOFT_RESTART, "stopped for longer than the limit: this is a new start"),
    (limits.SOFT_BASAL_HIGH, "a basal rate above the library's soft limit"),
    (limits.SOFT_BOLUS_HIGH, "a bolus above the library's soft limit"),
    (limits.SOFT_STEEP_TAPER, "a taper steeper than 20 % per 48 h"),
    (limits.SOFT_INTERVAL, "a periodic dose before its interval is over"),
)


def schema_hash() -> str:
    """8 hex digits that change with anything a peer could notice: messages, fields, ranges, codes and names, not the prose."""
    rows: list[object] = [(s.VERSION, s.LINE_MAX, s.TEXT_MAX, s.DIGITS_MAX)]
    rows.extend(s.REQUESTS)
    rows.extend(s.REPLIES)
    rows.extend(EVENTS)
    rows.extend(alarms.ALARMS)
    for table in (ROLES, STATES, RESULTS, ORIGINS, TAPERS, ERRORS, SELF_TESTS, MODES):
        for row in table:
            rows.append((row[0], row[1]))
    return codec.table_hash(tuple(rows))
