"""Bridge and refill, against exact fractions and worked examples."""

from fractions import Fraction
from math import ceil, floor

import pytest

from tapir.errors import UsageError
from tapir.plans.bridge import bridge
from tapir.plans.refill import refill

REQ = ("planning",)

DAY_MS = 86_400_000


@pytest.mark.req("R9")
@pytest.mark.parametrize(
    ("rate", "old", "new", "dead"),
    [(100_000, 500_000, 2_000_000, 250_000), (27_000, 2_000_000, 50_000, 999_999), (799_999, 1_000_000, 500_000, 10_000)],
)
def test_the_old_drug_lasts_for_the_dead_volume(rate: int, old: int, new: int, dead: int) -> None:
    plan = bridge(rate, old, new, dead)
    drug_ng = Fraction(dead, 1_000_000) * old
    assert plan.bridge_ms == ceil(drug_ng / rate * DAY_MS)
    assert plan.wrong_ng_per_day == floor(Fraction(rate) * old / new)


@pytest.mark.req("R9")
def test_a_quarter_millilitre_at_500() -> None:
    """0.25 mL hold 125 mcg: 30 h at 100 mcg/day. A fourfold concentration at once would give a quarter, and back again fourfold."""
    plan = bridge(100_000, 500_000, 2_000_000, 250_000)
    assert plan.bridge_ms == 30 * 3_600_000 and (plan.wrong_ng_per_day, plan.wrong_permille) == (25_000, -750)
    back = bridge(100_000, 2_000_000, 500_000, 250_000)
    assert back.bridge_ms == 5 * DAY_MS and (back.wrong_ng_per_day, back.wrong_permille) == (400_000, 3000)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((26_000, 500_000, 1_000_000, 20_000), "R1 range"),
        ((100_000, 400_000, 1_000_000, 20_000), "--old 400 mcg/mL is not in the library"),
        ((100_000, 500_000, 3_000_000, 20_000), "R9 concentration"),
        ((100_000, 500_000, 500_000, 20_000), "nothing to bridge"),
        ((100_000, 500_000, 1_000_000, 0), "--dead-volume 0 mL"),
        ((100_000, 500_000, 1_000_000, 5_000_001), "outside 0.01 mL to 5 mL"),
    ],
)
def test_what_is_no_bridge_is_refused(values: tuple[int, int, int, int], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        bridge(*values)
    assert said in str(caught.value)


@pytest.mark.req("R13")
def test_the_example_prescription_in_3_ml() -> None:
    """100 and at most 115 mcg a day at 500 mcg/mL; low at three days of 0.23 mL."""
    plan = refill(100_000, 15_000, 115_000, 500_000, 3_000_000, 3_000_000, 3)
    assert plan.low_nl == 690_000
    assert (plan.expected.day_nl, plan.worst.day_nl) == (200_000, 230_000)
    assert plan.expected.low_ms == floor(Fraction(2_310_000, 200_000) * DAY_MS) and plan.expected.empty_ms == 15 * DAY_MS
    assert plan.worst.low_ms == floor(Fraction(2_310_000, 230_000) * DAY_MS)
    assert plan.worst.empty_ms == floor(Fraction(3_000_000, 230_000) * DAY_MS)


@pytest.mark.req("R13")
def test_the_cap_bounds_the_worst_case_and_low_is_now_when_it_is() -> None:
    plan = refill(100_000, 60_000, 115_000, 500_000, 600_000, 3_000_000, 3)
    assert plan.worst.day_ng == 115_000
    assert plan.worst.low_ms == plan.expected.low_ms == 0 and plan.expected.empty_ms == 3 * DAY_MS
    assert refill(100_000, 10_000, 200_000, 500_000, 1, 1, 3).worst.day_ng == 110_000


def test_a_reservoir_is_not_fuller_than_full() -> None:
    with pytest.raises(UsageError, match="more than --full"):
        refill(100_000, 0, 115_000, 500_000, 3_000_001, 3_000_000, 3)
