"""The titration plan: D rises by itself, within R2 and R6, and waits rather than break them. Steps worked out by hand: 10 % more each, rounded down."""

from peer import infusing, rx
from pump.core import cap, titration_plan
from support import req
from ward import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, started
from wire import alarms, events, limits
from wire import schema as s

HOLD = 2 * DAY
RETRY = 15 * MINUTE
# 100 mcg/day and 1.1 times each, in ng/day, to 200
FROM_100 = [110000, 121000, 133100, 146410, 161051, 177156, 194871, 200000]
FAR = {"max_24h_ng": 300000}


def _plan(to=200000, percent=10, hold_ms=HOLD):
    return {"to_ng_per_day": to, "percent": percent, "hold_ms": hold_ms}


def _titrating(after=3 * DAY, plan=None, **changes):
    ward = started(**dict(FAR, **changes))
    ward.go(after)
    ward.order("TITRATE", **(plan or _plan()))
    ward.go(0)
    return ward


def _steps(ward, ms):
    """[(time since now, D)] of the changes within ms."""
    begin, last, seen = ward.therapy.now, ward.therapy.d(), []
    while True:
        at = ward.therapy.next_event()
        if at is None or at > begin + ms:
            ward.therapy.advance(begin + ms)
            return seen
        ward.therapy.advance(at)
        if ward.therapy.d() != last:
            last = ward.therapy.d()
            seen.append((ward.therapy.now - begin, last))


def _told(ward, event):
    return [(item[1], item[2]) for item in ward.therapy.news if item[0] == event]


@req("R2")
def test_it_climbs_by_itself_and_holds_each_step():
    ward = _titrating()
    assert (ward.therapy.d(), ward.therapy.basal(), ward.state) == (110000, 110000, s.TITRATING)
    steps = _steps(ward, 30 * DAY)
    assert [d for _, d in steps] == FROM_100[1:]
    assert [at for at, _ in steps] == [HOLD * i for i in range(1, 8)]
    assert ward.state == s.INFUSING
    assert ward.therapy.rx[1] == 200000
    assert not ward.therapy.taper.on
    assert _told(ward, events.TITRATION_STEP)[-1] == (200000, 194871)


@req("R2")
def test_the_first_step_waits_for_r2():
    ward = started(**FAR)
    ward.go(HOUR)
    ward.order("TITRATE", **_plan(to=115000, hold_ms=DAY))
    assert _steps(ward, 3 * DAY) == [(23 * HOUR, 110000), (47 * HOUR, 115000)]
    assert _told(ward, events.PLAN_BLOCKED) == [], "waiting for R2 is no refusal"
    # lowered 3 h ago: the lower D counts for a day, but 10 % of it may come at once; raised since then, it may not
    ward = started(**FAR)
    ward.go(DAY)
    ward.go(1234)
    ward.set_basal(85)
    ward.go(3 * HOUR)
    ward.set_basal(95)
    ward.order("TITRATE", **_plan(to=104500))
    ward.go(1)
    assert _steps(ward, 3 * DAY) == [(DAY - 1, 104500)], "85 x 1.15 = 97.75 until the 85 is a day old"
    assert _told(ward, events.PLAN_BLOCKED) == [], "known beforehand: it is not tried before"


@req("R2", "R1", "R6")
def test_what_is_refused_at_once():
    ward = started(**FAR)
    ward.go(2 * DAY)
    for changes, rule, field in (
        ({"percent": 15}, None, None),
        ({"percent": 16}, 2, "percent"),
        ({"hold_ms": DAY}, None, None),
        ({"hold_ms": DAY - 1}, 2, "hold_ms"),
        ({"to": 100000}, 2, "to_ng_per_day"),
        ({"to": 100001}, None, None),
        ({"to": 80000}, 2, "to_ng_per_day"),
        ({"to": 26999}, 1, "to_ng_per_day"),
        ({"to": 300000}, None, None),
        ({"to": 300001}, 6, "to_ng_per_day"),
        ({"to": 800001}, 1, "to_ng_per_day"),
    ):
        if rule is None:
            ward.check("TITRATE", **_plan(**changes))
        else:
            refusal = ward.refusal("TITRATE", **_plan(**changes))
            assert (refusal.error, refusal.rule, refusal.field) == (s.LIMIT, rule, field), changes
    spinal = started(origin=s.ORIGIN_SPINAL, **FAR)
    assert spinal.rule("TITRATE", **_plan(percent=30)) is None
    assert spinal.rule("TITRATE", **_plan(percent=31)) == 2
    reading = ward.check("TITRATE", **_plan())
    assert (reading["old_ng_per_day"], reading["new_ng_per_day"], reading["steps"], reading["ends"]) == (100000, 200000, 8, 0)
    assert reading["change_permille"] == 1000


@req("R2")
def test_a_step_too_small_to_be_one_is_refused():
    assert titration_plan.rungs(50, 1, 100) == []
    assert titration_plan.rungs(100, 1, 103) == [101, 102, 103]
    assert titration_plan.rungs(27000, 1, 27000) == []


@req("R2")
def test_a_soft_limit_on_the_way_needs_its_reason_at_acceptance():
    ward = started(origin=s.ORIGIN_SPINAL, max_24h_ng=1000000)
    for mcg in (130, 169, 219, 284, 369, 450):
        ward.go(DAY)
        ward.set_basal(mcg, origin=s.ORIGIN_SPINAL)
    ward.go(DAY)
    assert ward.check("TITRATE", **_plan(to=500000, percent=25))["soft"] == 0, "not above 500"
    refusal = ward.refusal("TITRATE", **_plan(to=500001, percent=10))
    assert (refusal.rule, refusal.field, refusal.high) == (1, "to_ng_per_day", 500000), "R1's soft limit is above 500"
    why = {"reason": "seen daily"}
    assert ward.check("TITRATE", **dict(why, **_plan(to=540000, percent=25)))["soft"] == limits.SOFT_BASAL_HIGH, "clipped, it is 20 %"
    assert ward.check("TITRATE", **dict(why, **_plan(to=800000, percent=20)))["soft"] == limits.SOFT_BASAL_HIGH
    # 450 x 1.25 = 562.5: more than 20 % above 500
    both = limits.SOFT_BASAL_HIGH | limits.SOFT_RAISE_HIGH
    assert ward.check("TITRATE", **dict(why, **_plan(to=600000, percent=25)))["soft"] == both
    row = list(ward.therapy.row)
    row[limits.BASAL_SOFT_MAX_NG_PER_DAY] = 800000
    ward.therapy.row = tuple(row)
    refusal = ward.refusal("TITRATE", **_plan(to=600000, percent=25))
    assert (refusal.rule, refusal.value, refusal.high) == (2, 562500, 540000)
    ward.set_basal(500, origin=s.ORIGIN_SPINAL)
    ward.go(HOUR)
    # the smallest D of the last day is still 450: 500 x 1.1 = 550 is 22 % above it
    assert ward.rule("TITRATE", **_plan(to=600000, percent=10)) == 2
    ward.order("TITRATE", **dict(why, **_plan(to=600000, percent=10)))
    assert (ward.therapy.soft(), ward.therapy.rx_reason) == (limits.SOFT_RAISE_HIGH, "seen daily"), "it stays in sight"


@req("R6")
def test_boluses_that_fill_the_day_block_a_step_and_it_comes_when_they_have_left():
    ward = started(max_24h_ng=115000, pb_max=20, pb_lockout_ms=HOUR)
    ward.go(3 * DAY - HOUR)
    ward.order("BOLUS", CLINICIAN, dose_ng=10000, duration_ms=MINUTE)
    ward.go(HOUR)
    ward.order("TITRATE", **_plan(to=110000, percent=10))
    ward.go(0)
    assert (ward.therapy.d(), ward.state) == (100000, s.TITRATING)
    assert _told(ward, events.PLAN_BLOCKED) == [(110000, 6)]
    assert ward.therapy.alarms.find(alarms.PLAN_BLOCKED)[2] == 1
    assert ward.therapy.alarms.high() == 0, "LOW: basal goes on, a bolus is possible"
    # 10 of an hour ago, at 100, and 110 a day from now: the window that begins with the bolus holds 10 + 100 x 1/24 + 110 x 23/24
    steps = _steps(ward, 2 * DAY)
    assert len(steps) == 1 and steps[0][1] == 110000
    at = steps[0][0]
    # the bolus and x h of 110 with 24 - x of 100 stay below 115 if x <= 12: 11 h from now, seen by the next try
    assert 11 * HOUR <= at <= 11 * HOUR + RETRY, at
    assert ward.state == s.INFUSING
    assert ward.therapy.alarms.find(alarms.PLAN_BLOCKED) is None
    assert _told(ward, events.PLAN_BLOCKED) == [(110000, 6)], "said once"


@req("R2")
def test_a_high_alarm_blocks_and_the_step_is_held_in_full_afterwards():
    ward = _titrating()
    ward.therapy.alarms.set(alarms.OVERDUE, ward.therapy.now)  # HIGH that stops nothing
    assert _steps(ward, 3 * DAY) == []
    assert _told(ward, events.PLAN_BLOCKED) == [(121000, -alarms.OVERDUE)]
    ward.therapy.alarm(alarms.OVERDUE, False)
    steps = _steps(ward, 3 * DAY)
    assert steps[0][1] == 121000 and steps[0][0] <= RETRY
    assert steps[1][0] - steps[0][0] == HOLD


@req("R13")
def test_a_residual_that_contradicts_the_books_blocks_a_step():
    ward = _titrating()
    ward.therapy.alarm(alarms.RESIDUAL)
    assert _steps(ward, 3 * DAY) == []
    assert _told(ward, events.PLAN_BLOCKED) == [(121000, -alarms.RESIDUAL)]
    ward.therapy.alarm(alarms.RESIDUAL, False)
    assert _steps(ward, RETRY)[0][1] == 121000


@req("R2", "R7")
def test_suspension_holds_and_cuts_do_not_advance_it():
    ward = _titrating()
    ward.go(HOUR)
    ward.order("SUSPEND")
    ward.go(47 * HOUR)
    ward.order("RESUME", OPERATOR)
    assert ward.state == s.TITRATING
    assert _steps(ward, 47 * HOUR) == [(47 * HOUR, 121000)]
    ward = _titrating()
    ward.go(HOUR)
    ward.cut(50 * MINUTE)
    assert ward.state == s.TITRATING
    ward.cut(20 * HOUR)
    assert (ward.state, ward.d_mcg) == (s.HELD, 110)
    ward.go(HOUR)
    ward.order("RESUME", OPERATOR)
    assert _steps(ward, 2 * DAY) == [(47 * HOUR, 121000)]
    ward = _titrating()
    ward.go(HOUR)
    ward.therapy.alarm(alarms.MOTOR)
    ward.go(10 * HOUR)
    ward.therapy.alarm(alarms.MOTOR, False)
    ward.order("ACK", alarm=alarms.MOTOR)
    ward.order("RESUME", OPERATOR)
    assert _steps(ward, 2 * DAY) == [(47 * HOUR, 121000)]


@req("R2")
def test_a_pause_holds_the_step_through_suspension_and_power():
    ward = _titrating()
    ward.go(47 * HOUR)
    ward.order("PAUSE", on=1)
    assert _steps(ward, 20 * DAY) == []
    ward.order("SUSPEND")
    ward.go(HOUR)
    ward.order("RESUME", OPERATOR)
    assert ward.state == s.TITRATION_PAUSED
    ward.cut(2 * HOUR)
    ward.order("RESUME", OPERATOR)
    assert ward.state == s.TITRATION_PAUSED
    ward.order("PAUSE", on=0)
    assert _steps(ward, 3 * DAY) == [(HOUR, 121000), (HOUR + HOLD, 133100)]
    assert len(_told(ward, events.PLAN_PAUSED)) == len(_told(ward, events.PLAN_CONTINUED)) == 1


@req("R7", "R3")
def test_resumed_lower_the_titration_is_over():
    ward = _titrating()
    ward.order("SUSPEND")
    ward.order("RESUME", OPERATOR, basal_ng_per_day=100000)
    assert (ward.state, ward.d_mcg) == (s.INFUSING, 100)
    assert _steps(ward, 10 * DAY) == []


@req("R4", "R2")
def test_conflicting_plans():
    ward = _titrating()
    reading = ward.order("TAPER", to_ng_per_day=0, preset=0)
    assert reading["ends"] == s.TITRATING, "stopping a rise is always safe"
    assert (ward.state, ward.therapy.taper.up) == (s.TAPERING, 0)
    ward.go(0)
    assert ward.d_mcg == 88
    for state in (s.TAPERING, s.TAPER_PAUSED):
        refusal = ward.refusal("TITRATE", **_plan())
        assert (refusal.error, refusal.field, refusal.value, refusal.text) == (s.NOT_NOW, "state", state, "titrate")
        if state == s.TAPERING:
            ward.order("PAUSE", on=1)
    ward = _titrating()
    reading = ward.prescribe(basal_ng_per_day=112000, **FAR)
    assert reading["ends"] == s.TITRATING
    assert (ward.state, ward.therapy.taper.on) == (s.INFUSING, 0)
    assert ward.check("PRESCRIBE", **rx(basal_ng_per_day=112000, **FAR))["ends"] == 0


@req("R2")
def test_a_new_titration_does_not_shorten_the_hold():
    ward = _titrating()
    ward.go(HOUR)
    ward.order("TITRATE", **_plan(percent=5))
    assert ward.therapy.taper.percent == 5
    assert _steps(ward, 2 * DAY) == [(47 * HOUR, 115500)]


@req("R16")
def test_the_patients_bolus_goes_on_in_a_titration_and_not_in_a_taper():
    ward = _titrating()
    assert ward.rule("BOLUS", OPERATOR, dose_ng=5000) is None
    ward.order("PAUSE", on=1)
    assert ward.rule("BOLUS", OPERATOR, dose_ng=5000) is None
    ward.order("TAPER", to_ng_per_day=0, preset=0)
    refusal = ward.refusal("BOLUS", OPERATOR, dose_ng=5000)
    assert (refusal.rule, refusal.value) == (16, s.TAPERING)
    ward.order("PAUSE", on=1)
    assert ward.refusal("BOLUS", OPERATOR, dose_ng=5000).rule == 16
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=5000) is None, "a clinician's is judged by R5, R6 and R16"
    row = list(ward.therapy.row)
    row[limits.BOLUS_IN_TAPER] = 1
    ward.therapy.row = tuple(row)
    assert ward.rule("BOLUS", OPERATOR, dose_ng=5000) is None
    ward.order("BOLUS", OPERATOR, dose_ng=5000)
    assert ward.d_mcg == 110, "R6 alone counts it: D, which R3 compares, stays"


@req("R4")
def test_a_bolus_in_a_taper_is_counted_by_r6():
    ward = started(max_24h_ng=100000, pb_max=20, pb_lockout_ms=HOUR)
    ward.go(3 * DAY)
    ward.order("TAPER", to_ng_per_day=0, preset=0)
    ward.go(0)
    # yesterday was full; in the minute of the bolus basal gives 20000 / 1440 = 13.9 ng less than in the one that leaves the window
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=13, duration_ms=MINUTE) is None
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=14, duration_ms=MINUTE) == 6
    ward.go(DAY)
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=20000, duration_ms=MINUTE) is None
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=20001, duration_ms=MINUTE) == 6


@req("R2")
def test_weeks_without_a_host_through_the_app():
    """Pump, journal and motor: cuts and resets on the way, the steps in the log, and what left is what was planned."""
    peer = infusing({"max_24h_ng": 300000, "conc_ng_per_ml": 2000000, "conc_again_ng_per_ml": 2000000})
    peer.rig.advance(2 * DAY)
    peer.ok("TITRATE", CLINICIAN, to_ng_per_day=150000, percent=10, hold_ms=HOLD)
    peer.rig.advance(HOUR)
    assert peer.status()["set_ng_per_day"] == 110000
    books, course = peer.books(), peer.ask("COURSE")[1]
    assert (books["taper_to_ng_per_day"], books["taper_next_ng_per_day"]) == (150000, 121000)
    assert 46 * HOUR < books["taper_in_ms"] <= 47 * HOUR
    assert (course["plan_percent"], course["plan_hold_ms"]) == (10, HOLD)
    peer.rig.cut(30 * MINUTE)
    peer.rig.advance(HOUR)
    peer.rig.hang(2500)
    peer.rig.advance(9 * DAY)
    assert (peer.status()["state"], peer.status()["set_ng_per_day"]) == (s.INFUSING, 150000)
    steps = []
    for first in range(1, 64, 16):
        steps += [a for event, a, _ in peer.log(first) if event == events.TITRATION_STEP]
    assert steps == [110000, 121000, 133100, 146410, 150000]
    refused = peer.do("TITRATE", CLINICIAN, to_ng_per_day=140000, percent=10, hold_ms=HOLD)[1]
    assert (refused["error"], refused["rule"]) == (s.LIMIT, 2)


@req("R6")
def test_no_24_hours_exceed_the_cap_whatever_steps_and_boluses_do():
    """A brute force that knows nothing of edges: drug by the minute, in ng / 1440, over every window of the whole run."""
    ward = started(max_24h_ng=150000, pb_max=40, pb_lockout_ms=HOUR)
    flows, boluses, seed, accepted = [[0, 0], [ward.therapy.now, 100000]], [], 5, 0
    ward.go(DAY)
    ward.order("TITRATE", **_plan(to=150000, percent=15, hold_ms=DAY))
    for _ in range(9 * 24):
        last = ward.therapy.d()
        begin = ward.therapy.now
        for at, d in _steps(ward, HOUR):
            flows.append([begin + at, d])
            last = d
        assert ward.therapy.d() == last
        seed = seed * 1103515245 + 12345 & 0x7FFFFFFF
        if seed % 5 == 0:
            dose = 1000 + seed % 9000
            if ward.rule("BOLUS", CLINICIAN, dose_ng=dose, duration_ms=5 * MINUTE, reason="test") is None:
                ward.order("BOLUS", CLINICIAN, dose_ng=dose, duration_ms=5 * MINUTE, reason="test")
                boluses.append([ward.therapy.now, dose])
                accepted += 1
    ward.go(DAY)
    flows.append([ward.therapy.now, 0])
    minutes = [0] * (ward.therapy.now // MINUTE + 1)
    for i in range(len(flows) - 1):
        for minute in range(flows[i][0] // MINUTE, flows[i + 1][0] // MINUTE):
            minutes[minute] += flows[i][1]
    for start, dose in boluses:
        for minute in range(5):
            minutes[start // MINUTE + minute] += dose * 288
    total = most = 0
    for i in range(len(minutes)):
        total += minutes[i] - (minutes[i - 1440] if i >= 1440 else 0)
        most = max(most, total)
    assert most <= 150000 * 1440, most // 1440
    assert most > 140000 * 1440 and accepted > 5 and len(flows) > 4, (most // 1440, accepted, flows)


@req("R6")
def test_a_step_on_top_of_what_the_window_holds_is_seen():
    """The arithmetic alone: what a step adds is counted to the end of every window, not from what was delivered."""
    flows = [[0, 100000]]
    assert cap.judge(110000, (flows, []), (flows + [[DAY, 110000]], []), [], DAY)[1] is None
    assert cap.judge(109999, (flows, []), (flows + [[DAY, 110000]], []), [], DAY)[1] == 110000


def _with(row, **numbers):
    """The library's row with other numbers."""
    changed = list(row)
    for name in numbers:
        changed[getattr(limits, name)] = numbers[name]
    return tuple(changed)


@req("R2")
def test_a_step_that_a_stricter_library_forbids_is_not_taken():
    """The firmware was updated while a plan of 15 % ran, and its library now says 10 %: 110 x 1.15 waits."""
    ward = _titrating(plan=_plan(percent=15))
    assert ward.therapy.d() == 115000
    ward.therapy.row = _with(ward.therapy.row, RAISE_PERCENT=(10, 10, 10, 10))
    assert titration_plan.blocked(ward.therapy) == 2
    ward.go(5 * DAY)
    assert (ward.therapy.d(), ward.state) == (115000, s.TITRATING)
    assert ward.therapy.alarms.find(alarms.PLAN_BLOCKED) is not None
    assert _told(ward, events.PLAN_BLOCKED) == [(132250, 2)]
    ward.therapy.row = _with(ward.therapy.row, RAISE_PERCENT=(15, 15, 15, 15))
    ward.go(RETRY)
    assert ward.therapy.d() == 132250


@req("R2")
def test_steps_too_small_to_be_one_are_refused_with_the_smallest_that_is():
    """1 % of 50 ng is half a ng: nothing. 2 % are one."""
    assert titration_plan.rungs(50, 1, 60) == []
    assert titration_plan.rungs(50, 2, 53) == [51, 52, 53]
    ward = started(**FAR)
    ward.go(3 * DAY)
    ward.therapy.row = _with(ward.therapy.row, BASAL_MIN_NG_PER_DAY=1)
    ward.therapy.history.rungs = [[0, 50, 50]]
    refusal = ward.refusal("TITRATE", **_plan(to=60, percent=1))
    assert (refusal.rule, refusal.field, refusal.value, refusal.low) == (2, "percent", 1, 2)
    assert ward.rule("TITRATE", **_plan(to=60, percent=2)) is None
