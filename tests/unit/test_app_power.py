"""R7 when the power comes back: goes on by itself, held, or too late, by what a trusted clock can say.

The plant's pulses are the truth. Bore 8.66 mm: 54.3281 steps a uL, so 100 mcg/day of 500 mcg/mL is 10865.6 steps a day, 452.73 an hour.
"""

from peer import CLINICIAN, DAY, HOUR, MINUTE, NOBODY, OPERATOR, infusing, pump, rx
from support import req
from wire import alarms
from wire import schema as s


def _expected(ng):
    """Steps of so many ng at 500 mcg/mL, to the nearest."""
    return (ng * 2 * 5432805 + 50000000) // 100000000


def _near(peer, ng, slack=1):
    steps = peer.rig.truth()["steps"]
    assert abs(steps - _expected(ng)) <= slack, (steps, _expected(ng))
    assert peer.rig.truth()["idle_steps"] == 0


@req("R7")
def test_power_back_within_an_hour_basal_goes_on():
    peer = infusing()
    peer.rig.advance(HOUR)
    peer.rig.cut(58 * MINUTE)  # the intent is up to a step, 8 s, older than the cut
    status, books = peer.status(), peer.books()
    assert (status["state"], status["alarm"], books["cuts"]) == (s.INFUSING, 0, 1)
    peer.rig.advance(DAY)
    truth = peer.rig.truth()["steps"]
    books = peer.books()
    # a stretch is 60 s of basal, 7.5 steps: what may have been lost, and what may have been given twice
    assert books["known_steps"] <= truth <= books["most_steps"] <= books["known_steps"] + 8
    _near(peer, 104167, 9)


@req("R7")
def test_power_back_after_more_than_an_hour_it_is_held():
    peer = infusing()
    peer.rig.advance(HOUR)
    peer.rig.cut(HOUR + MINUTE)
    status = peer.status()
    assert (status["state"], status["alarm"], status["basal_ng_per_day"], status["set_ng_per_day"]) == (
        s.HELD,
        alarms.POWER_LOST,
        0,
        100000,
    )
    assert HOUR + MINUTE <= status["stopped_ms"] <= HOUR + 2 * MINUTE
    assert peer.rig.truth()["buzzer"] == alarms.HIGH
    steps = peer.rig.truth()["steps"]
    peer.rig.advance(DAY)
    assert peer.rig.truth()["steps"] == steps
    assert peer.ask("RESUME", NOBODY, id=peer.id())[1]["error"] == s.NOT_AUTHORISED
    peer.ok("RESUME", OPERATOR)
    assert peer.status()["alarm"] == 0
    peer.rig.advance(DAY)
    assert abs(peer.rig.truth()["steps"] - steps - _expected(100000)) <= 1


@req("R7")
def test_the_bound_on_the_time_without_power_is_a_bound():
    """The board's clock counts whole seconds: 3600.9 s may read as 3600. Never resumed by itself after more than an hour."""
    for ms, state in ((-MINUTE - 1000, s.INFUSING), (1, s.HELD)):  # the last intent is up to a stretch of 60 s old
        peer = infusing()
        peer.rig.advance(7 * MINUTE + 700)
        peer.rig.cut(HOUR + ms)
        assert peer.status()["state"] == state, ms
    peer = infusing()
    peer.rig.advance(MINUTE)
    peer.ask("SUSPEND", OPERATOR, id=peer.id())
    peer.ok("RESUME", OPERATOR)  # saved at a whole second
    peer.rig.cut(HOUR + 900)
    assert peer.status()["state"] == s.HELD


@req("R7")
def test_a_clock_that_stopped_bounds_nothing():
    peer = infusing()
    peer.rig.advance(HOUR)
    peer.rig.control("fault rtc 1")
    peer.rig.cut(1000)
    status = peer.status()
    assert (status["state"], status["set_ng_per_day"]) == (s.HELD, 100000)
    codes = [peer.ask("ALARMS", index=i)[1]["alarm"] for i in range(3)]
    assert sorted(codes) == [alarms.POWER_LOST, alarms.OVERDUE, alarms.CLOCK_UNCERTAIN]
    peer.refused(7, "RESUME", OPERATOR)
    peer.refused(7, "RESUME", OPERATOR, reason="it was a second")
    peer.refused(7, "RESUME", CLINICIAN)
    peer.refused(7, "RESUME", CLINICIAN, reason="seen", basal_ng_per_day=100001)
    peer.ok("RESUME", CLINICIAN, reason="seen")
    assert peer.status()["state"] == s.INFUSING
    peer.refused(2, "PRESCRIBE", CLINICIAN, **rx(basal_ng_per_day=101000))


@req("R7", "H3")
def test_a_clock_set_back_bounds_nothing():
    """Loop 2057: clock set back. Time that would be negative is unknown."""
    peer = infusing()
    peer.rig.advance(HOUR)
    peer.rig._config.rtc_at_0 -= 2 * HOUR // 1000
    peer.rig.cut(1000)
    assert peer.status()["state"] == s.HELD
    peer.refused(7, "RESUME", OPERATOR)


@req("R7")
def test_suspended_through_power_cuts_it_stays_suspended():
    peer = infusing()
    peer.rig.advance(HOUR)
    peer.ask("SUSPEND", OPERATOR, id=peer.id())
    for _ in range(4):
        peer.rig.advance(5 * HOUR)
        peer.rig.cut(5 * HOUR)
        assert peer.status()["state"] == s.SUSPENDED
    assert 40 * HOUR <= peer.status()["stopped_ms"] <= 40 * HOUR + 8000
    peer.rig.advance(7 * HOUR)
    peer.ok("RESUME", OPERATOR)
    assert peer.status()["state"] == s.INFUSING


@req("R6", "R7")
def test_a_cap_that_is_the_basal_does_not_keep_it_from_resuming_after_cuts():
    changes = rx(max_24h_ng=100000)
    for field in ("pb_dose_ng", "pb_duration_ms", "pb_lockout_ms", "pb_max"):
        del changes[field]
    peer = pump()
    peer.ok("PRESCRIBE", CLINICIAN, **changes)
    for _ in range(3):
        peer.rig.advance(5 * HOUR + 7777)
        peer.rig.cut(2 * HOUR)
        assert peer.status()["state"] == s.HELD
        peer.ok("RESUME", OPERATOR)
    peer.rig.advance(DAY)
    # 39 h of 452.73 steps an hour; each cut may have cost up to a minute and a step
    assert 17650 <= peer.rig.truth()["steps"] <= 17667 + 1
