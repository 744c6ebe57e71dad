"""R4: a therapy ends only by stepping down. Rungs worked out by hand: 20 % less each, rounded up to a ng, the last clipped to 27 mcg."""

from peer import rx
from pump.core import due
from support import req
from ward import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, started
from wire import schema as s

HOLD = 2 * DAY
# 100 mcg/day and 0.8 times each, in ng/day: 80, 64, 51.2, 40.96, 32.768, then 26.2144 clipped
FROM_100 = [80000, 64000, 51200, 40960, 32768, 27000]
# 800 x 0.8^n, rounded up: 22.518 would be the 16th
FROM_800 = [640000, 512000, 409600, 327680, 262144, 209716, 167773, 134219, 107376, 85901, 68721, 54977, 43982, 35186, 28149, 27000]


def _tapering(to=0, preset=0, **changes):
    ward = started(**changes)
    ward.go(3 * DAY)
    ward.order("TAPER", to_ng_per_day=to, preset=preset)
    ward.go(0)
    return ward


def _rungs(ward, ms):
    """[(time since now, D)] of the changes within ms."""
    begin = ward.therapy.now
    seen = []
    last = ward.therapy.d()
    while True:
        at = ward.therapy.next_event()
        if at is None or at > begin + ms:
            return seen
        ward.therapy.advance(at)
        if ward.therapy.d() != last:
            last = ward.therapy.d()
            seen.append((ward.therapy.now - begin, last))


@req("R4")
def test_from_800_to_27_there_are_16_steps():
    ward = started(basal_ng_per_day=100000, max_24h_ng=1000000, origin=s.ORIGIN_SPINAL)
    while ward.d_mcg < 800:
        ward.go(DAY)
        ward.set_basal(min(800, ward.d_mcg * 120 // 100), origin=s.ORIGIN_SPINAL, reason="x")
    ward.go(3 * DAY)
    assert ward.check("TAPER", to_ng_per_day=0, preset=0)["steps"] == 16
    ward.order("TAPER", to_ng_per_day=0, preset=0)
    ward.go(0)
    assert ward.therapy.d() == 640000
    rungs = _rungs(ward, 40 * DAY)
    assert [d for _, d in rungs] == FROM_800[1:] + [0]
    assert [at for at, _ in rungs] == [HOLD * i for i in range(1, 17)]
    assert ward.state == s.ENDED


@req("R4")
def test_each_rung_and_the_floor_are_held_for_48_hours():
    ward = _tapering()
    assert ward.therapy.d() == 80000
    for d in FROM_100[1:]:
        ward.go(HOLD - 1)
        assert ward.therapy.d() > d
        ward.go(1)
        assert ward.therapy.d() == d
    assert ward.state == s.TAPERING
    ward.go(HOLD - 1)
    assert (ward.state, ward.therapy.d()) == (s.TAPERING, 27000)
    ward.go(1)
    assert (ward.state, ward.therapy.d(), ward.therapy.basal()) == (s.ENDED, 0, 0)


@req("R4")
def test_at_the_floor_already_it_is_held_once_more():
    ward = started(basal_ng_per_day=27000, max_24h_ng=27000)
    ward.go(30 * DAY)
    assert ward.check("TAPER", to_ng_per_day=0, preset=0)["steps"] == 0
    ward.order("TAPER", to_ng_per_day=0, preset=0)
    ward.go(HOLD - 1)
    assert ward.state == s.TAPERING
    ward.go(1)
    assert ward.state == s.ENDED


@req("R4")
def test_the_initial_dose_is_never_a_floor():
    """A therapy started at 60 is not ended from 60: it goes down to 27 first."""
    ward = _tapering(basal_ng_per_day=60000)
    rungs = [d for _, d in _rungs(ward, 20 * DAY)]
    assert rungs == [38400, 30720, 27000, 0]


@req("R4")
def test_gentle_steps_are_10_percent():
    ward = _tapering(preset=1)
    # 100 x 0.9^n, rounded up to a ng; 13 steps: the 13th would be 25.42
    assert ward.therapy.d() == 90000
    rungs = _rungs(ward, 40 * DAY)
    assert [d for _, d in rungs] == [81000, 72900, 65610, 59049, 53145, 47831, 43048, 38744, 34870, 31383, 28245, 27000, 0]
    assert [at for at, _ in rungs] == [HOLD * i for i in range(1, 14)]


@req("R4")
def test_to_x_ends_in_holding_x():
    ward = _tapering(to=50000)
    assert ward.check("TAPER", to_ng_per_day=0, preset=0)["old_ng_per_day"] == 80000
    rungs = _rungs(ward, 60 * DAY)
    assert rungs == [(HOLD, 64000), (2 * HOLD, 51200), (3 * HOLD, 50000)]
    assert ward.state == s.INFUSING
    assert not ward.therapy.taper.on


@req("R4")
def test_to_x_lies_between_the_floor_and_what_runs():
    ward = started()
    ward.go(3 * DAY)
    for to, rule in ((26999, 4), (27000, None), (99999, None), (100000, 4), (1, 4), (0, None)):
        assert ward.rule("TAPER", to_ng_per_day=to, preset=0) == rule, to


@req("R4", "R3")
def test_the_first_step_waits_for_what_r3_remembers():
    ward = started()
    ward.go(DAY)
    ward.set_basal(110)
    ward.go(HOUR)
    ward.set_basal(90)
    ward.order("TAPER", to_ng_per_day=0, preset=0)
    # 72 is less than 0.8 x 110; the 110 ended at this moment, and leaves the window in 48 h
    assert _rungs(ward, 3 * DAY) == [(2 * DAY, 72000)]


@req("R4")
def test_a_pause_holds_the_rung_and_makes_no_later_step_larger():
    ward = _tapering()
    ward.go(47 * HOUR)
    ward.order("PAUSE", on=1)
    assert ward.state == s.TAPER_PAUSED
    ward.go(30 * DAY)
    assert (ward.therapy.d(), ward.therapy.basal()) == (80000, 80000)
    ward.order("PAUSE", on=0)
    rungs = _rungs(ward, 5 * DAY)
    assert rungs == [(HOUR, 64000), (HOUR + HOLD, 51200), (HOUR + 2 * HOLD, 40960)]


@req("R4")
def test_a_new_taper_over_a_paused_or_running_one_does_not_shorten_the_rung():
    for paused in (0, 1):
        ward = _tapering()
        ward.go(HOUR)
        if paused:
            ward.order("PAUSE", on=1)
        ward.order("TAPER", to_ng_per_day=0, preset=1)
        assert _rungs(ward, 3 * DAY) == [(47 * HOUR, 72000)]
        ward = _tapering(preset=1)  # 90; R3 alone would allow 81 at once
        ward.go(HOUR)
        if paused:
            ward.order("PAUSE", on=1)
        ward.order("TAPER", to_ng_per_day=0, preset=1)
        assert _rungs(ward, 3 * DAY) == [(47 * HOUR, 81000)]


@req("R4", "R7")
def test_suspension_does_not_advance_it():
    ward = _tapering()
    ward.go(HOUR)
    ward.order("SUSPEND")
    ward.go(47 * HOUR)
    assert ward.therapy.d() == 80000
    ward.order("RESUME", OPERATOR)
    assert ward.state == s.TAPERING
    assert _rungs(ward, 4 * DAY) == [(47 * HOUR, 64000), (47 * HOUR + HOLD, 51200)]


@req("R4", "R7")
def test_a_fault_does_not_advance_it():
    ward = _tapering()
    ward.go(HOUR)
    ward.therapy.alarm(3)  # MOTOR
    assert ward.state == s.HELD
    ward.go(10 * HOUR)
    ward.therapy.alarm(3, False)
    ward.order("ACK", alarm=3)
    ward.order("RESUME", OPERATOR)
    assert _rungs(ward, 2 * DAY) == [(47 * HOUR, 64000)]


@req("R4", "R7")
def test_time_without_power_does_not_advance_it():
    ward = _tapering()
    ward.go(HOUR)
    ward.cut(50 * MINUTE)
    assert ward.state == s.TAPERING
    ward.go(0)
    ward.cut(20 * HOUR)
    assert (ward.state, ward.d_mcg) == (s.HELD, 80)
    ward.go(HOUR)
    ward.order("RESUME", OPERATOR)
    assert ward.state == s.TAPERING
    assert _rungs(ward, 2 * DAY) == [(47 * HOUR, 64000)]


@req("R4", "R7")
def test_a_paused_taper_stays_paused_through_suspension_and_power():
    ward = _tapering()
    ward.go(HOUR)
    ward.order("PAUSE", on=1)
    ward.order("SUSPEND")
    ward.go(HOUR)
    ward.order("RESUME", OPERATOR)
    assert ward.state == s.TAPER_PAUSED
    ward.cut(2 * HOUR)
    ward.order("RESUME", OPERATOR)
    assert ward.state == s.TAPER_PAUSED
    assert _rungs(ward, 30 * DAY) == []


@req("R4", "R7", "R3")
def test_resumed_lower_it_goes_on_from_there_with_a_full_rung():
    ward = _tapering()
    ward.go(HOLD)  # 64
    ward.go(47 * HOUR)
    ward.order("SUSPEND")
    ward.go(2 * HOUR)  # the 80 is out of R3's window
    ward.order("RESUME", OPERATOR, basal_ng_per_day=60000)
    assert ward.state == s.TAPERING
    assert _rungs(ward, 5 * DAY) == [(HOLD, 48000), (2 * HOLD, 38400)]


@req("R4", "R7")
def test_resumed_at_the_floor_it_holds_the_floor_in_full():
    ward = _tapering()
    ward.go(4 * HOLD)
    assert ward.therapy.d() == 32768
    ward.go(47 * HOUR)
    ward.order("SUSPEND")
    ward.go(2 * HOUR)
    ward.order("RESUME", OPERATOR, basal_ng_per_day=27000)
    ward.go(HOLD - 1)
    assert ward.state == s.TAPERING
    ward.go(1)
    assert ward.state == s.ENDED


@req("R4", "R7")
def test_resumed_at_or_below_its_target_a_taper_to_x_is_over():
    for resumed in (75000, 70000):
        ward = _tapering(to=75000)
        ward.go(HOUR)
        ward.order("SUSPEND")
        ward.go(2 * DAY - 2 * HOUR)
        ward.order("RESUME", OPERATOR, basal_ng_per_day=80000)
        ward.go(47 * HOUR - 1)
        assert ward.state == s.TAPERING
        ward.order("SUSPEND")
        ward.go(HOUR)
        ward.order("RESUME", OPERATOR, basal_ng_per_day=resumed)
        assert (ward.state, ward.therapy.d()) == (s.INFUSING, resumed)
        assert _rungs(ward, 30 * DAY) == []


@req("R4")
def test_a_prescription_in_a_taper_ends_it_within_r2_and_r3():
    ward = _tapering()
    ward.go(DAY)
    assert ward.basal(63) == 3
    assert ward.basal(93) == 2  # 80 x 1.15 = 92
    assert ward.basal(100, reason="withdrawal") is None, "a rung of the last 72 h"
    ward.order("PRESCRIBE", **rx(basal_ng_per_day=92000))
    assert (ward.state, ward.d_mcg) == (s.INFUSING, 92)
    assert _rungs(ward, 30 * DAY) == []


@req("R4")
def test_only_a_running_therapy_can_be_tapered():
    ward = _tapering()
    ward.order("SUSPEND")
    assert ward.refusal("TAPER", to_ng_per_day=0, preset=0).error == s.NOT_NOW
    assert ward.refusal("PAUSE", on=1).error == s.NOT_NOW
    ward = started()
    assert ward.refusal("PAUSE", on=1).error == s.NOT_NOW
    assert ward.refusal("PAUSE", on=0).error == s.NOT_NOW
    assert ward.refusal("CLOSE", CLINICIAN, reason="explant").error == s.NOT_NOW, "there is no stop"


@req("R4", "R8")
def test_after_the_end_a_new_therapy_is_a_start():
    ward = _tapering()
    ward.go(20 * DAY)
    assert ward.state == s.ENDED
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=100001)) == 8
    ward.order("PRESCRIBE", **rx())
    assert ward.state == s.INFUSING
    assert ward.basal(101) == 2, "24 h from the new start"


@req("R4", "R7")
def test_a_bolus_does_not_outlive_the_therapy():
    """A clinician's bolus that runs when the floor has been held in full ends with it: nothing flows in ENDED, where nobody could suspend it."""
    ward = started(basal_ng_per_day=27000, max_24h_ng=60000)
    ward.order("TAPER", to_ng_per_day=0, preset=s.TAPER_LABEL)
    ward.go(2 * DAY - MINUTE)
    ward.order("BOLUS", dose_ng=10000, duration_ms=HOUR, reason="spasm")
    ward.go(2 * MINUTE)
    therapy = ward.therapy
    assert (ward.state, therapy.plan.bolus_num, therapy.plan.rate()[0]) == (s.ENDED, 0, 0)
    assert therapy.history.boluses[-1][2] == therapy.now - MINUTE


@req("R4")
def test_the_next_rung_is_told_and_after_the_floor_there_is_none():
    ward = _tapering()
    told = []
    for _ in range(6):
        told.append(due.next_rung(ward.therapy))
        ward.go(HOLD)
    assert told == FROM_100[1:] + [0]
