"""Weight and age as typed -> grams and whole months. Exact, or refused with the forms that work, as wire/units.py does it.

Used by cli/plan/oral.py and cli/plan/candidate.py.
"""

import re

from ..errors import QuantityError

_FORMS = {
    "weight": (("kg", 1000), ("g", 1)),
    "time": (("years", 12), ("year", 12), ("y", 12), ("months", 1), ("month", 1)),
}
_ACCEPTED = {"weight": "20 kg, 20.5 kg", "time": "7 years, 7 y, 30 months"}


def weight_g(option: str, text: str) -> int:
    """20.5 kg -> 20500"""
    return _parse(option, text, "weight")


def months(option: str, text: str) -> int:
    """7 y -> 84"""
    return _parse(option, text, "time")


def format_months(count: int) -> str:
    """84 -> 7 years, 30 -> 2 years 6 months"""
    years, rest = divmod(count, 12)
    parts = [f"{n} {word}{'' if n == 1 else 's'}" for n, word in ((years, "year"), (rest, "month")) if n]
    return " ".join(parts) or "0 months"


def format_kg(grams: int) -> str:
    """20500 -> 20.5 kg"""
    return f"{grams // 1000}.{grams % 1000:03}".rstrip("0").rstrip(".") + " kg"


def _parse(option: str, text: str, what: str) -> int:
    match = re.fullmatch(r"\s*(0|[1-9]\d{0,8})(?:\.(\d{1,6}))?\s*(\S*)\s*", text)
    if not match:
        why = "write digits without separators, and a point for decimals" if re.search(r"\d[,'_]\d", text) else "not a number with a unit"
        raise _refused(option, text, why, what)
    whole, part, unit = match[1], match[2] or "", match[3]
    size = dict(_FORMS[what]).get(unit)
    if size is None:
        raise _refused(option, text, f"the unit {unit} is not known here" if unit else "the unit is missing", what)
    total = int(whole + part) * size
    scale = int("1" + "0" * len(part))
    if total % scale:
        raise _refused(option, text, f"finer than 1 {'g' if what == 'weight' else 'month'}", what)
    return total // scale


def _refused(option: str, text: str, why: str, what: str) -> QuantityError:
    return QuantityError(f"{option} {text}: {why}.", f"Accepted: {_ACCEPTED[what]}")
