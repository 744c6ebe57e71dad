"""A flex schedule over the wire: rows staged one by one, quoted by their hash, given back by ROWS. Lost and repeated lines do no harm."""

from peer import CLINICIAN, HOUR, MINUTE, OPERATOR, infusing, pump, rx
from support import req
from wire import schema as s

ROWS = [[0, 50000], [12 * HOUR, 150000]]
# sha256 of "ROWS 0:50000 43200000:150000", first 16 hex digits: made with sha256sum
HASH = "4a8ee575eedfd24c"
PLAIN = {"pb_dose_ng": None, "pb_duration_ms": None, "pb_lockout_ms": None, "pb_max": None}


def stage(peer, rows=ROWS, role=CLINICIAN):
    said = {}
    for i in range(len(rows)):
        verb, said = peer.ask("STAGE", role, index=i, count=len(rows), offset_ms=rows[i][0], ng_per_day=rows[i][1])
        assert verb == "STAGE", said
    return said


def order(**changes):
    fields = {"mode": s.FLEX, "rows_hash": HASH, "phase_ms": 0}
    fields.update(PLAIN)
    fields.update(changes)
    return rx(**fields)


@req("wire", "profiles")
def test_rows_are_staged_quoted_and_given_back():
    peer = pump()
    assert stage(peer) == {"index": 1, "held": 2, "rows_hash": HASH}
    verb, read = peer.ask("PRESCRIBE", CLINICIAN, id="1" * 15, **order())
    assert verb == "PROPOSED", read
    assert (read["new_ng_per_day"], read["peak_ng_per_day"], read["total_24h_ng"], read["mode"]) == (100000, 150000, 100000, s.FLEX)
    assert peer.ask("COMMIT", CLINICIAN, id="1" * 15, code=read["code"])[0] == "DONE"
    said = peer.ask("REVIEW", OPERATOR)[1]
    assert (said["mode"], said["rows_hash"], said["basal_ng_per_day"]) == (s.FLEX, HASH, 100000)
    for i in range(2):
        row = peer.ask("ROWS", OPERATOR, index=i)[1]
        assert (row["count"], row["offset_ms"], row["ng_per_day"], row["set_ng_per_day"]) == (2, ROWS[i][0], ROWS[i][1], ROWS[i][1])
    assert peer.ask("ROWS", OPERATOR, index=2)[1]["ng_per_day"] == 0
    status, course = peer.status(), peer.ask("COURSE")[1]
    assert (status["basal_ng_per_day"], status["set_ng_per_day"]) == (50000, 100000)
    assert (course["mode"], course["unsure"], course["next_ng_per_day"]) == (s.FLEX, 0, 150000)
    assert course["phase_ms"] + course["next_in_ms"] == 12 * HOUR


@req("wire")
def test_rows_may_come_twice_and_in_any_order():
    peer = pump()
    for i in (1, 1, 0, 1, 0):
        said = peer.ask("STAGE", CLINICIAN, index=i, count=2, offset_ms=ROWS[i][0], ng_per_day=ROWS[i][1])[1]
    assert said["rows_hash"] == HASH
    peer.ok("PRESCRIBE", CLINICIAN, **order())


@req("wire")
def test_a_hash_of_other_rows_is_refused_and_nothing_changes():
    peer = pump()
    assert peer.do("PRESCRIBE", CLINICIAN, **order())[1]["field"] == "rows_hash", "nothing is staged"
    peer.ask("STAGE", CLINICIAN, index=0, count=2, offset_ms=0, ng_per_day=50000)
    assert peer.do("PRESCRIBE", CLINICIAN, **order())[1]["field"] == "rows_hash", "a row is missing"
    stage(peer, [[0, 50000], [12 * HOUR, 150001]])
    assert peer.do("PRESCRIBE", CLINICIAN, **order())[1]["field"] == "rows_hash", "another row"
    assert peer.ask("STAGE", CLINICIAN, index=2, count=2, offset_ms=0, ng_per_day=1)[1]["error"] == s.OUT_OF_RANGE
    assert peer.status()["state"] == s.READY


@req("wire")
def test_what_was_staged_ends_with_its_session():
    peer = pump()
    stage(peer)
    peer.open(CLINICIAN)
    assert peer.do("PRESCRIBE", CLINICIAN, **order())[1]["field"] == "rows_hash"
    assert peer.ask("STAGE", OPERATOR, index=0, count=1, offset_ms=0, ng_per_day=1)[1]["error"] == s.NOT_AUTHORISED


@req("wire")
def test_rows_changed_between_propose_and_commit_do_not_count():
    peer = pump()
    stage(peer)
    code = peer.ask("PRESCRIBE", CLINICIAN, id="2" * 15, **order())[1]["code"]
    stage(peer, [[0, 200000], [12 * HOUR, 1]])
    assert peer.ask("COMMIT", CLINICIAN, id="2" * 15, code=code)[0] == "DONE"
    assert peer.ask("ROWS", OPERATOR, index=0)[1]["ng_per_day"] == 50000


@req("wire", "profiles")
def test_the_same_id_again_needs_no_rows_and_gives_the_stored_answer():
    peer = pump()
    stage(peer)
    done = peer.ok("PRESCRIBE", CLINICIAN, id="3" * 15, **order())
    peer.open(CLINICIAN)
    again = peer.ask("PRESCRIBE", CLINICIAN, id="3" * 15, **order())
    assert again == ("DONE", done)
    assert peer.ask("PRESCRIBE", CLINICIAN, id="3" * 15, **order(rows_hash="0" * 16))[1]["error"] == s.ID_REUSED


@req("profiles")
def test_the_place_in_the_cycle_is_that_of_the_reading():
    peer = pump()
    stage(peer)
    code = peer.ask("PRESCRIBE", CLINICIAN, id="4" * 15, **order(phase_ms=6 * HOUR))[1]["code"]
    peer.rig.advance(MINUTE)
    peer.ask("COMMIT", CLINICIAN, id="4" * 15, code=code)
    assert 6 * HOUR + MINUTE <= peer.ask("COURSE")[1]["phase_ms"] <= 6 * HOUR + MINUTE + 1000


@req("profiles", "R7")
def test_a_schedule_survives_cut_and_reset_and_asks_where_the_day_is():
    peer = pump()
    stage(peer)
    peer.ok("PRESCRIBE", CLINICIAN, **order())
    peer.rig.advance(13 * HOUR)
    assert peer.status()["basal_ng_per_day"] == 150000
    peer.rig.hang(3000)
    assert peer.status()["basal_ng_per_day"] == 150000 and not peer.ask("COURSE")[1]["unsure"]
    peer.rig.cut(HOUR)
    course = peer.ask("COURSE")[1]
    assert course["unsure"] == 1 and 13 * HOUR - 2 * MINUTE <= course["phase_ms"] <= 13 * HOUR
    peer.ok("ALIGN", OPERATOR, phase_ms=14 * HOUR)
    course = peer.ask("COURSE")[1]
    assert course["unsure"] == 0 and abs(course["phase_ms"] - 14 * HOUR) < 1000
    peer.rig.cut(HOUR)
    peer.rig.advance(11 * HOUR)
    assert peer.ask("COURSE")[1]["unsure"] == 1


@req("wire")
def test_without_a_schedule_there_is_one_row():
    peer = infusing()
    row = peer.ask("ROWS", OPERATOR, index=0)[1]
    assert (row["count"], row["offset_ms"], row["ng_per_day"]) == (1, 0, 100000)
    course = peer.ask("COURSE")[1]
    assert course["mode"] == s.SIMPLE and "next_in_ms" not in course


@req("profiles", "R6")
def test_no_motion_is_authorised_beyond_the_end_of_a_dose():
    """5 mcg in 6 min on 80 mcg/day: in its last minute a minute at that rate would be more than what is left of it."""
    rows = []
    for n in range(4):
        rows += [[n * 6 * HOUR, 1280000], [n * 6 * HOUR + 6 * MINUTE, 80000]]
    peer = pump()
    said = stage(peer, rows)
    peer.ok("PRESCRIBE", CLINICIAN, **order(mode=s.PERIODIC, rows_hash=said["rows_hash"]))
    app = peer.rig.app
    left = 6 * MINUTE - peer.ask("COURSE")[1]["phase_ms"]
    peer.rig.advance(left - MINUTE)
    num, den = app.therapy.ratio
    for seconds in range(60, 0, -1):
        still = 1280000 * num * seconds // (den * 86400)
        assert app.delivery.auth - app.therapy.plan.emitted <= still + 2, seconds
        peer.rig.advance(1000)
    peer.rig.advance(HOUR)
    assert peer.status()["basal_ng_per_day"] == 80000 and peer.status()["alarm"] == 0
