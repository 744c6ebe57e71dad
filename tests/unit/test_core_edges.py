"""The core's small arithmetic, on both sides of each boundary, with numbers worked out by hand in the comments."""

from peer import rx
from pump.core import backoff, due, level, power
from pump.core.alarms import Alarms
from pump.core.governor import Governor
from pump.core.history import History
from pump.core.level import Level
from pump.core.line import Line
from pump.core.outlook import low_in_ms
from pump.core.plan import Plan
from pump.core.profile import total_ng
from support import req
from ward import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, ready, started
from wire import alarms, events
from wire import schema as s
from wire.rows import rows_hash

NO_BOLUS = {name: None for name in ("pb_dose_ng", "pb_duration_ms", "pb_lockout_ms", "pb_max")}
STRONG = {"conc_ng_per_ml": 1000000, "conc_again_ng_per_ml": 1000000}


def holds(ward, nl):
    ward.therapy.reservoir.refill(nl, ward.therapy.odometer())


@req("GIP 1.5")
def test_when_the_reservoir_will_be_low():
    """100 mcg/day of 500 mcg/mL are 200 uL a day; the most that a day can use is 115 mcg, 230 uL, and three of them are low: 690 uL."""
    assert low_in_ms(ready().therapy) == 0
    ward = started()
    for nl, ms in ((3000000, 2310 * DAY // 200), (690001, 432), (690000, 0), (1, 0)):
        holds(ward, nl)
        assert low_in_ms(ward.therapy) == ms, nl
    holds(ward, 3000000)
    ward.order("BOLUS", OPERATOR, dose_ng=5000)  # 10 uL in 5 min
    ward.go(MINUTE)
    assert low_in_ms(ward.therapy) == 2302 * DAY // 200
    holds(ward, 695000)  # the bolus will use that up
    assert low_in_ms(ward.therapy) == 0
    ward.go(4 * MINUTE)
    assert low_in_ms(ward.therapy) == 5 * DAY // 200
    # a syringe that hardly anything is used of: low at a tenth of its filling
    ward = started(basal_ng_per_day=27000, max_24h_ng=27000, **NO_BOLUS)
    assert low_in_ms(ward.therapy) == 2700 * DAY // 54


@req("GIP 1.5", "R9")
def test_when_it_will_be_low_beyond_a_bridge():
    """5433 steps of dead volume are 100003.6 uL; then 100 uL a day of the stronger drug, low at 3 x 115 uL."""
    ward = started()
    ward.prescribe(dead_nl=100000, **STRONG)
    bridge = 100003 * DAY // 200000
    assert low_in_ms(ward.therapy) == bridge + (3000000 - 100003 - 345000) * DAY // 100000
    holds(ward, 690000 + 50000)
    assert low_in_ms(ward.therapy) == DAY // 4
    holds(ward, 690000 + 100003)
    assert low_in_ms(ward.therapy) == bridge
    holds(ward, 790004)
    assert low_in_ms(ward.therapy) == bridge + (790004 - 100003 - 345000) * DAY // 100000
    holds(ward, 690000)
    assert low_in_ms(ward.therapy) == 0


@req("GIP 1.5", "profiles")
def test_when_it_will_be_low_by_a_profile():
    """2310 uL are eleven days and 55 mcg. In rows of six hours, 20, 30, 20 and 30 mcg: two rows and 5 mcg at 80 a day."""
    rows = [[0, 80000], [6 * HOUR, 120000], [12 * HOUR, 80000], [18 * HOUR, 120000]]
    for phase, ms in ((0, 13 * HOUR + HOUR // 2), (6 * HOUR, 13 * HOUR), (23 * HOUR, 13 * HOUR)):
        # from 6 h: 30, 20 and 5 at 120: 1 h. From 23 h: 5 in an hour, 20, 30: 13 h and nothing left
        ward = started(mode=s.FLEX, rows=rows, rows_hash=rows_hash(rows), phase_ms=phase)
        assert low_in_ms(ward.therapy) == 11 * DAY + ms, phase


@req("exactness")
def test_when_the_steps_of_a_plan_are_due():
    """A step a second of basal from 1000 ms on, each due when the plan is half way to it; and a bolus of ten steps in 20 s on top."""
    plan = Plan((1, 1), 1000)
    plan.set_rate(86400, 1000)
    assert (plan.due(), plan.due_us(), plan.due_us(1), plan.due_us(2), plan.due_us(3)) == (1500, 500000, 500000, 1500000, 2500000)
    assert [plan.steps_by(t) for t in (1000, 1499, 1500, 2499, 2500)] == [0, 0, 1, 1, 2]
    num, den = plan.rate()
    assert num * 1000 == den
    plan.start_bolus(10, 20000, 1000)
    num, den = plan.rate()
    assert num * 2000 == den * 3
    assert (plan.due(), plan.due_us(), plan.due_us(2)) == (1334, 333334, 1000000)
    assert [plan.steps_by(t) for t in (1333, 1334, 1999, 2000)] == [0, 1, 1, 2]
    plan.settle(3000)  # two of basal, one of the bolus
    assert (plan.due(), plan.due_us(), plan.steps_by(3000)) == (3000, 0, 3)
    plan.take(3)
    assert (plan.emitted, plan.due(), plan.due_us(), plan.due_us(2), plan.steps_by(3000)) == (3, 3334, 333334, 1000000, 0)
    plan.settle(2000)  # time does not go back
    assert plan.t == 3000
    plan.end_bolus(11000)  # half of it: ten of basal and five
    assert plan.dump() == [11000, 12 * DAY, 3, 86400, 0, 1000, 1, 1, DAY]
    assert plan.steps_by(11000) == 12 and plan.due() == 11000
    plan.take(12)
    assert (plan.due(), plan.due_us(), plan.steps_by(11499), plan.steps_by(11500)) == (11500, 500000, 0, 1)
    plan.num = -3 * DAY // 2  # waits after a power cut
    assert (plan.due(), plan.due_us(), plan.steps_by(11000), plan.steps_by(12999), plan.steps_by(13000)) == (13000, 2000000, 0, 0, 1)
    plan.set_rate(7 * 86400, 11000)
    assert plan.due() == 11286 and plan.due_us() == 285715  # 2/7 s


@req("level")
def test_a_level_after_a_cut_and_as_a_share():
    """With a half-life of a minute (f = 1/2): a cut of 60001 ms is two minutes for the least and one for the most."""
    it = Level()
    it.f = 1 << 31
    for off_ms, uncertain, low, high in (
        (0, 1, 1100, 2100 + DAY),
        (60001, 0, 275, 1050),
        (60000, 0, 550, 1050),
        (59999, 0, 550, 2100),
        (-1, 0, 0, 2100),
    ):
        it.restore([7, 1000, 2000, 100])
        it.off(uncertain, off_ms)
        assert it.dump() == [7, low, high, 0], off_ms
    it.restore([0, DAY - 1, DAY, 1])
    assert it.ng() == (1, 2)
    it.restore([0, DAY - 2, DAY - 1, 1])
    assert it.ng() == (0, 1)
    # in the long run 1 ng/day keeps 2 minutes of it: 120000 units. 249.5 per mille are 29940
    it.restore([0, 29939 - 30, 59939 - 30, 30])
    assert it.permille(1) == (249, 499)
    it.restore([0, 29940 - 30, 59940 - 30, 30])
    assert it.permille(1) == (250, 500)
    assert level.after(1000, 1 << 31, 8, 0) == 1000 and level.after(1000, 1 << 31, 8, 1) == 508 and level.after(1000, 1 << 31, 8, 3) == 139


@req("level")
def test_what_enters_a_level_while_a_bolus_runs():
    it = Level()
    it.f = 1 << 32  # nothing goes
    it.run(6, 0, [1, 8, -1, 1])  # 5/7 of a ng
    assert it.dump() == [6, 0, 0, DAY * 5 // 7]
    it.run(8, 0, [1, 8, -1, 1])
    it.run(MINUTE, 2, [1, 8, -1, 1])
    assert it.dump() == [MINUTE, DAY + 2 * (MINUTE - 8), DAY + 2 * (MINUTE - 8), 0]
    it.run(3 * MINUTE + 5, 2, None)
    assert it.dump() == [3 * MINUTE + 5, DAY + 2 * (3 * MINUTE - 8), DAY + 2 * (3 * MINUTE - 8), 10]


def governor(minute, **caps):
    it = Governor()
    it.minute = minute
    it.hour_cap, it.day_cap = caps.get("hour", 0), caps.get("day", 0)
    return it


@req("R15")
def test_the_governor_counts_in_the_steps_of_another_drug():
    """Weight 2 becomes 3: 7, 3 and 5 steps are 14, 6 and 10 units, together 30: 5 (14/3 rounded up), 7 - 5 and 10 - 7 steps."""
    it = governor(1500)
    it.weight = 2
    it.minutes[61], it.minutes[59], it.minutes[60] = 7, 3, 5  # minutes 61, 1499 and 1500
    it.caps = [[-1, 10, 21]]
    it._weigh(3)
    assert (it.minutes[61], it.minutes[59], it.minutes[60], sum(it.minutes)) == (5, 2, 3, 10)
    assert (it.weight, it.day_sum, it.hour_sum, it.caps) == (3, 10, 5, [[-1, 7, 14]])
    it._weigh(3)
    assert (it.day_sum, it.caps) == (10, [[-1, 7, 14]])
    it = governor(10)
    it.add(5, 10 * MINUTE)
    it._weigh(3)  # of steps that nobody weighed nobody can say more
    assert (it.weight, it.minutes[10], it.day_sum) == (3, 5, 5)
    it = governor(10)
    it.weight, it.minutes[10], it.caps = 1, 5, [[-1, 10, 21]]
    it._weigh(2)
    assert (it.minutes[10], it.caps) == (3, [[-1, 5, 11]])
    it = governor(0)
    it.weight = 2
    it.restore([[0, 3, 1]], 0)
    assert it.minutes[0] == 2
    it.restore([[0, 0, 4], [0, 2, 3]], 0)  # the fuller of two records
    assert it.minutes[0] == 4


@req("R15")
def test_the_governor_s_windows_roll():
    it = governor(0)
    it.minutes[0] = it.hour_sum = it.day_sum = 5
    it.roll(59 * MINUTE + 59999)
    assert (it.minute, it.hour_sum, it.day_sum) == (59, 5, 5)
    it.roll(60 * MINUTE)
    assert (it.minute, it.hour_sum, it.day_sum) == (60, 0, 5)
    it.roll(1439 * MINUTE)
    assert (it.hour_sum, it.day_sum, it.minutes[0]) == (0, 5, 5)
    it.roll(DAY)
    assert (it.minute, it.hour_sum, it.day_sum, sum(it.minutes)) == (1440, 0, 0, 0)
    it.minutes[0] = it.hour_sum = it.day_sum = 5
    it.roll(3 * DAY)
    assert (it.minute, it.hour_sum, it.day_sum, sum(it.minutes)) == (4320, 0, 0, 0)
    it.roll(DAY)
    assert it.minute == 4320
    it = governor(1440)
    it.minutes[0], it.minutes[1] = 3, 5  # of minute 1440, not of 0
    assert it.hour(0)[:4] == [0, 0, 0, 5] and it.hour(24) == [24, 0, 3] and len(it.hour(0)) == 62
    it = governor(10)
    it.minutes[8] = 1
    it.add(7, 8 * MINUTE + 5)  # three minutes: 7/3, 14/3, 7
    assert ([it.minutes[m] for m in (7, 8, 9, 10, 11)], it.day_sum) == ([0, 3, 2, 3, 0], 8)
    it = governor(3000)
    it.add(1440, 0)
    assert (min(it.minutes), max(it.minutes), it.day_sum, it.hour_sum) == (1, 1, 1440, 60)


@req("R15", "R10")
def test_the_governor_lets_go_of_its_caps_and_not_of_a_step_more():
    it = governor(0, hour=10, day=20)
    it.back_cap = 15
    assert it.release(10, 0) and not it.release(1, 0) and it.forth == 10
    assert it.release(10, HOUR) and not it.release(1, 2 * HOUR) and (it.day_sum, it.forth) == (20, 20)
    assert not it.release_back(16) and it.release_back(15) and it.forth == 0
    it.went(4)
    it.went(0)
    it.went(-3)
    assert it.forth == 4
    it.went(100)
    assert it.forth == 15
    it.budget = 3
    assert it.release(1, 0) and it.release(1, 0) and not it.release(1, 0)


@req("R15")
def test_the_governor_s_caps_by_its_own_arithmetic():
    """Of a drug of 1 ng/mL a ng is 1 mL: 3200 / (3.14159265 / 4 x 8.66^2 x 1 uL) = 54.328074 steps a uL, 54328.07 of them. The hour's
    cap has a ng more. On top a fiftieth and 4 steps."""
    it = Governor()
    it.arm(0, 0, 1, 1, 8660, 1000000, 3200, 0)
    assert it.caps == [[-1, 108656 + 2173 + 4, 54328 + 1086 + 4]] and (it.hour_cap, it.day_cap) == (110833, 55418)
    assert (it.weight, it.back_cap) == (8660 * 8660, 27164)  # half a mL
    it.arm(0, 0, 1, 1, 8660, 1000000, 3200, 5)  # no less: no former one
    assert len(it.caps) == 1
    it.arm(0, 0, 2, 1, 8660, 1000000, 3200, 5)
    assert len(it.caps) == 1
    it.arm(1, 0, 2, 1, 8660, 1000000, 3200, 5)  # an hour may hold less, a day the same
    assert [cap[0] for cap in it.caps] == [5 + DAY, 5 + HOUR, -1]


@req("GIP 1.10")
def test_portions_of_a_back_off():
    therapy = started().therapy
    gap = therapy.gap_steps
    for left, forth, steps in ((100, 1000, 64), (36, 1000, 36), (2000, 5000, 125), (1600, 99, 99), (64, 1, 1), (5, 0, 0), (0, 9, 0)):
        therapy.back_left, therapy.governor.forth, therapy.governor.back_cap = left, forth, 5000
        therapy.gap_steps = 3
        assert backoff.portion(therapy) == steps, left
        assert (therapy.back_left, therapy.gap_steps, therapy.governor.forth) == (left - steps, 3 + steps, forth - steps)
    therapy.gap_steps = gap
    assert [backoff.left_steps(100, 10, mn) for mn in (-1, 0, 1, 5, 10, 11)] == [0, 0, 11, 100, 1 << 30, 1 << 30]
    assert backoff.left_steps(5, 0, 0) == 0 and backoff.left_steps(9, 10, 1) == 1
    # 1 MPa on 8.66 mm: 355/113 / 4 x 8660^2 um^2 = 58.9014 N
    assert (backoff.mn(therapy, 1000), backoff.mn(therapy, 1000000)) == (58901, 58901411)
    assert [backoff.kpa(therapy, mn) for mn in (0, 29, 30, 58901, 5890100)] == [0, 0, 1, 1000, 100000]


@req("GIP 1.10")
def test_a_back_off_that_costs_more_than_a_twentieth_of_a_day_says_so():
    """543 steps are 4997 ng, 5 % of 99.94 mcg."""
    for steps, stands in ((543, False), (544, True)):
        ward = started(basal_ng_per_day=99940)
        ward.therapy.back_left, ward.therapy.gap_steps = 7, 600
        backoff.end(ward.therapy, steps, 9, 40)
        assert (ward.therapy.alarms.find(alarms.DEFICIT) is not None) == stands
        assert (ward.therapy.back_left, ward.therapy.gap_steps) == (0, 591)
        assert (44, steps, 40, "") in ward.therapy.news


@req("R2", "R3", "R5", "R6")
def test_what_a_history_keeps_and_what_it_merges():
    it = History()
    for i in range(48):
        it.program(i, {0: 10, 1: 20, 2: 15}.get(i, 100 + i))
    assert len(it.rungs) == 48 and it.rungs[0] == [0, 10, 10]
    it.program(48, 7)
    assert len(it.rungs) == 48 and it.rungs[0] == [0, 10, 20]
    it.program(49, 7)
    assert it.rungs[0:2] == [[0, 10, 20], [3, 103, 103]] and it.lowest(0) == 7 and it.highest(0) == 147
    assert not it.held(20, -1) and not it.held(10, -1) and it.held(103, -1) and not it.held(103, 4) and it.held(103, 3)
    it = History()
    it.program(0, 10)
    it.program(5, 20)
    it.program(5 + 72 * HOUR, 30)  # the first ended 72 h ago
    assert it.rungs == [[5, 20, 20], [5 + 72 * HOUR, 30, 30]]
    it = History()
    it.flow(0, 10)
    it.flow(DAY, 20)
    it.flow(2 * DAY - 1, 20)
    assert it.flows == [[0, 10], [DAY, 20], [2 * DAY - 1, 20]]
    it.flow(2 * DAY, 5)
    assert it.flows == [[DAY, 20], [2 * DAY - 1, 20], [2 * DAY, 5]]
    it = History()
    for i in range(73):
        it.flow(i, 100 + i)
    assert len(it.flows) == 72 and it.flows[0] == [0, 101]
    it = History()
    it.level.f = 1 << 32
    assert it.level_at(DAY).dump() == [DAY, 0, 0, 0] and it.level.t == 0
    it.bolus(0, MINUTE, 5)
    assert it.level_at(MINUTE).low == 5 * DAY
    it.bolus_over(0)  # at once: nothing flows
    assert it.level_at(MINUTE).low == 0
    it.bolus(7 * DAY - 1, 7 * DAY, 6)
    assert len(it.boluses) == 2
    it.bolus(7 * DAY, 8 * DAY, 7)
    assert [b[3] for b in it.boluses] == [6, 7]
    for i in range(48):
        it.impulse(i, 1, 2)
    assert len(it.impulses) == 48
    it.impulse(48, 5, 6)
    assert len(it.impulses) == 48 and it.impulses[0] == [1, 2, 4] and it.impulses[-1] == [48, 5, 6]
    it.impulse(1 + DAY, 1, 1)  # what is a day old goes
    assert it.impulses[0] == [2, 1, 2]


@req("R6", "R7", "power cut")
def test_what_a_cut_leaves_in_the_books():
    """100 steps in doubt are 920.4 ng. The plan goes on half a step before the next one, so cuts never add drug."""
    ward = started()
    it = ward.therapy
    it.plan.take(7)
    ward.go(MINUTE)
    now = it.now
    power.lost(it, it.plan.emitted - 40, it.plan.emitted + 60, 0)
    assert (it.plan.emitted, it.plan.num, it.plan.t, it.gap_steps) == (67, -(it.plan.den // 2), now, 100)
    assert it.history.impulses == [[now, 921, 921]] and it.off_ms == 0 and it.stopped_at == now
    power.lost(it, 67, 70, 10)
    assert it.gap_steps == 103 and it.off_ms == 10 and it.history.impulses[-1] == [now, 28, 28]
    power.lost(it, 70, 70, 20)  # nothing in doubt: nothing is booked; power away 30 ms in all
    assert len(it.history.impulses) == 2 and it.off_ms == 30
    low, high = it.history.level_at(now).ng()
    assert high - low in (948, 949, 950)
    # a bolus: counted whole, and that is more than 100 steps and half of it (921 + 2500); what is left is not given
    ward = started()
    it = ward.therapy
    ward.order("BOLUS", OPERATOR, dose_ng=5000)
    ward.go(150001)
    it.plan.settle(it.now)
    power.lost(it, 0, 100, 0)
    now = it.now
    assert it.history.impulses == [[now, 5000, 921]]
    assert it.history.boluses == [[HOUR, HOUR + 5 * MINUTE, now, 0]] and it.plan.dump()[4:7] == [0, HOUR, 1]
    ward = started()
    it = ward.therapy
    ward.order("BOLUS", OPERATOR, dose_ng=5000)
    ward.go(150001)
    it.plan.settle(it.now)
    power.lost(it, 0, 300, 0)  # 2761.1 and 2500.02: more than the dose
    assert it.history.impulses == [[it.now, 2762 + 2501, 2762]]


@req("R6", "R7", "power cut", "profiles")
def test_what_a_cut_leaves_of_a_profile():
    """Pump time goes back and its steps come again: the plan waits until it has caught up with what may have left."""
    rows = [[0, 80000], [12 * HOUR, 120000]]
    many = {"mode": s.FLEX, "rows": rows, "rows_hash": rows_hash(rows), "phase_ms": 0}
    ward = started(**many)
    it = ward.therapy
    ward.go(MINUTE)
    it.plan.settle(it.now)
    num = it.plan.num
    power.lost(it, 0, 100, 0)
    assert (it.plan.emitted, it.plan.num, it.plan.t, it.profile.unsure) == (100, num - 100 * it.plan.den, it.now, 0)
    assert it.history.impulses == [[it.now, 0, 921]]
    ward = started(**many)
    it = ward.therapy
    ward.go(MINUTE)
    power.lost(it, 0, 0, 1)  # nothing left: a whole step's time to the next one
    assert (it.plan.num, it.profile.unsure, it.history.impulses) == (-(it.plan.den // 2), 1, [])
    # 8.69 ng/min basal flow beside a bolus of 5 min: 6 more min could be 36.2 steps of basal... of 100 that is all that comes again
    ward = started(**many)
    it = ward.therapy
    ward.order("BOLUS", OPERATOR, dose_ng=5000)
    per_ms = it.plan.per_ms
    power.lost(it, 0, 100, 0)
    again = per_ms * 6 * MINUTE // it.plan.den + 1
    assert again == 37 and it.plan.num == -37 * it.plan.den
    assert it.history.impulses == [[it.now, 5000, 921]]


@req("R7", "R13", "power cut")
def test_time_without_power_counts_for_a_stop_and_a_change():
    ward = started()
    ward.order("SUSPEND", CLINICIAN)
    for off_ms, so_far in ((5, 5), (0, 5), (7, 12), (-1, -1), (9, -1)):
        ward.cut(off_ms)
        assert ward.therapy.off_ms == so_far
    ward = started()
    ward.order("CHANGE", CLINICIAN)
    begun = ward.therapy.now
    ward.cut(7)
    assert ward.therapy.change_at == begun - 7
    ward.cut(-1)
    assert ward.therapy.change_at == begun - 5 * MINUTE  # nobody knows: as late as it can be reminded of
    ward.cut(1)
    ward.cut(-1)
    assert ward.therapy.change_at == begun - 5 * MINUTE - 1
    ward = started()
    power.reset(ward.therapy, 5)
    power.reset(ward.therapy, 6)
    assert ward.therapy.gap_steps == 11 and ward.state == s.INFUSING


@req("alarms")
def test_a_latched_alarm_that_comes_back_is_a_new_one():
    it = Alarms()
    assert it.set(alarms.MOTOR, 5) is True and it.set(alarms.MOTOR, 6) is False
    assert it.clear(alarms.MOTOR) is True and it.clear(alarms.MOTOR) is False
    assert repr(it.entries) == "[[3, 5, 0, 0]]"
    assert it.set(alarms.MOTOR, 9) is True and repr(it.entries) == "[[3, 9, 1, 0]]"


@req("R3", "R4", "R7", "structure")
def test_what_is_due_and_in_which_order():
    ward = started()
    assert ward.therapy.advance(ward.therapy.now + 1) is False
    ward.go(HOUR)
    ward.order("TAPER", to_ng_per_day=50000, preset=0)
    now = ward.therapy.now
    assert ward.therapy.taper.dump() == [1, 0, 50000, 20, 48 * HOUR, 0, now, 0, "", 0]
    assert ward.therapy.advance(now) is True and ward.therapy.advance(now) is False
    ward.go(48 * HOUR - MINUTE)
    ward.order("BOLUS", CLINICIAN, dose_ng=5000, duration_ms=MINUTE)
    del ward.therapy.news[:]
    ward.go(MINUTE)  # both at once: the bolus first
    assert [row[0] for row in ward.therapy.news] == [events.BOLUS_ENDED, events.TAPER_STEP]
    for discontinue, following in ((0, 64000), (1, 0)):
        ward.therapy.taper.begin(64000, discontinue, 20, HOUR, 0, 0, "")
        assert due.next_rung(ward.therapy) == following
    # R3's pace, 20 % of the largest of two days, lets a gentle step of 10 % follow a change of 5 % at once
    ward = started()
    ward.go(HOUR)
    ward.set_basal(95)
    ward.order("TAPER", to_ng_per_day=50000, preset=1)
    assert ward.therapy.next_event() == ward.therapy.now
    # time without power counts for a stop
    for off_ms, left in ((7, 48 * HOUR - 6), (48 * HOUR, 1), (50 * HOUR, 1)):
        ward = started()
        ward.order("SUSPEND", CLINICIAN)
        ward.cut(off_ms)
        assert ward.therapy.next_event() == ward.therapy.now + left
    ward = ready()  # at the very first ms
    ward.prescribe()
    ward.order("SUSPEND", CLINICIAN)
    ward.go(48 * HOUR + 1)
    assert ward.check("RESUME", CLINICIAN, reason="x")["soft"] == 32


@req("R15")
def test_a_cap_of_before_is_let_go_when_its_time_is_over():
    it = governor(6)
    it.load([1, [[6 * MINUTE, 9, 9], [-1, 5, 5]], 0, 0])
    assert (it.caps, it.hour_cap, it.day_cap) == ([[-1, 5, 5]], 5, 5)
    it.load([1, [[6 * MINUTE + 1, 9, 8], [-1, 5, 5]], 0, 0])
    assert (len(it.caps), it.hour_cap, it.day_cap) == (2, 9, 8)
    it.roll(7 * MINUTE)
    assert (it.caps, it.hour_cap, it.day_cap) == ([[-1, 5, 5]], 5, 5)
    it = Governor()
    it.arm(0, 0, 2, 1, 8660, 1000000, 3200, 0)  # 3 ng: 162984.2 steps; and 2
    assert it.caps == [[-1, 162984 + 3259 + 4, 108656 + 2173 + 4]]
    it.arm(1, 1, 2, 1, 8660, 1000000, 3200, 0)  # as many an hour
    assert len(it.caps) == 1
    it.arm(2, 1, 2, 1, 8660, 1000000, 3200, 0)  # 2 ng: the hour of the change may hold the old one and an hour of the new basal
    assert it.caps[0] == [DAY, 166247, 110833] and it.caps[1] == [HOUR, 166247 + 54328 + 1086 + 4, 110833]
    assert it.caps[2] == [-1, 110833, 110833] and it.hour_cap == 221665


@req("R5", "R6", "profiles")
def test_more_of_alignments_and_of_when_a_bolus_fits():
    rows = [[0, 80000], [12 * HOUR, 120000]]
    many = {"mode": s.FLEX, "rows": rows, "rows_hash": rows_hash(rows), "phase_ms": 0}
    ward = started(**many)
    ward.go(HOUR)
    ward.order("SUSPEND", CLINICIAN)
    assert ward.check("ALIGN", OPERATOR, phase_ms=0)["total_24h_ng"] == 3334  # what has flowed: 80 mcg/day for an hour
    assert total_ng([[0, 80000], [12 * HOUR, 120001]]) == 100001 and total_ng([[0, 80000], [12 * HOUR, 120000]]) == 100000
    high = 52000 + 48000 * 1440
    once = [[0, high], [MINUTE, 52000]]
    doses = {"mode": s.PERIODIC, "rows": once, "rows_hash": rows_hash(once), "phase_ms": HOUR, "reason": "x"}
    doses.update(NO_BOLUS)
    ward = started(**doses)
    ward.check("ALIGN", OPERATOR, phase_ms=2 * HOUR)  # there was no dose yet
    ward.go(23 * HOUR + MINUTE)
    assert ward.rule("ALIGN", OPERATOR, phase_ms=0) == 5
    ward.prescribe(reason="x", max_24h_ng=200000, **many)
    ward.check("ALIGN", OPERATOR, phase_ms=0)  # no doses any more
    # a day of 100 mcg, then 80: with 5 more above 100 mcg, until that day has gone
    ward = started()
    ward.go(DAY)
    ward.prescribe(basal_ng_per_day=80000, max_24h_ng=100000)
    refusal = ward.refusal("BOLUS", CLINICIAN, dose_ng=5000)
    assert (refusal.rule, refusal.in_ms) == (6, DAY)


@req("R1", "R2", "R8", "R13", "R16")
def test_soft_limits_on_top_of_each_other():
    ward = started()
    ward.order("BOLUS", OPERATOR, dose_ng=5000)
    ward.go(5 * MINUTE)
    ward.therapy.rx[2] = 200000
    assert ward.check("BOLUS", CLINICIAN, dose_ng=25001, reason="x")["soft"] == 4 + 128
    with_reason = "a clinician may, with a reason"
    low = rx(screen_ng=12500, basal_ng_per_day=27000, pb_dose_ng=25001)
    ready().refuses(CLINICIAN, ("PRESCRIBE", low, s.LIMIT, 8, "basal_ng_per_day", 27000, None, 27000, None, with_reason))
    assert ready().check("PRESCRIBE", CLINICIAN, **dict(low, reason="x"))["soft"] == 2 + 128
    # R3: back to what was held within three days, above 80 x 1.15
    ward = started()
    ward.go(HOUR)
    ward.prescribe(basal_ng_per_day=80000)
    ward.go(DAY)
    ward.refuses(CLINICIAN, ("PRESCRIBE", rx(), s.LIMIT, 2, "basal_ng_per_day", 100000, None, 92000, None, with_reason))
    assert ward.check("PRESCRIBE", CLINICIAN, **rx(reason="x"))["soft"] == 8
    # above 500 mcg/day more than 20 %, by a spinal origin's 30 %
    ward = started(origin=s.ORIGIN_SPINAL)
    ward.go(DAY)
    ward.therapy.history.rungs = [[0, 420000, 420000]]
    more = rx(origin=s.ORIGIN_SPINAL, basal_ng_per_day=510000, max_24h_ng=900000)
    ward.refuses(CLINICIAN, ("PRESCRIBE", more, s.LIMIT, 2, "basal_ng_per_day", 510000, None, 504000, None, with_reason))
    assert ward.check("PRESCRIBE", CLINICIAN, **dict(more, reason="x"))["soft"] == 1 + 64
    ward.therapy.rx[2] = 900000
    plan = {"to_ng_per_day": 510000, "percent": 25, "hold_ms": DAY}
    ward.refuses(CLINICIAN, ("TITRATE", plan, s.LIMIT, 1, "to_ng_per_day", 510000, None, 500000, None, with_reason))
    ward.therapy.rx_soft = 128
    ward.order("TITRATE", CLINICIAN, reason="x", **plan)
    assert ward.therapy.rx_soft == 1 + 64 + 128 and ward.therapy.rx_reason == "x"
    assert ward.therapy.taper.dump() == [1, 0, 510000, 25, DAY, 0, ward.therapy.now, 0, "x", 1]


@req("R13", "alarms")
def test_after_three_stops_a_clinician_s_refill_lets_basal_go_on():
    for role, d in ((CLINICIAN, 100000), (OPERATOR, 0)):
        ward = started()
        ward.therapy.alarm(alarms.MOTOR)
        ward.therapy.alarm(alarms.MOTOR, False)
        ward.order("ACK", OPERATOR, alarm=alarms.MOTOR)
        ward.therapy.alarm(alarms.OFTEN)
        ward.order("CHANGE", OPERATOR)
        read = ward.order("REFILL", role, volume_nl=3000000, residual_nl=3000000)
        assert read["new_ng_per_day"] == d and ward.state == (s.INFUSING if d else s.HELD)


@req("R6", "R7", "power cut", "exactness")
def test_more_of_what_a_cut_leaves():
    for d, stands in ((99960, False), (99940, True)):  # 543 steps are 4997.4 ng, rounded up 5 % of the first
        ward = started(basal_ng_per_day=d)
        ward.cut(0, 543)
        assert (ward.therapy.alarms.find(alarms.DEFICIT) is not None) == stands
    ward = started()
    for off_ms, so_far in ((5, 5), (0, 5), (3, 8)):
        ward.cut(off_ms)
        assert ward.therapy.off_ms == so_far
    rows = [[0, 80000], [12 * HOUR, 120000]]
    ward = started(mode=s.FLEX, rows=rows, rows_hash=rows_hash(rows), phase_ms=0)
    ward.therapy.plan.take(50)
    power.lost(ward.therapy, 0, 150, 0)  # none of a bolus: its time comes again, all of it
    assert ward.therapy.history.impulses == [[ward.therapy.now, 0, 1381]]
    line = Line()
    line.fill(500)
    line.begin(1000, 5, 10, 0)
    line.arrive()
    assert line.left(0, 0) == 0
    therapy = started().therapy
    for value in (backoff.release_steps(therapy), backoff.mn(therapy, 7), backoff.kpa(therapy, 7), low_in_ms(therapy), level_share()):
        assert type(value) is int
    assert backoff.release_steps(therapy) == 452  # an hour of 10865.6 a day
    backoff.begin(therapy, 101)
    assert therapy.back_left == 101 + 25 + 64 and type(therapy.back_left) is int
    backoff.begin(therapy, 100000)
    assert therapy.back_left == 27164 and type(therapy.back_left) is int
    therapy.governor.forth = therapy.governor.back_cap = 5000
    therapy.back_left = 2001
    assert repr(backoff.portion(therapy)) == "125" and repr(therapy.back_left) == "1876"


def level_share():
    it = Level()
    it.f = (1 << 31) + 1
    it.high = 12345
    return it.permille(7)[1]
