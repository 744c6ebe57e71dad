"""All sentences about a pump: states, rules, alarms, events, refusals. The pump sends codes and integers, the words are here.

A refusal has four parts: the rule, the value, the limit, and when it is possible or what to do instead. Every number in a
sentence comes from the pump's answer or from what the person wrote. Pure; used by cli/, and by anybody who wants to show
an exception: `explain(error)`.
"""

import re
from collections.abc import Callable, Mapping

from .errors import Refused, error_name
from .messages import Event, SelfTest, Status, state_name
from .plan import permille
from .wire import alarms, events, limits, names, schema, units

IN_TITRATION = (schema.TITRATING, schema.TITRATION_PAUSED)
NOT_A_DEVICE = "Tapir is a bench and research model, not a medical device."

RULES = {
    1: "range",
    2: "titration",
    3: "reduction is a taper",
    4: "taper only",
    5: "lockout",
    6: "dose in 24 h",
    7: "suspension",
    8: "start",
    9: "concentration",
    10: "priming",
    11: "fallback rate",
    12: "units",
    13: "refill",
    14: "basal goes on",
    15: "governor",
    16: "single bolus",
    17: "service",
}

# code: (what has happened, what to do). Names, priorities and what stops are in wire/alarms.py.
ALARMS = {
    alarms.GOVERNOR: ("more steps were asked for than the prescription can need", "delivery has stopped; find out why before tapir resume"),
    alarms.STORE: ("the journal cannot be written or read", "delivery has stopped, since it could not be accounted for"),
    alarms.MOTOR: ("the steps that left differ from the steps granted", "delivery has stopped; check motor and driver"),
    alarms.EMPTY: ("the syringe is empty", "delivery has stopped: tapir refill, then tapir resume"),
    alarms.SUSPENDED: ("the therapy is suspended and the withdrawal clock runs", "tapir resume"),
    alarms.POWER_LOST: ("held after a power cut until a person decides", "tapir resume"),
    alarms.OVERDUE: (
        "stopped for longer than the limit: withdrawal is likely",
        "tapir resume --as clinician --reason TEXT, or tapir close",
    ),
    alarms.LOW_RESERVOIR: ("the reservoir is low", "tapir refill"),
    alarms.DEFICIT: ("power cuts may have cost more than 5 % of a day", "watch for withdrawal, then acknowledge"),
    alarms.CLOCK_UNCERTAIN: ("nobody knows how long the power was off", "acknowledge"),
    alarms.STUCK_BUTTON: ("a button has been held for 60 s", "free it"),
    alarms.LOG: ("the log of events cannot be written", "basal goes on and what happens is kept; the pump tries again every hour"),
    alarms.SELF_TEST: ("the self test failed at power-on", "nothing may move; tapir info says which test. Switch it off and on again"),
    alarms.MEMORY: ("a test of processor, RAM or code failed", "nothing may move any more: switch the pump off and on, or replace it"),
    alarms.REFILL_NEAR: ("the refill date is near, if every allotted bolus is used", "plan the refill"),
    alarms.TAPER_WAITS: (
        "the taper or titration has been waiting for long",
        "tapir taper --continue (titrate --continue), or acknowledge to be reminded again",
    ),
    alarms.RESIDUAL: (
        "what was found in the syringe is not what the books say: too much or too little was given",
        "find out which, then tapir refill --as clinician --reason TEXT",
    ),
    alarms.CHANGE_LATE: (
        "a change of syringe takes long, and nothing flows meanwhile",
        'tapir refill --residual "VOLUME" --volume "VOLUME" books what is in the seat now',
    ),
    alarms.LOG_FULL: ("the log is nearly full of events that nobody has read", "tapir log reads them"),
    alarms.PLAN_BLOCKED: (
        "a titration step is not allowed now; basal goes on at the rate before",
        "tapir log says why; the pump tries again every 15 min (tapir titrate --hold lets it wait)",
    ),
    alarms.PHASE: (
        "the power was off, so the schedule may be late against the day",
        "tapir align says where in the day it is; the schedule goes on until then",
    ),
    alarms.OCCLUSION: (
        "the pressure rose: nothing leaves the line",
        "delivery has stopped and the pressure was taken back: free the line, tapir alarms --ack OCCLUSION, tapir resume",
    ),
    alarms.END_STOP: (
        "an end stop says that the plunger is where the books do not have it",
        "delivery has stopped; look at syringe and carriage, tapir refill if it is empty",
    ),
    alarms.SEAT: ("no syringe is in the seat", "delivery has stopped; put it in, acknowledge, tapir resume"),
    alarms.STALL: ("the screw does not turn as it was told", "delivery has stopped; check motor, screw and encoder"),
    alarms.DRIVER: ("the motor driver reports a fault", "delivery has stopped; check its temperature, wiring and supply"),
    alarms.OVER_DELIVERY: ("the screw turned further than it was told", "delivery has stopped; clamp the line and find out why"),
    alarms.UNDER_DELIVERY: ("the screw turned less than 90 % of what it was told", "watch for withdrawal; check motor, screw and supply"),
    alarms.SENSOR: ("a sensor does not answer", "delivery goes on without its evidence; check force sensor, encoder and driver"),
    alarms.SUPPLY_LOW: ("the motor's supply is outside its range", "charge or replace it"),
    alarms.SUPPLY_OUT: ("the motor's supply is too low to turn it", "delivery has stopped; replace it, acknowledge, tapir resume"),
    alarms.TEMPERATURE: ("the pump is too cold or too hot", "bring it to 5 to 50 degrees C"),
    alarms.OFTEN: ("alarms stopped it three times within 10 min", "find out why, then tapir resume --as clinician"),
}

# What each state offers instead of what was refused.
_INSTEAD = {
    schema.UNPROVISIONED: "First: tapir provision",
    schema.READY: "Nothing is prescribed: tapir prescribe FILE.toml",
    schema.INFUSING: "",
    schema.TAPERING: "tapir taper --hold lets the taper wait.",
    schema.TAPER_PAUSED: "tapir taper --continue goes on with the taper.",
    schema.TITRATING: "tapir titrate --hold lets the titration wait; tapir taper ends it.",
    schema.TITRATION_PAUSED: "tapir titrate --continue goes on with the titration.",
    schema.SCREENING: "tapir screen --cancel ends the test dose; it counts as given.",
    schema.SUSPENDED: "tapir resume lets basal flow again.",
    schema.HELD: "tapir resume lets basal flow again.",
    schema.ENDED: "A new therapy: tapir prescribe FILE.toml",
    schema.LOCKED: "Its store cannot be read: tapir info says why.",
    schema.CHANGING: "tapir refill books the new syringe, and basal goes on.",
    schema.PRIMING: "tapir prime --cancel ends it; tapir status says how long it takes.",
}

_NO_THERAPY = "Only before a therapy or after its end: tapir taper leads there."
_THERAPY = (
    schema.INFUSING,
    schema.TAPERING,
    schema.TAPER_PAUSED,
    schema.TITRATING,
    schema.TITRATION_PAUSED,
    schema.SUSPENDED,
    schema.HELD,
)

# NOT_NOW: the word the pump sends with it -> what is not possible
_NOT_NOW = {
    "start": "A therapy cannot be started",
    "change": "A prescription cannot be changed",
    "provision": "Provisioning is not possible",
    "bolus": "No bolus is possible",
    "taper": "There is nothing to taper",
    "screen": "No test dose can be given",
    "titrate": "A titration cannot begin",
    "pause": "No taper or titration runs that could be held",
    "continue": "No taper or titration is held that could go on",
    "suspend": "There is nothing to suspend",
    "resume": "There is nothing to resume",
    "resume_taper": "There is nothing to resume",
    "resume_paused": "There is nothing to resume",
    "resume_titration": "There is nothing to resume",
    "resume_titration_paused": "There is nothing to resume",
    "restart": "There is nothing to restart",
    "align": "There is no schedule to align",
    "close": "A therapy cannot be closed",
    "refill": "A refill cannot be booked",
    "exchange": "The syringe cannot be changed in a therapy",
    "a bolus runs": "The syringe cannot be changed in the middle of a bolus",
    "the plunger is pulled back": "The plunger is being pulled back after an occlusion, for some seconds: the syringe cannot be changed",
    "the syringe is being changed": "Nobody knows yet what is in the syringe: tapir refill first",
    "no syringe in the seat": "There is no syringe in the seat",
    "prime": "Priming is not possible",
    "service": "The prompt cannot be opened",
    "clock": "The clock cannot be set",
    "no clock": "This board has no clock, or it does not answer",
    "no prompt": "A simulated pump has no prompt of MicroPython: Ctrl-C in tapir sim start ends it",
    "the self test runs": "The self test runs, for some seconds after power-on: nothing may move before it has passed",
    "calibrate": "A calibration is not possible",
    "too_late": "The therapy was stopped for less than the library's limit; closing or restarting it is not possible",
    "in_time": "The therapy was stopped for longer than the library's limit; resuming is not possible",
    "no patient bolus in a taper": "No patient bolus is possible",
}

# a and b of an event; {a:mcg} and so on are filled by _FORMATS
_EVENTS = {
    events.PRESCRIBED: "{a:rate}, before {b:rate}",
    events.BOLUS_STARTED: "{a:mcg} over {b:time}",
    events.BOLUS_ENDED: "{a:mcg} in {b:time}",
    events.BOLUS_CANCELLED: "of {a:mcg}, {b:time} delivered",
    events.BOLUS_INTERRUPTED: "of {a:mcg}, at least {b:time} delivered",
    events.BOLUS_DENIED: "{a:mcg}, {b:rule}",
    events.TAPER_STARTED: "to {a:target}, preset {b:preset}",
    events.TAPER_STEP: "{a:rate}, before {b:rate}",
    events.TITRATION_STARTED: "to {a:rate}, {b:int} % a step",
    events.TITRATION_STEP: "{a:rate}, before {b:rate}",
    events.SCREEN_STARTED: "{a:mcg} over {b:time}",
    events.SCREEN_ENDED: "{a:mcg} in {b:took}",
    events.PLAN_BLOCKED: "{a:rate} not now: {b:why}",
    events.SUSPENDED: "by {a:role}",
    events.RESUMED: "{a:rate} after {b:time}",
    events.RESTARTED: "{a:rate}, before {b:rate}",
    events.REFILLED: "{a:vol}, residual against books {b:signed}",
    events.POWER_ON: "off {b:off}, {a:int} steps uncertain",
    events.RESET: "{a:cause}",
    events.CRASHED: "crash {a:int} of this pump, {b:cause}:",
    events.SERVICE_OPENED: "by {a:role}",
    events.CLOCK_SET: "to {a:int} s since 2000, by {b:role}",
    events.CHANGE_STARTED: "of the syringe, by {a:role}",
    events.HELD: "{a:alarm}",
    events.ALARM: "{a:alarm}",
    events.ALARM_ENDED: "{a:alarm}",
    events.ACKNOWLEDGED: "{a:alarm} by {b:role}",
    events.REFUSED: "{note}: {a:error}{b:by}",
    events.PRIME_STARTED: "{a:vol} over {b:time}",
    events.PRIME_ENDED: "{a:int} microsteps",
    events.PROFILE: "{a:mode}, {b:time} into its cycle of 24 h, rows {note}",
    events.ALIGNED: "{a:time} into its cycle of 24 h, before {b:time}",
    events.CALIBRATED: "steps per volume are {a:int}/{b:int} of the geometry's",
    events.BRIDGE_STARTED: "{a:conc} behind a dead volume of {b:vol}",
    events.BRIDGE_ENDED: "{a:conc} is at the tip",
    events.OVERRIDDEN: "{a:soft}, by {b:role}:",
    events.BACKED_OFF: "{a:int} microsteps, {b:int} kPa left",
}


# --- numbers ------------------------------------------------------------------------------------------------------------
def elapsed(ms: int) -> str:
    """A time that has passed, in its two largest units, rounded down."""
    for size, step in ((limits.DAY_MS, limits.HOUR_MS), (limits.HOUR_MS, 60000), (60000, 1000)):
        if ms >= size:
            return units.format_ms(ms // step * step)
    return units.format_ms(ms // 1000 * 1000)


def lasts(ms: int) -> str:
    """A time that something lasts: 11.5 days, or 5 h 20 min below two days; rounded down."""
    return units.format_days(ms) if ms >= 2 * limits.DAY_MS else elapsed(ms)


def stopped(ms: int) -> str:
    """How long basal has stood still; after a power cut nobody may know."""
    return "an unknown time (the power was off)" if ms < 0 else elapsed(ms)


def percent(old: int, new: int) -> str:
    """+15 %, in tenths; from nothing there is no percentage."""
    return units.format_permille(permille(old, new)) if old else "new"


def head(digits: str) -> str:
    """a1f309c2 -> a1f3 09c2"""
    return f"{digits[:4]} {digits[4:8]}"


def name_of(table: tuple[tuple[object, ...], ...], code: int) -> str:
    """The name of a code in one of the schema's tables, lower case with spaces."""
    return next((str(row[1]).lower().replace("_", " ") for row in table if row[0] == code), f"code {code}")


def rule(number: int) -> str:
    """R5 lockout"""
    return f"R{number} {RULES[number]}" if number in RULES else f"R{number}"


def alarm(code: int) -> str:
    """LOW_RESERVOIR, and so on."""
    return next((str(row[alarms.NAME]) for row in alarms.ALARMS if row[alarms.CODE] == code), f"alarm {code}")


def self_test(found: SelfTest) -> str:
    """9 of 9 passed in 0.8 s"""
    failed = f"test {found.failed}, {name_of(names.SELF_TESTS, found.failed)}, FAILED" if found.failed else ""
    if found.result == schema.TESTS_RUNNING:
        return f"runs: {found.passed} passed so far"
    if found.result == schema.TESTS_IDLE:
        return failed or "not since the last reset: it runs at power-on"
    took = f"in {found.ms / 1000:.1f} s" if found.ms >= 50 else "in less than 0.1 s"
    passed = f"{found.passed} of {found.total} passed {took}"
    return passed + (f"; {failed}" if failed else f"; {found.rounds} rounds since" if found.rounds else "")


def ends(state: int | None) -> list[str]:
    """The plan that a proposal ends: one line, or none."""
    return [f"This ends the {'titration' if state in IN_TITRATION else 'taper'} that runs."] if state else []


def soft(bits: int) -> list[str]:
    """The soft limits crossed."""
    return [str(row[1]) for row in names.SOFT if bits & int(row[0])]


def overridden(bits: int, reason: str | None, taper_reason: str | None) -> list[tuple[str, str]]:
    """(limit, reason) of each soft limit that what is in force overrides."""
    return [
        (str(text), (taper_reason if bit == limits.SOFT_STEEP_TAPER else reason) or "no reason kept")
        for bit, text in names.SOFT
        if bits & int(bit)
    ]


_FORMATS: dict[str, Callable[[int], str]] = {
    "mcg": units.format_ng,
    "rate": units.format_ng_per_day,
    "target": lambda v: units.format_ng_per_day(v) if v else "the end",
    "conc": units.format_ng_per_ml,
    "vol": units.format_nl,
    "signed": lambda v: ("-" if v < 0 else "+") + units.format_nl(abs(v)),
    "time": units.format_ms,
    "off": lambda v: "unknown" if v < 0 else units.format_ms(v),
    "int": str,
    "took": lambda v: "a time cut short" if v < 0 else units.format_ms(v),
    "why": lambda v: f"{alarm(-v)} stands" if v < 0 else rule(v),
    "rule": lambda v: rule(v) if v else "no rule",
    "by": lambda v: f", {rule(v)}" if v else "",
    "cause": lambda v: {0: "power-on", 1: "bitten by the watchdog", 2: "restarted"}.get(v, f"cause {v}"),
    "role": lambda v: name_of(names.ROLES, v) if v else "the button",
    "mode": lambda v: name_of(names.MODES, v),
    "preset": lambda v: name_of(names.TAPERS, v),
    "alarm": alarm,
    "error": error_name,
    "soft": lambda v: "; ".join(soft(v)) or "no soft limit",
}


def event(record: Event) -> str:
    """What a journal record says, without number and time."""
    text = _EVENTS.get(record.event, "")
    for letter, value in (("a", record.a), ("b", record.b)):
        text = re.sub(rf"\{{{letter}:(\w+)\}}", lambda m, v=value: _FORMATS[m[1]](v), text)  # type: ignore[misc]
    if "{note}" in text:
        return text.replace("{note}", record.note)
    return ": ".join(part for part in (text, record.note) if part)


def event_name(code: int) -> str:
    """BOLUS_STARTED, and so on."""
    return next((str(row[1]) for row in names.EVENTS if row[0] == code), f"event {code}")


# --- refusals -------------------------------------------------------------------------------------------------------------
def kind_of(field: str | None) -> str:
    """Which of _FORMATS shows a field, told by the unit in its name."""
    for ending, kind in (("ng_per_day", "rate"), ("_ng_per_ml", "conc"), ("_ng", "mcg"), ("_nl", "vol"), ("_ms", "time")):
        if field and field.endswith(ending):
            return kind
    return "alarm" if field == "alarm" else "int"


def show(field: str, value: int) -> str:
    """A value of a field in the unit that its name says: 115000 of max_24h_ng -> 115 mcg"""
    return _FORMATS[kind_of(field)](value)


def explain(error: Refused, written: Mapping[str, str] | None = None, status: Status | None = None) -> list[str]:
    """The sentences of a refusal. `written`: what the person typed, by field; `status`: the pump's, for percentages."""
    field = "total_ng" if error.rule == 6 and error.field != "max_24h_ng" else error.field  # R6 measures any 24 h
    show = _FORMATS[kind_of(field)]
    if error.code_is(schema.LIMIT):
        lines = [_limit(error, show), *_typed(error, written or {}, status), *_hint(error)]
    elif error.code_is(schema.NOT_NOW):
        lines = _not_now(error)
    else:
        lines = _other(error, show)
    name = rule(error.rule) if error.rule else error_name(error.error).lower().replace("_", " ")
    first, *rest = [line for line in lines if line]
    return [f"Refused ({name}): {first}", *rest]


def _limit(error: Refused, show: Callable[[int], str]) -> str:
    value = "" if error.value is None else show(error.value)
    low = None if error.low is None else show(error.low)
    high = None if error.high is None else show(error.high)
    field = error.field or ""
    match error.rule, field:
        case 2, "percent" if high is not None:
            return f"a step of {value} % is above {high} %, the most R2 allows for this origin."
        case 2, "percent":
            return f"a step of {value} % of so small a rate is none; {low} % would be."
        case 2, "hold_ms":
            return f"each step of a titration is held for {low} at least, and {value} is less."
        case 2, "to_ng_per_day" if low is not None:
            return f"a titration goes up, and {value} is not above what runs."
        case 6, "to_ng_per_day":
            return f"at {value} each 24 h would hold that, and the prescription's most is {high}."
        case 2, _:
            return f"{value} is above {high}, the most that is allowed now."
        case 3, "percent":
            return f"this preset steps down by {value} % at a time, faster than the library's {high} %."
        case 3, _:
            return f"{value} is below {low}, the lowest that is allowed now: reductions go in steps."
        case 4, _:
            return f"a taper goes from {low} up to {high} at most, or to the end; {value} is not between."
        case 5, "bolus_count":
            return f"{value} boluses end within these 24 h, and {high} is the most."
        case 5, "lockout_ms":
            return f"the lockout after the last bolus is {high}."
        case 6, "max_24h_ng":
            return f"at most {value} in 24 h lies outside {low} (the basal rate itself) to {high} (the library's)."
        case 6, _:
            return f"some 24 h would hold {value}, and the prescription's most is {high}."
        case 7, "stopped_ms":
            return f"stopped for {stopped(error.value or 0)}, the limit is {high}: this would be a new start."
        case 8, "spacing_ms":
            return f"the last test dose was {value} ago, and between two lie {low} at least."
        case 8, "dose_ng":
            return f"a test dose of {value} lies outside the library's {low} to {high}."
        case 8, "basal_ng_per_day":
            return f"{value} is above {high}, the most a therapy may start with after this test dose."
        case 9, "conc_again_ng_per_ml":
            return f"the two concentrations differ: {value} and {low}."
        case 9, "conc_ng_per_ml" if error.text:
            known = ", ".join(units.format_ng_per_ml(int(c)) for c in error.text.split(","))
            return f"{value} is not a concentration of the library: {known}."
        case 9, "conc_ng_per_ml":
            return f"{value} would be a second change: {low} is still on its way to the tip."
        case 9, "dead_nl" if error.value == 0:
            return "no dead volume would mean that the whole line holds the new concentration, and it has not been primed since."
        case 9, "dead_nl":
            return f"a dead volume of {value} lies outside {low} to {high}."
        case 9, "dose_ng":
            return "another concentration is on its way to the tip: no bolus until the dead volume has passed."
        case 10, "disconnected":
            return "nobody has said that the line is disconnected from the patient."
        case 10, "volume_nl":
            return f"{value} is above {high}, the most in one go."
        case 17, "found_nl":
            return f"{value} was found; a calibration is possible from {low} to {high}, by itself and with those before it."
        case 12, "basal_ng_per_day":
            return f"the pump counts {low} in 24 h, the prescription says {value}."
        case 16, "pb_dose_ng" if error.high == 0:
            return "at the minimum rate there is no patient bolus."
        case 1, "ng_per_day":
            return f"a rate of {value} lies outside {low} to {high}, what the library allows for this total."
        case 4, "basal_ng_per_day":
            return f"the minimum rate {value} is reached by a taper only; {low} runs now."
        case 13, "residual_nl":
            return f"{value} was found and the books say {high}."
        case 16, "dose_ng" if error.high == 0:
            return "no patient bolus is prescribed."
    name = {1: "the library's", 5: "the library's", 16: "the limit of"}.get(error.rule or 0, "the limit of")
    if low is not None and high is not None and low == high:
        return f"{value} is not {name} {low}."
    if error.low is not None and error.value is not None and error.value < error.low:
        return f"{value} is below {name} {low}."
    if high is not None:
        return f"{value} is above {name} {high}."
    return f"{value} is outside what the rule allows."


def _typed(error: Refused, written: Mapping[str, str], status: Status | None) -> list[str]:
    """What was written, as the pump understood it, against what runs; and the unit that was probably meant."""
    text = written.get(error.field or "")
    if not text or error.value is None or error.rule == 6:
        return []
    quantity = {"rate": units.NG_PER_DAY, "mcg": units.NG, "conc": units.NG_PER_ML, "vol": units.NL, "time": units.MS}.get(
        kind_of(error.field)
    )
    said = ""
    if quantity == units.NG_PER_DAY:
        now = status.set_ng_per_day if status else 0
        change = f", {percent(now, error.value)} of now" if now else ""
        said = f"You wrote {text}, that is {units.format_ng(error.value)} in 24 h{change}."
    meant = quantity and did_you_mean(text, quantity, error.low, error.high)
    return [" ".join(part for part in (said, f"Did you mean {meant}?" if meant else "") if part)]


def did_you_mean(text: str, quantity: str, low: int | None, high: int | None) -> str | None:
    """The same number with another unit, if it lies between the limits: 60 mcg/day for 60 mcg/h. Never a larger amount."""
    try:
        typed = units.parse(text, quantity)
    except units.UnitError:  # written as a volume or a flow, or in many rows
        return None
    number = re.match(r"\s*([0-9.]+)", text)
    if number is None:
        return None
    for unit in _UNITS.get(quantity, ()):
        candidate = f"{number[1]} {unit}"
        try:
            value = units.parse(candidate, quantity)
        except units.UnitError:
            continue
        if value < typed and (low is None or low <= value) and (high is None or value <= high):
            return candidate
    return None


_UNITS = {units.NG: ("mcg", "mg"), units.NG_PER_DAY: ("mcg/day", "mcg/h", "mg/day")}  # never guessed for a concentration


def _hint(error: Refused) -> list[str]:
    """When it is possible, or what instead."""
    lines = []
    wait = None if error.in_ms is None else units.format_wait(error.in_ms)
    if error.rule == 2 and wait:
        lines.append(f"The next raise is possible in {wait}.")
    elif error.rule == 5 and wait:
        lines.append(f"The next bolus is possible in {wait}.")
    elif wait:
        lines.append(f"Possible in {wait}.")
    if error.rule == 4 and error.field == "basal_ng_per_day":
        lines.append(f'First: tapir taper --to "{units.format_ng_per_day(error.value or 0)}"')
    if error.rule == 3 and error.field != "percent":
        lines.append('Several steps by themselves: tapir taper --to "RATE"')
    if error.rule == 10 and error.field == "disconnected":
        lines.append("Disconnect it, then answer y; where nobody is asked: --line-disconnected")
    if error.rule == 17 and error.field == "found_nl":
        lines.append("So much is another syringe than provisioned (tapir info), air in the line, or a slipping plunger.")
    if error.rule == 9 and error.field == "dead_nl":
        lines.append('Measure or compute it from the tip to the syringe, and write it into the prescription: dead_volume = "0.25 mL"')
    if error.text and error.rule != 9 and error.high != 0:
        lines.append(
            f"{error.text[0].upper()}{error.text[1:]} (--as clinician --reason TEXT)." if "clinician" in error.text else error.text
        )
    return lines


def _not_now(error: Refused) -> list[str]:
    if error.text == "bolus_runs":
        ends = units.format_wait(error.value or 0)
        return [f"the last bolus ends in {ends}; the next is possible in {units.format_wait(error.in_ms or 0)}."]
    if error.text == "alarm" or error.field == "alarm":
        code = error.value or 0
        what, todo = ALARMS.get(code, ("", ""))
        if error.text == "not standing":
            return [f"{alarm(code)} does not stand.", "tapir alarms lists those that do."]
        return [f"{alarm(code)} stands: {what}.", f"Then: {todo}; tapir alarms --ack {code} acknowledges."]
    if error.text == "no bolus runs":
        return ["no bolus runs; there is nothing to cancel."]
    if error.text == "periodic dose":
        return [f"a periodic dose runs; a patient bolus is possible in {units.format_wait(error.in_ms or 0)}."]
    if error.text == "reservoir":
        what = "priming" if error.verb == "PRIME" else "bolus"
        return [f"the syringe holds {units.format_nl(error.value or 0, 3)}, too little for this {what}.", "tapir refill"]
    what = _NOT_NOW.get(error.text or "", f"{error.verb} is not possible ({error.text})" if error.text else f"{error.verb} is not possible")
    if error.field == "state" and error.value is not None:
        instead = _NO_THERAPY if error.text in ("provision", "calibrate") and error.value in _THERAPY else _INSTEAD.get(error.value, "")
        return [f"{what} while the pump is {state_name(error.value)}.", instead]
    return [what + "."]


def _other(error: Refused, show: Callable[[int], str]) -> list[str]:
    """Errors that are no safety rule, each with what would work."""
    lines = [next((str(row[3]) for row in names.ERRORS if row[0] == error.error), f"error {error.error}") + "."]
    if error.code_is(schema.OUT_OF_RANGE) and error.field:
        value = error.text if error.value is None else show(error.value)
        low, high = (None if v is None else show(v) for v in (error.low, error.high))
        bounds = (
            f" is outside {low} to {high}." if low and high else (f" is above {high}." if high else (f" is below {low}." if low else "."))
        )
        if error.value is None and error.text:
            lines = [f"this {error.field} is not known; known: {', '.join(error.text.split(','))}."]
        else:
            lines = [f"{error.field.rsplit('_ng', 1)[0]}: {value}{bounds}"]
    elif error.code_is(schema.BAD_FIELD) and error.field == "dead_nl":
        lines = [f"dead_volume: {error.text}.", 'The volume from syringe to tip, in which the old drug still is: dead_volume = "0.25 mL"']
    elif error.code_is(schema.BAD_FIELD):
        lines = [f"{error.field}: {error.text or 'not usable'}."]
    elif error.code_is(schema.NOT_AUTHORISED):
        allowed = next((row[1] for row in schema.REQUESTS if row[0] == error.verb), 0)
        roles = [str(row[1]) for row in names.ROLES if allowed >> row[0] & 1]
        lines = [f"{error.verb} may be sent by {', '.join(roles)}.", "Choose the role with --as ROLE."]
    elif error.code_is(schema.BAD_CODE):
        lines = ["the pump does not wait for this confirmation (any more). Nothing has changed.", "Give the command again."]
    elif error.code_is(schema.CODE_EXPIRED):
        lines = ["the confirmation came too late. Nothing has changed.", "Give the command again."]
    elif error.code_is(schema.BUSY):
        lines += ["Somebody else is talking to this pump. Try again in a moment."]
    elif error.in_ms:
        lines.append(f"Possible in {units.format_wait(error.in_ms)}.")
    return lines
