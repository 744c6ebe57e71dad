"""All that an order says, to the last field: its reading, the events it journals, what it gives back; and what happens by itself.

A 3 mL syringe of 8.66 mm bore on a 1 mm screw of 3200 microsteps: 3200 / (355/113 / 4 x 8660^2 x 10^-3 nL) = 0.05432807 steps a nL. A ng of
500 mcg/mL is 2 nL: 0.10865614 steps. 3 mL are 162984.2 steps, 100 uL 5432.8, 25 mcg 2716.4, 5 mcg 543.3, 2 mcg 217.3. Steps of a
dose are rounded up, of a filling down. The meaning of each event's two numbers is wire/names.py's.
"""

from peer import SERVICE, rx
from pump.core.orders import ORDERS
from support import req
from ward import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, Ward, ready, started
from wire import alarms
from wire import events as e
from wire import schema as s
from wire.rows import rows_hash

NO_BOLUS = {name: None for name in ("pb_dose_ng", "pb_duration_ms", "pb_lockout_ms", "pb_max")}
STRONG = {"conc_ng_per_ml": 1000000, "conc_again_ng_per_ml": 1000000}
DOSE = {"dose_ng": 25000, "duration_ms": MINUTE, "conc_ng_per_ml": 500000, "conc_again_ng_per_ml": 500000}
HIGH, MEDIUM, LOW = 3, 2, 1
SEEN = set()


def ng(*parts):
    """Drug of (ng/day, ms) one after another, rounded up."""
    return -(-sum([rate * ms for rate, ms in parts]) // DAY)


def told(ward):
    """The events since last asked."""
    news = ward.therapy.news[:]
    del ward.therapy.news[:]
    return news


def says(ward, verb, role, values, reading, events, gave=0):
    """Carry an order out; it must say exactly this."""
    told(ward)
    SEEN.add(verb)
    read = ward.order(verb, role, **values)
    assert read == reading, (verb, read)
    for name in read:
        assert read[name] is None or type(read[name]) is int, (verb, name)
    heard = told(ward)
    assert heard == events, (verb, heard)
    assert ward.gave == gave, (verb, ward.gave)


def goes(ward, ms, events):
    """Let time pass, the steps of a bolus leaving as they fall due; exactly this must happen by itself."""
    told(ward)
    plan = ward.therapy.plan
    end = ward.therapy.now + ms
    if plan.bolus_num:
        plan.take(plan.steps_by(min(end, plan.bolus_start + plan.bolus_ms)))
    ward.go(ms)
    heard = told(ward)
    assert heard == events, heard


def at(ward, now, events):
    """This is what comes next by itself, not a ms earlier."""
    assert ward.therapy.next_event() == now, (ward.therapy.next_event(), now)
    goes(ward, now - 1 - ward.therapy.now, [])
    goes(ward, 1, events)


def reading(old, new, most, total, **changes):
    """A PRESCRIBE's reading: D before and now, the cap now, the fullest 24 h."""
    fields = {"old_ng_per_day": old, "new_ng_per_day": new, "old_max_24h_ng": most if old else 0, "new_max_24h_ng": most}
    fields.update(
        {"change_permille": 0 if old else None, "total_24h_ng": total, "conc_ng_per_ml": 500000, "tested": 0, "ends": 0, "soft": 0}
    )
    fields.update(changes)
    return fields


def same(d):
    return {"old_ng_per_day": d, "new_ng_per_day": d}


@req("R10", "R13", "R17")
def test_what_is_said_before_a_therapy():
    ward = Ward()
    says(ward, "PROVISION", 0, {"library": "baclofen-itb", "syringe": "bd-3ml"}, {}, [(e.PROVISIONED, 0, 0, "")])
    says(ward, "CLOCK", SERVICE, {"seconds": 1234}, {}, [(e.CLOCK_SET, 1234, SERVICE, "")])
    # 1 % more was found than was meant: 100/101 of the steps; and the other way round it is as before
    says(ward, "CALIBRATE", SERVICE, {"expected_nl": 1000000, "found_nl": 1010000}, {}, [(e.CALIBRATED, 100, 101, "")])
    says(ward, "CALIBRATE", SERVICE, {"expected_nl": 1010000, "found_nl": 1000000}, {}, [(e.CALIBRATED, 1, 1, "")])
    # nothing was found where the books say 3 mL (2999999 nL since the two calibrations rounded): R13's soft limit
    left = ward.therapy.reservoir.left_nl(0)
    steps = ward.therapy.reservoir.left_steps(0)
    assert left in (2999999, 3000000) and steps in (162983, 162984)
    filled = {"volume_nl": 3000000, "residual_nl": 0, "reason": "filled"}
    says(ward, "REFILL", CLINICIAN, filled, {"soft": 16, "steps": steps}, [(e.REFILLED, 3000000, -left, "filled")])
    again = {"volume_nl": 3000000, "residual_nl": 2400000}  # exactly a fifth less is within the library's share
    says(ward, "REFILL", OPERATOR, again, {"soft": 0, "steps": 162984}, [(e.REFILLED, 3000000, -600000, "")])
    # 5433 steps, 2000 a second: 2716.5 ms
    prime = {"volume_nl": 100000, "disconnected": 1}
    taken = {"duration_ms": 2717, "steps": 5433}
    says(ward, "PRIME", OPERATOR, prime, taken, [(e.PRIME_STARTED, 100000, 2717, "")], 2717)
    at(ward, 2717, [(e.PRIME_ENDED, 5433, 0, "")])
    says(ward, "PRIME", OPERATOR, prime, taken, [(e.PRIME_STARTED, 100000, 2717, "")], 2717)
    goes(ward, 1000, [])  # 5432.8 x 1000 / 2717 = 1999.6 steps
    says(ward, "CANCEL", OPERATOR, {}, {}, [(e.PRIME_ENDED, 2000, 0, "")])
    says(
        ward,
        "PRIME",
        OPERATOR,
        {"volume_nl": 1, "disconnected": 1},
        {"duration_ms": 1000, "steps": 1},
        [(e.PRIME_STARTED, 1, 1000, "")],
        1000,
    )
    says(ward, "SUSPEND", 0, {}, {}, [(e.PRIME_ENDED, 0, 0, ""), (e.SUSPENDED, 0, 0, "")])
    assert ward.therapy.line.primed == 7433
    says(ward, "SERVICE", SERVICE, {"reason": "new firmware"}, {}, [(e.SERVICE_OPENED, SERVICE, 0, "new firmware")])


@req("R8")
def test_what_is_said_of_a_test_dose():
    ward = ready()
    given = {"dose_ng": 25000, "duration_ms": MINUTE, "total_24h_ng": 25000, "conc_ng_per_ml": 500000, "steps": 2717}
    says(ward, "SCREEN", CLINICIAN, dict(DOSE, reason="test"), given, [(e.SCREEN_STARTED, 25000, MINUTE, "test")], MINUTE + DAY)
    at(ward, MINUTE, [(e.SCREEN_ENDED, 25000, MINUTE, "")])
    goes(ward, DAY, [])
    fast = dict(DOSE)
    del fast["duration_ms"]  # the library's shortest then: a minute
    says(ward, "SCREEN", CLINICIAN, fast, given, [(e.SCREEN_STARTED, 25000, MINUTE, "")], MINUTE + DAY)
    goes(ward, 20000, [])
    says(ward, "CANCEL", OPERATOR, {}, {}, [(e.SCREEN_ENDED, 25000, 20000, "")])
    assert ward.therapy.screens == [[MINUTE, 25000, 1], [2 * MINUTE + DAY, 25000, 0]]  # a cut one counts to its planned end
    goes(ward, 2 * DAY, [])
    says(
        ward,
        "SCREEN",
        CLINICIAN,
        dict(DOSE, duration_ms=HOUR),
        dict(given, duration_ms=HOUR),
        [(e.SCREEN_STARTED, 25000, HOUR, "")],
        HOUR + DAY,
    )
    goes(ward, MINUTE, [])
    ward.therapy.alarm(alarms.OVERDUE)  # any HIGH one ends it
    assert told(ward) == [(e.ALARM, alarms.OVERDUE, HIGH, ""), (e.SCREEN_ENDED, 25000, MINUTE, "")]


@req("R1", "R6", "R16")
def test_what_is_said_of_a_start_a_change_and_boluses():
    ward = ready()
    ward.order("SCREEN", **DOSE)
    goes(ward, MINUTE + DAY, [(e.SCREEN_ENDED, 25000, MINUTE, "")])
    small = {"basal_ng_per_day": 50000, "max_24h_ng": 65000, "screen_ng": 25000}
    start = reading(0, 50000, 65000, 50000, tested=1)
    says(ward, "PRESCRIBE", CLINICIAN, rx(reason="as reviewed", **small), start, [(e.PRESCRIBED, 50000, 0, "as reviewed")])
    goes(ward, HOUR, [])
    basal = ((50000, HOUR), (45000, 23 * HOUR))
    small["basal_ng_per_day"] = 45000
    change = reading(50000, 45000, 65000, ng(*basal), tested=1, change_permille=-100)
    says(ward, "PRESCRIBE", CLINICIAN, rx(**small), change, [(e.PRESCRIBED, 45000, 50000, "")])
    five = {"dose_ng": 5000, "duration_ms": 5 * MINUTE, "new_max_24h_ng": 65000, "steps": 544, "soft": 0}
    five["total_24h_ng"] = 5000 + ng(*basal)
    started_ = [(e.BOLUS_STARTED, 5000, 5 * MINUTE, "")]
    says(ward, "BOLUS", OPERATOR, {"dose_ng": 5000}, five, started_, 5 * MINUTE + 6 * HOUR)
    goes(ward, 2 * MINUTE, [])
    says(ward, "CANCEL", OPERATOR, {}, {}, [(e.BOLUS_CANCELLED, 5000, 2 * MINUTE, "")], 3 * MINUTE + 6 * HOUR)
    goes(ward, HOUR, [])
    # a clinician's, inside the lockout: soft 4; of the library's shortest duration when asked for
    two = {"dose_ng": 2000, "duration_ms": MINUTE, "new_max_24h_ng": 65000, "steps": 218, "soft": 4, "total_24h_ng": 7000 + ng(*basal)}
    spasm = {"dose_ng": 2000, "duration_ms": MINUTE, "reason": "spasm"}
    says(ward, "BOLUS", CLINICIAN, spasm, two, [(e.BOLUS_STARTED, 2000, MINUTE, "spasm")], MINUTE + 6 * HOUR)
    begun = ward.therapy.now
    at(ward, begun + MINUTE, [(e.BOLUS_ENDED, 2000, MINUTE, "")])
    goes(ward, 6 * HOUR, [])
    five["total_24h_ng"] = 12000 + ng(*basal)
    says(
        ward, "BOLUS", 0, {"dose_ng": 5000}, five, started_, 17 * HOUR + 2 * MINUTE
    )  # the button: the third of three a day, 7 h after the first began
    goes(ward, 4 * MINUTE, [])
    stop = [(e.BOLUS_INTERRUPTED, 5000, 4 * MINUTE, ""), (e.SUSPENDED, OPERATOR, 0, "faint"), (e.ALARM, alarms.SUSPENDED, HIGH, "")]
    says(ward, "SUSPEND", OPERATOR, {"reason": "faint"}, {}, stop)
    # nothing programmed: no patient bolus is named, so the library's shortest
    other = started(**NO_BOLUS)
    free = dict(two, dose_ng=26000, steps=2826, soft=128, total_24h_ng=113000, new_max_24h_ng=115000)  # 2825.1 steps
    free["dose_ng"], free["steps"], free["total_24h_ng"] = 15000, 1630, 115000  # 1629.8
    free["soft"] = 0
    says(other, "BOLUS", CLINICIAN, {"dose_ng": 15000}, free, [(e.BOLUS_STARTED, 15000, MINUTE, "")], MINUTE + HOUR)
    wide = started(max_24h_ng=200000)
    big = dict(
        free, dose_ng=26000, duration_ms=5 * MINUTE, steps=2826, soft=128, total_24h_ng=126000, new_max_24h_ng=200000
    )  # 2825.1 steps
    says(
        wide, "BOLUS", CLINICIAN, {"dose_ng": 26000, "reason": "x"}, big, [(e.BOLUS_STARTED, 26000, 5 * MINUTE, "x")], 5 * MINUTE + 6 * HOUR
    )


@req("R3", "R7")
def test_what_is_said_of_stops():
    ward = started()
    goes(ward, HOUR, [])
    says(ward, "SUSPEND", OPERATOR, {"reason": "faint"}, {}, [(e.SUSPENDED, OPERATOR, 0, "faint"), (e.ALARM, alarms.SUSPENDED, HIGH, "")])
    goes(ward, MINUTE, [])
    # 2.25 % less; the fullest day began with the therapy: an hour, a minute of nothing, the rest
    total = ng((100000, HOUR), (97750, 23 * HOUR - MINUTE))
    total = max(total, 97750)
    less = {
        "old_ng_per_day": 100000,
        "new_ng_per_day": 97750,
        "change_permille": -22,
        "total_24h_ng": total,
        "conc_ng_per_ml": 500000,
        "soft": 0,
    }
    says(ward, "RESUME", CLINICIAN, {"basal_ng_per_day": 97750}, less, [(e.RESUMED, 97750, MINUTE, "")])
    same_ = dict(less, old_ng_per_day=97750, change_permille=0)
    ward.order("SUSPEND", 0)
    goes(ward, 48 * HOUR - 1, [])
    goes(ward, 2, [(e.ALARM, alarms.OVERDUE, HIGH, "")])
    # too late: a new start. 3 x 24 h later
    again = dict(same_, new_ng_per_day=90000, change_permille=-79, total_24h_ng=90000, soft=32)  # 7750 of 97750: 79.3
    heard = [(e.RESTARTED, 90000, 97750, ""), (e.RESUMED, 90000, 48 * HOUR + 1, "again")]
    says(ward, "RESUME", CLINICIAN, {"basal_ng_per_day": 90000, "reason": "again"}, again, heard)
    ward.order("SUSPEND", SERVICE)
    goes(ward, 9 * DAY, [(e.ALARM, alarms.OVERDUE, HIGH, "")])
    gone = [(e.THERAPY_ENDED, 0, 0, ""), (e.CLOSED, 0, 0, "explant")]
    says(ward, "CLOSE", CLINICIAN, {"reason": "explant"}, {"old_ng_per_day": 90000, "new_ng_per_day": 0}, gone)
    assert ward.therapy.next_event() is None and ward.therapy.alarms.entries == []


@req("R13")
def test_what_is_said_of_a_change_of_syringe():
    ward = started()
    goes(ward, HOUR, [])
    says(
        ward,
        "CHANGE",
        OPERATOR,
        {"reason": "empty"},
        {"old_ng_per_day": 100000, "new_ng_per_day": 0},
        [(e.CHANGE_STARTED, OPERATOR, 0, "empty")],
    )
    goes(ward, MINUTE, [])
    booked = {"soft": 0, "steps": 162984, "old_ng_per_day": 0, "new_ng_per_day": 100000}
    heard = [(e.REFILLED, 2000000, -200000, "new"), (e.RESUMED, 100000, MINUTE, "")]
    says(ward, "REFILL", OPERATOR, {"volume_nl": 2000000, "residual_nl": 2800000, "reason": "new"}, booked, heard)
    says(ward, "CHANGE", CLINICIAN, {}, {"old_ng_per_day": 100000, "new_ng_per_day": 0}, [(e.CHANGE_STARTED, CLINICIAN, 0, "")])
    begun = ward.therapy.now
    at(ward, begun + 5 * MINUTE, [(e.ALARM, alarms.CHANGE_LATE, MEDIUM, "")])
    at(ward, begun + 48 * HOUR + 1, [(e.ALARM, alarms.OVERDUE, HIGH, "")])
    booked = {"soft": 0, "steps": 108656, "old_ng_per_day": 0, "new_ng_per_day": 0}  # 2 mL; too late to go on by itself
    heard = [(e.REFILLED, 3000000, 0, ""), (e.ALARM_ENDED, alarms.CHANGE_LATE, 0, "")]
    heard += [(e.ALARM, alarms.SUSPENDED, HIGH, ""), (e.HELD, alarms.SUSPENDED, 0, "")]
    says(ward, "REFILL", OPERATOR, {"volume_nl": 3000000, "residual_nl": 2000000}, booked, heard)
    assert ward.state == s.HELD


@req("R2")
def test_what_is_said_of_a_titration():
    """5 % a day from 100 mcg/day: 105, 110.25, and 112 is the target."""
    ward = started()
    goes(ward, DAY, [])
    plan = {"to_ng_per_day": 112000, "percent": 5, "hold_ms": DAY, "reason": "slow"}
    read = {"old_ng_per_day": 100000, "new_ng_per_day": 112000, "change_permille": 120, "steps": 3, "ends": 0, "soft": 0}
    says(ward, "TITRATE", CLINICIAN, plan, read, [(e.TITRATION_STARTED, 112000, 5, "slow")], 3)
    begun = ward.therapy.now
    says(ward, "PAUSE", OPERATOR, {"on": 1}, same(100000), [(e.PLAN_PAUSED, 0, 0, "")])
    waits = [(e.ALARM, alarms.TAPER_WAITS, LOW, ""), (e.ALARM_ENDED, alarms.TAPER_WAITS, 0, "")]
    at(ward, begun + 7 * DAY, waits)
    at(ward, begun + 14 * DAY, waits)
    says(ward, "PAUSE", OPERATOR, {"on": 0}, same(100000), [(e.PLAN_CONTINUED, 0, 0, "")])
    begun += 14 * DAY
    ward.therapy.alarm(alarms.RESIDUAL)
    blocked = [(e.PLAN_BLOCKED, 105000, -alarms.RESIDUAL, ""), (e.ALARM, alarms.PLAN_BLOCKED, LOW, "")]
    at(ward, begun, blocked) if ward.therapy.now < begun else goes(ward, 0, blocked)
    goes(ward, 29 * MINUTE, [])  # tried again every 15 min, said once
    ward.therapy.alarm(alarms.RESIDUAL, False)
    begun += 30 * MINUTE
    at(ward, begun, [(e.ALARM_ENDED, alarms.PLAN_BLOCKED, 0, ""), (e.TITRATION_STEP, 105000, 100000, "")])
    at(ward, begun + DAY, [(e.TITRATION_STEP, 110250, 105000, "")])
    twice = dict(plan, percent=15, reason=None)
    read = dict(read, old_ng_per_day=110250, change_permille=16, steps=1, ends=s.TITRATING)  # 1750 of 110250: 15.9
    says(ward, "TITRATE", CLINICIAN, twice, read, [(e.TITRATION_STARTED, 112000, 15, "")], 1)
    at(ward, begun + 2 * DAY, [(e.TITRATION_STEP, 112000, 110250, "")])  # the rung's time stays
    assert ward.state == s.INFUSING and ward.therapy.next_event() is None
    read = {"old_ng_per_day": 112000, "new_ng_per_day": 0, "change_permille": -1000, "steps": 7, "soft": 0, "ends": 0}
    says(ward, "TAPER", CLINICIAN, {"to_ng_per_day": 0, "preset": 0}, read, [(e.TAPER_STARTED, 0, 0, "")], 7)


@req("R4")
def test_what_is_said_of_a_taper_to_the_end():
    """20 % per 48 h from 100 mcg/day: 80, 64, 51.2, 40.96, 32.768 and, above 26.2, the floor of 27."""
    ward = started()
    goes(ward, HOUR, [])
    read = {"old_ng_per_day": 100000, "new_ng_per_day": 0, "change_permille": -1000, "steps": 6, "soft": 0, "ends": 0}
    says(ward, "TAPER", CLINICIAN, {"to_ng_per_day": 0, "preset": 0, "reason": "end"}, read, [(e.TAPER_STARTED, 0, 0, "end")], 6)
    says(ward, "PAUSE", OPERATOR, {"on": 1}, same(100000), [(e.TAPER_PAUSED, 0, 0, "")])
    says(ward, "PAUSE", OPERATOR, {"on": 0}, same(100000), [(e.TAPER_CONTINUED, 0, 0, "")])
    goes(ward, 0, [(e.TAPER_STEP, 80000, 100000, "")])
    begun = before = ward.therapy.now
    d = 80000
    for following in (64000, 51200, 40960, 32768, 27000):
        before += 48 * HOUR
        at(ward, before, [(e.TAPER_STEP, following, d, "")])
        d = following
    at(ward, begun + 6 * 48 * HOUR, [(e.THERAPY_ENDED, 0, 0, "")])
    assert ward.state == s.ENDED and ward.d_mcg == 0 and ward.therapy.next_event() is None
    start = reading(0, 50000, 115000, 50000 + ng((27000, DAY)) - 27000)
    start["total_24h_ng"] = 50000  # the day before was less
    says(ward, "PRESCRIBE", CLINICIAN, rx(basal_ng_per_day=50000), start, [(e.PRESCRIBED, 50000, 0, "")])


@req("R3", "R4")
def test_what_is_said_of_a_taper_to_a_rate_to_hold():
    ward = started()
    goes(ward, HOUR, [])
    read = {"old_ng_per_day": 100000, "new_ng_per_day": 60000, "change_permille": -400, "steps": 2, "soft": 256, "ends": 0}
    steep = {"to_ng_per_day": 60000, "preset": 2, "reason": "explant soon"}  # 30 % per 24 h: 70, 60
    says(ward, "TAPER", CLINICIAN, steep, read, [(e.TAPER_STARTED, 60000, 2, "explant soon")], 2)
    goes(ward, 0, [(e.TAPER_STEP, 70000, 100000, "")])
    begun = ward.therapy.now
    read = dict(read, old_ng_per_day=70000, change_permille=-143, steps=1)  # 10000 of 70000: 142.9
    says(ward, "TAPER", CLINICIAN, steep, read, [(e.TAPER_STARTED, 60000, 2, "explant soon")], 1)
    at(ward, begun + DAY, [(e.TAPER_STEP, 60000, 70000, "")])
    assert ward.state == s.INFUSING and ward.therapy.next_event() is None and not ward.therapy.taper.on


@req("R4", "profiles")
def test_what_is_said_of_profiles():
    ward = started()
    rows = [[0, 80000], [12 * HOUR, 120000]]
    flex = rx(mode=s.FLEX, rows=rows, rows_hash=rows_hash(rows), phase_ms=6 * HOUR, reason="nights")
    read = reading(100000, 100000, 115000, 100000, mode=s.FLEX, peak_ng_per_day=120000)
    says(
        ward, "PRESCRIBE", CLINICIAN, flex, read, [(e.PROFILE, s.FLEX, 6 * HOUR, rows_hash(rows)), (e.PRESCRIBED, 100000, 100000, "nights")]
    )
    read = {"old_ng_per_day": 100000, "new_ng_per_day": 100000, "total_24h_ng": 100000, "mode": s.FLEX}
    says(ward, "ALIGN", OPERATOR, {"phase_ms": 7 * HOUR}, read, [(e.ALIGNED, 7 * HOUR, 6 * HOUR, "")])
    told(ward)
    ward.cut(HOUR)
    assert told(ward) == [(e.POWER_ON, 0, HOUR, ""), (e.ALARM, alarms.PHASE, LOW, "")]
    says(ward, "ACK", OPERATOR, {"alarm": alarms.PHASE}, {}, [(e.ACKNOWLEDGED, alarms.PHASE, OPERATOR, "")])
    says(ward, "ALIGN", OPERATOR, {"phase_ms": 8 * HOUR}, read, [(e.ALARM_ENDED, alarms.PHASE, 0, ""), (e.ALIGNED, 8 * HOUR, 7 * HOUR, "")])
    high = 76000 + 4000 * 1440  # six times 4 mcg in a minute on top of 76 mcg/day: 100 mcg/day
    rows = []
    for i in range(6):
        rows += [[i * 4 * HOUR, high], [i * 4 * HOUR + MINUTE, 76000]]
    ward = started()
    doses = rx(mode=s.PERIODIC, rows=rows, rows_hash=rows_hash(rows), phase_ms=HOUR, **NO_BOLUS)
    read = reading(100000, 100000, 115000, 100000, mode=s.PERIODIC, peak_ng_per_day=high, dose_ng=4000, duration_ms=MINUTE)
    says(ward, "PRESCRIBE", CLINICIAN, doses, read, [(e.PROFILE, s.PERIODIC, HOUR, rows_hash(rows)), (e.PRESCRIBED, 100000, 100000, "")])
    ward = ready()
    least = rx(basal_ng_per_day=27000, mode=s.MINIMUM, **NO_BOLUS)
    read = reading(0, 27000, 115000, 27000, mode=s.MINIMUM, peak_ng_per_day=27000)
    says(ward, "PRESCRIBE", CLINICIAN, least, read, [(e.PROFILE, s.MINIMUM, 0, rows_hash([[0, 27000]])), (e.PRESCRIBED, 27000, 0, "")])


@req("R9")
def test_what_is_said_of_a_bridge():
    """100 uL of dead volume at 100 mcg/day of 500 mcg/mL, 200 uL a day: half a day."""
    ward = started()
    goes(ward, HOUR, [])
    plan = ward.therapy.plan
    plan.take(plan.steps_by(HOUR * 2))  # the hour's
    assert plan.emitted == 453
    read = reading(100000, 100000, 115000, 100000, conc_ng_per_ml=1000000, old_conc_ng_per_ml=500000, bridge_ms=12 * HOUR)
    heard = [(e.BRIDGE_STARTED, 1000000, 100000, ""), (e.PRESCRIBED, 100000, 100000, "")]
    says(ward, "PRESCRIBE", CLINICIAN, rx(dead_nl=100000, **STRONG), read, heard)
    begun = ward.therapy.now
    assert ward.therapy.bridge_steps() == 5433
    # the 5433rd is due when the plan, which was at 452.7, is at 453 + 5432.5: 5885.5 of 10865.614 a day are 46799675 ms, an hour of them over
    due = ward.therapy.next_event()
    assert due == begun + 43199675
    goes(ward, due - 1 - begun, [])
    plan.take(plan.steps_by(due))
    goes(ward, 1, [(e.BRIDGE_ENDED, 1000000, 0, "")])
    assert (ward.therapy.line.conc, ward.therapy.line.coming) == (1000000, 0)
    ward = ready()
    ward.therapy.line.fill(500000)
    ward.order("PRIME", volume_nl=100000, disconnected=1)
    ward.go(MINUTE)
    ward.therapy.line.primed = 1
    read = reading(0, 100000, 115000, 100000, conc_ng_per_ml=1000000, old_conc_ng_per_ml=500000, bridge_ms=0)
    says(ward, "PRESCRIBE", CLINICIAN, rx(dead_nl=0, **STRONG), read, [(e.PRESCRIBED, 100000, 0, "")])


@req("R7", "power cut")
def test_what_is_said_after_a_cut():
    ward = started()
    ward.order("BOLUS", OPERATOR, dose_ng=5000)
    ward.go(MINUTE)
    ward.therapy.plan.settle(ward.therapy.now)
    told(ward)
    ward.cut(2 * HOUR, 3)
    lost = (e.ALARM, alarms.POWER_LOST, HIGH, "")
    held = (e.HELD, alarms.POWER_LOST, 0, "")
    assert told(ward) == [(e.BOLUS_INTERRUPTED, 5000, MINUTE, ""), (e.POWER_ON, 3, 2 * HOUR, ""), lost, held]
    # R6 counts the dose whole and the basal of the minute before; the fullest day is that from here
    read = {
        "old_ng_per_day": 100000,
        "new_ng_per_day": 100000,
        "change_permille": 0,
        "total_24h_ng": 105000,
        "conc_ng_per_ml": 500000,
        "soft": 0,
    }
    says(ward, "RESUME", OPERATOR, {"reason": "seen"}, read, [(e.RESUMED, 100000, 2 * HOUR, "seen")])
    for off_ms, heard in ((HOUR, []), (HOUR + 1, [lost, held]), (-1, [lost, held, (e.ALARM, alarms.CLOCK_UNCERTAIN, LOW, "")])):
        ward = started()
        told(ward)
        ward.cut(off_ms)
        assert told(ward) == [(e.POWER_ON, 0, off_ms, "")] + heard, off_ms
        assert ward.state == (s.HELD if heard else s.INFUSING)
    # 5 % of a day's 100 mcg: 543 steps are 4997.4 ng, 544 are 5006.6
    for steps, heard in ((543, []), (544, [(e.ALARM, alarms.DEFICIT, MEDIUM, "")])):
        ward = started()
        told(ward)
        ward.cut(0, steps)
        assert told(ward) == [(e.POWER_ON, steps, 0, "")] + heard, steps
    ward = ready()
    ward.order("PRIME", volume_nl=100000, disconnected=1)
    ward.therapy.plan.take(100)
    told(ward)
    ward.cut(0, 50)
    assert told(ward) == [(e.PRIME_ENDED, 150, 0, ""), (e.POWER_ON, 50, 0, "")]
    ward = ready()
    ward.order("SCREEN", **DOSE)
    ward.go(MINUTE // 2)
    ward.therapy.plan.settle(ward.therapy.now)
    told(ward)
    ward.cut(0, 50)
    heard = [(e.BOLUS_INTERRUPTED, 25000, MINUTE // 2, ""), (e.POWER_ON, 50, 0, ""), (e.SCREEN_ENDED, 25000, -1, "")]
    assert told(ward) == heard
    assert ward.therapy.screens == [[MINUTE, 25000, 0]]


@req("alarms")
def test_what_is_said_of_alarms():
    ward = started()
    goes(ward, HOUR, [])
    for count in range(3):
        ward.therapy.alarm(alarms.MOTOR)
        often = [(e.ALARM, alarms.OFTEN, HIGH, "")] if count == 2 else []
        assert told(ward) == [(e.ALARM, alarms.MOTOR, HIGH, ""), (e.HELD, alarms.MOTOR, 0, "")] + often
        ward.therapy.alarm(alarms.MOTOR)
        assert told(ward) == []  # no news
        ward.therapy.alarm(alarms.MOTOR, False)
        assert told(ward) == [(e.ALARM_ENDED, alarms.MOTOR, 0, "")]
        says(ward, "ACK", OPERATOR, {"alarm": alarms.MOTOR}, {}, [(e.ACKNOWLEDGED, alarms.MOTOR, OPERATOR, "")])
        asked = [] if often else [(e.ALARM, alarms.SUSPENDED, HIGH, "")]  # GIP 2.2.1: OFTEN says it already
        goes(ward, 5 * MINUTE, asked)
        if not often:
            ward.order("RESUME", CLINICIAN)
            told(ward)
    assert ward.state == s.HELD


@req("structure")
def test_zz_every_order_was_read_to_the_last_field():
    if SEEN:  # not alone
        missing = [verb for verb in ORDERS if verb not in SEEN]
        assert not missing or len(SEEN) < 12, missing
