"""Tests of processor and memory that need no more than MicroPython: for drivers/post.py, and for the simulator's.

RAM is tried where the heap gives room: patterns through _BLOCKS blocks, all held at once, so that each is another place. What is in use
is not written to. A call is a slice; times do not matter to it.
"""

from binascii import crc32
from hashlib import sha256

_BLOCKS = 16
_BYTES = 1024
_PATTERNS = (b"\x55\xaa", b"\xaa\x55", b"\x00\xff", b"\xff\x00")
_ABC = b"\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23"  # FIPS 180-2, B.1: how SHA-256 of "abc" begins


def processor() -> str:
    """Known answers, by arithmetic and by the digests that the wire depends on."""
    product = 1234567 * 891
    for _ in range(31):
        product = product * 31 % 1000003 + (product >> 7 ^ 21845)
    if product != 729511 or -7 // 2 != -4 or -7 % 3 != 2 or 7 << 20 != 7340032:
        return "arithmetic is wrong"
    if crc32(b"123456789") != 0xCBF43926 or sha256(b"abc").digest()[:16] != _ABC:
        return "a digest is wrong"
    return ""


class Ram:
    """A round of slices after another."""

    def __init__(self) -> None:
        self._held: list = []

    def test(self) -> "str | bool":
        """One block; True if there are more, "" at the end of a round."""
        block = bytearray(_BYTES)
        for pattern in _PATTERNS:
            whole = pattern * (_BYTES // 2)
            block[:] = whole
            if block != whole:
                self._held = []
                return "RAM does not keep what is written"
        self._held.append(block)
        if len(self._held) < _BLOCKS:
            return True
        self._held = []
        return ""
