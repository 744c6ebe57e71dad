"""The titration as a table: how D may rise step by step under R2. Integers only, ng/day.

Each step is floor((100 + percent) * D / 100), not above the target; the first comes one hold after the start, because R2 allows no
raise in the first 24 h of a therapy and measures against the smallest D of the last 24 h. The same arithmetic as in
pump/core/titration.py, which tests/host/test_plan_titration.py holds this against. Used by cli/plan/titration.py.
"""

from dataclasses import dataclass

from ..errors import UsageError
from ..plan import permille
from ..wire import limits, schema, units
from .library import row_of


@dataclass(frozen=True)
class Rise:
    """One step: `ng_per_day` runs from `at_ms` on; `before_ng` is the drug given up to then.

    `soft`: the limits (a bit each, names.SOFT) for which the pump asks for a reason.
    """

    step: int
    at_ms: int
    ng_per_day: int
    change_permille: int
    soft: int
    before_ng: int


@dataclass(frozen=True)
class Titration:
    """From `start_ng_per_day`, held for `hold_ms` like every later step; `total_*` run to the end of the last hold."""

    start_ng_per_day: int
    rises: tuple[Rise, ...]
    percent: int
    allowed_percent: int
    origin: int
    hold_ms: int
    total_ng: int
    total_ms: int

    def changes(self) -> list[tuple[int, int]]:
        """(ms, ng/day from then on)"""
        return [(0, self.start_ng_per_day), *((rise.at_ms, rise.ng_per_day) for rise in self.rises)]


def titration(
    from_ng_per_day: int,
    to_ng_per_day: int,
    origin: int = schema.ORIGIN_UNSTATED,
    percent: int | None = None,
    hold_ms: int = limits.DAY_MS,
    library: str = "baclofen-itb",
) -> Titration:
    """The steps up to `to_ng_per_day`. `percent` below the origin's goes slower. Raises UsageError for what R1 or R2 would not allow."""
    row = row_of(library)
    low, high = row[limits.BASAL_MIN_NG_PER_DAY], row[limits.BASAL_MAX_NG_PER_DAY]
    for name, value in (("--from", from_ng_per_day), ("--to", to_ng_per_day)):
        if not low <= value <= high:
            bounds = f"{units.format_ng_per_day(low)} to {units.format_ng_per_day(high)}"
            raise UsageError(f"(R1 range) {name} {units.format_ng_per_day(value)} is outside the library's {bounds}.")
    if to_ng_per_day <= from_ng_per_day:
        raise UsageError(
            f"A titration goes up: --to {units.format_ng_per_day(to_ng_per_day)} is not above "
            f"--from {units.format_ng_per_day(from_ng_per_day)}.",
            "The way down is a taper: tapir plan taper",
        )
    allowed = limits.origin_raise_percent(row, origin)
    percent = allowed if percent is None else percent
    if not 1 <= percent <= allowed:
        raise UsageError(
            f"(R2 titration) --percent {percent} is outside 1 to {allowed}, the most in 24 h for this origin.",
            "What is reported: 30 % spinal, 15 % cerebral or child; not stated counts as the strictest.",
        )
    if hold_ms < limits.DAY_MS:
        raise UsageError(
            f"(R2 titration) --hold {units.format_ms(hold_ms)} is below {units.format_ms(limits.DAY_MS)}: "
            "a raise is measured against the smallest dose of the last 24 h.",
            "Accepted: 24 h, 2 days and longer",
        )
    rises: list[Rise] = []
    rate, at_ms, given = from_ng_per_day, 0, 0
    while rate < to_ng_per_day:
        given += rate * hold_ms // limits.DAY_MS
        at_ms += hold_ms
        higher = min(to_ng_per_day, rate * (100 + percent) // 100)
        if higher == rate:
            raise UsageError(f"--percent {percent} of {units.format_ng_per_day(rate)} is less than the smallest step.")
        rises.append(Rise(len(rises) + 1, at_ms, higher, permille(rate, higher), _soft(row, rate, higher), given))
        rate = higher
    given += rate * hold_ms // limits.DAY_MS
    return Titration(from_ng_per_day, tuple(rises), percent, allowed, origin, hold_ms, given, at_ms + hold_ms)


def _soft(row: "limits.Drug", old: int, new: int) -> int:
    """R1's soft limit for D itself, R2's for the size of the step."""
    high = limits.SOFT_BASAL_HIGH if new > row[limits.BASAL_SOFT_MAX_NG_PER_DAY] else 0
    above = new > row[limits.RAISE_SOFT_ABOVE_NG_PER_DAY]
    return high | (limits.SOFT_RAISE_HIGH if above and new * 100 > old * (100 + row[limits.RAISE_SOFT_PERCENT]) else 0)
