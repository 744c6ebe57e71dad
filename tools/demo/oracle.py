"""What should have been delivered, worked out from the pump's journal with Fractions. Shares no code with the pump's core.

Rates and boluses come from the journal's events, the rows of a schedule from the prescription, geometry from data sheets (bore, screw,
steps per turn) with another pi than the pump's; so the oracle's steps may differ from the pump's plan by the 85 parts per thousand
million between the two.
"""

from collections.abc import Iterable
from fractions import Fraction

from tapir.messages import Event
from tapir.wire import names

DAY_MS = 86_400_000
PI = Fraction("3.14159265358979323846264338327950288")
NAMES = {row[0]: row[1] for row in names.EVENTS}
_RATES = ("PRESCRIBED", "TAPER_STEP", "RESUMED", "RESTARTED")


def steps_per_ng(bore_um: int, lead_nm: int, steps_per_turn: int, conc_ng_per_ml: int) -> Fraction:
    """Microsteps for one ng: a turn moves pi/4 x bore^2 x lead."""
    turn_nl = PI / 4 * bore_um * bore_um * lead_nm / 10**9
    turn_ng = turn_nl * conc_ng_per_ml / 10**6
    return steps_per_turn / turn_ng


class Flex:
    """Rates by the time of day, [(ms since midnight, ng/day)] from midnight on, in force from a record of the journal to the next rate."""

    def __init__(self, record: int, clock_ms: int, rows: list[tuple[int, int]]) -> None:
        self.record = record
        self.clock_ms = clock_ms  # time of day at that record
        self.rows = [*rows, (DAY_MS, 0)]

    def drug(self, since: int, until: int, zero: int) -> Fraction:
        """ng that flow from `since` to `until`, pump times; the record is at `zero`."""
        total = Fraction(0)
        for day in range((since - zero + self.clock_ms) // DAY_MS, (until - zero + self.clock_ms) // DAY_MS + 1):
            midnight = zero - self.clock_ms + day * DAY_MS
            for (begin, rate), (end, _) in zip(self.rows, self.rows[1:], strict=False):
                overlap = min(until, midnight + end) - max(since, midnight + begin)
                if overlap > 0:
                    total += Fraction(rate * overlap, DAY_MS)
        return total


def plan_steps(events: Iterable[Event], per_ng: Fraction, now_ms: int, flex: Flex | None = None) -> Fraction:
    """The plan in microsteps at pump time now_ms. After a power cut it goes on from what may have left at most."""
    at, rate, steps, zero = 0, 0, Fraction(0), -1
    bolus = (0, 0, Fraction(0))  # start, end, steps; a cancelled one is not part of this demo

    def due(until: int) -> Fraction:
        flowed = per_ng * rate * (until - at) / DAY_MS
        if zero >= 0 and flex is not None:
            flowed = per_ng * flex.drug(at, until, zero)
        start, end, size = bolus
        overlap = min(until, end) - max(at, start)
        return flowed + (size * overlap / (end - start) if overlap > 0 else 0)

    for event in events:
        name = NAMES[event.event]
        if event.at_ms > at:
            steps += due(event.at_ms)
            at = event.at_ms
        if name in _RATES:
            rate = event.a
            zero = at if flex is not None and event.seq == flex.record else -1
        elif name in ("HELD", "SUSPENDED", "THERAPY_ENDED"):
            rate = 0
        elif name == "BOLUS_STARTED":
            bolus = (at, at + event.b, per_ng * event.a)
        elif name == "POWER_ON":
            steps = Fraction(event.most_steps)
    return steps + due(now_ms)
