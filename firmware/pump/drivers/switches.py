"""The switches port: push buttons to ground with the Pico's pull-ups, debounced by time.

A change counts when the pins have read the same for DEBOUNCE_MS; `poll` looks and hw.wait calls it at least every 50 ms. A button
that is held for good is the panel's business (stuck key), not this file's.
"""

from time import ticks_diff, ticks_ms

from machine import Pin

DEBOUNCE_MS = 20


class Switches:
    """`pins`: (mask bit, GPIO or None if the board has no such button); closed reads low."""

    def __init__(self, pins: tuple) -> None:
        self._pins = [(mask, Pin(gpio, Pin.IN, Pin.PULL_UP)) for mask, gpio in pins if gpio is not None]
        self._seen = 0
        self._since = ticks_ms()
        self._mask = 0

    def pressed(self) -> int:
        """The port: mask of the buttons held."""
        return self._mask

    def poll(self) -> bool:
        """Look at the pins; True if what counts has changed."""
        seen = 0
        for mask, pin in self._pins:
            if not pin.value():
                seen |= mask
        now = ticks_ms()
        if seen != self._seen:
            self._seen = seen
            self._since = now
            return False
        if seen == self._mask or ticks_diff(now, self._since) < DEBOUNCE_MS:
            return False
        self._mask = seen
        return True

    def settling(self) -> bool:
        """Something is bouncing or about to count: look again soon."""
        return self._seen != self._mask
