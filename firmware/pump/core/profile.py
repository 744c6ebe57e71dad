"""The flow profile: how basal is spread over a cycle of 24 h. One row (SIMPLE, MINIMUM), up to 24 (FLEX), or basal with doses (PERIODIC).

`rows` are [offset_ms, ng/day] as prescribed, the first at 0, ascending; the last goes on to the end of the cycle. `total` is the drug
of one cycle in ng, to the nearest. D of the rules may be another one by now (taper, titration, a lower resume): then each row is scaled
by d / total, rounded up below the total, so that a taper's step is never steeper than its rung, and down above it, so that a raise is
never more.
`zero` is a moment of pump time at which a cycle began; `unsure` says that time without power may have moved the cycle against the day.
Kept by Therapy as `profile`; rates change at `next_at`, which core/due.py carries out. Times in ms of pump time.
"""

from pump.core.cap import cumulated

DAY_MS = 86400000
HOUR_MS = 3600000


def total_ng(rows: list) -> int:
    """Drug of one cycle in ng, rounded to the nearest."""
    ends = [row[0] for row in rows[1:]] + [DAY_MS]
    return (sum([rows[i][1] * (ends[i] - rows[i][0]) for i in range(len(rows))]) + DAY_MS // 2) // DAY_MS


class Profile:
    """Empty until a prescription sets it."""

    def __init__(self) -> None:
        self.rows: list = [[0, 0]]
        self.zero = 0
        self.unsure = 0
        self.total = 0
        self.dose_at: int | None = None  # when the last periodic dose began, or last went on

    def set(self, rows: list, zero: int) -> None:
        """Another schedule, whose cycle began at `zero`."""
        self.rows = rows
        self.total = total_ng(rows)
        self.align(zero)

    def align(self, zero: int) -> None:
        """Somebody says where the cycle is."""
        self.zero = zero
        self.unsure = 0

    def phase(self, t: int) -> int:
        """ms since the cycle began."""
        return (t - self.zero) % DAY_MS

    def _row(self, t: int) -> int:
        phase = self.phase(t)
        i = len(self.rows) - 1
        while self.rows[i][0] > phase:
            i -= 1
        return i

    def dose_after(self, t: int) -> int:
        """PERIODIC: when drug of a dose next flows, from t on."""
        return t if self._row(t) % 2 == 0 else self.next_at(t) or t

    def scaled(self, i: int, d: int) -> int:
        """What row i is worth while D is d, in ng/day."""
        rate: int = self.rows[i][1]
        if len(self.rows) == 1:
            return d
        if d == self.total:
            return rate
        return -(-rate * d // self.total) if d < self.total else rate * d // self.total

    def rate(self, t: int, d: int) -> int:
        """What flows at t while D is d, in ng/day."""
        return self.scaled(self._row(t), d)

    def next_at(self, t: int) -> int | None:
        """When the row after the one at t begins; None if there is one row only."""
        if len(self.rows) == 1:
            return None
        i = self._row(t) + 1
        return t - self.phase(t) + (self.rows[i][0] if i < len(self.rows) else DAY_MS)

    def ahead(self, t: int, until: int, d: int) -> list[list[int]]:
        """Flows [t, ng/day] from t on up to `until`: what is programmed (R6). d = 0: nothing is."""
        flows = [[t, self.rate(t, d) if d else 0]]
        at = self.next_at(t) if d else None
        while at is not None and at < until:
            flows.append([at, self.rate(at, d)])
            at = self.next_at(at)
        return flows

    def most(self, t: int, ms: int, d: int) -> int:
        """The highest rate from t on for ms, in ng/day."""
        return max([flow[1] for flow in self.ahead(t, t + max(ms, 1), d)])

    def least(self, d: int) -> int:
        """The lowest rate of the cycle, in ng/day."""
        return min([self.scaled(i, d) for i in range(len(self.rows))])

    def hour_ng(self, d: int) -> int:
        """The fullest hour of the cycle, in ng, rounded down."""
        if len(self.rows) == 1:
            return d // 24
        starts = sorted([row[0] for row in self.rows] + [(row[0] - HOUR_MS) % DAY_MS for row in self.rows])
        flows = self.ahead(self.zero, self.zero + DAY_MS + HOUR_MS, d)
        before = cumulated(flows, [self.zero + start for start in starts])
        after = cumulated(flows, [self.zero + start + HOUR_MS for start in starts])
        return max([after[i] - before[i] for i in range(len(starts))]) // DAY_MS

    def dump(self) -> list:
        """For the journal; `restore` takes it."""
        return [self.rows, self.zero, self.unsure, self.dose_at]

    def restore(self, values: list) -> None:
        """Take over what `dump` gave."""
        self.rows, self.zero, self.unsure, self.dose_at = values
        self.total = total_ng(self.rows)
