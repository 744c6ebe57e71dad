"""How far the plunger goes back after an occlusion, what the governor lets back, and what the books say then. For all three interpreters.

Numbers by hand: the bore of bd-3ml is 8.66 mm, an area of 58.9014 mm^2; a step of the sim board moves 1 mm / 3200 of it, 18.4067 nL.
"""

from pump.core import backoff
from support import req
from ward import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, started
from wire import alarms, events
from wire import schema as s

HALF_A_ML = 27164  # steps: 500,000 / 18.4067


def moved(ward, steps):
    """So many steps went forward through the governor."""
    for _ in range(steps):
        assert ward.therapy.governor.release(1, ward.therapy.now)
    ward.therapy.plan.take(steps)


def occluded(steps=400):
    ward = started()
    ward.go(HOUR)
    moved(ward, steps)
    ward.therapy.alarm(alarms.OCCLUSION)
    assert ward.state == s.HELD
    return ward


@req("GIP 1.10")
def test_the_force_of_100_kpa_on_each_syringe():
    for syringe, newton_1000 in (("bd-1ml", 1794), ("bd-3ml", 5890), ("bd-10ml", 16513)):  # pi/4 d^2 x 100 kPa
        ward = started()
        ward.therapy.syringe = (syringe, {"bd-1ml": 4780, "bd-3ml": 8660, "bd-10ml": 14500}[syringe], 0, "")
        force = backoff.mn(ward.therapy, 100)
        assert abs(force - newton_1000) <= 1, (syringe, force)
        assert backoff.kpa(ward.therapy, force) == 100


@req("GIP 1.10")
def test_what_may_be_left_to_flow_is_an_hour_of_basal_and_never_more_than_half_a_ml():
    assert backoff.release_steps(started().therapy) == 452  # 100/24 mcg at 500 mcg/mL: 8.333 uL
    ward = started(basal_ng_per_day=50000, conc_ng_per_ml=50000, conc_again_ng_per_ml=50000)
    assert backoff.release_steps(ward.therapy) == 2263  # 50/24 mcg at 50 mcg/mL: 41.667 uL
    ward.therapy.history.program(ward.therapy.now, 800000)  # 666.7 uL an hour
    assert HALF_A_ML - 1 <= backoff.release_steps(ward.therapy) <= HALF_A_ML


@req("GIP 1.8.1", "R15")
def test_the_governor_lets_back_only_what_went_forward_since_the_last_time():
    ward = started()
    governor = ward.therapy.governor
    assert not governor.release_back(1), "nothing went forward yet"
    moved(ward, 100)
    assert not governor.release_back(101)
    assert governor.release_back(60)
    assert governor.release_back(40)
    assert not governor.release_back(1)
    moved(ward, 5)
    assert not governor.release_back(6)
    assert governor.release_back(5)


@req("GIP 1.8.1", "R15")
def test_the_governor_lets_back_half_a_ml_at_most():
    ward = started()
    governor = ward.therapy.governor
    governor.hour_cap = governor.day_cap = 1 << 29
    for _ in range(40):
        governor.release(1000, ward.therapy.now)
    back = 0
    while governor.release_back(100):
        back += 100
    assert HALF_A_ML - 200 <= back <= HALF_A_ML, back


@req("GIP 1.8.1", "R15")
def test_a_restart_does_not_give_the_governor_s_budget_back():
    ward = occluded()
    assert ward.therapy.governor.release_back(400)
    ward.cut()
    assert not ward.therapy.governor.release_back(1)


@req("GIP 1.10")
def test_each_portion_is_in_the_books_before_it_moves():
    ward = occluded()
    therapy = ward.therapy
    most, known = therapy.plan.emitted, therapy.known_steps()
    backoff.begin(therapy, 400)
    assert therapy.back_left == 400 + 100 + 64
    taken = 0
    while True:
        steps = backoff.portion(therapy)
        if not steps:
            break
        taken += steps
        assert therapy.known_steps() == known - taken
        assert therapy.plan.emitted == most, "counts as delivered for every limit"
    assert taken == 400, "no more than went in, whatever the play"
    backoff.end(therapy, 390, 10, 7)
    assert therapy.known_steps() == known - 390
    assert therapy.back_left == 0
    assert (events.BACKED_OFF, 390, 7, "") in therapy.news


@req("GIP 1.10", "R13")
def test_what_was_pulled_back_is_a_deficit_that_is_said_beyond_5_percent_of_a_day():
    for back, said in ((540, False), (545, True)):  # 5 mcg are 543.3 steps
        ward = occluded(600)
        backoff.begin(ward.therapy, 600)
        backoff.end(ward.therapy, back, 0, 0)
        assert (ward.therapy.alarms.find(alarms.DEFICIT) is not None) == said, back


@req("R6")
def test_what_was_pulled_back_leaves_no_room_for_more_drug():
    ward, other = occluded(), occluded()
    backoff.begin(ward.therapy, 400)
    while backoff.portion(ward.therapy):
        pass
    backoff.end(ward.therapy, 400, 0, 0)
    for each in (ward, other):
        each.therapy.alarm(alarms.OCCLUSION, False)
        each.therapy.alarms.ack(alarms.OCCLUSION, each.therapy.now)
    assert ward.check("RESUME", OPERATOR)["total_24h_ng"] == other.check("RESUME", OPERATOR)["total_24h_ng"]
    assert ward.therapy.reservoir.left_nl(ward.therapy.odometer()) == other.therapy.reservoir.left_nl(other.therapy.odometer())


@req("GIP 1.10")
def test_what_is_left_follows_from_how_the_force_fell():
    assert backoff.left_steps(0, 5890, 5890) > 1 << 20, "nothing is known before the first pull"
    assert backoff.left_steps(64, 5890, 5890) > 1 << 20, "play"
    assert backoff.left_steps(1000, 5000, 2500) == 1000
    assert backoff.left_steps(900, 5000, 500) == 100
    assert backoff.left_steps(900, 5000, 0) == backoff.left_steps(900, 5000, -20) == 0


# --- three stops ------------------------------------------------------------------------------------------------------------


def stop(ward):
    therapy = ward.therapy
    therapy.alarm(alarms.SEAT)
    assert ward.state == s.HELD
    therapy.alarm(alarms.SEAT, False)
    therapy.alarms.ack(alarms.SEAT, therapy.now)


@req("OPCA R6.5.0(18)")
def test_three_stops_by_alarms_in_ten_minutes_call_a_clinician():
    for last_ms, called in ((5 * MINUTE, True), (5 * MINUTE + 1, False)):
        ward = started()
        ward.go(HOUR)
        for i in range(3):
            stop(ward)
            if i < 2:
                assert ward.therapy.alarms.find(alarms.OFTEN) is None
                ward.order("RESUME", OPERATOR)
                ward.cut()
                ward.go(last_ms if i else 5 * MINUTE)
        assert (ward.therapy.alarms.find(alarms.OFTEN) is not None) == called, last_ms
        if called:
            refusal = ward.refusal("RESUME", OPERATOR)
            assert (refusal.error, refusal.value) == (s.NOT_NOW, alarms.OFTEN)
            assert ward.d_mcg == 100, "an interruption keeps D"
        ward.order("RESUME", CLINICIAN)
        assert ward.state == s.INFUSING
        assert ward.therapy.alarms.find(alarms.OFTEN) is None


@req("OPCA R6.5.0(18)")
def test_what_people_stop_does_not_count():
    ward = started()
    ward.go(DAY)
    for _ in range(4):
        ward.order("SUSPEND", OPERATOR)
        ward.order("RESUME", OPERATOR)
    assert ward.therapy.alarms.find(alarms.OFTEN) is None
