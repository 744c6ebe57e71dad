"""Pump time: powered ms since provisioning, from ticks that wrap at 2^30.

It goes on across resets from what the journal or the watchdog's scratch words remember, and never back. `now` must be asked at
least every 2^29 ms (6 days); the loop does so every hour.
"""

_WRAP = 1 << 30


class Clock:
    """`base` is the pump time at the last boot."""

    def __init__(self, ticks_ms: object, base: int = 0) -> None:
        self._ticks_ms = ticks_ms
        self._last = ticks_ms()  # type: ignore[operator]
        self._now = base

    def now(self) -> int:
        """Pump time in ms."""
        ticks = self._ticks_ms()  # type: ignore[operator]
        if ticks != self._last:
            self._now += (ticks - self._last) % _WRAP
            self._last = ticks
        return self._now

    def set_base(self, base: int) -> None:
        """Boot has found out what time it was; what has passed since boot is added."""
        self._now += base
