"""Watchdog and soft resets in the middle of things: basal goes on at once, a bolus does not, nothing is counted that did not leave."""

from peer import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, infusing, rx
from support import req
from wire import schema as s


def _true(peer):
    """known <= true <= most, by the plant."""
    books = peer.books()
    steps = peer.rig.truth()["steps"] - peer.rig.truth()["idle_steps"]
    assert books["known_steps"] <= steps <= books["most_steps"], (books, steps)
    return books


@req("R7")
def test_basal_goes_on_by_itself_and_to_the_step():
    peer = infusing()
    for i in range(60):
        peer.rig.advance(HOUR // 60 + i * 77)
        peer.rig.hang(2500)
        books = _true(peer)
        assert books["known_steps"] == books["most_steps"]
    status = peer.status()
    assert (status["state"], status["alarm"]) == (s.INFUSING, 0)
    assert books["resets"] == 60
    # pump time lacks what passed between the last turn of the loop and the bite: the plan is exact in pump time
    assert abs(peer.rig.truth()["steps"] - status["now_ms"] * 543281 * 200 // (10000 * DAY)) <= 1


@req("R7", "R5")
def test_a_bolus_does_not_go_on_and_what_was_queued_is_uncertain():
    for cause in ("hang", "soft"):
        peer = infusing()
        peer.rig.advance(HOUR)
        peer.ok("BOLUS", OPERATOR, dose_ng=5000)
        peer.rig.advance(MINUTE)
        now = peer.status()["now_ms"]
        steps = peer.rig.truth()["steps"]
        if cause == "hang":
            peer.rig.hang(2500)
            assert 0 < peer.rig.truth()["steps"] - steps <= 2, "1.94 a second, half a second ahead"
        else:
            peer.rig.reset("soft")
        books = _true(peer)
        assert books["most_steps"] - books["known_steps"] == (0 if cause == "hang" else 1)
        assert peer.status()["now_ms"] == now, "the clock does not run ahead of time"
        steps = peer.rig.truth()["steps"]
        peer.rig.advance(10 * MINUTE)
        assert 74 <= peer.rig.truth()["steps"] - steps <= 77, "basal alone: 75.5"
        assert (6, 5000, MINUTE) in peer.log(), "interrupted"


@req("R7")
def test_resets_in_a_row_do_not_make_the_clock_run_ahead():
    peer = infusing(rx(pb_dose_ng=50000, pb_duration_ms=HOUR, max_24h_ng=160000, reason="large"))
    peer.rig.advance(HOUR)
    peer.ok("BOLUS", OPERATOR, dose_ng=50000)
    for _ in range(50):
        peer.rig.reset("soft")
        _true(peer)
    assert peer.status()["now_ms"] <= peer.rig.hw.clock.us // 1000


@req("R7")
def test_the_withdrawal_clock_runs_on_through_resets():
    peer = infusing()
    peer.rig.advance(HOUR)
    peer.ask("SUSPEND", OPERATOR, id=peer.id())
    for _ in range(4):
        peer.rig.advance(12 * HOUR - 2 * MINUTE)
        peer.rig.hang(2500)
        assert peer.status()["state"] == s.SUSPENDED
    assert 0 <= 48 * HOUR - 8 * MINUTE - peer.status()["stopped_ms"] <= 4 * MINUTE, peer.status()
    peer.rig.advance(13 * MINUTE)
    assert peer.do("RESUME", OPERATOR)[0] == "ERR", "longer than 48 h is a restart"


@req("R4", "H4")
def test_a_taper_goes_on_where_it_was():
    peer = infusing()
    peer.rig.advance(3 * DAY)
    peer.ok("TAPER", CLINICIAN, to_ng_per_day=0, preset=0)
    for _ in range(30):
        peer.rig.advance(HOUR)
        peer.rig.hang(2500)
    status, books = peer.status(), peer.books()
    assert (status["state"], status["set_ng_per_day"], books["taper_next_ng_per_day"]) == (s.TAPERING, 80000, 64000)
    assert 0 <= books["taper_in_ms"] - 18 * HOUR <= 30 * 12000


@req("wire")
def test_sessions_end_and_answers_stay():
    peer = infusing()
    id = peer.id()
    event = peer.ok("TAPER", CLINICIAN, id=id, to_ng_per_day=0, preset=0)["event"]
    stale = peer.line("STATUS", CLINICIAN)
    peer.rig.reset("soft")
    assert peer.rig.send(stale)[0].split(" ")[0] == "<ERR"
    assert peer.ask("QUERY", OPERATOR, id=id)[1]["event"] == event
    assert peer.do("TAPER", CLINICIAN, id=id, to_ng_per_day=0, preset=0)[1]["event"] == event
    assert [e[0] for e in peer.log()].count(8) == 1


@req("R7")
def test_steps_a_fault_took_back_are_not_taken_for_a_million_more():
    peer = infusing()
    peer.rig.advance(HOUR)
    delivery, plan = peer.rig.app.delivery, peer.rig.app.therapy.plan
    delivery.note(peer.rig.app.therapy.now)
    for journaled in (plan.emitted - 300, plan.emitted, plan.emitted + 300):
        assert delivery.noted(journaled, peer.rig.app.therapy.now)[0] == plan.emitted
