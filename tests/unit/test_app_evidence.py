"""R15, independent evidence: what the pump does when end stops, supply, motor driver or a missing sensor contradict motion.

Expectations come from the plant's truth (sim/plant.py) and from the numbers of the requirements. For all three interpreters.
"""

from evidence_kit import ack, alarm_now, fault, interval, nothing_moves, standing
from peer import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, infusing, pump
from support import req
from wire import alarms
from wire import schema as s

# --- seat and end stops ---------------------------------------------------------------------------------------------------


@req("R15", "GIP 1.6")
def test_no_syringe_in_the_seat_stops_at_once_and_is_refused_until_it_is_back():
    peer = infusing()
    peer.rig.advance(HOUR + 3000)
    fault(peer, "seat", 1)
    assert alarm_now(peer) == (s.HELD, alarms.SEAT)
    nothing_moves(peer)
    ack(peer, alarms.SEAT)
    assert peer.do("RESUME", OPERATOR)[1]["value"] == alarms.SEAT
    fault(peer, "seat", 0)
    peer.ok("RESUME", OPERATOR)
    peer.rig.advance(DAY)
    assert alarm_now(peer) == (s.INFUSING, 0)
    interval(peer)


@req("R15", "R13")
def test_the_plunger_at_the_end_before_the_books_say_so():
    peer = infusing()
    peer.rig.advance(HOUR)
    peer.rig.control("refill 20000")  # 20 uL: nobody told the pump
    peer.rig.advance(4 * HOUR)  # it needs 33 uL
    assert alarm_now(peer) == (s.HELD, alarms.END_STOP)
    truth = peer.rig.truth()
    assert truth["reservoir_nl"] == 0 and truth["idle_steps"] <= 2, truth
    ack(peer, alarms.END_STOP)
    assert peer.do("RESUME", OPERATOR)[1]["value"] == alarms.END_STOP
    peer.rig.control("refill 3000000")
    residual = peer.status()["reservoir_nl"]
    peer.ok("REFILL", CLINICIAN, residual_nl=residual, volume_nl=3000000, reason="found it empty")
    peer.ok("RESUME", OPERATOR)
    peer.rig.advance(DAY)
    assert alarm_now(peer) == (s.INFUSING, 0)


@req("R15")
def test_the_carriage_at_the_back_end_pushes_nothing():
    peer = infusing()
    peer.rig.advance(HOUR)
    fault(peer, "end_back", 1)
    assert alarm_now(peer) == (s.HELD, alarms.END_STOP)


@req("R15")
def test_where_nothing_moves_seat_and_ends_are_nobody_s_business():
    peer = pump()
    for name in ("seat", "end_empty", "end_back"):
        fault(peer, name, 1)
    peer.rig.advance(DAY)
    assert alarm_now(peer) == (s.READY, 0)


# --- what is missing, supply, driver ----------------------------------------------------------------------------------------


@req("R15")
def test_sensors_that_do_not_answer_are_said_and_delivery_goes_on():
    peer = infusing()
    peer.rig.advance(HOUR)
    for name, value in (("force_stale", 1), ("encoder", 2), ("driver", 8)):
        fault(peer, name, value)
        peer.rig.advance(2 * MINUTE)
        assert alarm_now(peer) == (s.INFUSING, alarms.SENSOR), name
        fault(peer, name, 0)
        peer.rig.advance(2 * MINUTE)
        assert alarm_now(peer) == (s.INFUSING, 0), name
    fault(peer, "force_stale", 1)
    fault(peer, "encoder", 2)
    peer.rig.advance(2 * MINUTE)
    fault(peer, "force_stale", 0)
    peer.rig.advance(2 * MINUTE)
    assert alarm_now(peer)[1] == alarms.SENSOR, "the other one is still missing"


@req("R15", "GIP 5.1")
def test_motor_supply_and_temperature():
    peer = infusing()
    peer.rig.advance(HOUR)
    for name, value, good, code, state in (
        ("supply", 9900, 12000, alarms.SUPPLY_LOW, s.INFUSING),
        ("supply", 14100, 12000, alarms.SUPPLY_LOW, s.INFUSING),
        ("temperature", 49, 250, alarms.TEMPERATURE, s.INFUSING),
        ("temperature", 501, 250, alarms.TEMPERATURE, s.INFUSING),
        ("supply", 7900, 12000, alarms.SUPPLY_OUT, s.HELD),
    ):
        fault(peer, name, value)
        peer.rig.advance(2 * MINUTE)
        assert alarm_now(peer) == (state, code), (name, value)
        fault(peer, name, good)
        peer.rig.advance(2 * MINUTE)
        assert standing(peer) == ([code] if state == s.HELD else []), (name, value)
    ack(peer, alarms.SUPPLY_OUT)
    peer.ok("RESUME", OPERATOR)


@req("R15")
def test_a_motor_driver_with_a_fault_stops_delivery():
    peer = infusing()
    peer.rig.advance(HOUR)
    fault(peer, "driver", 2)
    peer.rig.advance(2 * MINUTE)
    assert alarm_now(peer) == (s.HELD, alarms.DRIVER)
    nothing_moves(peer)
    interval(peer)


@req("R15")
def test_an_alarm_of_before_a_power_cut_ends_when_its_cause_is_seen_to_be_gone():
    peer = infusing()
    peer.rig.advance(HOUR)
    fault(peer, "seat", 1)
    peer.rig.cut(MINUTE)
    ack(peer, alarms.SEAT)
    assert alarm_now(peer) == (s.HELD, alarms.SEAT), "still no syringe"
    fault(peer, "seat", 0)
    peer.rig.advance(MINUTE)
    assert alarm_now(peer) == (s.HELD, alarms.SUSPENDED), "of the seat nothing is left; that nothing flows is still said"
    peer.ok("RESUME", OPERATOR)


# --- three stops ------------------------------------------------------------------------------------------------------------


def stop_by_seat(peer):
    fault(peer, "seat", 1)
    fault(peer, "seat", 0)
    ack(peer, alarms.SEAT)


@req("OPCA R6.5.0(18)")
def test_the_third_stop_within_ten_minutes_needs_a_clinician():
    peer = infusing()
    peer.rig.advance(HOUR)
    for _ in range(2):
        stop_by_seat(peer)
        peer.ok("RESUME", OPERATOR)
        peer.rig.advance(3 * MINUTE)
    stop_by_seat(peer)
    assert alarm_now(peer) == (s.HELD, alarms.OFTEN)
    answer = peer.do("RESUME", OPERATOR)
    assert (answer[1]["error"], answer[1]["value"]) == (s.NOT_NOW, alarms.OFTEN)
    peer.rig.cut(MINUTE)
    ack(peer, alarms.OFTEN)
    assert peer.do("RESUME", OPERATOR)[0] == "ERR", "neither a power cut nor an acknowledgement is a clinician"
    peer.ok("RESUME", CLINICIAN)
    assert alarm_now(peer) == (s.INFUSING, 0)


@req("OPCA R6.5.0(18)")
def test_three_stops_over_a_longer_time_do_not():
    peer = infusing()
    peer.rig.advance(HOUR)
    for _ in range(5):
        stop_by_seat(peer)
        peer.ok("RESUME", OPERATOR)
        peer.rig.advance(5 * MINUTE + 1)
    assert alarm_now(peer) == (s.INFUSING, 0)
