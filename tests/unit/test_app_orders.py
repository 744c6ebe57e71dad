"""PROPOSE, COMMIT, QUERY: an order happens exactly once, after the pump's own reading and a code, or not at all."""

from peer import CLINICIAN, DAY, HOUR, MINUTE, NOBODY, OPERATOR, SERVICE, Peer, infusing, pump, rx
from sim.files import DictFiles
from sim.rig import Rig
from support import req
from wire import alarms
from wire import schema as s

TAPER = {"to_ng_per_day": 0, "preset": 0}


def _dump(peer):
    dump = peer.rig.app.therapy.dump()
    del dump[1]
    return repr([dump, peer.rig.app.commands.kept])


def _error(answer):
    assert answer[0] == "ERR", answer
    return answer[1]["error"]


@req("two-phase", "H1")
def test_an_order_at_once_whose_id_was_forgotten_adds_no_drug_and_an_old_frame_of_it_does_nothing():
    peer = infusing()
    id = peer.id()
    frame = peer.line("SUSPEND", OPERATOR, id=id)
    assert peer.send(frame)[0] == "DONE"
    peer.ok("RESUME", OPERATOR)
    peer.rig.app.commands.kept = []  # 64 others have come since
    assert peer.send(frame)[1]["error"] == s.REPLAY and peer.status()["state"] == s.INFUSING
    given = peer.status()["most_ng"]
    assert peer.ask("SUSPEND", OPERATOR, id=id)[0] == "DONE"
    assert (peer.status()["state"], peer.status()["most_ng"]) == (s.SUSPENDED, given)


@req("wire", "GIP 2.1.1")
def test_nothing_changes_before_commit():
    peer = pump()
    for i in range(2):
        id = peer.id()
        before = _dump(peer)
        verb, said = peer.ask("PRESCRIBE", CLINICIAN, id=id, **rx())
        assert (verb, said["what"], said["old_ng_per_day"], said["new_ng_per_day"], said["expires_ms"]) == (
            "PROPOSED",
            "PRESCRIBE",
            0,
            100000,
            120000,
        )
        assert _dump(peer) == before
        assert peer.ask("QUERY", CLINICIAN, id=id)[1]["result"] == s.RESULT_PENDING
        peer.rig.advance(MINUTE)
        assert peer.rig.truth()["steps"] == 0
        if not i:
            peer.rig.cut(1000)
            assert peer.ask("QUERY", CLINICIAN, id=id)[1]["result"] == s.RESULT_UNKNOWN
            assert _error(peer.ask("COMMIT", CLINICIAN, id=id, code=said["code"])) == s.BAD_CODE
    verb, done = peer.ask("COMMIT", CLINICIAN, id=id, code=said["code"])
    assert (verb, done["result"]) == ("DONE", s.RESULT_DONE)
    assert peer.status()["state"] == s.INFUSING


@req("wire")
def test_a_wrong_code_ends_the_proposal():
    peer = infusing()
    id = peer.id()
    code = peer.ask("BOLUS", OPERATOR, id=id, dose_ng=5000)[1]["code"]
    wrong = ("0" if code[0] != "0" else "1") + code[1:]
    before = _dump(peer)
    assert _error(peer.ask("COMMIT", OPERATOR, id=id, code=wrong)) == s.BAD_CODE
    assert _error(peer.ask("COMMIT", OPERATOR, id=id, code=code)) == s.BAD_CODE, "codes are not guessed"
    assert _dump(peer) == before


@req("wire")
def test_a_code_lives_two_minutes():
    for ms, error in ((120000, None), (120001, s.CODE_EXPIRED)):
        peer = infusing()
        id = peer.id()
        code = peer.ask("BOLUS", OPERATOR, id=id, dose_ng=5000)[1]["code"]
        peer.rig.advance(ms)
        verb, said = peer.ask("COMMIT", OPERATOR, id=id, code=code)
        assert (said["error"] if verb == "ERR" else None) == error, (ms, said)
        assert peer.status()["bolus_ng"] == (0 if error else 5000)


@req("wire")
def test_a_code_is_its_session_s():
    peer = infusing()
    id = peer.id()
    code = peer.ask("BOLUS", OPERATOR, id=id, dose_ng=5000)[1]["code"]
    for role in (NOBODY, CLINICIAN, SERVICE):
        assert _error(peer.ask("COMMIT", role, id=id, code=code)) == s.BAD_CODE, role
    assert peer.ask("COMMIT", OPERATOR, id=id, code=code)[0] == "DONE"


@req("wire")
def test_a_later_proposal_replaces_the_one_before():
    peer = infusing()
    first, second = peer.id(), peer.id()
    code = peer.ask("BOLUS", OPERATOR, id=first, dose_ng=5000)[1]["code"]
    peer.ask("BOLUS", OPERATOR, id=second, dose_ng=4000)
    assert _error(peer.ask("COMMIT", OPERATOR, id=first, code=code)) == s.BAD_CODE
    assert peer.ask("QUERY", OPERATOR, id=first)[1]["result"] == s.RESULT_UNKNOWN


@req("wire")
def test_an_id_names_one_content_for_ever():
    peer = infusing()
    id = peer.id()
    assert peer.ask("BOLUS", OPERATOR, id=id, dose_ng=5000)[0] == "PROPOSED"
    assert _error(peer.ask("BOLUS", OPERATOR, id=id, dose_ng=4000)) == s.ID_REUSED
    assert _error(peer.ask("TAPER", CLINICIAN, id=id, **TAPER)) == s.ID_REUSED
    code = peer.ask("BOLUS", OPERATOR, id=id, dose_ng=5000)[1]["code"]  # the same again: a new code
    assert peer.ask("COMMIT", OPERATOR, id=id, code=code)[0] == "DONE"
    before = _dump(peer)
    assert _error(peer.ask("BOLUS", OPERATOR, id=id, dose_ng=4000)) == s.ID_REUSED
    assert _error(peer.ask("SUSPEND", OPERATOR, id=id)) == s.ID_REUSED
    assert _error(peer.ask("CANCEL", OPERATOR, id=id)) == s.ID_REUSED
    assert _dump(peer) == before


@req("wire", "R5", "H1")
def test_the_same_id_again_gives_the_stored_answer_and_moves_nothing():
    peer = infusing()
    peer.rig.advance(HOUR)
    id = peer.id()
    done = peer.ok("BOLUS", OPERATOR, id=id, dose_ng=5000)
    assert done["value"] == 6 * HOUR + 5 * MINUTE
    for ms in (0, MINUTE, 10 * MINUTE, DAY):
        peer.rig.advance(ms)
        if ms == MINUTE:
            peer.rig.hang(2500)
        if ms == 10 * MINUTE:
            peer.rig.cut(1000)
        before = _dump(peer)
        assert peer.ask("BOLUS", OPERATOR, id=id, dose_ng=5000) == ("DONE", done), ms
        assert peer.ask("QUERY", OPERATOR, id=id) == ("DONE", done)
        assert peer.ask("COMMIT", OPERATOR, id=id, code="000000") == ("DONE", done)
        assert _dump(peer) == before
    assert [event[0] for event in peer.log()].count(3) == 1


@req("wire")
def test_single_phase_orders_are_remembered_alike():
    peer = infusing()
    id = peer.id()
    done = peer.ask("SUSPEND", OPERATOR, id=id)
    assert done[0] == "DONE"
    peer.ok("RESUME", OPERATOR)
    assert peer.ask("SUSPEND", OPERATOR, id=id) == done
    assert peer.status()["state"] == s.INFUSING, "the stored answer suspends nothing"


@req("wire")
def test_an_id_older_than_64_is_not_known_and_never_executes():
    peer = infusing()
    first = peer.id()
    verb, said = peer.ask("PRESCRIBE", CLINICIAN, id=first, **rx())
    peer.ask("COMMIT", CLINICIAN, id=first, code=said["code"])
    for _ in range(63):
        peer.ok("PRESCRIBE", CLINICIAN, **rx())
    assert peer.ask("QUERY", CLINICIAN, id=first)[1]["result"] == s.RESULT_DONE
    peer.ok("PRESCRIBE", CLINICIAN, **rx())
    before = _dump(peer)
    for _ in range(2):
        assert peer.ask("QUERY", CLINICIAN, id=first)[1]["result"] == s.RESULT_UNKNOWN
        assert _error(peer.ask("COMMIT", CLINICIAN, id=first, code=said["code"])) == s.BAD_CODE
        assert _dump(peer) == before
        peer.rig.reset("soft")
        before = _dump(peer)


@req("wire")
def test_query_knows_done_pending_and_unknown():
    peer = infusing()
    id = peer.id()
    for role in (NOBODY, OPERATOR, CLINICIAN, SERVICE):
        assert peer.ask("QUERY", role, id=id)[1]["result"] == s.RESULT_UNKNOWN
    code = peer.ask("TAPER", CLINICIAN, id=id, **TAPER)[1]["code"]
    assert peer.ask("QUERY", OPERATOR, id=id)[1]["result"] == s.RESULT_PENDING
    done = peer.ask("COMMIT", CLINICIAN, id=id, code=code)
    assert done[1]["value"] == 6, "steps from 100 to 27"
    assert peer.ask("QUERY", NOBODY, id=id) == done


@req("R5", "R6")
def test_the_rule_is_checked_again_at_commit():
    peer = infusing()
    peer.rig.advance(HOUR)
    mine = peer.id()
    code = peer.ask("BOLUS", OPERATOR, id=mine, dose_ng=5000)[1]["code"]
    peer.ok("BOLUS", CLINICIAN, dose_ng=5000)
    said = peer.ask("COMMIT", OPERATOR, id=mine, code=code)[1]
    assert said["rule"] == 5, said
    assert peer.ask("QUERY", OPERATOR, id=mine)[1]["result"] == s.RESULT_UNKNOWN
    peer.rig.advance(DAY)
    taper = peer.id()
    code = peer.ask("TAPER", CLINICIAN, id=taper, **TAPER)[1]["code"]
    peer.ask("SUSPEND", OPERATOR, id=peer.id())
    assert _error(peer.ask("COMMIT", CLINICIAN, id=taper, code=code)) == s.NOT_NOW
    assert peer.status()["state"] == s.SUSPENDED


@req("R17")
def test_provisioning_only_where_no_therapy_is_forgotten():
    peer = Peer(Rig())
    assert peer.provision()[0] == "DONE"
    assert _error(peer.provision()) == s.NOT_AUTHORISED, "without keys only once"
    assert peer.provision(SERVICE)[0] == "DONE"
    peer.ok("PRESCRIBE", CLINICIAN, **rx())
    answer = peer.provision(SERVICE)
    assert (_error(answer), answer[1]["rule"]) == (s.NOT_NOW, 17)
    for act in ("suspend", "cut", "taper"):
        if act == "suspend":
            peer.ask("SUSPEND", OPERATOR, id=peer.id())
        elif act == "cut":
            peer.ok("RESUME", OPERATOR)
            peer.rig.cut(2 * HOUR)
            assert peer.status()["state"] == s.HELD
        else:
            peer.ok("RESUME", OPERATOR)
            peer.ok("TAPER", CLINICIAN, **TAPER)
        answer = peer.provision(SERVICE)
        assert (_error(answer), answer[1]["rule"]) == (s.NOT_NOW, 17), act
    assert peer.status()["set_ng_per_day"] == 80000


@req("R17")
def test_lost_keys_are_replaced_by_a_hand_on_confirm_and_only_without_a_therapy():
    peer = Peer(Rig())
    peer.provision()
    assert _error(peer.provision()) == s.NOT_AUTHORISED
    peer.rig.press("BOLUS", MINUTE)
    assert _error(peer.provision()) == s.NOT_AUTHORISED, "another button"
    peer.rig.advance(2 * MINUTE)
    peer.rig.press("CONFIRM", MINUTE)
    assert peer.provision()[0] == "DONE"
    peer.ok("PRESCRIBE", CLINICIAN, **rx())
    for act in ("", "SUSPEND"):
        if act:
            peer.ask(act, OPERATOR, id=peer.id())
        answer = peer.provision()
        assert (_error(answer), answer[1]["rule"]) == (s.NOT_NOW, 17), act
    peer.rig.advance(2 * MINUTE)
    assert _error(peer.provision()) == s.NOT_AUTHORISED, "let go"


@req("R17")
def test_confirm_let_go_before_the_commit_is_no_hand():
    peer = Peer(Rig())
    peer.provision()
    fields = {"library": "saline", "syringe": "bd-3ml", "operator_key": "0" * 64, "clinician_key": "1" * 64, "service_key": "2" * 64}
    peer.rig.press("CONFIRM", 1000)
    id = peer.id()
    read = peer.ask("PROVISION", id=id, **fields)
    peer.rig.advance(2000)
    assert _error(peer.ask("COMMIT", id=id, code=read[1]["code"])) == s.NOT_AUTHORISED


@req("R17", "GIP 2.3.1")
def test_a_confirm_button_that_is_shorted_is_stuck_and_no_hand():
    peer = Peer(Rig())
    peer.provision()
    peer.rig.press("CONFIRM", HOUR)
    peer.rig.advance(MINUTE + 1000)
    assert peer.status()["alarm"] == alarms.STUCK_BUTTON
    assert _error(peer.provision()) == s.NOT_AUTHORISED


@req("R17", "R5")
def test_provisioned_again_after_the_end_the_lockout_is_still_known():
    peer = infusing({"basal_ng_per_day": 27000})
    peer.rig.advance(DAY)
    peer.ok("TAPER", CLINICIAN, **TAPER)
    peer.rig.advance(2 * DAY - HOUR)
    peer.ok("BOLUS", CLINICIAN, dose_ng=5000)
    peer.rig.advance(HOUR)
    assert peer.status()["state"] == s.ENDED
    peer.ask("STATUS", CLINICIAN)
    old = peer.line("STATUS", CLINICIAN)
    assert peer.provision(SERVICE)[0] == "DONE"
    assert peer.rig.send(old)[0].find("error=%d" % s.STALE_SESSION) > 0, "sessions end with their keys"
    peer.ok("PRESCRIBE", CLINICIAN, **rx())
    # it ended 55 min ago
    assert peer.refused(5, "BOLUS", OPERATOR, dose_ng=5000)["in_ms"] == 5 * HOUR + 5 * MINUTE


@req("R17")
def test_the_library_and_the_syringe_must_be_known():
    peer = Peer(Rig())
    answer = peer.provision(library="morphine")
    assert (_error(answer), answer[1]["field"], answer[1]["text"]) == (s.OUT_OF_RANGE, "library", "baclofen-itb,saline")
    answer = peer.provision(syringe="bd-5ml")
    assert (_error(answer), answer[1]["field"], answer[1]["text"]) == (s.OUT_OF_RANGE, "syringe", "bd-1ml,bd-3ml,bd-10ml")
    assert peer.status()["state"] == s.UNPROVISIONED


@req("wire", "store")
def test_a_cut_in_any_write_of_an_order_leaves_it_done_or_not_done():
    """The power fails in the n-th write of an order, done or not: QUERY says which, and the therapy agrees with it."""
    for role, verb, values in (
        (OPERATOR, "BOLUS", {"dose_ng": 5000}),
        (CLINICIAN, "TAPER", TAPER),
        (OPERATOR, "SUSPEND", {}),
        (CLINICIAN, "PRESCRIBE", rx(basal_ng_per_day=90000)),
    ):
        outcomes = set()
        for n in range(1, 4):
            for written in (False, True):
                files = DictFiles()
                peer = infusing(files=files)
                peer.rig.advance(HOUR)
                id = peer.id()
                if verb != "SUSPEND":
                    code = peer.ask(verb, role, id=id, **values)[1]["code"]
                files.cut_after(n, written)
                if verb == "SUSPEND":
                    peer.ask(verb, role, id=id)
                else:
                    peer.ask("COMMIT", role, id=id, code=code)
                peer.rig._files = files.reborn()
                peer.rig.cut(1000)
                result = peer.ask("QUERY", OPERATOR, id=id)[1]["result"]
                outcomes.add(result)
                status = peer.status()
                done = result == s.RESULT_DONE
                if verb == "BOLUS":
                    assert status["bolus_count"] == done, (n, written)
                elif verb == "TAPER":
                    assert (status["state"] == s.TAPERING) == done, (n, written)
                elif verb == "SUSPEND":
                    assert (status["state"] == s.SUSPENDED) == done, (n, written)
                else:
                    assert status["set_ng_per_day"] == (90000 if done else 100000)
                assert peer.status()["state"] != s.LOCKED
                events = [event[0] for event in peer.log()]
                number = {"BOLUS": 3, "TAPER": 8, "SUSPEND": 13}.get(verb)
                assert number is None or events.count(number) == done, (verb, n, written, events)
        assert outcomes == {s.RESULT_UNKNOWN, s.RESULT_DONE}, verb
