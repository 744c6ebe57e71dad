"""R1 range, R9 concentration, R16 single bolus, R12 what is echoed, and R6's and R5's bounds on a prescription: each on both sides."""

from peer import rx
from support import req
from ward import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, ready, started
from wire import schema as s

NO_BOLUS = {"pb_dose_ng": None, "pb_duration_ms": None, "pb_lockout_ms": None, "pb_max": None}


@req("R1")
def test_the_lowest_basal_is_27_mcg_a_day():
    ward = ready()
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=26999)) == 1
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=27000)) is None
    refusal = ward.refusal("PRESCRIBE", **rx(basal_ng_per_day=26999))
    assert (refusal.field, refusal.value, refusal.low, refusal.high) == ("basal_ng_per_day", 26999, 27000, 800000)


@req("R1", "OPCA R6.5.0(10)", "H2")
def test_the_highest_basal_is_800_mcg_a_day():
    ward = started(basal_ng_per_day=100000, max_24h_ng=1000000, origin=s.ORIGIN_SPINAL)
    while ward.d_mcg < 790:
        ward.go(DAY)
        ward.set_basal(min(790, ward.d_mcg * 120 // 100), origin=s.ORIGIN_SPINAL, reason="x")
    ward.go(DAY)
    assert ward.basal(800, origin=s.ORIGIN_SPINAL, reason="x") is None
    assert ward.rule("PRESCRIBE", **rx(basal_ng_per_day=800001, max_24h_ng=1000000, origin=s.ORIGIN_SPINAL, reason="x")) == 1


@req("R1", "GIP 1.4.3")
def test_a_rate_that_board_and_syringe_cannot_deliver_is_refused():
    # The board makes 2000 steps a second. On the 1 mL syringe (bore 4.78 mm, 178.3 steps a uL) at 50 mcg/mL, 50 mcg are 1 mL,
    # 178321 steps: in 60 s that is 2972 a second, in 90 s 1981 (with a little basal).
    ward = ready()
    ward.order("PROVISION", library="baclofen-itb", syringe="bd-1ml")
    fields = {"conc_ng_per_ml": 50000, "conc_again_ng_per_ml": 50000, "pb_dose_ng": 50000, "max_24h_ng": 1000000, "reason": "x"}
    refusal = ward.refusal("PRESCRIBE", **rx(pb_duration_ms=MINUTE, **fields))
    assert (refusal.error, refusal.rule, refusal.field) == (s.LIMIT, 1, "pb_dose_ng")
    assert 33000 < refusal.high < 34000  # 2000 x 60 / 178321 x 50 mcg = 33.6
    assert ward.rule("PRESCRIBE", **rx(pb_duration_ms=90000, **fields)) is None
    ward.prescribe(**dict(fields, **NO_BOLUS))
    # 49.5 mcg are 176538 steps, 88.3 s; basal adds 4.1 a second
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=49500, duration_ms=88300, reason="x") == 1
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=49500, duration_ms=88500, reason="x") is None


@req("R9", "H5")
def test_a_concentration_of_the_library_entered_twice():
    ward = ready()
    for conc in (50000, 500000, 1000000, 2000000):
        assert ward.rule("PRESCRIBE", **rx(conc_ng_per_ml=conc, conc_again_ng_per_ml=conc)) is None, conc
        assert ward.rule("PRESCRIBE", **rx(conc_ng_per_ml=conc, conc_again_ng_per_ml=conc + 1)) == 9, conc
        assert ward.rule("PRESCRIBE", **rx(conc_ng_per_ml=conc + 1, conc_again_ng_per_ml=conc + 1)) == 9, conc
        assert ward.rule("PRESCRIBE", **rx(conc_ng_per_ml=conc - 1, conc_again_ng_per_ml=conc - 1)) == 9, conc
    assert ward.rule("PRESCRIBE", **rx(conc_ng_per_ml=500000, conc_again_ng_per_ml=2000000)) == 9


@req("R16")
def test_one_bolus_is_at_most_50_mcg_over_at_least_a_minute():
    ward = started(max_24h_ng=1000000, **NO_BOLUS)
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=50000, duration_ms=MINUTE, reason="x") is None
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=50001, duration_ms=MINUTE, reason="x") == 16
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=50000, duration_ms=MINUTE - 1, reason="x") == 16
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=50000, duration_ms=HOUR, reason="x") is None
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=50000, duration_ms=HOUR + 1, reason="x") == 16
    assert ward.check("BOLUS", CLINICIAN, dose_ng=5000)["duration_ms"] == MINUTE, "the shortest, if none is given and none prescribed"


@req("R16")
def test_a_prescription_cannot_hold_a_bolus_beyond_it():
    ward = ready()
    most = {"max_24h_ng": 1000000, "reason": "x"}
    assert ward.rule("PRESCRIBE", **rx(pb_dose_ng=50000, pb_duration_ms=MINUTE, **most)) is None
    assert ward.rule("PRESCRIBE", **rx(pb_dose_ng=50001, pb_duration_ms=MINUTE, **most)) == 16
    assert ward.rule("PRESCRIBE", **rx(pb_dose_ng=50000, pb_duration_ms=MINUTE - 1, **most)) == 16


@req("R16")
def test_the_patient_s_bolus_is_the_prescribed_one():
    ward = started()
    assert ward.rule("BOLUS", OPERATOR, dose_ng=5000) is None
    assert ward.rule("BOLUS", OPERATOR, dose_ng=4000) is None, "less is within it"
    assert ward.rule("BOLUS", OPERATOR, dose_ng=5001) == 16
    assert ward.rule("BOLUS", OPERATOR, dose_ng=5000, duration_ms=5 * MINUTE) is None
    assert ward.rule("BOLUS", OPERATOR, dose_ng=5000, duration_ms=5 * MINUTE - 1) == 16
    assert started(**NO_BOLUS).rule("BOLUS", OPERATOR, dose_ng=1) == 16, "none is prescribed"


@req("R16")
def test_no_patient_bolus_in_a_taper_but_a_clinician_s():
    ward = started()
    ward.go(2 * DAY)
    ward.order("TAPER", to_ng_per_day=0, preset=0)
    for state in (s.TAPERING, s.TAPER_PAUSED):
        assert ward.state == state
        refusal = ward.refusal("BOLUS", OPERATOR, dose_ng=5000)
        assert (refusal.error, refusal.rule) == (s.NOT_NOW, 16)
        assert ward.rule("BOLUS", CLINICIAN, dose_ng=5000) is None
        if state == s.TAPERING:
            ward.order("PAUSE", on=1)


@req("R5")
def test_a_prescribed_lockout_is_an_hour_at_least():
    ward = ready()
    assert ward.rule("PRESCRIBE", **rx(pb_lockout_ms=HOUR)) is None
    assert ward.rule("PRESCRIBE", **rx(pb_lockout_ms=HOUR - 1)) == 5


@req("R6")
def test_max_24h_lies_between_the_basal_and_the_library_s_1000_mcg():
    ward = ready()
    assert ward.rule("PRESCRIBE", **rx(max_24h_ng=100000)) is None
    assert ward.rule("PRESCRIBE", **rx(max_24h_ng=99999)) == 6
    assert ward.rule("PRESCRIBE", **rx(max_24h_ng=1000000)) is None
    assert ward.rule("PRESCRIBE", **rx(max_24h_ng=1000001)) == 6


@req("R16")
def test_a_patient_bolus_is_prescribed_whole_or_not_at_all():
    ward = ready()
    for name in NO_BOLUS:
        refusal = ward.refusal("PRESCRIBE", **rx(**{name: None}))
        assert (refusal.error, refusal.field) == (s.BAD_FIELD, name)
    assert ward.rule("PRESCRIBE", **rx(**NO_BOLUS)) is None


@req("R1", "GIP 6.2")
def test_another_drug_is_refused():
    refusal = ready().refusal("PRESCRIBE", **rx(drug="morphine"))
    assert (refusal.error, refusal.field, refusal.text) == (s.OUT_OF_RANGE, "drug", "baclofen")


@req("R12")
def test_the_pump_reads_back_mcg_in_24_h_and_the_change():
    ward = started()
    ward.go(DAY)
    read = ward.check("PRESCRIBE", **rx(basal_ng_per_day=110000, max_24h_ng=125000))
    expected = {
        "old_ng_per_day": 100000,
        "new_ng_per_day": 110000,
        "old_max_24h_ng": 115000,
        "new_max_24h_ng": 125000,
        "change_permille": 100,
        "total_24h_ng": 110000,
        "conc_ng_per_ml": 500000,
        "ends": 0,
        "tested": 0,
        "soft": 0,
    }
    assert read == expected, read
    for new, permille in ((85001, -150), (84950, -150), (84949, -151), (99950, 0), (99949, -1)):  # rounded to the nearest, half up
        assert ward.check("PRESCRIBE", **rx(basal_ng_per_day=new))["change_permille"] == permille, new
    read = ready().check("PRESCRIBE", **rx())
    assert "change_permille" not in read or read["change_permille"] is None, "nothing ran before"
