"""How long a reservoir lasts, against the worked example and the pump's own rule."""

from fractions import Fraction

import pytest

from pump.core.reservoir import Reservoir
from tapir import forecast, prescription

DAY_MS = 86_400_000


def test_the_worked_example() -> None:
    """3 mL at 500 mcg/mL and 100 mcg/day: low at three worst days of 0.23 mL, so (3 - 0.69) / 0.2 and / 0.23 days."""
    plain, worst = forecast.low_in_ms(prescription.parse(prescription.EXAMPLE), 3_000_000, 3_000_000)
    assert plain == int(Fraction(2_310_000, 200_000) * DAY_MS)
    assert worst == int(Fraction(2_310_000, 230_000) * DAY_MS)


def test_an_empty_syringe_is_low_at_once() -> None:
    assert forecast.low_in_ms(prescription.parse(prescription.EXAMPLE), 100_000, 3_000_000) == (0, 0)


@pytest.mark.parametrize("full_nl", [1_000_000, 3_000_000, 10_000_000, 15_000_000, 15_000_001, 40_000_000])
@pytest.mark.parametrize("day_nl", [13_500, 230_000, 1_600_000])
def test_low_is_where_the_pump_says_it_is(full_nl: int, day_nl: int) -> None:
    pump = Reservoir((1, 1000))
    pump.refill(full_nl, 0)
    assert forecast.low_nl(full_nl, day_nl) == pump.low_nl(day_nl)
