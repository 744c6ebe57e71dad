"""The stepper driver on rp2040py's PIO block: the port's contract, exact counts and times, stops in every phase."""

import itertools
import random
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from boards import pico_a4988, pico_tmc2209
from pump.drivers import pio_step
from pump.drivers.stepper import MAX_SPAN_US, PLACES, Stepper
from tests.pio.boards import board, quick
from tests.pio.pico import Pico

REQ = ("motion",)


def rig(of: SimpleNamespace, **how: object) -> tuple[Pico, Stepper]:
    """A Pico that has been on for a while, with the driver as main.py leaves it."""
    pico = Pico(of.PIN_STEP, **how)  # type: ignore[arg-type]
    stepper = Stepper(pico.rp2, pico.machine, pico.time, of)
    pico.run(10)
    return pico, stepper


def gaps(times: list[int]) -> list[int]:
    return [b - a for a, b in itertools.pairwise(times)]


def widths(pico: Pico) -> set[int]:
    return {fall - rise for rise, fall in zip(pico.rises, pico.falls, strict=True)}


def test_nothing_moves_and_the_driver_is_off_until_asked() -> None:
    pico, stepper = rig(quick())
    pico.run(5000)
    assert pico.edges == []
    assert (pico.level(2), pico.level(3), pico.level(4)) == (0, 1, 1)
    assert (stepper.room(), stepper.left(), stepper.emitted(), stepper.busy_us()) == (PLACES, 0, 0, 0)


@pytest.mark.parametrize("of", [pico_a4988, pico_tmc2209])
def test_the_boards_of_the_repository(of: SimpleNamespace) -> None:
    pico, stepper = rig(of)
    began = pico.us
    stepper.enable(True)
    stepper.grant(50_000, 1, of.MIN_PERIOD_US)
    stepper.grant(0, 20, of.MIN_PERIOD_US)
    pico.run(100_000)
    slow = of.RAMP[0][1]
    assert pico.rises == [began + 50_000] + [began + 50_000 + of.MIN_PERIOD_US + i * slow for i in range(20)]
    assert widths(pico) == {of.STEP_PULSE_US}
    assert pico.level(of.PIN_ENABLE) == of.ENABLE_ON


def test_grants_leave_at_their_times() -> None:
    """The first `delay` after now; the next `delay` after the end of the last slot."""
    pico, stepper = rig(quick())
    at = pico.us
    stepper.grant(100, 3, 20)
    stepper.grant(0, 2, 21)
    stepper.grant(7, 1, 50)
    stepper.grant(1, 2, 33)
    pico.run(400)
    first = at + 100
    assert pico.rises == [first, first + 20, first + 40, first + 60, first + 81, first + 109, first + 160, first + 193]
    assert widths(pico) == {2}


@pytest.mark.parametrize("delay", range(10))
def test_from_rest_a_pulse_needs_the_fetch_at_least(delay: int) -> None:
    pico, stepper = rig(quick())
    at = pico.us
    stepper.grant(delay, 1, 20)
    assert stepper.busy_us() == max(delay, pio_step.FETCH_US) + 20
    pico.run(100)
    assert pico.rises == [at + max(delay, pio_step.FETCH_US)]


def test_four_places_and_a_fifth_grant_changes_nothing() -> None:
    pico, stepper = rig(quick())
    for i in range(PLACES):
        assert stepper.room() == PLACES - i
        stepper.grant(0, 10, 20)
    for _ in range(3):
        with pytest.raises(ValueError, match="no room"):
            stepper.grant(0, 10, 20)
    assert stepper.left() == 40
    pico.run(300)
    assert stepper.room() == 1
    pico.run(2000)
    assert stepper.emitted() == len(pico.rises) == 40
    assert set(gaps(pico.rises)) == {20}


@pytest.mark.parametrize(
    ("grant", "why"),
    [
        ((0, 1, 19), "period"),
        ((0, 0, 20), "grant"),
        ((-1, 1, 20), "grant"),
        ((0, pio_step.MAX_STEPS + 1, 20), "grant"),
        ((pio_step.MAX_WAIT_US + 1, 1, 20), "grant"),
        ((0, 1, pio_step.MAX_PERIOD_US + 1), "grant"),
        ((0, 100, MAX_SPAN_US // 100 + 1), "grant"),
    ],
)
def test_what_a_grant_can_not_be(grant: tuple[int, int, int], why: str) -> None:
    pico, stepper = rig(quick())
    with pytest.raises(ValueError, match=why):
        stepper.grant(*grant)
    pico.run(1000)
    assert pico.edges == []


@pytest.mark.parametrize(
    "grant", [(0, pio_step.MAX_STEPS, 20), (pio_step.MAX_WAIT_US, 1, 20), (0, 1, pio_step.MAX_PERIOD_US), (0, 100, MAX_SPAN_US // 100)]
)
def test_the_largest_grants(grant: tuple[int, int, int]) -> None:
    pico, stepper = rig(quick())
    at = pico.us
    stepper.grant(*grant)
    assert stepper.busy_us() == max(grant[0], pio_step.FETCH_US) + grant[1] * grant[2]
    pico.run(stepper.busy_us() + 10)
    assert len(pico.rises) == stepper.emitted() == grant[1]
    assert pico.rises[0] == at + max(grant[0], pio_step.FETCH_US)
    assert set(gaps(pico.rises)) <= {grant[2]}
    assert stepper.busy_us() == stepper.left() == 0


def test_reading_the_count_changes_nothing() -> None:
    """The same train, once with a look in every cycle and once with none: the same edges; and each count is what the pad did."""
    trains = []
    for look in (True, False):
        pico, stepper = rig(quick())
        stepper.grant(9, 12, 23)
        stepper.grant(2, 5, 20)
        for _ in range(500):
            pico.run(1)
            if look:
                seen = stepper.emitted()
                assert len([us for us in pico.rises if us <= pico.us - 3]) <= seen <= len(pico.rises)
                assert 0 <= stepper.left() - (17 - len(pico.rises)) <= 1
        assert stepper.emitted() == 17
        trains.append(pico.edges)
    assert trains[0] == trains[1]


def test_the_count_goes_on_past_32_bits() -> None:
    pico, stepper = rig(quick())
    stepper._seen = 2**32 - 5
    pico.block.machines[1].x = 4
    stepper.grant(0, 9, 20)
    stepper._granted += 2**32 - 5
    pico.run(70)
    assert stepper.emitted() == 2**32 - 5 + len(pico.rises)
    pico.run(200)
    assert stepper.emitted() == 2**32 + 4
    assert stepper.left() == 0


@pytest.mark.req("motion", "H9", "GIP 1.6")
@pytest.mark.parametrize("phase", range(150))
def test_halt_in_every_phase(phase: int) -> None:
    """Whatever it is doing: no further edge, a pulse that began has its width, every step is either counted or given back."""
    pico, stepper = rig(quick())
    stepper.grant(12, 2, 27)
    stepper.grant(9, 3, 22)
    stepper.grant(0, 2, 20)
    pico.run(phase)
    rises = len(pico.rises)
    lost = stepper.halt()
    assert len(pico.rises) == rises
    assert stepper.emitted() == rises == 7 - lost
    assert (stepper.left(), stepper.room(), stepper.busy_us()) == (0, PLACES, 0)
    assert pico.level(2) == 0
    pico.run(300)
    assert len(pico.rises) == len(pico.falls) == rises
    assert all(2 <= width <= 9 for width in widths(pico))
    # and it goes on as new
    at = pico.us
    stepper.grant(30, 3, 25)
    pico.run(200)
    assert pico.rises[rises:] == [at + 30, at + 55, at + 80]
    assert stepper.emitted() == rises + 3


@pytest.mark.parametrize("phase", range(60))
def test_the_floor_holds_across_a_halt(phase: int) -> None:
    """A grant right after a stop: the motor still gets its shortest period."""
    pico, stepper = rig(quick())
    stepper.grant(9, 5, 20)
    pico.run(phase)
    stepper.halt()
    stepper.grant(0, 2, 20)
    pico.run(100)
    assert all(gap >= 20 for gap in gaps(pico.rises))


def test_halt_when_idle_gives_nothing_back() -> None:
    pico, stepper = rig(quick())
    assert stepper.halt() == 0
    stepper.grant(0, 3, 20)
    pico.run(100)
    assert (stepper.halt(), stepper.emitted()) == (0, 3)


def test_starvation_is_a_stop_and_a_late_grant_starts_anew() -> None:
    pico, stepper = rig(quick())
    stepper.grant(0, 4, 20)
    pico.run(10_000)
    assert (len(pico.rises), stepper.room()) == (4, PLACES)
    at = pico.us
    stepper.grant(40, 1, 20)
    pico.run(100)
    assert pico.rises[4:] == [at + 40]


def test_a_stall_of_400_ms_moves_no_edge() -> None:
    """Nothing but the PIO runs: four grants, no look from outside."""
    pico, stepper = rig(quick())
    at = pico.us
    for _ in range(PLACES):
        stepper.grant(0, 125, 1000)
    pico.run(400_000)
    assert pico.rises == [at + pio_step.FETCH_US + i * 1000 for i in range(400)]
    stepper.grant(0, 125, 1000)
    pico.run(300_000)
    assert pico.rises == [at + pio_step.FETCH_US + i * 1000 for i in range(625)]


def test_50000_steps_a_second_are_counted_exactly() -> None:
    """Fed as the app would, while there is room; two periods error-diffused to 20.5 us at the end."""
    pico, stepper = rig(quick())
    wanted: list[int] = []
    for steps, period in [(2500, 20)] * 8 + [(500, 20), (500, 21)] * 2:
        while not stepper.room():
            pico.run(997)
        stepper.grant(0, steps, period)
        wanted += [period] * steps
    pico.run(stepper.busy_us() + 20)
    assert stepper.emitted() == len(pico.rises) == 22_000
    assert gaps(pico.rises) == wanted[:-1]
    assert widths(pico) == {2}


def test_the_highest_rate_that_can_be_built() -> None:
    pico, stepper = rig(quick(MIN_PERIOD_US=11))
    for _ in range(3):
        stepper.grant(0, 5000, 11)
    pico.run(stepper.busy_us() + 20)
    assert stepper.emitted() == len(pico.rises) == 15_000
    assert set(gaps(pico.rises)) == {11}


def test_enable_gives_the_driver_its_time_once() -> None:
    pico, stepper = rig(quick())
    on = pico.us
    stepper.enable(True)
    pico.run(100)
    stepper.enable(True)  # it is on: that is no new start
    stepper.grant(0, 1, 20)
    pico.run(1000)
    assert pico.rises == [on + 500]
    at = pico.us
    stepper.grant(30, 1, 20)
    pico.run(100)
    assert pico.rises[1:] == [at + 30]
    stepper.enable(False)
    assert pico.level(4) == 1


def test_a_hold_is_over_however_long_ago_it_was() -> None:
    """ticks_us wraps every 18 minutes: an old set-up time must not look like one to come."""
    for later in (0, 2**29 - 1000, 2**29 + 1000, 2**30 - 600, 2**30 + 5000):
        pico, stepper = rig(quick())
        stepper.enable(True)
        pico.run(1000)
        pico.us += later  # nothing runs: only the clock goes on
        at = pico.us
        stepper.grant(50, 1, 20)
        pico.run(600)
        assert at + 50 <= pico.rises[0] <= at + 500


def test_times_hold_across_the_wrap_of_ticks() -> None:
    pico, stepper = rig(quick(), boot_us=2**30 - 200)
    at = pico.us
    stepper.grant(100, 3, 50)
    stepper.grant(5, 3, 50)
    assert stepper.busy_us() == 405
    pico.run(150)
    assert stepper.busy_us() == 255
    pico.run(400)
    assert pico.rises == [at + 100, at + 150, at + 200, at + 255, at + 305, at + 355]
    assert stepper.busy_us() == 0


def slowly(most: int) -> Iterator[int]:
    """How long an interpreter takes that has other things to do."""
    pick = random.Random(5)
    while True:
        yield pick.randrange(most)


def test_a_slow_interpreter_delays_a_start_and_nothing_else() -> None:
    """Each look at the clock or a register takes up to 40 us: the first pulse may come late, what is queued does not."""
    pico, stepper = rig(quick(), delays=slowly(40))
    for _ in range(30):
        asked, before = pico.us, len(pico.rises)
        stepper.grant(200, 20, 31)
        stepper.grant(3, 10, 31)
        pico.run(1300)
        train = pico.rises[before:]
        assert gaps(train) == [31] * 19 + [34] + [31] * 9
        assert 200 <= train[0] - asked <= 240
    assert stepper.emitted() == 900


@pytest.mark.parametrize("most", [3, 8, 25])
def test_a_slow_interpreter_sees_one_moment(most: int) -> None:
    """However the pulse maker moves on between two looks at it: room and left are what they were at some time during the call."""
    pico, stepper = rig(quick(), delays=slowly(most))
    for _ in range(40):
        start, seen = len(pico.rises), []
        for wait in (0, 1, 17, 2):
            stepper.grant(wait, 3, 20)
        while stepper.busy_us():
            before, room, between, left = pico.us, stepper.room(), pico.us, stepper.left()
            seen.append((before, room, between, left, pico.us))
        rises = pico.rises[start:]
        fetches = [first + 60 - pio_step.FETCH_US for first in rises[::3]]  # when each grant is done with
        assert len(rises) == 12
        for before, room, between, left, after in seen:
            assert sum(us < before for us in fetches) <= room <= sum(us <= between + 1 for us in fetches)
            assert sum(us > after + 3 for us in rises) <= left <= sum(us > between - 4 for us in rises)


def test_two_counts_around_left_always_frame_what_was_granted() -> None:
    """Pulses leave between two calls, so `emitted() + left()` may miss some; with a count before and one after, none is missed."""
    pico, stepper = rig(quick(), delays=slowly(40))
    granted = missed = 0
    for _ in range(40):
        stepper.grant(0, 30, 20)
        granted += 30
        while stepper.busy_us():
            before, left, after = stepper.emitted(), stepper.left(), stepper.emitted()
            assert before + left <= granted <= after + left
            missed += before + left != granted
    assert missed  # so the plain sum is no test of the motor while it runs


def test_a_broken_step_line_is_seen() -> None:
    """The pad does not follow: pulses were granted, none was seen, and what is left is what the pulse maker has not done."""
    pico, stepper = rig(quick())
    pico.mcu.gpio[2].pad_value &= ~(1 << 6)  # its input is off
    for _ in range(3):
        stepper.grant(0, 10, 20)
    pico.run(430)
    assert (stepper.emitted(), stepper.left()) == (0, 10)
    pico.run(500)
    assert (stepper.emitted(), stepper.left()) == (0, 0)


def test_a_noisy_step_line_is_seen() -> None:
    """More edges on the pad than were granted: the steps in the queue are still to come."""
    pico, stepper = rig(quick())
    stepper.grant(0, 10, 20)
    stepper.grant(0, 7, 20)
    for _ in range(47):
        pico.mcu.gpio[2].set_input_value(True)
        pico.run(3)
        pico.mcu.gpio[2].set_input_value(False)
        pico.run(1)
    assert (len(pico.rises), stepper.left()) == (10, 7)
    assert stepper.emitted() > 17


def test_a_fifo_that_was_not_joined_costs_places_not_words() -> None:
    """As on an emulator that does not know the join: two grants, every one of them whole."""
    pico = Pico(2, joins=False)
    stepper = Stepper(pico.rp2, pico.machine, pico.time, quick())
    assert stepper.room() == 2
    stepper.grant(0, 5, 20)
    stepper.grant(0, 5, 20)
    with pytest.raises(ValueError, match="no room"):
        stepper.grant(0, 5, 20)
    pico.run(500)
    assert stepper.emitted() == len(pico.rises) == 10


def test_a_clock_that_gives_no_whole_microsecond_is_refused() -> None:
    pico = Pico(2, clock_hz=133_333_333)
    with pytest.raises(ValueError, match="clock"):
        Stepper(pico.rp2, pico.machine, pico.time, quick())


@pytest.mark.parametrize("mhz", [1, 125, 133, 150, 200, 250])
def test_one_cycle_is_one_microsecond_exactly(mhz: int) -> None:
    _, stepper = rig(quick(), clock_hz=mhz * 1_000_000)
    assert stepper._maker.clkdiv == stepper._counter.clkdiv == mhz << 16


def test_close_leaves_nothing_running() -> None:
    pico, stepper = rig(quick())
    stepper.enable(True)
    stepper.grant(0, 1000, 20)
    pico.run(1000)
    stepper.close()
    rises = len(pico.rises)
    pico.run(5000)
    assert len(pico.rises) == rises > 0
    assert (pico.level(2), pico.level(4), pico.read(0)) == (0, 1, 0)


def test_the_program_is_the_boards() -> None:
    pico, stepper = rig(board(STEP_PULSE_US=9, MIN_PERIOD_US=537, RAMP=()))
    stepper.grant(0, 3, 537)
    pico.run(2000)
    assert gaps(pico.rises) == [537, 537]
    assert widths(pico) == {9}
