"""The PIO program that makes the step pulses. A grant is two words; one cycle is 1 us.

    A = steps - 1 in bits 0..12, wait in bits 13..31      1..8192 steps, 0..524287 us
    B = period - floor                                    us

Pulses leave `wait` us after the slot before (a slot is a pulse and the period that begins with it), then a period apart: exactly, also
from grant to grant, because asking for the next words takes as long as going round for the next step (6 cycles).

What holds for any words whatever: between two rising edges lie at least `floor` us, a pulse lasts exactly `pulse` us, word A alone
moves nothing, A and B move at most 8192 steps, and without words the program stands still with STEP low (the pull at 0 or 4).

X = steps still to come, Y = counts every wait, OSR = period - floor for the whole train, ISR is free. STEP is the one side-set pin,
named by every instruction. The TX FIFO takes the RX one's words too: 8 words, 4 grants. Tests: tests/pio/. Called by stepper.py.
"""

from array import array

from pump.drivers.pio_asm import OSR, X_DEC, Y_DEC, X, Y, jmp, mov, out, pull, set_

HZ = 1000000
STEPS_BITS = 13
MAX_STEPS = 1 << STEPS_BITS
MAX_WAIT_US = (1 << 32 - STEPS_BITS) - 1
MAX_PERIOD_US = 524287  # the program would wait longer; the driver does not
WORDS = 2  # of a grant
FETCH_US = 5  # from the pull that was waiting to the pulse, when A says no wait

_FIXED = 8  # cycles of a slot besides the pulse and the two waits that make the floor
_DELAY = 16  # an instruction with one side-set pin lasts 1..16 cycles
_LOOPS = 32  # `set` holds 0..31
_HIGH = 1 << 12
# As rp2.asm_pio has them: see MicroPython's ports/rp2/modules/rp2.py
_OUT_LOW = 2
_JOIN_TX = 1 << 30
_OUT_RIGHT = 1 << 19


def floor_range(pulse_us: int) -> tuple[int, int]:
    """The shortest and the longest floor that can be built in."""
    return pulse_us + _FIXED + 1, pulse_us + _FIXED + _LOOPS * _DELAY + _DELAY - 1


def program(pulse_us: int, floor_us: int) -> list:
    """What @rp2.asm_pio returns: words, three offsets, EXECCTRL, SHIFTCTRL, then the pins of out, set and side-set."""
    shortest, longest = floor_range(pulse_us)
    if not 1 <= pulse_us <= _DELAY or not shortest <= floor_us <= longest:
        raise ValueError("pulse or floor")
    rest = floor_us - pulse_us - _FIXED
    turns, turn, more = (rest // _DELAY, _DELAY, rest % _DELAY) if rest >= _DELAY else (1, rest, 0)
    words = array(
        "H",
        (
            _low(pull()),  # 0: wait for word A
            _low(out(X, STEPS_BITS)),  # 1
            _low(mov(Y, OSR)),  # 2
            _low(jmp(3, Y_DEC)),  # 3: wait + 1 cycles
            _low(pull()),  # 4: wait for word B
            _high(set_(Y, turns - 1), pulse_us),  # 5: the pulse
            _low(jmp(6, Y_DEC), turn),  # 6: turns * turn cycles of the floor
            _low(mov(Y, OSR), 1 + more),  # 7: the rest of them
            _low(jmp(8, Y_DEC)),  # 8: B + 1 cycles
            _low(jmp(10, X_DEC)),  # 9: another step, or wrap to 0
            _low(jmp(5), 5),  # 10: as long as 0 to 4
        ),
    )
    return [words, -1, -1, -1, 9 << 12, _JOIN_TX | _OUT_RIGHT, None, None, _OUT_LOW]


def _low(instruction: int, cycles: int = 1) -> int:
    return instruction | cycles - 1 << 8


def _high(instruction: int, cycles: int) -> int:
    return _HIGH | instruction | cycles - 1 << 8
