"""The buzzer port: a piezo on a PWM pin. Rhythms after IEC 60601-1-8, by priority; pulses in ms.

HIGH is twice five pulses, MEDIUM three, LOW two. hw.wait plays them; a loop that hangs leaves the tone on until the watchdog bites.
"""

from machine import PWM, Pin

from pump.drivers.rhythm import Rhythm

_TONE_HZ = 2730  # where small piezos are loudest
_HIGH = (150, 100, 150, 100, 150, 250, 150, 100, 150)
PATTERNS = (
    (),
    (200, 200, 200, 20000),  # LOW
    (200, 200, 200, 200, 200, 10000),  # MEDIUM
    _HIGH + (700,) + _HIGH + (5000,),  # HIGH
)


class Buzzer:
    """Silent when made."""

    def __init__(self, gpio: int) -> None:
        self._pwm = PWM(Pin(gpio), freq=_TONE_HZ, duty_u16=0)
        self._rhythm = Rhythm(self.tone)
        self.run = self._rhythm.run

    def sound(self, pattern: int) -> None:
        """The port: 0 silent, else a priority."""
        self._rhythm.play(PATTERNS[pattern])

    def tone(self, on: bool) -> None:
        """The tone itself, now."""
        self._pwm.duty_u16(32768 if on else 0)
