"""The second entry of the drug library: no drug, wide numbers, and every rule still there. What it is to be like: a lab's syringe pump.

1 ng stands for 1 nL, so 1 mL/h is 24,000,000 ng/day. Expectations are in volumes a person would think of.
"""

from peer import rx
from support import req
from ward import DAY, MINUTE, OPERATOR, Ward
from wire import limits
from wire import schema as s

REQ = ("GIP 6.1",)

ML_PER_H = 24000000
SECOND = 1000


def saline(ml_per_h: int = 1, **changes: "object") -> dict:
    """A prescription of ml_per_h, no bolus, no test dose."""
    fields = {name: None for name in ("screen_ng", "screen_long", "pb_dose_ng", "pb_duration_ms", "pb_lockout_ms", "pb_max")}
    fields.update({"drug": "saline", "conc_ng_per_ml": 1000000, "conc_again_ng_per_ml": 1000000})
    fields.update({"basal_ng_per_day": ml_per_h * ML_PER_H, "max_24h_ng": 1000000000})
    fields.update(changes)
    return rx(**fields)


def bench(syringe: str = "bd-10ml") -> Ward:
    ward = Ward()
    ward.order("PROVISION", library="saline", syringe=syringe)
    return ward


@req("R8")
def test_it_starts_at_any_rate_without_a_test_dose():
    ward = bench()
    assert ward.rule("PRESCRIBE", **saline(40)) is None
    assert ward.rule("PRESCRIBE", **saline(41)) == 1
    assert ward.rule("PRESCRIBE", **saline(1, screen_ng=1)) == 8, "there is no test dose"


@req("R2", "R3")
def test_the_rate_is_changed_at_any_time_to_any_other():
    ward = bench()
    ward.order("PRESCRIBE", **saline(1))
    for rate in (40, 1, 30, 2):
        ward.go(SECOND)
        assert ward.check("PRESCRIBE", **saline(rate))["soft"] == 0
        ward.order("PRESCRIBE", **saline(rate))
    ward.order("PRESCRIBE", **saline(1, basal_ng_per_day=24000))  # 1 uL/h
    assert ward.check("PRESCRIBE", **saline(40))["soft"] == 0
    assert ward.rule("PRESCRIBE", **saline(1, basal_ng_per_day=23999)) == 1


@req("R4")
def test_it_ends_by_a_taper_that_takes_seconds():
    ward = bench()
    ward.order("PRESCRIBE", **saline(20))
    read = ward.order("TAPER", to_ng_per_day=0, preset=s.TAPER_LABEL)
    assert read["steps"] == 1
    ward.go(SECOND)
    assert ward.state == s.TAPERING and ward.therapy.d() == 24000
    ward.go(10 * SECOND)
    assert ward.state == s.ENDED


@req("R4", "R3")
def test_the_other_preset_halves_by_the_minute():
    ward = bench()
    ward.order("PRESCRIBE", **saline(16))
    ward.order("TAPER", to_ng_per_day=0, preset=s.TAPER_GENTLE)
    seen = []
    for _ in range(4):
        ward.go(MINUTE)
        seen.append(ward.therapy.d())
    assert seen[:3] == [4 * ML_PER_H, 2 * ML_PER_H, ML_PER_H], "the first step is due at once, the second after a minute"


@req("R5", "R16")
def test_a_bolus_of_millilitres_and_a_lockout_that_is_not_0():
    ward = bench()
    ward.order("PRESCRIBE", **saline(1))
    ward.order("BOLUS", dose_ng=2000000, duration_ms=MINUTE)
    ward.go(MINUTE)
    assert ward.rule("BOLUS", dose_ng=1000000, duration_ms=MINUTE, role=OPERATOR) == 16, "no patient bolus is prescribed"
    assert ward.rule("BOLUS", dose_ng=1000000, duration_ms=MINUTE) == 5
    ward.go(SECOND)
    assert ward.rule("BOLUS", dose_ng=1000000, duration_ms=MINUTE) is None
    assert ward.rule("BOLUS", dose_ng=10000001, duration_ms=10 * MINUTE) == 16


@req("R6")
def test_the_cap_of_the_prescription_holds():
    ward = bench()
    ward.order("PRESCRIBE", **saline(1, max_24h_ng=ML_PER_H + 1000000))
    assert ward.rule("BOLUS", dose_ng=1000001, duration_ms=MINUTE) == 6
    assert ward.rule("BOLUS", dose_ng=1000000, duration_ms=MINUTE) is None


@req("R9")
def test_concentration_and_drug_are_still_asked_for():
    ward = bench()
    assert ward.rule("PRESCRIBE", **saline(1, conc_ng_per_ml=500000, conc_again_ng_per_ml=500000)) == 9
    assert ward.refusal("PRESCRIBE", **saline(1, drug="baclofen")).field == "drug"


def test_low_is_a_tenth_of_the_syringe_whatever_the_rate():
    row = limits.drug("saline")
    assert limits.low_nl(10000000, 24000000, row[limits.LOW_DAYS]) == 1000000


@req("R2", "R3")
def test_the_model_drug_keeps_its_limits_beside_it():
    """The same code, another row: a first raise after 24 h, 20 % down."""
    row = limits.drug("baclofen-itb")
    assert (row[limits.RAISE_WAIT_MS], row[limits.LOWER_PERCENT], row[limits.LOW_DAYS]) == (DAY, 20, 3)
