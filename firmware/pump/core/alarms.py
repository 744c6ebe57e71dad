"""The alarm table and the alarms that stand. Stopping harms as well, so each alarm has its own delivery action.

Priorities and sound patterns follow IEC 60601-1-8. A latching alarm stays until it is acknowledged after its cause is gone.
Acknowledging one that stands silences it for two minutes, never for good.
"""

from pump.core.reject import Reject
from wire import schema as s

LOW, MEDIUM, HIGH = 1, 2, 3
CARRY_ON, STOP = 0, 1

(
    GOVERNOR,
    STORE,
    MOTOR,
    EMPTY,
    SUSPENDED,
    POWER_LOST,
    OVERDUE,
    LOW_RESERVOIR,
    DEFICIT,
    CLOCK_UNCERTAIN,
    STUCK_BUTTON,
) = range(1, 12)

# code, name, priority, latching, sound pattern, delivery action
ALARMS = (
    (GOVERNOR, "GOVERNOR", HIGH, 1, HIGH, STOP),  # more steps asked for than the prescription can need
    (STORE, "STORE", HIGH, 1, HIGH, STOP),  # the journal cannot be written: motion could not be accounted for
    (MOTOR, "MOTOR", HIGH, 1, HIGH, STOP),  # steps that left differ from steps granted
    (EMPTY, "EMPTY", HIGH, 0, HIGH, STOP),
    (SUSPENDED, "SUSPENDED", HIGH, 0, HIGH, CARRY_ON),  # nothing flows already; somebody must know
    (POWER_LOST, "POWER_LOST", HIGH, 0, HIGH, CARRY_ON),  # held after a power cut until a person resumes
    (OVERDUE, "OVERDUE", HIGH, 0, HIGH, CARRY_ON),  # stopped longer than the limit: withdrawal is likely
    (LOW_RESERVOIR, "LOW_RESERVOIR", MEDIUM, 0, MEDIUM, CARRY_ON),
    (DEFICIT, "DEFICIT", MEDIUM, 1, MEDIUM, CARRY_ON),  # power cuts may have cost more than 5 % of a day
    (CLOCK_UNCERTAIN, "CLOCK_UNCERTAIN", LOW, 1, LOW, CARRY_ON),  # nobody knows how long the power was off
    (STUCK_BUTTON, "STUCK_BUTTON", LOW, 0, LOW, CARRY_ON),  # held for 60 s
)
CODE, NAME, PRIORITY, LATCHING, SOUND, ACTION = range(6)
SILENCE_MS = 120000


def row(code: int) -> tuple:
    """The table's row of an alarm."""
    return ALARMS[code - 1]


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
