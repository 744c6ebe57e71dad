"""The books of the syringe: what is in it, counted in steps that left. Volumes in nL.

Steps that may have left in a power cut count as gone, so the books never promise drug that is not there.
"""


class Reservoir:
    """`steps` counts all microsteps since provisioning, over all therapies: the motor's own odometer."""

    def __init__(self, per_nl: tuple[int, int]) -> None:
        self.num, self.den = per_nl
        self.full_nl = 0
        self.full_steps = 0  # what the filled volume is worth
        self.mark = 0  # odometer at the refill

    def refill(self, volume_nl: int, odometer: int) -> None:
        """The syringe now holds volume_nl."""
        self.full_nl = volume_nl
        self.full_steps = volume_nl * self.num // self.den
        self.mark = odometer

    def left_steps(self, odometer: int) -> int:
        """Steps until the plunger is at the end."""
        return self.full_steps - (odometer - self.mark)

    def left_nl(self, odometer: int) -> int:
        """Volume left, rounded down, never below 0. 0 while nothing is mounted."""
        if not self.num:
            return 0
        used = odometer - self.mark
        return max(0, self.full_nl - -(-used * self.den // self.num))

    def discrepancy(self, residual_nl: int, odometer: int, share_percent: int) -> tuple[int, bool]:
        """R13: residual found minus residual booked, and whether that is more than share_percent of the filling."""
        off = residual_nl - self.left_nl(odometer)
        return off, self.full_nl > 0 and abs(off) * 100 > self.full_nl * share_percent

    def dump(self) -> list[int]:
        """For the journal; `restore` takes it."""
        return [self.full_nl, self.full_steps, self.mark]

    def restore(self, values: list[int]) -> None:
        """Take over what `dump` gave."""
        self.full_nl, self.full_steps, self.mark = values
