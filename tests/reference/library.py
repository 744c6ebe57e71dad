"""The drug library as the reference model reads it: straight from library/*.toml, in ng, nL and ms.

`number("rx", "27 mcg/day")` style conversion is done here again, not by the compiler of tools/, so that a wrong number in the pump's table shows.
"""

import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent.parent / "library"
UNITS = {
    "ng": 1, "mcg": 1000, "mg": 1000000,
    "nL": 1, "uL": 1000, "mL": 1000000,
    "ms": 1, "s": 1000, "min": 60000, "h": 3600000, "day": 86400000, "days": 86400000,
    "%": 1,
}  # fmt: skip
PRESETS = ("label", "gentle", "explant", "infected")
ORIGINS = ("unstated", "spinal", "cerebral", "child")  # as numbered on the wire


def number(text: Any) -> Any:
    """ "27 mcg/day" in ng (a day), "48 h" in ms; a list of them, or what is none, as it is."""
    if isinstance(text, list):
        return [number(item) for item in text]
    if not isinstance(text, str):
        return text
    value, unit = text.split(" ")
    exact = Fraction(value) * UNITS[unit.partition("/")[0]]
    assert exact.denominator == 1, text
    return int(exact)


def load(name: str) -> dict[str, Any]:
    """{"basal.lowest": 27000, ...} of library/NAME.toml."""
    found: dict[str, Any] = {}

    def walk(prefix: str, table: dict[str, Any]) -> None:
        for key, value in table.items():
            if isinstance(value, dict) and "is" in value:
                found[prefix + key] = number(value["is"])
            elif isinstance(value, dict):
                walk(prefix + key + ".", value)
            else:
                found[prefix + key] = value

    walk("", tomllib.loads((FOLDER / (name + ".toml")).read_text()))
    # R2: who does not say where the spasticity comes from gets the strictest
    found["raise"] = [0] + [found["titration." + origin] for origin in ORIGINS[1:]]
    found["raise"][0] = min(found["raise"][1:])
    return found
