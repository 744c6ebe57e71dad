"""The encoder port: a quadrature encoder on the screw, counted by PIO1 whatever Python does (pio_quad.py). Evidence apart from the steps.

Counts are signed, since boot, forward positive; ENCODER_COUNTS of the board make a turn. If forward comes out negative, A and B are
swapped. Called by start.py if PIN_ENCODER_A is there; read by the app.
"""

from pump.drivers import pio_quad
from pump.drivers.pio_asm import NULL, Y, mov_not

_STATE_MACHINE = 4  # the first of PIO1
_TRIES = 20  # each takes a microsecond at least; a turn of the program takes 10
_SIGN, _SPAN = 1 << 31, 1 << 32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Module = Any
else:
    Module = object


class Encoder:
    """`rp2` and `machine` are MicroPython's modules. Counts from when it is made."""

    def __init__(self, rp2: Module, machine: Module, board: Module) -> None:
        pin = machine.Pin
        pin(board.PIN_ENCODER_B, pin.IN, pin.PULL_UP)
        first = pin(board.PIN_ENCODER_A, pin.IN, pin.PULL_UP)
        self._sm = sm = rp2.StateMachine(_STATE_MACHINE, pio_quad.program(), freq=pio_quad.HZ, in_base=first)
        self._count = 0
        sm.exec(mov_not(Y, NULL))
        sm.exec(pio_quad.levels())
        sm.active(1)

    def count(self) -> "int | None":
        """The port; None if it does not count. The FIFO holds old counts: the one after as many as it can hold is of now."""
        sm = self._sm
        for _ in range(pio_quad.DEPTH + 1):
            for _ in range(_TRIES):
                if sm.rx_fifo():
                    break
            else:
                return None
            word = sm.get()
        self._count += (word - self._count + _SIGN) % _SPAN - _SIGN
        return self._count
