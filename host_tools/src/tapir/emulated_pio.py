"""A PIO block of rp2040py that keeps up with a sleeping CPU, and its clock.

rp2040py advances its PIO once for each CPU instruction, and once for a whole jump of the clock while the chip sleeps; the block then
executes one instruction for each state machine and writes the rest of the jump off. Here a jump is handed over in pieces that end
where an instruction is due, so each runs at its own time.

Called by emulator.py; rp2040py finds it in `mcu.pio` and calls `advance`.
"""

from typing import Any

_FP = 256  # the block counts 1/256 of a cycle
_CYCLES_PER_US = 125
_DRIFT = 125  # cycles; the chip's clock is a float that rounds, the block's is not, so it is followed only when it was stopped


class Pio:
    """Stands where `block` stood in mcu.pio; everything else is the block's own. `clock` is the simulation's."""

    def __init__(self, block: Any, clock: Any) -> None:
        self._block = block
        self._clock = clock
        self._advance = block.advance
        self._left = 0  # cycles of the jump that are still to come
        self._base = 0  # chip's time - block's time
        self.machines = block.machines

    def __getattr__(self, name: str) -> Any:
        return getattr(self._block, name)

    @property
    def stopped(self) -> bool:
        """No state machine is on."""
        return bool(self._block.stopped)

    @property
    def now_us(self) -> int:
        """Virtual time of what the block does now. Within a jump the chip's clock is already at its end."""
        own = int(self._block.cycle_fp) // _FP
        chip = int(self._clock.nanos) * _CYCLES_PER_US // 1000 - self._left
        if abs(own + self._base - chip) > _DRIFT:
            self._base = chip - own
        return (own + self._base) // _CYCLES_PER_US

    def advance(self, cycles: int) -> None:
        """`cycles` of the system clock, however many: from one instruction that is due to the next."""
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
