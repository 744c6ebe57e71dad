"""The self test: at power-on before anything moves (GIP 3.4), parts of it in idle time (GIP 3.3), and tasks that check in (GIP 3.5).

What each test tries is the port's; here the simulator's fault `post N` lets one fail. The plant's pulses are the truth.
"""

from peer import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, RX, SERVICE, Peer, infusing, pump
from pump.app.loop import App
from sim.rig import Rig
from support import raises, req
from wire import alarms, events
from wire import schema as s

TESTS_OF_SIM = 9  # without code, watchdog and thermometer


def _report(peer):
    return peer.ask("SELFTEST")[1]


def _refused(peer, verb, role, **values):
    """The ERR of an order that is not possible now."""
    answer = peer.do(verb, role, **values)
    assert answer[0] == "ERR", answer
    return answer[1]


def _events(peer):
    """The last 16 events."""
    peer.ask("LOG", OPERATOR, first=max(1, peer.status()["events"] - 15), count=16)
    return peer.events


class _Slow:
    """A port that needs several calls for its only test, as a Pico does for its code; counts them."""

    def __init__(self, more):
        self.more = more
        self.calls = 0

    def code(self):
        self.calls += 1
        return "" if self.calls > self.more else True


@req("GIP 3.4")
def test_it_runs_at_power_on_and_reports():
    peer = pump()
    report = _report(peer)
    assert (report["result"], report["passed"], report["total"], report["failed"]) == (s.TESTS_PASSED, TESTS_OF_SIM, TESTS_OF_SIM, 0)
    assert "why" not in peer.ask("HELLO", version=1)[1]


@req("GIP 3.4")
def test_after_a_reset_a_therapy_does_not_wait_for_it():
    peer = infusing()
    peer.rig.advance(HOUR)
    peer.rig.control("fault post 7")
    peer.rig.reset("watchdog")
    assert _report(peer)["result"] == s.TESTS_IDLE
    assert peer.status()["state"] == s.INFUSING, "the watchdog's reset is no power-on"


@req("GIP 3.4")
def test_the_first_failure_ends_it_and_nothing_moves():
    for number in (1, 2, 3, 5, 6, 7, 8, 9, 10, 12):
        peer = infusing()
        peer.rig.advance(HOUR)
        peer.rig.control("fault post %d" % number)
        peer.rig.cut(1000)  # a second: basal would resume by itself
        report = _report(peer)
        assert (report["result"], report["failed"]) == (s.TESTS_FAILED, number), number
        passed = len([n for n in (1, 2, 5, 6, 7, 8, 9, 10, 12) if n < number])
        assert report["passed"] == passed and report["total"] == passed + 1, "aborted there"
        status = peer.status()
        assert (status["state"], status["alarm"]) == (s.HELD, alarms.SELF_TEST), number
        assert ("self test %d" % number) in peer.ask("HELLO", version=1)[1]["why"]
        assert peer.rig.truth()["buzzer"] == alarms.HIGH
        assert _refused(peer, "RESUME", OPERATOR)["text"] == "alarm"
        peer.rig.press("BOLUS", 100)
        peer.rig.advance(DAY)
        assert peer.rig.truth()["life_steps"] == 0, number


@req("GIP 3.4")
def test_a_test_that_hangs_has_failed():
    """The watchdog bites: what comes up is no reset after which basal goes on at once."""
    for number in (1, 2, 5, 7, 12):
        peer = infusing()
        peer.rig.advance(HOUR)
        peer.rig.control("fault post_hang %d" % number)
        peer.rig.cut(1000)
        peer.rig.settle()
        assert peer.rig.hw.watchdog.cause() == 1
        report = _report(peer)
        assert (report["result"], report["failed"]) == (s.TESTS_FAILED, number), number
        status = peer.status()
        assert (status["state"], status["alarm"]) == (s.HELD, alarms.SELF_TEST), number
        assert ("self test %d" % number) in peer.ask("HELLO", version=1)[1]["why"]
        assert _refused(peer, "RESUME", OPERATOR)["text"] == "alarm"
        peer.rig.reset("watchdog")
        peer.rig.advance(HOUR)
        assert peer.status()["state"] == s.HELD and peer.rig.truth()["life_steps"] == 0, "nor after another one"
        peer.rig.control("fault post_hang 0")
        peer.rig.cut(1000)
        peer.rig.settle()
        assert _report(peer)["result"] == s.TESTS_PASSED
        peer.rig.reset("watchdog")
        assert _report(peer)["result"] == s.TESTS_IDLE


@req("GIP 3.4")
def test_a_power_on_at_which_it_passes_is_the_way_out():
    peer = infusing()
    peer.rig.control("fault post 9")
    peer.rig.cut(1000)
    peer.rig.control("fault post 0")
    assert _refused(peer, "RESUME", OPERATOR)["error"] == s.NOT_NOW
    peer.rig.cut(1000)
    peer.ok("ACK", OPERATOR, alarm=alarms.SELF_TEST)
    peer.ok("RESUME", OPERATOR)
    peer.rig.advance(HOUR)
    assert peer.rig.truth()["life_steps"] > 0


@req("GIP 3.4")
def test_a_reset_does_not_lift_what_a_failed_test_stopped():
    peer = infusing()
    peer.rig.control("fault post 9")
    peer.rig.cut(1000)
    peer.rig.control("fault post 0")
    peer.rig.reset("soft")
    assert _refused(peer, "RESUME", OPERATOR)["text"] == "alarm"


@req("GIP 3.4")
def test_hello_answers_while_it_runs_and_orders_wait():
    """A port whose test takes 100 calls: frames between them are answered, none moves anything."""
    peer = pump()
    app = peer.rig.app
    peer.session(CLINICIAN)
    slow = _Slow(100)
    peer.rig.hw.post = slow
    again = app.__class__(peer.rig.hw, app.therapy, app.journal, "0")
    again.sessions = app.sessions
    peer.rig.app = again
    assert again.post.running
    for verb, role, values in (("HELLO", 0, {"version": 1}), ("PRESCRIBE", CLINICIAN, RX)):
        peer.rig.hw.link.push(peer.line(verb, role, **({"id": peer.id()} if role else {}), **values))
        again.step()
        said = peer.rig.hw.link.take().decode()
        assert "the%20self%20test%20runs" in said, said
    assert again.post.running and slow.calls < 100
    for _ in range(200):
        again.step()
    assert not again.post.running and again.post.result == s.TESTS_PASSED and slow.calls == 101


@req("GIP 3.4")
def test_a_button_held_at_power_on_fails_it():
    rig = Rig()
    assert rig.hw.post.buttons() == ""
    rig.hw.switches.press("BOLUS", 1000)
    rig.advance(50)
    assert rig.hw.post.buttons() != ""


@req("GIP 3.3")
def test_the_periodic_tests_come_round_within_a_day_and_cost_no_step():
    peer = infusing()
    peer.rig.advance(DAY)
    assert _report(peer)["rounds"] >= 1
    assert abs(peer.rig.truth()["steps"] - 10866) <= 1  # 100 mcg of 500 mcg/mL, 54.3281 steps a uL


@req("GIP 3.3", "alarms")
def test_a_memory_fault_stops_delivery_until_a_power_on_that_passes():
    for number in (1, 2):
        peer = infusing()
        peer.rig.advance(HOUR)
        peer.rig.control("fault post %d" % number)
        peer.rig.advance(DAY)
        status = peer.status()
        assert (status["state"], status["alarm"]) == (s.HELD, alarms.MEMORY)
        assert _report(peer)["failed"] == number and _report(peer)["result"] == s.TESTS_PASSED
        steps = peer.rig.truth()["steps"]
        assert _refused(peer, "RESUME", OPERATOR)["text"] == "alarm"
        peer.ok("ACK", OPERATOR, alarm=alarms.MEMORY)
        assert _refused(peer, "RESUME", OPERATOR)["text"] == "alarm", "seen is not gone"
        peer.rig.advance(DAY)
        assert peer.rig.truth()["steps"] == steps
        peer.rig.control("fault post 0")
        peer.rig.cut(1000)
        peer.ok("RESUME", OPERATOR)


@req("GIP 3.5")
def test_a_delivery_that_is_not_served_ends_the_loop_by_name():
    peer = infusing()
    peer.rig.advance(HOUR)
    peer.rig.control("fault jam 1")
    with raises(Exception) as caught:
        peer.rig.advance(HOUR)
    assert caught.value.args[0] == "task died: delivery"
    assert peer.rig.hw.alive is False, "hw.wait feeds the watchdog no more"


@req("GIP 3.5")
def test_a_loop_whose_tasks_all_check_in_is_fed():
    peer = infusing()
    peer.ok("BOLUS", OPERATOR, dose_ng=5000)
    for _ in range(20):
        peer.rig.advance(MINUTE)
        assert peer.rig.hw.alive is True


@req("R17")
def test_the_prompt_is_refused_where_a_therapy_is_not_over():
    left = []
    peer = infusing()
    peer.rig.hw.service = lambda: left.append(1)
    for state in (s.INFUSING, s.SUSPENDED):
        refusal = _refused(peer, "SERVICE", SERVICE)
        assert (refusal["rule"], refusal["value"]) == (17, state)
        if state == s.INFUSING:
            peer.ok("SUSPEND", OPERATOR)
    assert not left


@req("R17")
def test_the_prompt_opens_after_the_answer_and_stays_in_the_log():
    left = []
    peer = pump()
    peer.rig.hw.service = lambda: left.append(peer.rig.hw.clock.us)
    began = peer.rig.hw.clock.us
    peer.ok("SERVICE", SERVICE, reason="new firmware")
    assert not left, "the answer first"
    peer.rig.advance(1000)
    assert len(left) == 1 and left[0] - began == 500000
    assert _events(peer)[-1]["event"] == events.SERVICE_OPENED
    assert _refused(peer, "SERVICE", CLINICIAN)["error"] == s.NOT_AUTHORISED


@req("R17")
def test_a_board_without_a_prompt_says_so():
    peer = pump()
    assert _refused(peer, "SERVICE", SERVICE)["text"] == "no prompt"


@req("GIP 4.1")
def test_a_crash_goes_into_the_log_once():
    from pump.store import crash

    peer = infusing()
    text = "Traceback\n  File x\nTaskDied: task died: delivery " + 60 * "x" + "\n"
    crash.record(peer.rig._files, text)
    peer.rig.reset("soft")
    peer.rig.reset("soft")
    entries = [e for e in _events(peer) if e["event"] == events.CRASHED]
    assert [(e["a"], e["b"], e["note"]) for e in entries] == [(1, 2, "TaskDied: task died: delivery " + 26 * "x")]
    crash.record(peer.rig._files, "ValueError: 5\n")
    peer.rig.reset("soft")
    assert [e["a"] for e in _events(peer) if e["event"] == events.CRASHED] == [1, 2]
    assert crash.text(peer.rig._files) == "ValueError: 5\n"


def _crash_at(peer, owner, name, off):
    """The boot after so long without power meets an exception in owner.name, as a bug would have it; then the chip has reset."""

    class Boom(Exception):
        pass

    def boom(self):
        raise Boom

    real = getattr(owner, name)
    setattr(owner, name, boom)
    try:
        peer.rig.cut(off)
    except Boom:
        pass
    setattr(owner, name, real)
    peer.rig.reset("soft")


@req("R7", "GIP 3.4")
def test_a_crash_before_the_self_test_forgets_neither_it_nor_the_time_without_power():
    for off, state in ((72 * HOUR, s.HELD), (1000, s.INFUSING)):
        for owner, name in ((App, "boot"), (App, "_listen")):
            peer = infusing()
            peer.rig.advance(HOUR)
            _crash_at(peer, owner, name, off)
            assert peer.ask("SELFTEST")[1]["result"] != s.TESTS_IDLE, "it is this life's"
            peer.rig.advance(MINUTE)
            assert peer.ask("SELFTEST")[1]["result"] == s.TESTS_PASSED, (off, name)
            assert peer.status()["state"] == state, (off, name)
            if state == s.HELD:
                assert peer.status()["stopped_ms"] >= off


@req("GIP 3.4", "R17")
def test_a_test_that_hangs_blocks_a_pump_without_a_library_too():
    peer = Peer(Rig())
    peer.rig.control("fault post_hang 2")
    peer.rig.cut(1000)
    peer.rig.advance(MINUTE)
    assert peer.ask("SELFTEST")[1]["failed"] == 2
    assert peer.status()["alarm"] == alarms.SELF_TEST and peer.rig.truth()["buzzer"] == alarms.HIGH
    answer = peer.provision()
    assert (answer[0], answer[1]["error"], answer[1]["text"]) == ("ERR", s.NOT_NOW, "alarm"), answer


@req("GIP 3.4")
def test_a_test_that_failed_refuses_orders_whatever_became_of_its_alarm():
    peer = Peer(Rig())
    peer.rig.control("fault post 2")
    peer.rig.cut(1000)
    peer.rig.advance(MINUTE)
    assert peer.status()["alarm"] == alarms.SELF_TEST
    peer.rig.app.therapy.alarm(alarms.SELF_TEST, False)
    answer = peer.provision()
    assert (answer[0], answer[1]["error"], answer[1]["field"], answer[1]["value"]) == ("ERR", s.NOT_NOW, "alarm", alarms.SELF_TEST)


@req("GIP 3.4", "R7")
def test_what_is_saved_while_the_test_runs_leaves_its_mark():
    """An order's checkpoint between two slices of a test that then hangs."""
    peer = infusing()
    peer.rig.advance(HOUR)
    hw = peer.rig.hw
    real, hw.post = hw.post, _Slow(1000)
    app = peer.rig.app
    app.post = app.post.__class__(hw)
    app.post.running = True
    hw.post = real
    app.step()
    app.save()
    peer.rig.reset("watchdog")
    peer.rig.settle()
    assert _report(peer)["result"] == s.TESTS_FAILED
    assert (peer.status()["state"], peer.status()["alarm"]) == (s.HELD, alarms.SELF_TEST)
