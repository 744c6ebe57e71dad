"""Safe outputs: no state machine, no DMA, motor driver off, whatever ran before. The first thing at boot and the first on every exit.

Works from the board's data alone and through registers, so that it needs no driver to be sound. A reset of the chip does the same
for the pins (inputs with pull-down; the board's pull-up turns the motor driver off), but not a soft reset or an exception.
"""

from machine import Pin, mem32

_PIO_CTRL = (0x50200000, 0x50300000)
_DMA_ABORT = 0x50000444


def outputs_off(board: object) -> None:
    """Motion is impossible from here until somebody builds a Stepper again."""
    for ctrl in _PIO_CTRL:
        mem32[ctrl] = 0
    mem32[_DMA_ABORT] = 0xFFF
    Pin(board.PIN_ENABLE, Pin.OUT, value=1 - board.ENABLE_ON)  # type: ignore[attr-defined]
    Pin(board.PIN_STEP, Pin.OUT, value=0)  # type: ignore[attr-defined]
