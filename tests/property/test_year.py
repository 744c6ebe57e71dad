"""The pure core, from event to event, for a year: it ends with the exact number of steps, and was never a step off on the way.

Step by step where a year has few enough of them; else step by step at both ends and by the hour between (`steps_by`, as trains are
granted). TAPIR_EXAMPLES takes every step of every year: four minutes.
"""

from fractions import Fraction

import pytest

from peer import rx
from pump.core import prescription
from pump.core.plan import Plan
from pump.core.therapy import Therapy
from tests.property.budget import CAMPAIGN
from tests.property.exact import steps_per_ng
from wire import limits

REQ = ("exactness",)

HOUR_MS, DAY_MS = 3600000, 86400000
YEAR_MS = 365 * DAY_MS
SINGLE = 1 << 62 if CAMPAIGN else 100000  # steps taken one by one at either end


def started(basal_ng_per_day: int, conc_ng_per_ml: int, syringe: str) -> Plan:
    """A therapy at that rate from time 0 on, on the sim board's screw of 1 mm and 3200 steps."""
    therapy = Therapy(1000000, 3200, 2000)
    therapy.row, therapy.syringe = limits.LIBRARY[0], limits.syringe(syringe)
    therapy.fire("provision")
    therapy.rx = prescription.from_fields(rx(conc_ng_per_ml=conc_ng_per_ml, basal_ng_per_day=basal_ng_per_day))
    therapy.line.fill(conc_ng_per_ml)
    therapy.fire("start")
    return therapy.plan


def step_by_step(plan: Plan, slope: Fraction, until: int) -> None:
    """Every step when it is due, until a time. slope: the exact steps a ms."""
    num, den = slope.numerator, slope.denominator
    count = plan.emitted
    due = plan.due()
    assert due is not None
    while due <= until:
        lead = due * num - count * den  # of the exact plan over the steps so far, in 1/den, just before this one
        assert 0 < lead < den, "and so less than a step ahead just after it"
        plan.settle(due)
        plan.take(1)
        count += 1
        due = plan.due()
        assert due is not None
    plan.settle(until)


def by_the_hour(plan: Plan, slope: Fraction, until: int) -> None:
    """An hour's steps at once."""
    for t in range(plan.t + HOUR_MS, until + 1, HOUR_MS):
        steps = plan.steps_by(t)
        plan.settle(t)
        plan.take(steps)
        assert 2 * abs(plan.emitted * slope.denominator - t * slope.numerator) <= slope.denominator


@pytest.mark.req("exactness", "GIP 1.2.1")
@pytest.mark.timeout(900)
@pytest.mark.parametrize("syringe", ["bd-1ml", "bd-3ml", "bd-10ml"])
@pytest.mark.parametrize("conc_ng_per_ml", [500000, 2000000])
@pytest.mark.parametrize("basal_ng_per_day", [27000, 100000, 800000])
def test_a_year_ends_with_the_exact_step_count(basal_ng_per_day: int, conc_ng_per_ml: int, syringe: str) -> None:
    plan = started(basal_ng_per_day, conc_ng_per_ml, syringe)
    slope = basal_ng_per_day * steps_per_ng(syringe, conc_ng_per_ml) / DAY_MS
    span = min(YEAR_MS, int(SINGLE / slope) // HOUR_MS * HOUR_MS)
    step_by_step(plan, slope, span)
    by_the_hour(plan, slope, YEAR_MS - span)
    step_by_step(plan, slope, YEAR_MS)
    exact = YEAR_MS * slope
    assert plan.t == YEAR_MS
    assert abs(plan.emitted - exact) <= Fraction(1, 2)
    assert Fraction(plan.num, plan.den) == exact - plan.emitted, "nothing is lost, to the last fraction of a step"
