"""A refusal in sentences: the rule, the value, the limit, and when it is possible or what to do instead.

Every number comes from the pump's answer or from what the person wrote. What a rule says is in rules.py; here is the rest.
"""

import re
from collections.abc import Callable, Mapping

from ..errors import Refused, error_name
from ..messages import Status, state_name
from ..wire import names, schema, units
from . import quantities
from .alarms import ALARMS, alarm
from .rules import limit, rule
from .states import INSTEAD, NO_THERAPY, THERAPY

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


def explain(
    error: Refused,
    written: Mapping[str, str] | None = None,
    status: Status | None = None,
    role: int = schema.OBSERVER,
    by: quantities.Measure = quantities.MASS,
) -> list[str]:
    """The sentences of a refusal. `written`: what the person typed, by field; `status`: the pump's, for percentages; `role`: who
    asked; `by`: how amounts are said."""
    if error.code_is(schema.LIMIT):
        lines = [limit(error, by), *_typed(error, written or {}, status, by), *_hourly(error, written or {}), *_hint(error, role, by)]
    elif error.code_is(schema.NOT_NOW):
        lines = _not_now(error)
    else:
        lines = _OTHERS.get(error.error, _plain)(error)
    name = rule(error.rule) if error.rule else error_name(error.error).lower().replace("_", " ")
    first, *rest = [line for line in lines if line]
    return [f"Refused ({name}): {first}", *rest]


def _hourly(error: Refused, written: Mapping[str, str]) -> list[str]:
    """A row of a schedule that is written per hour, where a day's amount is too large."""
    row = written.get("hourly")
    if row is None or error.rule not in (1, 2, 6, 8):
        return []
    text = row.split('= "')[1].rstrip('"')
    per_day = units.format_ng_per_day(units.parse(text, units.NG_PER_DAY))
    return [f"You wrote {row}, that is {per_day}. Did you mean {text.removesuffix('/h')}/day?"]


def _typed(error: Refused, written: Mapping[str, str], status: Status | None, by: quantities.Measure) -> list[str]:
    """What was written, as the pump understood it, against what runs; and the unit that was probably meant."""
    text = written.get(error.field or "")
    if not text or error.value is None or error.rule == 6:
        return []
    quantity = {"rate": units.NG_PER_DAY, "mcg": units.NG, "conc": units.NG_PER_ML, "vol": units.NL, "time": units.MS}.get(
        quantities.kind_of(error.field)
    )
    said = ""
    if quantity == units.NG_PER_DAY:
        now = status.set_ng_per_day if status else 0
        change = f", {quantities.percent(now, error.value)} of now" if now else ""
        said = f"You wrote {text}, that is {by.dose(error.value)} in 24 h{change}."
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


# (rule, field or None for any, fields it is not for, what to do instead)
_HINTS: tuple[tuple[int, str | None, str, str], ...] = (
    (1, "dose_ng", "", "Over a longer time: tapir bolus --over TIME"),
    (3, None, "percent", 'Several steps by themselves: tapir taper --to "RATE"'),
    (4, "basal_ng_per_day", "", 'First: tapir taper --to "{value}"'),
    (9, "dead_nl", "", 'Measure or compute it from the tip to the syringe, and write it into the prescription: dead_volume = "0.25 mL"'),
    (10, "disconnected", "", "Disconnect it, then answer y; where nobody is asked: --line-disconnected"),
    (17, "found_nl", "", "So much is another syringe than provisioned (tapir info), air in the line, or a slipping plunger."),
)
_WAITS = {2: "The next raise is possible in {wait}.", 5: "The next bolus is possible in {wait}."}


def _hint(error: Refused, role: int, by: quantities.Measure) -> list[str]:
    """When it is possible, or what instead."""
    lines = []
    if error.in_ms is not None:
        what = "Possible in {wait}." if error.field == "interval_ms" else _WAITS.get(error.rule or 0, "Possible in {wait}.")
        lines.append(what.format(wait=units.format_wait(error.in_ms)))
    for number, of, but, text in _HINTS:
        if number == error.rule and of in (None, error.field) and error.field != but:
            lines.append(text.format(value=quantities.show(error.field, error.value or 0, by)))
    if error.text and error.rule != 9 and error.high != 0:
        lines.append(_permission(role) if "clinician" in error.text else error.text)
    return lines


def _permission(role: int) -> str:
    """What crosses a soft limit: a clinician is not told to be one."""
    if role == schema.CLINICIAN:
        return "With a reason you may: --reason TEXT"
    return "A clinician may, with a reason (--as clinician --reason TEXT)."


def _not_now(error: Refused) -> list[str]:
    if error.text == "bolus_runs":
        ends = units.format_wait(error.value or 0)
        return [f"the last bolus ends in {ends}; the next is possible in {units.format_wait(error.in_ms or 0)}."]
    if error.text == "alarm" or error.field == "alarm":
        code = error.value or 0
        what, todo = ALARMS.get(code, ("", ""))
        if error.text == "not standing":
            return [f"{alarm(code)} does not stand.", "tapir alarms lists those that do."]
        return [
            f"{alarm(code)} stands: {what}.",
            f"To do: {todo}" + ("" if "--ack" in todo else f"; tapir alarms --ack {code} acknowledges") + ".",
        ]
    if error.text == "no bolus runs":
        return ["no bolus runs; there is nothing to cancel."]
    if error.text == "periodic dose":
        return [f"a periodic dose runs; a patient bolus is possible in {units.format_wait(error.in_ms or 0)}."]
    if error.text == "reservoir":
        what = "priming" if error.verb == "PRIME" else "bolus"
        return [f"the syringe holds {units.format_nl(error.value or 0, 3)}, too little for this {what}.", "tapir refill"]
    what = _NOT_NOW.get(error.text or "", f"{error.verb} is not possible ({error.text})" if error.text else f"{error.verb} is not possible")
    if error.field == "state" and error.value is not None:
        instead = NO_THERAPY if error.text in ("provision", "calibrate") and error.value in THERAPY else INSTEAD.get(error.value, "")
        return [f"{what} while the pump is {state_name(error.value)}.", instead]
    return [what + "."]


# --- errors that are no safety rule, each with what would work --------------------------------------------------------------
def _plain(error: Refused) -> list[str]:
    text = next((str(row[3]) for row in names.ERRORS if row[0] == error.error), f"error {error.error}")
    return [f"{text}.", "" if not error.in_ms else f"Possible in {units.format_wait(error.in_ms)}."]


def _out_of_range(error: Refused) -> list[str]:
    if not error.field:
        return _plain(error)
    if error.value is None and error.text:
        return [f"this {error.field} is not known; known: {', '.join(error.text.split(','))}."]
    value = error.text if error.value is None else quantities.show(error.field, error.value)
    low, high = ("" if v is None else quantities.show(error.field, v) for v in (error.low, error.high))
    bounds = f" is outside {low} to {high}." if low and high else f" is above {high}." if high else f" is below {low}." if low else "."
    return [f"{error.field.rsplit('_ng', 1)[0]}: {value}{bounds}"]


def _bad_field(error: Refused) -> list[str]:
    if error.field == "dead_nl":
        return [f"dead_volume: {error.text}.", 'The volume from syringe to tip, in which the old drug still is: dead_volume = "0.25 mL"']
    return [f"{error.field}: {error.text or 'not usable'}."]


def _not_authorised(error: Refused) -> list[str]:
    allowed = next((row[1] for row in schema.REQUESTS if row[0] == error.verb), 0)
    roles = [str(row[1]) for row in names.ROLES if allowed >> row[0] & 1]
    return [f"{error.verb} may be sent by {', '.join(roles)}.", "Choose the role with --as ROLE."]


def _bad_code(error: Refused) -> list[str]:
    return ["the pump does not wait for this confirmation (any more). Nothing has changed.", "Give the command again."]


def _expired(error: Refused) -> list[str]:
    return ["the confirmation came too late. Nothing has changed.", "Give the command again."]


def _busy(error: Refused) -> list[str]:
    return [*_plain(error)[:1], "Somebody else is talking to this pump. Try again in a moment."]


_OTHERS: dict[int, Callable[[Refused], list[str]]] = {
    schema.OUT_OF_RANGE: _out_of_range,
    schema.BAD_FIELD: _bad_field,
    schema.NOT_AUTHORISED: _not_authorised,
    schema.BAD_CODE: _bad_code,
    schema.CODE_EXPIRED: _expired,
    schema.BUSY: _busy,
}
