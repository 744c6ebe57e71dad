"""GIP 2.2.1 and 3.2: a pump that was stopped asks again, however often somebody silences it and does nothing."""

from evidence_kit import ack, fault, standing
from peer import HOUR, MINUTE, OPERATOR, infusing
from support import req
from wire import alarms
from wire import schema as s


def _by_the_button(peer):
    peer.rig.press("SUSPEND", 4000)
    peer.rig.advance(5000)


def _by_an_order(peer):
    peer.ask("SUSPEND", OPERATOR, id=peer.id())


def _by_a_power_cut(peer):
    peer.rig.cut(2 * HOUR)


def _by_an_unknown_power_cut(peer):
    peer.rig.control("fault rtc 1")
    peer.rig.cut(1000)


def _by_an_occlusion(peer):
    fault(peer, "occlusion", 1)
    peer.rig.advance(12 * HOUR)
    fault(peer, "occlusion", 0)


def _by_a_seat(peer):
    fault(peer, "seat", 1)
    peer.rig.advance(5 * MINUTE)
    fault(peer, "seat", 0)


def _by_a_motor(peer):
    peer.rig.app.therapy.alarm(alarms.MOTOR)
    peer.rig.app.therapy.alarm(alarms.MOTOR, False)
    peer.rig.app.save()


def _by_an_empty_syringe_that_was_refilled(peer):
    books = peer.rig.app.therapy.reservoir
    books.mark = peer.rig.app.therapy.odometer() - books.full_steps
    peer.rig.advance(MINUTE)
    assert peer.status()["alarm"] == alarms.EMPTY
    peer.ok("REFILL", OPERATOR, residual_nl=0, volume_nl=3000000)


def _by_a_change_of_syringe_beyond_the_limit(peer):
    peer.ok("CHANGE", OPERATOR)
    peer.rig.advance(49 * HOUR)
    peer.ok("REFILL", OPERATOR, residual_nl=peer.status()["reservoir_nl"], volume_nl=3000000)


WAYS = (
    _by_the_button,
    _by_an_order,
    _by_a_power_cut,
    _by_an_unknown_power_cut,
    _by_an_occlusion,
    _by_a_seat,
    _by_a_motor,
    _by_an_empty_syringe_that_was_refilled,
    _by_a_change_of_syringe_beyond_the_limit,
)


@req("GIP 2.2.1", "GIP 3.2", "R7")
def test_whatever_stopped_it_it_asks_again_within_15_minutes_of_being_acknowledged():
    for way in WAYS:
        peer = infusing()
        peer.rig.advance(HOUR)
        way(peer)
        peer.rig.advance(MINUTE)
        assert peer.status()["state"] in (s.SUSPENDED, s.HELD), way
        for _ in range(3):
            for code in standing(peer):
                ack(peer, code)
            peer.rig.advance(1000)
            assert peer.rig.truth()["buzzer"] == 0, way
            for _ in range(14):
                peer.rig.advance(MINUTE)
                if peer.rig.truth()["buzzer"]:
                    break
            assert peer.rig.truth()["buzzer"] == alarms.HIGH, way
            assert peer.status()["alarm"], "and it says why"


@req("GIP 2.2.1", "power cut")
def test_a_power_cut_does_not_silence_it():
    peer = infusing()
    peer.rig.advance(HOUR)
    _by_a_motor(peer)
    ack(peer, alarms.MOTOR)
    peer.rig.cut(1000)
    peer.rig.advance(3 * MINUTE)
    assert peer.rig.truth()["buzzer"] == alarms.HIGH


@req("GIP 2.2.1")
def test_it_stops_asking_when_basal_flows():
    peer = infusing()
    peer.rig.advance(HOUR)
    _by_a_motor(peer)
    ack(peer, alarms.MOTOR)
    peer.ok("RESUME", OPERATOR)
    peer.rig.advance(HOUR)
    assert (peer.status()["state"], peer.status()["alarm"], peer.rig.truth()["buzzer"]) == (s.INFUSING, 0, 0)
