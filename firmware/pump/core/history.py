"""What was programmed and what was given, as far back as the rules look. Times in ms of pump time, doses in ng.

rungs:   [t, lowest D, highest D] from t on: the programmed drug per day (R2, R3). One value, unless rungs had to be merged.
flows:   [t, ng/day] from t on: the basal that really ran (R6), row by row of its profile; 0 while suspended or held.
boluses: [start, planned end, end, dose]: R5 and R6. A bolus counts whole from its start, however it ended; end is -1 while
         it runs. `impulses` [t, ng, of it uncertain] are doses counted at a moment: what a power cut left uncertain, the bolus it ended.
Lists are short: what is older than the longest window goes, and beyond _MOST entries neighbours merge to the stricter side.
"""

from pump.core.level import Level

DAY_MS = 86400000
RUNGS_MS = 72 * 3600000
_MOST = 48
_MOST_FLOWS = 72  # a day of 24 rows, and as many interruptions and orders as before
BOLUSES_KEPT = _MOST  # more in 24 h would be forgotten, so orders/bolus.py refuses them


class History:
    """Kept by Therapy, saved whole with it."""

    def __init__(self) -> None:
        self.rungs: list[list[int]] = []
        self.flows: list[list[int]] = []
        self.boluses: list[list[int]] = []
        self.impulses: list[list[int]] = []
        self.level = Level()

    def program(self, t: int, ng_per_day: int) -> None:
        """D becomes ng_per_day at t."""
        self.rungs.append([t, ng_per_day, ng_per_day])
        _drop(self.rungs, t - RUNGS_MS)
        if len(self.rungs) > _MOST:
            first, second = self.rungs[0], self.rungs[1]
            self.rungs[0:2] = [[first[0], min(first[1], second[1]), max(first[2], second[2])]]

    def settle(self, t: int) -> None:
        """Bring the level on to t: before anything about what flows changes."""
        self._run(self.level, t)

    def level_at(self, t: int) -> Level:
        """The level as it will be at t if nothing changes; a reading, which changes nothing."""
        ahead = Level()
        ahead.f = self.level.f
        ahead.restore(self.level.dump())
        self._run(ahead, t)
        return ahead

    def _run(self, level: Level, t: int) -> None:
        running = self.boluses[-1] if self.boluses and self.boluses[-1][2] < 0 else None
        level.run(t, self.flows[-1][1] if self.flows else 0, running)

    def flow(self, t: int, ng_per_day: int) -> None:
        """Basal runs at ng_per_day from t on."""
        self.settle(t)
        self.flows.append([t, ng_per_day])
        _drop(self.flows, t - DAY_MS)
        if len(self.flows) > _MOST_FLOWS:
            first, second = self.flows[0], self.flows[1]
            self.flows[0:2] = [[first[0], max(first[1], second[1])]]

    def bolus(self, start: int, planned_end: int, dose_ng: int) -> None:
        """A bolus begins. Ended ones older than a week (the longest lockout) go."""
        self.settle(start)
        self.boluses = [b for b in self.boluses if b[2] < 0 or b[2] > start - 7 * DAY_MS][-_MOST:]
        self.boluses.append([start, planned_end, -1, dose_ng])

    def bolus_over(self, end: int) -> None:
        """The running bolus ended, was cancelled or was interrupted at `end`."""
        self.settle(end)
        self.boluses[-1][2] = end

    def impulse(self, t: int, dose_ng: int, lost_ng: int) -> None:
        """Count dose_ng as given at t, though lost_ng of it may not have been."""
        self.impulses = [i for i in self.impulses if i[0] > t - DAY_MS]
        if len(self.impulses) == _MOST:  # the newer time is the stricter one: it leaves the window later
            first, second = self.impulses[0], self.impulses[1]
            self.impulses[0:2] = [[second[0], first[1] + second[1], first[2] + second[2]]]
        self.impulses.append([t, dose_ng, lost_ng])

    def lowest(self, since: int) -> int:
        """Smallest D programmed at any time after `since`."""
        return min(r[1] for r in _since(self.rungs, since))

    def highest(self, since: int) -> int:
        """Largest D programmed at any time after `since`."""
        return max(r[2] for r in _since(self.rungs, since))

    def held(self, ng_per_day: int, since: int) -> bool:
        """Whether exactly this D was programmed after `since`."""
        return any(r[1] == ng_per_day == r[2] for r in _since(self.rungs, since))

    def dump(self) -> list:
        """For the journal; `restore` takes it."""
        return [self.rungs, self.flows, self.boluses, self.impulses, self.level.dump()]

    def restore(self, values: list) -> None:
        """Take over what `dump` gave."""
        self.rungs, self.flows, self.boluses, self.impulses = values[0:4]
        self.level.restore(values[4])


def _since(entries: list[list[int]], since: int) -> list[list[int]]:
    """Entries in force at some time after `since`: an entry ends where the next begins."""
    return [e for i, e in enumerate(entries) if i + 1 == len(entries) or entries[i + 1][0] > since]


def _drop(entries: list[list[int]], since: int) -> None:
    """Forget entries that ended at or before `since`."""
    while len(entries) > 1 and entries[1][0] <= since:
        del entries[0]
