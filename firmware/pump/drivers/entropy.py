"""The entropy port: os.urandom (the SDK's pico_rand: ring oscillator, timers and bus counters), whitened with SHA-256.

32 of its bytes go into each block of 32 given out, and a pool that never repeats: the serial number, the microsecond of each call.
"""

import hashlib
import os
from time import ticks_us


class Entropy:
    """Called with n; gives n bytes."""

    def __init__(self, serial: bytes) -> None:
        self._pool = hashlib.sha256(serial).digest()

    def __call__(self, n: int) -> bytes:
        out = b""
        while len(out) < n:
            seed = self._pool + os.urandom(32) + ticks_us().to_bytes(4, "big")
            self._pool = hashlib.sha256(b"next" + seed).digest()
            out += hashlib.sha256(b"give" + seed).digest()
        return out[:n]
