"""Writes words that belong together into the watchdog's scratch registers: all of them before a bite, or none. RP2040 datasheet, 4.7.6.

A bite between two writes would leave a set that nobody can trust, and the pump would take the reset for a power cut. So if the bite is
so near that it could come in between, it is let come first: the loop hangs anyway, and what is noted is noted before it is granted.
Called by watchdog.py, which hands in machine.mem32.
"""

CTRL = 0x40058000
SCRATCH = 0x4005800C
_TIME = 0xFFFFFF  # of CTRL: until the bite, in half microseconds (it counts twice a tick: erratum RP2040-E1)
_NEAR = 100000  # 50 ms: longer than the writes and a collection of garbage among them


def keep(mem32: object, biting: bool, words: tuple) -> None:
    """`words` into registers 0, 1 ...; `biting`: the watchdog runs."""
    while biting and mem32[CTRL] & _TIME < _NEAR:  # type: ignore[index]
        pass
    for i, word in enumerate(words):
        mem32[SCRATCH + 4 * i] = word  # type: ignore[index]
