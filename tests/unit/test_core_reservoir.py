"""R13 and the books of the syringe: refill against the books, low, empty, when it will be low."""

from pump.core.reservoir import Reservoir
from support import req
from ward import CLINICIAN, DAY, HOUR, OPERATOR, ready, started
from wire import alarms, limits
from wire import schema as s

# bore 8.66 mm, 1 mm lead, 3200 microsteps: 54.3281 steps a uL
PER_NL = (543281, 10000000)


def _run(ward, ms):
    """Let time pass with the motor following the plan."""
    plan = ward.therapy.plan
    ward.go(ms)
    plan.settle(ward.therapy.now)
    plan.take(plan.steps_by(ward.therapy.now))
    ward.therapy.watch_books()


def _codes(ward):
    return [entry[0] for entry in ward.therapy.alarms.entries]


@req("R13")
def test_provisioned_it_is_full():
    ward = ready()
    assert ward.therapy.reservoir.left_nl(ward.therapy.odometer()) == 3000000


@req("R13")
def test_what_is_found_must_agree_with_the_books_to_a_fifth_of_the_filling():
    ward = started()
    _run(ward, 5 * DAY)  # 500 mcg are 1 mL: 2 mL are left
    left = ward.therapy.reservoir.left_nl(ward.therapy.odometer())
    assert 1999950 <= left <= 2000050, left
    for residual, rule in ((left, None), (left + 600000, None), (left + 600001, 13), (left - 600000, None), (left - 600001, 13)):
        assert ward.rule("REFILL", OPERATOR, residual_nl=residual, volume_nl=3000000) == rule, residual
    far = {"residual_nl": left + 600001, "volume_nl": 3000000}
    assert ward.rule("REFILL", OPERATOR, reason="spilt", **far) == 13, "an operator may not"
    assert ward.rule("REFILL", CLINICIAN, **far) == 13, "nor a clinician without a reason"
    assert ward.check("REFILL", CLINICIAN, reason="spilt", **far)["soft"] == limits.SOFT_RESIDUAL


@req("R13", "H8")
def test_19_ml_left_at_a_refill_are_seen():
    """Sgouros: the reservoir was found nearly full; it was restarted, near-lethal. Nothing had been given."""
    ward = started()
    _run(ward, 14 * DAY)
    assert ward.rule("REFILL", OPERATOR, residual_nl=2900000, volume_nl=3000000) == 13


@req("R13", "wire")
def test_a_syringe_of_which_more_may_have_left_than_was_in_it_can_be_refilled():
    """What a cut leaves uncertain counts as gone: the books may go below nothing, and the pump's reading must not."""
    ward = started()
    _run(ward, DAY)
    reservoir = ward.therapy.reservoir
    reservoir.mark = ward.therapy.odometer() - reservoir.full_steps
    ward.cut(HOUR, lost_steps=3)
    assert ward.therapy.reservoir.left_steps(ward.therapy.odometer()) == -3
    assert ward.check("REFILL", OPERATOR, residual_nl=0, volume_nl=3000000)["steps"] == 0


@req("R13")
def test_a_refill_is_what_the_syringe_holds_at_most():
    ward = started()
    _run(ward, DAY)
    left = ward.therapy.reservoir.left_nl(ward.therapy.odometer())
    assert ward.rule("REFILL", OPERATOR, residual_nl=left, volume_nl=3000000) is None
    assert ward.rule("REFILL", OPERATOR, residual_nl=left, volume_nl=3000001) == 13
    ward.order("REFILL", OPERATOR, residual_nl=left, volume_nl=2500000)
    assert ward.therapy.reservoir.left_nl(ward.therapy.odometer()) == 2500000


@req("R13", "alarms", "OPCA R6.8.0")
def test_low_is_three_worst_days_or_a_tenth_and_a_refill_ends_it():
    # worst day: 100 and 3 x 5 mcg, 115 mcg, 230 uL; three of them 690 uL, more than the tenth
    ward = started()
    ward.order("REFILL", OPERATOR, residual_nl=3000000, volume_nl=890000)
    _run(ward, DAY - HOUR)
    assert _codes(ward) == [alarms.REFILL_NEAR], "within four worst days"
    _run(ward, HOUR + HOUR)
    assert _codes(ward) == [alarms.LOW_RESERVOIR]
    assert ward.state == s.INFUSING
    ward.order("REFILL", OPERATOR, residual_nl=690000, volume_nl=3000000)
    assert _codes(ward) == []


@req("R13")
def test_where_low_begins():
    assert limits.low_nl(3000000, 50000, 3) == 300000, "a tenth of a small syringe"
    assert limits.low_nl(3000000, 230000, 3) == 690000, "three days"
    assert limits.low_nl(40000000, 230000, 3) == 2000000, "2 mL of a reservoir"


@req("R13")
def test_empty_is_at_the_last_whole_step():
    reservoir = Reservoir(PER_NL)
    reservoir.refill(1000000, 500)  # 54328.1 steps
    assert reservoir.left_steps(500) == 54328
    assert reservoir.left_steps(500 + 54328) == 0
    assert reservoir.left_nl(500 + 54328) <= 2
    assert reservoir.left_nl(500 + 60000) == 0


@req("R13")
def test_steps_lost_from_sight_are_gone_from_the_syringe():
    ward = started()
    before = ward.therapy.reservoir.left_nl(ward.therapy.odometer())
    ward.cut(0, lost_steps=54328)
    assert 999990 <= before - ward.therapy.reservoir.left_nl(ward.therapy.odometer()) <= 1000010


@req("R16")
def test_a_bolus_that_the_syringe_does_not_hold_is_refused():
    ward = started()
    ward.order("REFILL", OPERATOR, residual_nl=3000000, volume_nl=10500)  # 10 uL of bolus and 0.69 uL of basal meanwhile
    assert ward.refusal("BOLUS", OPERATOR, dose_ng=5000).error == s.NOT_NOW
    ward.order("REFILL", CLINICIAN, residual_nl=10500, volume_nl=10800)
    assert ward.rule("BOLUS", OPERATOR, dose_ng=5000) is None


@req("R13")
def test_the_odometer_goes_on_over_therapies():
    ward = started(basal_ng_per_day=27000, max_24h_ng=27000)
    _run(ward, DAY)
    ward.order("TAPER", to_ng_per_day=0, preset=0)
    _run(ward, 2 * DAY)
    assert ward.state == s.ENDED
    left = ward.therapy.reservoir.left_nl(ward.therapy.odometer())
    assert 2837990 <= left <= 2838010, left  # 81 mcg are 162 uL
    ward.prescribe()
    assert ward.therapy.reservoir.left_nl(ward.therapy.odometer()) == left
    _run(ward, DAY)
    assert 199990 <= left - ward.therapy.reservoir.left_nl(ward.therapy.odometer()) <= 200020
