"""The link's three manners against a scripted pump: what is lost, forged or cut off never happens twice and is never guessed."""

import pytest

from tapir import errors
from tapir.client import Client
from tapir.link import Link
from tapir.pump import Pump
from tapir.wire import codec, framing, names, schema

REQ = ("host",)


def test_a_bolus_is_proposed_then_committed_once(opened, fake) -> None:
    pump = opened()
    proposal = pump.bolus(5000)
    assert fake.times_done == 0
    done = proposal.commit()
    assert (done.result, done.event, done.value) == (schema.RESULT_DONE, 12, 21900000)
    assert fake.times_done == 1


@pytest.mark.parametrize("what", ["lost", "mac", "crc", "deaf", "stale"])
def test_reading_is_simply_asked_again(opened, fake, what) -> None:
    pump = opened()
    fake.faults = [("STATUS", what)]
    assert pump.status().known_ng == 28600


@pytest.mark.parametrize("what", ["lost", "mac", "deaf", "crc"])
def test_a_proposal_is_sent_again_under_its_own_id(opened, fake, what) -> None:
    pump = opened()
    fake.faults = [("BOLUS", what)]
    pump.bolus(5000).commit()
    ids = {values["id"] for verb, values in fake.heard if verb == "BOLUS"}
    assert len(ids) == 1
    assert fake.times_done == 1


@pytest.mark.req("R5")
@pytest.mark.parametrize("what", ["lost", "mac"])
def test_a_lost_answer_to_commit_is_resolved_by_query_and_not_sent_again(opened, fake, what) -> None:
    pump = opened()
    proposal = pump.bolus(5000)
    fake.faults = [("COMMIT", what)]
    done = proposal.commit()
    assert done.result == schema.RESULT_DONE
    verbs = [verb for verb, _ in fake.heard]
    assert verbs.count("COMMIT") == 1 and verbs.count("QUERY") == 1
    assert fake.times_done == 1


@pytest.mark.parametrize("what", ["deaf", "crc"])
def test_a_commit_that_never_arrived_goes_out_again_with_the_same_id(opened, fake, what) -> None:
    pump = opened()
    proposal = pump.bolus(5000)
    fake.faults = [("COMMIT", what)]
    assert proposal.commit().result == schema.RESULT_DONE
    assert list(fake.done) == [proposal.seen.id]
    assert fake.times_done == 1


def test_a_port_that_vanishes_during_commit_is_opened_again_to_ask(opened, fake) -> None:
    pump = opened()
    proposal = pump.bolus(5000)
    fake.faults = [("COMMIT", "vanish")]
    assert proposal.commit().result == schema.RESULT_DONE
    assert fake.connects == 1
    assert fake.times_done == 1


def test_a_pump_that_forgot_the_proposal_did_not_execute_it(opened, fake) -> None:
    pump = opened()
    proposal = pump.bolus(5000)
    fake.faults = [("COMMIT", "deaf")]
    fake.proposed.clear()
    with pytest.raises(errors.NotExecuted) as caught:
        proposal.commit()
    assert caught.value.exit_code == 3
    assert fake.times_done == 0
    assert "COMMIT" not in [verb for verb, _ in fake.heard]  # the one that was lost was not repeated


def test_no_answer_to_query_leaves_the_outcome_unknown_with_its_id(opened, fake) -> None:
    pump = opened()
    proposal = pump.bolus(5000)
    fake.faults = [("COMMIT", "vanish")]
    fake.down = 99
    with pytest.raises(errors.OutcomeUnknown) as caught:
        proposal.commit()
    assert caught.value.exit_code == 6
    assert proposal.seen.id in str(caught.value)
    assert len([verb for verb, _ in fake.heard if verb == "COMMIT"]) == 1


def test_a_refused_query_is_no_refusal_of_the_command(opened, fake) -> None:
    pump = opened()
    proposal = pump.bolus(5000)
    fake.faults = [("COMMIT", "lost")]
    fake.refusals["QUERY"] = {"error": schema.BUSY}
    with pytest.raises(errors.OutcomeUnknown):
        proposal.commit()


def test_suspend_whose_request_was_lost_is_sent_again_with_the_same_id(opened, fake) -> None:
    pump = opened()
    fake.faults = [("SUSPEND", "deaf")]
    pump.suspend()
    assert list(fake.done.values()) == ["SUSPEND"]
    assert fake.times_done == 1


def test_ctrl_c_during_commit_says_what_the_pump_did(opened, fake, monkeypatch) -> None:
    pump = opened()
    proposal = pump.bolus(5000)
    real = fake.read
    keys = iter([True])

    def read(timeout_s: float) -> bytes:
        if next(keys, False):
            raise KeyboardInterrupt
        return real(timeout_s)

    monkeypatch.setattr(fake, "read", read)
    assert proposal.commit().result == schema.RESULT_DONE


def test_a_session_that_went_stale_is_opened_again(opened, fake) -> None:
    pump = opened()
    fake.reboot()
    assert pump.status().events == 12


def test_a_pump_with_other_keys_is_found_out_by_its_proof(fake, store) -> None:
    fake.keys[schema.OPERATOR] = b"z" * 32
    with pytest.raises(errors.WrongProof) as caught:
        Pump.over(Link(fake.connect, sleep=fake.sleep), role="operator", keys=store)
    assert "provisioned elsewhere" in str(caught.value)


def test_keys_left_pending_by_a_lost_answer_are_taken_up_when_they_fit(fake, store) -> None:
    fake.keys[schema.OPERATOR] = b"n" * 32
    store.save_pending("FAKE-1", {"operator": (b"n" * 32).hex(), "clinician": "00" * 32, "service": "00" * 32})
    with Pump.over(Link(fake.connect, sleep=fake.sleep), role="operator", keys=store) as pump:
        assert pump.status().events == 12
    assert store.key("FAKE-1", schema.OPERATOR) == b"n" * 32
    assert not store.path("FAKE-1", pending=True).exists()


def test_a_port_that_is_no_pump_is_named_with_what_it_said(fake) -> None:
    fake.noise = b"MicroPython v1.28.0 on 2026-01-01; Raspberry Pi Pico with RP2040\r\n"
    fake.faults = [("HELLO", "mac")] * 9  # signed by nobody we know
    with pytest.raises(errors.NoAnswer) as caught:
        Pump.over(Link(fake.connect, sleep=fake.sleep))
    assert "MicroPython v1.28.0" in str(caught.value)


def test_a_silent_port_is_named(fake) -> None:
    fake.faults = [("HELLO", "deaf")] * 9
    with pytest.raises(errors.NoAnswer) as caught:
        Pump.over(Link(fake.connect, sleep=fake.sleep))
    assert caught.value.exit_code == 3 and "fake" in str(caught.value)


def test_another_schema_is_not_talked_to(fake, monkeypatch) -> None:
    said = fake.hello()
    monkeypatch.setattr(fake, "hello", lambda: {**said, "schema": "00000000"})
    with pytest.raises(errors.ForeignSchema) as caught:
        Pump.over(Link(fake.connect, sleep=fake.sleep))
    assert "00000000" in str(caught.value)


@pytest.mark.parametrize(("said", "known"), [({"library_hash": "00000000"}, "00000000"), ({"library": "morphine"}, "morphine")])
def test_another_library_is_not_programmed_but_can_be_stopped(opened, fake, monkeypatch, said, known) -> None:
    hello = fake.hello()
    monkeypatch.setattr(fake, "hello", lambda: {**hello, **said})
    pump = opened("clinician")
    for order in (lambda: pump.bolus(5000), lambda: pump.taper(), lambda: pump.taper(50000)):
        with pytest.raises(errors.ForeignLibrary) as caught:
            order()
        assert known in str(caught.value) and "provision anew" in caught.value.hint
    assert not fake.heard or "BOLUS" not in [verb for verb, _ in fake.heard]
    assert pump.status().events == 12
    pump.suspend()  # never refused for it
    assert fake.times_done == 1


def test_both_hashes_are_told(opened, fake, monkeypatch) -> None:
    hello = fake.hello()
    monkeypatch.setattr(fake, "hello", lambda: {**hello, "library_hash": "deadbeef"})
    with pytest.raises(errors.ForeignLibrary) as caught:
        opened("clinician").bolus(5000)
    assert "deadbeef" in str(caught.value) and str(hello["library_hash"]) in str(caught.value)


def test_noise_around_frames_is_ignored(opened, fake) -> None:
    pump = opened()
    fake.noise = b"\xff\x00garbage\n<ERR 00000000 x\n" + b"y" * 2000 + b"\n"
    assert pump.status().events == 12


@pytest.mark.parametrize("row", names.ERRORS, ids=lambda row: row[1])
def test_every_error_of_the_schema_has_its_own_exception(opened, fake, row) -> None:
    pump = opened()
    fake.refusals["REVIEW"] = {"error": row[0], "text": "w"}
    with pytest.raises(errors.Refused) as caught:
        pump.review()
    assert caught.value.error == row[0] and caught.value.exit_code == 4
    assert type(caught.value) is not errors.Refused


def test_an_answer_meant_for_somebody_else_is_not_taken() -> None:
    client = Client()
    client.ask("STATUS", {})
    ours = client._asked.seq
    body = codec.encode(codec.reply("DONE")[1], {"result": 2, "event": 1, "head": "a1f309c2", "value": 0})
    late = framing.seal(framing.TO_HOST, "DONE", framing.ANONYMOUS, ours + 1, body, None)
    assert client.receive(late) is None
    assert "request" in client.ignored[-1]


def test_inside_a_session_an_unsigned_refusal_is_not_believed(opened, fake) -> None:
    """Somebody on the cable answers our COMMIT with an unsigned LIMIT: the pump is asked what really happened."""
    pump = opened()
    proposal = pump.bolus(5000)
    session = pump.link._client.session
    forged = codec.encode(codec.reply("ERR")[1], {"error": schema.LIMIT, "rule": 5})
    seq = pump.link._client._seq + 1
    fake.noise = framing.seal(framing.TO_HOST, "ERR", session, seq, forged, None)
    assert proposal.commit().result == schema.RESULT_DONE
