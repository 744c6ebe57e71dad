"""How basal is spread over the day: [flex] and [periodic] of a prescription, as rows of a cycle of 24 h. Pure integers.

A row is (offset in ms, ng/day) from there on; the last goes on to the end of the cycle. `start_ms` is the time of day at which the cycle
begins: midnight for flex, the first dose for periodic. What the pump makes of them is in pump/core/profile.py; the totals must agree.
Called by prescription.py (reading), pump.py (staging) and cli/ (tables). Every error names file, line, key and what would work.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from .errors import PrescriptionError
from .messages import Course
from .wire import limits, schema, units
from .wire.rows import rows_hash
from .wire.units import UnitError

DAY_MS, HOUR_MS, MINUTE_MS = limits.DAY_MS, limits.HOUR_MS, 60000
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_AT = 'a time of day looks like "06:30", from "00:00" to "23:59"'
PERIODIC_KEYS = ("dose", "duration", "every", "first")

FLEX_EXAMPLE = """\
[flex]                              # from each time of day on, at this rate; the first is midnight
"00:00" = "80 mcg/day"
"07:00" = "120 mcg/day"
"19:00" = "80 mcg/day"
"""
PERIODIC_EXAMPLE = """\
[basal]
rate = "80 mcg/day"
[periodic]                          # on top of basal, and part of the day's total
dose = "5 mcg"
duration = "6 min"
every = "6 h"                       # divides 24 h
first = "08:00"
"""

Wrong = Callable[[str, str, object, str, tuple[str, ...]], PrescriptionError]  # table, key, value, why, forms


@dataclass(frozen=True)
class Schedule:
    """Rows of a cycle that begins at `start_ms` of the local day."""

    mode: int
    rows: tuple[tuple[int, int], ...]
    start_ms: int = 0

    @property
    def hash(self) -> str:
        """What PRESCRIBE quotes for them."""
        return rows_hash([list(row) for row in self.rows])

    @property
    def total_ng(self) -> int:
        """Drug of 24 h, to the nearest ng."""
        return (2 * self.exact() + DAY_MS) // (2 * DAY_MS)

    def exact(self) -> int:
        """Drug of 24 h in ng x ms / day."""
        ends = [offset for offset, _ in self.rows[1:]] + [DAY_MS]
        return sum(rate * (end - offset) for (offset, rate), end in zip(self.rows, ends, strict=True))

    def phase_ms(self, moment: datetime) -> int:
        """The place in the cycle at a local time."""
        return phase_at(self.start_ms, moment)

    def lines(self) -> list[tuple[str, int]]:
        """(time of day, ng/day) in order of the clock."""
        return clock_lines(self.rows, self.start_ms)

    def words(self) -> str:
        """One line: what kind it is."""
        if self.mode == schema.PERIODIC:
            dose, duration, every = self.dose()
            text = f"{units.format_ng(dose)} over {units.format_ms(duration)} every {units.format_ms(every)}"
            return f"{text}, first {clock(self.start_ms)}, on {units.format_ng_per_day(self.rows[1][1])}"
        return f"flex, {len(self.rows)} rates over the day"

    def dose(self) -> tuple[int, int, int]:
        """Of PERIODIC: dose in ng, duration and interval in ms."""
        (_, high), (duration, basal) = self.rows[0], self.rows[1]
        return (high - basal) * duration // DAY_MS, duration, DAY_MS * 2 // len(self.rows)


def clock(ms: int) -> str:
    """23400000 -> 06:30; with seconds where there are any."""
    seconds = ms // 1000 % 86400
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
    return text if seconds % 60 == 0 else f"{text}:{seconds % 60:02}"


def clock_lines(rows: tuple[tuple[int, int], ...], start_ms: int) -> list[tuple[str, int]]:
    """Rows of a cycle that began at start_ms of the day, by the clock."""
    return [(clock(at), rate) for at, rate in sorted(((offset + start_ms) % DAY_MS, rate) for offset, rate in rows)]


def rates(rows: tuple[tuple[int, int], ...], mode: int, start_ms: int) -> str:
    """Rows in one line: 00:00 80, 07:00 120 mcg/day."""
    if mode == schema.PERIODIC:
        return Schedule(mode, rows, start_ms).words()
    return ", ".join(f"{at} {units.format_ratio(rate, 1000, 1)}" for at, rate in clock_lines(rows, start_ms)) + " mcg/day"


def time_of_day(text: object) -> int | None:
    """ "06:30" in ms since midnight, None if it is no time of day."""
    found = _CLOCK.fullmatch(text) if isinstance(text, str) else None
    return (int(found[1]) * 60 + int(found[2])) * MINUTE_MS if found else None


def flex(table: Mapping[str, object], wrong: Wrong) -> Schedule:
    """The rows of [flex]."""
    rows: list[tuple[int, int]] = []
    for key, value in table.items():
        at = time_of_day(key)
        if at is None:
            raise wrong("flex", key, value, f"{key} is not a time of day", (_AT,))
        if not rows and at:
            raise wrong("flex", key, value, f"nothing is said for the time from 00:00 to {key}", ('the first row is "00:00"',))
        if rows and at <= rows[-1][0]:
            raise wrong("flex", key, value, f"out of order, after {clock(rows[-1][0])}", ("times of day from early to late",))
        if len(rows) == schema.ROWS_MAX:
            raise wrong("flex", key, value, f"the {len(rows) + 1}th row", (f"at most {schema.ROWS_MAX} rows",))
        rows.append((at, _quantity("flex", key, value, units.NG_PER_DAY, wrong)))
    if not rows:
        raise PrescriptionError("[flex] has no rows.", '"00:00" = "80 mcg/day" and so on, one a line.')
    return Schedule(schema.FLEX, tuple(rows))


def periodic(table: Mapping[str, object], basal_ng_per_day: int, wrong: Wrong) -> Schedule:
    """[periodic] on top of basal."""
    missing = [key for key in PERIODIC_KEYS if key not in table]
    if missing:
        example = dict(zip(PERIODIC_KEYS, ("5 mcg", "6 min", "6 h", "08:00"), strict=True))[missing[0]]
        raise PrescriptionError(f"periodic.{missing[0]} is missing.", f'Add to [periodic]: {missing[0]} = "{example}"')
    dose = _quantity("periodic", "dose", table["dose"], units.NG, wrong)
    duration = _quantity("periodic", "duration", table["duration"], units.MS, wrong)
    every = _quantity("periodic", "every", table["every"], units.MS, wrong)
    first = time_of_day(table["first"])
    if first is None:
        raise wrong("periodic", "first", table["first"], "not a time of day", (_AT,))
    if not every or DAY_MS % every or every % MINUTE_MS or 2 * DAY_MS // every > schema.ROWS_MAX:
        raise wrong("periodic", "every", table["every"], "must divide 24 h, and be 2 h or more", ('"4 h"', '"6 h"', '"8 h"', '"12 h"'))
    if not 0 < duration < every:
        raise wrong("periodic", "duration", table["duration"], "must be shorter than the interval", ('"6 min"',))
    if dose * DAY_MS % duration:
        near = [f'"{units.format_ms(ms)}"' for ms in (_near(dose, duration, -1), _near(dose, duration, 1)) if ms and ms < every]
        raise wrong("periodic", "duration", table["duration"], "the dose over this time is no rate of whole ng a day", tuple(near))
    if not basal_ng_per_day:
        raise wrong("basal", "rate", "0", "basal must flow between the doses", ('"80 mcg/day"',))
    rows = []
    for offset in range(0, DAY_MS, every):
        rows += [(offset, basal_ng_per_day + dose * DAY_MS // duration), (offset + duration, basal_ng_per_day)]
    return Schedule(schema.PERIODIC, tuple(rows), first)


def _near(dose_ng: int, duration_ms: int, step: int) -> int | None:
    """The nearest whole seconds in which the dose is a rate of whole ng a day."""
    seconds = duration_ms // 1000 + (step > 0)
    while 0 < seconds <= 86400:
        if dose_ng * 86400 % seconds == 0:
            return seconds * 1000
        seconds += step
    return None


def _quantity(table: str, key: str, value: object, kind: str, wrong: Wrong) -> int:
    forms = tuple(f'"{form}"' for form in UnitError("", kind, "").forms)
    if not isinstance(value, str):
        raise wrong(table, key, value, "a number without a unit" if isinstance(value, int | float) else "not text", forms)
    try:
        number = units.parse(value, kind)
    except UnitError as error:
        raise wrong(table, key, value, error.why, forms) from error
    if number > 1000000000:
        raise wrong(table, key, value, "out of all proportion", forms)
    return number


# --- what a pump says about its schedule ---------------------------------------------------------------------------------------


def phase_at(start_ms: int, moment: datetime) -> int:
    """The place at a local time in a cycle that begins at start_ms of the day."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return (round((moment - midnight).total_seconds() * 1000) - start_ms) % DAY_MS


def start_of(phase_ms: int, moment: datetime) -> int:
    """The time of day at which the pump's cycle begins, to the nearest minute: its clock and this one's are not the same."""
    return (phase_at(0, moment) - phase_ms + MINUTE_MS // 2) % DAY_MS // MINUTE_MS * MINUTE_MS


def next_words(course: Course, flows_ng_per_day: int = 0, rate: Callable[[int], str] = units.format_ng_per_day) -> str:
    """Next: 120 mcg/day in 2 h 5 min."""
    if course.next_in_ms is None:
        return ""
    if course.mode == schema.PERIODIC:  # doses, not the rates that they are made of; flows: what flows now
        begins = (course.next_ng_per_day or 0) > flows_ng_per_day
        wait = units.format_wait(course.next_in_ms)
        between = rate(course.next_ng_per_day or 0)
        return f"Next dose in {wait}." if begins else f"A dose flows and ends in {wait}, then {between}."
    return f"Next: {rate(course.next_ng_per_day or 0)} in {units.format_wait(course.next_in_ms)}."
