"""When a reservoir is low and empty: expected (basal alone) and at worst (every allotted bolus, within the cap). nL, ng, ms; rounded down.

Where `low` begins is limits.low_nl, for the pump too. Used by cli/plan/refill.py, from a prescription file or from a pump.
"""

from dataclasses import dataclass

from ..errors import UsageError
from ..forecast import volume_nl
from ..wire import limits, units


@dataclass(frozen=True)
class Use:
    """What a day uses, and how long until low and empty at that."""

    day_ng: int
    day_nl: int
    low_ms: int
    empty_ms: int


@dataclass(frozen=True)
class Refill:
    """The reservoir now, when full, and where it is low; the two forecasts."""

    reservoir_nl: int
    full_nl: int
    low_nl: int
    low_days: int
    conc_ng_per_ml: int
    expected: Use
    worst: Use


def refill(basal_ng: int, boluses_ng: int, max_24h_ng: int, conc_ng_per_ml: int, reservoir_nl: int, full_nl: int, low_days: int) -> Refill:
    """From a day's basal, its allotted boluses and its cap; `low_days` is the library's. Raises UsageError."""
    if not 0 <= reservoir_nl <= full_nl:
        raise UsageError(
            f"--reservoir {units.format_nl(reservoir_nl)} is more than --full {units.format_nl(full_nl)}.",
            "--full is the filling that was there after the last refill.",
        )
    worst_ng = max(basal_ng, min(max_24h_ng, basal_ng + boluses_ng))
    low_nl = limits.low_nl(full_nl, volume_nl(worst_ng, conc_ng_per_ml), low_days)
    expected, worst = (_use(ng, conc_ng_per_ml, reservoir_nl, low_nl) for ng in (basal_ng, worst_ng))
    return Refill(reservoir_nl, full_nl, low_nl, low_days, conc_ng_per_ml, expected, worst)


def _use(day_ng: int, conc: int, reservoir_nl: int, low_nl: int) -> Use:
    """Times from the drug itself, not from a rounded volume a day."""
    spare_nl = max(0, reservoir_nl - low_nl)
    low_ms, empty_ms = (nl * conc * limits.DAY_MS // (day_ng * 1_000_000) for nl in (spare_nl, reservoir_nl))
    return Use(day_ng, volume_nl(day_ng, conc), low_ms, empty_ms)
