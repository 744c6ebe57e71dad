"""Soft limits: crossed by a clinician with a reason, which stays visible while it is in force. And the presets steeper than R3.

Rungs by hand: 30 % less of 100 are 70, 49, 34.3, then 24.01 clipped to 27; 50 % less are 50, then 25 clipped to 27.
"""

from peer import CLINICIAN, DAY, HOUR, MINUTE, NOBODY, OPERATOR, infusing, rx
from support import req
from ward import Ward, ready, started
from wire import events, limits
from wire import schema as s

EXPLANT = {"to_ng_per_day": 0, "preset": s.TAPER_EXPLANT}
WHY = {"reason": "infection of the pocket"}


def _rungs(ward: Ward, ms: int) -> list:
    """[(hours since now, mcg/day)] of the changes within ms."""
    begin, last, seen = ward.therapy.now, ward.therapy.d(), []
    while True:
        at = ward.therapy.next_event()
        if at is None or at > begin + ms:
            return seen
        ward.therapy.advance(at)
        if ward.therapy.d() != last:
            last = ward.therapy.d()
            seen.append(((ward.therapy.now - begin) // HOUR, last))


def _running() -> Ward:
    ward = started()
    ward.go(3 * DAY)
    return ward


# --- steeper presets ------------------------------------------------------------------------------------------------------------


@req("R3", "R4")
def test_a_steeper_preset_needs_a_clinician_s_reason():
    ward = _running()
    for preset, percent in ((s.TAPER_EXPLANT, 30), (s.TAPER_INFECTED, 50)):
        refusal = ward.refusal("TAPER", to_ng_per_day=0, preset=preset)
        assert (refusal.error, refusal.rule, refusal.field, refusal.value, refusal.high) == (s.LIMIT, 3, "percent", percent, 20)
        assert ward.rule("TAPER", OPERATOR, to_ng_per_day=0, preset=preset, **WHY) == 3
        assert ward.check("TAPER", to_ng_per_day=0, preset=preset, **WHY)["soft"] == limits.SOFT_STEEP_TAPER
    for preset in (s.TAPER_LABEL, s.TAPER_GENTLE):
        assert ward.check("TAPER", to_ng_per_day=0, preset=preset)["soft"] == 0


@req("R3", "R4")
def test_explant_goes_down_30_percent_a_day_and_holds_the_floor():
    ward = _running()
    assert ward.order("TAPER", **dict(EXPLANT, **WHY))["steps"] == 4
    assert _rungs(ward, 10 * DAY) == [(0, 70000), (24, 49000), (48, 34300), (72, 27000), (96, 0)]
    assert ward.state == s.ENDED


@req("R3", "R4")
def test_infected_halves_every_day():
    ward = _running()
    assert ward.order("TAPER", to_ng_per_day=0, preset=s.TAPER_INFECTED, **WHY)["steps"] == 2
    assert _rungs(ward, 10 * DAY) == [(0, 50000), (24, 27000), (48, 0)]


@req("R3")
def test_every_other_path_keeps_r3_while_a_steep_taper_runs():
    ward = _running()
    ward.order("TAPER", **dict(EXPLANT, **WHY))
    ward.go(DAY + HOUR)
    assert ward.therapy.d() == 49000
    refusal = ward.refusal("PRESCRIBE", **rx(basal_ng_per_day=48999, **WHY))
    assert (refusal.rule, refusal.low) == (3, 80000), "20 % below the 100 of 25 h ago"
    ward.order("SUSPEND")
    assert ward.rule("RESUME", basal_ng_per_day=40000, **WHY) == 3
    assert ward.rule("RESUME") is None, "the D that ran is no reduction"


@req("R3")
def test_back_to_the_label_s_preset_r3_counts_the_steep_steps():
    ward = _running()
    ward.order("TAPER", **dict(EXPLANT, **WHY))
    ward.go(HOUR)
    ward.order("TAPER", to_ng_per_day=0, preset=s.TAPER_LABEL)
    assert ward.therapy.soft() == 0
    assert _rungs(ward, 3 * DAY)[0] == (47, 56000), "48 h after the 100"


@req("R3")
def test_a_steep_preset_makes_no_step_sooner_than_its_own_pace():
    ward = _running()
    ward.order("PRESCRIBE", **rx(basal_ng_per_day=80000))  # 20 % down by hand, just now
    ward.order("TAPER", **dict(EXPLANT, **WHY))
    assert _rungs(ward, 2 * DAY)[0] == (24, 56000), "30 % below the 100 of the last 24 h would be 70"
    ward = _running()
    ward.order("TAPER", to_ng_per_day=0, preset=s.TAPER_LABEL)
    ward.go(MINUTE)
    ward.order("TAPER", **dict(EXPLANT, **WHY))
    assert _rungs(ward, 3 * DAY)[0] == (47, 56000), "the rung that runs is still held in full"


@req("R3", "R4")
def test_its_reason_is_kept_through_a_cut_and_goes_with_the_taper():
    ward = _running()
    ward.order("TAPER", **dict(EXPLANT, **WHY))
    ward.go(HOUR)
    assert ward.therapy.soft() == limits.SOFT_STEEP_TAPER
    ward.cut(0)
    assert (ward.therapy.soft(), ward.therapy.taper.reason) == (limits.SOFT_STEEP_TAPER, WHY["reason"])
    ward.order("PRESCRIBE", **rx(basal_ng_per_day=70000))
    assert (ward.therapy.soft(), ward.therapy.taper.reason) == (0, "")


# --- soft limits of the library ---------------------------------------------------------------------------------------------------


@req("R1")
def test_a_basal_above_500_needs_a_reason_and_one_above_800_has_none():
    ward = started(origin=s.ORIGIN_SPINAL, max_24h_ng=1000000)
    for mcg in (120, 144, 172, 206, 247, 296, 355, 426):
        ward.go(DAY)
        ward.set_basal(mcg, origin=s.ORIGIN_SPINAL)
    ward.go(DAY)
    far = {"max_24h_ng": 1000000, "origin": s.ORIGIN_SPINAL}
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=500000, **far)) is None
    refusal = ward.refusal("PRESCRIBE", **rx(basal_ng_per_day=500001, **far))
    assert (refusal.rule, refusal.high, refusal.text) == (1, 500000, "a clinician may, with a reason")
    assert ward.check("PRESCRIBE", **rx(basal_ng_per_day=500001, **dict(far, **WHY)))["soft"] == limits.SOFT_BASAL_HIGH
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=800001, **dict(far, **WHY))) == 1, "hard"
    ward.set_basal(510, origin=s.ORIGIN_SPINAL, **WHY)
    assert ward.therapy.soft() == limits.SOFT_BASAL_HIGH
    ward.go(2 * DAY)
    ward.order("TAPER", to_ng_per_day=0, preset=s.TAPER_LABEL)
    ward.go(0)
    assert (ward.therapy.d(), ward.therapy.soft()) == (408000, 0), "what runs is below it"


@req("R16")
def test_a_bolus_above_25_needs_a_reason_once():
    ward = ready()
    wide = {"max_24h_ng": 400000, "pb_duration_ms": 5 * MINUTE}
    assert ward.rule("PRESCRIBE", **rx(pb_dose_ng=25000, **wide)) is None
    assert ward.rule("PRESCRIBE", **rx(pb_dose_ng=25001, **wide)) == 16
    assert ward.check("PRESCRIBE", **rx(pb_dose_ng=30000, **dict(wide, **WHY)))["soft"] == limits.SOFT_BOLUS_HIGH
    ward.order("PRESCRIBE", **rx(pb_dose_ng=30000, **dict(wide, **WHY)))
    assert ward.check("BOLUS", OPERATOR, dose_ng=30000)["soft"] == 0, "it is prescribed, with a reason"
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=30001) == 16
    assert ward.check("BOLUS", CLINICIAN, dose_ng=30001, **WHY)["soft"] == limits.SOFT_BOLUS_HIGH
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=50001, **WHY) == 16, "hard"


@req("R1", "R16")
def test_what_is_overridden_is_said_to_everybody_and_logged():
    peer = infusing(rx(pb_dose_ng=30000, max_24h_ng=200000, reason="large muscle mass"))
    _, said = peer.ask("COURSE", NOBODY)
    assert (said["soft"], said["reason"]) == (limits.SOFT_BOLUS_HIGH, "large muscle mass")
    peer.ask("LOG", OPERATOR, first=1, count=16)
    logged = [(e["a"], e["b"], e["note"]) for e in peer.events if e["event"] == events.OVERRIDDEN]
    assert logged == [(limits.SOFT_BOLUS_HIGH, s.CLINICIAN, "large muscle mass")]
    peer.rig.cut(1000)
    assert peer.ask("COURSE", NOBODY)[1]["reason"] == "large muscle mass"
    peer.ok("TAPER", CLINICIAN, **dict(EXPLANT, reason="pocket is red"))
    _, said = peer.ask("COURSE", NOBODY)
    assert (said["soft"], said["taper_reason"]) == (limits.SOFT_BOLUS_HIGH | limits.SOFT_STEEP_TAPER, "pocket is red")
    peer.ok("PRESCRIBE", CLINICIAN, **rx(basal_ng_per_day=70000))
    _, said = peer.ask("COURSE", NOBODY)
    assert said["soft"] == 0 and "reason" not in said and "taper_reason" not in said
