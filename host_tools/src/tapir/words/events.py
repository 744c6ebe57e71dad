"""What a record of the pump's journal says. `event(record)` is its sentence without number and time."""

import re
from collections.abc import Callable

from ..errors import error_name
from ..messages import Event
from ..wire import events, names, units
from .alarms import alarm
from .quantities import KINDS, MASS, Measure
from .rules import rule
from .states import name_of, soft

# a and b of an event; {a:mcg} and so on are filled by _SHOWN
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
_SHOWN: dict[str, Callable[[int], str]] = {
    **KINDS,
    "signed": lambda v: ("-" if v < 0 else "+") + units.format_nl(abs(v)),
    "off": lambda v: "unknown" if v < 0 else units.format_ms(v),
    "took": lambda v: "a time cut short" if v < 0 else units.format_ms(v),
    "why": lambda v: f"{alarm(-v)} stands" if v < 0 else rule(v),
    "rule": lambda v: rule(v) if v else "no rule",
    "by": lambda v: f", {rule(v)}" if v else "",
    "cause": lambda v: {0: "power-on", 1: "bitten by the watchdog", 2: "restarted"}.get(v, f"cause {v}"),
    "role": lambda v: name_of(names.ROLES, v) if v else "the button",
    "mode": lambda v: name_of(names.MODES, v),
    "preset": lambda v: name_of(names.TAPERS, v),
    "error": error_name,
    "soft": lambda v: "; ".join(soft(v)) or "no soft limit",
}


def event(record: Event, by: Measure = MASS) -> str:
    """What a journal record says, without number and time."""
    text = _EVENTS.get(record.event, "")
    shown: dict[str, Callable[[int], str]] = {**_SHOWN, "mcg": by.dose, "rate": by.rate, "target": lambda v: by.rate(v) if v else "the end"}
    for letter, value in (("a", record.a), ("b", record.b)):
        text = re.sub(rf"\{{{letter}:(\w+)\}}", lambda m, v=value: shown[m[1]](v), text)  # type: ignore[misc]
    if "{note}" in text:
        return text.replace("{note}", record.note)
    return ": ".join(part for part in (text, record.note) if part)


def event_name(code: int) -> str:
    """BOLUS_STARTED, and so on."""
    return next((str(row[1]) for row in names.EVENTS if row[0] == code), f"event {code}")
