"""The PIO program that counts a quadrature encoder: every edge of A and B is one, forward when A leads.

    A B   00 -> 10 -> 11 -> 01 -> 00   forward; the other way round back; both at once is no step of an encoder and counts nothing

Each turn of the loop puts the last two levels and the present two together and jumps to that number: a table of 16 at address 0, so the
program must lie there, and is made 32 words long so that it can lie nowhere else. A turn takes at most 10 cycles and the levels are
looked at once in each, so levels that last 10 cycles are never missed. It offers the count to the RX FIFO in every turn; a full FIFO
keeps the old ones. Y counts down for forward, so that ~Y is the count. Tests: tests/pio/. Called by encoder.py, for PIO1: PIO0 is full.
"""

from array import array

from pump.drivers.pio_asm import ISR, OSR, PC, PINS, Y_DEC, Y, in_, jmp, mov, mov_not, out, push_noblock

HZ = 1000000
TURN_US = 10
DEPTH = 4  # counts that the FIFO may hold from before

_FORWARD, _SAME, _BACK = 14, 15, 21
_OUT_RIGHT = 1 << 19  # IN shifts left: the older levels are above
_WORDS = 32


def program() -> list:
    """What @rp2.asm_pio returns; in_base is A, and B the next GPIO. `levels` is to be executed before it starts."""
    words = array(
        "H",
        (
            # last and present levels as B A B A
            jmp(_SAME),  # 00 00
            jmp(_FORWARD),  # 00 01
            jmp(_BACK),  # 00 10
            jmp(_SAME),  # 00 11: both
            jmp(_BACK),  # 01 00
            jmp(_SAME),  # 01 01
            jmp(_SAME),  # 01 10: both
            jmp(_FORWARD),  # 01 11
            jmp(_FORWARD),  # 10 00
            jmp(_SAME),  # 10 01: both
            jmp(_SAME),  # 10 10
            jmp(_BACK),  # 10 11
            jmp(_SAME),  # 11 00: both
            jmp(_BACK),  # 11 01
            jmp(_SAME, Y_DEC),  # 11 10, and every forward edge
            mov_not(ISR, Y),  # 15: 11 11, and the turn begins
            push_noblock(),  # 16
            out(ISR, 2),  # 17: the last levels; the rest of ISR is 0
            in_(PINS, 2),  # 18
            mov(OSR, ISR),  # 19
            mov(PC, ISR),  # 20
            mov_not(Y, Y),  # 21: back is ~(~Y - 1)
            jmp(23, Y_DEC),  # 22
            mov_not(Y, Y),  # 23, and wrap to 15
        ),
    )
    words.extend(array("H", [0] * (_WORDS - len(words))))
    return [words, -1, -1, -1, 23 << 12 | _SAME << 7, _OUT_RIGHT, None, None, None]


def levels() -> int:
    """The instruction that takes the present levels for the last ones."""
    return mov(OSR, PINS)
