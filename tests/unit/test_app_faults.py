"""What stops delivery, and the way back: a store that fails, a motor that lies, a governor that refuses, an empty syringe."""

from peer import CLINICIAN, DAY, HOUR, MINUTE, NOBODY, OPERATOR, SERVICE, Peer, infusing, pump, rx
from sim.files import DictFiles
from sim.rig import Rig
from support import req
from wire import alarms, events
from wire import schema as s


class Files(DictFiles):
    """Writing to names that begin with `bad` fails."""

    bad = "-"

    def write(self, name, data):
        if name.startswith(self.bad):
            raise OSError(5)
        DictFiles.write(self, name, data)


def _books_are_true(peer):
    """Every pulse that left moved the plunger and is known; nothing else is."""
    truth = peer.rig.truth()
    books = peer.books()
    assert truth["idle_steps"] == 0, truth
    assert books["known_steps"] == truth["steps"], (books, truth)


def _held_by(peer, alarm):
    status = peer.status()
    assert (status["state"], status["alarm"], status["basal_ng_per_day"]) == (s.HELD, alarm, 0), status
    assert peer.rig.truth()["buzzer"] == alarms.HIGH
    steps = peer.rig.truth()["steps"]
    peer.rig.advance(HOUR)
    assert peer.rig.truth()["steps"] == steps, "nothing moves"
    _books_are_true(peer)
    assert peer.status()["set_ng_per_day"] == 100000, "an interruption keeps D"


def _resumes(peer, alarm):
    """Not before somebody has acknowledged it; then at the same rate."""
    assert peer.do("RESUME", OPERATOR)[1]["field"] == "alarm"
    assert peer.ask("ACK", OPERATOR, id=peer.id(), alarm=alarm)[0] == "DONE"
    peer.ok("RESUME", OPERATOR)
    before = peer.rig.truth()["steps"]
    peer.rig.advance(DAY)
    # 100 mcg at 500 mcg/mL is 200 uL; a step of this syringe is pi/4 x 8.66^2 mm^2 x 1 mm / 3200 = 0.018407 uL: 10865.6 steps
    assert 10865 <= peer.rig.truth()["steps"] - before <= 10867
    _books_are_true(peer)


@req("R15")
def test_the_governor_stops_a_therapy_that_asks_for_too_much():
    peer = infusing()
    peer.rig.advance(HOUR)
    peer.rig.app.therapy.plan.per_ms *= 30  # the therapy has gone wrong; the governor has not
    peer.rig.app.changed()
    peer.rig.advance(HOUR)
    # in an hour an hour of basal and the day's 15 mcg of boluses: 19.17 mcg are 2082.6 steps; an hour before, 453 had left
    assert peer.rig.truth()["steps"] <= 453 + 2083 + 2, peer.rig.truth()
    _held_by(peer, alarms.GOVERNOR)
    peer.rig.advance(HOUR)  # so that its hour has room again
    _resumes(peer, alarms.GOVERNOR)


@req("R15", "GIP 1.6")
def test_steps_that_did_not_leave_stop_the_therapy_and_are_not_counted():
    peer = infusing()
    peer.rig.advance(HOUR)
    while not peer.rig.hw.stepper.left():
        peer.rig.advance(10)
    peer.rig.hw.stepper.halt()
    peer.rig.advance(MINUTE)
    _held_by(peer, alarms.MOTOR)
    _resumes(peer, alarms.MOTOR)


@req("R14", "GIP 3.1.3")
def test_a_fault_in_a_bolus_ends_it_at_once_and_it_counts():
    peer = infusing()
    peer.rig.advance(HOUR)
    peer.ok("BOLUS", OPERATOR, dose_ng=5000)
    peer.rig.advance(MINUTE)
    before = peer.rig.truth()["steps"]
    peer.rig.app.therapy.governor.hour_cap = 0
    peer.rig.advance(MINUTE)
    assert peer.rig.truth()["steps"] - before <= 3, "what was queued at most"
    _books_are_true(peer)
    status = peer.status()
    assert (status["bolus_ng"], status["bolus_count"]) == (0, 1)
    assert status["bolus_in_ms"] == 6 * HOUR + 5 * MINUTE - 2 * MINUTE  # from its planned end


@req("store")
def test_motion_that_cannot_be_journaled_stops():
    files = Files()
    peer = infusing(files=files)
    peer.rig.advance(30 * MINUTE)
    files.bad = "intent"
    peer.rig.advance(2 * MINUTE)
    _held_by(peer, alarms.STORE)
    files.bad = "-"
    peer.rig.advance(HOUR)
    _resumes(peer, alarms.STORE)


@req("store")
def test_a_governor_s_hour_that_cannot_be_journaled_stops():
    files = Files()
    peer = infusing(files=files)
    peer.rig.advance(30 * MINUTE)
    files.bad = "gov"
    peer.rig.advance(2 * HOUR)
    _held_by(peer, alarms.STORE)
    files.bad = ""
    peer.rig.advance(3 * HOUR)  # the whole store is dead: the loop goes on and says so
    assert peer.status()["alarm"] == alarms.STORE
    files.bad = "-"
    peer.rig.advance(HOUR)
    _resumes(peer, alarms.STORE)


@req("store")
def test_an_order_that_cannot_be_made_durable_changes_nothing():
    files = Files()
    peer = infusing(files=files)
    peer.rig.advance(30 * MINUTE)
    files.bad = "state"
    id = peer.id()
    assert peer.do("BOLUS", OPERATOR, id=id, dose_ng=5000)[1]["error"] == s.STORE_FAILED
    files.bad = "-"
    peer.rig.advance(MINUTE)
    status = peer.status()
    assert (status["bolus_ng"], status["bolus_count"], status["alarm"]) == (0, 0, alarms.STORE)
    assert peer.ask("QUERY", OPERATOR, id=id)[1]["result"] == s.RESULT_UNKNOWN
    assert events.BOLUS_STARTED not in [event[0] for event in peer.log()], "no bolus in the log"
    _held_by(peer, alarms.STORE)
    _resumes(peer, alarms.STORE)


@req("store", "R14")
def test_an_order_that_is_durable_holds_when_only_the_log_fails():
    files = Files()
    peer = infusing(files=files)
    peer.rig.advance(30 * MINUTE)
    files.bad = "log"
    id = peer.id()
    done = peer.ok("TAPER", CLINICIAN, id=id, to_ng_per_day=0, preset=0)
    assert peer.status()["alarm"] == alarms.LOG
    assert peer.rig.truth()["buzzer"] == alarms.MEDIUM
    writes = files.writes
    before = peer.rig.truth()["steps"]
    peer.rig.advance(50 * MINUTE)
    # 80 mcg/day: 8692.5 steps a day, 301.8 in 50 min
    assert 301 <= peer.rig.truth()["steps"] - before <= 303, "basal goes on"
    assert files.writes - writes < 60, "an intent a minute; a log that fails wears no checkpoints"
    peer.rig.cut(1000)
    assert peer.status()["state"] == s.TAPERING, "and comes back, the log still failing"
    files.bad = "-"
    peer.rig.advance(2 * HOUR)
    assert peer.ask("QUERY", OPERATOR, id=id)[1]["event"] == done["event"]
    assert peer.log()[done["event"] - 1] == (events.TAPER_STARTED, 0, 0), "the event it owed"
    assert [event[0] for event in peer.log()].count(events.TAPER_STARTED) == 1
    assert peer.status()["alarm"] == alarms.LOG, "latched"
    assert peer.ask("ACK", OPERATOR, id=peer.id(), alarm=alarms.LOG)[0] == "DONE"
    assert peer.status()["alarm"] == 0


@req("R17", "store")
def test_a_provisioning_that_cannot_be_stored_leaves_the_pump_unprovisioned():
    files = Files()
    peer = Peer(Rig(files=files))
    files.bad = "settings"
    assert peer.provision()[1]["error"] == s.STORE_FAILED
    assert peer.status()["state"] == s.UNPROVISIONED
    files.bad = "-"
    assert peer.provision()[0] == "DONE"
    assert peer.status()["state"] == s.READY


@req("R17", "store")
def test_a_provisioning_of_which_only_the_checkpoint_fails_holds():
    """Its settings are stored, keys among them: here and after the next boot the pump is what they say, not half of it."""
    files = Files()
    peer = Peer(Rig(files=files))
    peer.provision()
    files.bad = "state"
    assert peer.provision(SERVICE, syringe="bd-10ml")[0] == "DONE"
    for _ in range(2):
        status = peer.status()
        assert (status["state"], status["reservoir_nl"]) == (s.READY, 10000000)
        assert peer.ask("HELLO", version=1)[1]["syringe"] == "bd-10ml"
        peer.rig.cut(1000)
    files.bad = "-"
    peer.rig.cut(1000)
    assert peer.status()["reservoir_nl"] == 10000000


@req("R13", "OPCA R6.8.0")
def test_empty_stops_before_the_end_and_a_refill_is_the_way_back():
    peer = pump()
    peer.rig.control("refill 400000")
    peer.ok("REFILL", OPERATOR, residual_nl=3000000, volume_nl=400000)
    peer.ok("PRESCRIBE", CLINICIAN, **rx())
    peer.rig.advance(MINUTE)
    assert peer.status()["alarm"] == alarms.LOW_RESERVOIR  # 3 days of up to 115 mcg are 690 uL
    peer.rig.advance(47 * HOUR)
    assert peer.status()["state"] == s.INFUSING
    peer.rig.advance(2 * HOUR)
    _held_by(peer, alarms.EMPTY)
    assert peer.rig.truth()["reservoir_nl"] <= 18, "a step at most"
    assert peer.do("RESUME", OPERATOR)[1]["field"] == "alarm"
    assert peer.ask("ACK", OPERATOR, id=peer.id(), alarm=alarms.EMPTY)[0] == "DONE"
    assert peer.do("RESUME", OPERATOR)[1]["field"] == "alarm", "it still stands"
    peer.rig.control("refill 3000000")
    peer.ok("REFILL", OPERATOR, residual_nl=0, volume_nl=3000000)
    peer.ok("RESUME", OPERATOR)
    peer.rig.advance(DAY)
    assert peer.status()["alarm"] == 0
    _books_are_true(peer)


@req("R7", "GIP 1.6", "H9")
def test_suspend_completes_the_stroke_and_counts_it():
    for bolus in (False, True):
        peer = infusing()
        peer.rig.advance(HOUR)
        if bolus:
            peer.ok("BOLUS", OPERATOR, dose_ng=5000)
        while not peer.rig.hw.stepper.left():
            peer.rig.advance(10)
        peer.ask("SUSPEND", OPERATOR, id=peer.id())
        before = peer.rig.truth()["steps"]
        peer.rig.advance(500)
        assert 1 <= peer.rig.truth()["steps"] - before <= 2
        _books_are_true(peer)
        assert not peer.rig.hw.plant.enabled
        peer.rig.advance(DAY)
        _books_are_true(peer)


@req("store")
def test_a_locked_pump_says_why_and_takes_no_orders():
    peer = infusing()
    peer.rig.control("fault mount 1")
    peer.rig.cut(1000)
    hello = peer.ask("HELLO", version=1)[1]
    assert hello["state"] == s.LOCKED and hello["why"], hello
    assert (peer.status()["state"], peer.status()["alarm"]) == (s.LOCKED, alarms.STORE)
    assert peer.rig.truth()["buzzer"] == alarms.HIGH, "a therapy has stopped: somebody must hear"
    assert peer.rig.send("?")[0].find("LOCKED") > 0
    assert peer.provision()[1]["error"] == s.NOT_AUTHORISED, "it never starts fresh"
    assert peer.send(peer.frame("OPEN", NOBODY, "role=2 nonce=" + "0" * 32))[1]["error"] == s.NOT_AUTHORISED
    peer.rig.press("SUSPEND", 5000)
    peer.rig.press("BOLUS", 100)
    peer.rig.advance(DAY)
    assert peer.rig.truth()["steps"] == 0
    peer.rig.control("fault mount 0")
    peer.rig.cut(1000)
    assert peer.status()["state"] == s.HELD, "off for more than a day in all"


@req("store")
def test_a_provisioned_pump_whose_files_are_damaged_is_locked():
    for name in ("settings", "state"):
        files = DictFiles()
        peer = infusing(files=files)
        peer.rig.advance(HOUR)
        for slot in (".a", ".b"):
            if name + slot in files.content:
                data = files.content[name + slot]
                files.content[name + slot] = data[:9] + b"x" + data[10:]
        peer.rig.cut(1000)
        assert peer.status()["state"] == s.LOCKED, name


@req("store")
def test_a_fresh_pump_answers_and_delivers_nothing():
    peer = Peer(Rig())
    assert peer.status()["state"] == s.UNPROVISIONED
    assert peer.books()["most_steps"] == 0
    assert peer.ask("ALARMS", index=0)[1]["count"] == 0
    assert peer.rig.send("?")[0].find("UNPROVISIONED") > 0
    peer.rig.press("BOLUS", 100)
    peer.rig.advance(DAY)
    peer.rig.hang(2500)
    assert peer.rig.truth()["steps"] == 0
    assert peer.status()["state"] == s.UNPROVISIONED
