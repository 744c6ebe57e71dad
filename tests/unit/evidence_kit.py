"""What the tests of the evidence share (test_app_evidence.py, test_app_occlusion.py, test_app_encoder.py). For all three interpreters."""

from peer import HOUR, OPERATOR


def fault(peer, name, value):
    answer = peer.rig.control("fault %s %d" % (name, value))
    assert answer["ok"], answer


def alarm_now(peer):
    status = peer.status()
    return status["state"], status["alarm"]


def standing(peer):
    """The codes of all alarms."""
    first = peer.ask("ALARMS", OPERATOR, index=0)[1]
    return [peer.ask("ALARMS", OPERATOR, index=i)[1]["alarm"] for i in range(first["count"])]


def ack(peer, code, role=OPERATOR):
    assert peer.ask("ACK", role, id=peer.id(), alarm=code)[0] == "DONE", code


def nothing_moves(peer, ms=HOUR):
    steps = peer.rig.truth()["steps"]
    peer.rig.advance(ms)
    assert peer.rig.truth()["steps"] == steps


def interval(peer):
    """known <= true <= most, where true is what went forward less what came back; the motor's odometer counts forward only."""
    truth, books = peer.rig.truth(), peer.books()
    assert books["known_steps"] <= truth["steps"] - truth["back_steps"], (books, truth)
    assert truth["steps"] <= books["most_steps"], (books, truth)
