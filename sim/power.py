"""What survives what: reset cause and scratch registers (lost at power-on), and the board's clock with its own cell."""

from .clock import Clock

POWER_ON, WATCHDOG, SOFT = 0, 1, 2
CAUSES = ("power", "watchdog", "soft")
TIMEOUT_MS = 2000  # of the watchdog, as on the Pico


class Bitten(Exception):
    """The interpreter hangs where it is, until the watchdog bites: for who owns the loop."""


class Watchdog:
    """The watchdog port. The loop's wait feeds it; a hang longer than TIMEOUT_MS is a bite (faults.py)."""

    def __init__(self, cause: int, scratch: list[int]) -> None:
        self._cause = cause
        self.scratch_words = [0, 0, 0, 0] if cause == POWER_ON else list(scratch)

    def feed(self) -> None:
        """Nothing to do: time stands still while Python runs."""

    def cause(self) -> int:
        """0 POWER_ON, 1 WATCHDOG, 2 SOFT."""
        return self._cause

    def scratch(self, i: int) -> int:
        return self.scratch_words[i]

    def keep(self, check: int, first: int, second: int) -> None:
        """Words 0 to 2 at once."""
        for i, value in enumerate((check, first, second)):
            self.set_scratch(i, value)

    def set_scratch(self, i: int, value: int) -> None:
        if not 0 <= value < 1 << 32:
            raise ValueError("scratch")
        self.scratch_words[i] = value


class Rtc:
    """The rtc port: seconds since 2000-01-01 that also count without power, or None once its oscillator has stopped."""

    def __init__(self, clock: Clock, seconds_at_0: int) -> None:
        self._clock = clock
        self._seconds_at_0 = seconds_at_0
        self.ahead = 0  # what an order set it ahead by
        self.trusted = 1

    def seconds(self) -> "int | None":
        return self._seconds_at_0 + self.ahead + self._clock.us // 1000000 if self.trusted else None

    def set(self, seconds: int) -> None:
        """By order of a host: it runs again, and is trusted."""
        self.ahead = seconds - self._clock.us // 1000000 - self._seconds_at_0
        self.trusted = 1
