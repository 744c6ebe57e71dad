"""R2 and R3: how fast D may rise and fall, on both sides of every limit, through cuts, resets and by every path."""

from peer import infusing, rx
from pump.core import titration
from pump.core.history import History
from support import req
from ward import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, started
from wire import limits
from wire import schema as s

FAR = {"max_24h_ng": 1000000}


def _day_two(**changes):
    ward = started(**dict(FAR, **changes))
    ward.go(DAY)
    return ward


@req("R2")
def test_no_increase_in_the_first_24_hours():
    ward = started(**FAR)
    ward.go(DAY - 1)
    refusal = ward.refusal("PRESCRIBE", **rx(basal_ng_per_day=100001, **FAR))
    assert (refusal.error, refusal.rule, refusal.in_ms) == (s.LIMIT, 2, 1)
    assert ward.basal(100) is None, "the same D is no increase"
    ward.go(1)
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=100001, **FAR)) is None


@req("R2")
def test_an_increase_is_at_most_30_percent_spinal_15_cerebral_child_or_unstated():
    ward = _day_two()
    for origin, most in ((s.ORIGIN_UNSTATED, 115), (s.ORIGIN_SPINAL, 130), (s.ORIGIN_CEREBRAL, 115), (s.ORIGIN_CHILD, 115)):
        assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=most * 1000, origin=origin, **FAR)) is None, origin
        refusal = ward.refusal("PRESCRIBE", **rx(basal_ng_per_day=most * 1000 + 1, origin=origin, **FAR))
        assert (refusal.rule, refusal.high) == (2, most * 1000), origin


@req("R2")
def test_a_part_of_a_ng_is_never_given_away():
    ward = started(basal_ng_per_day=27001, **FAR)  # x 1.15 = 31051.15
    ward.go(DAY)
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=31051, **FAR)) is None
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=31052, **FAR)) == 2


@req("R2")
def test_six_increases_in_a_minute_are_one():
    ward = _day_two()
    for mcg in (102, 105, 108, 111, 113, 115):
        ward.set_basal(mcg)
        ward.go(10000)
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=115001, **FAR)) == 2
    ward.go(DAY - 60000 - 1)
    assert ward.basal(116) == 2, "the 100 of a day ago is still in the window"
    ward.go(1)
    assert ward.basal(116) is None
    assert ward.basal(118) == 2, "x 1.15 of the 102 that follows: 117.3"


@req("R2")
def test_the_refusal_says_when_and_the_time_is_right():
    ward = _day_two()
    ward.set_basal(115)
    ward.go(HOUR)
    refusal = ward.refusal("PRESCRIBE", **rx(basal_ng_per_day=120000, **FAR))
    assert refusal.in_ms == 23 * HOUR
    ward.go(23 * HOUR - 1)
    assert ward.basal(120) == 2
    ward.go(1)
    assert ward.basal(120) is None


@req("R2")
def test_after_a_reduction_the_lower_rate_counts_for_a_day():
    ward = _day_two()
    ward.set_basal(85)
    assert ward.basal(97) is None  # 85 x 1.15 = 97.75
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=97751, **FAR)) == 2
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=97750, **FAR)) is None


def _without_soft_basal():
    """What is looked at is the raise: an entry whose basal has no soft limit of its own."""
    ward = started(origin=s.ORIGIN_SPINAL, **FAR)
    row = list(ward.therapy.row)
    row[limits.BASAL_SOFT_MAX_NG_PER_DAY] = row[limits.BASAL_MAX_NG_PER_DAY]
    ward.therapy.row = tuple(row)
    return ward


@req("R2", "OPCA R6.5.0(9)")
def test_above_500_a_raise_of_more_than_20_percent_needs_a_reason():
    ward = _without_soft_basal()
    for mcg in (130, 169, 219, 284, 369, 450):
        ward.go(DAY)
        ward.set_basal(mcg, origin=s.ORIGIN_SPINAL)
    ward.go(DAY)
    spinal = {"origin": s.ORIGIN_SPINAL}
    assert ward.basal(540, **spinal) is None  # 450 x 1.2
    refusal = ward.refusal("PRESCRIBE", **rx(basal_ng_per_day=540001, **dict(FAR, **spinal)))
    assert (refusal.rule, refusal.high) == (2, 540000)
    reading = ward.check("PRESCRIBE", **rx(basal_ng_per_day=540001, reason="seen daily", **dict(FAR, **spinal)))
    assert reading["soft"] == limits.SOFT_RAISE_HIGH
    assert ward.basal(585, reason="seen daily", **spinal) is None  # 450 x 1.3
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=585001, reason="seen daily", **dict(FAR, **spinal))) == 2, "hard"
    # at 500 and below there is no soft limit
    ward = _without_soft_basal()
    for mcg in (130, 169, 219, 284, 369, 400):
        ward.go(DAY)
        ward.set_basal(mcg, **spinal)
    ward.go(DAY)
    assert ward.basal(500, **spinal) is None  # +25 %
    assert ward.basal(501, **spinal) == 2


@req("R2")
def test_a_rung_held_within_72_hours_may_be_gone_back_to_with_a_reason():
    ward = _day_two()
    ward.set_basal(80)
    ward.go(2 * DAY)
    ward.set_basal(64)
    ward.go(DAY - 1)
    assert ward.basal(100) == 2
    assert ward.check("PRESCRIBE", **rx(basal_ng_per_day=100000, reason="withdrawal", **FAR))["soft"] == limits.SOFT_RUNG_BACK
    assert ward.basal(99, reason="withdrawal") == 2, "not a rung"
    assert ward.basal(80, reason="withdrawal") is None
    ward.go(1)
    assert ward.basal(100, reason="withdrawal") == 2, "it ended 72 h ago"
    assert ward.basal(80, reason="withdrawal") is None


@req("R3")
def test_a_reduction_is_at_most_20_percent_of_the_largest_of_48_hours():
    ward = _day_two()
    assert ward.basal(80) is None
    refusal = ward.refusal("PRESCRIBE", **rx(basal_ng_per_day=79999, **FAR))
    assert (refusal.error, refusal.rule, refusal.low) == (s.LIMIT, 3, 80000)
    assert refusal.in_ms is None, "no waiting makes it possible"
    ward.set_basal(80)
    assert ward.basal(79) == 3, "in steps it is no other"
    assert ward.refusal("PRESCRIBE", **rx(basal_ng_per_day=64000, **FAR)).in_ms == 2 * DAY
    ward.go(2 * DAY - 1)
    assert ward.basal(79) == 3
    ward.go(1)
    assert ward.basal(64) is None
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=63999, **FAR)) == 3


@req("R3")
def test_a_part_of_a_ng_is_never_taken_away():
    ward = started(basal_ng_per_day=33751, **FAR)  # x 0.8 = 27000.8
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=27001, **FAR)) is None
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=27000, **FAR)) == 3


@req("R3")
def test_a_reduction_is_possible_in_the_first_24_hours():
    assert started(**FAR).basal(80) is None


@req("R3")
def test_a_high_rate_of_a_minute_counts_for_48_hours():
    ward = _day_two()
    ward.set_basal(115)
    ward.go(MINUTE)
    ward.set_basal(100)
    assert ward.basal(91) == 3  # 115 x 0.8 = 92
    assert ward.basal(92) is None
    ward.go(2 * DAY - 1)
    assert ward.basal(91) == 3
    ward.go(1)
    assert ward.basal(80) is None


@req("R3")
def test_resuming_is_no_way_round():
    ward = _day_two()
    ward.order("SUSPEND")
    ward.go(HOUR)
    assert ward.rule("RESUME", OPERATOR, basal_ng_per_day=80000) is None
    assert ward.rule("RESUME", OPERATOR, basal_ng_per_day=79999) == 3
    ward.order("RESUME", OPERATOR, basal_ng_per_day=80000)
    ward.order("SUSPEND")
    assert ward.rule("RESUME", CLINICIAN, basal_ng_per_day=79000, reason="x") == 3


@req("R2", "R3")
def test_suspension_keeps_d():
    """R3 binds what is programmed: a stop is not a low rate to rise from, nor a reduction that was made."""
    ward = _day_two()
    ward.order("SUSPEND")
    ward.go(47 * HOUR)
    ward.order("RESUME", OPERATOR)
    assert ward.d_mcg == 100
    assert ward.basal(115) is None
    assert ward.basal(116) == 2
    assert ward.basal(79) == 3


@req("R2", "R3")
def test_time_without_power_counts_as_none():
    ward = started(**FAR)
    ward.go(23 * HOUR)
    ward.cut(30 * MINUTE)
    assert ward.state == s.INFUSING
    assert ward.basal(101) == 2
    ward.go(HOUR - 1)
    assert ward.basal(101) == 2
    ward.go(1)
    assert ward.basal(101) is None
    ward.set_basal(80)
    ward.go(47 * HOUR)
    ward.cut(HOUR)
    assert ward.basal(64) == 3
    ward.go(HOUR)
    assert ward.basal(64) is None


@req("R2", "R3")
def test_the_app_keeps_them_through_cuts_and_resets():
    for off_ms in (-1, 50 * MINUTE):
        peer = infusing(FAR)
        peer.rig.advance(23 * HOUR)
        if off_ms < 0:
            peer.rig.hang(2500)
        else:
            peer.rig.cut(off_ms)
        more = rx(basal_ng_per_day=101000, **FAR)
        peer.refused(2, "PRESCRIBE", CLINICIAN, **more)
        peer.rig.advance(59 * MINUTE)
        wait = peer.refused(2, "PRESCRIBE", CLINICIAN, **more)["in_ms"]
        assert MINUTE <= wait <= 3 * MINUTE, wait  # time the cut took is not counted
        peer.rig.advance(wait)
        peer.ok("PRESCRIBE", CLINICIAN, **more)
        peer.refused(3, "PRESCRIBE", CLINICIAN, **rx(basal_ng_per_day=80799, **FAR))
        if off_ms < 0:
            peer.rig.hang(2500)
        else:
            peer.rig.cut(off_ms)
        peer.refused(3, "PRESCRIBE", CLINICIAN, **rx(basal_ng_per_day=80799, **FAR))
        peer.refused(2, "PRESCRIBE", CLINICIAN, **rx(basal_ng_per_day=115001, **FAR))
        peer.ok("PRESCRIBE", CLINICIAN, **rx(basal_ng_per_day=80800, **FAR))


@req("R2", "R3")
def test_many_changes_are_merged_to_the_stricter_side():
    ward = _day_two()
    ward.set_basal(110)
    for i in range(60):
        ward.go(MINUTE)
        ward.set_basal(100 + i % 2)
    assert ward.basal(116) == 2, "the 100 before the 110"
    assert ward.basal(87) == 3, "110 x 0.8 = 88"
    assert ward.basal(88) is None


@req("R2")
def test_when_a_raise_will_be_allowed_or_that_waiting_does_not_help():
    """At 100 since hour 0 and 120 since hour 30, spinal (30 %): 130 now, 156 once 100 is 24 h past, more than that never."""
    row, history = started().therapy.row, History()
    history.program(0, 100000)
    history.program(30 * HOUR, 120000)
    now = 31 * HOUR
    for ng, at in ((130000, now), (130001, 54 * HOUR), (156000, 54 * HOUR), (156001, None)):
        assert titration.raise_at(row, s.ORIGIN_SPINAL, history, 0, ng, now) == at, ng
    assert titration.raise_at(row, s.ORIGIN_SPINAL, history, 10 * HOUR, 130000, now) == 34 * HOUR, "not in a therapy's first 24 h"
