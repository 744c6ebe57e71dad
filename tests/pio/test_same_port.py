"""One port, two implementations: the driver on the PIO block and sim/stepper.py do the same for any sequence of grants and halts.

The pulse maker is a few cycles away from the ideal: it needs FETCH_US to start from rest, its counter sees an edge 2 cycles later,
and it takes the next grant that long before a slot's end. So both are compared at moments when no edge and no end is that close.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pump.drivers import pio_step
from pump.drivers.stepper import Stepper
from sim.clock import Clock
from sim.plant import Plant
from sim.stepper import Stepper as SimStepper
from sim.trace import Trace
from tests.pio.boards import quick
from tests.pio.pico import Pico

REQ = ("motion",)

CLOSE_US = pio_step.FETCH_US + 5
FLOOR_US = 30

GRANT = st.tuples(st.just("grant"), st.integers(0, 300), st.integers(1, 40), st.integers(FLOOR_US, 90))
TIGHT = st.tuples(st.just("grant"), st.integers(0, 3), st.integers(1, 40), st.integers(FLOOR_US, FLOOR_US + 2))
RUN = st.tuples(st.just("run"), st.integers(1, 2500))
HALT = st.tuples(st.just("halt"))
ENABLE = st.tuples(st.just("enable"), st.booleans())


class Pair:
    """Both at the same time, always."""

    def __init__(self) -> None:
        of = quick(MIN_PERIOD_US=FLOOR_US, ENABLE_SETUP_US=1)
        self.pico = Pico(of.PIN_STEP)
        self.real = Stepper(self.pico.rp2, self.pico.machine, self.pico.time, of)
        self.clock = Clock()
        self.sim = SimStepper(self.clock, Plant(1000, 1000000, 1000000, 3200), Trace(self.clock), FLOOR_US)
        self.slots: list[tuple[int, int, int]] = []  # grants that the simulation took: first pulse, steps, period
        self.ticks: set[int] = set()  # times of pulses and of ends
        self.calm()

    def run(self, us: int) -> None:
        self.pico.run(us)
        self.clock.us = self.pico.us

    def calm(self) -> None:
        """On to a moment with no edge and no end close by."""
        self.run(CLOSE_US)
        while any(abs(tick - self.clock.us) <= CLOSE_US for tick in self.ticks):
            self.run(1)

    def grant(self, delay_us: int, steps: int, period_us: int) -> None:
        outcome = [self._grant(stepper, delay_us, steps, period_us) for stepper in (self.real, self.sim)]
        assert outcome[0] == outcome[1]
        if outcome[1] == "":
            end = self.clock.us + self.sim.busy_us()
            first = end - steps * period_us
            self.slots.append((first, steps, period_us))
            self.ticks |= {*range(first, end, period_us), end}

    @staticmethod
    def _grant(stepper: object, *grant: int) -> str:
        try:
            stepper.grant(*grant)  # type: ignore[attr-defined]
        except ValueError as error:
            return str(error)
        return ""

    def halt(self) -> None:
        now = self.clock.us
        assert self.real.halt() == self.sim.halt()
        self.ticks = {tick for tick in self.ticks if tick <= now}
        self.slots = [(first, min(steps, max(0, -(-(now - first) // period))), period) for first, steps, period in self.slots]
        self.run(FLOOR_US)  # the driver keeps the motor's shortest period from a stop on

    def compare(self) -> None:
        real, sim = self.real, self.sim
        assert real.emitted() == sim.emitted()
        assert real.left() == sim.left()
        assert real.room() == sim.room()
        assert abs(real.busy_us() - sim.busy_us()) <= pio_step.FETCH_US


def play(script: list[tuple]) -> Pair:
    pair = Pair()
    for name, *arguments in script:
        if name == "enable":
            pair.real.enable(*arguments)
            pair.sim.enable(*arguments)
            pair.run(2)
        else:
            getattr(pair, name)(*arguments)
        pair.calm()
        pair.compare()
    return pair


@settings(deadline=None, max_examples=150)
@given(script=st.lists(st.one_of(GRANT, TIGHT, RUN, HALT, ENABLE), max_size=25))
def test_any_script(script: list[tuple]) -> None:
    pair = play(script)
    while pair.sim.busy_us():
        pair.run(pair.sim.busy_us())
    pair.calm()
    pair.compare()
    wanted = [first + i * period for first, steps, period in pair.slots for i in range(steps)]
    late = [edge - ideal for edge, ideal in zip(pair.pico.rises, wanted, strict=True)]
    assert all(0 <= us <= pio_step.FETCH_US for us in late)


def test_the_comparison_can_fail() -> None:
    """A cycle more for a step is seen within the train."""
    pair = Pair()
    pair.real.grant(50, 30, 40)
    pair.sim.grant(50, 30, 41)
    pair.run(50 + 29 * 40 + 10)
    with pytest.raises(AssertionError):
        pair.compare()
