"""The drug library's row by name, or an error that names the known ones."""

from ..errors import UsageError
from ..wire import limits, units


def row_of(name: str) -> "limits.Drug":
    """The row called `name`. Raises UsageError."""
    row = limits.drug(name)
    if row is None:
        known = ", ".join(str(r[limits.NAME]) for r in limits.LIBRARY)
        raise UsageError(f"No drug library is called {name}.", f"Known: {known}")
    return row


def concentration(row: "limits.Drug", option: str, ng_per_ml: int) -> int:
    """`ng_per_ml` if the library knows it (R9). Raises UsageError."""
    known = row[limits.CONC_NG_PER_ML]
    if ng_per_ml not in known:
        names = ", ".join(units.format_ng_per_ml(value) for value in known)
        raise UsageError(f"(R9 concentration) {option} {units.format_ng_per_ml(ng_per_ml)} is not in the library.", f"Accepted: {names}")
    return ng_per_ml
