"""A refusal names error, rule, field, value, limits, when it would be allowed, and the word the host explains it by. One row each.

Numbers are those of library/baclofen-itb.toml and of docs/safety.md, written out here.
"""

from peer import rx
from pump.core import prescription
from pump.core.reject import Reject
from support import raises, req
from ward import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, ready, started
from wire import alarms
from wire import schema as s

NO_BOLUS = {name: None for name in ("pb_dose_ng", "pb_duration_ms", "pb_lockout_ms", "pb_max")}
WITH_REASON = "a clinician may, with a reason"
NEEDS_FOUR = "a patient bolus needs dose, duration, lockout, max"


def said(ward, verb, role, values):
    """All of a refusal."""
    it = ward.refusal(verb, role, **values)
    return (it.error, it.rule, it.field, it.value, it.low, it.high, it.in_ms, it.text)


def check(ward, rows, role=CLINICIAN):
    """rows: (verb, values, error, rule, field, value, low, high, in_ms, text)."""
    for row in rows:
        assert said(ward, row[0], role, row[1]) == row[2:], row


def prescribe(**changes):
    return "PRESCRIBE", rx(**changes)


@req("R1", "R5", "R6", "R9", "R16")
def test_a_prescription_that_the_library_does_not_allow():
    rows = (
        prescribe(drug="saline") + (s.OUT_OF_RANGE, None, "drug", None, None, None, None, "baclofen"),
        prescribe(conc_again_ng_per_ml=1000000) + (s.LIMIT, 9, "conc_again_ng_per_ml", 1000000, 500000, 500000, None, None),
        prescribe(conc_ng_per_ml=600000, conc_again_ng_per_ml=600000)
        + (s.LIMIT, 9, "conc_ng_per_ml", 600000, 50000, 2000000, None, "50000,500000,1000000,2000000"),
        prescribe(basal_ng_per_day=26999) + (s.LIMIT, 1, "basal_ng_per_day", 26999, 27000, 800000, None, None),
        prescribe(basal_ng_per_day=800001) + (s.LIMIT, 1, "basal_ng_per_day", 800001, 27000, 800000, None, None),
        prescribe(max_24h_ng=99999) + (s.LIMIT, 6, "max_24h_ng", 99999, 100000, 1000000, None, None),
        prescribe(max_24h_ng=1000001) + (s.LIMIT, 6, "max_24h_ng", 1000001, 100000, 1000000, None, None),
        prescribe(pb_dose_ng=None) + (s.BAD_FIELD, None, "pb_dose_ng", None, None, None, None, NEEDS_FOUR),
        prescribe(pb_max=None) + (s.BAD_FIELD, None, "pb_max", None, None, None, None, NEEDS_FOUR),
        prescribe(pb_lockout_ms=None, pb_max=None) + (s.BAD_FIELD, None, "pb_lockout_ms", None, None, None, None, NEEDS_FOUR),
        prescribe(pb_dose_ng=50001) + (s.LIMIT, 16, "pb_dose_ng", 50001, 1, 50000, None, None),
        prescribe(pb_duration_ms=MINUTE - 1) + (s.LIMIT, 16, "pb_duration_ms", MINUTE - 1, MINUTE, HOUR, None, None),
        prescribe(pb_duration_ms=HOUR + 1) + (s.LIMIT, 16, "pb_duration_ms", HOUR + 1, MINUTE, HOUR, None, None),
        prescribe(pb_lockout_ms=HOUR - 1) + (s.LIMIT, 5, "pb_lockout_ms", HOUR - 1, HOUR, None, None, None),
    )
    check(ready(), rows)


@req("R8", "R12")
def test_a_start_that_is_none():
    rows = (
        prescribe(screen_ng=None) + (s.BAD_FIELD, 8, "screen_ng", None, None, None, None, "a start needs the test dose that worked"),
        prescribe(screen_ng=12499) + (s.LIMIT, 8, "screen_ng", 12499, 12500, 50000, None, None),
        prescribe(screen_ng=50001) + (s.LIMIT, 8, "screen_ng", 50001, 12500, 50000, None, None),
        prescribe(basal_ng_per_day=100001) + (s.LIMIT, 8, "basal_ng_per_day", 100001, 27000, 100000, None, None),
        prescribe(screen_ng=40000, basal_ng_per_day=80001) + (s.LIMIT, 8, "basal_ng_per_day", 80001, 27000, 80000, None, None),
        prescribe(mode=s.FLEX, phase_ms=0) + (s.BAD_FIELD, None, "rows_hash", None, None, None, None, "this mode needs it"),
        prescribe(mode=s.FLEX, rows_hash="0" * 16) + (s.BAD_FIELD, None, "phase_ms", None, None, None, None, "this mode needs it"),
        prescribe(phase_ms=0) + (s.BAD_FIELD, None, "phase_ms", None, None, None, None, "not of this mode"),
        prescribe(rows_hash="0" * 16) + (s.BAD_FIELD, None, "rows_hash", None, None, None, None, "not of this mode"),
    )
    check(ready(), rows)


@req("R5", "R10", "R13", "R17")
def test_what_is_not_possible_in_a_state_names_the_state():
    ward = ready()
    for verb, values, word in (("BOLUS", {"dose_ng": 5000}, "bolus"), ("TAPER", {"to_ng_per_day": 0, "preset": 0}, "taper")):
        assert said(ward, verb, CLINICIAN, values) == (s.NOT_NOW, None, "state", s.READY, None, None, None, word)
    rows = (
        ("CANCEL", {}, s.NOT_NOW, None, "bolus_ng", 0, None, None, None, "no bolus runs"),
        ("ACK", {"alarm": alarms.EMPTY}, s.NOT_NOW, None, "alarm", alarms.EMPTY, None, None, None, "not standing"),
        ("PRIME", {"volume_nl": 1, "disconnected": 0}, s.LIMIT, 10, "disconnected", 0, 1, 1, None, None),
        ("PRIME", {"volume_nl": 0, "disconnected": 1}, s.LIMIT, 10, "volume_nl", 0, 1, 1000000, None, None),
        ("PRIME", {"volume_nl": 1000001, "disconnected": 1}, s.LIMIT, 10, "volume_nl", 1000001, 1, 1000000, None, None),
        ("REFILL", {"volume_nl": 3000001, "residual_nl": 0}, s.LIMIT, 13, "volume_nl", 3000001, 1, 3000000, None, None),
        ("REFILL", {"volume_nl": 0, "residual_nl": 0}, s.LIMIT, 13, "volume_nl", 0, 1, 3000000, None, None),
        ("CALIBRATE", {"expected_nl": 1000000, "found_nl": 799999}, s.LIMIT, 17, "found_nl", 799999, 800000, 1200000, None, None),
        ("CALIBRATE", {"expected_nl": 1000000, "found_nl": 1200001}, s.LIMIT, 17, "found_nl", 1200001, 800000, 1200000, None, None),
    )
    check(ward, rows)
    ward = started()
    for verb, values, rule, word in (
        ("CALIBRATE", {"expected_nl": 1, "found_nl": 1}, 17, "calibrate"),
        ("RESUME", {}, None, "resume"),
        ("ALIGN", {"phase_ms": 0}, None, "align"),
        ("CLOSE", {"reason": "x"}, None, "close"),
        ("PRIME", {"volume_nl": 1, "disconnected": 1}, None, "prime"),
    ):
        assert said(ward, verb, CLINICIAN, values) == (s.NOT_NOW, rule, "state", s.INFUSING, None, None, None, word), verb


@req("R5", "R16")
def test_a_bolus_that_is_not_the_patient_s_or_nobody_s():
    rows = (
        ("BOLUS", {"dose_ng": 5001}, s.LIMIT, 16, "dose_ng", 5001, 1, 5000, None, None),
        ("BOLUS", {"dose_ng": 0}, s.LIMIT, 16, "dose_ng", 0, 1, 5000, None, None),
        ("BOLUS", {"dose_ng": 5000, "duration_ms": 6 * MINUTE}, s.LIMIT, 16, "duration_ms", 6 * MINUTE, 5 * MINUTE, 5 * MINUTE, None, None),
    )
    ward = started()
    check(ward, rows, OPERATOR)
    rows = (
        ("BOLUS", {"dose_ng": 50001}, s.LIMIT, 16, "dose_ng", 50001, 1, 50000, None, None),
        ("BOLUS", {"dose_ng": 1, "duration_ms": MINUTE - 1}, s.LIMIT, 16, "duration_ms", MINUTE - 1, MINUTE, HOUR, None, None),
    )
    check(ward, rows)
    ward.order("BOLUS", OPERATOR, dose_ng=5000)
    ward.go(MINUTE)
    runs = ("BOLUS", {"dose_ng": 5000}, s.NOT_NOW, 5, "bolus_left_ms", 4 * MINUTE, None, None, 4 * MINUTE + 6 * HOUR, "bolus_runs")
    check(ward, (runs,), OPERATOR)
    ward.go(5 * MINUTE)  # 1 min of the lockout is over
    left = 6 * HOUR - MINUTE
    check(ward, (("BOLUS", {"dose_ng": 5000}, s.LIMIT, 5, "lockout_ms", left, None, 6 * HOUR, left, WITH_REASON),))
    ward.go(left)
    check(ward, (("BOLUS", {"dose_ng": 25001}, s.LIMIT, 16, "dose_ng", 25001, None, 25000, None, WITH_REASON),))
    none = ("BOLUS", {"dose_ng": 5000}, s.LIMIT, 16, "dose_ng", 5000, None, 0, None, "no patient bolus is prescribed")
    check(started(**NO_BOLUS), (none,), OPERATOR)


@req("R2", "R4", "R6", "R9")
def test_a_running_therapy_that_is_not_changed_like_that():
    other = {"conc_ng_per_ml": 1000000, "conc_again_ng_per_ml": 1000000}
    rows = (
        prescribe(basal_ng_per_day=100001) + (s.LIMIT, 2, "basal_ng_per_day", 100001, None, 100000, DAY - HOUR, None),
        prescribe(basal_ng_per_day=79999) + (s.LIMIT, 3, "basal_ng_per_day", 79999, 80000, None, None, None),
        prescribe(dead_nl=10000) + (s.BAD_FIELD, 9, "dead_nl", 10000, None, None, None, "the concentration does not change"),
        prescribe(**other) + (s.BAD_FIELD, 9, "dead_nl", None, None, None, None, "another concentration needs the dead volume"),
        prescribe(dead_nl=9999, **other) + (s.LIMIT, 9, "dead_nl", 9999, 10000, 5000000, None, None),
        prescribe(dead_nl=5000001, **other) + (s.LIMIT, 9, "dead_nl", 5000001, 10000, 5000000, None, None),
        prescribe(dead_nl=0, **other) + (s.LIMIT, 9, "dead_nl", 0, 10000, 5000000, None, None),
        ("TAPER", {"to_ng_per_day": 100000, "preset": 0}, s.LIMIT, 4, "to_ng_per_day", 100000, 27000, 99999, None, None),
        ("TAPER", {"to_ng_per_day": 26999, "preset": 0}, s.LIMIT, 4, "to_ng_per_day", 26999, 27000, 99999, None, None),
    )
    ward = started()
    ward.go(HOUR)
    check(ward, rows)
    plan = {"to_ng_per_day": 110000, "percent": 10, "hold_ms": DAY}
    rows = (
        ("TITRATE", dict(plan, to_ng_per_day=800001), s.LIMIT, 1, "to_ng_per_day", 800001, 27000, 800000, None, None),
        ("TITRATE", dict(plan, to_ng_per_day=100000), s.LIMIT, 2, "to_ng_per_day", 100000, 100001, None, None, None),
        ("TITRATE", dict(plan, percent=16), s.LIMIT, 2, "percent", 16, 1, 15, None, None),
        ("TITRATE", dict(plan, percent=0), s.LIMIT, 2, "percent", 0, 1, 15, None, None),
        ("TITRATE", dict(plan, hold_ms=DAY - 1), s.LIMIT, 2, "hold_ms", DAY - 1, DAY, None, None, None),
        ("TITRATE", dict(plan, to_ng_per_day=115001), s.LIMIT, 6, "to_ng_per_day", 115001, None, 115000, None, None),
    )
    check(ward, rows)


@req("R1", "R16")
def test_each_soft_limit_of_a_prescription_says_all_of_itself():
    """(bit on the wire, rule, field, value, limit): above 500 mcg/day and above a bolus of 25 mcg, and not at them."""
    row = ready().therapy.row
    at = prescription.from_fields(rx(basal_ng_per_day=500000, pb_dose_ng=25000))
    above = prescription.from_fields(rx(basal_ng_per_day=500001, pb_dose_ng=25001))
    assert prescription.soft_limits(row, at) == []
    both = [(64, 1, "basal_ng_per_day", 500001, 500000), (128, 16, "pb_dose_ng", 25001, 25000)]
    assert prescription.soft_limits(row, above) == both
    refusal = prescribe(pb_dose_ng=25001) + (s.LIMIT, 16, "pb_dose_ng", 25001, None, 25000, None, WITH_REASON)
    check(ready(), (refusal,))


@req("R1")
def test_as_fast_as_board_and_syringe_can_and_not_a_step_more():
    """2000 steps/s: 2000 steps in 1 s are possible, one more is not, and of 1000 units (999.5) 999 would be. 3 s take 6000."""
    prescription.check_speed("dose_ng", 1000, 2000, 1000, 2000)
    prescription.check_speed("dose_ng", 1000, 6000, 3000, 2000)
    with raises(Reject, error=s.LIMIT, rule=1, field="dose_ng", value=1000, low=None, high=999, in_ms=None):
        prescription.check_speed("dose_ng", 1000, 2001, 1000, 2000)
    with raises(Reject, error=s.LIMIT, rule=1, field="ng_per_day", value=7000, low=None, high=1999):
        prescription.check_speed("ng_per_day", 7000, 7001, 1000, 2000)
