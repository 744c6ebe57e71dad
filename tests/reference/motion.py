"""How many steps should have left: the exact plan of motion, in fractions of a step. Times in ms of pump time.

A piecewise straight line. What is granted ahead of time is settled: a change takes effect at the end of it.
"""

from fractions import Fraction
from math import ceil, floor

DAY = 86400000
HALF = Fraction(1, 2)
PI = Fraction(355, 113)  # as documented
STEPS_PER_MM = 3200  # the sim board: 200 full steps of 16 on a screw of 1 mm
BORE_MM = {"bd-1ml": Fraction("4.78"), "bd-3ml": Fraction("8.66"), "bd-10ml": Fraction("14.5")}
FULL_NL = {"bd-1ml": 1000000, "bd-3ml": 3000000, "bd-10ml": 10000000}


def steps_per_nl(syringe: str) -> Fraction:
    """1 mm of the screw moves pi/4 x bore^2 uL."""
    return STEPS_PER_MM / (PI / 4 * BORE_MM[syringe] ** 2 * 1000)


class Motion:
    """Since the count of steps last began anew."""

    def __init__(self, t: int) -> None:
        self.t = t
        self.at = Fraction(0)
        self.basal = Fraction(0)  # steps a ms
        self.bolus = Fraction(0)
        self.bolus_end = 0
        self.lines: list[tuple[int, Fraction, Fraction]] = []  # the last few: from t on, at, steps a ms

    def settle(self, t: int) -> None:
        """On to t; what is settled already stays."""
        if self.bolus and self.t < self.bolus_end < t:
            self._line(self.bolus_end)
            self.bolus = Fraction(0)
        self._line(t)
        if self.bolus and self.t >= self.bolus_end:
            self.bolus = Fraction(0)

    def _line(self, t: int) -> None:
        if t > self.t:
            slope = self.basal + self.bolus
            self.lines = [*self.lines[-7:], (self.t, self.at, slope)]
            self.at += slope * (t - self.t)
            self.t = t

    def flow(self, t: int, per_ms: Fraction) -> None:
        """Basal from t on."""
        self.settle(t)
        self.basal = per_ms

    def begin(self, t: int, steps: Fraction, ms: int) -> None:
        """So much on top, spread over ms."""
        self.settle(t)
        self.bolus = steps / ms
        self.bolus_end = t + ms

    def end(self, t: int) -> None:
        """Nothing more on top."""
        self.settle(t)
        self.bolus = Fraction(0)

    def jump(self, t: int, to: Fraction, since: int | None = None) -> None:
        """After a power cut: it goes on from `to`, from t on, and nothing flows on top. What was granted since `since` is settled by t."""
        self.t, self.at, self.lines, self.bolus = t, to, [], Fraction(0)
        if since is not None and since < t:
            self.lines = [(since, to - self.basal * (t - since), self.basal)]

    def position(self, t: int) -> Fraction:
        """At t, which may be settled already."""
        if t >= self.t:
            return self.at + (self.basal + self.bolus) * (t - self.t)
        for start, at, slope in reversed(self.lines):
            if start <= t:
                return at + slope * (t - start)
        return self.lines[0][1] if self.lines else self.at

    def whole(self) -> int:
        """Steps granted by what is settled: each is due in its middle."""
        return floor(self.at + HALF)

    def reaches(self, place: Fraction) -> int | None:
        """The first ms at which the plan is at `place`, as it flows now; None if never."""
        slope = self.basal + self.bolus
        if place <= self.at:
            return self.t
        return self.t + ceil((place - self.at) / slope) if slope else None
