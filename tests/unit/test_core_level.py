"""The CSF level: one compartment, exact to a millionth, against integers of any size and against bounds that need no model of ours."""

from peer import CLINICIAN, OPERATOR, infusing
from pump.core import level
from support import req
from ward import DAY, HOUR, MINUTE, started
from wire import schema as s

ONE = 1 << 32
UNIT = 86400000  # 1 ng


@req("level")
def test_the_factors_are_the_nearest_32_bit_ones():
    """F is the nearest to 2^32 x 2^(-1/T) if (F - 1/2)^T < 2^(32 T) / 2 < (F + 1/2)^T: whole numbers only."""
    for minutes, known in ((90, 4262016076), (270, 4283955346), (300, 4285055270), (1, 1 << 31)):
        f = level.factor(minutes)
        assert f == known, minutes
    for minutes in (1, 2, 3, 7, 30, 90, 120, 270, 300, 333):
        f = level.factor(minutes)
        middle = 1 << (33 * minutes - 1)
        assert (2 * f - 1) ** minutes < middle < (2 * f + 1) ** minutes, minutes


def _slow(start, f, each, minutes):
    """The recurrence, minute by minute, without rounding: in 2^-64 of a unit and rounded down there."""
    value = start << 64
    for _ in range(minutes):
        value = (value * f >> 32) + (each << 64)
    return value >> 64


@req("level")
def test_many_minutes_at_once_are_those_minutes_one_by_one():
    f = level.factor(270)
    for start, each in ((0, 100000 * MINUTE), (45000 * UNIT, 0), (45000 * UNIT, 800000 * MINUTE), (7, 0), (1, 1)):
        for minutes in (0, 1, 2, 3, 59, 270, 1441, 10080):
            exact = _slow(start, f, each, minutes)
            got = level.after(start, f, each, minutes)
            assert abs(got - exact) * 1000000 <= max(start, exact, each * 400) + 500 * 1000000, (start, each, minutes, got, exact)
    assert level.after(10**15, f, 0, 100 * 365 * 1440) == 0, "a century is done as fast"


@req("level")
def test_half_is_left_after_a_half_life_and_it_settles_at_what_d_keeps():
    for minutes in (90, 270, 300):
        made = level.Level()
        made.f = level.factor(minutes)
        made.run(30 * minutes * MINUTE, 100000, None)
        low, high = made.permille(100000)
        assert (low, high) == (1000, 1000)
        # D x T / ln 2 = 100000 / 1440 x T x 1.442695 ng, by the minute half a minute's input more
        expected = 100000 * minutes * 1442695 // 1440 // 1000000
        assert abs(made.ng()[0] - expected) <= 70, (minutes, made.ng(), expected)
        stop = made.t
        for half_lives, permille in ((1, 500), (2, 250), (3, 125), (10, 1)):
            made.run(stop + half_lives * minutes * MINUTE, 0, None)
            assert abs(made.permille(100000)[0] - permille) <= 1, (minutes, half_lives, made.permille(100000))


@req("level")
def test_a_reading_does_not_depend_on_how_often_it_was_taken():
    often, once = level.Level(), level.Level()
    often.f = once.f = level.factor(270)
    bolus = [3 * HOUR + 12345, 3 * HOUR + 12345 + 10 * MINUTE, -1, 25000]
    t = 0
    for i in range(400):
        t += 1 + i * 7919 % 200000
        often.run(t, 100000, bolus)
    once.run(t, 100000, bolus)
    assert often.t == once.t == t
    assert abs(often.low - once.low) < once.low // 1000000 + 1000


@req("level")
def test_a_bolus_enters_as_it_is_given_and_all_of_it():
    made = level.Level()
    made.f = ONE - 1  # next to no decay: what entered is there
    bolus = [12345, 12345 + 7 * MINUTE + 77, -1, 25000]
    for t, ng in ((12345, 0), (12345 + (7 * MINUTE + 77) // 2, 12499), (12345 + 7 * MINUTE + 77, 24999), (DAY, 24999)):
        made.run(t, 0, bolus)
        assert made.ng()[0] == ng, (t, made.ng())


def _bounds(flows, t, half_life):
    """Bounds of the level at t in 1/1000 ng by slices of a minute: what enters decays from the slice's begin, or from its end. 2^-64 fixed point."""
    f = level.factor(half_life)
    low = high = 0
    for minute in range(t // MINUTE):
        rate = [r for at, r in flows if at <= minute * MINUTE][-1]
        each = (rate * 1000 << 64) // 1440
        low = (low + each) * f >> 32
        high = (high * f >> 32) + each
    return low >> 64, high >> 64


@req("level", "R7")
def test_the_therapy_feeds_it_and_a_stop_lets_it_fall():
    ward = started()
    begin = ward.therapy.now
    ward.go(DAY)
    ward.set_basal(110)
    ward.go(DAY)
    ward.order("SUSPEND")
    ward.go(270 * MINUTE)
    flows = [(0, 0), (begin, 100000), (begin + DAY, 110000), (begin + 2 * DAY, 0)]
    low, high = _bounds(flows, ward.therapy.now, 270)
    at = ward.therapy.history.level_at(ward.therapy.now)
    assert low // 1000 - 1 <= at.ng()[0] <= at.ng()[1] <= high // 1000 + 2, (low, at.ng(), high)
    assert abs(at.permille(110000)[0] - 500) <= 2
    assert ward.therapy.history.level.t == begin + 2 * DAY, "a reading changes nothing"
    ward.order("RESUME", OPERATOR)
    ward.go(270 * MINUTE)
    assert abs(ward.therapy.history.level_at(ward.therapy.now).permille(110000)[0] - 750) <= 2


@req("level", "R7")
def test_time_without_power_is_an_interval_that_closes_by_itself():
    ward = started()
    ward.go(5 * DAY)
    ward.cut(270 * MINUTE)
    low, high = ward.therapy.history.level_at(ward.therapy.now).permille(100000)
    assert abs(low - 500) <= 2 and abs(high - 500) <= 2 and low <= high
    ward.cut(-1, lost_steps=3)
    low, high = ward.therapy.history.level_at(ward.therapy.now).permille(100000)
    assert low == 0 and abs(high - 500) <= 2, "nobody knows for how long: all of it may be gone"
    assert ward.state == s.HELD and ward.therapy.stopped_ms() == -1
    ward.order("RESUME", CLINICIAN, reason="seen")
    ward.go(3 * DAY)
    low, high = ward.therapy.history.level_at(ward.therapy.now).permille(100000)
    assert 999 <= low <= high <= 1000


@req("level", "R7")
def test_the_app_tells_it_and_keeps_it():
    peer = infusing()
    peer.rig.advance(5 * DAY)
    course = peer.ask("LEVEL")[1]
    assert (course["level_permille"], course["level_most_permille"]) == (1000, 1000)
    peer.ok("BOLUS", CLINICIAN, dose_ng=5000, duration_ms=5 * MINUTE)
    peer.rig.advance(5 * MINUTE)
    before = course["level_ng"]
    course = peer.ask("LEVEL")[1]
    assert 4900 < course["level_ng"] - before <= 5000
    peer.rig.hang(2500)
    assert abs(peer.ask("LEVEL")[1]["level_ng"] - course["level_ng"]) < 50
    peer.ask("SUSPEND", OPERATOR, id=peer.id())
    peer.rig.advance(270 * MINUTE)
    course = peer.ask("LEVEL")[1]
    assert 585 <= course["level_permille"] <= 595  # half of 1000 and of 5 mcg more, of which 27.05 mcg are 1000
    peer.rig.cut(270 * MINUTE)
    again = peer.ask("LEVEL")[1]
    assert abs(again["level_permille"] * 2 - course["level_permille"]) <= 5, (again, course)
    assert peer.status()["stopped_ms"] > 530 * MINUTE


@req("R7")
def test_an_unknown_stop_is_told_as_unknown():
    ward = started()
    ward.go(DAY)
    ward.cut(-1)
    from pump.app import telemetry

    assert telemetry.status(ward.therapy, 0, "0" * 16, 0)["stopped_ms"] == -1
    known = started()
    known.go(DAY)
    known.order("SUSPEND")
    assert telemetry.status(known.therapy, 0, "0" * 16, 0)["stopped_ms"] == 0
