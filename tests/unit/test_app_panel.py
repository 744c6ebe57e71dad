"""The pump's own buttons: SUSPEND held for 3 s, the patient's bolus, one that is stuck.

The plant's pulses are the truth. Bore 8.66 mm: 54.3281 steps a uL, so 100 mcg/day of 500 mcg/mL is 10865.6 steps a day, 452.73 an hour.
"""

from peer import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, infusing, pump
from pump.core import orders
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
def test_the_button_suspends_after_three_seconds():
    for ms, state in ((2998, s.INFUSING), (3000, s.SUSPENDED)):
        peer = infusing()
        peer.rig.advance(HOUR)
        peer.rig.press("SUSPEND", ms)
        peer.rig.advance(ms + 10)
        assert peer.status()["state"] == state, ms
    assert peer.status()["alarm"] == alarms.SUSPENDED
    assert peer.rig.truth()["buzzer"] == alarms.HIGH
    assert (13, 0, 0) in peer.log(), "by the button"
    steps = peer.rig.truth()["steps"]
    peer.rig.press("SUSPEND", 4000)
    peer.rig.press("BOLUS", 4000)
    peer.rig.advance(DAY)
    assert peer.rig.truth()["steps"] - steps <= 1
    assert peer.status()["state"] == s.SUSPENDED, "pressing again does not resume"


@req("R7")
def test_short_presses_do_not_add_up():
    peer = infusing()
    for _ in range(10):
        peer.rig.press("SUSPEND", 2000)
        peer.rig.advance(2500)
    assert peer.status()["state"] == s.INFUSING


@req("R7")
def test_the_button_works_in_every_running_state_and_in_a_bolus():
    peer = infusing()
    peer.rig.advance(DAY)
    peer.ok("BOLUS", OPERATOR, dose_ng=5000)
    peer.rig.advance(MINUTE)
    peer.rig.press("SUSPEND", 3500)
    peer.rig.advance(4000)
    status = peer.status()
    assert (status["state"], status["bolus_ng"], status["bolus_count"]) == (s.SUSPENDED, 0, 1)
    _near(peer, 100000 + 1000 * 63 // 60 + 73, 2)  # half a second of it was on its way
    for paused in (0, 1):
        peer = infusing()
        peer.ok("TAPER", CLINICIAN, to_ng_per_day=0, preset=0)
        if paused:
            peer.ok("PAUSE", CLINICIAN, on=1)
        peer.rig.press("SUSPEND", 3500)
        peer.rig.advance(4000)
        assert peer.status()["state"] == s.SUSPENDED
        peer.ok("RESUME", OPERATOR)
        assert peer.status()["state"] == (s.TAPER_PAUSED if paused else s.TAPERING)


@req("R5", "R16", "OPCA R5.2.0(3)")
def test_the_patient_s_button_gives_the_prescribed_bolus_once():
    peer = infusing()
    peer.rig.advance(HOUR)
    peer.rig.press("BOLUS", 10000)
    peer.rig.advance(10 * MINUTE)
    assert peer.status()["bolus_count"] == 1
    for _ in range(5):
        peer.rig.press("BOLUS", 100)
        peer.rig.advance(MINUTE)
    assert peer.status()["bolus_count"] == 1
    log = peer.log()
    assert log.count((3, 5000, 5 * MINUTE)) == 1
    assert log.count((7, 5000, 5)) == 5, "denied by R5, five times"
    peer.rig.advance(DAY - HOUR - 15 * MINUTE)
    _near(peer, 105000)


@req("R16")
def test_the_patient_s_button_gives_nothing_where_nothing_is_prescribed_or_running():
    none = {"pb_dose_ng": None, "pb_duration_ms": None, "pb_lockout_ms": None, "pb_max": None}
    for peer in (infusing(none), pump()):
        peer.rig.advance(HOUR)
        peer.rig.press("BOLUS", 100)
        peer.rig.advance(HOUR)
        assert peer.status()["bolus_count"] == 0


@req("alarms", "GIP 2.3.1")
def test_a_stuck_button_is_told_after_a_minute():
    peer = infusing()
    peer.rig.press("BOLUS", 70000)
    peer.rig.advance(59999)
    assert peer.status()["alarm"] == 0
    peer.rig.advance(1)
    assert peer.status()["alarm"] == alarms.STUCK_BUTTON
    assert peer.status()["state"] == s.INFUSING
    peer.rig.advance(11000)
    assert peer.status()["alarm"] == 0


@req("R16", "structure")
def test_a_bolus_that_can_not_be_loaded_is_denied_and_basal_goes_on():
    """On a Pico the button's order comes from flash, and needs heap."""

    fault = []  # what loading it raises

    def fails(verb):
        raise fault[0]

    for error in (OSError(5), MemoryError()):
        peer = infusing()
        peer.rig.advance(HOUR)
        fault[:] = [error]
        real = orders.find
        orders.find = fails
        try:
            peer.rig.press("BOLUS", 100)
            peer.rig.advance(MINUTE)
        finally:
            orders.find = real
        assert (7, 5000, 0) in peer.log(), error
        assert (peer.status()["state"], peer.status()["bolus_count"]) == (s.INFUSING, 0)
        peer.rig.advance(HOUR - MINUTE)
        _near(peer, 100000 * 2 // 24)
        peer.rig.press("BOLUS", 100)
        peer.rig.advance(MINUTE)
        assert peer.status()["bolus_count"] == 1, "the next press is one of its own"
