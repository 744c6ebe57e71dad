"""The titration as the command line forecasts it, against the pump's own arithmetic and by hand."""

from dataclasses import fields
from typing import Any

import pytest

from pump.core import titration_plan
from tapir.cli.titrate import refill_day, rungs
from tapir.messages import Status

DAY = 86_400_000
REQ = ("R2", "planning")


@pytest.mark.parametrize("percent", [1, 7, 10, 15, 30])
@pytest.mark.parametrize("to", [27_001, 99_999, 800_000])
def test_the_steps_are_the_pumps(percent: int, to: int) -> None:
    assert rungs(27_000, to, percent) == titration_plan.rungs(27_000, percent, to)


def test_the_refill_day_by_hand() -> None:
    values: dict[str, Any] = {field.name: 0 for field in fields(Status)}
    now = Status(**{**values, "reservoir_nl": 1_000_000, "conc_ng_per_ml": 500_000})  # 500 mcg
    assert refill_day(now, [100_000, 150_000], 2 * DAY) is None  # 200 and 300
    assert refill_day(now, [100_000, 150_001], 2 * DAY) == 3
    assert refill_day(now, [300_000], 2 * DAY) == 1
