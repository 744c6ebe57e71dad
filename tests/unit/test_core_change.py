"""R13: a change of syringe interrupts, is reminded of, and ends with the refill; R7, R6 and R9 hold across it."""

from peer import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, infusing, rx
from support import req
from ward import started
from wire import alarms, events
from wire import schema as s

FIVE = 5 * MINUTE
UNSEATED = 4
NEW = {"residual_nl": 2900000, "volume_nl": 3000000}  # after ten hours of 8.3 uL an hour


def _standing(ward):
    return [entry[0] for entry in ward.therapy.alarms.entries]


def _booked(ward):
    return ward.therapy.reservoir.left_nl(ward.therapy.odometer())


def _changing(ms=0):
    ward = started()
    ward.go(10 * HOUR)
    ward.order("CHANGE", OPERATOR)
    ward.go(ms)
    return ward


@req("R13", "R7")
def test_basal_stops_d_stays_and_the_refill_lets_it_go_on():
    ward = _changing(4 * MINUTE)
    therapy = ward.therapy
    assert (ward.state, therapy.basal(), therapy.d(), therapy.stopped_ms()) == (s.CHANGING, 0, 100000, 4 * MINUTE)
    emitted = therapy.plan.emitted
    assert therapy.plan.due_us(1) is None, "no step is due"
    assert ward.order("REFILL", OPERATOR, **NEW)["new_ng_per_day"] == 100000
    assert (ward.state, therapy.basal(), therapy.d(), therapy.stopped_ms()) == (s.INFUSING, 100000, 100000, 0)
    assert (therapy.plan.emitted, _booked(ward)) == (emitted, 3000000)
    said = [(item[0], item[1], item[2]) for item in therapy.news][-3:]
    assert said == [(events.CHANGE_STARTED, OPERATOR, 0), (events.REFILLED, 3000000, said[1][2]), (events.RESUMED, 100000, 4 * MINUTE)]


@req("R13", "alarms")
def test_a_change_is_reminded_of_after_five_minutes_and_again_but_never_ends_by_itself():
    ward = _changing(FIVE - 1)
    therapy = ward.therapy
    assert _standing(ward) == []
    ward.go(1)
    assert _standing(ward) == [alarms.CHANGE_LATE] and therapy.alarms.sound(therapy.now) == alarms.MEDIUM
    ward.order("ACK", alarm=alarms.CHANGE_LATE)
    assert therapy.alarms.sound(therapy.now) == 0
    ward.go(2 * MINUTE)
    assert therapy.alarms.sound(therapy.now) == alarms.MEDIUM, "silent for two minutes, never for good"
    ward.go(DAY)
    assert ward.state == s.CHANGING
    ward.order("REFILL", OPERATOR, **NEW)
    assert (ward.state, _standing(ward)) == (s.INFUSING, [])


@req("R13", "R7")
def test_beyond_the_limit_or_with_nobody_knowing_how_long_a_person_decides():
    late = _changing(48 * HOUR + 1)
    cut = _changing(MINUTE)
    cut.cut(-1)
    cut.go(1)
    for ward in (late, cut):
        assert ward.state == s.CHANGING and alarms.OVERDUE in _standing(ward)
        assert ward.order("REFILL", CLINICIAN, reason="new syringe", **NEW)["new_ng_per_day"] == 0
        assert (ward.state, ward.therapy.basal()) == (s.HELD, 0)
        assert ward.therapy.alarms.sound(ward.therapy.now) == alarms.HIGH
        assert ward.rule("RESUME", OPERATOR) == 7
        ward.order("RESUME", CLINICIAN, reason="checked")
        assert ward.state == s.INFUSING


@req("R13", "power cut")
def test_a_power_cut_in_a_change_leaves_it_open_and_counts_the_time_without_power():
    ward = _changing(MINUTE)
    ward.cut(20 * MINUTE)
    assert (ward.state, ward.therapy.basal(), ward.therapy.stopped_ms()) == (s.CHANGING, 0, 21 * MINUTE)
    ward.go(0)
    assert _standing(ward) == [alarms.CHANGE_LATE], "at once: it has taken 21 minutes"
    ward.order("REFILL", OPERATOR, **NEW)
    assert ward.state == s.INFUSING
    short = _changing(MINUTE)
    short.cut(2 * MINUTE)
    short.go(2 * MINUTE - 1)
    assert _standing(short) == []
    short.go(1)
    assert _standing(short) == [alarms.CHANGE_LATE]


@req("R13", "R7")
def test_a_suspension_in_the_change_needs_the_refill_and_then_a_person():
    ward = _changing(MINUTE)
    ward.order("SUSPEND")
    reject = ward.refusal("RESUME", OPERATOR)
    assert (reject.error, reject.rule, reject.field, reject.value) == (s.NOT_NOW, 13, "change_ms", MINUTE)
    ward.order("REFILL", OPERATOR, **NEW)
    assert ward.state == s.SUSPENDED, "who suspended it may have had a reason"
    ward.order("RESUME", OPERATOR)
    assert ward.state == s.INFUSING


@req("R13")
def test_while_it_is_open_only_the_refill_ends_it():
    ward = _changing(MINUTE)
    for verb in ("RESUME", "BOLUS", "PRESCRIBE", "TAPER", "CHANGE"):
        values = {"PRESCRIBE": rx(), "BOLUS": {"dose_ng": 5000}, "TAPER": {"to_ng_per_day": 0, "preset": 0}}.get(verb, {})
        assert ward.refusal(verb, CLINICIAN, **values).error == s.NOT_NOW, verb
    assert ward.rule("REFILL", OPERATOR, residual_nl=1000000, volume_nl=3000000) == 13
    closed = _changing(48 * HOUR + 1)
    closed.order("SUSPEND")
    closed.order("CLOSE", reason="explant")
    assert closed.state == s.ENDED and alarms.CHANGE_LATE not in _standing(closed)
    assert closed.refusal("PRESCRIBE", CLINICIAN, **rx()).field == "change_ms"
    closed.order("REFILL", OPERATOR, residual_nl=_booked(closed), volume_nl=3000000)
    closed.order("PRESCRIBE", **rx())


@req("R13", "R5")
def test_not_in_the_middle_of_a_bolus_which_would_count_as_given():
    ward = started()
    ward.go(HOUR)
    ward.order("BOLUS", OPERATOR, dose_ng=5000)
    ward.go(MINUTE)
    reject = ward.refusal("CHANGE", OPERATOR)
    assert (reject.error, reject.rule, reject.in_ms) == (s.NOT_NOW, 13, 4 * MINUTE)
    ward.go(4 * MINUTE)
    ward.therapy.back_left = 100  # as after an occlusion
    assert ward.refusal("CHANGE", OPERATOR).error == s.NOT_NOW
    ward.therapy.back_left = 0
    ward.order("CHANGE", OPERATOR)


@req("R13", "R7")
def test_it_goes_back_to_what_it_interrupted():
    for verb, values, after in (("TAPER", {"to_ng_per_day": 0, "preset": 0}, s.TAPERING), ("PAUSE", {"on": 1}, s.TAPER_PAUSED)):
        ward = started()
        ward.go(3 * DAY)
        ward.order("TAPER", to_ng_per_day=0, preset=0)
        if verb == "PAUSE":
            ward.order(verb, **values)
        ward.go(HOUR)
        ward.order("CHANGE", OPERATOR)
        ward.go(HOUR)
        ward.order("REFILL", OPERATOR, residual_nl=_booked(ward), volume_nl=3000000)
        assert ward.state == after


@req("R13", "R4")
def test_the_rung_of_a_taper_waits_meanwhile():
    ward = started()
    ward.go(3 * DAY)
    ward.order("TAPER", to_ng_per_day=0, preset=s.TAPER_LABEL)
    ward.go(HOUR)
    left = ward.therapy.taper.left(ward.therapy.now)
    ward.order("CHANGE", OPERATOR)
    ward.go(HOUR)
    ward.order("REFILL", OPERATOR, residual_nl=_booked(ward), volume_nl=3000000)
    assert (ward.state, ward.d_mcg, ward.therapy.taper.left(ward.therapy.now)) == (s.TAPERING, 80, left)


@req("R13", "OPCA R6.8.0")
def test_an_empty_syringe_is_changed_likewise_and_one_that_failed_waits_for_somebody():
    ward = started()
    ward.go(HOUR)
    ward.therapy.reservoir.mark = ward.therapy.odometer() - ward.therapy.reservoir.full_steps  # all of it has left
    ward.therapy.watch_books()
    assert ward.state == s.HELD and alarms.EMPTY in _standing(ward)
    ward.order("CHANGE", OPERATOR)
    assert ward.order("REFILL", OPERATOR, residual_nl=0, volume_nl=3000000)["new_ng_per_day"] == 100000
    assert (ward.state, _standing(ward)) == (s.INFUSING, [])
    ward.therapy.alarm(alarms.MOTOR)
    ward.therapy.alarm(alarms.MOTOR, False)  # it has stopped, latched until somebody has seen it
    ward.order("CHANGE", OPERATOR)
    assert ward.order("REFILL", OPERATOR, residual_nl=3000000, volume_nl=3000000)["new_ng_per_day"] == 0
    assert ward.state == s.HELD and ward.refusal("RESUME", OPERATOR).value == alarms.MOTOR


@req("R13", "R9")
def test_another_concentration_is_bridged_once_the_refill_is_booked():
    ward = _changing(MINUTE)
    ward.order("REFILL", OPERATOR, **NEW)
    other = rx(conc_ng_per_ml=1000000, conc_again_ng_per_ml=1000000)
    assert ward.refusal("PRESCRIBE", CLINICIAN, **other).field == "dead_nl"
    ward.order("PRESCRIBE", dead_nl=200000, **other)
    assert (ward.therapy.line.conc, ward.therapy.line.coming, ward.therapy.basal()) == (500000, 1000000, 100000)
    assert ward.order("CHANGE", OPERATOR)["old_ng_per_day"] == 100000
    left = ward.therapy.bridge_steps()
    ward.go(HOUR)
    ward.order("REFILL", OPERATOR, residual_nl=_booked(ward), volume_nl=3000000)
    assert ward.therapy.bridge_steps() == left and ward.therapy.line.coming == 1000000


@req("R13", "power cut", "two-phase")
def test_on_the_pump_nothing_leaves_the_time_is_told_and_cuts_forget_nothing():
    peer = infusing()
    peer.rig.advance(HOUR)
    peer.ok("CHANGE", OPERATOR, reason="nearly empty")
    peer.rig.advance(1000)
    steps = peer.rig.truth()["steps"]
    peer.rig.advance(4 * MINUTE)
    peer.rig.cut(30 * MINUTE)
    peer.rig.reset("soft")
    peer.rig.advance(MINUTE)
    assert peer.rig.truth()["steps"] == steps
    status, books = peer.status(), peer.books()
    assert (status["state"], status["basal_ng_per_day"], status["set_ng_per_day"]) == (s.CHANGING, 0, 100000)
    assert 35 * MINUTE <= books["change_ms"] <= 35 * MINUTE + 2000
    assert status["alarm"] == alarms.CHANGE_LATE
    peer.ok("REFILL", OPERATOR, residual_nl=peer.status()["reservoir_nl"], volume_nl=3000000)
    assert "change_ms" not in peer.books()
    peer.rig.advance(HOUR)
    assert (peer.status()["state"], peer.status()["alarm"]) == (s.INFUSING, 0)
    assert 440 <= peer.rig.truth()["steps"] - steps <= 460, "8.3 uL an hour is 453 steps"


class _Seat:
    """A board that can tell whether there is a syringe."""

    def __init__(self):
        self.mask = 0

    def state(self):
        return self.mask


@req("R13", "R15")
def test_it_ends_with_a_syringe_in_the_seat_where_the_board_can_tell():
    peer = infusing()
    seat = peer.rig.hw.ends = _Seat()
    peer.rig.advance(HOUR)
    peer.ok("CHANGE", OPERATOR)
    seat.mask = UNSEATED
    peer.rig.advance(2 * MINUTE)
    assert peer.status()["alarm"] == 0, "taken out, as was said"
    values = {"residual_nl": peer.status()["reservoir_nl"], "volume_nl": 3000000}
    answer = peer.do("REFILL", OPERATOR, **values)
    assert (answer[1]["error"], answer[1]["rule"], answer[1]["text"]) == (s.NOT_NOW, 13, "no syringe in the seat")
    seat.mask = 0
    id = peer.id()
    code = peer.ask("REFILL", OPERATOR, id=id, **values)[1]["code"]
    seat.mask = UNSEATED  # between the two steps
    assert peer.ask("COMMIT", OPERATOR, id=id, code=code)[1]["error"] == s.NOT_NOW and peer.status()["state"] == s.CHANGING
    seat.mask = 0
    peer.ok("REFILL", OPERATOR, **values)
    assert peer.status()["state"] == s.INFUSING
