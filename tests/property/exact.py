"""What a motor should have done and what it did, exactly. Shares no code with the firmware; times in us of true time.

`Plan` is the oracle: a piecewise linear position in microsteps, in fractions. `Pulses` reads every pulse's time from the trace of the
stepper port. `worst` compares the two at every pulse and at every bend, which is where a staircase and a straight line are furthest
apart: so at all times, not at sampled ones.
"""

from fractions import Fraction

from sim.rig import Rig

DAY_US = 86_400_000_000
# What is mounted, from the data sheets: bore in mm; and the sim board: 200 full steps of 16 on a screw of 1 mm.
BORE_MM = {"bd-1ml": Fraction("4.78"), "bd-3ml": Fraction("8.66"), "bd-10ml": Fraction("14.5")}
STEPS_PER_MM = 3200
PI = Fraction(355, 113)  # as documented; 85 parts per thousand million above the real one


def steps_per_ng(syringe: str, conc_ng_per_ml: int) -> Fraction:
    """A step moves pi/4 x bore^2 / 3200 uL; 1 mL is 1000 uL."""
    step_ul = PI / 4 * BORE_MM[syringe] ** 2 / STEPS_PER_MM
    return 1000 / (step_ul * conc_ng_per_ml)


class Plan:
    """Drug flows at `basal` ng/day, and a bolus on top of it. Knots [t, position, slope from there on], in order of time."""

    def __init__(self, ratio: Fraction, t: int) -> None:
        self.ratio = ratio
        self.t = t
        self.at = Fraction(0)
        self.basal_slope = Fraction(0)
        self.bolus_slope = Fraction(0)
        self.bolus_end = 0
        self.knots: list[tuple[int, Fraction, Fraction]] = []

    def run_to(self, t: int) -> None:
        """Let what flows flow until t."""
        assert t >= self.t, (t, self.t)
        if self.bolus_slope and self.bolus_end <= t:
            self._line(self.bolus_end)
            self.bolus_slope = Fraction(0)
        self._line(t)

    def rewind(self, t: int) -> None:
        """What was to flow after t did not: the power failed then, and took along what was granted ahead."""
        while self.t > t:
            start, position, slope = self.knots.pop()
            if start < t:
                self.knots.append((start, position, slope))
                position += slope * (t - start)
                start = t
            self.t, self.at = start, position

    def _line(self, t: int) -> None:
        slope = self.basal_slope + self.bolus_slope
        if t > self.t:
            self.knots.append((self.t, self.at, slope))
            self.at += slope * (t - self.t)
            self.t = t

    def basal(self, t: int, ng_per_day: int) -> None:
        """From t on."""
        self.run_to(t)
        self.basal_slope = ng_per_day * self.ratio / DAY_US

    def bolus(self, t: int, dose_ng: int, duration_us: int) -> None:
        """From t on."""
        self.run_to(t)
        assert not self.bolus_slope
        self.bolus_slope = dose_ng * self.ratio / duration_us
        self.bolus_end = t + duration_us

    def cancel(self, t: int) -> None:
        """The bolus ends at t."""
        self.run_to(t)
        self.bolus_slope = Fraction(0)

    def position(self, t: int) -> Fraction:
        """Where the plan is at a time that it has been run to."""
        for at, position, slope in reversed(self.knots):
            if at <= t:
                return position + slope * (t - at)
        return Fraction(0)


class Pulses:
    """Runs [first, count, period] of pulses, in order, of all boots. Fed from a rig whose trace is on."""

    def __init__(self) -> None:
        self.runs: list[tuple[int, int, int]] = []
        self.count = 0
        self.lost = 0  # in the last halt that lost any
        self._queue_end = 0

    def take(self, rig: Rig) -> None:
        """Read what the trace has since the last call, and let it go."""
        lines = rig.trace + rig.hw.trace.lines
        rig.trace, rig.hw.trace.lines = [], []
        for line in lines:
            words = line.split(" ", 5)
            if words[1] == "grant":
                self._grant(int(words[0]), int(words[2]), int(words[3]), int(words[4]))
            elif words[1] in ("halt", "off", "boot"):
                self._halt(int(words[0]))

    def _grant(self, now: int, delay: int, count: int, period: int) -> None:
        first = max(now, self._queue_end) + delay
        self.runs.append((first, count, period))
        self.count += count
        self._queue_end = first + count * period

    def _halt(self, now: int) -> None:
        """Pulses later than now do not leave."""
        before = self.count
        while self.runs and self.runs[-1][0] > now:
            self.count -= self.runs.pop()[1]
        if self.runs:
            first, count, period = self.runs[-1]
            left = min(count, (now - first) // period + 1)
            self.runs[-1] = (first, left, period)
            self.count -= count - left
        self.lost = before - self.count or self.lost
        self._queue_end = 0

    def until(self, now: int) -> int:
        """How many have left by now."""
        left = self.count
        for first, count, period in reversed(self.runs):
            if first + (count - 1) * period <= now:
                break
            left -= count - max(0, (now - first) // period + 1 if first <= now else 0)
        return left


def worst(plan: Plan, pulses: Pulses) -> tuple[Fraction, Fraction]:
    """The most by which the motor was ever behind the plan, and the most by which it was ever ahead, in steps, until plan.t."""
    knots = [*plan.knots, (plan.t, plan.at, Fraction(0))]
    behind = ahead = Fraction(0)
    runs = iter(pulses.runs)
    run = next(runs, None)
    done = 0  # pulses counted so far
    taken = 0  # of this run
    for i in range(len(knots)):
        start, position, slope = knots[i]
        behind, ahead = max(behind, position - done), max(ahead, done - position)
        if i + 1 == len(knots):
            break
        end = knots[i + 1][0]
        den = position.denominator * slope.denominator
        at, per_us = int(position * den), int(slope * den)
        low = high = 0
        while run is not None:
            first, count, period = run
            now = first + taken * period
            if now > end:
                break
            n = min(count - taken, (end - now) // period + 1)  # pulses of the run within this line
            for k, t in ((0, now), (n - 1, now + (n - 1) * period)):
                lead = at + per_us * (t - start) - (done + k) * den  # the plan's, just before that pulse
                low, high = max(low, lead), max(high, den - lead)
            done += n
            taken += n
            if taken == count:
                run, taken = next(runs, None), 0
        behind, ahead = max(behind, Fraction(low, den)), max(ahead, Fraction(high, den))
    return behind, ahead
