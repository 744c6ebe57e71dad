"""Ramps of long fast moves: every step once, never faster than its row allows, the same up and down. Runs on all interpreters."""

from pump.drivers.ramp import segments

REQ = ("motion",)

RAMP = ((10, 400), (20, 200), (40, 100))


def count(plan):
    return sum([steps for steps, _ in plan])


def test_a_long_move_goes_up_along_and_down():
    assert segments(1000, 50, RAMP) == [(10, 400), (20, 200), (40, 100), (860, 50), (40, 100), (20, 200), (10, 400)]


def test_only_as_far_up_as_its_own_period():
    assert segments(1000, 150, RAMP) == [(10, 400), (20, 200), (940, 150), (20, 200), (10, 400)]
    assert segments(1000, 400, RAMP) == [(1000, 400)]
    assert segments(1000, 500, RAMP) == [(1000, 500)]


def test_a_short_move_turns_round_in_the_middle():
    assert segments(50, 50, RAMP) == [(10, 400), (15, 200), (15, 200), (10, 400)]
    assert segments(51, 50, RAMP) == [(10, 400), (15, 200), (1, 200), (15, 200), (10, 400)]


def test_every_step_is_there_once():
    for steps in range(1, 300):
        plan = segments(steps, 50, RAMP)
        assert count(plan) == steps
        assert min([n for n, _ in plan]) > 0
        periods = [period for _, period in plan]
        middle = periods.index(min(periods))
        assert periods[: middle + 1] == sorted(periods[: middle + 1], reverse=True)
        assert periods[middle:] == sorted(periods[middle:])
        if steps > 1:
            assert max(periods) == periods[0] == periods[-1] == 400


def test_without_a_ramp_it_is_one_segment():
    assert segments(7, 50, ()) == [(7, 50)]
    assert segments(1, 50, RAMP) == [(1, 50)]
