"""Where two things meet that were built apart, on a rig: the self test beside power cuts and orders, an answer that does not fit its fields."""

from peer import CLINICIAN, HOUR, MINUTE, OPERATOR, SERVICE, infusing, pump, rx
from support import req
from wire import alarms
from wire import schema as s

_50_MIN = 50 * MINUTE


@req("R7")
def test_cuts_one_after_another_add_up_until_basal_has_run():
    """Twice 50 min with some seconds of self test in between: more than the hour for which basal resumes by itself."""
    peer = infusing()
    peer.rig.advance(HOUR)
    peer.rig.cut(_50_MIN)
    assert peer.status()["state"] == s.INFUSING
    peer.rig.cut(_50_MIN)
    status = peer.status()
    assert (status["state"], status["alarm"]) == (s.HELD, alarms.POWER_LOST)
    assert 2 * _50_MIN <= status["stopped_ms"] < 2 * _50_MIN + MINUTE


@req("R7")
def test_once_basal_has_run_the_next_cut_is_one_of_its_own():
    peer = infusing()
    for _ in range(3):
        peer.rig.advance(HOUR)
        assert peer.rig.truth()["life_steps"] > 0
        peer.rig.cut(_50_MIN)
        assert peer.status()["state"] == s.INFUSING
    peer.rig.advance(HOUR)
    peer.ok("SUSPEND", OPERATOR)
    assert peer.status()["stopped_ms"] < MINUTE


@req("R7")
def test_the_withdrawal_clock_counts_the_cut_after_which_the_self_test_failed():
    peer = infusing()
    peer.rig.advance(HOUR)
    peer.rig.control("fault post 9")
    peer.rig.cut(_50_MIN)
    status = peer.status()
    assert (status["state"], status["alarm"]) == (s.HELD, alarms.SELF_TEST)
    assert _50_MIN <= status["stopped_ms"] < _50_MIN + MINUTE


@req("R7")
def test_a_row_of_the_profile_is_no_basal_that_ran():
    """Two cuts of 50 min with the change of a row in between, and no step."""
    peer = infusing()
    peer.rig.advance(HOUR)
    peer.rig.cut(_50_MIN)
    peer.rig.settle()
    peer.rig.app.therapy.fire("row")
    peer.rig.app.save()
    peer.rig.cut(_50_MIN)
    assert peer.status()["state"] == s.HELD


class _Endless:
    """A self test that does not end."""

    def processor(self):
        return True


@req("GIP 3.4")
def test_no_order_lets_a_step_leave_while_the_self_test_runs():
    """Basal so fast that it goes in trains: an acknowledgement tops the queue up before it is written."""
    peer = pump()
    peer.provision(SERVICE, syringe="bd-1ml")
    peer.ok("PRESCRIBE", CLINICIAN, **rx(conc_ng_per_ml=50000, conc_again_ng_per_ml=50000))
    app, hw = peer.rig.app, peer.rig.hw
    peer.rig.advance(MINUTE)
    app.therapy.alarm(alarms.DEFICIT)
    hw.link.push(peer.line("ACK", OPERATOR, id=peer.id(), alarm=alarms.DEFICIT))
    hw.post = _Endless()
    app.post = app.post.__class__(hw)
    app.post.running = True
    hw.clock.us += 400000  # a train's worth is due
    before = peer.rig.truth()["steps"] + hw.stepper.left()
    app.step()
    assert app.therapy.alarms.find(alarms.DEFICIT)[3], "acknowledged"
    assert app.post.running and peer.rig.truth()["steps"] + hw.stepper.left() == before


@req("wire")
def test_a_figure_that_its_field_can_not_hold_is_answered_not_crashed_on():
    peer = infusing()
    peer.rig.app.therapy.before[2] = 10**15
    verb, said = peer.ask("STATUS")
    assert (verb, said["error"], said["field"]) == ("ERR", s.OUT_OF_RANGE, "most_ng")
