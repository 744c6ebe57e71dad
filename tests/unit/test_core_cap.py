"""R6: no 24 h holds more than max_24h, whatever window is taken, with all that is programmed still to come.

The oracle here knows nothing of edges: it adds up drug minute by minute and looks at every window.
"""

from peer import infusing, rx
from pump.core import cap
from support import req
from ward import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, started
from wire import schema as s

LAST = 5 * MINUTE


def _fullest(ward, days):
    """The fullest 24 h that a patient can get, past and to come, from what was asked for: by the minute, in ng."""
    minutes = [0] * (days * 1440)
    flows = ward.flows + [[days * DAY, 0]]
    for i in range(len(flows) - 1):
        for minute in range(flows[i][0] // MINUTE, flows[i + 1][0] // MINUTE):
            minutes[minute] += flows[i][1]  # in ng / 1440
    for start, duration, dose in ward.boluses:
        for minute in range(start // MINUTE, (start + duration) // MINUTE):
            minutes[minute] += dose * 1440 * MINUTE // duration
    most = total = 0
    for minute in range(len(minutes)):
        total += minutes[minute] - (minutes[minute - 1440] if minute >= 1440 else 0)
        most = max(most, total)
    return most // 1440


def _recorded(**changes):
    ward = started(**changes)
    ward.flows = [[ward.therapy.now, ward.therapy.d()]]
    ward.boluses = []
    return ward


def _bolus(ward, dose, duration=LAST):
    ward.order("BOLUS", CLINICIAN, dose_ng=dose, duration_ms=duration, reason="test")
    ward.boluses.append((ward.therapy.now, duration, dose))


MORE = {"pb_max": 20, "pb_lockout_ms": HOUR}


@req("R6", "OPCA R5.2.0(5)", "GIP 1.4.12")
def test_a_bolus_up_to_the_cap_and_not_a_ng_more():
    ward = started(max_24h_ng=120000, **MORE)
    ward.go(2 * DAY)
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=20000) is None
    refusal = ward.refusal("BOLUS", CLINICIAN, dose_ng=20001)
    assert (refusal.error, refusal.rule, refusal.high, refusal.value) == (s.LIMIT, 6, 120000, 120001)


@req("R6")
def test_basal_still_to_come_counts_from_the_very_start():
    """The published flaw counts what was delivered: a minute after a start that is next to nothing, and 20 mcg would do no harm."""
    ward = _recorded(**MORE)
    ward.go(MINUTE)
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=15001) == 6
    _bolus(ward, 15000)
    ward.go(3 * DAY)
    most = _fullest(ward, 4)
    assert 114990 <= most <= 115000, most


@req("R6")
def test_counting_only_what_was_delivered_would_break_the_cap():
    """The same story under the flawed rule, so that this test is known to be able to fail."""
    ward = _recorded(**MORE)
    ward.go(MINUTE)
    delivered = 100000 * MINUTE // DAY
    assert delivered + 50000 < 115000, "the flawed rule accepts 50 mcg"
    ward.boluses.append((ward.therapy.now, LAST, 50000))
    ward.go(3 * DAY)
    assert _fullest(ward, 4) > 115000


@req("R6")
def test_no_window_is_ever_fuller_whatever_is_tried():
    """A bolus of any size is tried every 50 min for six days, with rates going up and down in between: the oracle never finds more."""
    ward = _recorded(max_24h_ng=130000, **MORE)
    seed = 1
    cap_ng = 130000
    accepted = 0
    for i in range(170):
        ward.go(50 * MINUTE)
        seed = (seed * 1103 + 12345) % 65521
        dose = 1000 + seed % 30000
        duration = (1 + seed % 40) * MINUTE
        if ward.rule("BOLUS", CLINICIAN, dose_ng=dose, duration_ms=duration, reason="test") is None:
            _bolus(ward, dose, duration)
            accepted += 1
        elif i % 3 == 0:
            basal = 80000 + seed % 45 * 1000
            fields = rx(basal_ng_per_day=basal, max_24h_ng=cap_ng, **MORE)
            if ward.rule("PRESCRIBE", **fields) is None:
                ward.order("PRESCRIBE", **fields)
                ward.flows.append([ward.therapy.now, basal])
    ward.go(DAY)
    most = _fullest(ward, 9)
    assert accepted > 8
    assert cap_ng * 9 // 10 < most <= cap_ng, (most, accepted)


@req("R6", "GIP 1.4.12")
def test_the_refusal_says_when_and_the_time_is_right():
    ward = started(max_24h_ng=110000, **MORE)
    ward.go(DAY)
    ward.order("BOLUS", CLINICIAN, dose_ng=10000, duration_ms=LAST)
    ward.go(2 * HOUR)
    wait = ward.refusal("BOLUS", CLINICIAN, dose_ng=10000, duration_ms=LAST).in_ms
    assert wait == DAY - 2 * HOUR, "as the new one comes in, the old one goes out"
    ward.go(wait - 1)
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=10000, duration_ms=LAST) == 6
    ward.go(1)
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=10000, duration_ms=LAST) is None


@req("R6")
def test_a_higher_rate_counts_the_boluses_of_the_last_day():
    ward = started(**MORE)
    ward.go(DAY)
    ward.order("BOLUS", CLINICIAN, dose_ng=10000, duration_ms=LAST)
    ward.go(LAST)
    # the window that begins with the bolus holds it and a day of the new rate, but for 5 minutes of the old
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=105000, **MORE)) is None
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=105100, **MORE)) == 6
    ward.go(DAY)
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=115000, **MORE)) is None, "it has left every window"


@req("R6")
def test_a_lower_rate_is_not_refused_because_of_a_lower_cap():
    ward = started(**MORE)
    ward.go(DAY)
    ward.order("BOLUS", CLINICIAN, dose_ng=15000, duration_ms=LAST)
    ward.go(HOUR)
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=80000, max_24h_ng=80000, **MORE)) is None
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=1, duration_ms=LAST, reason="test") == 6


@req("R6")
def test_suspension_makes_no_room_for_basal_that_is_still_programmed():
    """After 20 h of standing still little was delivered; but a day from now on holds all of the basal."""
    ward = started(**MORE)
    ward.go(DAY)
    ward.order("SUSPEND")
    ward.go(20 * HOUR)
    ward.order("RESUME", OPERATOR)
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=15000, duration_ms=LAST) is None
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=15001, duration_ms=LAST) == 6


@req("R6", "R8")
def test_a_new_therapy_counts_what_the_old_one_gave():
    ward = started(basal_ng_per_day=27000, max_24h_ng=60000)
    ward.go(DAY)
    ward.order("TAPER", to_ng_per_day=0, preset=0)
    ward.go(2 * DAY - HOUR)
    ward.order("BOLUS", CLINICIAN, dose_ng=30000, duration_ms=LAST, reason="large")
    ward.go(HOUR)
    assert ward.state == s.ENDED
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=100000, max_24h_ng=115000)) == 6, "30 of an hour ago and 96 to come"
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=80000, max_24h_ng=115000)) is None


@req("R6", "R5")
def test_a_cancelled_bolus_counts_whole():
    ward = started(**MORE)
    ward.go(DAY)
    ward.order("BOLUS", CLINICIAN, dose_ng=15000, duration_ms=LAST)
    ward.go(MINUTE)
    ward.order("CANCEL", OPERATOR)
    ward.go(12 * HOUR)
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=100, duration_ms=LAST) == 6


@req("R6")
def test_a_bolus_cut_by_the_power_counts_whole_and_from_recovery():
    ward = started(**MORE)
    ward.go(DAY)
    ward.order("BOLUS", CLINICIAN, dose_ng=15000, duration_ms=LAST)
    ward.go(MINUTE)
    # a fifth was due; the intent let all of it leave: 15 mcg are 30 uL, 1629.8 steps
    ward.cut(10 * MINUTE, lost_steps=1304)
    ward.go(DAY - MINUTE)
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=100, duration_ms=LAST, reason="test") == 6
    ward.go(MINUTE + LAST)
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=14000, duration_ms=LAST, reason="test") is None


@req("R6")
def test_the_app_keeps_it_through_a_cut_at_the_worst_moment():
    """The power goes just before the bolus ends, when all of it has left; and again, so that pump time hardly moves."""
    peer = infusing(MORE)
    peer.rig.advance(HOUR)
    peer.ok("BOLUS", CLINICIAN, dose_ng=15000, duration_ms=LAST)
    peer.rig.advance(LAST - 200)
    for _ in range(4):
        peer.rig.cut(50 * MINUTE)
        peer.refused(6, "BOLUS", CLINICIAN, dose_ng=1000, duration_ms=LAST, reason="test")
        peer.rig.advance(HOUR)
    peer.rig.hang(2500)
    peer.refused(6, "BOLUS", CLINICIAN, dose_ng=1000, duration_ms=LAST, reason="test")
    for _ in range(19):
        peer.rig.advance(HOUR)
        answer = peer.do("BOLUS", CLINICIAN, dose_ng=1000, duration_ms=LAST, reason="test")
        assert answer[1].get("rule") == 6, answer
    # 26 h of powered time have passed since the bolus began, the cuts cost minutes: soon
    peer.rig.advance(2 * HOUR)
    peer.ok("BOLUS", CLINICIAN, dose_ng=14000, duration_ms=LAST, reason="test")


@req("R6")
def test_two_schedules_swapped_at_noon_are_seen():
    """Each of two schedules has its dose in the other half of the day."""
    flows = [[0, 200000], [DAY // 2, 0], [DAY, 200000], [3 * DAY // 2, 0]]
    swapped = [[0, 200000], [DAY // 2, 200000], [DAY, 0], [3 * DAY // 2, 200000]]
    assert cap.judge(100000, (flows, []), (swapped, []), [], DAY // 2)[1] == 200000
    assert cap.judge(200000, (flows, []), (swapped, []), [], DAY // 2)[1] is None


@req("R6")
def test_what_does_not_add_is_never_refused():
    flows = [[0, 200000]]
    assert cap.judge(100000, (flows, []), (flows, []), [], DAY)[1] is None
    lower = [[0, 200000], [DAY, 150000]]
    assert cap.judge(100000, (flows, []), (lower, []), [], DAY)[1] is None


@req("R6")
def test_a_full_window_between_two_edges_is_found():
    """Of 24 h that begin 12 h ago the order takes drug away (120, before 125); of those that begin now it adds within the cap (95, before 85).

    In between both lines are straight: from a third of the way on it adds, and up to four fifths there is more than 100.
    """
    past = [[-DAY, 100000]]
    before = past + [[0, 150000], [DAY // 2, 20000], [DAY, 0]]
    after = past + [[0, 140000], [DAY // 2, 50000], [DAY, 0]]
    assert cap.judge(100000, (before, []), (after, []), [], 0) == (120000, 111667)
    assert cap.judge(111667, (before, []), (after, []), [], 0) == (120000, None)


@req("R6")
def test_it_is_found_where_the_earlier_edge_is_the_one_that_adds():
    """Of 24 h that begin now the order adds within the cap (75, before 50), of those that begin in 12 h it takes away (100, before 125).

    Half way the lines cross, at 87.5.
    """
    before = [[-2 * DAY, 0], [0, 0], [DAY // 2, 100000], [DAY, 150000]]
    after = [[-2 * DAY, 0], [0, 100000], [DAY // 2, 50000], [DAY, 150000]]
    assert cap.judge(80000, (before, []), (after, []), [], 0) == (150000, 87500)
    assert cap.judge(87500, (before, []), (after, []), [], 0) == (150000, None)


@req("R6")
def test_the_last_24_h_and_those_that_begin_in_a_day_are_looked_at():
    """200 mcg/day until an hour ago, then 100: the last 24 h held 23 x 200 + 100 = 4700 / 24. Likewise from 25 h ahead on."""
    past = [[-3 * DAY, 200000], [-HOUR, 100000]]
    assert cap.judge(200000, (past, []), (past, []), [], 0) == (195834, None)
    later = [[-3 * DAY, 100000], [25 * HOUR, 200000]]
    assert cap.judge(200000, (later, []), (later, []), [], 0) == (195834, None)


@req("R6", "power cut")
def test_both_ends_of_24_h_count():
    """A dose counted at a moment belongs to the 24 h that end then and to those that begin then."""
    past = [[-2 * DAY, 200000], [0, 0]]
    assert cap.judge(300000, (past, []), (past, []), [[0, 10000, 0]], 0) == (210000, None)
    assert cap.judge(300000, (past, []), (past, []), [[-DAY, 10000, 0]], 0) == (210000, None)
    assert cap.judge(300000, (past, []), (past, []), [[-DAY - 1, 10000, 0]], 0) == (200000, None)


@req("R6")
def test_up_to_the_cap_is_within_it_though_an_older_window_was_fuller():
    """150 mcg were given a day ago; from in an hour on 100 mcg/day are to flow instead of 50, and 100 is the cap."""
    old, new = [[-3 * DAY, 0], [0, 50000]], [[-3 * DAY, 0], [0, 50000], [HOUR, 100000]]
    assert cap.judge(100000, (old, []), (new, []), [[-DAY, 150000, 0]], 0) == (150000, None)
    assert cap.judge(99999, (old, []), (new, []), [[-DAY, 150000, 0]], 0) == (150000, 100000)


@req("R6")
def test_a_bolus_that_runs_is_in_both_plans():
    """Of 100 mcg/day and a bolus of 5 a lower rate takes away, whatever the cap is by now. The fullest 24 h end with it: 105 mcg - 4 min at 10/day."""
    at = 9 * DAY
    runs = [[at, at + LAST, -1, 5000]]
    old, new = [[at - 2 * DAY, 100000]], [[at - 2 * DAY, 100000], [at + MINUTE, 90000]]
    assert cap.judge(80000, (old, runs), (new, runs), [], at + MINUTE) == (104973, None)


@req("R6")
def test_between_two_edges_against_every_point_of_a_fine_grid():
    """All small cases of two straight lines: the plan's from a to b, the old one's from old_a to old_b; 2 is the cap.

    What counts is above the cap and above the old line, at neither end. It is fullest where the lines cross: to be rounded up there.
    """
    fine = 8
    for case in range(5**4):
        a, b, old_a, old_b = case % 5, case // 5 % 5, case // 25 % 5, case // 125
        whole = abs(a - old_a) + abs(b - old_b)
        expected = 0
        if not (a > 2 and a > old_a) and not (b > 2 and b > old_b):
            for k in range(whole * fine):
                after = a * whole * fine + (b - a) * k
                before = old_a * whole * fine + (old_b - old_a) * k
                if after > 2 * whole * fine and after > before:
                    expected = -(-(a * whole + (b - a) * abs(a - old_a)) // whole)
        found = max(cap._between(a, b, old_a, old_b, 2), cap._between(b, a, old_b, old_a, 2))
        assert found == expected, (a, b, old_a, old_b)


@req("R6")
def test_between_two_edges_only_what_is_there_counts():
    """65 ng of a power cut at 0 leave the window with its beginning: then 96 mcg in 24 h are not above a cap of 96.

    The schedule that runs holds more than 96 mcg in those first 24 h, because its high row comes first: a flat 96 adds nothing there.
    """
    now, zero = 28803, 28282
    ran = [[0, 96000], [now, 360000]]  # 32 ng until now, then half an hour of 360 mcg/day every six
    old = ran + [[zero + i * 6 * HOUR + more, ng] for i in range(9) for more, ng in ((0, 360000), (HOUR // 2, 72000)) if i or more]
    new = ran + [[now, 96000]]
    assert cap.judge(96000, (old, []), (new, []), [[0, 65, 65]], now) == (96065, None)
    assert cap.judge(96000, ([[0, 60000]], []), ([[0, 96000]], []), [[0, 65, 65]], 0)[1] == 96065, "where a flat 96 adds, it counts"
