"""The status LED: a short flash every two seconds says that the loop runs; an alarm's priority blinks as IEC 60601-1-8 has it."""

from machine import Pin

from pump.drivers.rhythm import Rhythm

PATTERNS = (
    (30, 1970),  # no alarm: alive
    (1000, 1),  # LOW: steady
    (800, 800),  # MEDIUM: between 0.4 and 0.8 times a second
    (250, 250),  # HIGH: twice a second
)


class Led:
    """Flashes from the start."""

    def __init__(self, gpio: int) -> None:
        self._pin = Pin(gpio, Pin.OUT, value=0)
        self._rhythm = Rhythm(self._pin.value)
        self.run = self._rhythm.run
        self.show(0)

    def show(self, pattern: int) -> None:
        """0 no alarm, else a priority."""
        self._rhythm.play(PATTERNS[pattern])
