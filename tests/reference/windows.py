"""R6 by brute force: is there any 24 h, past or future, that holds more than the cap and to which the new plan adds drug?

Drug is a sum of straight pieces and of moments: flows [t, ng/day] from t on, ramps (start, end, ng), moments (t, ng). What a window holds is,
over its beginning, piecewise straight, with a jump where a moment enters or leaves. So it is enough to look at the bends, and between
two of them at where one line crosses the cap and the other one nothing. In units of a ng x ms a day.
"""

from bisect import bisect_right
from fractions import Fraction

DAY = 86400000

Flows = list[tuple[int, int]]
Ramps = list[tuple[int, int, int]]
Moments = list[tuple[int, int]]


class Course:
    """What flows and has flowed."""

    def __init__(self, flows: Flows, ramps: Ramps) -> None:
        self.times = [t for t, _ in flows]
        self.rates = [rate for _, rate in flows]
        self.sums = [0]
        for i in range(1, len(flows)):
            self.sums.append(self.sums[-1] + self.rates[i - 1] * (self.times[i] - self.times[i - 1]))
        self.ramps = ramps
        self.bends = set(self.times)
        for start, end, _ in ramps:
            self.bends |= {start, end}

    def by(self, t: int) -> Fraction | int:
        """Drug from the beginning until t."""
        i = bisect_right(self.times, t) - 1
        total: Fraction | int = self.sums[i] + self.rates[i] * (t - self.times[i]) if i >= 0 else 0
        for start, end, ng in self.ramps:
            if t >= end:
                total += ng * DAY
            elif t > start:
                total += Fraction(ng * DAY * (t - start), end - start)
        return total

    def window(self, start: int) -> Fraction | int:
        return self.by(start + DAY) - self.by(start)


def too_full(cap_ng: int, old: Course, new: Course, moments: Moments, first: int, last: int) -> bool:
    """Whether a window that begins in [first, last] exceeds the cap and holds more with `new` than with `old`."""
    cap = cap_ng * DAY
    bends = {first, last}
    for bend in old.bends | new.bends | {t for t, _ in moments}:
        bends |= {bend, bend - DAY}
    starts = sorted(start for start in bends if first <= start <= last)
    held = [new.window(start) for start in starts]
    if max(held) + sum(ng for _, ng in moments) * DAY <= cap:
        return False
    added = [held[i] - old.window(starts[i]) for i in range(len(starts))]
    for i, start in enumerate(starts):
        here = sum(ng for t, ng in moments if start <= t <= start + DAY) * DAY
        if added[i] > 0 and held[i] + here > cap:
            return True
        if i + 1 < len(starts):
            inside = sum(ng for t, ng in moments if starts[i + 1] <= t <= start + DAY) * DAY
            if _crosses(held[i] + inside - cap, held[i + 1] + inside - cap, added[i], added[i + 1]):
                return True
    return False


def _crosses(a0: Fraction | int, a1: Fraction | int, b0: Fraction | int, b1: Fraction | int) -> bool:
    """Whether two straight lines over (0, 1), from a0 to a1 and from b0 to b1, are both above 0 somewhere."""
    low, high = Fraction(0), Fraction(1)
    for p, q in ((a0, a1), (b0, b1)):
        if p <= 0 and q <= 0:
            return False
        if p <= 0:
            low = max(low, Fraction(-p) / Fraction(q - p))
        elif q <= 0:
            high = min(high, Fraction(p) / Fraction(p - q))
    return low < high
