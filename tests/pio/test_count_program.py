"""The count program: every pulse on the pad, whoever makes it, of any shape that lasts 2 cycles or more."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pump.drivers import pio_asm, pio_count
from tests.pio.pico import Pico

REQ = ("motion",)

PAD = 5
LEVEL = st.integers(2, 30)


def counted(levels: list[int], x: int = 2**32 - 1) -> int:
    """Drive the pad high, low, high, ... for so many cycles each, and read the count as the driver does."""
    pico = Pico(PAD)
    pico.mcu.gpio[PAD].pad_value |= 1 << 6
    counter = pico.rp2.StateMachine(1, pio_count.program(), freq=1_000_000, in_base=pico.machine.Pin(PAD))
    pico.block.machines[1].x = x
    counter.active(1)
    pico.run(5)
    for i, cycles in enumerate(levels):
        pico.mcu.gpio[PAD].set_input_value(i % 2 == 0)
        pico.run(cycles)
    pico.run(3)
    counter.exec(pio_asm.mov_not(pio_asm.ISR, pio_asm.X))
    counter.exec(pio_asm.push_noblock())
    return counter.get()


@settings(deadline=None, max_examples=100)
@given(levels=st.lists(LEVEL, max_size=60))
@example(levels=[2] * 60)
def test_every_pulse_counts_once(levels: list[int]) -> None:
    assert counted(levels) == (len(levels) + 1) // 2


def test_the_register_wraps() -> None:
    assert counted([2, 2] * 5, x=2) == (2**32 - 3 + 5) % 2**32
