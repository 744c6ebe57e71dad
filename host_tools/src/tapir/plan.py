"""The taper as a table, without a pump: integers only, ng/day, whole days.

Each step is ceil((100 - percent) * D / 100), not below the target or the library's floor; one step per hold, the first on
day 0; the last rung is held for one full step, then the therapy has ENDED if it discontinues. The same arithmetic as
pump/core/taper.py, which tests/host/test_plan.py holds this against. Used by cli/plan.py and cli/taper.py.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from .errors import UsageError
from .wire import limits, schema, units

_DAY_MS = limits.DAY_MS


@dataclass(frozen=True)
class Rung:
    """One step: `ng_per_day` runs from `day` on. Change against the rung before; drug given up to its beginning."""

    step: int
    day: int
    ng_per_day: int
    change_permille: int
    before_ng: int


@dataclass(frozen=True)
class Plan:
    """A taper from `start_ng_per_day`. `total_ng` and `total_ms` run to the end of the last rung's hold."""

    start_ng_per_day: int
    rungs: tuple[Rung, ...]
    percent: int
    hold_ms: int
    discontinues: bool
    total_ng: int
    total_ms: int

    def volume_nl(self, conc_ng_per_ml: int) -> int:
        """Volume of the whole taper, rounded up."""
        return -(-self.total_ng * 1000000 // conc_ng_per_ml)

    def refill_day(self, conc_ng_per_ml: int, reservoir_nl: int) -> int | None:
        """The first day on which the reservoir would not reach the day's end; None if it lasts."""
        drug_ng = reservoir_nl * conc_ng_per_ml // 1000000
        if self.total_ng <= drug_ng:
            return None
        day = 0
        for rung in self.rungs:
            for _ in range(self.hold_ms // _DAY_MS):
                drug_ng -= rung.ng_per_day
                if drug_ng < 0:
                    return day
                day += 1
        return day

    def dates(self, first: date) -> list[date]:
        """The calendar day of each step."""
        return [first + timedelta(days=rung.day) for rung in self.rungs]


def taper(from_ng_per_day: int, to_ng_per_day: int = 0, preset: int = schema.TAPER_LABEL, library: str = "baclofen-itb") -> Plan:
    """The rungs from a rate down to `to_ng_per_day`, 0 for discontinuing by way of the library's floor.

    Raises UsageError if the library does not reach that far or there is nothing to step down.
    """
    row = limits.drug(library)
    if row is None:
        known = ", ".join(str(r[limits.NAME]) for r in limits.LIBRARY)
        raise UsageError(f"No drug library is called {library}.", f"Known: {known}")
    floor, most = row[limits.BASAL_MIN_NG_PER_DAY], row[limits.BASAL_MAX_NG_PER_DAY]
    percent, hold_ms = row[limits.TAPER_PRESETS][preset]
    target = to_ng_per_day or floor
    if not floor <= from_ng_per_day <= most:
        raise _outside("--from", from_ng_per_day, floor, most)
    if not floor <= target <= most:
        raise _outside("--to", target, floor, most)
    if target > from_ng_per_day or (to_ng_per_day and target == from_ng_per_day):
        raise UsageError(
            f"A taper goes down: --to {units.format_ng_per_day(target)} is not below --from {units.format_ng_per_day(from_ng_per_day)}.",
            "A raise is a new prescription: tapir prescribe",
        )
    rungs: list[Rung] = []
    rate, given, day_ms = from_ng_per_day, 0, 0
    while rate > target or not rungs:
        lower = max(target, -(-rate * (100 - percent) // 100))
        rungs.append(Rung(len(rungs) + 1, day_ms // _DAY_MS, lower, permille(rate, lower), given))
        given += lower * hold_ms // _DAY_MS
        day_ms += hold_ms
        rate = lower
    return Plan(from_ng_per_day, tuple(rungs), percent, hold_ms, not to_ng_per_day, given, day_ms)


def permille(old: int, new: int) -> int:
    """The change in thousandths of the old value, rounded half away from zero."""
    size = (2000 * abs(new - old) + old) // (2 * old)
    return size if new >= old else -size


def _outside(name: str, value: int, low: int, high: int) -> UsageError:
    bounds = f"{units.format_ng_per_day(low)} to {units.format_ng_per_day(high)}"
    return UsageError(f"{name} {units.format_ng_per_day(value)} is outside the library's {bounds}.")
