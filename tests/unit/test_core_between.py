"""What the core leaves behind when something is over, and figures that other rules stand on. Numbers by hand, in the comments."""

from pump.core import titration
from pump.core.history import History
from pump.core.profile import Profile, total_ng
from pump.core.reject import Reject
from support import raises, req
from ward import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, ready, started
from wire import alarms, events
from wire import schema as s


@req("R7", "states")
def test_a_guard_that_says_no_names_its_rule():
    ward = started()
    ward.order("SUSPEND", OPERATOR)
    with raises(Reject, error=s.NOT_NOW, rule=7, field="state", value=s.SUSPENDED, low=None, high=None, in_ms=None, text="too_late"):
        ward.therapy.fire("close")
    assert ward.state == s.SUSPENDED


@req("R8", "R10", "structure")
def test_priming_and_a_test_dose_leave_nothing_running():
    for verb, values in (
        ("PRIME", {"volume_nl": 100000, "disconnected": 1}),
        ("SCREEN", {"dose_ng": 25000, "conc_ng_per_ml": 500000, "conc_again_ng_per_ml": 500000}),
    ):
        ward = ready()
        ward.order(verb, CLINICIAN, **values)
        ward.go(HOUR)
        it = ward.therapy
        over = it.history.boluses[-1][2] if it.history.boluses else 2717
        assert it.plan.dump() == [over, 0, 0, 0, 0, 0, 1, 0, DAY] and it.ratio == (0, 1) and it.before == [0, 0, 0, 0], verb
        assert it.governor.budget == 0 and type(it.governor.budget) is int and it.gap_steps == 0
        it.log_read = 7
        ward.order("PROVISION", CLINICIAN, library="baclofen-itb", syringe="bd-3ml")
        assert (it.rx, it.log_read) == ([], 0)


@req("R13", "alarms")
def test_empty_is_no_step_left():
    for left, empty in ((2, False), (1, False), (0, True)):
        ward = started()
        ward.therapy.reservoir.full_steps = left
        ward.therapy.watch_books()
        found = [entry[0] for entry in ward.therapy.alarms.entries]
        assert (alarms.EMPTY in found, alarms.LOW_RESERVOIR in found) == (empty, not empty), left
        assert ward.state == (s.HELD if empty else s.INFUSING)


@req("R15", "profiles")
def test_the_fullest_hour_of_a_profile():
    """At 240 mcg/day half an hour is 5 mcg, at 48 one, at 96 two, at 24 half a mcg."""
    half = 30 * MINUTE
    for rows, ng in (
        ([[0, 100000]], 4166),
        ([[0, 80000], [12 * HOUR, 120000]], 5000),
        ([[0, 240000], [half, 48000], [23 * HOUR + half, 240000]], 10000),  # over the cycle's end
        ([[0, 24000], [9 * HOUR + half, 48000], [10 * HOUR + half // 2, 96000], [10 * HOUR + 3 * half // 2, 24000]], 3000),  # an end
        ([[0, 24000], [9 * HOUR, 96000], [9 * HOUR + half, 48000], [10 * HOUR + half, 24000]], 3000),  # a beginning
    ):
        profile = Profile()
        profile.set(rows, 5)
        assert profile.hour_ng(total_ng(rows)) == ng, rows


@req("R2", "R3")
def test_when_a_raise_is_next_possible_and_what_is_steep():
    row = ready().therapy.row
    it = History()
    it.program(0, 80)
    it.program(HOUR, 100)
    assert [titration.raise_in(row, it, 0, now) for now in (HOUR, DAY - 1, DAY, DAY + 5, DAY + HOUR, 2 * DAY)] == [
        23 * HOUR,
        1,
        HOUR,
        HOUR - 5,
        0,
        0,
    ]
    assert titration.raise_in(row, it, 5 * HOUR, 6 * HOUR) == 23 * HOUR
    it.program(2 * HOUR, 80)
    assert titration.raise_in(row, it, 0, DAY) == 0  # the lowest is what runs
    assert [titration.steeper(row, *pace) for pace in ((20, 48 * HOUR), (21, 48 * HOUR), (20, 48 * HOUR - 1), (10, 24 * HOUR))] == [
        False,
        True,
        True,
        True,
    ]


@req("R2", "R13")
def test_a_titration_waits_for_drug_and_ends_with_its_alarm():
    for left, why in ((0, 13), (1, 0)):
        ward = started()
        ward.go(DAY)
        ward.therapy.reservoir.full_steps = left
        ward.order("TITRATE", to_ng_per_day=105000, percent=5, hold_ms=DAY)
        del ward.therapy.news[:]
        ward.go(0)
        blocked = (events.PLAN_BLOCKED, 105000, 13, "") in ward.therapy.news
        assert blocked == (why == 13) and (ward.d_mcg == 100) == blocked
        if blocked:  # another order ends the plan, and what it waited for
            ward.prescribe()
            assert ward.therapy.alarms.find(alarms.PLAN_BLOCKED) is None
    ward = started()
    ward.go(DAY)
    ward.order("TITRATE", to_ng_per_day=105000, percent=5, hold_ms=DAY)
    ward.order("PAUSE", on=1)
    ward.go(7 * DAY)
    assert ward.therapy.alarms.find(alarms.TAPER_WAITS) is not None
    ward.order("TAPER", to_ng_per_day=0, preset=0)
    assert ward.therapy.alarms.find(alarms.TAPER_WAITS) is None
