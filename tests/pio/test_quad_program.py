"""The encoder program, cycle by cycle, on two emulators, and the driver on one of them: any walk of the two lines is counted exactly."""

import itertools
from array import array
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pioemu import ShiftRegister, State, clock_cycles_reached, emulate

from pump.drivers import pio_quad
from pump.drivers.encoder import Encoder
from tests.pio.pico import Pico

REQ = ("motion",)

A, B = 10, 11
GRAY = (0b00, 0b01, 0b11, 0b10)  # B A, as A leads: the cycle of an encoder that turns forward
TURN = 10  # the program's slowest turn in cycles, counted by hand in its listing


class Walk:
    """Where an encoder stands, and the levels it has: its position is the truth."""

    def __init__(self, start: int = 0) -> None:
        self.at = start
        self.levels = GRAY[start % 4]

    def step(self, by: int) -> int:
        self.at += by
        self.levels = GRAY[self.at % 4]
        return self.levels


def on_rp2040py(levels: list[tuple[int, int]], first: int) -> int:
    """(levels, cycles) after `first`; the count as the driver reads it."""
    rig = Rig(first)
    for level, cycles in levels:
        rig.drive(level)
        rig.pico.run(cycles)
    rig.pico.run(3 * TURN)
    count = rig.count()
    assert count is not None
    return count


def on_pioemu(levels: list[tuple[int, int]], first: int) -> int:
    program = pio_quad.program()
    ends = list(itertools.accumulate(cycles for _, cycles in levels))
    whole = (ends[-1] if ends else 0) + 3 * TURN
    row = [level for level, cycles in levels for _ in range(cycles)]

    def pins(clock: int) -> int:
        return row[min(clock, len(row) - 1)] if row else first

    count = None
    state = State(y_register=2**32 - 1, output_shift_register=ShiftRegister(first, 0))
    run = emulate(
        list(program[0]),
        stop_when=clock_cycles_reached(whole),
        initial_state=state,
        input_source=pins,
        shift_isr_right=False,
        shift_osr_right=True,
        wrap_target=program[4] >> 7 & 31,
        wrap_top=program[4] >> 12 & 31,
    )
    for _, after in run:
        while after.receive_fifo:
            count = after.receive_fifo.popleft()
    assert count is not None
    return count - 2**32 if count >> 31 else count


ENGINES = {"rp2040py": on_rp2040py, "pioemu": on_pioemu}
engines = pytest.mark.parametrize("engine", list(ENGINES.values()), ids=list(ENGINES))


class Rig:
    """An encoder on a Pico without a CPU."""

    def __init__(self, levels: int = 0, **how: Any) -> None:
        self.pico = Pico(2, pio=1, **how)
        for pin in (A, B):
            self.pico.mcu.gpio[pin].pad_value |= 1 << 6
        self.drive(levels)
        self.encoder = Encoder(self.pico.rp2, self.pico.machine, SimpleNamespace(PIN_ENCODER_A=A, PIN_ENCODER_B=B))

    def drive(self, levels: int) -> None:
        self.pico.mcu.gpio[A].set_input_value(bool(levels & 1))
        self.pico.mcu.gpio[B].set_input_value(bool(levels & 2))

    def count(self) -> int | None:
        """Looking takes time, in which the program goes on."""
        self.pico._delays = itertools.repeat(3)
        count = self.encoder.count()
        self.pico._delays = None
        return count


# From pioasm (adafruit-circuitpython-pioasm 1.3.8) for the listing in the comments
LISTING = """
  000f 000e 0015 000f  0015 000f 000f 000e  000e 000f 000f 0015  000f 0015
  008f  forward: jmp y-- same
  a0ca  same: mov isr, ~y
  8000  push noblock
  60c2  out isr, 2
  4002  in pins, 2
  a0e6  mov osr, isr
  a0a6  mov pc, isr
  a04a  back: mov y, ~y
  0097  jmp y-- cont
  a04a  cont: mov y, ~y
"""


def test_the_words_are_those_of_pioasm() -> None:
    words = [int(word, 16) for line in LISTING.splitlines() for word in line.split() if len(word) == 4 and word[0] in "0468a"]
    program = pio_quad.program()
    assert list(program[0])[:24] == words
    assert len(program[0]) == 32 and isinstance(program[0], array)  # it fits at address 0 only
    assert program[4] == 23 << 12 | 15 << 7
    assert pio_quad.levels() == 0xA0E0  # mov osr, pins


@engines
@pytest.mark.parametrize(("before", "after"), [(a, b) for a in range(4) for b in range(4)])
def test_every_pair_of_levels(engine: Any, before: int, after: int) -> None:
    """One each way, nothing for no change, and nothing for both lines at once."""
    way = (GRAY.index(after) - GRAY.index(before)) % 4
    wanted = {0: 0, 1: 1, 2: 0, 3: -1}[way]
    assert engine([(before, 3 * TURN), (after, 3 * TURN)], before) == wanted


@engines
@pytest.mark.parametrize("start", range(4))
@pytest.mark.parametrize("way", [1, -1])
def test_the_fastest_encoder_loses_nothing(engine: Any, start: int, way: int) -> None:
    """Levels of one turn of the program each, whichever cycle of it they begin in, and direction kept for 30 counts."""
    for phase in range(TURN):
        walk = Walk(start)
        first = walk.levels
        levels = [(first, TURN + phase)] + [(walk.step(way), TURN) for _ in range(30)]
        assert engine(levels, first) == walk.at - start


@engines
@settings(deadline=None, max_examples=60)
@given(start=st.integers(0, 3), walk=st.lists(st.tuples(st.sampled_from([1, -1]), st.integers(TURN, 3 * TURN)), max_size=40))
@example(start=0, walk=[(1, TURN), (-1, TURN)] * 20)
def test_any_walk(engine: Any, start: int, walk: list[tuple[int, int]]) -> None:
    """With every change of direction, jitter on an edge included."""
    way = Walk(start)
    first = way.levels
    levels = [(way.step(by), cycles) for by, cycles in walk]
    assert engine(levels, first) == way.at - start


@engines
def test_levels_shorter_than_a_turn_can_be_lost(engine: Any) -> None:
    """So the limit above is the program's, and the test can fail."""
    lost = 0
    for cycles in range(1, 5):
        walk = Walk()
        lost += engine([(walk.step(1), cycles) for _ in range(40)], 0) != 40
    assert lost


def test_the_driver_reads_what_is_now() -> None:
    """However long nobody looked: the FIFO's old counts are thrown away."""
    rig = Rig()
    walk = Walk()
    for pause in (0, 7, 100, 5000):
        for by in (1, 1, 1, -1):
            rig.drive(walk.step(by))
            rig.pico.run(TURN + 3)
        rig.pico.run(pause + TURN)
        assert rig.count() == walk.at
    assert walk.at == 8


@pytest.mark.parametrize("start", [2**31 - 3, -(2**31) + 3, 2**32 - 3, 0])
def test_the_count_goes_on_past_32_bits(start: int) -> None:
    for way in (1, -1):
        rig = Rig()
        rig.encoder._count = start
        rig.pico.block.machines[0].y = ~start % 2**32
        walk = Walk()
        for _ in range(8):
            rig.drive(walk.step(way))
            rig.pico.run(TURN)
        rig.pico.run(4 * TURN)
        assert rig.count() == start + 8 * way


def test_a_program_that_does_not_run_has_no_answer() -> None:
    rig = Rig()
    rig.pico._delays = itertools.repeat(3)
    walk = Walk()
    for _ in range(5):
        rig.drive(walk.step(1))
        rig.pico.run(TURN)
    rig.pico.run(TURN)
    assert rig.count() == 5
    rig.encoder._sm.active(0)
    for _ in range(3):
        assert rig.count() is None
