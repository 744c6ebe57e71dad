"""Power cuts inside the flash operations of the whole app, with every tear: an order is done or not done, and the books hold.

On littlefs over sim/nor.py, on CPython. `peer.py` of tests/unit is the host; the plant is the truth. A cut comes in the n-th flash operation
after the order's COMMIT (or after some point of basal); after it the pump must not be LOCKED, QUERY and therapy must agree, known <= true
<= most, and the pump must go on working: writing after the cut is where weak bits show.
"""

from typing import Any

import pytest

from peer import CLINICIAN, HOUR, MINUTE, OPERATOR, SERVICE, Peer, infusing, rx
from sim.nor import TEARS, NorFlash
from sim.rig import Rig
from wire import schema as s

SIZE = 256 * 4096
TAPER = {"to_ng_per_day": 0, "preset": 0}
OPERATIONS = range(1, 40)  # until one order was not cut


def _books_hold(peer: Peer) -> None:
    books, truth = peer.books(), peer.rig.truth()
    assert books["known_steps"] <= truth["steps"] - truth["idle_steps"] <= books["most_steps"], (books, truth)


def _cut_in_commit(peer: Peer, role: int, verb: str, values: dict[str, Any], n: int, tear: int) -> tuple[bool, bool]:
    """(it was cut, the order was done) as QUERY says after the power is back."""
    id = peer.id()
    code = None if verb in ("SUSPEND", "CANCEL") else peer.ask(verb, role, id=id, **values)[1]["code"]
    boot = peer.rig.hw.boot
    peer.rig.cut_at(10 * MINUTE, n, tear)
    answer = peer.ask(verb, role, id=id, **values) if code is None else peer.ask("COMMIT", role, id=id, code=code)
    cut = peer.rig.hw.boot != boot
    if not cut:
        peer.rig.cut_at(0, 0, 0)
        assert answer[0] == "DONE"
    result = peer.ask("QUERY", OPERATOR, id=id)[1]["result"]
    if result == s.RESULT_DONE and code is not None:
        again = peer.ask(verb, role, id=id, **values)
        assert again[0] == "DONE", "the stored answer"
    return cut, result == s.RESULT_DONE


@pytest.mark.req("store", "R5", "R7")
@pytest.mark.parametrize("tear", range(4), ids=TEARS)
@pytest.mark.parametrize("verb", ["BOLUS", "TAPER", "SUSPEND", "RESUME", "CANCEL", "PRESCRIBE", "REFILL"])
def test_an_order_is_done_or_not_done(verb: str, tear: int) -> None:
    outcomes = set()
    for n in OPERATIONS:
        peer = infusing(flash=NorFlash(SIZE))
        peer.rig.advance(10 * MINUTE)
        role, values = OPERATOR, {}
        if verb in ("BOLUS", "CANCEL"):
            values = {"dose_ng": 5000} if verb == "BOLUS" else {}
        elif verb == "TAPER":
            role, values = CLINICIAN, TAPER
        elif verb == "PRESCRIBE":
            role, values = CLINICIAN, rx(basal_ng_per_day=90000)
        elif verb == "REFILL":
            values = {"residual_nl": 2500000, "volume_nl": 3000000}
        if verb == "CANCEL":
            peer.ok("BOLUS", OPERATOR, dose_ng=5000)
            peer.rig.advance(MINUTE)
        if verb == "RESUME":
            peer.ask("SUSPEND", OPERATOR, id=peer.id())
            peer.rig.advance(MINUTE)
        cut, done = _cut_in_commit(peer, role, verb, values, n, tear)
        outcomes.add((cut, done))
        status = peer.status()
        where = (verb, n, TEARS[tear], cut, done, status)
        if verb == "BOLUS":
            assert status["bolus_count"] == done, where
            assert status["bolus_ng"] == (0 if cut else 5000), where
        elif verb == "CANCEL":
            assert (status["bolus_count"], status["bolus_ng"]) == (1, 0), where
        elif verb == "TAPER":
            assert (status["state"] == s.TAPERING) == done, where
        elif verb == "SUSPEND":
            assert (status["state"] == s.SUSPENDED) == done, where
        elif verb == "RESUME":
            assert (status["state"] == s.INFUSING) == done, where
        elif verb == "PRESCRIBE":
            assert status["set_ng_per_day"] == (90000 if done else 100000), where
        else:
            assert (17 in [event[0] for event in peer.log()]) == done, where
        _books_hold(peer)
        peer.rig.advance(5 * MINUTE)
        peer.do("PRESCRIBE", CLINICIAN, **rx(basal_ng_per_day=95000))
        peer.rig.cut(MINUTE)
        assert peer.status()["state"] not in (s.LOCKED, s.UNPROVISIONED), where
        _books_hold(peer)
        if not cut:
            break
    assert (False, True) in outcomes, "the last one was not cut: all operations were tried"
    assert (True, False) in outcomes or (True, True) in outcomes


@pytest.mark.req("store", "R17")
@pytest.mark.parametrize("tear", range(4), ids=TEARS)
def test_provisioning_is_rolled_forward_or_never_was(tear: int) -> None:
    n = done = 0
    while True:
        n += 1
        peer = Peer(Rig(flash=NorFlash(SIZE)))
        boot = peer.rig.hw.boot
        fields = {"library": "baclofen-itb", "syringe": "bd-3ml"}
        for role, name in ((OPERATOR, "operator_key"), (CLINICIAN, "clinician_key"), (SERVICE, "service_key")):
            fields[name] = peer.keys[role].hex()
        id = peer.id()
        code = peer.ask("PROVISION", id=id, **fields)[1]["code"]
        peer.rig.cut_at(10 * MINUTE, n, tear)
        peer.ask("COMMIT", id=id, code=code)
        if peer.rig.hw.boot == boot:
            break
        result = peer.ask("QUERY", id=id)[1]["result"]
        state = peer.status()["state"]
        assert state == (s.READY if result == s.RESULT_DONE else s.UNPROVISIONED), (n, state, result)
        done += result == s.RESULT_DONE
        if state == s.UNPROVISIONED:
            assert peer.provision()[0] == "DONE", n
        peer.ok("PRESCRIBE", CLINICIAN, **rx())
        peer.rig.advance(HOUR)
        peer.rig.cut(MINUTE)
        assert peer.status()["state"] == s.INFUSING, n
    assert 0 < done < n


@pytest.mark.req("store", "R6")
@pytest.mark.parametrize("tear", range(4), ids=TEARS)
def test_motion_is_accounted_for_wherever_the_power_goes(tear: int) -> None:
    """Basal and a bolus, cut in one flash operation after the other, on the same pump: it never stops being true, nor the lockout shorter."""
    peer = infusing(flash=NorFlash(SIZE))
    peer.rig.advance(HOUR)
    peer.ok("BOLUS", OPERATOR, dose_ng=5000)
    powered = 0
    for n in range(1, 40):
        peer.rig.cut_at(5 * MINUTE, n % 9 + 1, tear)
        left = peer.rig.advance(7 * MINUTE)
        powered += 7 * MINUTE - left
        _books_hold(peer)
        status = peer.status()
        assert status["state"] == s.INFUSING, n
        assert status["bolus_count"] == 1
        assert status["bolus_in_ms"] >= 6 * HOUR + 5 * MINUTE - powered, n
    lost = peer.books()["most_steps"] - peer.books()["known_steps"]
    # each cut loses a stretch of 60 s, 7.5 steps, from sight; the first one perhaps the rest of the bolus, 543 steps and its basal
    assert lost <= 40 * 8 + 581
