"""Buttons and buzzer. A press is a pair of future edges in virtual time; `next_us` tells the loop when to look again."""

from .clock import Clock
from .trace import Trace

NAMES = {"SUSPEND": 1, "BOLUS": 2, "CONFIRM": 4}
_NEVER = 1 << 60


class Switches:
    """The switches port. Edges: (us, mask of the buttons held from then on that change, 1 down / 0 up)."""

    def __init__(self, clock: Clock, trace: Trace) -> None:
        self._clock = clock
        self._trace = trace
        self._mask = 0
        self._edges: list[tuple[int, int, int]] = []
        self.next_us = _NEVER

    def pressed(self) -> int:
        """Bit mask: 1 SUSPEND, 2 BOLUS, 4 CONFIRM."""
        if self._clock.us >= self.next_us:
            self._settle()
        return self._mask

    def press(self, name: str, ms: int) -> None:
        """Hold a button from now for `ms`, and let go 1 ms later: held for 3 s counts as 3 s."""
        if name not in NAMES:
            raise ValueError("press SUSPEND|BOLUS|CONFIRM ms")
        now = self._clock.us
        self._edges.append((now, NAMES[name], 1))
        self._edges.append((now + ms * 1000 + 1000, NAMES[name], 0))
        self._edges.sort()
        self.next_us = self._edges[0][0]

    def _settle(self) -> None:
        while self._edges and self._edges[0][0] <= self._clock.us:
            _, bit, down = self._edges.pop(0)
            self._mask = self._mask | bit if down else self._mask & ~bit
            self._trace.add("switch", self._mask)
        self.next_us = self._edges[0][0] if self._edges else _NEVER


class Buzzer:
    """The buzzer port: remembers the pattern."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self.pattern = 0

    def sound(self, pattern: int) -> None:
        self.pattern = pattern
        self._trace.add("buzzer", pattern)
