"""What the core remembers is bounded, and what is merged for that never makes a limit milder. Expectations by hand, from the limits' sense."""

from pump.core.history import DAY_MS, History
from support import req
from ward import DAY, HOUR, MINUTE

REQ = ("R6",)


@req("R2", "R3")
def test_of_more_than_48_rungs_the_oldest_two_are_one_with_the_lower_low_and_the_higher_high():
    history = History()
    for i in range(48):
        history.program(i * MINUTE, 50000 + i)
    assert len(history.rungs) == 48 and history.rungs[:2] == [[0, 50000, 50000], [MINUTE, 50001, 50001]]
    history.program(48 * MINUTE, 90000)
    assert len(history.rungs) == 48
    assert history.rungs[:2] == [[0, 50000, 50001], [2 * MINUTE, 50002, 50002]]
    assert (history.lowest(-1), history.highest(-1)) == (50000, 90000)
    assert history.held(50002, -1) and not history.held(50000, -1), "of a merged one nobody knows what was held"


@req("R2", "R3")
def test_rungs_reach_back_72_hours():
    history = History()
    for hours, d in ((0, 50000), (1, 60000), (73, 70000)):
        history.program(hours * HOUR, d)
    assert history.rungs == [[HOUR, 60000, 60000], [73 * HOUR, 70000, 70000]], "from hour 1 on it is 60"
    history.program(73 * HOUR + 1, 80000)
    assert history.rungs[0] == [HOUR, 60000, 60000], "it was still 60 at the begin of the 72 h"


@req("R6")
def test_of_more_than_72_flows_the_oldest_two_are_one_at_the_higher_rate():
    for rates in ((1000, 3000), (3000, 1000)):
        history = History()
        for i in range(72):
            history.flow(i * MINUTE, rates[i % 2])
        assert len(history.flows) == 72
        history.flow(72 * MINUTE, 5000)
        assert len(history.flows) == 72
        assert history.flows[:2] == [[0, 3000], [2 * MINUTE, rates[0]]]
        assert history.flows[-1] == [72 * MINUTE, 5000]


@req("R6")
def test_flows_reach_back_a_day():
    history = History()
    for hours, rate in ((0, 1000), (1, 2000), (25, 3000)):
        history.flow(hours * HOUR, rate)
    assert history.flows == [[HOUR, 2000], [25 * HOUR, 3000]]


@req("R6", "power cut")
def test_of_more_than_48_doses_left_uncertain_the_oldest_two_are_one_at_the_later_time():
    """Nothing of either is forgotten, and it leaves the window of 24 h no sooner than the later one."""
    history = History()
    for i in range(48):
        history.impulse(i * MINUTE, 100 + i, i)
    assert len(history.impulses) == 48
    history.impulse(48 * MINUTE, 7, 5)
    assert len(history.impulses) == 48
    assert history.impulses[:2] == [[MINUTE, 201, 1], [2 * MINUTE, 102, 2]]
    assert history.impulses[-1] == [48 * MINUTE, 7, 5]
    assert sum([i[1] for i in history.impulses]) == sum(range(100, 148)) + 7


@req("R6", "power cut")
def test_a_dose_left_uncertain_is_forgotten_after_a_day():
    history = History()
    history.impulse(0, 100, 1)
    history.impulse(1, 200, 2)
    history.impulse(DAY, 300, 3)
    assert history.impulses == [[1, 200, 2], [DAY, 300, 3]]
    assert DAY == DAY_MS


@req("R5")
def test_boluses_are_kept_for_a_week_the_longest_lockout_and_the_last_48_of_them():
    history = History()
    history.bolus(0, MINUTE, 5000)
    assert history.boluses == [[0, MINUTE, -1, 5000]], "it runs"
    history.bolus_over(MINUTE)
    history.bolus(HOUR, HOUR + MINUTE, 6000)
    history.bolus_over(HOUR + MINUTE)
    history.bolus(7 * DAY + MINUTE, 7 * DAY + 2 * MINUTE, 7000)
    assert [b[3] for b in history.boluses] == [6000, 7000]
    assert [b[2] for b in history.boluses] == [HOUR + MINUTE, -1]
    history = History()
    for i in range(60):
        history.bolus(i * HOUR, i * HOUR + MINUTE, i)
        history.bolus_over(i * HOUR + MINUTE)
    assert [b[3] for b in history.boluses] == list(range(11, 60)), "the new one and 48 before it"
