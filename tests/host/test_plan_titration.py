"""The titration table, against exact fractions and against the firmware's own R2."""

from fractions import Fraction
from math import floor

import pytest

from pump.core import titration as firmware
from pump.core.history import History
from pump.core.reject import Reject
from tapir.errors import UsageError
from tapir.plans.titration import titration
from tapir.wire import limits, schema

REQ = ("planning",)

DAY_MS = 86_400_000
ROW = limits.drug("baclofen-itb")
CASES = [
    (50_000, 120_000, schema.ORIGIN_CHILD, None, DAY_MS),
    (27_000, 800_000, schema.ORIGIN_SPINAL, None, DAY_MS),
    (99_999, 500_001, schema.ORIGIN_CEREBRAL, 7, 3 * DAY_MS),
    (400_000, 800_000, schema.ORIGIN_SPINAL, None, DAY_MS + 1),
    (33_333, 44_444, schema.ORIGIN_UNSTATED, None, DAY_MS),
]


@pytest.mark.req("R2")
@pytest.mark.parametrize(("low", "high", "origin", "percent", "hold"), CASES)
def test_every_step_is_the_exact_one(low: int, high: int, origin: int, percent: int | None, hold: int) -> None:
    plan = titration(low, high, origin, percent, hold)
    share = percent or {schema.ORIGIN_SPINAL: 30}.get(origin, 15)
    rate, given = low, Fraction(0)
    for number, rise in enumerate(plan.rises, 1):
        given += Fraction(rate * hold, DAY_MS)
        rate = min(high, floor(Fraction(rate) * (100 + share) / 100))
        assert (rise.step, rise.at_ms, rise.ng_per_day) == (number, number * hold, rate)
        assert 0 <= given - rise.before_ng < number  # a floor each step
    assert rate == high and plan.total_ms == (len(plan.rises) + 1) * hold


@pytest.mark.req("R2")
@pytest.mark.parametrize(("low", "high", "origin", "percent", "hold"), CASES)
def test_the_firmware_accepts_each_step_when_the_plan_says_so_and_no_more(
    low: int, high: int, origin: int, percent: int | None, hold: int
) -> None:
    plan = titration(low, high, origin, percent, hold)
    history = History()
    history.program(0, low)
    for rise in plan.rises:
        soft = firmware.check_change(ROW, origin, history, 0, rise.at_ms, rise.ng_per_day)
        assert soft == rise.soft & limits.SOFT_RAISE_HIGH and bool(rise.soft & limits.SOFT_BASAL_HIGH) == (rise.ng_per_day > 500_000)
        if hold == DAY_MS:
            with pytest.raises(Reject):  # a millisecond earlier a smaller D is still in the last 24 h
                firmware.check_change(ROW, origin, history, 0, rise.at_ms - 1, rise.ng_per_day)
        if rise.ng_per_day < high and percent is None:
            with pytest.raises(Reject):
                firmware.check_change(ROW, origin, history, 0, rise.at_ms, rise.ng_per_day + 1)
        history.program(rise.at_ms, rise.ng_per_day)


@pytest.mark.req("R2")
@pytest.mark.parametrize(("low", "high", "origin", "percent", "hold"), CASES)
def test_the_firmwares_own_plan_has_the_same_steps(low: int, high: int, origin: int, percent: int | None, hold: int) -> None:
    device = pytest.importorskip("pump.core.titration_plan")
    plan = titration(low, high, origin, percent, hold)
    assert device.rungs(low, plan.percent, high) == [rise.ng_per_day for rise in plan.rises]


def test_50_to_120_as_a_child_takes_seven_days() -> None:
    """By hand: 50 x 1.15 = 57.5, 66.125, 76.043, 87.450, 100.567, 115.652, then the target."""
    plan = titration(50_000, 120_000, schema.ORIGIN_CHILD)
    assert [rise.ng_per_day for rise in plan.rises] == [57_500, 66_125, 76_043, 87_449, 100_566, 115_650, 120_000]
    assert [rise.change_permille for rise in plan.rises] == [150, 150, 150, 150, 150, 150, 38]
    assert plan.rises[1].before_ng == 107_500 and not any(rise.soft for rise in plan.rises)


def test_only_more_than_20_percent_above_500_is_soft() -> None:
    both = limits.SOFT_BASAL_HIGH | limits.SOFT_RAISE_HIGH
    plan = titration(400_000, 800_000, schema.ORIGIN_SPINAL)
    assert [(rise.ng_per_day, rise.soft) for rise in plan.rises] == [(520_000, both), (676_000, both), (800_000, limits.SOFT_BASAL_HIGH)]
    gentle = titration(400_000, 800_000, schema.ORIGIN_SPINAL, 20).rises
    assert [rise.soft for rise in gentle] == [0, *[limits.SOFT_BASAL_HIGH] * (len(gentle) - 1)]


def test_nothing_stated_is_the_strictest() -> None:
    assert titration(50_000, 60_000).allowed_percent == 15
    with pytest.raises(UsageError, match="R2"):
        titration(50_000, 60_000, schema.ORIGIN_UNSTATED, 16)


@pytest.mark.parametrize(
    ("low", "high", "more", "said"),
    [
        (26_999, 50_000, {}, "R1 range"),
        (50_000, 800_001, {}, "27 mcg/day to 800 mcg/day"),
        (50_000, 50_000, {}, "tapir plan taper"),
        (60_000, 50_000, {}, "goes up"),
        (50_000, 60_000, {"hold_ms": DAY_MS - 1}, "smallest dose of the last 24 h"),
        (50_000, 60_000, {"percent": 0}, "outside 1 to 15"),
        (50_000, 60_000, {"library": "morphine"}, "baclofen-itb"),
    ],
)
def test_what_is_no_titration_is_refused(low: int, high: int, more: dict, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        titration(low, high, **more)
    assert said in str(caught.value)
