"""The alarms that stand. Which there are, and what each does to delivery, is the table of wire/alarms.py.

Acknowledging one that stands silences it for two minutes, never for good.
"""

from pump.core.reject import Reject
from wire import schema as s
from wire.alarms import HIGH, LATCHING, PRIORITY, SOUND, row

SILENCE_MS = 120000


class Alarms:
    """Alarms that stand or are latched: entries [code, since, standing, silent until, 0 if nobody acknowledged it], oldest first."""

    def __init__(self) -> None:
        self.entries: list[list[int]] = []

    def find(self, code: int) -> list[int] | None:
        """The entry of an alarm, None if it neither stands nor is latched."""
        for entry in self.entries:
            if entry[0] == code:
                return entry
        return None

    def set(self, code: int, now: int) -> bool:
        """The cause is there; true if that is news."""
        entry = self.find(code)
        if entry is None:
            self.entries.append([code, now, 1, 0])
            return True
        news = not entry[2]
        if news:
            entry[1:] = [now, 1, 0]
        return news

    def clear(self, code: int) -> bool:
        """The cause is gone; true if it was there."""
        entry = self.find(code)
        if entry is None or not entry[2]:
            return False
        entry[2] = 0
        if not row(code)[LATCHING] or entry[3]:
            self.entries.remove(entry)
        return True

    def drop(self, code: int) -> None:
        """What it was about is over: it neither stands nor waits for anybody."""
        self.entries = [entry for entry in self.entries if entry[0] != code]

    def ack(self, code: int, now: int) -> None:
        """Somebody has seen it. A latched alarm whose cause is gone goes with that; one that stands is silent for a while."""
        entry = self.find(code)
        if entry is None:
            raise Reject(s.NOT_NOW, None, "alarm", code, text="not standing")
        entry[3] = now + SILENCE_MS
        if not entry[2]:
            self.entries.remove(entry)

    def top(self) -> int:
        """The most urgent alarm, 0 if none; among equals the oldest."""
        best = 0
        for entry in self.entries:
            if best == 0 or row(entry[0])[PRIORITY] > row(best)[PRIORITY]:
                best = entry[0]
        return best

    def high(self) -> int:
        """A HIGH alarm that is there, 0 if none: no bolus then."""
        code = self.top()
        return code if code and row(code)[PRIORITY] == HIGH else 0

    def sound(self, now: int) -> int:
        """The pattern to sound: that of the most urgent alarm that is not silent."""
        pattern = 0
        for entry in self.entries:
            if now >= entry[3]:
                pattern = max(pattern, row(entry[0])[SOUND])
        return pattern

    def loud_at(self, now: int) -> int | None:
        """When a silent alarm sounds again, None if none is silent."""
        times = [entry[3] for entry in self.entries if entry[3] > now]
        return min(times) if times else None
