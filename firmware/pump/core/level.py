"""The drug in the CSF by a model of one compartment: what leaves the pump enters it, and after each half-life half of it is gone.

Amounts in ng x ms / day (1 ng = 86,400,000), in which a rate in ng/day times a time in ms is whole. Each minute of pump time
    level = floor(level x F / 2^32) + what entered in that minute,        F = round(2^32 x 2^(-1/T)), T the half-life in minutes
and many minutes with the same input are one step of some multiplications. What is left out is less than a millionth.
`low` and `high` enclose the level, as known and at most enclose the dose: a power cut of unknown length may have left nothing of it.
No rule asks for it: it tells people how far a withdrawal may have come. Kept by History, which knows what flows.
"""

MINUTE_MS = 60000
DAY_MS = 86400000
_ONE = 1 << 32
_LN2 = 0xB17217F7D1CF79AC  # of 2^64


def factor(half_life_min: int) -> int:
    """What is left after a minute, of 2^32: the series of exp(-ln 2 / T)."""
    x = _LN2 // half_life_min
    total = term = 1 << 64
    k = 1
    while term:
        term = term * x // k >> 64
        total += term if k & 1 == 0 else -term
        k += 1
    return (total + (1 << 31)) >> 32


def after(level: int, f: int, each: int, minutes: int) -> int:
    """The level after so many minutes, `each` entering in every one. The same map applied 2^k times is squared k times."""
    while minutes:
        if minutes & 1:
            level = (level * f >> 32) + each
        each += each * f >> 32
        f = f * f >> 32
        minutes >>= 1
    return level


class Level:
    """At pump time t; `part` entered in the minute that has begun and is not decayed yet."""

    def __init__(self) -> None:
        self.f = 0  # set with the library's row
        self.t = 0
        self.low = 0
        self.high = 0
        self.part = 0

    def run(self, t: int, ng_per_day: int, bolus: list | None) -> None:
        """Let ng_per_day flow until t, and a running bolus [start, planned end, ..., dose] on top of it."""
        while self.t < t:
            edge = self.t - self.t % MINUTE_MS + MINUTE_MS
            minutes = (t - self.t) // MINUTE_MS
            if minutes and edge - self.t == MINUTE_MS and (bolus is None or self.t >= bolus[1]):
                self._pass(minutes, ng_per_day * MINUTE_MS)
                self.t += minutes * MINUTE_MS
                continue
            end = min(edge, t)
            self.part += ng_per_day * (end - self.t)
            if bolus is not None:
                self.part += _given(bolus, end) - _given(bolus, self.t)
            self.t = end
            if end == edge:
                self._pass(1, self.part)
                self.part = 0

    def _pass(self, minutes: int, each: int) -> None:
        self.low = after(self.low, self.f, each, minutes)
        self.high = after(self.high, self.f, each, minutes)

    def off(self, uncertain_ng: int, off_ms: int) -> None:
        """A power cut: uncertain_ng may have entered, and for off_ms (at most; -1: nobody knows how long) nothing did."""
        self.low += self.part
        self.high += self.part + uncertain_ng * DAY_MS
        self.part = 0
        if off_ms < 0:
            self.low = 0
            return
        self.low = after(self.low, self.f, 0, -(-off_ms // MINUTE_MS))
        self.high = after(self.high, self.f, 0, off_ms // MINUTE_MS)

    def ng(self) -> tuple[int, int]:
        """(at least, at most) in ng."""
        return (self.low + self.part) // DAY_MS, -(-(self.high + self.part) // DAY_MS)

    def permille(self, ng_per_day: int) -> tuple[int, int]:
        """(at least, at most) of what ng_per_day keeps in the long run, to the nearest."""
        steady = ng_per_day * MINUTE_MS * _ONE // (_ONE - self.f)
        return (2000 * (self.low + self.part) + steady) // (2 * steady), (2000 * (self.high + self.part) + steady) // (2 * steady)

    def dump(self) -> list[int]:
        """For the journal; `restore` takes it."""
        return [self.t, self.low, self.high, self.part]

    def restore(self, values: list[int]) -> None:
        """Take over what `dump` gave."""
        self.t, self.low, self.high, self.part = values


def _given(bolus: list, t: int) -> int:
    """What a bolus gives until t."""
    start, end = bolus[0], bolus[1]
    return int(bolus[-1] * DAY_MS * (min(max(t, start), end) - start) // (end - start))
