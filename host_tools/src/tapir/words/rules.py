"""The safety rules: their names, and what each says when it refuses (LIMIT).

LIMITS is read from the top: the first row whose rule, field and condition fit gives the sentence. A new refusal is a row.
"""

from collections.abc import Callable

from ..errors import Refused
from ..wire import units
from . import quantities

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


def rule(number: int) -> str:
    """R5 lockout"""
    return f"R{number} {RULES[number]}" if number in RULES else f"R{number}"


Condition = Callable[[Refused], bool]


def _always(error: Refused) -> bool:
    return True


def _has_low(error: Refused) -> bool:
    return error.low is not None


def _has_high(error: Refused) -> bool:
    return error.high is not None


def _none_allowed(error: Refused) -> bool:
    return error.high == 0


def _of_nothing(error: Refused) -> bool:
    return error.value == 0


def _says(error: Refused) -> bool:
    return bool(error.text)


# (rule, field or None for any, condition, sentence); what stands in braces is made by `limit`
LIMITS: tuple[tuple[int, str | None, Condition, str], ...] = (
    (1, "ng_per_day", _always, "a rate of {value} lies outside {low} to {high}, what the library allows for this total."),
    (1, "dose_ng", _has_high, "{value} in that time is above {high}, the most that board and syringe can deliver beside the basal."),
    (2, "percent", _has_high, "a step of {value} % is above {high} %, the most R2 allows for this origin."),
    (2, "percent", _always, "a step of {value} % of so small a rate is none; {low} % would be."),
    (2, "hold_ms", _always, "each step of a titration is held for {low} at least, and {value} is less."),
    (2, "to_ng_per_day", _has_low, "a titration goes up, and {value} is not above what runs."),
    (2, None, _always, "{value} is above {high}, the most that is allowed now."),
    (3, "percent", _always, "this preset steps down by {value} % at a time, faster than the library's {high} %."),
    (3, None, _always, "{value} is below {low}, the lowest that is allowed now: reductions go in steps."),
    (4, "basal_ng_per_day", _always, "the minimum rate {value} is reached by a taper only; {low} runs now."),
    (4, None, _always, "a taper goes from {low} up to {high} at most, or to the end; {value} is not between."),
    (5, "bolus_count", _always, "{value} boluses end within these 24 h, and {high} is the most."),
    (5, "interval_ms", _always, "a dose {value} after the last one began is too soon: the prescribed interval is {low}, less a twentieth."),
    (5, "lockout_ms", _always, "the lockout after the last bolus is {high}."),
    (6, "to_ng_per_day", _always, "at {value} each 24 h would hold that, and the prescription's most is {high}."),
    (6, "max_24h_ng", _always, "at most {value} in 24 h lies outside {low} (the basal rate itself) to {high} (the library's)."),
    (6, None, _always, "some 24 h would hold {value}, and the prescription's most is {high}."),
    (7, "stopped_ms", _always, "stopped for {stopped}, the limit is {high}: this would be a new start."),
    (8, "spacing_ms", _always, "the last test dose was {value} ago, and between two lie {low} at least."),
    (8, "dose_ng", _always, "a test dose of {value} lies outside the library's {low} to {high}."),
    (8, "basal_ng_per_day", _always, "{value} is above {high}, the most a therapy may start with after this test dose."),
    (9, "conc_again_ng_per_ml", _always, "the two concentrations differ: {value} and {low}."),
    (9, "conc_ng_per_ml", _says, "{value} is not a concentration of the library: {known}."),
    (9, "conc_ng_per_ml", _always, "{value} would be a second change: {low} is still on its way to the tip."),
    (
        9,
        "dead_nl",
        _of_nothing,
        "no dead volume would mean that the whole line holds the new concentration, and it has not been primed since.",
    ),
    (9, "dead_nl", _always, "a dead volume of {value} lies outside {low} to {high}."),
    (9, "dose_ng", _always, "another concentration is on its way to the tip: no bolus until the dead volume has passed."),
    (10, "disconnected", _always, "nobody has said that the line is disconnected from the patient."),
    (10, "volume_nl", _always, "{value} is above {high}, the most in one go."),
    (12, "basal_ng_per_day", _always, "the pump counts {low} in 24 h, the prescription says {value}."),
    (13, "residual_nl", _always, "{value} was found and the books say {high}."),
    (16, "pb_dose_ng", _none_allowed, "at the minimum rate there is no patient bolus."),
    (16, "dose_ng", _none_allowed, "no patient bolus is prescribed."),
    (17, "found_nl", _always, "{value} was found; a calibration is possible from {low} to {high}, by itself and with those before it."),
)
_WHOSE = {1: "the library's", 5: "the library's"}


def limit(error: Refused, by: quantities.Measure = quantities.MASS) -> str:
    """The sentence of a refusal by a rule."""
    field = "total_ng" if error.rule == 6 and error.field != "max_24h_ng" else error.field  # R6 measures any 24 h
    value, low, high = ("" if number is None else quantities.show(field, number, by) for number in (error.value, error.low, error.high))
    for number, of, fits, sentence in LIMITS:
        if number == error.rule and of in (None, error.field) and fits(error):
            return sentence.format(
                value=value,
                low=low,
                high=high,
                stopped=quantities.stopped(error.value or 0),
                known=_concentrations(error) if "{known}" in sentence else "",
            )
    whose = _WHOSE.get(error.rule or 0, "the limit of")
    if low and low == high:
        return f"{value} is not {whose} {low}."
    if error.low is not None and error.value is not None and error.value < error.low:
        return f"{value} is below {whose} {low}."
    if high:
        return f"{value} is above {whose} {high}."
    return f"{value} is outside what the rule allows."


def _concentrations(error: Refused) -> str:
    return ", ".join(units.format_ng_per_ml(int(each)) for each in (error.text or "").split(","))
