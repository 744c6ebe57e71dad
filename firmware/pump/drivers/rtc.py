"""The rtc port of a bare Pico: it has no clock that can be trusted. MicroPython's own starts at 2021-01-01 at every power-on.

So R7 holds the therapy after every power cut until a person resumes it. A board with a DS3231 hands in another class.
"""


class NoRtc:
    """Never knows the time."""

    def seconds(self) -> "int | None":
        """None: its oscillator stopped with the power."""
        return None
