"""The board's clock is set by order, and only where no therapy could be fooled by it (R7, R17). For all three interpreters."""

from peer import CLINICIAN, HOUR, OPERATOR, SERVICE, infusing, pump, rx
from support import req
from wire import events
from wire import schema as s

SET = 800000000


def _stop_clock(peer):
    peer.rig.control("fault rtc 1")


@req("R7", "R17")
def test_a_clock_that_was_set_bounds_the_time_without_power():
    peer = pump()
    _stop_clock(peer)
    assert peer.rig.hw.rtc.seconds() is None
    peer.ok("CLOCK", SERVICE, seconds=SET)
    assert peer.rig.hw.rtc.seconds() == SET
    peer.ok("PRESCRIBE", CLINICIAN, **rx())
    peer.rig.advance(HOUR)
    peer.rig.cut(HOUR // 2)
    peer.rig.advance(1000)
    assert peer.status()["state"] == s.INFUSING
    assert peer.rig.hw.rtc.seconds() - SET in (5400, 5401)
    peer.rig.cut(3 * HOUR)
    assert peer.status()["state"] == s.HELD


@req("R7", "R17")
def test_it_is_refused_on_any_therapy_and_from_any_other_role():
    peer = infusing()
    for order in ("", "SUSPEND"):
        if order:
            peer.ok(order, OPERATOR)
        answer = peer.do("CLOCK", SERVICE, seconds=SET)
        assert answer[0] == "ERR" and (answer[1]["error"], answer[1]["rule"]) == (s.NOT_NOW, 17)
    for role in (OPERATOR, CLINICIAN):
        assert pump().do("CLOCK", role, seconds=SET)[1]["error"] == s.NOT_AUTHORISED


@req("R7")
def test_a_clock_set_back_between_therapies_makes_no_time_short():
    peer = pump()
    peer.ok("CLOCK", SERVICE, seconds=SET)
    peer.ok("CLOCK", SERVICE, seconds=SET - 100000)
    peer.ok("PRESCRIBE", CLINICIAN, **rx())
    peer.rig.advance(HOUR)
    peer.rig.cut(2 * HOUR)
    assert peer.status()["state"] == s.HELD


@req("R17", "GIP 4.1")
def test_it_is_in_the_log_and_a_board_without_one_says_so():
    peer = pump()
    peer.ok("CLOCK", SERVICE, seconds=SET)
    peer.ask("LOG", OPERATOR, first=1, count=16)
    assert [(event["event"], event["a"]) for event in peer.events][-1] == (events.CLOCK_SET, SET)

    class None_:
        def seconds(self):
            return None

    peer.rig.hw.rtc = None_()
    assert peer.do("CLOCK", SERVICE, seconds=SET)[1]["text"] == "no clock"
