"""R9, a change of concentration under way: until the dead volume has passed, doses, caps and steps use what is at the tip.

Numbers by hand for the 3 mL syringe (bore 8.66 mm, pi 355/113), 1 mm lead, 3200 microsteps: 1 uL is 54.3281 steps. 0.25 mL of dead volume
at 100 mcg/day of 500 mcg/mL (200 uL/day) take 1.25 days; the same D of 2000 mcg/mL needs a quarter of the steps.
"""

from peer import rx
from pump.core import outlook
from pump.core.plan import Plan
from support import req
from ward import DAY, HOUR, Ward, started
from wire import schema as s

NEW = {"conc_ng_per_ml": 2000000, "conc_again_ng_per_ml": 2000000, "dead_nl": 250000}
BRIDGE_MS = 108000000  # 1.25 days


def _bridging(**changes):
    ward = started()
    _go(ward, 2 * DAY)
    ward.prescribe(**dict(NEW, **changes))
    return ward


def _go(ward, ms):
    """Let time pass, and take the steps as they fall due, as delivery does."""
    until = ward.therapy.now + ms
    while ward.therapy.now < until:
        at = ward.therapy.next_event()
        at = until if at is None or at > until else at
        plan = ward.therapy.plan
        plan.settle(at)
        if plan.per_ms:
            plan.take(plan.steps_by(at))
        ward.go(at - ward.therapy.now)


def _position(plan, t):
    """Steps of the plan at t, exactly, as numerator and denominator."""
    return plan.emitted * plan.den + plan.num + plan.per_ms * (t - plan.t), plan.den


def _equal(a, b):
    return a[0] * b[1] == b[0] * a[1]


def _steps_between(a, b):
    return (b[0] * a[1] - a[0] * b[1]) // (a[1] * b[1])


@req("R9", "GIP 6.2", "H5")
def test_another_concentration_needs_the_dead_volume():
    ward = started()
    refusal = ward.refusal("PRESCRIBE", **rx(conc_ng_per_ml=2000000, conc_again_ng_per_ml=2000000))
    assert (refusal.error, refusal.rule, refusal.field) == (s.BAD_FIELD, 9, "dead_nl")
    assert ward.rule("PRESCRIBE", **rx(**dict(NEW, dead_nl=9999))) == 9
    assert ward.rule("PRESCRIBE", **rx(**dict(NEW, dead_nl=5000001))) == 9
    assert ward.rule("PRESCRIBE", **rx(**dict(NEW, dead_nl=0))) == 9, "the line of a running therapy can not be primed"
    assert ward.refusal("PRESCRIBE", **rx(dead_nl=250000)).error == s.BAD_FIELD
    read = ward.check("PRESCRIBE", **rx(**NEW))
    assert (read["old_conc_ng_per_ml"], read["bridge_ms"], read["conc_ng_per_ml"]) == (500000, BRIDGE_MS, 2000000)


@req("R9")
def test_the_old_drug_sets_the_steps_until_the_dead_volume_has_passed():
    ward = _bridging()
    therapy = ward.therapy
    t0 = therapy.now
    begin = _position(therapy.plan, t0)
    _go(ward, BRIDGE_MS - 5000)
    assert therapy.line.conc == 500000 and therapy.line.coming == 2000000
    pushed = _steps_between(begin, _position(therapy.plan, therapy.now))
    assert abs(pushed - 250000 * 543281 // 10000000) < 3, pushed
    _go(ward, 10000)
    assert therapy.line.conc == 2000000 and not therapy.line.coming
    mark = _position(therapy.plan, therapy.now)
    _go(ward, DAY)
    a_day = _steps_between(mark, _position(therapy.plan, therapy.now))
    assert abs(a_day - 50000 * 543281 // 10000000) < 3, a_day


@req("R9")
def test_the_plan_loses_nothing_at_the_change():
    ward = _bridging()
    plan = ward.therapy.plan
    at = ward.therapy.next_event()
    before = _position(plan, at)
    _go(ward, at - ward.therapy.now)
    assert ward.therapy.line.conc == 2000000
    assert _equal(_position(plan, at), before), "not by the smallest fraction of a step"
    for conc in (500000, 50000, 1000000, 500000, 2000000):
        ward.prescribe(conc_ng_per_ml=conc, conc_again_ng_per_ml=conc, dead_nl=10000)
        at = ward.therapy.next_event()
        before = _position(plan, at)
        _go(ward, at - ward.therapy.now)
        assert ward.therapy.line.conc == conc and _equal(_position(plan, at), before)
    assert plan.den < 1 << 90, "changes back and forth do not let the denominator grow"


@req("R9", "exactness")
def test_whatever_the_ratios_are_the_place_stays_and_the_rate_is_the_new_one():
    plan = Plan((7, 3), 0)
    plan.set_rate(1000, 0)
    t = 0
    for num, den in ((5, 12), (7, 9), (1, 2), (11, 18), (7, 3)):
        t += 86399999
        before = _position(plan, t)
        plan.set_ratio((num, den), t)
        plan.set_rate(1000, t)
        assert _equal(_position(plan, t), before)
        assert plan.per_ms * den * DAY == 1000 * num * plan.den, "1000 ng/day at num/den steps a ng"
        other = Plan((0, 1), 0)
        other.restore(plan.dump())
        assert other.dump() == plan.dump()


@req("R9")
def test_no_bolus_and_no_second_change_meanwhile():
    ward = _bridging()
    _go(ward, HOUR)
    for role in (s.OPERATOR, s.CLINICIAN):
        refusal = ward.refusal("BOLUS", role, dose_ng=5000, reason="pain")
        assert (refusal.error, refusal.rule) == (s.LIMIT, 9)
        assert abs(refusal.in_ms - (BRIDGE_MS - HOUR)) < 60000
    again = dict(NEW, conc_ng_per_ml=1000000, conc_again_ng_per_ml=1000000)
    assert ward.rule("PRESCRIBE", **rx(**again)) == 9
    assert ward.rule("PRESCRIBE", **rx(conc_ng_per_ml=500000, conc_again_ng_per_ml=500000, dead_nl=250000)) == 9, "nor back"
    same = {"conc_ng_per_ml": 2000000, "conc_again_ng_per_ml": 2000000}
    assert ward.rule("PRESCRIBE", **rx(**same)) is None, "D may change, the bridge goes on"
    _go(ward, BRIDGE_MS)
    assert ward.rule("BOLUS", s.OPERATOR, dose_ng=5000) is None
    assert ward.rule("PRESCRIBE", **rx(**again)) is None


@req("R9")
def test_not_while_a_bolus_runs():
    ward = started()
    ward.order("BOLUS", s.OPERATOR, dose_ng=5000)
    refusal = ward.refusal("PRESCRIBE", **rx(**NEW))
    assert (refusal.error, refusal.rule, refusal.text) == (s.NOT_NOW, 9, "bolus_runs")


@req("R9")
def test_a_stop_does_not_advance_the_bridge():
    ward = _bridging()
    ward.order("SUSPEND")
    assert ward.therapy.line.coming == 2000000
    left = ward.therapy.bridge_steps()
    _go(ward, 40 * HOUR)
    assert ward.therapy.bridge_steps() == left
    ward.order("RESUME")
    _go(ward, BRIDGE_MS - HOUR)
    assert ward.therapy.line.coming
    _go(ward, 2 * HOUR)
    assert not ward.therapy.line.coming


@req("R9")
def test_after_a_cut_the_change_is_taken_at_the_end_that_doses_less():
    for conc, now in ((2000000, True), (50000, False)):
        ward = _bridging(conc_ng_per_ml=conc, conc_again_ng_per_ml=conc)
        left = ward.therapy.bridge_steps()
        ward.cut(0, lost_steps=left)  # they may have left or not
        assert (ward.therapy.bridge_steps() == 0) is now, conc


@req("R9")
def test_given_drug_is_counted_at_the_concentration_it_left_with():
    ward = started()
    therapy = ward.therapy
    _go(ward, 2 * DAY)
    ward.prescribe(**NEW)
    _go(ward, BRIDGE_MS + DAY)
    assert therapy.line.conc == 2000000
    assert abs(therapy.most_ng() - 425000) < 40, therapy.most_ng()
    assert abs(therapy.known_ng(therapy.known_steps()) - 425000) < 40


@req("GIP 1.10", "R13")
def test_an_occlusion_after_the_change_cannot_take_back_more_than_was_given():
    """A minute after 500 became 2000 mcg/mL, 3 days at 100 mcg/day and the bridge are behind: 22,000 steps in doubt are worth 4 times that."""
    ward = _bridging()
    _go(ward, BRIDGE_MS + 60000)
    therapy = ward.therapy
    assert therapy.line.conc == 2000000
    therapy.gap_steps += 22000
    known = therapy.known_steps()
    assert 0 < known < therapy.before[1]
    assert therapy.known_ng(known) == 0
    assert therapy.most_ng() // 1000 == 325, "3.25 days at 100 mcg/day"
    therapy.gap_steps += 1000000
    assert therapy.known_steps() == 0


@req("R9")
def test_a_start_with_another_concentration_bridges_too_unless_the_line_is_primed():
    ward = _ended()
    start = dict(rx(), conc_ng_per_ml=1000000, conc_again_ng_per_ml=1000000, dead_nl=0)
    assert ward.refusal("PRESCRIBE", **rx(conc_ng_per_ml=1000000, conc_again_ng_per_ml=1000000)).rule == 9
    assert ward.rule("PRESCRIBE", **start) == 9
    assert ward.rule("PRESCRIBE", **dict(start, dead_nl=250000)) is None
    ward.order("PRIME", s.OPERATOR, volume_nl=300000, disconnected=1)
    ward.therapy.plan.take(16000)
    _go(ward, HOUR)
    ward.order("PRESCRIBE", **start)
    assert (ward.therapy.line.conc, ward.therapy.line.coming) == (1000000, 0)


@req("R9")
def test_priming_pushes_a_bridge_on():
    ward = _bridging()
    left = ward.therapy.bridge_steps()
    ward.order("SUSPEND")
    _go(ward, 49 * HOUR)
    ward.order("CLOSE", reason="explant")
    assert ward.therapy.bridge_steps() == left
    ward.order("PRIME", s.OPERATOR, volume_nl=100000, disconnected=1)
    ward.therapy.plan.take(5400)
    _go(ward, HOUR)
    assert ward.therapy.bridge_steps() == left - 5400


@req("R9")
def test_how_long_a_bridge_still_takes_is_said_from_now_on():
    """Not from when the last step was granted: an hour later it is an hour less, whether steps were granted meanwhile or not."""
    ward = _bridging()
    before = ward.refusal("BOLUS", dose_ng=1000).in_ms
    ward.go(HOUR)
    assert ward.refusal("BOLUS", dose_ng=1000).in_ms == before - HOUR


@req("R9", "R10")
def test_a_bridge_that_priming_ends_waits_until_priming_is_over():
    """What is primed passes the tip, too; but a nL of priming is a nL, whichever drug it holds, and no therapy's steps are reckoned anew."""
    for again in (False, True):
        ward = _bridging()
        ward.order("SUSPEND")
        _go(ward, 49 * HOUR)
        ward.order("CLOSE", reason="explant")
        if again:  # nothing is prescribed then
            ward.order("PROVISION", library="baclofen-itb", syringe="bd-3ml")
        ward.order("PRIME", s.OPERATOR, volume_nl=600000, disconnected=1)
        therapy = ward.therapy
        plan = therapy.plan
        ward.go(10000)
        plan.take(plan.steps_by(therapy.now))
        ward.go(0)
        assert (ward.state, therapy.ratio, therapy.line.coming != 0) == (s.PRIMING, (0, 1), True)
        plan.take(600000 * therapy.per_nl[0] // therapy.per_nl[1] - plan.emitted)
        ward.go(HOUR)
        assert (ward.state, therapy.line.conc, therapy.line.coming) == (s.READY, 2000000, 0)


@req("R9")
def test_a_bridge_is_journaled():
    ward = _bridging()
    values = ward.therapy.dump()
    other = Ward()
    other.therapy.row, other.therapy.syringe = ward.therapy.row, ward.therapy.syringe
    other.therapy.restore(values)
    at = ward.therapy.next_event()
    assert other.therapy.next_event() == at
    _go(ward, at + HOUR - ward.therapy.now)
    _go(other, at + HOUR - other.therapy.now)
    assert other.therapy.dump() == ward.therapy.dump()


def _ended():
    ward = started()
    ward.order("SUSPEND")
    _go(ward, 49 * HOUR)
    ward.order("CLOSE", reason="explant")
    return ward


@req("R9", "GIP 1.5")
def test_a_syringe_that_is_low_before_the_bridge_ends_is_reckoned_with_what_is_at_the_tip():
    ward = _bridging(dead_nl=5000000)
    # 2.6 mL are left, low is three worst days of 230 uL: 1.91 mL at 200 uL a day are 9.55 days; a step is 18.4 nL
    assert abs(outlook.low_in_ms(ward.therapy) - 825120000) < 180000


@req("R9")
def test_steps_in_doubt_from_before_the_change_count_as_the_strongest():
    """A lower bound: a step of 1 nL / 0.054328 at the library's 2000 mcg/mL is 36.81 ng, though 500 mcg/mL have come to the tip."""
    ward = started()
    therapy = ward.therapy
    therapy.before, therapy.plan.emitted, therapy.gap_steps = [10000, 100, 10000, 100], 100, 10
    assert therapy.known_ng(therapy.known_steps()) == 10000 - 369
    therapy.plan.emitted += 20
    assert therapy.known_ng(therapy.known_steps()) == 10000 + 92, "10 steps of 9.2 ng came after it"
