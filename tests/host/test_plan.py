"""The taper table, against hand-computed rungs, exact fractions and the pump's own arithmetic."""

from datetime import date
from fractions import Fraction
from math import ceil

import pytest

from pump.core import taper as firmware
from tapir import plan
from tapir.errors import UsageError
from tapir.wire import schema

REQ = ("planning",)


@pytest.mark.req("R4")
def test_from_100_to_the_end_is_the_table_of_the_manual() -> None:
    steps = plan.taper(100_000)
    assert [(r.step, r.day, r.ng_per_day, r.change_permille, r.before_ng) for r in steps.rungs] == [
        (1, 0, 80_000, -200, 0),
        (2, 2, 64_000, -200, 160_000),
        (3, 4, 51_200, -200, 288_000),
        (4, 6, 40_960, -200, 390_400),
        (5, 8, 32_768, -200, 472_320),
        (6, 10, 27_000, -176, 537_856),
    ]
    assert steps.discontinues and steps.total_ms == 12 * 86_400_000
    assert steps.total_ng == 591_856
    assert steps.volume_nl(500_000) == 1_183_712


@pytest.mark.req("R4")
def test_800_to_27_is_16_steps() -> None:
    assert len(plan.taper(800_000).rungs) == 16


@pytest.mark.req("R4")
@pytest.mark.parametrize(
    ("start", "to", "preset"), [(800_000, 0, 0), (799_999, 50_000, 0), (300_000, 50_000, 1), (100_001, 0, 1), (27_001, 0, 0)]
)
def test_every_step_is_exact_and_never_below_the_target(start: int, to: int, preset: int) -> None:
    percent = (20, 10)[preset]
    target = to or 27_000
    rate = start
    for rung in plan.taper(start, to, preset).rungs:
        rate = max(target, ceil(Fraction(rate) * (100 - percent) / 100))
        assert rung.ng_per_day == rate == firmware.next_rung(_before(start, to, preset, rung.step), percent, target)
    assert rate == target
    assert firmware.rungs_to(start, percent, target) == len(plan.taper(start, to, preset).rungs)


def _before(start: int, to: int, preset: int, step: int) -> int:
    return start if step == 1 else plan.taper(start, to, preset).rungs[step - 2].ng_per_day


def test_at_the_floor_already_the_floor_is_held_once() -> None:
    steps = plan.taper(27_000)
    assert [r.ng_per_day for r in steps.rungs] == [27_000] and steps.total_ms == 2 * 86_400_000


def test_the_day_of_the_refill() -> None:
    steps = plan.taper(100_000)  # 80 80 64 64 51.2 51.2 ... mcg a day
    assert steps.refill_day(500_000, 3_000_000) is None
    assert steps.refill_day(500_000, 320_000) == 2  # 160 mcg: two days of 80, none of 64
    assert steps.refill_day(500_000, 319_999) == 1
    assert steps.refill_day(500_000, 0) == 0


def test_dates_are_those_of_the_days() -> None:
    assert plan.taper(100_000).dates(date(2026, 2, 27))[1] == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("start", "to", "said"),
    [
        (26_999, 0, "--from 26.999 mcg/day is outside"),
        (800_001, 0, "27 mcg/day to 800 mcg/day"),
        (100_000, 26_000, "--to 26 mcg/day is outside"),
        (100_000, 100_000, "goes down"),
        (100_000, 120_000, "not below --from 100 mcg/day"),
    ],
)
def test_what_is_no_taper_is_refused(start: int, to: int, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        plan.taper(start, to)
    assert said in str(caught.value)


def test_an_unknown_library_is_named_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="baclofen-itb"):
        plan.taper(100_000, 0, schema.TAPER_LABEL, "morphine")


@pytest.mark.parametrize(("old", "new", "said"), [(100, 115, 150), (100, 80, -200), (3, 2, -333), (32_768, 27_000, -176), (7, 7, 0)])
def test_permille_rounds_half_away_from_zero(old: int, new: int, said: int) -> None:
    exact = Fraction(new - old, old) * 1000
    assert plan.permille(old, new) == said and abs(exact - said) <= Fraction(1, 2)
