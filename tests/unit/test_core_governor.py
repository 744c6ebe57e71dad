"""R15: the governor refuses whatever the therapy asks for, by its own arithmetic, an hour and a day at a time, and remembers.

Numbers by hand for the 3 mL syringe (bore 8.66 mm), 1 mm lead and 3200 microsteps: a turn pushes pi/4 x 8.66^2 = 58.9014 uL, so 1 uL is
54.3281 steps. 115 mcg at 500 mcg/mL are 230 uL, 12495.4 steps. 1/24 of 100 mcg and 15 mcg are 19.1667 mcg, 38.333 uL, 2082.6 steps.
"""

from peer import DAY, HOUR, MINUTE
from pump.core.governor import Governor
from support import req
from ward import started

NO_BOLUS = {"pb_dose_ng": None, "pb_duration_ms": None, "pb_lockout_ms": None, "pb_max": None}


def _armed(conc=500000, max_24h_ng=115000, now=0):
    governor = Governor()
    governor.arm(100000, 100000 // 24, max_24h_ng, conc, 8660, 1000000, 3200, now)
    return governor


def _let_through(governor, begin, end, steps=10, every=MINUTE):
    """Steps released when `steps` are asked for `every` so often, as long as it says yes."""
    total = 0
    for now in range(begin, end, every):
        while governor.release(steps, now):
            total += steps
    return total


@req("R15")
def test_never_armed_it_releases_nothing():
    assert not Governor().release(1, 0)


@req("R15")
def test_an_hour_holds_its_steps_and_no_more():
    governor = _armed()
    let = _let_through(governor, 0, HOUR)
    assert 2082 <= let <= 2082 * 102 // 100 + 5, let
    # the first minute took it all; the window lets it go after 60 minute-buckets
    assert not governor.release(10, HOUR - 1)
    assert governor.release(10, HOUR)


@req("R15")
def test_a_day_holds_its_steps_and_no_more():
    governor = _armed()
    let = _let_through(governor, 0, DAY, 50, 10 * MINUTE)
    assert 12495 - 50 <= let <= 12495 * 102 // 100 + 5, let
    assert not governor.release(50, DAY - 1)


@req("R15")
def test_every_day_long_window_is_capped_not_only_calendar_days():
    governor = _armed()
    times = []
    for now in range(0, 3 * DAY, 7 * MINUTE):
        if governor.release(100, now):
            times.append(now)
    worst = max([sum([100 for t in times if start <= t < start + DAY - MINUTE]) for start in times[::20]])
    assert worst <= 12495 * 102 // 100 + 5, worst


@req("R15")
def test_lawful_delivery_passes_to_the_last_step():
    governor = _armed(max_24h_ng=100000)
    done = 0
    for minute in range(3 * 1440):  # 100 mcg a day evenly: 10865.6 steps
        due = (minute + 1) * 108656 // 14400
        assert governor.release(due - done, minute * MINUTE), minute
        done = due


@req("R15")
def test_it_is_armed_by_its_own_arithmetic_and_agrees_with_the_plan():
    ward = started()
    governor, ratio = ward.therapy.governor, ward.therapy.ratio
    assert abs(115000 * ratio[0] // ratio[1] * 102 // 100 - governor.day_cap) <= 6
    # 50 ng/mL .. 2000: the cap in steps goes with 1/concentration
    for conc, steps in ((50000, 124954), (500000, 12495), (1000000, 6247), (2000000, 3123)):
        cap = _armed(conc).day_cap
        assert steps <= cap <= steps * 102 // 100 + 5, (conc, cap)


@req("R15")
def test_a_lower_cap_binds_a_day_later_and_a_higher_one_at_once():
    governor = _armed()
    _let_through(governor, 0, DAY, 50, 10 * MINUTE)
    governor.arm(80000, 80000 // 24, 92000, 500000, 8660, 1000000, 3200, DAY)
    assert governor.release(8, DAY + 1), "the window holds what was lawful"
    governor.roll(2 * DAY)
    # 92 mcg are 9996.4 steps
    assert 9996 <= governor.day_cap <= 9996 * 102 // 100 + 5
    governor.arm(100000, 100000 // 24, 115000, 500000, 8660, 1000000, 3200, 2 * DAY)
    assert governor.day_cap >= 12495
    assert len(governor.caps) == 1


@req("R15")
def test_another_concentration_makes_the_steps_weigh_otherwise():
    governor = _armed(500000)
    for minute in range(100):
        assert governor.release(32, minute * MINUTE)
    governor.arm(100000, 100000 // 24, 115000, 2000000, 8660, 1000000, 3200, 100 * MINUTE)
    assert governor.day_sum == 800, "3200 steps of 500 mcg/mL are 800 of 2000 mcg/mL"


@req("R15", "R9")
def test_few_steps_a_minute_do_not_weigh_more_for_being_few():
    governor = _armed(500000)
    for minute in range(1440):
        assert governor.release(2, minute * MINUTE)  # 27 mcg/day
    hours = [governor.hour(number) for number in range(24)]
    governor.arm(27000, 27000 // 24, 27000, 2000000, 8660, 1000000, 3200, 1440 * MINUTE - 1)
    assert governor.day_sum == 720 and 29 <= governor.hour_sum <= 31
    again = _armed(2000000)
    again.restore(hours, 1440 * MINUTE - 1)
    assert again.day_sum == 720


@req("R15")
def test_hours_come_back_from_the_journal():
    governor = _armed()
    for minute in range(1500):  # a day and an hour
        governor.release(8, minute * MINUTE)
    hours = [governor.hour(number) for number in range(25)]
    assert sum([sum(hour[2:]) for hour in hours]) == 1440 * 8, "what is older than a day, and minutes to come are not the day before's"
    again = _armed()
    again.restore(hours, 1500 * MINUTE - 1)
    assert (again.day_sum, again.hour_sum) == (governor.day_sum, governor.hour_sum)
    again.restore(hours, 1500 * MINUTE - 1 + 12 * HOUR)
    assert again.day_sum == 720 * 8
    again.restore(hours, 1500 * MINUTE - 1 + 48 * HOUR)
    assert again.day_sum == 0
    again.restore(hours + [[24, governor.weight, 9, 3]], 1500 * MINUTE - 1)
    assert again.day_sum == governor.day_sum + 1, "of two records of a minute the fuller one"


@req("R15")
def test_steps_whose_minutes_are_unknown_are_spread():
    governor = _armed()
    governor.roll(50 * MINUTE)
    governor.add(100, 30 * MINUTE)
    assert governor.day_sum == governor.hour_sum == 100
    assert sum(list(governor.minutes)[30:51]) == 100
    assert max(governor.minutes) == 5
    governor.roll(110 * MINUTE)
    assert governor.hour_sum == 0


@req("R15")
def test_many_changes_in_a_minute_neither_raise_the_caps_nor_pile_up():
    """200 and 1000 mcg a day in turn, at a basal of 100: an hour of the one and the basal of the other is the most, however often."""
    governor = _armed(max_24h_ng=1000000)
    for i in range(40):
        governor.arm(100000, 100000 // 24, 200000 if i % 2 == 0 else 1000000, 500000, 8660, 1000000, 3200, i * 1000)
    # 1000 - 100 and two hours of 100 mcg are 908.3 mcg, 1816.7 uL, 98695 steps
    assert 98695 <= governor.hour_cap <= 98695 * 102 // 100 + 10, governor.hour_cap
    assert len(governor.caps) <= 3, governor.caps
