"""Runs words through the step program on two emulators that have nothing in common, and says what should come out.

An engine takes (program, words, cycles) and gives the cycles at which STEP rose and fell, counted from the one in which the waiting
program got its first word. The FIFO is filled beforehand, so at most 8 words.
"""

from collections import deque
from collections.abc import Callable

from pioemu import State, clock_cycles_reached, emulate

from tests.pio.pico import Pico

STEP = 2
Edges = tuple[list[int], list[int]]
Engine = Callable[[list, list[int], int], Edges]


def on_rp2040py(program: list, words: list[int], cycles: int) -> Edges:
    pico = Pico(STEP)
    maker = pico.rp2.StateMachine(0, program, freq=1_000_000, sideset_base=pico.machine.Pin(STEP))
    for word in words:
        maker.put(word)
    maker.active(1)
    pico.run(1)
    base = pico.us  # the pull took this cycle
    pico.run(cycles)
    return [us - base for us in pico.rises], [us - base for us in pico.falls]


def on_pioemu(program: list, words: list[int], cycles: int) -> Edges:
    rises, falls, level = [], [], 0
    run = emulate(
        list(program[0]),
        stop_when=clock_cycles_reached(cycles + 1),
        initial_state=State(transmit_fifo=deque(words)),
        side_set_base=0,
        side_set_count=1,
        shift_osr_right=True,
        wrap_target=program[4] >> 7 & 31,
        wrap_top=program[4] >> 12 & 31,
    )
    for before, after in run:
        if after.pin_values & 1 != level:
            level = after.pin_values & 1
            (rises if level else falls).append(before.clock)
    return rises, falls


ENGINES = {"rp2040py": on_rp2040py, "pioemu": on_pioemu}


def word_a(steps: int, wait: int) -> int:
    return (steps - 1) + wait * 8192


def oracle(words: list[int], floor: int, cycles: int) -> list[int]:
    """When pulses begin, from the words' meaning alone: 5 cycles to fetch a grant from rest, none from a running one."""
    rises: list[int] = []
    at = 5
    for a, b in zip(words[0::2], words[1::2], strict=False):
        steps, wait, period = a % 8192 + 1, a // 8192, floor + b
        at += wait
        rises += range(at, min(at + steps * period, cycles), period)
        at += steps * period
        if at >= cycles:
            break
    return [us for us in rises if us < cycles]
