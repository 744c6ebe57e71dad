"""What the motor really does: basal through everything (R14), boluses on top of it, a taper to its end.

The plant's pulses are the truth. Bore 8.66 mm: 54.3281 steps a uL, so 100 mcg/day of 500 mcg/mL is 10865.6 steps a day, 452.73 an hour.
"""

from peer import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, infusing, rx
from sim.bench import Config
from support import req
from wire import schema as s


def _expected(ng):
    """Steps of so many ng at 500 mcg/mL, to the nearest."""
    return (ng * 2 * 5432805 + 50000000) // 100000000


def _near(peer, ng, slack=1):
    steps = peer.rig.truth()["steps"]
    assert abs(steps - _expected(ng)) <= slack, (steps, _expected(ng))
    assert peer.rig.truth()["idle_steps"] == 0


@req("R14", "GIP 1.4.4")
def test_basal_through_a_bolus():
    peer = infusing()
    peer.rig.advance(HOUR)
    peer.ok("BOLUS", OPERATOR, dose_ng=5000)
    for minute in range(1, 6):
        peer.rig.advance(MINUTE)
        _near(peer, 4167 + 1000 * minute + 69 * minute, 2)
    status = peer.status()
    assert (status["bolus_ng"], status["bolus_count"]) == (0, 1)
    peer.rig.advance(DAY - HOUR - 5 * MINUTE)
    _near(peer, 105000)


@req("R14")
def test_cancelling_a_bolus_leaves_basal():
    peer = infusing()
    peer.rig.advance(HOUR)
    peer.ok("BOLUS", OPERATOR, dose_ng=5000)
    peer.rig.advance(2 * MINUTE)
    assert peer.ask("CANCEL", OPERATOR, id=peer.id())[0] == "DONE"
    assert peer.ask("CANCEL", OPERATOR, id=peer.id())[1]["error"] == s.NOT_NOW
    peer.rig.advance(DAY - HOUR - 2 * MINUTE)
    _near(peer, 102000, 2)


@req("R14", "GIP 1.1.7", "H10")
def test_a_change_does_not_interrupt():
    peer = infusing()
    peer.rig.advance(DAY)
    id = peer.id()
    code = peer.ask("PRESCRIBE", CLINICIAN, id=id, **rx(basal_ng_per_day=115000))[1]["code"]
    peer.rig.advance(MINUTE)
    _near(peer, 100069, 1)  # proposed is not programmed
    peer.ask("COMMIT", CLINICIAN, id=id, code=code)
    peer.rig.advance(DAY)
    _near(peer, 100069 + 115000)


@req("R14")
def test_a_change_during_a_bolus_leaves_the_bolus():
    peer = infusing({"max_24h_ng": 130000})
    peer.rig.advance(DAY)
    peer.ok("BOLUS", OPERATOR, dose_ng=5000)
    peer.rig.advance(MINUTE)
    peer.ok("PRESCRIBE", CLINICIAN, **rx(basal_ng_per_day=115000, max_24h_ng=130000))
    assert peer.status()["bolus_ng"] == 5000
    peer.rig.advance(DAY)
    _near(peer, 100069 + 5000 + 115000, 2)


@req("R14", "OPCA R6.7.0(6)")
def test_a_host_that_goes_away_in_the_middle_of_a_line():
    peer = infusing()
    peer.rig.hw.link.push(b">BOLUS 12345678 4 id=0000")
    peer.rig.advance(DAY)
    _near(peer, 100000)
    assert peer.ask("STATUS")[1]["error"] == s.BAD_CRC, "the rest of that line"
    assert peer.status()["alarm"] == 0


@req("clock")
def test_the_clock_wraps_and_nothing_is_seen_of_it():
    strong = {"conc_ng_per_ml": 2000000, "conc_again_ng_per_ml": 2000000, "basal_ng_per_day": 27000}
    peer = infusing(strong, config=Config(ticks_at_boot=(1 << 30) - HOUR))
    peer.rig.advance(13 * DAY)  # wraps after an hour and again after 12.4 days
    assert peer.status()["now_ms"] == 13 * DAY
    _near(peer, 13 * 27000 // 4)


@req("R4")
def test_a_whole_taper_ends_by_itself():
    peer = infusing({"basal_ng_per_day": 40000, "max_24h_ng": 60000})
    peer.rig.advance(DAY)
    peer.ok("TAPER", CLINICIAN, to_ng_per_day=0, preset=0)
    peer.rig.advance(3 * DAY)
    peer.rig.cut(50 * MINUTE)
    # 32 at once, 27 after 48 h, ended 48 h of delivery later
    peer.rig.advance(DAY)
    assert peer.status()["state"] == s.TAPERING, "time that the cut took is not counted"
    peer.rig.advance(MINUTE)
    assert peer.status()["state"] == s.ENDED
    peer.rig.advance(10 * DAY)
    _near(peer, 40000 + 2 * 32000 + 2 * 27000, 3)


class _Racing:
    """A stepper whose next pulse leaves whenever somebody looks, as on silicon; `extra` pulses are of its own making."""

    def __init__(self, stepper):
        self.stepper = stepper
        self.out = 0
        self.extra = 0

    def _pulse(self):
        self.out += 1 if self.out < self.stepper.left() else 0
        return self.out

    def emitted(self):
        return self.stepper.emitted() + self._pulse() + self.extra

    def left(self):
        return self.stepper.left() - self._pulse()


@req("R15")
def test_pulses_that_leave_while_they_are_counted_are_no_motor_fault():
    peer = infusing(rx(pb_dose_ng=50000, pb_duration_ms=MINUTE, max_24h_ng=200000, reason="large"))
    peer.ok("BOLUS", OPERATOR, dose_ng=50000)
    peer.rig.advance(1000)
    delivery = peer.rig.app.delivery
    racing = _Racing(peer.rig.hw.stepper)
    assert racing.stepper.left() > 20
    delivery._stepper = racing
    for _ in range(5):
        assert delivery._adds_up()
    racing.extra = 3
    assert not delivery._adds_up()
    racing.extra = -3
    assert not delivery._adds_up()
