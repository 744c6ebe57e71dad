"""R7: suspend, resume, power-on, restart and closing; and R11: nothing is ever resumed above what was prescribed."""

from peer import rx
from pump.core import start
from pump.core.reject import Reject
from support import raises, req
from ward import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, ready, started
from wire import alarms, limits
from wire import schema as s

SUSPEND_MAX = 48 * HOUR
OFF_AUTO = HOUR


def _suspended(**changes):
    ward = started(**changes)
    ward.go(3 * DAY)
    ward.order("SUSPEND")
    return ward


def _codes(ward):
    return [entry[0] for entry in ward.therapy.alarms.entries]


@req("R7")
def test_suspend_is_immediate_and_the_withdrawal_clock_runs():
    ward = _suspended()
    therapy = ward.therapy
    assert (ward.state, therapy.basal(), therapy.d(), therapy.plan.per_ms) == (s.SUSPENDED, 0, 100000, 0)
    assert _codes(ward) == [alarms.SUSPENDED]
    ward.go(HOUR)
    assert therapy.stopped_ms() == HOUR
    ward.order("RESUME", OPERATOR)
    assert (ward.state, therapy.basal(), therapy.stopped_ms(), _codes(ward)) == (s.INFUSING, 100000, 0, [])


@req("R7", "R11")
def test_resume_at_the_suspended_rate_or_lower_within_r3():
    ward = _suspended()
    ward.go(HOUR)
    for ng, rule in ((100001, 7), (100000, None), (80000, None), (79999, 3), (26999, 7)):
        assert ward.rule("RESUME", OPERATOR, basal_ng_per_day=ng) == rule, ng
    ward.order("RESUME", OPERATOR, basal_ng_per_day=90000)
    assert (ward.therapy.d(), ward.therapy.basal()) == (90000, 90000)


@req("R7", "R2")
def test_a_lower_resume_is_a_reduction_to_rise_from_by_r2():
    ward = _suspended()
    ward.order("RESUME", OPERATOR, basal_ng_per_day=80000)
    assert ward.basal(92) is None  # 80 x 1.15
    assert ward.basal(93) == 2


@req("R7")
def test_up_to_48_hours_it_is_resumed_after_that_restarted():
    ward = _suspended()
    ward.go(SUSPEND_MAX)
    assert ward.rule("RESUME", OPERATOR) is None
    assert ward.refusal("CLOSE", reason="explant").error == s.NOT_NOW
    assert alarms.OVERDUE not in _codes(ward)
    ward.go(1)
    assert alarms.OVERDUE in _codes(ward)
    refusal = ward.refusal("RESUME", OPERATOR)
    assert (refusal.error, refusal.rule, refusal.value, refusal.high) == (s.LIMIT, 7, SUSPEND_MAX + 1, SUSPEND_MAX)
    assert ward.rule("RESUME", OPERATOR, reason="well") == 7, "an operator may not, with whatever reason"
    assert ward.rule("RESUME", CLINICIAN) == 7, "nor a clinician without one"
    assert ward.check("RESUME", CLINICIAN, reason="well")["soft"] == limits.SOFT_RESTART
    ward.order("RESUME", CLINICIAN, reason="well")
    assert (ward.state, ward.therapy.d(), _codes(ward)) == (s.INFUSING, 100000, [])
    assert ward.basal(101) == 2, "the first 24 h of a therapy"


@req("R7", "R8")
def test_a_restart_is_not_above_the_suspended_rate_nor_above_r8():
    ward = started(max_24h_ng=1000000, origin=s.ORIGIN_SPINAL)
    ward.go(DAY)
    ward.set_basal(130, origin=s.ORIGIN_SPINAL)
    ward.go(DAY)
    ward.order("SUSPEND")
    ward.go(SUSPEND_MAX + 1)
    assert ward.rule("RESUME", CLINICIAN, reason="x") == 8, "130 is above the largest start"
    assert ward.rule("RESUME", CLINICIAN, reason="x", basal_ng_per_day=100001) == 8
    assert ward.rule("RESUME", CLINICIAN, reason="x", basal_ng_per_day=100000) is None
    assert ward.rule("RESUME", CLINICIAN, reason="x", basal_ng_per_day=27000) is None, "a new start, not a reduction"
    ward = started(basal_ng_per_day=60000)
    ward.go(DAY)
    ward.order("SUSPEND")
    ward.go(SUSPEND_MAX + 1)
    assert ward.rule("RESUME", CLINICIAN, reason="x", basal_ng_per_day=60001) == 7
    ward = started(basal_ng_per_day=25000 * 2, screen_ng=25000)
    ward.order("SUSPEND")
    ward.go(SUSPEND_MAX + 1)
    ward.order("RESUME", CLINICIAN, reason="x")
    assert ward.d_mcg == 50


@req("R7", "R4")
def test_a_restart_ends_a_taper():
    ward = started()
    ward.go(3 * DAY)
    ward.order("TAPER", to_ng_per_day=0, preset=0)
    ward.go(HOUR)
    ward.order("SUSPEND")
    ward.go(SUSPEND_MAX + 1)
    ward.order("RESUME", CLINICIAN, reason="x")
    assert (ward.state, ward.d_mcg, ward.therapy.taper.on) == (s.INFUSING, 80, 0)


@req("R7")
def test_a_therapy_stopped_beyond_the_limit_may_be_closed():
    ward = _suspended()
    ward.go(SUSPEND_MAX + 1)
    ward.order("CLOSE", CLINICIAN, reason="explant")
    assert (ward.state, ward.therapy.d(), ward.therapy.basal(), _codes(ward)) == (s.ENDED, 0, 0, [])
    assert ward.rule("PRESCRIBE", **rx()) is None


@req("R7")
def test_power_on_within_an_hour_resumes_by_itself():
    ward = started()
    ward.go(HOUR)
    ward.cut(OFF_AUTO)
    assert (ward.state, ward.therapy.basal()) == (s.INFUSING, 100000)
    assert _codes(ward) == []
    ward.therapy.runs()  # a step has left since
    ward.cut(OFF_AUTO + 1)
    assert (ward.state, ward.therapy.basal(), ward.therapy.d()) == (s.HELD, 0, 100000)
    assert _codes(ward) == [alarms.POWER_LOST]
    assert ward.therapy.stopped_ms() == OFF_AUTO + 1
    ward.order("RESUME", OPERATOR)
    assert (ward.state, _codes(ward)) == (s.INFUSING, [])


@req("R7")
def test_time_without_power_counts_for_the_withdrawal_clock():
    ward = _suspended()
    ward.go(HOUR)
    ward.cut(46 * HOUR)
    assert ward.state == s.SUSPENDED
    ward.go(HOUR)
    assert ward.rule("RESUME", OPERATOR) is None
    ward.go(1)
    assert ward.rule("RESUME", OPERATOR) == 7
    ward = started()
    ward.cut(SUSPEND_MAX)
    assert ward.rule("RESUME", OPERATOR) is None
    ward.cut(1)
    assert ward.rule("RESUME", OPERATOR) == 7


@req("R7")
def test_an_unknown_time_without_power_counts_as_longer_than_the_limit():
    for stopped in (False, True):
        ward = started()
        ward.go(DAY)
        if stopped:
            ward.order("SUSPEND")
        ward.cut(-1)
        assert ward.state == (s.SUSPENDED if stopped else s.HELD)
        assert ward.therapy.basal() == 0
        ward.go(0)
        assert alarms.OVERDUE in _codes(ward) and alarms.CLOCK_UNCERTAIN in _codes(ward)
        assert ward.rule("RESUME", OPERATOR) == 7
        assert ward.rule("RESUME", CLINICIAN, reason="clock stopped") is None
        ward.cut(MINUTE)  # known again: but not that first time
        assert ward.rule("RESUME", OPERATOR) == 7
        assert ward.rule("RESUME", CLINICIAN, reason="clock stopped", basal_ng_per_day=100001) == 7
        ward.order("RESUME", CLINICIAN, reason="clock stopped")
        assert ward.basal(101) == 2


@req("R7")
def test_a_held_therapy_can_be_suspended_and_keeps_its_clock():
    ward = started()
    ward.cut(30 * HOUR)
    ward.order("SUSPEND")
    assert ward.state == s.SUSPENDED
    ward.go(18 * HOUR)
    assert ward.rule("RESUME", OPERATOR) is None
    ward.go(1)
    assert ward.rule("RESUME", OPERATOR) == 7


@req("R7")
def test_nothing_to_suspend_where_nothing_runs():
    ward = ready()
    assert ward.refusal("SUSPEND").error == s.NOT_NOW
    ward = _suspended()
    assert ward.refusal("SUSPEND").error == s.NOT_NOW, "it is already"
    assert ward.refusal("BOLUS", CLINICIAN, dose_ng=1000).error == s.NOT_NOW
    assert ward.refusal("PRESCRIBE", **rx()).error == s.NOT_NOW


@req("R7")
def test_a_deficit_of_more_than_5_percent_of_a_day_is_told():
    # 5 mcg are 10 uL, 543.28 steps
    ward = started()
    ward.go(DAY)
    ward.cut(MINUTE, lost_steps=543)
    assert alarms.DEFICIT not in _codes(ward)
    ward.cut(MINUTE, lost_steps=1)
    assert alarms.DEFICIT in _codes(ward)
    assert ward.state == s.INFUSING


@req("R8")
def test_a_start_is_at_most_twice_the_test_dose_and_100():
    ward = ready()
    for screen, long, most in (
        (12500, 1, 27),
        (13500, 0, 27),
        (20000, 0, 40),
        (20000, 1, 27),
        (30000, 1, 30),
        (49999, 0, 99),
        (50000, 0, 100),
    ):
        fields = {"screen_ng": screen, "screen_long": long, "max_24h_ng": 1000000, "reason": "below the range"}
        assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=most * 1000, **fields)) is None, screen
        assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=most * 1000 + 999, **fields)) == 8, screen
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=100001)) == 8


@req("R8")
def test_the_library_s_largest_start_binds_where_it_is_the_smaller():
    """Baclofen's 100 is twice its largest test dose; an entry with less must hold too."""
    row = list(limits.LIBRARY[0])
    row[limits.START_MAX_NG_PER_DAY] = 80000
    assert start.check_start(row, 50000, 0, 80000) == 0
    with raises(Reject, rule=8, high=80000):
        start.check_start(row, 50000, 0, 80001)


@req("R8")
def test_twice_the_test_dose_to_the_ng():
    ward = ready()
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=62500, screen_ng=31250)) is None
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=62501, screen_ng=31250)) == 8
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=31250, screen_ng=31250, screen_long=1)) is None
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=31251, screen_ng=31250, screen_long=1)) == 8


@req("R8")
def test_below_27_it_is_27_with_a_reason():
    ward = ready()
    low = {"basal_ng_per_day": 27000, "screen_ng": 12500}  # twice is 25
    assert ward.rule("PRESCRIBE", **rx(**low)) == 8
    assert ward.check("PRESCRIBE", **rx(reason="smallest there is", **low))["soft"] == limits.SOFT_START_BELOW_RANGE
    assert ward.check("PRESCRIBE", **rx(basal_ng_per_day=27000, screen_ng=13500))["soft"] == 0, "twice is 27"


@req("R8")
def test_a_start_needs_the_test_dose_and_it_lies_in_12_5_to_50():
    ward = ready()
    assert ward.refusal("PRESCRIBE", **rx(screen_ng=None)).field == "screen_ng"
    for screen, rule in ((12499, 8), (12500, None), (50000, None), (50001, 8)):
        assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=27000, screen_ng=screen, reason="x")) == rule, screen
    running = started()
    running.go(DAY)
    assert running.rule("PRESCRIBE", **rx(screen_ng=None)) is None, "a change is no start"


@req("R7", "alarms")
def test_nothing_starts_or_primes_while_an_alarm_that_stops_was_seen_by_nobody():
    """A therapy held by a stalled motor and closed must not hand the motor on to the next one."""
    ward = started()
    ward.therapy.alarm(alarms.MOTOR)
    assert ward.state == s.HELD
    ward.go(SUSPEND_MAX + 1)
    ward.order("CLOSE", reason="explanted")
    for standing in (True, False):
        ward.therapy.alarm(alarms.MOTOR, standing)
        for verb, values in (("PRESCRIBE", rx()), ("PRIME", {"volume_nl": 1000, "disconnected": 1})):
            no = ward.refusal(verb, **values)
            assert (no.error, no.field, no.value) == (s.NOT_NOW, "alarm", alarms.MOTOR)
    ward.order("ACK", alarm=alarms.MOTOR)
    ward.prescribe()
    assert ward.state == s.INFUSING


@req("alarms")
def test_alarms_about_the_syringe_end_with_the_therapy():
    ward = _suspended()
    ward.therapy.alarm(alarms.EMPTY)
    ward.go(SUSPEND_MAX + 1)
    ward.order("CLOSE", reason="explanted")
    ward.therapy.watch_books()
    assert alarms.EMPTY not in _codes(ward)
    ward.prescribe()
    assert ward.state == s.INFUSING


@req("R10", "power cut")
def test_a_cut_after_priming_after_a_therapy():
    """What was primed is no drug: there are no ng to count, and the boot goes on."""
    ward = _suspended()
    ward.go(SUSPEND_MAX + 1)
    ward.order("CLOSE", reason="explanted")
    ward.order("PRIME", volume_nl=1000, disconnected=1)
    ward.go(MINUTE)
    assert ward.state == s.READY
    ward.cut(MINUTE)
    ward.cut(-1)
    assert (ward.state, ward.therapy.gap_steps, ward.therapy.history.impulses) == (s.READY, 0, [])


@req("R7", "R16")
def test_after_a_restart_the_prescription_s_own_overridden_limit_stays_in_sight():
    ward = started(pb_dose_ng=30000, max_24h_ng=400000, reason="spasms at night")
    assert ward.therapy.rx_soft == limits.SOFT_BOLUS_HIGH
    ward.go(DAY)
    ward.order("SUSPEND")
    ward.go(SUSPEND_MAX + 1)
    ward.order("RESUME", reason="pump was away")
    assert ward.therapy.rx_soft == limits.SOFT_RESTART | limits.SOFT_BOLUS_HIGH
    assert ward.therapy.rx_reason == "pump was away"


@req("R7", "R8")
def test_a_restart_below_the_range_shows_both_soft_limits():
    """A test dose of 12.5 mcg whose effect lasted allows 12.5 mcg/day: 27 only, and the reason for it stays in sight."""
    ward = started(basal_ng_per_day=27000, max_24h_ng=60000, screen_ng=12500, screen_long=1, reason="thin")
    both = limits.SOFT_RESTART | limits.SOFT_START_BELOW_RANGE
    ward.order("SUSPEND")
    ward.go(49 * HOUR)
    assert ward.order("RESUME", reason="again")["soft"] == both
    assert ward.therapy.soft() == both


@req("R10", "R13")
def test_no_priming_while_a_change_of_the_syringe_is_open():
    """Suspended in the middle of it and closed: nobody has said what is in the syringe."""
    ward = started()
    ward.go(HOUR)
    ward.order("CHANGE")
    ward.order("SUSPEND")
    ward.go(49 * HOUR)
    ward.order("CLOSE", reason="explant")
    refusal = ward.refusal("PRIME", disconnected=1, volume_nl=1000)
    assert (refusal.error, refusal.rule, refusal.field) == (s.NOT_NOW, 13, "change_ms")
    ward.order("REFILL", residual_nl=3000000, volume_nl=3000000, reason="another")
    ward.check("PRIME", disconnected=1, volume_nl=1000)
