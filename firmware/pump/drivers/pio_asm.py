"""Encodes PIO instructions: the 16 bits of the RP2040 datasheet, section 3.4. Pure, so tests run the very words that are flashed.

`rp2.asm_pio` would do, but it needs an RP2040 and takes its constants at import; ours come from the board. Delay and side-set are
or-ed in by the program that knows how many side-set pins it has. Called by the pio_*.py programs and by stepper.py.
"""

# conditions of jmp
X_DEC, Y_DEC = 2, 4  # taken if the register is not 0; then it counts down, taken or not
# sources and destinations
PINS, X, Y, NULL, PC, ISR, OSR = 0, 1, 2, 3, 5, 6, 7
# sources of wait
PIN = 1


def jmp(address: int, condition: int = 0) -> int:
    """`address` counts from the program's start; whoever loads it relocates it."""
    return condition << 5 | address


def wait(level: int, source: int, index: int) -> int:
    return 0x2000 | level << 7 | source << 5 | index


def in_(source: int, bits: int) -> int:
    return 0x4000 | source << 5 | bits & 31


def out(destination: int, bits: int) -> int:
    return 0x6000 | destination << 5 | bits & 31


def push_noblock() -> int:
    """ISR to the RX FIFO."""
    return 0x8000


def pull() -> int:
    """TX FIFO to OSR; waits for a word."""
    return 0x80A0


def pull_noblock() -> int:
    """TX FIFO to OSR; X to OSR if there is none."""
    return 0x8080


def mov(destination: int, source: int) -> int:
    return 0xA000 | destination << 5 | source


def mov_not(destination: int, source: int) -> int:
    """All bits inverted."""
    return 0xA008 | destination << 5 | source


def set_(destination: int, value: int) -> int:
    return 0xE000 | destination << 5 | value
