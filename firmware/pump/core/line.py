"""R9: which concentration is at the tip of the line, and the bridge while another one is on its way through the dead volume.

The tip's concentration is what doses, caps and the steps of a ng are reckoned with. A change of concentration fills the line from the
syringe's end, so the old drug goes on leaving until the dead volume has been pushed through; counted in steps. After power cuts the
count is uncertain: the change is taken at the end of the interval that doses less, late if the drug gets weaker and early if it gets
stronger. Mixing inside the line is not modelled. Concentrations in ng/mL; `emitted` and `gap` are Therapy's counts of steps.
"""


class Line:
    """`conc` is at the tip, 0 if nobody knows; `coming` follows it, 0 if no bridge runs."""

    def __init__(self) -> None:
        self.conc = 0
        self.coming = 0
        self.steps = 0  # of dead volume left at the mark
        self.mark = 0  # counted steps at the mark
        self.primed = 0  # steps of priming since the last therapy

    def behind(self) -> int:
        """The concentration in the syringe."""
        return self.coming or self.conc

    def weakest(self) -> int:
        """The lower one of those in syringe and line: the most volume that a dose can take."""
        return min(self.conc, self.coming) if self.coming else self.conc

    def fill(self, conc: int) -> None:
        """The whole line holds this."""
        self.conc, self.coming, self.steps = conc, 0, 0

    def begin(self, conc: int, steps: int, emitted: int, gap: int) -> None:
        """The syringe holds another concentration from here on; it is `steps` away from the tip."""
        self.coming = conc
        self.steps = steps
        self.mark = self._count(emitted, gap)

    def left(self, emitted: int, gap: int) -> int:
        """Steps until what is coming is at the tip, 0 if no bridge runs."""
        return max(0, self.steps - (self._count(emitted, gap) - self.mark)) if self.coming else 0

    def carry(self, emitted: int, gap: int) -> None:
        """The counts begin anew at 0; what is left stays left."""
        self.steps = self.left(emitted, gap)
        self.mark = 0

    def rescale(self, old: tuple[int, int], new: tuple[int, int], emitted: int, gap: int) -> None:
        """A nL takes `new` steps from here on, not `old`: the volume left stays."""
        self.steps = -(-self.left(emitted, gap) * old[1] * new[0] // (old[0] * new[1])) if old[0] else 0
        self.mark = self._count(emitted, gap)

    def arrive(self) -> None:
        """The dead volume has passed."""
        self.fill(self.behind())

    def _count(self, emitted: int, gap: int) -> int:
        return emitted if self.coming > self.conc else emitted - gap

    def dump(self) -> list[int]:
        """For the journal; `restore` takes it."""
        return [self.conc, self.coming, self.steps, self.mark, self.primed]

    def restore(self, values: list[int]) -> None:
        """Take over what `dump` gave."""
        self.conc, self.coming, self.steps, self.mark, self.primed = values
