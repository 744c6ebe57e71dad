"""Virtual time.

`us` is absolute virtual time of the profile in microseconds: it never goes back, runs through resets and counts the
time without power too. Only the owner of the loop (pace.py, rig.py) moves it. The firmware sees what a Pico would
show: milliseconds since this boot, wrapping at 2^30.
"""

WRAP_MS = 1 << 30
_MASK = WRAP_MS - 1


class Clock:
    """The clock port. `ticks_at_boot` lets a test start just before a wrap."""

    def __init__(self, us: int = 0, ticks_at_boot: int = 0) -> None:
        self.us = us
        self.boot_us = us
        self._origin_us = us - ticks_at_boot * 1000

    def ticks_ms(self) -> int:
        """Milliseconds since boot, 0..2^30-1."""
        return (self.us - self._origin_us) // 1000 & _MASK
