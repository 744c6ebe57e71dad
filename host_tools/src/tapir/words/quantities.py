"""Quantities in sentences: times, percentages, hashes, and a field's value in the unit that its name says. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from ..plan import permille
from ..wire import limits, units
from .alarms import alarm


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


def count(number: int, what: str) -> str:
    """1 step, 2 steps"""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def head(digits: str) -> str:
    """a1f309c2 -> a1f3 09c2"""
    return f"{digits[:4]} {digits[4:8]}"


# kind: how it is shown. A field's kind is told by the unit in its name.
KINDS: dict[str, Callable[[int], str]] = {
    "rate": units.format_ng_per_day,
    "conc": units.format_ng_per_ml,
    "mcg": units.format_ng,
    "vol": units.format_nl,
    "time": units.format_ms,
    "alarm": alarm,
    "int": str,
}
_ENDINGS = (("ng_per_day", "rate"), ("_ng_per_ml", "conc"), ("_ng", "mcg"), ("_nl", "vol"), ("_ms", "time"), ("alarm", "alarm"))


def kind_of(field: str | None) -> str:
    """Which of KINDS shows a field."""
    return next((kind for ending, kind in _ENDINGS if field and field.endswith(ending)), "int")


@dataclass(frozen=True)
class Measure:
    """How amounts of a library entry are said: as mass of drug, or by volume where 1 ng stands for 1 nL (saline)."""

    by_volume: bool = False

    def dose(self, ng: int, places: int | None = None) -> str:
        """12.5 mcg, or 0.0125 mL"""
        if self.by_volume:
            return units.format_nl(ng, None if places is None else places + 2)
        return units.format_ng(ng, places)

    def rate(self, ng_per_day: int, places: int | None = None) -> str:
        """100 mcg/day, or 1 mL/h"""
        if not self.by_volume:
            return units.format_ng_per_day(ng_per_day, places)
        return units.format_ratio(ng_per_day, 24000000, 6).rstrip("0").rstrip(".") + " mL/h"


MASS = Measure()
_NOMINAL = (1000000,)  # ng/mL


def measure(library: str | None) -> Measure:
    """Of a library entry: by volume where its only concentration is the nominal one."""
    row = limits.drug(library or "")
    return Measure(row is not None and tuple(row[limits.CONC_NG_PER_ML]) == _NOMINAL)


def show(field: str | None, value: int, by: Measure = MASS) -> str:
    """A value of a field in the unit that its name says: 115000 of max_24h_ng -> 115 mcg"""
    kind = kind_of(field)
    return by.dose(value) if kind == "mcg" else by.rate(value) if kind == "rate" else KINDS[kind](value)
