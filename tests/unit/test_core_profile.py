"""Flow profiles: FLEX, PERIODIC, MINIMUM. What flows when, what D is, what R1, R4, R6, R12 and R16 refuse. Expectations by hand."""

from peer import rx
from pump.core import power
from pump.core.orders.profile import doses
from pump.core.profile import Profile, total_ng
from pump.core.reject import Reject
from support import raises, req
from ward import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, ready, started
from wire import alarms, events, limits
from wire import schema as s

HASH = "0" * 16  # the core does not look at it: the session has compared it with what was staged
# 50 mcg/day for 12 h and 150 for 12 h are 25 + 75 = 100 mcg in 24 h
NIGHT_DAY = [[0, 50000], [12 * HOUR, 150000]]
DAY_NIGHT = [[0, 150000], [12 * HOUR, 50000]]
# 80 mcg/day and 5 mcg over 6 min every 6 h: 5 mcg in 6 min is 1200 mcg/day; 80 + 4 x 5 = 100 mcg in 24 h
DOSES = []
for _n in range(4):
    DOSES += [[_n * 6 * HOUR, 1280000], [_n * 6 * HOUR + 6 * MINUTE, 80000]]


def flex(rows=NIGHT_DAY, phase_ms=0, **changes):
    fields = {"mode": s.FLEX, "rows_hash": HASH, "phase_ms": phase_ms, "max_24h_ng": 115000, "pb_dose_ng": None}
    fields.update({name: None for name in ("pb_duration_ms", "pb_lockout_ms", "pb_max")})
    fields.update(changes)
    values = rx(**fields)
    values["rows"] = rows
    return values


def on(rows=NIGHT_DAY, **changes):
    """A therapy of these rows that begins with its cycle."""
    ward = ready()
    ward.go(HOUR)
    ward.order("PRESCRIBE", **flex(rows, **changes))
    return ward


def flows(ward, hours):
    """Basal in mcg/day at the beginning of each of the next hours."""
    found = []
    for _ in range(hours):
        found.append(ward.therapy.basal() // 1000)
        ward.go(HOUR)
    return found


# --- what flows ----------------------------------------------------------------------------------------------------------------


@req("R12")
def test_the_total_of_24_h_is_each_rate_for_its_time():
    assert total_ng(NIGHT_DAY) == 100000
    assert total_ng(DOSES) == 100000
    assert total_ng([[0, 100001], [18 * HOUR, 100000]]) == 100001, "100000.75 is 100001"
    assert total_ng([[0, 100001], [6 * HOUR, 100000]]) == 100000, "100000.25 is 100000"


@req("profiles")
def test_rows_follow_each_other_at_their_times_day_after_day():
    ward = on()
    assert flows(ward, 48) == ([50] * 12 + [150] * 12) * 2
    assert ward.d_mcg == 100


@req("profiles")
def test_the_rate_changes_at_the_very_ms():
    ward = on(phase_ms=5 * HOUR)
    start = ward.therapy.now
    ward.go(DAY)
    assert ward.therapy.history.flows[-3:] == [[start, 50000], [start + 7 * HOUR, 150000], [start + 19 * HOUR, 50000]]


@req("profiles")
def test_steps_of_a_day_are_those_of_the_total():
    """5 x 2 h at 40 mcg/day, 7 x 2 h at ... whatever: the plan's position after n cycles is n totals, exactly."""
    rows = [[n * 2 * HOUR, 60000 + 7001 * (n % 5)] for n in range(12)]
    ward = on(rows, basal_ng_per_day=total_ng(rows))
    plan = ward.therapy.plan
    ward.go(3 * DAY)
    plan.settle(ward.therapy.now)
    assert plan.num == 3 * sum([row[1] * 2 * HOUR for row in rows]) * plan.ratio_num


@req("profiles")
def test_a_scaled_row_is_never_less_in_a_taper_and_never_more_in_a_raise():
    profile = Profile()
    profile.set([[0, 50001], [8 * HOUR, 100001], [16 * HOUR, 149999]], 0)
    assert profile.total == 100000
    assert [profile.rate(n * 8 * HOUR, 100000) for n in range(3)] == [50001, 100001, 149999]
    assert [profile.rate(n * 8 * HOUR, 80000) for n in range(3)] == [40001, 80001, 120000]  # 40000.8, 80000.8, 119999.2
    assert [profile.rate(n * 8 * HOUR, 115000) for n in range(3)] == [57501, 115001, 172498]  # 57501.15, 115001.15, 172498.85


@req("profiles", "R4")
def test_a_taper_scales_the_schedule():
    ward = on()
    ward.go(3 * DAY)
    ward.order("TAPER", to_ng_per_day=0, preset=0)
    ward.go(0)
    assert ward.d_mcg == 80
    assert flows(ward, 48) == ([40] * 12 + [120] * 12) * 2
    assert ward.d_mcg == 64
    assert flows(ward, 24)[::12] == [32, 96]


@req("profiles", "R3")
def test_a_lower_resume_scales_it_and_a_new_therapy_does_not_know_of_it():
    ward = on()
    ward.go(3 * DAY)
    ward.order("SUSPEND")
    ward.order("RESUME", basal_ng_per_day=80000)
    assert flows(ward, 24) == [40] * 12 + [120] * 12
    ward.order("TAPER", to_ng_per_day=0, preset=0)
    ward.go(40 * DAY)
    assert ward.state == s.ENDED
    ward.order("PRESCRIBE", **flex())
    assert flows(ward, 24) == [50] * 12 + [150] * 12


@req("profiles", "R7")
def test_a_suspension_does_not_stop_the_day():
    ward = on()
    ward.go(11 * HOUR)
    ward.order("SUSPEND")
    ward.go(2 * HOUR)
    assert ward.therapy.basal() == 0
    ward.order("RESUME")
    assert ward.therapy.basal() == 150000


@req("profiles")
def test_all_comes_back_from_the_journal():
    ward = on(phase_ms=5 * HOUR)
    ward.go(3 * HOUR)
    values = ward.therapy.dump()
    ward.therapy.profile = Profile()
    ward.therapy.restore(values)
    assert flows(ward, 24) == [50] * 4 + [150] * 12 + [50] * 8


# --- periodic doses ------------------------------------------------------------------------------------------------------------


@req("profiles")
def test_a_dose_every_six_hours():
    ward = on(DOSES, mode=s.PERIODIC)
    assert ward.d_mcg == 100
    seen = []
    for _ in range(6 * 10 * 6):
        seen.append(ward.therapy.basal())
        ward.go(6 * MINUTE)
    assert seen == ([1280000] + [80000] * 59) * 6


@req("profiles", "R16")
def test_no_patient_bolus_starts_while_a_dose_runs():
    ward = on(DOSES, mode=s.PERIODIC, pb_dose_ng=1000, pb_duration_ms=5 * MINUTE, pb_lockout_ms=6 * HOUR, pb_max=3)
    ward.go(5 * MINUTE)
    refusal = ward.refusal("BOLUS", OPERATOR, dose_ng=1000)
    assert (refusal.error, refusal.rule, refusal.in_ms) == (s.NOT_NOW, 16, MINUTE)
    ward.check("BOLUS", CLINICIAN, dose_ng=1000)
    ward.go(MINUTE)
    ward.check("BOLUS", OPERATOR, dose_ng=1000)


@req("profiles", "R16")
def test_each_dose_is_a_bolus_for_r16():
    for minutes, dose, rule in ((6, 50000, None), (6, 50001, 16), (1, 10000, None)):
        rows = [[0, 40000 + dose * 1440 // minutes], [minutes * MINUTE, 40000]]
        values = flex(rows, mode=s.PERIODIC, basal_ng_per_day=40000 + dose, max_24h_ng=200000)
        assert ready().rule("PRESCRIBE", **values) == rule, (minutes, dose)
    rows = [[0, 50000 + 1000 * 2880], [MINUTE // 2, 50000]]
    assert ready().rule("PRESCRIBE", **flex(rows, mode=s.PERIODIC, basal_ng_per_day=51000)) == 16, "30 s are too short"


@req("profiles")
def test_what_is_no_row_of_equal_doses_is_refused():
    wrong = (
        [[0, 1280000]],
        DOSES[:6],  # the last interval is twice as long
        DOSES[:7] + [[18 * HOUR + 7 * MINUTE, 80000]],
        DOSES[:4] + [[12 * HOUR, 1280001]] + DOSES[5:],
        [[0, 80000], [6 * MINUTE, 1280000]],
        [[0, 1200000], [6 * MINUTE, 0]],
        [[0, 180001], [7 * MINUTE, 80000]],  # 100.001 mcg/day for 7 min is no whole number of ng
    )
    for rows in wrong:
        refusal = ready().refusal("PRESCRIBE", **flex(rows, mode=s.PERIODIC, basal_ng_per_day=max(1, total_ng(rows))))
        assert refusal.error in (s.BAD_FIELD, s.OUT_OF_RANGE, s.LIMIT), rows


@req("profiles", "R12")
def test_the_reading_says_what_a_dose_is():
    read = ready().check("PRESCRIBE", **flex(DOSES, mode=s.PERIODIC))
    assert (read["dose_ng"], read["duration_ms"], read["new_ng_per_day"], read["peak_ng_per_day"]) == (5000, 6 * MINUTE, 100000, 1280000)


# --- minimum -------------------------------------------------------------------------------------------------------------------


@req("profiles", "R4")
def test_the_minimum_is_reached_by_a_taper_only():
    low = {"mode": s.MINIMUM, "basal_ng_per_day": 27000, "rows_hash": None, "phase_ms": None}
    ward = started(basal_ng_per_day=30000, max_24h_ng=50000)
    ward.go(3 * DAY)
    values = flex(**low)
    assert ward.rule("PRESCRIBE", **values) == 4, "27 of 30 would be a reduction within R3"
    ward.order("TAPER", to_ng_per_day=27000, preset=0)
    ward.go(3 * DAY)
    assert (ward.state, ward.d_mcg) == (s.INFUSING, 27)
    ward.order("PRESCRIBE", **values)
    assert ward.therapy.basal() == 27000
    assert ward.refusal("BOLUS", OPERATOR, dose_ng=1000).rule == 16


@req("profiles", "R1", "R16")
def test_the_minimum_is_the_librarys_and_has_no_patient_bolus():
    ward = ready()
    low = {"mode": s.MINIMUM, "rows_hash": None, "phase_ms": None}
    assert ward.rule("PRESCRIBE", **flex(basal_ng_per_day=27000, **low)) is None
    assert ward.rule("PRESCRIBE", **flex(basal_ng_per_day=27001, **low)) == 1
    bolus = {"pb_dose_ng": 1000, "pb_duration_ms": 5 * MINUTE, "pb_lockout_ms": 6 * HOUR, "pb_max": 3}
    assert ward.rule("PRESCRIBE", **flex(basal_ng_per_day=27000, **low, **bolus)) == 16


# --- bad schedules ---------------------------------------------------------------------------------------------------------------


@req("R1")
def test_schedules_that_are_none_are_refused():
    for rows, field, value in (
        ([], "count", 0),
        ([[n * HOUR // 2, 100000] for n in range(25)], "count", 25),
        ([[HOUR, 100000]], "offset_ms", HOUR),  # the hours before the first row
        ([[0, 100000], [12 * HOUR, 100000], [6 * HOUR, 100000]], "offset_ms", 6 * HOUR),
        ([[0, 100000], [12 * HOUR, 100000], [12 * HOUR, 100000]], "offset_ms", 12 * HOUR),
        ([[0, 100000], [DAY, 100000]], "offset_ms", DAY),
        ([[0, 100000], [HOUR + 1, 100000]], "offset_ms", HOUR + 1),
    ):
        refusal = ready().refusal("PRESCRIBE", **flex(rows))
        assert (refusal.error, refusal.field, refusal.value) == (s.OUT_OF_RANGE, field, value), rows


@req("R1", "R12")
def test_rows_per_hour_where_per_day_was_meant():
    """60 mcg per hour is 1440 mcg/day: above the library, and 14 times what runs."""
    rows = [[0, 1440000], [12 * HOUR, 1440000]]
    refusal = ready().refusal("PRESCRIBE", **flex(rows, basal_ng_per_day=1440000))
    assert (refusal.rule, refusal.value, refusal.high) == (1, 1440000, 800000)
    ward = started()
    ward.go(2 * DAY)
    rows = [[0, 240000], [12 * HOUR, 240000]]  # 10 mcg per hour
    assert ward.refusal("PRESCRIBE", **flex(rows, basal_ng_per_day=240000, max_24h_ng=300000)).rule == 2


@req("R12")
def test_the_two_totals_must_agree():
    """Basal doubled by flex units: the rows hold 200 mcg in 24 h, the host says 100."""
    rows = [[0, 200000], [12 * HOUR, 200000]]
    refusal = ready().refusal("PRESCRIBE", **flex(rows))
    assert (refusal.rule, refusal.field, refusal.value, refusal.high) == (12, "basal_ng_per_day", 100000, 200000)


@req("R1")
def test_a_row_lies_between_a_quarter_and_twice_the_mean():
    def rule(low):
        return ready().rule("PRESCRIBE", **flex([[0, low], [12 * HOUR, 200000 - low]], max_24h_ng=200000))

    assert rule(25000) is None and rule(24999) == 1
    rows = [[0, 200000], [6 * HOUR, 66000], [12 * HOUR, 67000]]
    assert total_ng(rows) == 100000
    assert ready().rule("PRESCRIBE", **flex(rows, max_24h_ng=200000)) is None
    rows = [[0, 200004], [6 * HOUR, 66000], [12 * HOUR, 66998]]
    assert total_ng(rows) == 100000
    assert ready().rule("PRESCRIBE", **flex(rows, max_24h_ng=200000)) == 1


@req("R1")
def test_the_fastest_row_must_be_within_the_motor():
    ward = ready()
    ward.therapy.most_per_s = 1
    num, den = ward.therapy.per_nl  # steps per nL; 50 mcg/mL are 0.05 ng in a nL
    most = den * 50000 * 86400 // (num * 1000000)  # ng/day at one step a second
    rows = [[0, most + 1], [6 * HOUR, most // 2]]
    weak = {"conc_ng_per_ml": 50000, "conc_again_ng_per_ml": 50000}
    assert ward.rule("PRESCRIBE", **flex(rows, basal_ng_per_day=total_ng(rows), **weak)) == 1
    rows[0][1] = most
    assert ward.rule("PRESCRIBE", **flex(rows, basal_ng_per_day=total_ng(rows), **weak)) is None


@req("wire")
def test_fields_of_another_mode_are_refused():
    simple = rx(rows_hash=HASH, phase_ms=0)
    assert ready().refusal("PRESCRIBE", **simple).field == "rows_hash"
    assert ready().refusal("PRESCRIBE", **flex(phase_ms=None)).field == "phase_ms"
    assert ready().refusal("PRESCRIBE", **flex(rows_hash=None)).field == "rows_hash"


# --- R6 --------------------------------------------------------------------------------------------------------------------------


@req("R6")
def test_two_schedules_swapped_at_noon_are_refused():
    """75 mcg in the half that was, 75 in the half that comes: 150 in 24 h, though each is 100."""
    ward = on(DAY_NIGHT)
    ward.go(2 * DAY + 12 * HOUR)
    swapped = flex(NIGHT_DAY, phase_ms=12 * HOUR)
    refusal = ward.refusal("PRESCRIBE", **swapped)
    assert (refusal.rule, refusal.value, refusal.high) == (6, 150000, 115000)
    swapped["max_24h_ng"] = 149999
    assert ward.rule("PRESCRIBE", **swapped) == 6
    swapped["max_24h_ng"] = 150000
    assert ward.order("PRESCRIBE", **swapped)["total_24h_ng"] == 150000
    ward.go(12 * HOUR)
    assert ward.therapy.basal() == 50000


@req("R6")
def test_a_swap_that_is_filled_up_only_tomorrow_is_refused_too():
    """At midnight 25 mcg lie behind and 75 ahead, then the high half again: the fullest window begins at noon."""
    ward = on(NIGHT_DAY)
    ward.go(3 * DAY)  # 12 h at 150 just ended
    assert ward.rule("PRESCRIBE", **flex(DAY_NIGHT, phase_ms=0)) == 6
    assert ward.rule("PRESCRIBE", **flex(NIGHT_DAY, phase_ms=0)) is None
    ward = on(DAY_NIGHT)
    ward.go(3 * DAY)  # 12 h at 50 just ended, 12 h at 150 before
    assert ward.rule("PRESCRIBE", **flex(NIGHT_DAY, phase_ms=0)) is None, "less in every window"
    assert ward.rule("PRESCRIBE", **flex(NIGHT_DAY, phase_ms=12 * HOUR)) is None, "the same as it was"
    assert ward.rule("PRESCRIBE", **flex(NIGHT_DAY, phase_ms=11 * HOUR)) is None
    assert ward.rule("PRESCRIBE", **flex(DAY_NIGHT, phase_ms=12 * HOUR)) is None


@req("R6")
def test_a_bolus_must_fit_beside_all_the_rows_to_come():
    ward = on(NIGHT_DAY, max_24h_ng=110000)
    ward.go(MINUTE)  # hardly anything delivered, and 50 mcg/day flows: in 12 h it will be 150
    assert ward.rule("BOLUS", CLINICIAN, dose_ng=10000) is None
    assert ward.refusal("BOLUS", CLINICIAN, dose_ng=10001).value == 110001


@req("R6")
def test_resuming_finds_the_day_moved_on_and_adds_nothing():
    ward = on(NIGHT_DAY, max_24h_ng=100000)
    for hours in (1, 5, 11, 13, 20):
        ward.go(3 * HOUR)
        ward.order("SUSPEND")
        ward.go(hours * HOUR)
        assert ward.order("RESUME")["total_24h_ng"] <= 100000
        ward.go(DAY)


@req("R15", "profiles")
def test_the_governor_allows_the_fullest_hour_of_the_cycle():
    ward = on(DOSES, mode=s.PERIODIC, max_24h_ng=100000)
    # one dose of 5 mcg and 54 min at 80 mcg/day: 5 + 3.333 mcg (the dose's 6 min hold basal as well)
    assert ward.therapy.profile.hour_ng(100000) == 5000 + 80000 // 24
    num, den = ward.therapy.ratio
    cap = 8334 * num // den
    assert cap <= ward.therapy.governor.hour_cap <= cap + cap // 50 + 5


# --- power ---------------------------------------------------------------------------------------------------------------------------


@req("profiles", "R7")
def test_time_without_power_makes_the_phase_doubtful_until_somebody_says():
    ward = on()
    ward.go(6 * HOUR)
    ward.cut(0)
    assert not ward.therapy.profile.unsure
    ward.cut(HOUR // 2)
    assert ward.state == s.INFUSING
    assert ward.therapy.profile.unsure and ward.therapy.alarms.find(alarms.PHASE)
    ward.order("ACK", alarm=alarms.PHASE)
    assert ward.therapy.alarms.find(alarms.PHASE), "seen, not settled"
    ward.order("ALIGN", OPERATOR, phase_ms=6 * HOUR + HOUR // 2)
    assert not ward.therapy.profile.unsure and ward.therapy.alarms.find(alarms.PHASE) is None
    assert (events.ALIGNED, 6 * HOUR + HOUR // 2, 6 * HOUR, "") in ward.therapy.news
    ward.go(5 * HOUR + HOUR // 2 - 1)
    assert ward.therapy.basal() == 50000
    ward.go(1)
    assert ward.therapy.basal() == 150000


@req("profiles")
def test_one_rate_has_no_phase():
    ward = started()
    ward.go(HOUR)
    ward.cut(HOUR // 2)
    assert ward.therapy.alarms.find(alarms.PHASE) is None
    assert ward.refusal("ALIGN", OPERATOR, phase_ms=0).error == s.NOT_NOW


@req("profiles", "R6")
def test_an_alignment_is_judged_like_a_new_schedule():
    ward = on(DAY_NIGHT)
    ward.go(2 * DAY + 12 * HOUR)  # 12 h at 150 just ended
    refusal = ward.refusal("ALIGN", OPERATOR, phase_ms=0)
    assert (refusal.rule, refusal.value) == (6, 150000)
    ward.order("ALIGN", OPERATOR, phase_ms=12 * HOUR)


@req("profiles", "R5")
def test_an_alignment_starts_no_dose_before_the_interval_is_over():
    """Each one would start a dose at once, until R6 is full. 5 mcg over 6 min every 6 h; 19/20 of that are 5 h 42 min."""
    ward = on(DOSES, mode=s.PERIODIC, max_24h_ng=300000)
    ward.go(HOUR)
    for phase, after, over in ((0, HOUR, 6 * MINUTE), (5 * HOUR, 2 * HOUR, HOUR + 6 * MINUTE), (6 * HOUR + MINUTE, HOUR, 5 * MINUTE)):
        refusal = ward.refusal("ALIGN", OPERATOR, phase_ms=phase)
        said = refusal.error, refusal.rule, refusal.field, refusal.value, refusal.low, refusal.in_ms
        assert said == (s.LIMIT, 5, "interval_ms", after, 6 * HOUR, over), phase
    for phase in (HOUR, HOUR - MINUTE, HOUR + 18 * MINUTE):
        ward.check("ALIGN", OPERATOR, phase_ms=phase)
    assert ward.refusal("ALIGN", OPERATOR, phase_ms=HOUR + 18 * MINUTE + 1).value == 5 * HOUR + 42 * MINUTE - 1
    ward.go(5 * HOUR)
    ward.order("ALIGN", OPERATOR, phase_ms=0)
    assert ward.therapy.dose_runs()


def _every(hours, minutes):
    """Doses of 5 mcg over so many minutes, on top of 80 mcg a day."""
    rows = []
    for n in range(24 // hours):
        rows += [[n * hours * HOUR, 80000 + 5000 * 1440 // minutes], [n * hours * HOUR + minutes * MINUTE, 80000]]
    return rows


@req("profiles", "R5")
def test_after_the_wait_it_names_the_same_cycle_is_accepted():
    """A dose is over, or 5 h 42 min are, whichever is sooner: with doses of an hour the next one would have begun by the end."""
    for minutes, early, wait in (
        (6, HOUR, 5 * HOUR - 24 * MINUTE),
        (6, 5 * HOUR, 36 * MINUTE),
        (60, HOUR, 4 * HOUR + 42 * MINUTE),
        (60, 35 * MINUTE, 4 * HOUR + 42 * MINUTE),
        (60, 3 * HOUR, 3 * HOUR),
    ):
        ward = on(_every(6, minutes), mode=s.PERIODIC, max_24h_ng=300000)
        ward.go(HOUR // 2 if minutes == 6 else HOUR)
        phase = ward.therapy.profile.phase(ward.therapy.now) + early
        assert ward.refusal("ALIGN", OPERATOR, phase_ms=phase).in_ms == wait, (minutes, early)
        ward.go(wait - 1)
        assert ward.refusal("ALIGN", OPERATOR, phase_ms=phase + wait - 1).in_ms == 1
        ward.go(1)
        ward.order("ALIGN", OPERATOR, phase_ms=phase + wait)


@req("profiles", "R5")
def test_inside_a_dose_its_place_can_be_confirmed_and_no_more_of_it_be_had():
    ward = on(DOSES, mode=s.PERIODIC, max_24h_ng=300000)
    ward.go(2 * MINUTE)
    assert ward.refusal("ALIGN", OPERATOR, phase_ms=2 * MINUTE - 1).rule == 5, "that would be longer"
    ward.order("ALIGN", OPERATOR, phase_ms=3 * MINUTE)
    ward.go(MINUTE)
    ward.order("SUSPEND")
    assert ward.refusal("ALIGN", OPERATOR, phase_ms=4 * MINUTE).rule == 5, "none runs"


@req("profiles", "R5")
def test_prescribing_the_same_doses_again_is_no_way_round():
    ward = on(DOSES, mode=s.PERIODIC, max_24h_ng=300000)
    ward.go(10 * MINUTE)
    again = flex(DOSES, mode=s.PERIODIC, max_24h_ng=300000, phase_ms=0, reason=None)
    refusal = ward.refusal("PRESCRIBE", **again)
    said = refusal.rule, refusal.field, refusal.value, refusal.low, refusal.in_ms, refusal.text
    assert said == (5, "interval_ms", 10 * MINUTE, 6 * HOUR, 6 * MINUTE, "a clinician may, with a reason")
    assert ward.check("PRESCRIBE", **dict(again, phase_ms=10 * MINUTE))["soft"] == 0
    rare = flex(_every(12, 6), mode=s.PERIODIC, basal_ng_per_day=90000, max_24h_ng=300000, phase_ms=11 * HOUR, reason=None)
    assert ward.check("PRESCRIBE", **dict(rare, phase_ms=10 * MINUTE))["soft"] == 0
    ward.go(4 * HOUR)
    assert ward.refusal("PRESCRIBE", **dict(rare, phase_ms=9 * HOUR)).in_ms is None, "before that a dose of those that run begins"
    assert ward.order("PRESCRIBE", **dict(again, reason="pain at night"))["soft"] == limits.SOFT_INTERVAL
    assert ward.therapy.dose_runs() and ward.therapy.soft() == limits.SOFT_INTERVAL


@req("profiles", "R5")
def test_time_without_power_counts_between_doses_if_a_clock_knows_it():
    """Whole seconds may hide two: the truth, which is told then, is within the twentieth."""
    for off in (2 * MINUTE, HOUR):
        ward = on(DOSES, mode=s.PERIODIC, max_24h_ng=300000)
        ward.go(3 * HOUR)
        ward.cut(off)
        assert ward.refusal("ALIGN", OPERATOR, phase_ms=0).value == 3 * HOUR + off - 2000
        ward.order("ALIGN", OPERATOR, phase_ms=3 * HOUR + off)
    ward.cut(-1)
    assert ward.refusal("ALIGN", OPERATOR, phase_ms=0).value == 3 * HOUR + off - 2000, "what nobody knows counts as none"


@req("profiles")
def test_the_place_counts_from_when_it_was_read():
    ward = on()
    ward.go(3 * HOUR)
    values = {"phase_ms": 2 * HOUR, "read_ms": ward.therapy.now}
    ward.go(MINUTE)
    ward.order("ALIGN", OPERATOR, **values)
    assert ward.therapy.profile.phase(ward.therapy.now) == 2 * HOUR + MINUTE


@req("profiles", "R6", "R16")
def test_power_cuts_never_give_a_dose_twice():
    """Pump time goes back to the last intent, here the beginning of the dose, again and again; steps of a minute may have left each time."""
    ward = on(DOSES, mode=s.PERIODIC)
    ward.go(6 * HOUR)
    therapy = ward.therapy
    start = therapy.now
    num, den = therapy.ratio
    minute = 1280000 * num // (1440 * den)  # steps in a minute of the dose
    therapy.plan.take(therapy.plan.steps_by(start))
    before = therapy.plan.emitted
    for _ in range(6):
        known = therapy.plan.emitted
        power.lost(therapy, known, known + minute, 60000)
        assert ward.state == s.INFUSING
    ward.go(6 * MINUTE)
    therapy.plan.settle(therapy.now)
    therapy.plan.take(max(0, therapy.plan.steps_by(therapy.now)))
    given = (therapy.plan.emitted - before) * den // num
    assert given <= 5000 + 80000 // 240 + 2 * den // num, given
    assert given >= 5000


@req("profiles", "R7")
def test_what_was_to_be_waited_for_is_forgotten_when_nothing_flows():
    """A dose that was cut off and its therapy held: after the resume basal flows at once, and R6 knows of the dose."""
    ward = on(DOSES, mode=s.PERIODIC, max_24h_ng=120000)
    ward.go(6 * HOUR)
    therapy = ward.therapy
    num, den = therapy.ratio
    minute = 1280000 * num // (1440 * den)
    therapy.plan.take(therapy.plan.steps_by(therapy.now))
    known = therapy.plan.emitted
    power.lost(therapy, known, known + minute, 2 * HOUR)
    assert ward.state == s.HELD
    assert sum([i[1] for i in therapy.history.impulses]) >= 850, "1280 mcg/day for a minute are 0.89 mcg"
    ward.go(HOUR)
    ward.order("RESUME")
    due = therapy.plan.due()
    assert due is not None and due - therapy.now <= DAY * den // (80000 * num) + 1


@req("profiles", "R6", "R7")
def test_a_resume_at_once_is_not_forgiven_more_than_the_lowest_row():
    """With the cap at D: what a cut in a high row left uncertain is no basal of a low one. Some minutes of standing still make up for it."""
    ward = on(NIGHT_DAY, max_24h_ng=100000)
    ward.go(2 * DAY + 13 * HOUR)
    num, den = ward.therapy.ratio
    ward.therapy.plan.take(ward.therapy.plan.steps_by(ward.therapy.now))
    ward.cut(2 * HOUR, lost_steps=65 * num // den)  # a minute at 50 mcg/day and two steps are 54 ng, at 100 they would be 89
    assert ward.state == s.HELD
    assert ward.rule("RESUME") == 6
    ward.go(10 * MINUTE)
    assert ward.rule("RESUME") is None


@req("profiles", "R7", "power cut")
def test_after_a_cut_in_a_bolus_basal_waits_for_its_own_steps_only():
    """A bolus of 5 min cut after 2: of 100 uncertain steps, basal's are at most those of the 3 min left and a minute: 15.1, so 16.

    50 mcg/day of 500 mcg/mL are 100 uL a day of 54.328 steps each: 3.773 a minute, 37.7 in ten; less the 16, 21 or 22 follow.
    """
    ward = on(NIGHT_DAY)
    ward.go(HOUR)
    ward.order("BOLUS", dose_ng=5000, duration_ms=5 * MINUTE)
    ward.go(2 * MINUTE)
    plan = ward.therapy.plan
    plan.settle(ward.therapy.now)
    plan.take(plan.steps_by(ward.therapy.now))
    known = plan.emitted
    power.lost(ward.therapy, known, known + 100, 60000)
    assert ward.state == s.INFUSING and not plan.bolus_num and plan.emitted == known + 100
    assert 21 <= plan.steps_by(ward.therapy.now + 10 * MINUTE) <= 22


@req("profiles", "R16")
def test_doses_divide_the_day_into_equal_whole_minutes():
    """7 do not divide 24 h, 64 are 22.5 min apart, one row is no dose, three rows are one and a half."""

    def spread(count):
        rows = []
        for n in range(count):
            rows += [[n * (DAY // count), 1280000], [n * (DAY // count) + MINUTE, 80000]]
        return rows

    for rows in (spread(7), spread(64), [[0, 80000]], DOSES[:3], []):
        with raises(Reject, error=s.OUT_OF_RANGE, rule=None, field="count", value=len(rows)):
            doses(rows)
    assert doses(DOSES) == (5000, 6 * MINUTE)
