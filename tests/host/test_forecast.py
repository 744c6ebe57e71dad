"""How long a reservoir lasts, against the worked example."""

from fractions import Fraction

from tapir import forecast, prescription

REQ = ("planning",)

DAY_MS = 86_400_000


def test_the_worked_example() -> None:
    """3 mL at 500 mcg/mL and 100 mcg/day: low at three worst days of 0.23 mL, so (3 - 0.69) / 0.2 and / 0.23 days."""
    plain, worst = forecast.low_in_ms(prescription.parse(prescription.EXAMPLE), 3_000_000, 3_000_000, 3)
    assert plain == int(Fraction(2_310_000, 200_000) * DAY_MS)
    assert worst == int(Fraction(2_310_000, 230_000) * DAY_MS)


def test_an_empty_syringe_is_low_at_once() -> None:
    assert forecast.low_in_ms(prescription.parse(prescription.EXAMPLE), 100_000, 3_000_000, 3) == (0, 0)
