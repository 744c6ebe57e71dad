"""Water on a scale -> volume: V = m / rho, exactly, then rounded to the nearest nL.

    found_nl("0.987 g", "0.9982 g/mL") -> 988780

Numbers are taken as written (no floating point). WATER is water at 20 C; DENSITIES are what a liquid of a pump can have. The buoyancy of
air, about 0.1 %, is not corrected here: whoever wants it writes the density that includes it (docs/hardware.md). Used by
cli/calibrate.py and cli/accuracy.py.
"""

import re
from fractions import Fraction

from .errors import QuantityError

WATER = "0.9982 g/mL"
MASSES = {"g": 1_000_000, "mg": 1_000}  # in micrograms, which no scale here resolves
DENSITIES = (Fraction(1, 2), Fraction(2))
_NUMBER = re.compile(r"(0|[1-9]\d{0,8})(?:\.(\d{1,9}))? ?(\S*)")


def found_nl(mass: str, density: str = WATER) -> int:
    """The volume of what was weighed, in nL. QuantityError names the text and the forms that work."""
    grams = Fraction(*_number("--weighed", mass, MASSES, ("0.987 g", "987 mg"))) / MASSES["g"]
    return round(grams / per_ml(density) * 1_000_000)


def per_ml(density: str = WATER) -> Fraction:
    """The density as typed, in g/mL."""
    grams = Fraction(*_number("--density", density, {"g/mL": 1}, (WATER,)))
    low, high = DENSITIES
    if not low <= grams <= high:
        raise QuantityError(f"--density {density}: no liquid for this pump.", f"Between {low} and {high} g/mL; water: {WATER}")
    return grams


def correction_percent(expected_nl: int, found: int) -> str:
    """How many more steps a nL takes from here on: +1.13 %"""
    hundredths = round(Fraction(10_000 * (expected_nl - found), found))
    whole, part = divmod(abs(hundredths), 100)
    return f"{'-' if hundredths < 0 else '+'}{whole}.{part:02d} %"


def _number(option: str, text: str, sizes: dict[str, int], forms: tuple[str, ...]) -> tuple[int, int]:
    match = _NUMBER.fullmatch(text.strip())
    if match is None or match[3] not in sizes:
        why = "the unit is missing" if match and not match[3] else "it is not understood"
        raise QuantityError(f"{option} {text}: {why}.", f"Accepted: {', '.join(forms)}")
    part = match[2] or ""
    return int(match[1] + part) * sizes[match[3]], 10 ** len(part)
