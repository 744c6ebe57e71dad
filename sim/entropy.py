"""The entropy port of the simulator: a counter hashed with the seed. Same seed, same bytes, on every interpreter.

The boot number goes in, so that a restarted pump does not repeat its nonces.
"""

import hashlib


class Entropy:
    def __init__(self, seed: int, boot: int) -> None:
        self._prefix = "tapir-sim " + str(seed) + " " + str(boot) + " "
        self._count = 0

    def __call__(self, n: int) -> bytes:
        """`n` bytes."""
        out = b""
        while len(out) < n:
            out += hashlib.sha256((self._prefix + str(self._count)).encode()).digest()
            self._count += 1
        return out[:n]
