"""What each order says when it is refused, to the last field, in the order in which it looks: test_core_refusals.py, continued.

Numbers are those of library/baclofen-itb.toml and of docs/safety.md, written out here. A ng of 500 mcg/mL is 0.10865614 steps.
"""

from peer import SERVICE, rx
from pump.core.reject import Reject
from support import raises, req
from ward import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, Ward, ready, started
from wire import alarms
from wire import schema as s
from wire.rows import rows_hash

NO_BOLUS = {name: None for name in ("pb_dose_ng", "pb_duration_ms", "pb_lockout_ms", "pb_max")}
STRONG = {"conc_ng_per_ml": 1000000, "conc_again_ng_per_ml": 1000000}
WITH_REASON = "a clinician may, with a reason"
CHANGING = "the syringe is being changed"


def dose(**changes):
    values = {"dose_ng": 25000, "duration_ms": MINUTE, "conc_ng_per_ml": 500000, "conc_again_ng_per_ml": 500000}
    values.update(changes)
    return "SCREEN", values


def limit(rule, field, value, low=None, high=None, in_ms=None, text=None):
    return (s.LIMIT, rule, field, value, low, high, in_ms, text)


def not_now(rule, field, value, text, in_ms=None):
    return (s.NOT_NOW, rule, field, value, None, None, in_ms, text)


def alarm(code, rule=None):
    return not_now(rule, "alarm", code, "alarm")


@req("R5", "R6", "R8", "R9", "R13", "R16")
def test_a_test_dose():
    ward = ready()
    ward.refuses(
        CLINICIAN,
        dose(conc_again_ng_per_ml=1) + limit(9, "conc_again_ng_per_ml", 1, 500000, 500000),
        dose(dose_ng=12499) + limit(8, "dose_ng", 12499, 12500, 50000),
        dose(dose_ng=50001) + limit(8, "dose_ng", 50001, 12500, 50000),
        dose(duration_ms=MINUTE - 1) + limit(16, "duration_ms", MINUTE - 1, MINUTE, HOUR),
        dose(duration_ms=HOUR + 1) + limit(16, "duration_ms", HOUR + 1, MINUTE, HOUR),
    )
    ward.therapy.most_per_s = 45  # 25 mcg are 2716.4 steps: 2717 in 60 s; 45 a second are 2700
    ward.refuses(CLINICIAN, dose() + limit(1, "dose_ng", 25000, None, 24843))  # x 2700 / 2717
    ward.therapy.most_per_s = 46
    ward.check("SCREEN", CLINICIAN, **dose()[1])
    ward.therapy.reservoir.full_steps = 2716
    ward.therapy.reservoir.full_nl = 49995
    ward.refuses(CLINICIAN, dose() + not_now(13, "reservoir_nl", 49995, "reservoir"))
    ward.therapy.reservoir.full_steps = 2717
    ward.check("SCREEN", CLINICIAN, **dose()[1])
    ward.therapy.reservoir.refill(3000000, 0)
    ward.therapy.line.fill(1000000)
    ward.refuses(CLINICIAN, dose() + limit(9, "conc_ng_per_ml", 500000, 1000000, 1000000))
    ward.therapy.line.begin(500000, 1, 0, 0)
    ward.refuses(CLINICIAN, dose() + limit(9, "conc_ng_per_ml", 500000, 500000, 500000))
    ward.therapy.line.fill(500000)
    ward.therapy.alarm(alarms.RESIDUAL)
    ward.refuses(CLINICIAN, dose() + alarm(alarms.RESIDUAL, 13))
    ward.therapy.alarm(alarms.RESIDUAL, False)
    ward.therapy.alarm(alarms.OVERDUE)  # any HIGH one
    ward.refuses(CLINICIAN, dose() + alarm(alarms.OVERDUE))
    ward.therapy.alarm(alarms.OVERDUE, False)
    ward.therapy.change_at = 0
    ward.go(7)
    ward.refuses(CLINICIAN, dose() + not_now(13, "change_ms", 7, CHANGING))
    ward.therapy.change_at = None
    ward.order("SCREEN", **dose()[1])
    ward.refuses(CLINICIAN, dose() + not_now(None, "state", s.SCREENING, "screen"))
    ward.go(MINUTE)
    ward.go(HOUR)
    ward.refuses(CLINICIAN, dose() + limit(8, "spacing_ms", HOUR, DAY, None, DAY - HOUR))
    ward.go(DAY - HOUR - 1)
    ward.refuses(CLINICIAN, dose() + limit(8, "spacing_ms", DAY - 1, DAY, None, 1))
    ward.go(1)
    ward.check("SCREEN", CLINICIAN, **dose()[1])
    # R5: after a therapy that was closed within the lockout (a library's least, for nothing is prescribed then)
    ward.therapy.history.bolus(ward.therapy.now, ward.therapy.now, 5000)
    ward.therapy.history.bolus_over(ward.therapy.now)
    ward.go(MINUTE)
    ward.refuses(CLINICIAN, dose() + limit(5, "lockout_ms", 59 * MINUTE, None, HOUR, 59 * MINUTE))
    ward.go(59 * MINUTE)
    # R6: the library's 1000 mcg a day, of which 975 were given now: 25 may follow, more a ms after a day
    ward.therapy.history.impulse(ward.therapy.now, 975000, 0)
    ward.check("SCREEN", CLINICIAN, **dose()[1])
    for role in (OPERATOR, CLINICIAN):
        ward.refuses(role, dose(dose_ng=25001) + limit(6, "dose_ng", 1000001, None, 1000000, DAY + 1))


@req("R1", "R5", "R6", "R9", "R13", "R16")
def test_a_bolus():
    bolus = ("BOLUS", {"dose_ng": 5000})
    ward = started()
    ward.therapy.most_per_s = 1  # 5 mcg are 543.3 steps and with basal 37.7 581.0: 544 + 38 in 300 s; 300 could be
    ward.refuses(OPERATOR, bolus + limit(1, "dose_ng", 5000, None, 5000 * 300 // 582))
    ward.therapy.most_per_s = 2
    ward.check("BOLUS", OPERATOR, dose_ng=5000)
    left = 3000000
    for steps, possible in ((582, True), (581, False)):
        ward.therapy.reservoir.full_steps = steps
        if possible:
            ward.check("BOLUS", OPERATOR, dose_ng=5000)
        else:
            ward.refuses(OPERATOR, bolus + not_now(13, "reservoir_nl", left, "reservoir"))
    ward.therapy.reservoir.refill(3000000, 0)
    ward.therapy.alarm(alarms.RESIDUAL)
    ward.refuses(OPERATOR, bolus + alarm(alarms.RESIDUAL, 13))
    ward.therapy.alarm(alarms.RESIDUAL, False)
    ward.therapy.alarm(alarms.OFTEN)
    ward.refuses(OPERATOR, bolus + alarm(alarms.OFTEN))
    ward.therapy.alarm(alarms.OFTEN, False)
    for _ in range(3):
        ward.check("BOLUS", OPERATOR, dose_ng=5000)
        ward.order("BOLUS", OPERATOR, dose_ng=5000)
        ward.go(5 * MINUTE + 6 * HOUR)
    # three in 18 h 15 min: the first ended 18 h 10 min ago
    ward.refuses(OPERATOR, bolus + limit(5, "bolus_count", 3, None, 3, 5 * HOUR + 50 * MINUTE))
    ward.refuses(CLINICIAN, ("BOLUS", {"dose_ng": 5000, "reason": "x"}) + limit(5, "bolus_count", 3, None, 3, 5 * HOUR + 50 * MINUTE))
    ward = started()
    ward.order("BOLUS", OPERATOR, dose_ng=5000)
    ward.go(6 * MINUTE)
    left = 6 * HOUR - MINUTE
    ward.refuses(OPERATOR, ("BOLUS", {"dose_ng": 5000, "reason": "x"}) + limit(5, "lockout_ms", left, None, 6 * HOUR, left, WITH_REASON))
    ward = started(max_24h_ng=104999)
    # R6: with 100 mcg/day of basal 4.999 mcg are left
    ward.refuses(OPERATOR, bolus + limit(6, "dose_ng", 105000, None, 104999))
    ward = started()
    ward.order("TAPER", to_ng_per_day=50000, preset=0)
    ward.refuses(OPERATOR, bolus + not_now(16, "state", s.TAPERING, "no patient bolus in a taper"))
    ward.check("BOLUS", CLINICIAN, dose_ng=5000)
    ward = started()
    ward.prescribe(dead_nl=100000, **STRONG)
    # the 5433rd of 10865.614 steps a day is due at 5432.5: 43197558.9 ms
    ward.refuses(CLINICIAN, bolus + limit(9, "dose_ng", 5000, None, 0, 43197559))
    high = 76000 + 4000 * 1440
    rows = []
    for i in range(6):
        rows += [[i * 4 * HOUR, high], [i * 4 * HOUR + MINUTE, 76000]]
    ward = started(mode=s.PERIODIC, rows=rows, rows_hash=rows_hash(rows), phase_ms=20000)
    ward.refuses(OPERATOR, bolus + not_now(16, "per_left_ms", 40000, "periodic dose", 40000))


@req("R9")
def test_a_bridge():
    ward = started()
    bridge = rx(dead_nl=100000, **STRONG)
    ward.order("BOLUS", OPERATOR, dose_ng=5000)
    ward.go(MINUTE)
    ward.refuses(CLINICIAN, ("PRESCRIBE", bridge) + not_now(9, "bolus_left_ms", 4 * MINUTE, "bolus_runs", 4 * MINUTE))
    ward.go(4 * MINUTE)
    ward.order("PRESCRIBE", **bridge)
    other = rx(dead_nl=100000, conc_ng_per_ml=2000000, conc_again_ng_per_ml=2000000)
    us = ward.therapy.plan.due_us(5433)
    at = ward.therapy.plan.t - -us // 1000
    ward.refuses(CLINICIAN, ("PRESCRIBE", other) + limit(9, "conc_ng_per_ml", 2000000, 1000000, 1000000, at - ward.therapy.now))
    ward.refuses(
        CLINICIAN,
        ("PRESCRIBE", rx(dead_nl=1, **STRONG)) + (s.BAD_FIELD, 9, "dead_nl", 1, None, None, None, "the concentration does not change"),
    )
    ward.order("SUSPEND", CLINICIAN)  # nothing flows: nobody knows when
    assert ward.therapy.bridge_steps() == 5433
    ward.therapy.state = s.INFUSING
    ward.refuses(CLINICIAN, ("PRESCRIBE", other) + limit(9, "conc_ng_per_ml", 2000000, 1000000, 1000000))
    # 10 uL to 5 mL, both included; a twentieth of a day for 10 uL
    for dead, ms in ((10000, DAY // 20), (5000000, 25 * DAY)):
        assert started().check("PRESCRIBE", CLINICIAN, **rx(dead_nl=dead, **STRONG))["bridge_ms"] == ms


@req("R13")
def test_a_change_of_syringe_and_what_waits_for_its_refill():
    ward = ready()
    ward.refuses(CLINICIAN, ("CHANGE", {}) + not_now(None, "state", s.READY, "exchange"))
    ward = started()
    ward.order("BOLUS", OPERATOR, dose_ng=5000)
    ward.go(MINUTE)
    ward.refuses(OPERATOR, ("CHANGE", {}) + not_now(13, "bolus_left_ms", 4 * MINUTE, "a bolus runs", 4 * MINUTE))
    ward.go(4 * MINUTE)
    ward.therapy.back_left = 1
    ward.refuses(OPERATOR, ("CHANGE", {}) + not_now(13, None, None, "the plunger is pulled back"))
    ward.therapy.back_left = 0
    ward.order("CHANGE", OPERATOR)
    ward.go(7)
    refill = {"volume_nl": 3000000, "residual_nl": 0}
    ward.refuses(OPERATOR, ("REFILL", refill) + limit(13, "residual_nl", 0, None, 3000000, None, WITH_REASON))
    ward.refuses(CLINICIAN, ("REFILL", refill) + limit(13, "residual_nl", 0, None, 3000000, None, WITH_REASON))
    ward.refuses(OPERATOR, ("REFILL", dict(refill, reason="x")) + limit(13, "residual_nl", 0, None, 3000000, None, WITH_REASON))
    ward.check("REFILL", OPERATOR, volume_nl=3000000, residual_nl=2400000)  # a fifth less is within the share
    ward.refuses(
        OPERATOR, ("REFILL", dict(refill, residual_nl=2399999)) + limit(13, "residual_nl", 2399999, None, 3000000, None, WITH_REASON)
    )
    ward.order("SUSPEND", OPERATOR)
    ward.refuses(CLINICIAN, ("RESUME", {}) + not_now(13, "change_ms", 7, CHANGING))
    ward = ready()
    ward.therapy.change_at = 0
    ward.go(5)
    ward.refuses(CLINICIAN, ("PRESCRIBE", rx()) + not_now(13, "change_ms", 5, CHANGING))
    ward.refuses(CLINICIAN, ("PRIME", {"volume_nl": 1, "disconnected": 1}) + not_now(13, "change_ms", 5, CHANGING))
    for state in (s.UNPROVISIONED, s.LOCKED):
        ward.therapy.state = state
        ward.refuses(CLINICIAN, ("REFILL", refill) + not_now(None, "state", state, "refill"))


@req("R10", "R13", "R17")
def test_what_waits_for_an_alarm_or_a_state():
    ward = ready()
    prime = ("PRIME", {"volume_nl": 100, "disconnected": 1})
    ward.therapy.alarm(alarms.MOTOR)
    ward.refuses(CLINICIAN, prime + alarm(alarms.MOTOR), ("PRESCRIBE", rx()) + alarm(alarms.MOTOR))
    ward.therapy.alarm(alarms.MOTOR, False)  # nobody has seen it
    ward.refuses(CLINICIAN, prime + alarm(alarms.MOTOR))
    ward.order("ACK", OPERATOR, alarm=alarms.MOTOR)
    ward.therapy.alarm(alarms.RESIDUAL)
    ward.refuses(CLINICIAN, ("PRESCRIBE", rx()) + alarm(alarms.RESIDUAL, 13))
    ward.therapy.alarm(alarms.RESIDUAL, False)
    ward.therapy.reservoir.refill(99, 0)
    ward.refuses(CLINICIAN, prime + not_now(13, "reservoir_nl", 99, "reservoir"))
    ward.therapy.reservoir.refill(100, 0)
    ward.check("PRIME", CLINICIAN, volume_nl=100, disconnected=1)
    with raises(Reject, error=s.NOT_NOW, rule=None, field="alarm", value=9, low=None, high=None, in_ms=None, text="not standing"):
        ward.therapy.alarms.ack(9, 5)
    with raises(Reject, error=s.NOT_NOW, rule=None, field="state", value=s.READY, low=None, high=None, in_ms=None, text="resume"):
        ward.therapy.fire("resume")
    # several small calibrations may not add up to more than one of 20 % either way
    found = {"expected_nl": 1000, "found_nl": 1200}
    ward.refuses(SERVICE, ("CALIBRATE", dict(found, found_nl=1201)) + limit(17, "found_nl", 1201, 800, 1200))
    ward.order("CALIBRATE", SERVICE, **found)
    ward.refuses(SERVICE, ("CALIBRATE", dict(found, found_nl=1001)) + limit(17, "found_nl", 1001, 800, 1200))
    ward.order("CALIBRATE", SERVICE, expected_nl=1200, found_nl=1000)
    ward.order("CALIBRATE", SERVICE, expected_nl=1000, found_nl=834)
    ward.refuses(SERVICE, ("CALIBRATE", {"expected_nl": 1001, "found_nl": 800}) + limit(17, "found_nl", 800, 801, 1201))
    ward.refuses(SERVICE, ("CALIBRATE", {"expected_nl": 1001, "found_nl": 1202}) + limit(17, "found_nl", 1202, 801, 1201))
    ward = started()
    ward.refuses(
        SERVICE,
        ("CLOCK", {"seconds": 1}) + not_now(17, "state", s.INFUSING, "clock"),
        ("SERVICE", {}) + not_now(17, "state", s.INFUSING, "service"),
        ("CALIBRATE", found) + not_now(17, "state", s.INFUSING, "calibrate"),
        ("PROVISION", {"library": "baclofen-itb", "syringe": "bd-3ml"}) + not_now(17, "state", s.INFUSING, "provision"),
    )
    ward.refuses(
        0,
        ("PROVISION", {"library": "baclofen-itb", "syringe": "bd-3ml"})
        + (s.NOT_AUTHORISED, None, "role", 0, None, None, None, "PROVISION"),
    )
    ward = Ward()
    books = "baclofen-itb,saline"
    ward.refuses(
        0,
        ("PROVISION", {"library": "x", "syringe": "bd-3ml"}) + (s.OUT_OF_RANGE, None, "library", None, None, None, None, books),
        ("PROVISION", {"library": "saline", "syringe": "x"})
        + (s.OUT_OF_RANGE, None, "syringe", None, None, None, None, "bd-1ml,bd-3ml,bd-10ml"),
    )


@req("R3", "R6", "R7", "R8")
def test_a_resume_a_restart_a_close():
    ward = started()
    ward.go(HOUR)
    ward.order("SUSPEND", OPERATOR)
    ward.refuses(
        CLINICIAN,
        ("RESUME", {"basal_ng_per_day": 100001}) + limit(7, "basal_ng_per_day", 100001, 27000, 100000),
        ("RESUME", {"basal_ng_per_day": 26999}) + limit(7, "basal_ng_per_day", 26999, 27000, 100000),
        ("RESUME", {"basal_ng_per_day": 79999}) + limit(3, "basal_ng_per_day", 79999, 80000),
        ("CLOSE", {"reason": "x"}) + not_now(7, "state", s.SUSPENDED, "too_late"),
        ("TAPER", {"to_ng_per_day": 0, "preset": 0}) + not_now(None, "state", s.SUSPENDED, "taper"),
    )
    ward.therapy.alarm(alarms.OFTEN)
    ward.refuses(OPERATOR, ("RESUME", {}) + alarm(alarms.OFTEN))
    ward.check("RESUME", CLINICIAN)
    ward.therapy.alarm(alarms.OFTEN, False)
    ward.therapy.alarm(alarms.RESIDUAL)
    ward.refuses(CLINICIAN, ("RESUME", {}) + alarm(alarms.RESIDUAL, 13))
    ward.therapy.alarm(alarms.RESIDUAL, False)
    ward.therapy.history.impulse(ward.therapy.now, 50000, 0)
    # R6: an hour of 100 mcg/day, 50 mcg now, and 23 h to come
    ward.refuses(CLINICIAN, ("RESUME", {}) + limit(6, "basal_ng_per_day", 150000, None, 115000))
    ward.therapy.history.impulses = []
    ward.go(48 * HOUR)
    ward.check("RESUME", OPERATOR)
    ward.go(1)
    late = 48 * HOUR + 1
    ward.refuses(
        OPERATOR,
        ("RESUME", {}) + limit(7, "stopped_ms", late, None, 48 * HOUR, None, WITH_REASON),
        ("RESUME", {"reason": "x"}) + limit(7, "stopped_ms", late, None, 48 * HOUR, None, WITH_REASON),
    )
    ward.refuses(CLINICIAN, ("RESUME", {}) + limit(7, "stopped_ms", late, None, 48 * HOUR, None, WITH_REASON))
    assert ward.check("RESUME", CLINICIAN, reason="x")["soft"] == 32
    ward = started()  # R8 again, by the test dose that worked: it lasted long, so the start is at most that
    ward.therapy.rx[5] = 1
    ward.order("SUSPEND", OPERATOR)
    ward.go(48 * HOUR + 1)
    ward.refuses(CLINICIAN, ("RESUME", {"reason": "x"}) + limit(8, "basal_ng_per_day", 100000, 27000, 50000))
    ward = started(screen_ng=12500, basal_ng_per_day=27000, reason="x")  # twice 12.5 is below the range: soft 2
    ward.order("SUSPEND", OPERATOR)
    ward.go(48 * HOUR + 1)
    assert ward.check("RESUME", CLINICIAN, reason="x")["soft"] == 32 + 2


@req("R1", "R4", "R12", "R16")
def test_rows_that_make_no_profile():
    def flex(rows, d=100000, **changes):
        return "PRESCRIBE", rx(basal_ng_per_day=d, mode=s.FLEX, rows=rows, rows_hash=rows_hash(rows), phase_ms=0, **changes)

    def periodic(rows, d=100000):
        return "PRESCRIBE", rx(basal_ng_per_day=d, mode=s.PERIODIC, rows=rows, rows_hash=rows_hash(rows), phase_ms=0)

    def bad(error, field, value, low, high, text):
        return (error, None, field, value, low, high, None, text)

    many = [[i * MINUTE, 100000] for i in range(25)]
    interval = "an interval of whole minutes that divides 24 h"
    high = 76000 + 24000 * 1440  # 24 mcg in a minute, once
    odd = [[0, high], [MINUTE, 76000]]
    two = [[0, 88000 + 6000 * 1440], [MINUTE, 88000], [12 * HOUR, 88000 + 6000 * 1440], [12 * HOUR + MINUTE, 88000]]
    other = [list(row) for row in two]
    other[2][1], other[0][1] = other[2][1] + 1440, other[0][1] - 1440
    ready().refuses(
        CLINICIAN,
        flex([]) + bad(s.OUT_OF_RANGE, "count", 0, 1, 24, None),
        flex(many) + bad(s.OUT_OF_RANGE, "count", 25, 1, 24, None),
        flex([[1, 100000]]) + bad(s.OUT_OF_RANGE, "offset_ms", 1, 0, 0, None),
        flex([[0, 100000], [0, 100000]]) + bad(s.OUT_OF_RANGE, "offset_ms", 0, MINUTE, DAY - MINUTE, None),
        flex([[0, 100000], [DAY, 100000]]) + bad(s.OUT_OF_RANGE, "offset_ms", DAY, MINUTE, DAY - MINUTE, None),
        flex([[0, 100000], [HOUR, 100000], [HOUR, 1]]) + bad(s.OUT_OF_RANGE, "offset_ms", HOUR, HOUR + MINUTE, DAY - MINUTE, None),
        flex([[0, 100000], [MINUTE + 1, 100000]]) + bad(s.OUT_OF_RANGE, "offset_ms", MINUTE + 1, None, None, "whole minutes"),
        flex([[0, 80000], [12 * HOUR, 120000]], 99999) + limit(12, "basal_ng_per_day", 99999, 100000, 100000),
        # a quarter to twice the mean
        flex([[0, 24999], [12 * HOUR, 175001]]) + limit(1, "ng_per_day", 24999, 25000, 200000),
        flex([[0, 200001], [6 * HOUR, 66666], [18 * HOUR, 66667]]) + limit(1, "ng_per_day", 200001, 25000, 200000),
        periodic([[0, 100000]]) + bad(s.OUT_OF_RANGE, "count", 1, 2, 24, interval),
        periodic([[0, 100000], [MINUTE, 100000], [HOUR, 100000]]) + bad(s.OUT_OF_RANGE, "count", 3, 2, 24, interval),
        periodic([[i * HOUR, 100000] for i in range(14)]) + bad(s.OUT_OF_RANGE, "count", 14, 2, 24, interval),
        periodic(other) + bad(s.BAD_FIELD, "rows", 1, None, None, "not the same dose each time"),
        periodic([[0, 100000], [MINUTE, 100000]]) + bad(s.BAD_FIELD, "rows", None, None, None, "no dose of whole ng on top of basal"),
        periodic([[0, 101000], [MINUTE, 99999]]) + bad(s.BAD_FIELD, "rows", None, None, None, "no dose of whole ng on top of basal"),
        periodic([[0, 48000 + 52000 * 1440], [MINUTE, 48000]]) + limit(16, "per_dose_ng", 52000, 1, 50000),
        periodic([[0, 76000 + 24000 * 2880], [MINUTE // 2, 76000]]) + limit(16, "per_duration_ms", MINUTE // 2, MINUTE, HOUR),
    )
    ready().check("PRESCRIBE", CLINICIAN, **periodic(odd)[1])
    ready().check("PRESCRIBE", CLINICIAN, **flex([[i * HOUR, 100000] for i in range(24)])[1])
    # the minimum rate
    least = dict(NO_BOLUS, mode=s.MINIMUM)
    ready().refuses(
        CLINICIAN,
        ("PRESCRIBE", rx(basal_ng_per_day=27001, **least)) + limit(1, "basal_ng_per_day", 27001, 27000, 27000),
        ("PRESCRIBE", rx(basal_ng_per_day=27000, mode=s.MINIMUM))
        + limit(16, "pb_dose_ng", 5000, None, 0, None, "no patient bolus at the minimum rate"),
    )
    ward = started(basal_ng_per_day=27001)
    ward.refuses(CLINICIAN, ("PRESCRIBE", rx(basal_ng_per_day=27000, **least)) + limit(4, "basal_ng_per_day", 27000, 27001))
    ward = started(basal_ng_per_day=27000)
    ward.go(DAY)
    ward.prescribe(basal_ng_per_day=27000, **least)
    plan = {"to_ng_per_day": 28000, "percent": 10, "hold_ms": DAY}
    ward.refuses(CLINICIAN, ("TITRATE", plan) + limit(1, "to_ng_per_day", 28000, 27000, 27000))


@req("R5", "R6", "R16")
def test_a_titration_of_doses_and_an_alignment_too_soon():
    rows = [[0, 52000 + 48000 * 1440], [MINUTE, 52000]]  # 48 mcg once a day: 5 % more are 50.4
    ward = started(mode=s.PERIODIC, rows=rows, rows_hash=rows_hash(rows), phase_ms=HOUR, reason="x", **NO_BOLUS)
    ward.go(DAY)
    plan = {"to_ng_per_day": 105000, "percent": 5, "hold_ms": DAY}
    ward.refuses(CLINICIAN, ("TITRATE", plan) + limit(16, "per_dose_ng", 50400, 1, 50000))
    ward.check("TITRATE", CLINICIAN, **dict(plan, to_ng_per_day=104000))  # 49.92
    ward.refuses(CLINICIAN, ("ALIGN", {"phase_ms": 0}) + limit(5, "interval_ms", HOUR, DAY, None, MINUTE))
    most = 72 * MINUTE  # a twentieth of a day
    late = ("ALIGN", {"phase_ms": HOUR + most + 1})
    ward.refuses(CLINICIAN, late + limit(5, "interval_ms", DAY - most - 1, DAY, None, DAY - most - HOUR))
    ward.check("ALIGN", CLINICIAN, phase_ms=HOUR)
    # R6: twelve hours of the higher row again
    rows = [[0, 160000], [12 * HOUR, 40000]]
    ward = started(mode=s.FLEX, rows=rows, rows_hash=rows_hash(rows), phase_ms=0)
    ward.go(12 * HOUR)
    ward.refuses(CLINICIAN, ("ALIGN", {"phase_ms": 0}) + limit(6, "phase_ms", 160000, None, 115000))
    # 80 mcg, 11 h more of 160 a day and one of 40
    ward.refuses(CLINICIAN, ("ALIGN", {"phase_ms": HOUR}) + limit(6, "phase_ms", 155000, None, 115000))
