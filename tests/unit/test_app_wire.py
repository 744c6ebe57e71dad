"""Bad input: every way in which a line can be wrong has its own error that names the thing, and the therapy does not notice.

After each line the whole state of the therapy is what it was.
"""

from peer import CLINICIAN, HOUR, MINUTE, NOBODY, OPERATOR, SERVICE, Peer, infusing, pump, rx
from sim.rig import Rig
from support import raises, req
from wire import auth, codec, framing
from wire import schema as s

DOSE = "id=00000000000a001 dose_ng=5000"


def _state(peer):
    therapy = peer.rig.app.therapy
    dump = therapy.dump()
    del dump[1]  # the time of the last turn of the loop
    return repr([dump, therapy.news, peer.rig.app.commands.kept, peer.rig.truth()["steps"]])


def _error(peer, line, unchanged=True):
    """The ERR that a line gets."""
    before = _state(peer)
    verb, said = peer.send(line)
    assert verb == "ERR", (line, verb, said)
    if unchanged:
        assert _state(peer) == before, line
    return said


def _with_crc(text):
    """`text` and its CRC as framing.py would write it, whatever text is."""
    from binascii import crc32

    return text.encode() + b"*%08x\n" % crc32(text.encode())


@req("wire")
def test_what_is_no_frame():
    peer = infusing()
    for line in (
        b"hello\n",
        b">\n",
        _with_crc(">STATUS 00000000 1 -"),
        _with_crc("STATUS 00000000 1 ~-"),
        _with_crc(">status 00000000 1 ~-"),
        _with_crc(">STATUS 0000 1 ~-"),
        _with_crc(">STATUS 0000000G 1 ~-"),
        _with_crc(">STATUS 00000000 01 ~-"),
        _with_crc(">STATUS 00000000 -1 ~-"),
        _with_crc(">STATUS 00000000 2147483648 ~-"),
        _with_crc(">STATUS  00000000 1 ~-"),
        _with_crc(">STATUS 00000000 1 ~"),
        _with_crc(">STATUS 00000000 1 ~" + "0" * 31),
        b"\xff\xfe\x00\x80\n",
        b">STATUS 00000000 1 ~-\n",
    ):
        assert _error(peer, line)["error"] == s.BAD_FRAME, line


@req("wire")
def test_a_wrong_crc_is_noise_and_not_a_bad_frame():
    peer = infusing()
    good = peer.line("STATUS", NOBODY)
    for i in range(1, len(good) - 9):
        bad = good[:i] + bytes((good[i] ^ 1,)) + good[i + 1 :]
        assert _error(peer, bad)["error"] in (s.BAD_CRC, s.BAD_FRAME), bad
    assert _error(peer, good[:-2] + (b"0\n" if good[-2:-1] != b"0" else b"1\n"))["error"] == s.BAD_CRC
    assert peer.send(good)[0] == "STATUS"


@req("wire")
def test_a_line_too_long_is_skipped_and_the_next_one_heard():
    peer = infusing()
    said = _error(peer, b">" + b"x" * 600 + b"\n")
    assert (said["error"], said["high"]) == (s.BAD_FRAME, 512)
    assert peer.send(peer.line("STATUS", NOBODY))[0] == "STATUS"


@req("wire")
def test_an_unknown_verb_is_named():
    peer = infusing()
    for verb in ("STOP", "PURGE", "ERR", "DONE"):
        said = _error(peer, peer.frame(verb, CLINICIAN, ""), unchanged=True)
        assert said["error"] == s.BAD_VERB and said["text"] == verb, said


@req("wire")
def test_fields_missing_extra_repeated_out_of_order_and_of_the_wrong_kind():
    peer = infusing()
    for body, field in (
        ("", "id"),
        ("id=00000000000a001", "dose_ng"),
        ("dose_ng=5000", "id"),
        (DOSE + " speed=3", "speed"),
        (DOSE + " dose_ng=5000", "dose_ng"),
        ("dose_ng=5000 id=00000000000a001", None),
        ("id=00000000000a001 dose_ng=5e3", "dose_ng"),
        ("id=00000000000a001 dose_ng=05000", "dose_ng"),
        ("id=00000000000a001 dose_ng=+5000", "dose_ng"),
        ("id=00000000000a001 dose_ng=5000.0", "dose_ng"),
        ("id=00000000000a001 dose_ng=", "dose_ng"),
        ("id=00000000000A001 dose_ng=5000", "id"),
        ("id=0000000000a001 dose_ng=5000", "id"),
        (DOSE + " reason=%61", "reason"),
        (DOSE + " reason=a  b", None),
    ):
        said = _error(peer, peer.frame("BOLUS", OPERATOR, body))
        assert said["error"] in (s.BAD_FIELD, s.OUT_OF_RANGE, s.BAD_FRAME), (body, said)
        assert field is None or said["field"] == field, (body, said)


@req("wire")
def test_a_value_out_of_range_is_told_with_the_range():
    peer = infusing()
    said = _error(peer, peer.frame("BOLUS", OPERATOR, "id=00000000000a001 dose_ng=1000000001"))
    assert (said["error"], said["field"], said["value"], said["low"], said["high"]) == (s.OUT_OF_RANGE, "dose_ng", 1000000001, 1, 10**9)
    said = _error(peer, peer.frame("BOLUS", OPERATOR, "id=00000000000a001 dose_ng=0"))
    assert (said["error"], said["value"], said["low"]) == (s.OUT_OF_RANGE, 0, 1)


@req("wire")
def test_another_version_is_told_which_one_is_spoken():
    said = _error(pump(), peer_hello(2))
    assert (said["error"], said["value"], said["low"], said["high"]) == (s.BAD_VERSION, 2, s.VERSION, s.VERSION)


def peer_hello(version):
    return framing.seal(framing.TO_PUMP, "HELLO", framing.ANONYMOUS, 1, codec.encode(codec.request("HELLO")[3], {"version": version}), None)


@req("wire", "OPCA R8")
def test_each_role_may_send_its_own_messages_only():
    peer = infusing()
    peer.rig.advance(MINUTE)
    reason = {"reason": "x"}
    orders = (
        ("PRESCRIBE", rx(), (CLINICIAN,)),
        ("BOLUS", {"dose_ng": 5000}, (OPERATOR, CLINICIAN)),
        ("TAPER", {"to_ng_per_day": 0, "preset": 0}, (CLINICIAN,)),
        ("PAUSE", {"on": 1}, (CLINICIAN,)),
        ("RESUME", {}, (OPERATOR, CLINICIAN)),
        ("REFILL", {"residual_nl": 1, "volume_nl": 1}, (OPERATOR, CLINICIAN)),
        ("CLOSE", reason, (CLINICIAN,)),
        ("SUSPEND", {}, (OPERATOR, CLINICIAN, SERVICE)),
        ("CANCEL", {}, (OPERATOR, CLINICIAN, SERVICE)),
        ("PRIME", {"volume_nl": 1, "disconnected": 1}, (OPERATOR, CLINICIAN, SERVICE)),
        ("CALIBRATE", {"expected_nl": 1, "found_nl": 1}, (SERVICE,)),
        ("ACK", {"alarm": 3}, (OPERATOR, CLINICIAN)),
    )
    for verb, values, roles in orders:
        for role in (NOBODY, OPERATOR, CLINICIAN, SERVICE):
            if role not in roles:
                said = _error(peer, peer.line(verb, role, id=peer.id(), **values))
                assert (said["error"], said["value"]) == (s.NOT_AUTHORISED, role), (verb, role, said)
    for role, verb in ((NOBODY, "REVIEW"), (NOBODY, "LOG")):
        values = {"first": 1, "count": 1} if verb == "LOG" else {}
        assert _error(peer, peer.line(verb, role, **values))["error"] == s.NOT_AUTHORISED


@req("R7", "wire", "H7")
def test_an_anonymous_line_cannot_stop_a_therapy():
    peer = infusing()
    peer.rig.advance(MINUTE)
    body = "id=00000000000a001"
    assert _error(peer, peer.frame("SUSPEND", NOBODY, body))["error"] == s.NOT_AUTHORISED
    real = peer.session(OPERATOR)
    forged = framing.seal(framing.TO_PUMP, "SUSPEND", real[0], real[2] + 1, body, bytes(32))
    assert peer.rig.send(forged)[0].find("error=%d" % s.BAD_MAC) > 0
    unsigned = framing.seal(framing.TO_PUMP, "SUSPEND", real[0], real[2] + 1, body, None)
    assert peer.rig.send(unsigned)[0].find("error=%d" % s.BAD_MAC) > 0
    assert peer.status()["state"] == s.INFUSING
    for role in (OPERATOR, CLINICIAN, SERVICE):
        peer = infusing()
        assert peer.ask("SUSPEND", role, id=peer.id())[0] == "DONE"
        assert peer.status()["state"] == s.SUSPENDED


@req("wire", "H6")
def test_a_frame_replayed_moves_nothing():
    """MiniMed: recorded over the air, played again."""
    peer = infusing()
    peer.rig.advance(MINUTE)
    old = peer.line("BOLUS", OPERATOR, id=peer.id(), dose_ng=5000)
    assert peer.send(old)[0] == "PROPOSED"
    for _ in range(3):
        said = _error(peer, old)
        assert (said["error"], said["field"]) == (s.REPLAY, "seq")
    session = peer.session(OPERATOR)
    session[2] = 0  # a number used long ago, freshly made
    assert _error(peer, peer.line("STATUS", OPERATOR))["error"] == s.REPLAY


@req("wire", "H6")
def test_a_suspend_recorded_in_another_session_is_stale():
    peer = infusing()
    old = peer.line("SUSPEND", OPERATOR, id=peer.id())
    peer.open(OPERATOR)
    peer.ask("STATUS", OPERATOR)
    peer.rig.advance(4 * MINUTE)
    line = peer.rig.send(old)[0]
    assert line.find("error=%d" % s.STALE_SESSION) > 0, line
    assert peer.status()["state"] == s.INFUSING


@req("wire", "OPCA R8")
def test_a_session_is_closed_after_three_idle_minutes():
    peer = infusing()
    session = peer.session(CLINICIAN)
    for ms, ok in ((180000, True), (180000, True), (180001, False)):
        peer.rig.advance(ms)
        session[4] = peer.rig.hw.clock.us  # keep the peer from opening a new one
        line = peer.line("STATUS", CLINICIAN)
        assert (peer.rig.send(line)[0].find("<STATUS") == 0) == ok, ms
    assert peer.rig.send(peer.line("STATUS", CLINICIAN))[0].find("error=%d" % s.STALE_SESSION) > 0


@req("wire")
def test_opening_sessions_pushes_nobody_out():
    peer = infusing()
    mine = peer.session(CLINICIAN)
    peer.ask("STATUS", CLINICIAN)
    for i in range(20):
        peer.rig.send(peer.frame("OPEN", NOBODY, "role=2 nonce=%032x" % i))
    assert peer.ask("STATUS", CLINICIAN)[0] == "STATUS"
    assert peer.session(CLINICIAN) is mine


@req("wire")
def test_a_key_of_another_pump_is_seen_by_both():
    peer = infusing()
    peer.keys[CLINICIAN] = bytes(32)
    with raises(AssertionError):  # the pump's answer has no good MAC: it does not have our key
        peer.open(CLINICIAN)
    session = peer.session(OPERATOR)
    session[1] = auth.session_key(bytes(32), OPERATOR, "0" * 32, "0" * 32)
    line = peer.line("SUSPEND", OPERATOR, id=peer.id())
    assert peer.rig.send(line)[0].find("error=%d" % s.BAD_MAC) > 0


@req("wire")
def test_no_key_no_session_on_a_fresh_pump():
    peer = Peer(Rig())
    assert peer.send(peer.frame("OPEN", NOBODY, "role=2 nonce=" + "0" * 32))[1]["error"] == s.NOT_AUTHORISED
    assert peer.ask("BOLUS", NOBODY, id=peer.id(), dose_ng=5000)[1]["error"] == s.NOT_AUTHORISED


@req("wire")
def test_noise_on_the_line_for_an_hour_changes_nothing():
    peer = infusing()
    before = _state(peer)
    for i in range(200):
        peer.rig.send(bytes([(i * 37 + k * 101) % 256 for k in range(60)]))
    assert _state(peer) == before
    assert peer.status()["state"] == s.INFUSING


@req("R14")
def test_basal_is_unaffected_by_all_of_this():
    peer = infusing()
    for _ in range(60):
        peer.rig.advance(MINUTE)
        peer.rig.send(b"x" * 700)
        peer.rig.send(peer.frame("BOLUS", OPERATOR, "dose_ng=5000"))
        peer.rig.send(peer.line("TAPER", CLINICIAN, id=peer.id(), to_ng_per_day=0, preset=0))
    assert 452 <= peer.rig.truth()["steps"] <= 453  # an hour of 100 mcg/day at 500 mcg/mL: 452.7
    assert peer.status()["state"] == s.INFUSING
    assert peer.rig.hw.clock.us == HOUR * 1000
