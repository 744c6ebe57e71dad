"""The bridge at a concentration change (R9): until the dead volume has passed, the old drug is at the tip.

While it is, the flow stays that of the old concentration; when the last of it has left, the flow changes and D does not. Integers:
ng, ng/day, ng/mL, nL, ms (rounded up: when it is over, it is over). Used by cli/plan/bridge.py.
"""

from dataclasses import dataclass

from ..errors import UsageError
from ..plan import permille
from ..wire import limits, units
from .library import concentration, row_of


@dataclass(frozen=True)
class Bridge:
    """`bridge_ms` long. `wrong_ng_per_day` is what would be delivered meanwhile if the flow changed at once."""

    ng_per_day: int
    old_ng_per_ml: int
    new_ng_per_ml: int
    dead_nl: int
    bridge_ms: int
    wrong_ng_per_day: int
    wrong_permille: int


def bridge(ng_per_day: int, old_ng_per_ml: int, new_ng_per_ml: int, dead_nl: int, library: str = "baclofen-itb") -> Bridge:
    """How long the old drug is at the tip. Raises UsageError."""
    row = row_of(library)
    low, high = row[limits.BASAL_MIN_NG_PER_DAY], row[limits.BASAL_MAX_NG_PER_DAY]
    if not low <= ng_per_day <= high:
        bounds = f"{units.format_ng_per_day(low)} to {units.format_ng_per_day(high)}"
        raise UsageError(f"(R1 range) --rate {units.format_ng_per_day(ng_per_day)} is outside the library's {bounds}.")
    concentration(row, "--old", old_ng_per_ml)
    concentration(row, "--new", new_ng_per_ml)
    if old_ng_per_ml == new_ng_per_ml:
        raise UsageError(f"--old and --new are both {units.format_ng_per_ml(old_ng_per_ml)}: there is nothing to bridge.")
    least, most = row[limits.DEAD_MIN_NL], row[limits.DEAD_MAX_NL]
    if not least <= dead_nl <= most:
        raise UsageError(
            f"(R9 concentration) --dead-volume {units.format_nl(dead_nl)} is outside {units.format_nl(least)} to {units.format_nl(most)}.",
            "It is what tubing and catheter hold between syringe and tip: length times inner cross-section.",
        )
    ms = -(-dead_nl * old_ng_per_ml * limits.DAY_MS // (ng_per_day * 1_000_000))
    wrong = ng_per_day * old_ng_per_ml // new_ng_per_ml
    return Bridge(ng_per_day, old_ng_per_ml, new_ng_per_ml, dead_nl, ms, wrong, permille(ng_per_day, wrong))
