"""Where two things meet that were built apart: schedules, titrations, bridges, priming, back-off, another syringe. See test_app_meet.py."""

from peer import CLINICIAN, DAY, HOUR, MINUTE, rx
from pump.core import backoff
from support import req
from ward import ready, started
from wire import alarms, codec
from wire import schema as s
from wire.rows import rows_hash


def _periodic(dose_ng, ms, basal, count=1):
    """The fields of a PRESCRIBE of `count` doses a day over a basal in ng/day; no patient bolus."""
    rows = []
    for i in range(count):
        rows += [[i * DAY // count, basal + dose_ng * DAY // ms], [i * DAY // count + ms, basal]]
    total = basal + count * dose_ng
    none = {name: None for name in ("pb_dose_ng", "pb_duration_ms", "pb_lockout_ms", "pb_max")}
    return rx(
        basal_ng_per_day=total,
        max_24h_ng=1000000,
        mode=s.PERIODIC,
        rows=rows,
        rows_hash=rows_hash(rows),
        phase_ms=12 * HOUR,
        **none,
    )


def _primed(ward, nl):
    """Prime and let the steps leave."""
    ward.order("PRIME", volume_nl=nl, disconnected=1)
    plan = ward.therapy.plan
    plan.take(plan.steps_by(plan.bolus_start + plan.bolus_ms))
    ward.go(MINUTE)


@req("R16")
def test_a_titration_does_not_make_periodic_doses_larger_than_a_bolus_may_be():
    """2 x 45 mcg in a D of 100: at a D of 111.111 they are 50 mcg each, the library's most."""
    ward = ready()
    ward.order("PRESCRIBE", **_periodic(45000, 30 * MINUTE, 10000, 2))
    ward.go(2 * DAY)
    plan = {"percent": 15, "hold_ms": DAY}
    refused = ward.refusal("TITRATE", to_ng_per_day=115000, **plan)
    assert (refused.rule, refused.field, refused.high) == (16, "per_dose_ng", 50000)
    assert ward.rule("TITRATE", to_ng_per_day=111000, **plan) is None


@req("R1")
def test_the_minimum_rate_is_not_titrated():
    ward = started(mode=s.MINIMUM, basal_ng_per_day=27000, pb_dose_ng=None, pb_duration_ms=None, pb_lockout_ms=None, pb_max=None)
    ward.go(2 * DAY)
    assert ward.rule("TITRATE", to_ng_per_day=60000, percent=15, hold_ms=DAY) == 1


@req("R9")
def test_priming_counts_from_the_syringe_that_is_in():
    """A line primed from the syringe before holds the old drug: stating the new one without dead volume would be wrong by their ratio."""
    ward = started(conc_ng_per_ml=2000000, conc_again_ng_per_ml=2000000)
    ward.order("TAPER", to_ng_per_day=0, preset=s.TAPER_LABEL)
    ward.go(40 * DAY)
    _primed(ward, 100000)
    assert ward.rule("PRESCRIBE", **rx(dead_nl=0)) is None, "primed from what is in"
    ward.order("REFILL", residual_nl=ward.therapy.reservoir.left_nl(ward.therapy.odometer()), volume_nl=3000000)
    assert ward.rule("PRESCRIBE", **rx(dead_nl=0)) == 9
    _primed(ward, 100000)
    assert ward.rule("PRESCRIBE", **rx(dead_nl=0)) is None


@req("R9")
def test_priming_does_not_count_any_more_after_a_test_dose():
    ward = ready()
    _primed(ward, 100000)
    ward.order("SCREEN", dose_ng=25000, conc_ng_per_ml=500000, conc_again_ng_per_ml=500000)
    ward.go(DAY)
    other = rx(conc_ng_per_ml=2000000, conc_again_ng_per_ml=2000000, dead_nl=0)
    assert ward.rule("PRESCRIBE", **other) == 9
    _primed(ward, 100000)
    assert ward.rule("PRESCRIBE", **other) is None


@req("R9")
def test_a_bridge_keeps_its_volume_through_another_syringe():
    """Bores of 8.66 and 4.78 mm: a nL of the smaller takes 3.28 times the steps."""
    ward = started()
    ward.prescribe(conc_ng_per_ml=1000000, conc_again_ng_per_ml=1000000, dead_nl=2000000)
    ward.order("TAPER", to_ng_per_day=0, preset=s.TAPER_LABEL)
    ward.go(40 * DAY)
    therapy = ward.therapy

    def left_nl():
        return therapy.bridge_steps() * therapy.per_nl[1] // therapy.per_nl[0]

    assert 1999000 < left_nl() < 2001000
    for syringe in ("bd-1ml", "bd-10ml", "bd-3ml"):
        ward.order("PROVISION", library="baclofen-itb", syringe=syringe)
        assert 1999000 < left_nl() < 2001000, syringe
    ward.order("CALIBRATE", expected_nl=100000, found_nl=90000)
    assert 1999000 < left_nl() < 2001000


@req("wire")
def test_a_bridge_that_almost_stands_still_has_no_time_rather_than_one_too_long():
    """Between periodic doses over 1 ng/day 0.3 mL takes 400,000 years, for which there is no field."""
    from pump.app import telemetry

    ward = ready()
    fields = _periodic(43200, 30 * MINUTE, 1)
    ward.order("PRESCRIBE", **fields)
    ward.order("PRESCRIBE", **dict(fields, conc_ng_per_ml=1000000, conc_again_ng_per_ml=1000000, dead_nl=300000))
    course = telemetry.course(ward.therapy)
    assert "bridge_ms" not in course and course["bridge_nl"] > 299000
    codec.encode(codec.reply("COURSE")[1], course)
    assert ward.refusal("BOLUS", CLINICIAN, dose_ng=5000).in_ms is None


@req("GIP 1.10")
def test_a_back_off_that_takes_more_than_this_therapy_gave_knows_of_nothing_given():
    """A test dose had filled the tubing; the therapy was 20 steps old when the occlusion came."""
    ward = ready()
    ward.order("SCREEN", dose_ng=25000, conc_ng_per_ml=500000, conc_again_ng_per_ml=500000)
    therapy = ward.therapy
    therapy.governor.release(2700, therapy.now)
    ward.go(DAY)
    ward.prescribe()
    therapy.plan.take(20)
    therapy.alarm(alarms.OCCLUSION)
    backoff.begin(therapy, 20)
    back = 0
    for _ in range(20):
        back += backoff.portion(therapy)
    assert back > 20
    assert therapy.known_steps() == 0 and therapy.known_ng(therapy.known_steps()) == 0 and therapy.most_ng() > 0
