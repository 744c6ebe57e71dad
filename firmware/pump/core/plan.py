"""The exact plan of motion and the steps granted against it: error diffusion in integers.

The plan is a position in microsteps, a rational that grows with basal and bolus. A step is due when the plan reaches the
middle between two whole steps, so |granted - plan| <= 1/2 at the step times, and stays below 1 with all rounding of times.

Units: `num` counts 1/den of a step and is the plan's lead over the steps granted; den = ratio_den x 86,400,000, or a multiple of it
once the ratio has changed, so that a rate of D ng/day adds exactly D x ratio_num to it every ms. A running bolus keeps its progress
apart, as the fraction elapsed/duration of `bolus_num`, because that fraction need not be a whole number of 1/den.
Invariant: t never goes back; num, den and emitted alone say where the plan is once no bolus runs.
"""

from pump.core.geometry import gcd

DAY_MS = 86400000
STRETCH_MS = 60000  # of basal: what the journal authorises ahead of what is known to have left, and a power cut leaves uncertain


class Plan:
    """Time t in ms of pump time; `emitted` counts the steps granted in this therapy."""

    def __init__(self, ratio: tuple[int, int], t: int) -> None:
        self.t = t
        self.ratio_num, self.den = ratio[0], ratio[1] * DAY_MS
        self.num = 0
        self.emitted = 0
        self.per_ms = 0  # basal: added to num every ms
        self.bolus_num = 0  # the whole bolus in 1/den of a step, 0 if none runs
        self.bolus_start = 0
        self.bolus_ms = 1

    def set_rate(self, ng_per_day: int, t: int) -> None:
        """Basal from t on."""
        self.settle(t)
        self.per_ms = ng_per_day * self.ratio_num

    def set_ratio(self, ratio: tuple[int, int], t: int) -> None:
        """Another concentration from t on: num keeps its exact value over a common denominator. No bolus runs; the rate is set anew."""
        self.settle(t)
        den = ratio[1] * DAY_MS
        common = den // gcd(den, self.den) * self.den
        self.num *= common // self.den
        self.ratio_num = ratio[0] * (common // den)
        self.den = common

    def start_bolus(self, dose_ng: int, duration_ms: int, t: int) -> None:
        """Spread dose_ng evenly over duration_ms from t on, on top of basal."""
        self.settle(t)
        self.bolus_num = dose_ng * self.ratio_num * DAY_MS
        self.bolus_start = t
        self.bolus_ms = duration_ms

    def end_bolus(self, t: int) -> None:
        """Keep what was due by t; what was not is dropped (a full bolus drops nothing, a cut one less than 1/den of a step more)."""
        self.settle(t)
        elapsed = min(self.t - self.bolus_start, self.bolus_ms)
        self.num += self.bolus_num * elapsed // self.bolus_ms
        self.bolus_num = 0
        self.bolus_ms = 1

    def settle(self, t: int) -> None:
        """Move the plan on to t; earlier times are already part of it."""
        if t > self.t:
            self.num += self.per_ms * (t - self.t)
            self.t = t

    def take(self, steps: int) -> None:
        """Count steps as granted."""
        self.emitted += steps
        self.num -= steps * self.den

    def rate(self) -> tuple[int, int]:
        """Steps per ms as (num, den) while basal and the running bolus both flow."""
        return self.per_ms * self.bolus_ms + self.bolus_num, self.den * self.bolus_ms

    def due_us(self, nth: int = 1) -> int | None:
        """Time in us after t at which the nth step from here is due, None if nothing moves. Holds until the bolus ends."""
        rate = self.per_ms * self.bolus_ms + self.bolus_num
        if rate == 0:
            return None
        gap = ((2 * nth - 1) * self.den - 2 * self.num) * self.bolus_ms
        if self.bolus_num:
            gap -= 2 * self.bolus_num * (self.t - self.bolus_start)
        if gap <= 0:
            return 0
        return -(-500 * gap // rate)

    def due(self) -> int | None:
        """Time in ms at which the next step is due (rounded up), None if nothing moves. Holds until the bolus ends."""
        rate = self.per_ms * self.bolus_ms + self.bolus_num
        if rate == 0:
            return None
        gap = (self.den - 2 * self.num) * self.bolus_ms
        if self.bolus_num:
            gap -= 2 * self.bolus_num * (self.t - self.bolus_start)
        if gap <= 0:
            return self.t
        return self.t - (-gap // (2 * rate))

    def steps_by(self, t: int) -> int:
        """Steps that fall due up to and including t >= self.t. Holds until the bolus ends. 0 while the plan waits after a power cut."""
        lead = 2 * (self.num + self.per_ms * (t - self.t)) * self.bolus_ms
        if self.bolus_num:
            lead += 2 * self.bolus_num * (t - self.bolus_start)
        whole = 2 * self.den * self.bolus_ms
        return max(0, (lead + self.den * self.bolus_ms) // whole)

    def dump(self) -> list[int]:
        """All there is to say, for the journal; `restore` takes it."""
        return [self.t, self.num, self.emitted, self.per_ms, self.bolus_num, self.bolus_start, self.bolus_ms, self.ratio_num, self.den]

    def restore(self, values: list[int]) -> None:
        """Take over what `dump` gave."""
        self.t, self.num, self.emitted, self.per_ms, self.bolus_num, self.bolus_start, self.bolus_ms, self.ratio_num, self.den = values


def steps_to_ng(ratio: tuple[int, int], steps: int) -> int:
    """Drug in ng that `steps` delivered, rounded down."""
    return steps * ratio[1] // ratio[0]
