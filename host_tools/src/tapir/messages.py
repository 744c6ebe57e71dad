"""The pump's replies as typed, immutable records. Field names and units are the schema's own: _ng, _nl, _ms, _steps.

`None` stands for an optional field the pump left out. tests/host/test_messages.py holds these classes against the schema.
Made by pump.py; the command line prints them, `--json` dumps them as they are.
"""

from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from .errors import Value, Values
from .wire import names


class Message:
    """Common to all replies."""

    @classmethod
    def of(cls, values: Values) -> Self:
        """From the values of a decoded reply; fields the record does not have are left out."""
        names = [f.name for f in fields(cls)]  # type: ignore[arg-type]  # every subclass is a dataclass
        known: dict[str, Any] = {name: values[name] for name in names if name in values}
        return cls(**known)

    def as_dict(self) -> dict[str, Value | None]:
        """For JSON: integers with their units in the names."""
        return asdict(self)  # type: ignore[call-overload, no-any-return]


def state_name(state: int) -> str:
    """INFUSING for 2, and so on."""
    for row in names.STATES:
        if row[0] == state:
            return str(row[1])
    return f"state {state}"


@dataclass(frozen=True)
class Hello(Message):
    """Who is at the other end."""

    version: int
    firmware: str
    serial: str
    board: str
    schema: str
    state: int
    library: str | None = None
    library_hash: str | None = None
    syringe: str | None = None
    why: str | None = None


@dataclass(frozen=True)
class Status(Message):
    """One moment of a pump. `known_ng` <= true <= `most_ng`; all times are the pump's powered time."""

    state: int
    now_ms: int
    basal_ng_per_day: int
    set_ng_per_day: int
    conc_ng_per_ml: int
    therapy_ms: int
    known_ng: int
    most_ng: int
    bolus_ng: int
    bolus_left_ms: int
    bolus_count: int
    bolus_max: int
    bolus_in_ms: int
    reservoir_nl: int
    low_in_ms: int
    raise_in_ms: int
    raise_to_ng_per_day: int
    stopped_ms: int
    alarm: int
    events: int
    head: str


@dataclass(frozen=True)
class Books(Message):
    """Microsteps against the exact plan, the running taper, and how often the pump started."""

    known_steps: int
    most_steps: int
    plan_steps: int
    plan_num: int
    plan_den: int
    ratio_num: int
    ratio_den: int
    taper_to_ng_per_day: int
    taper_next_ng_per_day: int
    taper_in_ms: int
    resets: int
    cuts: int
    change_ms: int | None = None  # since a change of syringe began


@dataclass(frozen=True)
class Course(Message):
    """What is under way by itself: a concentration on its way to the tip, the steps of a plan, the last test dose; and soft limits."""

    coming_ng_per_ml: int
    bridge_nl: int
    plan_percent: int
    plan_hold_ms: int
    screen_ng: int
    screen_ms: int
    screen_in_ms: int
    mode: int = 0
    phase_ms: int = 0
    unsure: int = 0
    soft: int = 0
    bridge_ms: int | None = None
    reason: str | None = None
    taper_reason: str | None = None
    next_in_ms: int | None = None
    next_ng_per_day: int | None = None


@dataclass(frozen=True)
class Row(Message):
    """A row of the flow profile: as prescribed, and as it flows at the D programmed now."""

    index: int
    count: int
    offset_ms: int
    ng_per_day: int
    set_ng_per_day: int


@dataclass(frozen=True)
class SelfTest(Message):
    """The power-on self test, and whether a periodic one failed since. `failed`: the number of the test, 0 none."""

    result: int
    passed: int
    total: int
    failed: int
    ms: int
    rounds: int


@dataclass(frozen=True)
class Level(Message):
    """Drug in the CSF by the pump's model: `level_ng` <= level <= `level_most_ng`; thousandths of what D keeps in the long run."""

    level_ng: int
    level_most_ng: int
    half_life_ms: int
    level_permille: int | None = None
    level_most_permille: int | None = None


@dataclass(frozen=True)
class Review(Message):
    """The prescription as the pump keeps it; zeros and an empty drug if there is none."""

    drug: str
    conc_ng_per_ml: int
    basal_ng_per_day: int
    max_24h_ng: int
    origin: int
    screen_ng: int
    screen_long: int
    screen_given: int
    pb_dose_ng: int
    pb_duration_ms: int
    pb_lockout_ms: int
    pb_max: int
    event: int
    mode: int = 0
    rows_hash: str = ""
    reason: str | None = None


@dataclass(frozen=True)
class Alarm(Message):
    """One alarm that stands or is latched."""

    index: int
    count: int
    alarm: int
    since_ms: int
    standing: int
    acked: int


@dataclass(frozen=True)
class Event(Message):
    """One record of the pump's journal; what a and b mean is in names.EVENTS."""

    seq: int
    at_ms: int
    event: int
    a: int
    b: int
    known_steps: int
    most_steps: int
    note: str
    chain: str


@dataclass(frozen=True)
class Proposed(Message):
    """The pump's own reading of a command: old and new side by side. Nothing has changed yet."""

    id: str
    code: str
    expires_ms: int
    what: str
    old_ng_per_day: int | None = None
    new_ng_per_day: int | None = None
    old_max_24h_ng: int | None = None
    new_max_24h_ng: int | None = None
    change_permille: int | None = None
    total_24h_ng: int | None = None
    conc_ng_per_ml: int | None = None
    old_conc_ng_per_ml: int | None = None
    bridge_ms: int | None = None
    dose_ng: int | None = None
    duration_ms: int | None = None
    mode: int | None = None
    peak_ng_per_day: int | None = None
    steps: int | None = None
    tested: int | None = None
    ends: int | None = None
    soft: int | None = None


@dataclass(frozen=True)
class Done(Message):
    """What became of a command, with the journal's event and chain head."""

    result: int
    event: int
    head: str
    value: int
    id: str | None = None
