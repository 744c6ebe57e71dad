"""R4: the therapy ends only by stepping down. One rung after another, each held for its full time while drug flows.

Time on a rung counts only while the therapy is TAPERING and delivering: suspension, faults and power cuts do not advance it,
and a pause never makes a later step larger, because each step is a percentage of the D that runs.
"""


def next_rung(ng_per_day: int, percent: int, floor: int) -> int:
    """The D after this one: `percent` less, rounded up, never below `floor`."""
    return max(floor, -(-ng_per_day * (100 - percent) // 100))


def rungs_to(ng_per_day: int, percent: int, floor: int) -> int:
    """How many steps lead from ng_per_day to floor."""
    steps = 0
    while ng_per_day > floor:
        ng_per_day = next_rung(ng_per_day, percent, floor)
        steps += 1
    return steps


class Taper:
    """The plan that runs, one at a time: a taper, or (`up`) a titration, see titration_plan.py.

    `to` is its target in ng/day: the library's floor if it discontinues, else the D to hold.
    """

    def __init__(self) -> None:
        self.on = 0
        self.up = 0
        self.discontinue = 0
        self.to = 0
        self.percent = 0
        self.hold_ms = 0
        self.left_ms = 0  # on this rung, as of `mark`
        self.mark = 0  # since when time counts; -1 while it does not
        self.paused = 0  # since when, by an order, or reminded of; 0 if not: a suspended or held taper is not
        self.reason = ""  # for a preset steeper than R3

    def begin(self, to: int, discontinue: int, percent: int, hold_ms: int, first_ms: int, now: int, reason: str, up: int = 0) -> None:
        """Start counting at `now`; the first step comes after first_ms."""
        self.on = 1
        self.up = up
        self.to = to
        self.discontinue = discontinue
        self.percent = percent
        self.hold_ms = hold_ms
        self.left_ms = first_ms
        self.mark = now
        self.paused = 0
        self.reason = reason

    def count(self, now: int, on: bool) -> None:
        """Start or stop counting time on this rung."""
        if self.mark >= 0:
            self.left_ms = max(0, self.left_ms - (now - self.mark))
        self.mark = now if on else -1

    def left(self, now: int) -> int:
        """ms of delivery left on this rung."""
        return self.left_ms if self.mark < 0 else max(0, self.left_ms - (now - self.mark))

    def again(self, now: int) -> None:
        """A full rung begins."""
        self.wait(self.hold_ms, now)

    def wait(self, ms: int, now: int) -> None:
        """This rung lasts for so long still."""
        self.left_ms = ms
        self.mark = now

    def dump(self) -> list:
        """For the journal; `restore` takes it."""
        return [self.on, self.discontinue, self.to, self.percent, self.hold_ms, self.left_ms, self.mark, self.paused, self.reason, self.up]

    def restore(self, values: list) -> None:
        """Take over what `dump` gave."""
        self.on, self.discontinue, self.to, self.percent, self.hold_ms, self.left_ms, self.mark, self.paused, self.reason, self.up = values
