"""R5: from the later of the planned and the actual end, at most N in 24 h, and nothing shortens it."""

from peer import infusing
from pump.core import lockout
from sim.bench import Config
from support import req
from ward import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, started
from wire import limits
from wire import schema as s

LOCKOUT, LAST = 6 * HOUR, 5 * MINUTE  # of peer.RX
MANY = {"pb_max": 99, "pb_lockout_ms": HOUR, "max_24h_ng": 1000000}


def _bolus(ward, role=OPERATOR, **more):
    ward.order("BOLUS", role, dose_ng=5000, **more)


def _possible(ward, role=OPERATOR, **more):
    return ward.rule("BOLUS", role, dose_ng=5000, **more) is None


@req("R5", "OPCA R5.2.0(3)")
def test_from_the_end_of_the_last_bolus():
    ward = started()
    _bolus(ward)
    refusal = ward.refusal("BOLUS", OPERATOR, dose_ng=5000)
    assert (refusal.rule, refusal.error, refusal.in_ms) == (5, s.NOT_NOW, LAST + LOCKOUT), "one still runs"
    ward.go(LAST)
    assert ward.refusal("BOLUS", OPERATOR, dose_ng=5000).in_ms == LOCKOUT
    ward.go(LOCKOUT - 1)
    refusal = ward.refusal("BOLUS", OPERATOR, dose_ng=5000)
    assert (refusal.error, refusal.rule, refusal.in_ms) == (s.LIMIT, 5, 1)
    ward.go(1)
    assert _possible(ward)


@req("R5")
def test_cancelled_counts_as_given_and_from_its_planned_end():
    ward = started()
    _bolus(ward)
    ward.go(MINUTE)
    ward.order("CANCEL", OPERATOR)
    assert ward.therapy.plan.bolus_num == 0
    ward.go(LAST - MINUTE + LOCKOUT - 1)
    assert not _possible(ward)
    ward.go(1)
    assert _possible(ward)
    _bolus(ward)
    ward.go(LAST + LOCKOUT)
    _bolus(ward)
    ward.go(LAST + LOCKOUT)
    assert ward.rule("BOLUS", OPERATOR, dose_ng=5000) == 5, "three of three, one of them cancelled"


@req("R5")
def test_at_most_n_whose_end_lies_in_the_last_24_hours():
    ward = started()
    for _ in range(3):
        _bolus(ward)
        ward.go(LAST + LOCKOUT)
    # the first ended 5 min after the start; now is 18 h 15 min after it
    assert ward.refusal("BOLUS", OPERATOR, dose_ng=5000).in_ms == DAY + LAST - 3 * (LAST + LOCKOUT)
    ward.go(DAY + LAST - 3 * (LAST + LOCKOUT) - 1)
    assert ward.rule("BOLUS", OPERATOR, dose_ng=5000) == 5
    ward.go(1)
    assert _possible(ward)


@req("R5")
def test_a_clinician_needs_a_reason_inside_the_lockout_but_never_goes_beyond_n():
    ward = started()
    _bolus(ward)
    ward.go(LAST)
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=5000) == 5
    assert ward.rule("BOLUS", OPERATOR, dose_ng=5000, reason="pain") == 5
    assert ward.check("BOLUS", CLINICIAN, dose_ng=5000, reason="spasm")["soft"] == limits.SOFT_LOCKOUT
    for _ in range(2):
        _bolus(ward, CLINICIAN, reason="spasm")
        ward.go(LAST)
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=5000, reason="spasm") == 5


@req("R5")
def test_a_clinician_s_bolus_locks_the_patient_out():
    ward = started()
    ward.order("BOLUS", CLINICIAN, dose_ng=2000, duration_ms=20 * MINUTE)
    ward.go(20 * MINUTE + LOCKOUT - 1)
    assert not _possible(ward)
    ward.go(1)
    assert _possible(ward)


@req("R5")
def test_without_a_prescribed_lockout_the_library_s_hour_holds():
    ward = started(pb_dose_ng=None, pb_duration_ms=None, pb_lockout_ms=None, pb_max=None)
    ward.order("BOLUS", CLINICIAN, dose_ng=2000, duration_ms=MINUTE)
    ward.go(MINUTE + HOUR - 1)
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=2000, duration_ms=MINUTE) == 5
    ward.go(1)
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=2000, duration_ms=MINUTE) is None


@req("R5")
def test_suspension_ends_a_bolus_and_keeps_the_lockout():
    ward = started()
    _bolus(ward)
    ward.go(MINUTE)
    ward.order("SUSPEND")
    ward.go(MINUTE)
    ward.order("RESUME", OPERATOR)
    assert ward.therapy.plan.bolus_num == 0, "it does not go on"
    ward.go(LAST - 2 * MINUTE + LOCKOUT - 1)
    assert not _possible(ward)
    ward.go(1)
    assert _possible(ward)


@req("R5")
def test_a_power_cut_counts_from_recovery():
    ward = started()
    _bolus(ward)
    ward.go(MINUTE)
    ward.cut(30 * MINUTE)
    assert ward.state == s.INFUSING
    assert ward.therapy.plan.bolus_num == 0, "it does not go on"
    # planned end is 4 min off: the later
    ward.go(LAST - MINUTE + LOCKOUT - 1)
    assert not _possible(ward)
    ward.go(1)
    assert _possible(ward)


@req("R5")
def test_a_therapy_ended_and_begun_again_keeps_it():
    ward = started(basal_ng_per_day=27000, max_24h_ng=60000)
    ward.go(DAY)
    ward.order("TAPER", to_ng_per_day=0, preset=0)
    ward.go(2 * DAY - MINUTE)
    _bolus(ward, CLINICIAN)
    ward.go(MINUTE)
    assert ward.state == s.ENDED
    ward.order("PROVISION", library="baclofen-itb", syringe="bd-3ml")
    ward.prescribe()
    assert ward.refusal("BOLUS", OPERATOR, dose_ng=5000).in_ms == LOCKOUT + LAST - MINUTE


@req("R5")
def test_a_shorter_lockout_prescribed_later_is_the_prescription_s():
    """It is a new prescription by a clinician, not a way round: the library's hour stays."""
    ward = started()
    _bolus(ward)
    ward.go(LAST + HOUR)
    assert not _possible(ward)
    ward.prescribe(pb_lockout_ms=HOUR)
    assert _possible(ward)


@req("R5", "R6")
def test_more_boluses_than_can_be_remembered_are_not_given():
    """What is forgotten would count for nothing: 48 in 24 h is the end, whatever was prescribed."""
    ward = started(**MANY)
    given = 0
    while ward.rule("BOLUS", CLINICIAN, dose_ng=1000, duration_ms=MINUTE, reason="test") is None:
        ward.order("BOLUS", CLINICIAN, dose_ng=1000, duration_ms=MINUTE, reason="test")
        ward.go(MINUTE)
        given += 1
        assert given < 60
    assert given == 48
    assert sum([b[3] for b in ward.therapy.history.boluses]) == 48000


@req("R5")
def test_a_reset_in_a_bolus_does_not_shorten_it():
    peer = infusing()
    peer.rig.advance(HOUR)
    peer.ok("BOLUS", OPERATOR, dose_ng=5000)
    peer.rig.advance(MINUTE)
    peer.rig.hang(2500)
    status = peer.status()
    assert (status["bolus_ng"], status["bolus_count"], status["state"]) == (0, 1, s.INFUSING)
    assert status["bolus_in_ms"] >= LOCKOUT + LAST - MINUTE - 2000, "the 2 s that it hung have passed"
    peer.rig.advance(status["bolus_in_ms"] - 1)
    peer.refused(5, "BOLUS", OPERATOR, dose_ng=5000)
    peer.rig.advance(1)
    peer.ok("BOLUS", OPERATOR, dose_ng=5000)


@req("R5")
def test_cuts_one_after_the_other_only_make_it_longer():
    peer = infusing()
    peer.rig.advance(HOUR)
    peer.ok("BOLUS", OPERATOR, dose_ng=5000)
    powered = 0
    for i in range(30):
        peer.rig.advance(11 * MINUTE)
        powered += 11 * MINUTE
        peer.rig.cut(59 * MINUTE)
        assert peer.status()["bolus_in_ms"] >= LOCKOUT + LAST - powered, i
    assert peer.status()["state"] == s.INFUSING
    peer.refused(5, "BOLUS", OPERATOR, dose_ng=5000)
    peer.rig.advance(peer.status()["bolus_in_ms"])
    peer.ok("BOLUS", OPERATOR, dose_ng=5000)


@req("R5", "H3")
def test_the_clock_s_wrap_in_the_middle_of_it_changes_nothing():
    # ticks wrap 2^30 ms after they were 0; here 3 h into the lockout
    peer = infusing(config=Config(ticks_at_boot=(1 << 30) - 4 * HOUR))
    peer.rig.advance(HOUR)
    peer.ok("BOLUS", OPERATOR, dose_ng=5000)
    peer.rig.advance(LAST + LOCKOUT - 1)
    assert peer.rig.hw.clock.ticks_ms() < 4 * HOUR, "it has wrapped"
    assert peer.refused(5, "BOLUS", OPERATOR, dose_ng=5000)["in_ms"] == 1
    peer.rig.advance(1)
    peer.ok("BOLUS", OPERATOR, dose_ng=5000)
    peer.rig.advance(DAY - HOUR - LAST - LOCKOUT)
    # 24 h of 100 mcg and two boluses of 5: 220 uL, 54.3281 steps each
    assert 11951 <= peer.rig.truth()["steps"] <= 11953, peer.rig.truth()


@req("R5", "H1")
def test_a_double_bolus_after_failed_and_a_retry_is_not_given():
    """Loop 1434, AndroidAPS 4378: the answer is lost, the host takes it for failed and tries again under another id."""
    peer = infusing()
    peer.rig.advance(HOUR)
    id = peer.id()
    code = peer.ask("BOLUS", OPERATOR, id=id, dose_ng=5000)[1]["code"]
    peer.rig.control("fault mute 1")
    assert peer.ask("COMMIT", OPERATOR, id=id, code=code)[0] == "", "lost"
    assert peer.ask("BOLUS", OPERATOR, id=peer.id(), dose_ng=5000)[1]["rule"] == 5, "and not a second one"
    assert peer.ask("QUERY", OPERATOR, id=id)[1]["result"] == s.RESULT_DONE
    peer.rig.advance(DAY - HOUR)
    # 24 h of 100 mcg and one bolus of 5: 210 uL
    assert 11408 <= peer.rig.truth()["steps"] <= 11410, peer.rig.truth()


@req("R5")
def test_a_bolus_counts_for_24_hours_from_the_later_of_its_planned_and_its_actual_end():
    for bolus in ([0, 10, 4, 999], [0, 4, 10, 1], [0, 10, -1, 0]):
        for ms, many in ((9, 1), (10, 0)):
            assert lockout.count([bolus], DAY + ms) == many, (bolus, ms)
            assert lockout.full_ms([bolus], 1, DAY + ms) == many, "1 ms before it is over, and then"
        assert lockout.last_end([bolus]) == 10
        assert lockout.locked_ms([bolus], HOUR, 10 + HOUR - 1) == 1
        assert lockout.locked_ms([bolus], HOUR, 10 + HOUR) == 0
