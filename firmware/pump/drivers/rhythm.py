"""Plays a row of (on, off, on, off ...) times in ms over and over, without blocking. Used by buzzer.py and led.py.

`run` is called by hw.wait; it switches what is due and says how long nothing is.
"""

from time import ticks_diff, ticks_ms

NEVER = 3600000


class Rhythm:
    """`switch(on)` is called at every change; an empty row is off."""

    def __init__(self, switch: object) -> None:
        self._switch = switch
        self._row: tuple = ()
        self._i = 0
        self._at = 0

    def play(self, row: tuple) -> None:
        """Begin a row now."""
        self._row = row
        self._i = 0
        self._at = ticks_ms()
        self._switch(bool(row))  # type: ignore[operator]

    def run(self) -> int:
        """ms until it must be called again."""
        row = self._row
        if not row:
            return NEVER
        now = ticks_ms()
        late = ticks_diff(now, self._at) - row[self._i]
        if late < 0:
            return -late
        self._i = (self._i + 1) % len(row)
        self._at = now
        self._switch(self._i % 2 == 0)  # type: ignore[operator]
        return int(row[self._i])
