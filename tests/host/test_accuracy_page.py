"""The numbers in docs/accuracy.md that follow from geometry alone: the bound of each window, reckoned here."""

import math
import re
from pathlib import Path

import pytest

REQ = ("planning",)

PAGE = Path(__file__).parents[2] / "docs" / "accuracy.md"


@pytest.mark.parametrize(
    ("name", "bore_mm", "ul_per_h", "count"),
    [("ambulatory", 8.66, 200 / 24, 6), ("slowest", 4.78, 13.5 / 24, 6), ("syringe", 8.66, 1000.0, 5)],
)
def test_the_bounds_on_the_page(name: str, bore_mm: float, ul_per_h: float, count: int) -> None:
    region = PAGE.read_text().partition(f"<!-- {name}: ")[2].partition(f"<!-- /{name} -->")[0]
    assert f"accuracy_{name}.png" in region and (PAGE.parent / f"accuracy_{name}.png").is_file()
    rows = re.findall(r"^ +(\d+) min .*? ± ([\d.]+) %", region, re.M)
    assert len(rows) == count
    step_ul = math.pi / 4 * bore_mm**2 * 1 / 3200
    for minutes, bound in rows:
        places = len(bound.partition(".")[2])
        assert f"{100 * step_ul / (ul_per_h * int(minutes) / 60):.{places}f}" == bound
