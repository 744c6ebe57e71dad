"""What the core may say at all: readings and refusals that the wire can carry, and refusals that name the same things each time.

Called by ward.py around every order, so that each test of the core shows it, too. For all three interpreters.
"""

from pump.core import states
from pump.core.reject import Reject
from pump.core.therapy import Therapy
from wire import codec
from wire import schema as s

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# the word of a refusal: its rules, and the field it is about
WORDS = {
    "alarm": ((None, 13), "alarm"),
    "bolus": ((None,), "state"),
    "align": ((None,), "state"),
    "refill": ((None,), "state"),
    "reservoir": ((13,), "reservoir_nl"),
    "a clinician may, with a reason": ((2, 3, 4, 5, 7, 8, 9, 13, 16, 1), None),
    "a bolus runs": ((13,), "bolus_left_ms"),
    "bolus_runs": ((5, 9), "bolus_left_ms"),
    "no bolus runs": ((None,), "bolus_ng"),
    "no patient bolus is prescribed": ((16,), "dose_ng"),
    "no patient bolus in a taper": ((16,), "state"),
    "no patient bolus at the minimum rate": ((16,), "pb_dose_ng"),
    "periodic dose": ((16,), "per_left_ms"),
    "not standing": ((None,), "alarm"),
    "PROVISION": ((None,), "role"),
    "provision": ((17,), "state"),
    "calibrate": ((17,), "state"),
    "clock": ((17,), "state"),
    "service": ((17,), "state"),
    "too_late": ((7,), "state"),
    "in_time": ((7,), "state"),
    "the concentration does not change": ((9,), "dead_nl"),
    "another concentration needs the dead volume": ((9,), "dead_nl"),
    "the plunger is pulled back": ((13,), None),
    "the syringe is being changed": ((13,), "change_ms"),
    "this mode needs it": ((None,), None),
    "not of this mode": ((None,), None),
    "whole minutes": ((None,), "offset_ms"),
    "an interval of whole minutes that divides 24 h": ((None,), "count"),
    "not the same dose each time": ((None,), "rows"),
    "no dose of whole ng on top of basal": ((None,), "rows"),
    "a start needs the test dose that worked": ((8,), "screen_ng"),
    "a patient bolus needs dose, duration, lockout, max": ((None,), None),
}
LISTS = ("drug", "library", "syringe", "conc_ng_per_ml")  # the text is what would be accepted
# names in refusals that no message has as a field
OTHERS = ("spacing_ms", "lockout_ms", "stopped_ms", "per_left_ms", "per_dose_ng", "per_duration_ms", "change_ms", "interval_ms", "rows")


def _names() -> "set[str]":
    found = set(OTHERS)
    for row in s.REQUESTS:
        found.update([field[0] for field in row[3]])
    for reply in s.REPLIES:
        found.update([field[0] for field in reply[1]])
    return found


_NAMES = _names()
_EDGES = {edge[1] for edge in states.TABLE}


def check_reading(read: "dict[str, Any]") -> None:
    """A reading is one that PROPOSED can carry: known names, whole numbers in their ranges."""
    codec.encode(codec.reply("PROPOSED")[1], dict(read, id="0" * 15, code="0" * 6, expires_ms=0, what="X"))


def check_refusal(it: Reject, values: "dict[str, Any]") -> None:
    """A refusal is one that ERR can carry; its word belongs to its rule and field, its value is what was asked for."""
    names = ("error", "field", "value", "low", "high", "rule", "in_ms", "text")
    codec.encode(codec.reply("ERR")[1], {name: getattr(it, name) for name in names})
    said = tuple(getattr(it, name) for name in names)
    assert it.field is None or it.field in _NAMES, said
    if it.text is None:
        assert it.error == s.LIMIT and it.rule or it.error == s.OUT_OF_RANGE, said
        assert it.value is not None and not it.low == it.high == it.in_ms == None, said  # noqa: E711
    elif it.text in WORDS:
        rules, field = WORDS[it.text]
        assert it.rule in rules and (field is None or it.field == field), said
    elif it.text in _EDGES:
        assert it.rule is None and it.field == "state" and it.value is not None, said
    else:
        assert it.field in LISTS, said
    derived = it.rule == 6 or "rows" in values or it.rule == 2 and it.field == "to_ng_per_day"  # the day's total, a row, a step on the way
    if it.field in values and it.value is not None and not derived:
        assert it.value == values[it.field], said


def check_whole(therapy: Therapy) -> None:
    """No fraction anywhere in what is kept, and the journal's lines are (event, a, b, note)."""
    _whole(therapy.dump())
    for event, a, b, note in therapy.news:
        assert type(event) is int and type(a) is int and type(b) is int and type(note) is str, (event, a, b, note)
        assert 0 < event < 64 and len(note) <= 64, (event, note)


def _whole(value: "Any") -> None:
    if isinstance(value, (list, tuple)):
        for item in value:
            _whole(item)
    else:
        assert value is None or isinstance(value, (int, str, bytes)), value


def check_note(therapy: Therapy, verb: str, values: "dict[str, Any]", do: "Any", role: int) -> None:
    """An order that carries a reason journals it as it was given, and is the same order without one otherwise."""
    if "reason" not in [field[0] for field in codec.request(verb)[3]] or values.get("reason"):
        return
    if not therapy.row:
        return
    twin = Therapy(therapy.lead_nm, therapy.turn, therapy.most_per_s)
    twin.row, twin.syringe = therapy.row, therapy.syringe
    twin.restore(_copy(therapy.dump()))
    do(twin, dict(values, reason="why"), role)
    noted = [note for _, _, _, note in twin.news if note]
    assert verb == "PROVISION" or "why" in noted, (verb, twin.news)


def _copy(value: "Any") -> "Any":
    return [_copy(item) for item in value] if isinstance(value, (list, tuple)) else value
