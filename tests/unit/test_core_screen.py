"""Screening: one test dose, no basal, a day between two; it counts whole for R5 and R6, however it ends, and R6 sees it in the therapy after it."""

from peer import CLINICIAN, OPERATOR, SERVICE, pump, rx
from pump.core import power
from support import req
from ward import DAY, HOUR, MINUTE, ready, started
from wire import alarms, events
from wire import schema as s


def _dose(ng=25000, ms=MINUTE, conc=500000, **more):
    values = {"dose_ng": ng, "duration_ms": ms, "conc_ng_per_ml": conc, "conc_again_ng_per_ml": conc}
    values.update(more)
    return values


def _ready():
    ward = ready()
    ward.go(HOUR)
    return ward


def _ended(therapy, event):
    return [(item[1], item[2]) for item in therapy.news if item[0] == event]


@req("R8", "R16", "R9")
def test_one_dose_inside_the_librarys_range_and_the_concentration_twice():
    ward = _ready()
    for values, rule in (
        (_dose(12500), None),
        (_dose(12499), 8),
        (_dose(50000), None),
        (_dose(50001), 8),
        (_dose(ms=MINUTE - 1), 16),
        (_dose(ms=HOUR), None),
        (_dose(ms=HOUR + 1), 16),
        (_dose(conc_again_ng_per_ml=50000), 9),
        (_dose(conc=400000), 9),
        (_dose(conc=50000), None),
    ):
        assert ward.rule("SCREEN", **values) == rule, values
    reading = ward.check("SCREEN", **_dose(duration_ms=None))
    assert (reading["dose_ng"], reading["duration_ms"], reading["total_24h_ng"], reading["conc_ng_per_ml"]) == (
        25000,
        MINUTE,
        25000,
        500000,
    )
    # 25 mcg are 50 uL: of a bore of 8.66 mm and 3200 steps a mm, 2716.3 steps
    assert reading["steps"] == 2717


@req("R5")
def test_it_ends_by_itself_in_ready_and_no_basal_flows():
    ward = _ready()
    ward.order("SCREEN", **_dose())
    therapy = ward.therapy
    assert (ward.state, therapy.basal(), therapy.d()) == (s.SCREENING, 0, 0)
    assert therapy.plan.steps_by(therapy.now + MINUTE) == 2716
    therapy.plan.take(2716)
    ward.go(MINUTE)
    assert ward.state == s.READY
    assert _ended(therapy, events.SCREEN_ENDED) == [(25000, MINUTE)]
    assert therapy.odometer() == 2716
    assert therapy.next_event() is None
    assert therapy.screen_given(25000) == 1 and therapy.screen_given(50000) == 0


@req("R5")
def test_a_day_of_pump_time_lies_between_two():
    ward = _ready()
    ward.order("SCREEN", **_dose())
    ward.go(MINUTE)
    refusal = ward.refusal("SCREEN", **_dose())
    assert (refusal.rule, refusal.field, refusal.in_ms, refusal.low) == (8, "spacing_ms", DAY, DAY)
    ward.cut(5 * DAY)
    ward.go(DAY - 1)
    assert ward.refusal("SCREEN", **_dose()).in_ms == 1, "time without power counts as none"
    ward.go(1)
    ward.order("SCREEN", **_dose(50000))
    assert [screen[1] for screen in ward.therapy.screens] == [25000, 50000]


@req("R5", "R6")
def test_ended_early_it_counts_whole_from_the_later_end():
    for way in ("cancel", "suspend", "stop", "high", "reset", "cut"):
        ward = _ready()
        therapy = ward.therapy
        ward.order("SCREEN", **_dose(50000, 10 * MINUTE))
        ward.go(MINUTE)
        if way == "cancel":
            ward.order("CANCEL", OPERATOR)
        elif way == "suspend":
            ward.order("SUSPEND", OPERATOR)
        elif way == "stop":
            therapy.alarm(alarms.MOTOR)
        elif way == "high":
            therapy.alarm(alarms.OVERDUE)
        elif way == "reset":
            power.reset(therapy, 0)
        else:
            ward.cut(HOUR, lost_steps=5000)
        assert ward.state == s.READY, way
        ended = _ended(therapy, events.SCREEN_ENDED)
        assert ended == [(50000, -1 if way == "cut" else MINUTE)], (way, ended)
        assert therapy.screen_given(50000) == 0, "part of a dose is no test"
        assert therapy.screen_in_ms() == DAY + 9 * MINUTE, way
        assert therapy.alarms.find(alarms.SUSPENDED) is None, "nothing stands still that should flow"
        assert therapy.alarms.find(alarms.DEFICIT) is None
        ward.go(HOUR)
        for code in (alarms.MOTOR, alarms.OVERDUE):
            therapy.alarm(code, False)
            if therapy.alarms.find(code):
                ward.order("ACK", alarm=code)
        # 50 of an hour ago and 70 a day: 50 + 70 x 23/24 = 117.1
        assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=70000)) == 6, way
        assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=67000)) is None, way


@req("R5")
def test_a_reset_after_its_end_counts_from_the_reset():
    ward = _ready()
    ward.order("SCREEN", **_dose())
    ward.therapy.now += 2 * MINUTE  # the loop hung over the end of the dose
    power.reset(ward.therapy, 0)
    assert ward.therapy.screen_in_ms() == DAY
    assert ward.therapy.screen_given(25000) == 1, "all of it was given"


@req("R6", "R5", "R8")
def test_a_therapy_that_starts_within_the_day_counts_it():
    ward = _ready()
    ward.order("SCREEN", **_dose(50000))
    ward.go(HOUR)
    refusal = ward.refusal("PRESCRIBE", **rx())
    assert (refusal.rule, refusal.high) == (6, 115000)
    ward.go(DAY - HOUR - 8 * HOUR)
    # 8 h before it leaves the window: 50 + 100 x 8/24 = 83.3, and 100 in any day after
    read = ward.order("PRESCRIBE", **rx())
    assert read["tested"] == 1, "the test dose that is stated is one this pump gave"
    assert ward.check("PRESCRIBE", **rx(screen_ng=25000))["tested"] == 0
    assert ward.therapy.history.boluses[0][3] == 50000
    ward.go(0)
    wait = ward.refusal("SCREEN", **_dose())
    assert (wait.error, wait.text) == (s.NOT_NOW, "screen")


@req("R5")
def test_the_lockout_counts_from_it():
    ward = _ready()
    ward.order("SCREEN", **_dose(12500))
    ward.go(MINUTE)
    ward.prescribe()
    refusal = ward.refusal("BOLUS", OPERATOR, dose_ng=5000)
    assert (refusal.rule, refusal.in_ms) == (5, 6 * HOUR)
    ended = started(basal_ng_per_day=27000, max_24h_ng=60000)
    ended.go(DAY)
    ended.order("TAPER", to_ng_per_day=0, preset=0)
    ended.go(2 * DAY - 10 * MINUTE)
    ended.order("BOLUS", CLINICIAN, dose_ng=10000, duration_ms=MINUTE)
    ended.go(10 * MINUTE)
    assert ended.state == s.ENDED
    refusal = ended.refusal("SCREEN", **_dose())
    assert (refusal.rule, refusal.field) == (5, "lockout_ms")
    ended.go(6 * HOUR)
    assert ended.rule("SCREEN", **_dose()) is None


@req("R9")
def test_another_concentration_in_the_line_needs_priming():
    ward = _ready()
    ward.order("SCREEN", **_dose(conc=50000))
    ward.go(2 * DAY)
    assert ward.rule("SCREEN", **_dose()) == 9
    ward.order("PRIME", role=SERVICE, volume_nl=50000, disconnected=1)
    ward.therapy.plan.take(2000)
    ward.go(HOUR)
    assert ward.rule("SCREEN", **_dose()) is None


@req("R15")
def test_the_governor_lets_it_through_and_not_more():
    ward = _ready()
    ward.order("SCREEN", **_dose())
    governor, now = ward.therapy.governor, ward.therapy.now
    assert governor.release(2717, now)
    assert not governor.release(100, now)
    # after a therapy of little the day's window holds its drug too
    ended = started(basal_ng_per_day=27000, max_24h_ng=27000)
    for hour in range(72):
        if hour == 24:
            ended.order("TAPER", to_ng_per_day=0, preset=0)
        ended.go(HOUR)
        steps = ended.therapy.plan.steps_by(ended.therapy.now)
        assert ended.therapy.governor.release(steps, ended.therapy.now)
        ended.therapy.plan.settle(ended.therapy.now)
        ended.therapy.plan.take(steps)
    assert ended.state == s.ENDED
    ended.go(MINUTE)
    ended.order("SCREEN", **_dose(50000))
    assert ended.therapy.governor.release(5433, ended.therapy.now)


@req("R13", "alarms")
def test_it_needs_drug_in_the_syringe_and_no_high_alarm():
    ward = _ready()
    ward.order("REFILL", residual_nl=3000000, volume_nl=49000)
    refusal = ward.refusal("SCREEN", **_dose())
    assert (refusal.error, refusal.text, refusal.rule) == (s.NOT_NOW, "reservoir", 13)
    ward = _ready()
    ward.therapy.alarm(alarms.RESIDUAL)
    assert ward.refusal("SCREEN", **_dose()).rule == 13
    ward.therapy.alarm(alarms.RESIDUAL, False)
    ward.therapy.alarm(alarms.MOTOR)
    assert ward.refusal("SCREEN", **_dose()).text == "alarm"


@req("R5", "R6", "R17")
def test_the_app_gives_it_exactly_and_keeps_it_through_cuts_and_resets():
    for way in ("whole", "cut", "hang"):
        peer = pump()
        before = peer.rig.truth()["steps"]
        peer.ok("SCREEN", CLINICIAN, **_dose(25000, 10 * MINUTE))
        peer.rig.advance(5 * MINUTE)
        status = peer.status()
        assert (status["state"], status["bolus_ng"], status["conc_ng_per_ml"], status["basal_ng_per_day"]) == (
            s.SCREENING,
            25000,
            500000,
            0,
        )
        assert abs(status["known_ng"] - 12500) < 100
        assert peer.do("CALIBRATE", SERVICE, expected_nl=100000, found_nl=99000)[1]["rule"] == 17
        if way == "cut":
            peer.rig.cut(HOUR)
        elif way == "hang":
            peer.rig.hang(2500)
        peer.rig.advance(10 * MINUTE)
        steps = peer.rig.truth()["steps"] - before
        assert peer.status()["state"] == s.READY
        if way == "whole":
            assert abs(steps - 2716) <= 1, steps
        else:
            assert 1300 < steps < 1500, (way, steps)
        course = peer.ask("COURSE")[1]
        assert course["screen_ng"] == 25000 and DAY - 11 * MINUTE <= course["screen_in_ms"] <= DAY, course
        # what a cut left uncertain is an interval: at most all of it, an hour ago
        low, high = {"whole": (24000, 25000), "cut": (0, 21500), "hang": (11900, 12500)}[way]
        level = peer.ask("LEVEL")[1]
        assert low <= level["level_ng"] <= level["level_most_ng"] <= high, (way, level)
        peer.rig.cut(2 * HOUR)
        refused = peer.refused(8, "SCREEN", CLINICIAN, **_dose())
        assert refused["field"] == "spacing_ms"
        prescribed = peer.ask("PRESCRIBE", CLINICIAN, id=peer.id(), **rx(screen_ng=25000, basal_ng_per_day=50000))
        assert prescribed[0] == "PROPOSED" and prescribed[1]["tested"] == (1 if way == "whole" else 0)
        peer.refused(6, "PRESCRIBE", CLINICIAN, **rx(basal_ng_per_day=100000, max_24h_ng=100000))


@req("R6")
def test_no_24_hours_exceed_the_cap_when_a_therapy_follows_a_test_dose():
    """Brute force by the minute, in ng / 1440: every start the pump accepts after a test dose, and what is refused would exceed."""
    for after in (MINUTE, HOUR, 7 * HOUR, 20 * HOUR, 23 * HOUR):
        ward = _ready()
        begin = ward.therapy.now
        ward.order("SCREEN", **_dose(50000, 10 * MINUTE))
        ward.go(after + 10 * MINUTE)
        start = ward.therapy.now
        most = 0
        for mcg in range(27, 101):
            total = _fullest([(begin, 10, 50000)], start, mcg * 1000)
            possible = ward.rule("PRESCRIBE", **rx(basal_ng_per_day=mcg * 1000, max_24h_ng=100000)) is None
            assert possible == (total <= 100000 * 1440), (after, mcg, total // 1440)
            most = mcg if possible else most
        assert most >= 50


def _fullest(boluses, start, basal):
    """The fullest 24 h of boluses (start, minutes, ng) and basal from `start` on, in ng / 1440."""
    first = boluses[0][0] // MINUTE
    minutes = [0] * (3 * 1440)
    for begin, length, dose in boluses:
        for i in range(length):
            minutes[begin // MINUTE - first + i] += dose * 1440 // length
    for i in range(start // MINUTE - first, len(minutes)):
        minutes[i] += basal
    most = total = 0
    for i in range(len(minutes)):
        total += minutes[i] - (minutes[i - 1440] if i >= 1440 else 0)
        most = max(most, total)
    return most
