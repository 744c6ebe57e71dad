"""R10 priming and R17 calibration: with nothing prescribed, apart from any dose, capped; the correction is exact integers.

A 3 mL syringe of 8.66 mm bore on a 1 mm screw of 3200 microsteps holds 3200 / (pi/4 x 8660^2 x 10^-3 nL) = 0.054328 steps per nL.
"""

from peer import CLINICIAN, SERVICE, pump, rx
from support import req
from wire import schema as s

MINUTE = 60000
HOUR = 3600000
DAY = 24 * HOUR


def ready():
    return pump()


def prime(peer, nl, disconnected=1):
    return peer.do("PRIME", SERVICE, volume_nl=nl, disconnected=disconnected)


@req("R10")
def test_priming_needs_the_word_that_the_line_is_disconnected():
    peer = ready()
    verb, said = prime(peer, 100000, 0)
    assert (verb, said["error"], said["rule"], said["field"]) == ("ERR", s.LIMIT, 10, "disconnected")
    assert prime(peer, 100000)[0] == "DONE"


@req("R10")
def test_priming_is_capped_in_volume():
    peer = ready()
    verb, said = prime(peer, 1000001)
    assert (verb, said["rule"], said["high"]) == ("ERR", 10, 1000000)
    assert prime(peer, 1000000)[0] == "DONE"


@req("R10")
def test_priming_pushes_its_volume_and_counts_it_apart_from_the_dose():
    peer = ready()
    prime(peer, 500000)
    peer.rig.advance(10 * MINUTE)
    assert abs(peer.rig.truth()["steps"] - 27164) <= 1  # 0.5 mL x 54.328 steps per uL
    status = peer.ask("STATUS")[1]
    assert (status["state"], status["known_ng"], status["most_ng"]) == (s.READY, 0, 0)
    assert 2499900 <= status["reservoir_nl"] <= 2500000
    peer.ok("PRESCRIBE", CLINICIAN, **rx())
    peer.rig.advance(DAY)
    status = peer.ask("STATUS")[1]
    assert 99950 <= status["most_ng"] <= 100050


@req("R10", "R4")
def test_priming_is_refused_while_a_therapy_runs_or_is_suspended():
    peer = ready()
    peer.ok("PRESCRIBE", CLINICIAN, **rx())
    assert prime(peer, 1000)[1]["error"] == s.NOT_NOW
    peer.do("SUSPEND", CLINICIAN)
    assert prime(peer, 1000)[1]["error"] == s.NOT_NOW


@req("R10", "R15")
def test_the_governor_gives_priming_a_budget_and_no_more():
    peer = ready()
    prime(peer, 500000)
    peer.rig.app.therapy.plan.bolus_num *= 2  # a therapy gone mad
    peer.rig.app.changed()
    peer.rig.advance(10 * MINUTE)
    assert peer.rig.truth()["steps"] <= 27166
    assert peer.rig.app.therapy.state == s.READY
    assert peer.rig.app.therapy.alarms.find(1) is not None  # GOVERNOR


@req("R10")
def test_priming_can_be_cancelled_and_a_power_cut_ends_it():
    for end in ("CANCEL", "SUSPEND", "cut", "hang"):
        peer = ready()
        prime(peer, 500000)
        peer.rig.advance(5000)
        if end == "cut":
            peer.rig.cut(MINUTE)
        elif end == "hang":
            peer.rig.hang(2500)
        else:
            peer.do(end, SERVICE)
        steps = peer.rig.truth()["steps"]
        peer.rig.advance(HOUR)
        assert peer.rig.app.therapy.state == s.READY, end
        assert peer.rig.truth()["steps"] <= steps + 1000, end  # half a second at 2000 steps/s
        assert peer.rig.app.therapy.odometer() >= peer.rig.truth()["steps"], end


@req("R17")
def test_calibration_is_exact_integers_and_changes_what_a_nl_takes():
    peer = ready()
    verb, said = peer.do("CALIBRATE", SERVICE, expected_nl=500000, found_nl=480000)
    assert verb == "DONE"
    assert peer.rig.app.therapy.calibration == (25, 24)
    prime(peer, 480000)
    peer.rig.advance(10 * MINUTE)
    assert abs(peer.rig.truth()["steps"] - 27164) <= 1  # as many as were found to push out 480 uL
    peer.rig.cut(MINUTE)
    assert peer.rig.app.therapy.calibration == (25, 24)
    assert peer.rig.app.therapy.reservoir.num * 24 * 13311719 * 2 == peer.rig.app.therapy.reservoir.den * 25 * 1446400


@req("R17")
def test_calibration_refuses_another_syringe_and_a_running_therapy():
    for found, good in ((399999, False), (400000, True), (600000, True), (600001, False)):
        peer = ready()
        verb, said = peer.do("CALIBRATE", SERVICE, expected_nl=500000, found_nl=found)
        assert (verb == "DONE") == good, (found, said)
    peer = ready()
    peer.do("CALIBRATE", SERVICE, expected_nl=500000, found_nl=400000)
    assert peer.do("CALIBRATE", SERVICE, expected_nl=500000, found_nl=400000)[1]["rule"] == 17  # twice 20 % is too much
    peer.ok("PRESCRIBE", CLINICIAN, **rx())
    assert peer.do("CALIBRATE", SERVICE, expected_nl=500000, found_nl=500000)[1]["error"] == s.NOT_NOW


@req("R15", "R17")
def test_a_calibrated_pump_delivers_its_cap_without_tripping_the_governor():
    peer = ready()
    peer.do("CALIBRATE", SERVICE, expected_nl=500000, found_nl=417000)
    peer.ok("PRESCRIBE", CLINICIAN, **rx(max_24h_ng=100000))
    peer.rig.advance(3 * DAY)
    assert peer.rig.app.therapy.state == s.INFUSING
    assert abs(peer.rig.truth()["steps"] - 3 * 10866 * 500 // 417) <= 4


@req("R10", "R13")
def test_no_more_is_primed_than_the_syringe_holds():
    peer = ready()
    for nl in (1000000, 1000000, 500000):
        assert prime(peer, nl)[0] == "DONE"
        peer.rig.advance(30 * MINUTE)
    verb, said = prime(peer, 600000)
    assert (verb, said["error"], said["rule"], said["field"]) == ("ERR", s.NOT_NOW, 13, "reservoir_nl")
    assert abs(said["value"] - 500000) <= 3 * 19, "of 3 mL, to a step of 18.4 nL each time"
    assert prime(peer, said["value"])[0] == "DONE", "to the last nL"
