"""Ramps and back-offs of the stepper driver on rp2040py's PIO block: the same steps, no faster than the motor can start, both ways."""

import itertools
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boards import pico_a4988
from pump.drivers.stepper import PLACES, Stepper
from tests.pio.boards import board, quick
from tests.pio.pico import Pico

REQ = ("motion",)

RAMP = ((10, 400), (20, 100))
FLOOR = 20
LATE_US = 10 * (400 - 40) + 20 * (100 - 40)  # what a start to 40 us costs


class Rig:
    """A board, and the level of DIR at every pulse."""

    def __init__(self, of: SimpleNamespace | None = None) -> None:
        self.of = of = of or quick(RAMP=RAMP, DIR_SETUP_US=60, DIR_HOLD_US=10)
        self.pico = Pico(of.PIN_STEP)
        self.stepper = Stepper(self.pico.rp2, self.pico.machine, self.pico.time, of)
        self.pico.run(10)
        self.levels: list[tuple[int, int]] = []  # (us, DIR) whenever it was looked at

    def run(self, us: int) -> None:
        for _ in range(us):
            self.pico.run(1)
            self.levels.append((self.pico.us, self.pico.level(self.of.PIN_DIR)))

    def finish(self, poll_us: int = 50) -> None:
        while self.stepper.busy_us():
            self.stepper.poll()
            self.run(poll_us)
        self.run(30)

    def gaps(self, start: int = 0) -> list[int]:
        return [b - a for a, b in itertools.pairwise(self.pico.rises[start:])]

    def dirs(self) -> list[int]:
        """DIR at each pulse, and that it keeps set-up and hold around it."""
        level = dict(self.levels)
        found = []
        for us in self.pico.rises:
            found.append(level[us])
            for near in range(us - self.of.DIR_SETUP_US + 1, us + self.of.DIR_HOLD_US + 1):
                assert level.get(near, found[-1]) == found[-1], "DIR changed at a pulse"
        return found


# --- ramps --------------------------------------------------------------------------------------------------------------
def test_a_fast_train_starts_slowly_and_catches_up() -> None:
    """Fed as the app feeds it. All steps leave; none early; after the ramp an eighth faster at most, until nothing is owed."""
    rig = Rig()
    began, nominal, at = rig.pico.us, [], rig.pico.us + 100
    for i in range(60):
        while not rig.stepper.room():
            rig.run(10)
        rig.stepper.grant(0 if i else 100, 50, 40)
        nominal += [at + n * 40 for n in range(50)]
        at += 50 * 40
    rig.finish()
    rises = rig.pico.rises
    assert len(rises) == rig.stepper.emitted() == 60 * 50
    assert rises[0] == began + 100
    assert rig.gaps()[:30] == [400] * 10 + [100] * 20
    assert all(35 <= gap <= 40 for gap in rig.gaps()[30:])
    late = [real - ideal for real, ideal in zip(rises, nominal, strict=True)]
    assert max(late) == late[30] == LATE_US
    assert min(late) >= 0 and late[-1] == 0


def test_the_boards_of_the_repository_start_as_their_ramp_says() -> None:
    rig = Rig(board())
    rows = pico_a4988.RAMP
    for _ in range(5):
        while rig.stepper.room() < 2:
            rig.pico.run(500)
        rig.stepper.grant(0, 125, 500)
        rig.stepper.grant(0, 125, 501)
    rig.pico.run(rig.stepper.busy_us() + 50)
    assert rig.stepper.emitted() == len(rig.pico.rises) == 1250
    count = sum(steps for steps, _ in rows)
    assert rig.gaps()[:count] == [period for steps, period in rows for _ in range(steps)]
    assert min(rig.gaps()) >= 500 - 500 // 8


def test_short_of_places_it_stays_slow() -> None:
    """The second train has one place and not two: all of it at the ramp's pace, and one place is left as the app expects."""
    rig = Rig()
    rig.stepper.grant(0, 25, 40)
    assert rig.stepper.room() == 2
    rig.stepper.grant(0, 25, 40)
    assert rig.stepper.room() == 1
    rig.finish()
    assert rig.gaps() == [400] * 10 + [100] * 39


@pytest.mark.parametrize("grant", [(0, 5, 400), (0, 5, 1000), (50, 1, FLOOR)])
def test_what_the_motor_can_start_at_is_left_alone(grant: tuple[int, int, int]) -> None:
    rig = Rig()
    rig.stepper.grant(*grant)
    assert rig.stepper.room() == PLACES - 1
    rig.finish()
    assert set(rig.gaps()) <= {grant[2]}


def test_a_pause_is_a_new_start_and_owes_nothing() -> None:
    rig = Rig()
    rig.stepper.grant(0, 100, 40)
    rig.finish()
    before = len(rig.pico.rises)
    rig.stepper.grant(0, 100, 40)
    rig.finish()
    assert rig.gaps(before) == [400] * 10 + [100] * 20 + [40] * 69


def test_slow_steps_are_no_run_up() -> None:
    """Ten steps at the ramp's own pace count; ten far slower ones do not, nor does a pause between two trains."""
    for period, delay, slow in ((400, 0, 0), (900, 0, 10), (400, 5000, 10)):
        rig = Rig()
        rig.stepper.grant(0, 10, period)
        rig.stepper.grant(delay, 40, 40)
        rig.finish()
        assert rig.gaps(10)[: slow + 20] == [400] * slow + [100] * 20


GRANT = st.tuples(st.integers(0, 900), st.integers(1, 90), st.integers(FLOOR, 500))


@settings(deadline=None, max_examples=60)
@given(grants=st.lists(st.tuples(GRANT, st.integers(0, 6000)), min_size=1, max_size=12))
def test_any_grants_lose_no_step_and_none_comes_early(grants: list[tuple[tuple[int, int, int], int]]) -> None:
    """Whatever is asked: it is refused only without room; the count is exact; the floor holds; no pulse before its time."""
    rig = Rig()
    nominal: list[int] = []
    end = 0
    for (delay, steps, period), pause in grants:
        while not rig.stepper.room():
            rig.pico.run(37)
        at = max(rig.pico.us, end) if rig.stepper.busy_us() else rig.pico.us
        rig.stepper.grant(delay, steps, period)
        nominal += [at + delay + i * period for i in range(steps)]
        end = at + delay + steps * period
        rig.pico.run(pause)
        assert 0 <= rig.stepper.left() <= len(nominal)
    rig.pico.run(rig.stepper.busy_us() + 20)
    assert rig.stepper.emitted() == len(rig.pico.rises) == len(nominal)
    assert all(gap >= FLOOR for gap in rig.gaps())
    assert all(real >= ideal for real, ideal in zip(rig.pico.rises, nominal, strict=True))
    assert rig.stepper.left() == rig.stepper.busy_us() == 0


# --- back-off -------------------------------------------------------------------------------------------------------------
def test_a_back_off_moves_back_and_counts_apart() -> None:
    rig = Rig()
    rig.stepper.grant(0, 5, 400)
    rig.finish()
    turned = rig.pico.us
    rig.stepper.reverse(200, 40)
    assert rig.stepper.busy_us() > 0 and rig.stepper.room() == 0 and rig.stepper.left() == 0
    with pytest.raises(ValueError, match="reversing"):
        rig.stepper.grant(0, 1, 400)
    with pytest.raises(ValueError, match="moving"):
        rig.stepper.reverse(1, 400)
    rig.finish()
    assert rig.pico.rises[5] - turned >= 60
    assert rig.gaps(5) == [400] * 10 + [100] * 20 + [40] * 140 + [100] * 20 + [400] * 9
    assert (rig.stepper.emitted(), rig.stepper.reversed(), rig.stepper.left()) == (5, 200, 0)
    rig.stepper.grant(0, 3, 400)
    rig.finish()
    forward, back = rig.of.DIR_FORWARD, 1 - rig.of.DIR_FORWARD
    assert rig.dirs() == [forward] * 5 + [back] * 200 + [forward] * 3
    assert (rig.stepper.emitted(), rig.stepper.reversed()) == (8, 200)


@pytest.mark.parametrize("grant", [(1, FLOOR - 1), (0, 400), (1, 600_000)])
def test_what_a_back_off_can_not_be(grant: tuple[int, int]) -> None:
    rig = Rig()
    with pytest.raises(ValueError, match="period|grant"):
        rig.stepper.reverse(*grant)
    rig.run(1000)
    assert rig.pico.edges == []
    rig.stepper.grant(0, 1, 400)


def test_a_back_off_is_refused_while_pulses_are_queued() -> None:
    rig = Rig()
    rig.stepper.grant(0, 5, 400)
    with pytest.raises(ValueError, match="moving"):
        rig.stepper.reverse(5, 400)
    rig.stepper.halt()
    rig.stepper.reverse(5, 400)
    rig.finish()
    assert rig.stepper.reversed() == 5
    assert rig.dirs()[-5:] == [1 - rig.of.DIR_FORWARD] * 5


def test_the_counts_stand_still_and_go_on_while_it_runs() -> None:
    """At every look: forward pulses do not change, the backward ones are what the pad did (give or take the one that is being seen)."""
    rig = Rig()
    rig.stepper.grant(0, 7, 400)
    rig.finish()
    rig.stepper.reverse(60, 40)
    for _ in range(700):
        rig.run(17)
        rig.stepper.poll()
        assert rig.stepper.emitted() == 7
        assert 0 <= len(rig.pico.rises) - 7 - rig.stepper.reversed() <= 1
    assert rig.stepper.reversed() == 60


@pytest.mark.parametrize("phase", [*range(40), 60, 461, 462, 463, 900, 4000, 6041, 12000])
def test_a_halt_ends_it_in_every_phase(phase: int) -> None:
    rig = Rig()
    rig.stepper.grant(0, 2, 400)
    rig.finish()
    rig.stepper.reverse(60, 40)
    for _ in range(phase):
        rig.run(1)
        rig.stepper.poll()
    assert rig.stepper.halt() == 0
    rig.levels.append((rig.pico.us, rig.of.DIR_FORWARD))
    back = len(rig.pico.rises) - 2
    assert (rig.stepper.emitted(), rig.stepper.reversed(), rig.stepper.busy_us()) == (2, back, 0)
    rig.stepper.grant(0, 3, 400)
    rig.finish()
    assert (rig.stepper.emitted(), rig.stepper.reversed()) == (5, back)
    forward = rig.of.DIR_FORWARD
    assert rig.dirs() == [forward] * 2 + [1 - forward] * back + [forward] * 3


def test_an_interpreter_that_hangs_ends_a_long_back_off() -> None:
    """What has a place leaves, a quarter of a second each; the rest does not, and nothing has turned round."""
    rig = Rig(board(RAMP=()))
    rig.stepper.reverse(20_000, 500)
    rig.pico.run(3_000_000)
    assert len(rig.pico.rises) == PLACES * 500
    assert rig.pico.level(rig.of.PIN_DIR) == 1 - rig.of.DIR_FORWARD
    assert rig.stepper.reversed() == PLACES * 500 and rig.stepper.emitted() == 0


def test_a_long_back_off_is_exact() -> None:
    rig = Rig(quick(MIN_PERIOD_US=FLOOR, RAMP=()))
    rig.stepper.reverse(30_000, FLOOR)
    whole = rig.stepper.busy_us()
    assert abs(whole - 30_000 * FLOOR) <= 100
    while rig.stepper.busy_us():
        rig.pico.run(50_000)
        rig.stepper.poll()
    assert rig.stepper.reversed() == len(rig.pico.rises) == 30_000
    assert rig.gaps().count(FLOOR) >= 30_000 - 2
