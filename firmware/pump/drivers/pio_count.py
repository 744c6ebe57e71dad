"""The PIO program that counts the pulses on the STEP pad, as the motor driver sees them: evidence apart from the program that makes them.

X counts down from 2^32 - 1 at each rising edge, so that ~X is the number of pulses. It is read while it runs by executing
`mov isr, ~x` and `push noblock` on this state machine; the one that makes the pulses is not touched. Tests: tests/pio/. Called by
stepper.py.
"""

from array import array

from pump.drivers.pio_asm import PIN, X_DEC, jmp, wait

HZ = 1000000  # a level that lasts 2 us is seen


def program() -> list:
    """What @rp2.asm_pio returns; in_base is the STEP pin."""
    words = array(
        "H",
        (
            wait(0, PIN, 0),  # 0
            wait(1, PIN, 0),  # 1: the rising edge
            jmp(0, X_DEC),  # 2: count it (at X = 0 it wraps to 0 as well)
        ),
    )
    return [words, -1, -1, -1, 2 << 12, 0, None, None, None]
