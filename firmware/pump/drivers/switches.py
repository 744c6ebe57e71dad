"""The switches port: push buttons to ground with the Pico's pull-ups, debounced by time. ends.py looks at its pins the same way.

A change counts when the pins have read the same for DEBOUNCE_MS; `poll` looks and hw.wait calls it at least every 50 ms. A button
that is held for good is the panel's business (stuck key), not this file's.
"""

DEBOUNCE_MS = 20

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Module = Any
else:
    Module = object


class Switches:
    """`machine` and `time` are MicroPython's modules; `pins`: (mask bit, GPIO or None if the board has no such button)."""

    LEVEL = 0  # that sets a bit: a button closes to ground

    def __init__(self, machine: Module, time: Module, pins: tuple) -> None:
        pin = machine.Pin
        self._pins = [(mask, pin(gpio, pin.IN, pin.PULL_UP)) for mask, gpio in pins if gpio is not None]
        self._time = time
        self._seen = 0
        self._since = time.ticks_ms()
        self._mask = 0

    def pressed(self) -> int:
        """The port: mask of the buttons held."""
        return self._mask

    def poll(self) -> bool:
        """Look at the pins; True if what counts has changed."""
        seen = self._look()
        now = self._time.ticks_ms()
        if seen != self._seen:
            self._seen = seen
            self._since = now
            return False
        if seen == self._mask or self._time.ticks_diff(now, self._since) < DEBOUNCE_MS:
            return False
        self._mask = seen
        return True

    def settling(self) -> bool:
        """Something is bouncing or about to count: look again soon."""
        return self._seen != self._mask

    def _look(self) -> int:
        seen = 0
        for mask, pin in self._pins:
            if pin.value() == self.LEVEL:
                seen |= mask
        return seen
