"""An occlusion: noticed below 20 psi, stopped mid-stroke, backed off from, and the way back (R15, GIP 1.10, 1.8.1).

Expectations come from the plant's truth (sim/plant.py) and from the numbers of the requirements. For all three interpreters.
"""

from evidence_kit import ack, alarm_now, fault, interval, nothing_moves, standing
from peer import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, infusing, pump
from support import req
from wire import alarms, events
from wire import schema as s

# 100 mcg at 500 mcg/mL are 200 uL a day; a step of this syringe is pi/4 x 8.66^2 mm^2 x 1 mm / 3200 = 0.018407 uL
HOUR_OF_BASAL_NL = 8333


def occluded(changes=None, **rig):
    """A pump whose line is blocked and which has noticed; what the truth was at the moment of the alarm is not known to the caller."""
    peer = infusing(changes, **rig)
    peer.rig.advance(HOUR)
    fault(peer, "occlusion", 1)
    for _ in range(30 * 60):
        peer.rig.advance(MINUTE)
        if peer.rig.truth()["buzzer"]:
            break
    return peer


@req("R15", "GIP 1.10")
def test_an_occlusion_stops_delivery_below_20_psi():
    peer = infusing()
    peer.rig.advance(HOUR)
    fault(peer, "occlusion", 1)
    most = 0
    while not peer.rig.truth()["buzzer"]:
        most = max(most, peer.rig.truth()["pressure_pa"])
        peer.rig.advance(MINUTE)
    assert 99000 <= most <= 101000, most
    assert most < 137895  # 20 psi in Pa
    peer.rig.advance(10 * MINUTE)
    assert alarm_now(peer) == (s.HELD, alarms.OCCLUSION)
    assert peer.rig.truth()["buzzer"] == alarms.HIGH
    nothing_moves(peer)
    assert peer.status()["set_ng_per_day"] == 100000, "an interruption keeps D"


@req("GIP 1.10", "GIP 1.8.1")
def test_what_flows_when_the_line_opens_is_at_most_an_hour_of_basal():
    peer = occluded()
    peer.rig.advance(10 * MINUTE)
    before = peer.rig.truth()
    assert before["pressure_pa"] > -1000, "it does not suck"
    back = before["back_steps"]
    assert back > 0
    peer.rig.advance(HOUR)
    assert peer.rig.truth()["back_steps"] == back, "no continuous reverse"
    assert peer.rig.truth()["enabled"] == 0, "and the motor is off"
    fault(peer, "occlusion", 0)
    peer.rig.advance(HOUR)
    released = peer.rig.truth()["delivered_nl"] - before["delivered_nl"]
    assert released <= HOUR_OF_BASAL_NL, released
    assert released <= 500000
    interval(peer)


@req("GIP 1.10")
def test_the_same_at_the_lowest_basal_of_a_strong_solution():
    """27 mcg/day of 2000 mcg/mL: an hour of basal are 562 nL, 30 steps."""
    changes = {"basal_ng_per_day": 27000, "conc_ng_per_ml": 2000000, "conc_again_ng_per_ml": 2000000}
    peer = infusing(changes)
    peer.rig.advance(HOUR)
    fault(peer, "occlusion", 1)
    peer.rig.advance(2 * DAY)  # 27 uL are not enough for 100 kPa
    assert alarm_now(peer) == (s.INFUSING, 0)
    peer.rig.advance(2 * DAY)
    assert alarm_now(peer)[0] == s.HELD
    before = peer.rig.truth()["delivered_nl"]
    fault(peer, "occlusion", 0)
    peer.rig.advance(HOUR)
    assert peer.rig.truth()["delivered_nl"] - before <= 562
    interval(peer)


@req("R15", "GIP 1.4.11", "GIP 3.1.3", "R6")
def test_the_way_back_after_an_occlusion():
    peer = occluded()
    peer.rig.advance(10 * MINUTE)
    answer = peer.do("BOLUS", OPERATOR, dose_ng=5000)
    assert answer[0] == "ERR" and answer[1]["error"] == s.NOT_NOW
    answer = peer.do("RESUME", OPERATOR)
    assert answer[1]["field"] == "alarm" and answer[1]["value"] == alarms.OCCLUSION, answer
    fault(peer, "occlusion", 0)
    peer.rig.advance(HOUR)
    ack(peer, alarms.OCCLUSION)
    for code in standing(peer):
        ack(peer, code)
    peer.ok("RESUME", OPERATOR)
    before = peer.rig.truth()["steps"]
    peer.rig.advance(DAY)
    assert 10865 <= peer.rig.truth()["steps"] - before <= 10867
    interval(peer)
    # R6: the cap of 115 mcg holds with everything that counts: 100 of basal leave room for 15, and no more
    for _ in range(2):
        peer.ok("BOLUS", OPERATOR, dose_ng=5000)
        peer.rig.advance(6 * HOUR + 5 * MINUTE)
    peer.refused(6, "BOLUS", CLINICIAN, dose_ng=5100, duration_ms=5 * MINUTE)
    peer.ok("BOLUS", OPERATOR, dose_ng=5000)


@req("R15", "GIP 3.1.3", "R5")
def test_a_bolus_that_meets_an_occlusion_is_interrupted_and_counts_as_given():
    peer = infusing({"max_24h_ng": 150000})
    peer.rig.advance(HOUR)
    fault(peer, "occlusion", 1)
    peer.ok("BOLUS", CLINICIAN, dose_ng=30000, duration_ms=10 * MINUTE, reason="test")  # 60 uL: 120 kPa
    peer.rig.advance(30 * MINUTE)
    assert peer.rig.truth()["pressure_pa"] < 137895
    assert alarm_now(peer) == (s.HELD, alarms.OCCLUSION)
    status = peer.status()
    assert (status["bolus_ng"], status["bolus_count"]) == (0, 1)
    assert events.BOLUS_INTERRUPTED in [event[0] for event in peer.log(max(1, status["events"] - 15))]
    assert peer.rig.truth()["stored_nl"] <= HOUR_OF_BASAL_NL
    interval(peer)


@req("R15")
def test_the_motor_stops_in_the_middle_of_a_train():
    peer = infusing({"max_24h_ng": 150000})
    peer.rig.advance(HOUR)
    peer.ok("BOLUS", CLINICIAN, dose_ng=30000, duration_ms=2 * MINUTE, reason="test")
    peer.rig.advance(30000)
    before = peer.rig.truth()["steps"]
    fault(peer, "force", 20000)
    peer.rig.advance(1000)
    # 30 mcg are 3260 steps in 120 s, 27 a second: 200 ms until it counts, and a look every 250 ms
    assert peer.rig.truth()["steps"] - before <= 27
    assert alarm_now(peer) == (s.HELD, alarms.OCCLUSION)
    interval(peer)


@req("R10", "GIP 1.10")
def test_priming_against_a_blocked_line_stops_and_pulls_nothing_back():
    """At the fastest the board can: 2,000 steps a second."""
    peer = pump()
    fault(peer, "occlusion", 1)
    peer.ok("PRIME", OPERATOR, volume_nl=500000, disconnected=1)
    peer.rig.advance(10000)
    truth = peer.rig.truth()
    assert alarm_now(peer) == (s.READY, alarms.OCCLUSION)
    assert 100000 <= truth["pressure_pa"] < 137895, "20 psi"
    peer.rig.advance(HOUR)
    assert peer.rig.truth()["back_steps"] == 0
    assert peer.rig.truth()["steps"] == truth["steps"]


@req("R15")
def test_a_force_that_is_high_for_a_moment_is_no_occlusion():
    peer = infusing()
    peer.rig.advance(HOUR)
    fault(peer, "force", 6500)  # 110 kPa on this bore
    peer.rig.advance(150)
    fault(peer, "force", 0)
    peer.rig.advance(HOUR)
    assert alarm_now(peer) == (s.INFUSING, 0)
    assert peer.rig.truth()["back_steps"] == 0


@req("GIP 1.8.1", "R15")
def test_a_force_sensor_that_lies_pulls_back_no_more_than_went_in():
    peer = infusing()
    peer.rig.advance(HOUR)
    went_in = peer.rig.truth()["steps"]
    fault(peer, "force", 20000)
    peer.rig.advance(HOUR)
    truth = peer.rig.truth()
    assert 0 < truth["back_steps"] <= went_in
    assert truth["back_steps"] <= 72, "64 steps of play and what went in while the force was high"
    interval(peer)


@req("GIP 1.8.1", "R15")
def test_a_cut_or_reset_in_the_back_off_leaves_the_books_true_and_it_goes_on():
    for how in ("cut", "watchdog", "soft"):
        peer = infusing()
        peer.rig.advance(HOUR)
        fault(peer, "occlusion", 1)
        while not peer.rig.truth()["back_steps"]:
            peer.rig.advance(1000)
        for _ in range(3):
            peer.rig.advance(700)
            if how == "cut":
                peer.rig.cut(MINUTE)
            else:
                peer.rig.reset(how)
            assert alarm_now(peer)[0] == s.HELD
            interval(peer)
        peer.rig.advance(HOUR)
        truth = peer.rig.truth()
        assert truth["stored_nl"] <= HOUR_OF_BASAL_NL, (how, truth)
        assert truth["back_steps"] * 18407 // 1000 <= 500000
        assert truth["enabled"] == 0
        interval(peer)


@req("GIP 1.10")
def test_a_cut_or_reset_while_the_pressure_rises_makes_the_back_off_no_shorter():
    for how in ("cut", "watchdog"):
        peer = infusing()
        peer.rig.advance(HOUR)
        fault(peer, "occlusion", 1)
        peer.rig.advance(4 * HOUR)  # of six
        if how == "cut":
            peer.rig.cut(MINUTE)
        else:
            peer.rig.reset(how)
        peer.rig.advance(4 * HOUR)
        assert alarm_now(peer) == (s.HELD, alarms.OCCLUSION)
        assert peer.rig.truth()["stored_nl"] <= HOUR_OF_BASAL_NL, (how, peer.rig.truth())
        interval(peer)


@req("GIP 1.8.1")
def test_the_end_stop_at_the_back_ends_a_back_off():
    peer = infusing()
    peer.rig.advance(HOUR)
    fault(peer, "occlusion", 1)
    while not peer.rig.truth()["back_steps"]:
        peer.rig.advance(1000)
    fault(peer, "end_back", 1)
    back = peer.rig.truth()["back_steps"]
    peer.rig.advance(HOUR)
    assert peer.rig.truth()["back_steps"] <= back + 64
    interval(peer)
