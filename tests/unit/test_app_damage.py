"""What rots in the store is never silently gone back behind: no dose, lockout or motion is forgotten."""

from peer import CLINICIAN, HOUR, MINUTE, OPERATOR, infusing, rx
from pump.store.journal import FORMAT
from pump.store.slots import Slots
from sim.files import DictFiles
from support import req
from wire import schema as s


class Files(DictFiles):
    """Reading names that begin with `bad` fails."""

    bad = "-"

    def read(self, name):
        if name.startswith(self.bad):
            raise OSError(5)
        return DictFiles.read(self, name)


def _rot(files, name):
    data = files.content[name]
    files.content[name] = data[:9] + b"~" + data[10:]


def _newest(files, name):
    """The slot with the highest generation: what its line begins with."""
    slots = [name + end for end in (".a", ".b") if name + end in files.content]
    return max(slots, key=lambda slot: int(files.content[slot][1:].split(b",")[0]))


@req("R5", "store")
def test_a_checkpoint_that_rotted_does_not_forget_a_bolus():
    files = Files()
    peer = infusing(files=files)
    peer.rig.advance(30 * MINUTE)
    peer.ok("BOLUS", OPERATOR, dose_ng=5000)
    _rot(files, _newest(files, "state"))
    peer.rig.cut(1000)
    assert peer.status()["state"] == s.LOCKED
    assert peer.ask("HELLO", version=1)[1]["why"] == "the newest checkpoint is lost"


@req("R3", "store")
def test_a_checkpoint_that_rotted_is_missed_even_without_the_log():
    files = Files()
    peer = infusing(files=files)
    peer.rig.advance(30 * MINUTE)
    log = {name: files.content[name] for name in files.content if name.startswith("log")}
    peer.ok("TAPER", CLINICIAN, to_ng_per_day=0, preset=0)
    peer.rig.advance(20 * MINUTE)
    files.content.update(log)
    _rot(files, _newest(files, "state"))
    peer.rig.cut(1000)
    assert peer.status()["state"] == s.LOCKED, "the intents since then tell"


@req("store", "LOCKED")
def test_the_journal_of_another_firmware_is_not_guessed_at():
    files = Files()
    peer = infusing(files=files)
    slots = Slots(files, "state")
    values = slots.load()
    assert values[-1] == FORMAT
    for _ in range(2):  # both slots
        slots.save(values[:-1] + [FORMAT - 1])
    peer.rig.cut(1000)
    assert peer.status()["state"] == s.LOCKED
    assert "another firmware" in peer.ask("HELLO", version=1)[1]["why"]


@req("store")
def test_the_older_checkpoint_may_rot():
    files = Files()
    peer = infusing(files=files)
    peer.rig.advance(30 * MINUTE)
    peer.ok("BOLUS", OPERATOR, dose_ng=5000)
    assert peer.do("BOLUS", OPERATOR, dose_ng=5000)[0] == "ERR"  # logged without a checkpoint
    peer.rig.advance(HOUR)
    newest = _newest(files, "state")
    _rot(files, "state.a" if newest == "state.b" else "state.b")
    peer.rig.cut(1000)
    assert (peer.status()["state"], peer.status()["bolus_count"]) == (s.INFUSING, 1)


@req("R5", "R7", "store", "H4")
def test_checkpoints_that_are_gone_are_no_fresh_pump():
    files = Files()
    peer = infusing(files=files)
    peer.ok("BOLUS", OPERATOR, dose_ng=5000)
    peer.rig.advance(HOUR)
    for name in list(files.content):
        if name.split(".")[0] in ("state", "intent"):
            del files.content[name]
    peer.rig.cut(1000)
    assert peer.status()["state"] == s.LOCKED
    for name in list(files.content):
        if name.startswith("settings"):
            del files.content[name]
    peer.rig.cut(1000)
    assert peer.status()["state"] == s.LOCKED, "nor one to be provisioned"


@req("store")
def test_motion_is_counted_though_the_newest_intent_rotted():
    files = Files()
    peer = infusing(files=files)
    peer.rig.advance(5 * HOUR + 7 * MINUTE)
    _rot(files, _newest(files, "intent"))
    peer.rig.cut(1000)
    books, steps = peer.books(), peer.rig.truth()["steps"]
    assert peer.status()["state"] == s.INFUSING
    # a stretch is 60 s of 100 mcg/day: 7.5 steps
    assert books["known_steps"] <= steps <= books["most_steps"] <= steps + 17, (books, steps)


@req("store")
def test_without_any_intent_nobody_knows_what_left():
    files = Files()
    peer = infusing(files=files)
    peer.rig.advance(5 * HOUR)
    for slot in (".a", ".b"):
        _rot(files, "intent" + slot)
    peer.rig.cut(1000)
    assert peer.status()["state"] == s.LOCKED


@req("R14", "store")
def test_hours_of_the_governor_that_cannot_be_read_are_left_out():
    files = Files()
    peer = infusing(files=files)
    peer.rig.advance(3 * HOUR)
    files.bad = "gov"
    peer.rig.cut(1000)
    assert peer.status()["state"] == s.INFUSING


@req("R5")
def test_steps_granted_before_a_crash_are_counted():
    class Bug(Exception):
        pass

    for bolus in (False, True):
        peer = infusing()
        peer.rig.advance(HOUR)
        if bolus:
            peer.ok("BOLUS", OPERATOR, dose_ng=5000)
            peer.rig.advance(20000)
        stepper = peer.rig.hw.stepper
        grant = stepper.grant

        def broken(delay_us, steps, period_us, grant=grant):
            grant(delay_us, steps, period_us)
            raise Bug()

        stepper.grant = broken
        try:
            peer.rig.advance(MINUTE)
            raise AssertionError("no grant")
        except Bug:
            pass
        peer.rig.hw.clock.us += 600000  # start.py lets what was granted leave
        steps = peer.rig.truth()["steps"]
        peer.rig.reset("soft")
        books = peer.books()
        assert books["known_steps"] <= steps <= books["most_steps"], (books, steps)


@req("two-phase")
def test_what_is_read_differently_by_now_is_not_carried_out():
    peer = infusing()
    peer.rig.advance(49 * HOUR)
    peer.ok("TAPER", CLINICIAN, to_ng_per_day=0, preset=0)
    peer.rig.advance(48 * HOUR - MINUTE)
    assert peer.status()["set_ng_per_day"] == 80000
    # 80 again, which only ends the taper; a step later the same words would be a raise from 64, back to a rung
    id = peer.id()
    read = peer.ask("PRESCRIBE", CLINICIAN, id=id, **rx(basal_ng_per_day=80000, reason="stay"))[1]
    assert (read["old_ng_per_day"], read["change_permille"], read["soft"]) == (80000, 0, 0)
    peer.rig.advance(90000)
    assert peer.status()["set_ng_per_day"] == 64000
    refusal = peer.ask("COMMIT", CLINICIAN, id=id, code=read["code"])
    assert (refusal[0], refusal[1]["error"]) == ("ERR", s.CODE_EXPIRED), refusal
    assert peer.status()["set_ng_per_day"] == 64000
    assert peer.ask("QUERY", CLINICIAN, id=id)[1]["result"] == s.RESULT_UNKNOWN
