"""The contract between host and pump: every message, field, range and error, as one table.

Codec, documentation, command-line help and fuzzers are made from these rows; HELLO carries their hash
(`names.schema_hash`). To add a message or a field, add a row. Words live in the host: the pump sends codes and
integers. Pure data, imported by both sides; nothing here computes.
"""

VERSION = 1  # of the wire format; a pump answers another one with BAD_VERSION
LINE_MAX = 512  # bytes of a frame, its newline included
TEXT_MAX = 64  # characters of a text value on the wire, percent escapes included
DIGITS_MAX = 40  # of an integer without a range

TYPE_CHECKING = False  # mypy takes the name for true; MicroPython has no typing module
if TYPE_CHECKING:
    from typing import Any

    Field = tuple[str, str, int | None, int | None, bool]
    Fields = tuple[Field, ...]
    Request = tuple[str, int, int, Fields]
    Reply = tuple[str, Fields]
    Values = dict[str, Any]  # a decoded message: int for INT, str for HEX and TEXT

# --- roles -----------------------------------------------------------------------------------------------------------
OBSERVER, OPERATOR, CLINICIAN, SERVICE = 0, 1, 2, 3

_ALL = 1 << OBSERVER | 1 << OPERATOR | 1 << CLINICIAN | 1 << SERVICE
_KEYED = 1 << OPERATOR | 1 << CLINICIAN | 1 << SERVICE
_THERAPY = 1 << OPERATOR | 1 << CLINICIAN
_CLINICIAN = 1 << CLINICIAN
_SERVICE = 1 << SERVICE
_BOOTSTRAP = 1 << OBSERVER | 1 << SERVICE  # observer only while the pump is UNPROVISIONED: the handler checks

# --- states (the therapy's own table is pump/core/states.py) -----------------------------------------------------------
UNPROVISIONED, READY, INFUSING, TAPERING, TAPER_PAUSED, SUSPENDED, HELD, ENDED, LOCKED, PRIMING = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
TITRATING, TITRATION_PAUSED, SCREENING, CHANGING = 10, 11, 12, 13
STATE_LAST = CHANGING
STATE_NAMES = (  # in the order of the codes: the pump says them in its readable line
    "UNPROVISIONED",
    "READY",
    "INFUSING",
    "TAPERING",
    "TAPER_PAUSED",
    "SUSPENDED",
    "HELD",
    "ENDED",
    "LOCKED",
    "PRIMING",
    "TITRATING",
    "TITRATION_PAUSED",
    "SCREENING",
    "CHANGING",
)

# --- outcome of a command, kept with its id -----------------------------------------------------------------------------
RESULT_UNKNOWN, RESULT_PENDING, RESULT_DONE = 0, 1, 2

# --- origins of spasticity: titration limits depend on them ------------------------------------------------------------
ORIGIN_UNSTATED, ORIGIN_SPINAL, ORIGIN_CEREBRAL, ORIGIN_CHILD = 0, 1, 2, 3

# --- taper presets: their percentages and sources are in limits.py -----------------------------------------------------
TAPER_LABEL, TAPER_GENTLE, TAPER_EXPLANT, TAPER_INFECTED = 0, 1, 2, 3

# --- the self test: in the order in which they run; what each tries is in names.py ---------------------------------------
(
    TEST_CPU,
    TEST_RAM,
    TEST_CODE,
    TEST_WATCHDOG,
    TEST_CLOCK,
    TEST_STORE,
    TEST_SUPPLY,
    TEST_BUTTONS,
    TEST_ENDS,
    TEST_ENABLE,
    TEST_THERMOMETER,
    TEST_TONE,
) = range(1, 13)
TESTS_IDLE, TESTS_RUNNING, TESTS_PASSED, TESTS_FAILED = 0, 1, 2, 3  # idle: no power-on since the last reset

# --- modes: how basal is spread over the day -----------------------------------------------------------------------------
SIMPLE, FLEX, PERIODIC, MINIMUM = 0, 1, 2, 3
ROWS_MAX = 24  # of a flex schedule

# --- errors: (code, name, whose fault, meaning) ------------------------------------------------------------------------
BAD_FRAME, BAD_CRC, BAD_VERSION, BAD_VERB, BAD_FIELD, OUT_OF_RANGE = 1, 2, 3, 4, 5, 6
NOT_AUTHORISED, STALE_SESSION, BAD_MAC, REPLAY = 7, 8, 9, 10
NOT_NOW, LIMIT, BAD_CODE, CODE_EXPIRED, ID_REUSED, BUSY, STORE_FAILED = 11, 12, 13, 14, 15, 16, 17

# --- fields: (name, kind, low, high, required) ---------------------------------------------------------------------------
# INT: decimal, low..high. HEX: lower-case digits, low..high of them. TEXT: percent-escaped, low..high characters.
INT, HEX, TEXT = "int", "hex", "text"
_MAX = (1 << 53) - 1  # also exact in JSON
_COUNT = 10**12 - 1  # where 16 digits would not fit the widest STATUS into a line: 1 kg of drug in ng, any number of events
YEARS_MS = 100 * 366 * 86400000  # the longest time there is a word for

_ID = ("id", HEX, 15, 15, True)
_REASON = ("reason", TEXT, 1, 64, False)
_NG = 1000000000  # 1 g
_DAY = 86400000
_CENTURY_S = 36525 * 86400 - 1


def _int(name: str, low: int | None, high: int | None, required: bool = True) -> "Field":
    return (name, INT, low, high, required)


# --- requests: (verb, roles, phases, fields) -------------------------------------------------------------------------
# phases: READ changes nothing; ONE acts at once and is remembered by id; TWO is a proposal, which only COMMIT executes.
READ, ONE, TWO = 0, 1, 2
REQUESTS: "tuple[Request, ...]" = (
    ("HELLO", _ALL, READ, (_int("version", 0, 999),)),
    ("OPEN", 1 << OBSERVER, READ, (_int("role", OPERATOR, SERVICE), ("nonce", HEX, 32, 32, True))),
    ("STATUS", _ALL, READ, ()),
    ("BOOKS", _ALL, READ, ()),
    ("SELFTEST", _ALL, READ, ()),
    ("COURSE", _ALL, READ, ()),
    ("LEVEL", _ALL, READ, ()),
    ("REVIEW", _KEYED, READ, ()),
    ("ROWS", _KEYED, READ, (_int("index", 0, ROWS_MAX - 1),)),
    (
        "STAGE",  # one row of a schedule, for a PRESCRIBE of this session that quotes their hash; forgotten with the session
        _CLINICIAN,
        READ,
        (
            _int("index", 0, ROWS_MAX - 1),
            _int("count", 1, ROWS_MAX),
            _int("offset_ms", 0, _DAY - 1),
            _int("ng_per_day", 0, _NG),
        ),
    ),
    ("ALARMS", _ALL, READ, (_int("index", 0, 63),)),
    ("SOUND", _KEYED, READ, ()),  # sounds and lights each pattern once; answered by DONE with the ms it takes
    ("LOG", _KEYED, READ, (_int("first", 1, _MAX), _int("count", 1, 16))),
    ("QUERY", _KEYED | 1 << OBSERVER, READ, (_ID,)),
    (
        "PROVISION",
        _BOOTSTRAP,
        TWO,
        (
            _ID,
            ("library", TEXT, 1, 32, True),
            ("syringe", TEXT, 1, 24, True),
            ("operator_key", HEX, 64, 64, True),
            ("clinician_key", HEX, 64, 64, True),
            ("service_key", HEX, 64, 64, True),
            _REASON,
        ),
    ),
    (
        "PRESCRIBE",
        _CLINICIAN,
        TWO,
        (
            _ID,
            ("drug", TEXT, 1, 24, True),
            _int("conc_ng_per_ml", 1, _NG),
            _int("conc_again_ng_per_ml", 1, _NG),
            _int("basal_ng_per_day", 1, _NG),
            _int("max_24h_ng", 1, _NG),
            _int("origin", ORIGIN_UNSTATED, ORIGIN_CHILD),
            _int("screen_ng", 0, _NG, False),
            _int("screen_long", 0, 1, False),
            _int("pb_dose_ng", 1, _NG, False),
            _int("pb_duration_ms", 1, _DAY, False),
            _int("pb_lockout_ms", 1, 7 * _DAY, False),
            _int("pb_max", 1, 99, False),
            _int("dead_nl", 0, _NG, False),
            _int("mode", SIMPLE, MINIMUM, False),
            ("rows_hash", HEX, 16, 16, False),  # FLEX, PERIODIC: of the rows staged; basal_ng_per_day is their total
            _int("phase_ms", 0, _DAY - 1, False),  # and the place in their cycle of 24 h when the pump reads this
            _REASON,
        ),
    ),
    ("ALIGN", _THERAPY, TWO, (_ID, _int("phase_ms", 0, _DAY - 1))),
    ("BOLUS", _THERAPY, TWO, (_ID, _int("dose_ng", 1, _NG), _int("duration_ms", 1, _DAY, False), _REASON)),
    (
        "SCREEN",
        _CLINICIAN,
        TWO,
        (
            _ID,
            _int("dose_ng", 1, _NG),
            _int("duration_ms", 1, _DAY, False),
            _int("conc_ng_per_ml", 1, _NG),
            _int("conc_again_ng_per_ml", 1, _NG),
            _REASON,
        ),
    ),
    ("TAPER", _CLINICIAN, TWO, (_ID, _int("to_ng_per_day", 0, _NG), _int("preset", TAPER_LABEL, TAPER_INFECTED), _REASON)),
    (
        "TITRATE",
        _CLINICIAN,
        TWO,
        (_ID, _int("to_ng_per_day", 1, _NG), _int("percent", 1, 100), _int("hold_ms", 1, 366 * _DAY), _REASON),
    ),
    ("PAUSE", _CLINICIAN, TWO, (_ID, _int("on", 0, 1))),
    ("RESUME", _THERAPY, TWO, (_ID, _int("basal_ng_per_day", 1, _NG, False), _REASON)),
    ("CHANGE", _THERAPY, TWO, (_ID, _REASON)),  # of the syringe, for one of the same kind: basal waits for the REFILL
    ("REFILL", _THERAPY, TWO, (_ID, _int("residual_nl", 0, _NG), _int("volume_nl", 1, _NG), _REASON)),
    ("PRIME", _KEYED, TWO, (_ID, _int("volume_nl", 1, _NG), _int("disconnected", 0, 1))),
    ("CALIBRATE", _SERVICE, TWO, (_ID, _int("expected_nl", 1, _NG), _int("found_nl", 1, _NG))),
    ("SERVICE", _SERVICE, TWO, (_ID, _REASON)),
    ("CLOCK", _SERVICE, ONE, (_ID, _int("seconds", 0, _CENTURY_S))),  # since 2000-01-01 UTC, for the board's clock
    ("CLOSE", _CLINICIAN, TWO, (_ID, ("reason", TEXT, 1, 64, True))),
    ("COMMIT", _ALL, READ, (_ID, ("code", HEX, 6, 6, True))),
    ("SUSPEND", _KEYED, ONE, (_ID, _REASON)),
    ("CANCEL", _KEYED, ONE, (_ID,)),
    ("ACK", _THERAPY, ONE, (_ID, _int("alarm", 1, 63))),
)

# --- replies: (verb, fields). DONE, ERR, PROPOSED or the reply named like its request ends it; EVENT lines come before DONE. ---
REPLIES: "tuple[Reply, ...]" = (
    (
        "HELLO",
        (
            _int("version", 0, 999),
            ("firmware", TEXT, 1, 24, True),
            ("serial", TEXT, 1, 32, True),
            ("board", TEXT, 1, 24, True),
            ("schema", HEX, 8, 8, True),
            _int("state", UNPROVISIONED, STATE_LAST),
            ("library", TEXT, 1, 32, False),
            ("library_hash", HEX, 8, 8, False),
            ("syringe", TEXT, 1, 24, False),
            ("why", TEXT, 1, 64, False),  # the reason, when LOCKED or stopped by the self test
        ),
    ),
    ("OPEN", (("session", HEX, 8, 8, True), ("nonce", HEX, 32, 32, True))),
    (
        "STATUS",
        (
            _int("state", UNPROVISIONED, STATE_LAST),
            _int("now_ms", 0, YEARS_MS),  # powered monotonic time of this pump
            _int("basal_ng_per_day", 0, _NG),  # flowing now; 0 while suspended or held
            _int("set_ng_per_day", 0, _NG),  # programmed: D of the rules
            _int("conc_ng_per_ml", 0, _NG),  # at the tip of the line
            _int("therapy_ms", 0, YEARS_MS),  # since the start of this therapy
            _int("known_ng", 0, _COUNT),  # given in this therapy, at least
            _int("most_ng", 0, _COUNT),  # given in this therapy, at most
            _int("bolus_ng", 0, _NG),  # dose of the running bolus, 0 if none
            _int("bolus_left_ms", 0, _DAY),  # of the bolus, or of priming
            _int("bolus_count", 0, 99),  # boluses whose end lies in the last 24 h
            _int("bolus_max", 0, 99),
            _int("bolus_in_ms", 0, 8 * _DAY),  # until the lockout is over
            _int("reservoir_nl", 0, _NG),
            _int("low_in_ms", 0, YEARS_MS),  # at the present rate
            _int("raise_in_ms", 0, 8 * _DAY),  # until an increase is possible
            _int("raise_to_ng_per_day", 0, _NG),  # the largest D allowed then
            _int("stopped_ms", -1, YEARS_MS),  # withdrawal clock: time since basal stopped; -1 if nobody knows
            _int("alarm", 0, 63),  # the most urgent standing alarm, 0 none
            _int("events", 0, _COUNT),  # number of the last event
            ("head", HEX, 8, 8, True),  # of the event chain
        ),
    ),
    (
        "BOOKS",
        (
            _int("known_steps", 0, _MAX),  # in this therapy
            _int("most_steps", 0, _MAX),
            _int("plan_steps", 0, _MAX),  # whole steps of the exact plan
            _int("plan_num", 0, None),  # the plan's fraction of a step: plan_num / plan_den
            _int("plan_den", 1, None),
            _int("ratio_num", 0, None),  # steps per ng = ratio_num / ratio_den
            _int("ratio_den", 1, None),
            _int("taper_to_ng_per_day", 0, _NG),  # of the plan that runs: the taper, or the titration
            _int("taper_next_ng_per_day", 0, _NG),
            _int("taper_in_ms", 0, YEARS_MS),  # delivering time left on this step
            _int("resets", 0, _COUNT),  # watchdog and soft resets since provisioning
            _int("cuts", 0, _COUNT),  # power-ons since provisioning
            _int("change_ms", 0, YEARS_MS, False),  # since a change of syringe began; absent while the books know what is in it
        ),
    ),
    (
        "COURSE",  # what is under way by itself, and which soft limits it overrides
        (
            _int("coming_ng_per_ml", 0, _NG),  # concentration on its way to the tip, 0 if no bridge runs
            _int("bridge_nl", 0, _NG),  # dead volume left before it
            _int("bridge_ms", 0, YEARS_MS, False),  # how long that takes at the present rate
            _int("plan_percent", 0, 100),  # of a step of the taper or the titration, 0 if none runs
            _int("plan_hold_ms", 0, YEARS_MS),
            _int("screen_ng", 0, _NG),  # the last test dose given by this pump, 0 if none
            _int("screen_ms", 0, YEARS_MS),  # since then
            _int("screen_in_ms", 0, 8 * _DAY),  # until another is possible
            _int("soft", 0, 65535),  # soft limits overridden by what is in force, a bit each (names.SOFT)
            _REASON,  # why, of the prescription
            ("taper_reason", TEXT, 1, 64, False),  # why, of a taper steeper than R3
            _int("mode", SIMPLE, MINIMUM),
            _int("phase_ms", 0, _DAY - 1),  # place in the cycle of 24 h
            _int("unsure", 0, 1),  # the power was off since somebody last said where the cycle is
            _int("next_in_ms", 0, _DAY, False),  # the profile's next change
            _int("next_ng_per_day", 0, _NG, False),
        ),
    ),
    (
        "SELFTEST",
        (
            _int("result", TESTS_IDLE, TESTS_FAILED),  # of the power-on self test
            _int("passed", 0, 99),
            _int("total", 0, 99),  # tests of this board that were begun
            _int("failed", 0, 99),  # number of the test that failed, at power-on or later; 0 none
            _int("ms", 0, _DAY),
            _int("rounds", 0, _MAX),  # of the periodic tests, since boot
        ),
    ),
    (
        "LEVEL",  # of the drug in the CSF, by the model of core/level.py
        (
            _int("level_ng", 0, _COUNT),  # at least
            _int("level_most_ng", 0, _COUNT),
            _int("level_permille", 0, _COUNT, False),  # at least, of what D keeps in the long run; absent without a D
            _int("level_most_permille", 0, _COUNT, False),
            _int("half_life_ms", 0, YEARS_MS),
        ),
    ),
    (
        "REVIEW",
        (
            ("drug", TEXT, 0, 24, True),
            _int("conc_ng_per_ml", 0, _NG),
            _int("basal_ng_per_day", 0, _NG),
            _int("max_24h_ng", 0, _NG),
            _int("origin", ORIGIN_UNSTATED, ORIGIN_CHILD),
            _int("screen_ng", 0, _NG),
            _int("screen_long", 0, 1),
            _int("screen_given", 0, 1),  # this pump gave that test dose, whole
            _int("pb_dose_ng", 0, _NG),
            _int("pb_duration_ms", 0, _DAY),
            _int("pb_lockout_ms", 0, 7 * _DAY),
            _int("pb_max", 0, 99),
            _int("mode", SIMPLE, MINIMUM, False),
            ("rows_hash", HEX, 16, 16, False),  # ROWS gives them
            _int("event", 0, _MAX),  # the event that recorded it
            _REASON,
        ),
    ),
    (
        "ROWS",  # a row of the profile in force
        (
            _int("index", 0, ROWS_MAX - 1),
            _int("count", 0, ROWS_MAX),
            _int("offset_ms", 0, _DAY - 1),
            _int("ng_per_day", 0, _NG),  # as prescribed
            _int("set_ng_per_day", 0, _NG),  # as it flows at the D programmed now
        ),
    ),
    ("STAGE", (_int("index", 0, ROWS_MAX - 1), _int("held", 0, ROWS_MAX), ("rows_hash", HEX, 16, 16, False))),  # hash: once all are there
    (
        "ALARMS",
        (
            _int("index", 0, 63),
            _int("count", 0, 63),  # alarms standing or latched
            _int("alarm", 0, 63),
            _int("since_ms", 0, YEARS_MS),
            _int("standing", 0, 1),  # the cause is still there
            _int("acked", 0, 1),
        ),
    ),
    (
        "EVENT",
        (
            _int("seq", 1, _MAX),
            _int("at_ms", 0, YEARS_MS),
            _int("event", 0, 999),
            _int("a", -_MAX, _MAX),
            _int("b", -_MAX, _MAX),
            _int("known_steps", 0, _MAX),
            _int("most_steps", 0, _MAX),
            ("note", TEXT, 0, 64, True),
            ("chain", HEX, 16, 16, True),
        ),
    ),
    (
        "PROPOSED",  # the pump's own reading: old and new side by side
        (
            _ID,
            ("code", HEX, 6, 6, True),
            _int("expires_ms", 0, _DAY),
            ("what", TEXT, 1, 16, True),  # the verb proposed
            _int("old_ng_per_day", 0, _NG, False),
            _int("new_ng_per_day", 0, _NG, False),
            _int("old_max_24h_ng", 0, _NG, False),
            _int("new_max_24h_ng", 0, _NG, False),
            _int("change_permille", -_NG, _NG, False),
            _int("total_24h_ng", 0, _NG, False),  # the most that any 24 h can hold with this
            _int("conc_ng_per_ml", 0, _NG, False),
            _int("old_conc_ng_per_ml", 0, _NG, False),  # at the tip until the dead volume has passed
            _int("bridge_ms", 0, YEARS_MS, False),  # how long that takes
            _int("dose_ng", 0, _NG, False),
            _int("duration_ms", 0, _DAY, False),
            _int("mode", SIMPLE, MINIMUM, False),
            _int("peak_ng_per_day", 0, _NG, False),  # the highest rate of the cycle
            _int("steps", 0, _MAX, False),
            _int("tested", 0, 1, False),  # this pump gave the test dose that is stated, whole
            _int("ends", 0, STATE_LAST, False),  # the state of the plan (taper, titration) that this ends, 0 if none runs
            _int("soft", 0, 65535, False),  # soft limits crossed, a bit each (limits.SOFT)
        ),
    ),
    (
        "DONE",
        (
            ("id", HEX, 15, 15, False),  # absent after LOG
            _int("result", RESULT_UNKNOWN, RESULT_DONE),
            _int("event", 0, _MAX),  # number of the event that records it
            ("head", HEX, 8, 8, True),  # of the event chain then
            _int("value", 0, _MAX),  # BOLUS: lockout left after it was accepted, in ms; TAPER: steps to come; else 0
        ),
    ),
    (
        "ERR",
        (
            _int("error", 1, 99),
            ("field", TEXT, 0, 32, False),
            _int("value", None, None, False),
            _int("low", None, None, False),
            _int("high", None, None, False),
            _int("rule", 1, 17, False),
            _int("in_ms", 0, YEARS_MS, False),  # when it would be allowed
            ("text", TEXT, 0, 64, False),  # the offending word, or the state's name
        ),
    ),
)
