"""A PIO block of rp2040py that keeps up with a sleeping CPU, and its clock.

rp2040py advances its PIO once for each CPU instruction, and once for a whole jump of the clock while the chip sleeps; the block then
executes one instruction for each state machine and writes the rest of the jump off. Here a jump is handed over in pieces that end
where an instruction is due, so each runs at its own time. That costs a call for each CPU instruction, so it is done only while
state machine 0 has something to do: from a word in its FIFO until it sleeps.

Called by emulator.py; rp2040py finds the block, or the Pio in its place, in `mcu.pio`.
"""

from typing import Any

from rp2040py.utils.fifo import FIFO

_FP = 256  # the block counts 1/256 of a cycle
_CYCLES_PER_US = 125
_DRIFT = 125  # cycles; the chip's clock is a float that rounds, the block's is not, so it is followed only when it was stopped
_INSTRUCTION = 8  # cycles; what is longer would be written off in part
_NEVER = 1 << 40  # cycles; nothing is due


class Pio:
    """Stands in for block 0 of `mcu` at times; everything else is the block's own. `clock` is the simulation's."""

    def __init__(self, mcu: Any, clock: Any) -> None:
        self._places = mcu.pio
        self._block = mcu.pio[0]
        self._clock = clock
        self._advance = self._block.advance
        self._left = 0  # cycles of the jump that are still to come
        self._base = 0  # chip's time - block's time
        self.stopped = False
        self._block.machines[0].tx_fifo = Fifo(self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._block, name)

    def step_in(self) -> None:
        """A word came."""
        self._places[0] = self

    @property
    def now_us(self) -> int:
        """Virtual time of what the block does now. Within a jump the chip's clock is already at its end."""
        own = int(self._block.cycle_fp) // _FP
        chip = int(self._clock.nanos) * _CYCLES_PER_US // 1000 - self._left
        if abs(own + self._base - chip) > _DRIFT:
            self._base = chip - own
        return (own + self._base) // _CYCLES_PER_US

    def advance(self, cycles: int) -> None:
        """`cycles` of the system clock, however many."""
        if cycles <= _INSTRUCTION:
            self._advance(cycles)
        else:
            self._jump(cycles)

    def _jump(self, cycles: int) -> None:
        """From one instruction that is due to the next."""
        block, advance = self._block, self._advance
        while True:
            due = max(1, (block.next_due_fp - block.cycle_fp + _FP - 1) // _FP)
            if due >= cycles:
                break
            cycles -= due
            self._left = cycles
            advance(due)
        self._left = 0
        advance(cycles)
        if due > _NEVER:
            self._places[0] = block


class Fifo(FIFO):
    """The joined TX FIFO of state machine 0, 8 words, which rp2040py does not know."""

    def __init__(self, pio: Pio) -> None:
        super().__init__(8)
        self._pio = pio

    def push(self, value: int) -> None:
        self._pio.step_in()
        super().push(value)
