"""Mass -> volume: exact decimals, half a nL of rounding, and the unit is never guessed. The same worked example stands in docs/hardware.md."""

import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from tapir import gravimetry
from tapir.errors import QuantityError

REQ = ("planning",)

DOC = Path(__file__).parents[2] / "docs" / "hardware.md"


@pytest.mark.parametrize(
    ("mass", "density", "nl"),
    [
        ("0.987 g", "0.9982 g/mL", 988_780),  # 987 / 0.9982 = 988.77980...
        ("987 mg", "0.9982 g/mL", 988_780),
        ("1 g", "1 g/mL", 1_000_000),
        ("0.4925 g", "0.9970 g/mL", 493_982),  # 492.5 / 0.997 = 493.98194...
    ],
)
@pytest.mark.req("R12", "R17")
def test_a_mass_is_a_volume_by_its_density(mass: str, density: str, nl: int) -> None:
    assert gravimetry.found_nl(mass, density) == nl


@pytest.mark.parametrize(
    ("mass", "density", "part"),
    [
        ("0.987", "0.9982 g/mL", "the unit is missing"),
        ("0,987 g", "0.9982 g/mL", "not understood"),
        (".987 g", "0.9982 g/mL", "not understood"),
        ("0.987 mL", "0.9982 g/mL", "not understood"),
        ("-1 g", "0.9982 g/mL", "not understood"),
        ("0.987 g", "0.9982", "the unit is missing"),
        ("0.987 g", "998.2 g/mL", "no liquid"),
        ("0.987 g", "0 g/mL", "no liquid"),
    ],
)
@pytest.mark.req("R12")
def test_what_is_ambiguous_is_refused_with_forms_that_work(mass: str, density: str, part: str) -> None:
    with pytest.raises(QuantityError) as caught:
        gravimetry.found_nl(mass, density)
    assert part in caught.value.problem and "g" in caught.value.hint


@pytest.mark.parametrize(("expected", "found", "said"), [(1_000_000, 988_780, "+1.13 %"), (500_000, 510_000, "-1.96 %"), (5, 5, "+0.00 %")])
def test_the_correction_in_percent(expected: int, found: int, said: str) -> None:
    assert gravimetry.correction_percent(expected, found) == said


def test_the_worked_example_in_the_docs_is_right() -> None:
    """Its line `mean ... | Q ... | correction ...` against decimal arithmetic done here."""
    text = DOC.read_text()
    masses = [Decimal(mass) for mass in re.findall(r"^\| \d \| (0\.\d+) g \|", text, re.M)]
    assert len(masses) >= 3
    mean = sum(masses) / len(masses)
    found = mean / Decimal(gravimetry.WATER.split()[0])
    assert f"mean {mean:.4f} g" in text and f"{found:.6f} mL" in text
    assert gravimetry.found_nl(f"{mean:.4f} g") == round(found * 1_000_000)
    assert f"x {Fraction(500_000, round(found * 1_000_000))} " in text
    assert f"({(Decimal('0.5') / found - 1) * 100:+.2f} %)" in text
    spread = max(masses) - min(masses)
    assert f"{spread / mean * 100:.2f} % of the mean" in text
