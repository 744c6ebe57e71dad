"""The encoder on the screw against the steps that left: stall, too little, too much (R15, GIP 1.2.2, 1.2.3). For all three interpreters."""

from evidence_kit import ack, alarm_now, fault, standing
from peer import DAY, HOUR, MINUTE, OPERATOR, infusing
from support import req
from wire import alarms
from wire import schema as s


@req("R15")
def test_a_stall_stops_delivery():
    peer = infusing()
    peer.rig.advance(HOUR)
    fault(peer, "stall", 1)
    for _ in range(120):
        peer.rig.advance(MINUTE)
        if peer.rig.truth()["buzzer"] == alarms.HIGH:
            break
    truth = peer.rig.truth()
    assert alarm_now(peer) == (s.HELD, alarms.STALL)
    assert 64 <= truth["idle_steps"] <= 64 + 16, "two hundredths of a turn, and at most a minute of basal and a look"
    fault(peer, "stall", 0)
    peer.rig.advance(MINUTE)
    for code in standing(peer):
        ack(peer, code)
    peer.ok("RESUME", OPERATOR)
    peer.rig.advance(DAY)
    assert alarm_now(peer) == (s.INFUSING, 0)


@req("R15", "GIP 1.2.3")
def test_less_than_90_percent_for_15_minutes_is_said_and_delivery_goes_on():
    peer = infusing()
    peer.rig.advance(HOUR)
    fault(peer, "slip", 80)  # 92 %: within 90 %
    peer.rig.advance(6 * HOUR)
    assert alarm_now(peer) == (s.INFUSING, 0)
    fault(peer, "slip", 0)
    peer.rig.advance(HOUR)
    fault(peer, "slip", 200)
    peer.rig.advance(6 * MINUTE)  # of any 15 min not yet a tenth
    assert alarm_now(peer) == (s.INFUSING, 0)
    peer.rig.advance(HOUR)  # a fifth of 113 steps in 15 min is more than a full step
    assert alarm_now(peer) == (s.INFUSING, alarms.UNDER_DELIVERY)
    fault(peer, "slip", 0)
    peer.rig.advance(HOUR)
    ack(peer, alarms.UNDER_DELIVERY)
    assert alarm_now(peer) == (s.INFUSING, 0)


@req("R15", "GIP 1.2.2")
def test_a_screw_that_turns_by_itself_stops_delivery():
    peer = infusing()
    peer.rig.advance(HOUR)
    fault(peer, "creep", 14)  # less than a rotor may settle: no evidence
    peer.rig.advance(HOUR)
    assert alarm_now(peer) == (s.INFUSING, 0)
    fault(peer, "creep", 60)
    peer.rig.advance(MINUTE + 10000)
    assert alarm_now(peer) == (s.HELD, alarms.OVER_DELIVERY)


@req("R15", "GIP 1.2.2")
def test_more_than_10_percent_too_much_over_15_minutes_stops_delivery():
    peer = infusing()
    peer.rig.advance(HOUR)
    for _ in range(16):  # 7.5 steps a minute are due; one or two more
        fault(peer, "creep", 2)
        peer.rig.advance(MINUTE)
    peer.rig.advance(15 * MINUTE)
    assert alarm_now(peer) == (s.HELD, alarms.OVER_DELIVERY)


@req("R15")
def test_turning_the_screw_by_hand_while_nothing_moves_is_no_alarm():
    peer = infusing()
    peer.rig.advance(HOUR)
    peer.ok("SUSPEND", OPERATOR)
    fault(peer, "creep", 3000)
    peer.rig.advance(10 * MINUTE)
    peer.ok("RESUME", OPERATOR)
    peer.rig.advance(HOUR)
    assert alarm_now(peer) == (s.INFUSING, 0)
