"""Accuracy by the method of IEC 60601-2-24: what a pump delivered against what was set, over windows of several lengths. Pure and exact.

A `Record` is what stood on the scale every S: pL since the flow began, and the set flow in nL/day. With Q_i the flow in sample interval
i, r the set flow, P an observation window and T the analysis period (docs/accuracy.md):

    mean error      A = 100 (Q - r) / r over the whole period
    E_p(max), E_p(min) = max, min over j = 1..m of (S/P) sum_{i=j}^{j+P/S-1} 100 (Q_i - r) / r,   m = (T - P)/S + 1

The sum telescopes: a window's mean error is that of what the scale gained in it, which is how it is reckoned here (Fractions, in per
cent). A perfect flow gives 0 everywhere. A pump that moves in steps of volume v has at most one step too many or too few in any window:
`bound`, +-100 v / (r P). accuracy_run.py and scale_csv.py make records; cli/accuracy.py and
accuracy_plot.py show the results.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from .errors import UsageError
from .wire import units

MIN_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
BOLUSES = 25


@dataclass(frozen=True)
class Family:
    """A kind of pump, as the standard tests it."""

    name: str
    title: str
    sample_ms: int
    windows_ms: tuple[int, ...]
    settle_ms: int  # from the start of the flow to the analysis
    analysis_ms: int
    flow: str  # that is set if nothing else is said

    @property
    def total_ms(self) -> int:
        return self.settle_ms + self.analysis_ms

    @property
    def described(self) -> str:
        """Ambulatory pump, 25 h after 24 h to settle"""
        analysis, settle = (units.format_ratio(ms, HOUR_MS, 2).rstrip("0").rstrip(".") for ms in (self.analysis_ms, self.settle_ms))
        return f"{self.title}, {analysis} h after {settle} h to settle"


SYRINGE = Family("syringe", "Syringe pump", 30_000, tuple(p * MIN_MS for p in (2, 5, 11, 19, 31)), HOUR_MS, HOUR_MS, "1 mL/h")
AMBULATORY = Family(
    "ambulatory",
    "Ambulatory pump",
    15 * MIN_MS,
    tuple(p * MIN_MS for p in (15, 60, 150, 330, 570, 930)),
    DAY_MS,
    25 * HOUR_MS,
    "200 uL/day",
)
# Published figures of others for comparison, as reported (not checked by us): (family, name, lowest and highest error in per cent)
REFERENCES = (
    ("ambulatory", "SynchroMed II, laboratory", (-2.4, -2.4)),
    ("ambulatory", "Prometra, achieved", (-3.2, -3.2)),
    ("ambulatory", "Prometra, endpoint", (-15.0, 15.0)),
    ("syringe", "syringe pumps at 1 mL/h", (-2.0, 2.0)),
)
FAMILIES = {family.name: family for family in (SYRINGE, AMBULATORY)}


def flow_text(nl_per_day: int) -> str:
    """8.333 uL/h, rounded; 1000 uL/h."""
    return units.format_ratio(nl_per_day, 24_000, 3).rstrip("0").rstrip(".") + " uL/h"


def volume_text(nl: int) -> str:
    """2.5 uL"""
    return units.format_ratio(nl, 1000, 3).rstrip("0").rstrip(".") + " uL"


def reference_text(family: str) -> str:
    """The published figures of a family in a line; empty if there are none."""
    found = [
        f"{name} {low:+g} %" if low == high else f"{name} {low:+g} .. {high:+g} %" for of, name, (low, high) in REFERENCES if of == family
    ]
    return f"As reported, for comparison: {'; '.join(found)}." if found else ""


@dataclass(frozen=True)
class Record:
    """`pl[i]`: picolitres delivered i sample intervals after the flow began; pl[0] is the tare."""

    name: str
    nl_per_day: int
    sample_ms: int
    pl: tuple[int, ...]


@dataclass(frozen=True)
class Window:
    """E_p(max) and E_p(min) of one window length, in per cent."""

    ms: int
    highest: Fraction
    lowest: Fraction


@dataclass(frozen=True)
class Result:
    """One record's figures. Errors in per cent; `onset_ms`: end of the first interval with 90 % of the set flow, None if there is none."""

    name: str
    mean: Fraction
    windows: tuple[Window, ...]
    onset_ms: int | None


def due_pl(nl_per_day: int, ms: int) -> Fraction:
    """What a perfect flow delivers in `ms`, in pL."""
    return Fraction(nl_per_day * 1000 * ms, DAY_MS)


def error(gained_pl: int | Fraction, nl_per_day: int, ms: int) -> Fraction:
    """100 (Q - r) / r of what was gained in `ms`."""
    return 100 * (gained_pl / due_pl(nl_per_day, ms) - 1)


def bound(step_pl: Fraction, nl_per_day: int, window_ms: int) -> Fraction:
    """100 v / (r P): the most that an ideal pump of steps can be off in a window, in per cent."""
    return 100 * step_pl / due_pl(nl_per_day, window_ms)


def window(pl: Sequence[int], nl_per_day: int, sample_ms: int, window_ms: int) -> Window:
    """The largest and the smallest mean error of all windows of this length. `window_ms` is a multiple of `sample_ms`."""
    n, rest = divmod(window_ms, sample_ms)
    if rest or not 0 < n < len(pl):
        raise UsageError(f"A window of {window_ms} ms does not fit {len(pl) - 1} samples of {sample_ms} ms.")
    gains = [pl[j + n] - pl[j] for j in range(len(pl) - n)]
    return Window(window_ms, error(max(gains), nl_per_day, window_ms), error(min(gains), nl_per_day, window_ms))


def analyse(record: Record, family: Family) -> Result:
    """The figures of a record of `family`. UsageError if it is too short."""
    first, n = family.settle_ms // family.sample_ms, family.analysis_ms // family.sample_ms
    if len(record.pl) <= first + n:
        raise UsageError(
            f"{record.name} is too short: {(len(record.pl) - 1) * record.sample_ms // MIN_MS} min, "
            f"and {family.total_ms // MIN_MS} min are needed.",
            f"{family.settle_ms // MIN_MS} min until the flow is steady (--settle), then {family.analysis_ms // MIN_MS} min.",
        )
    pl = record.pl[first : first + n + 1]
    windows = tuple(window(pl, record.nl_per_day, family.sample_ms, p) for p in family.windows_ms)
    return Result(record.name, error(pl[-1] - pl[0], record.nl_per_day, family.analysis_ms), windows, onset_ms(record))


def onset_ms(record: Record) -> int | None:
    """When the flow is there: the end of the first sample interval with 90 % of it."""
    due = due_pl(record.nl_per_day, record.sample_ms)
    for i in range(1, len(record.pl)):
        if 10 * (record.pl[i] - record.pl[i - 1]) >= 9 * due:
            return i * record.sample_ms
    return None


def flows_ul_per_h(record: Record) -> list[float]:
    """Q_i, for the start-up curve."""
    return [
        float(Fraction((after - before) * HOUR_MS, record.sample_ms * 1_000_000))
        for before, after in zip(record.pl, record.pl[1:], strict=False)
    ]


# --- boluses ---------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Boluses:
    """Successive boluses of one setting: what each delivered, in pL."""

    name: str
    set_nl: int
    pl: tuple[Fraction, ...]

    def errors(self) -> tuple[Fraction, Fraction, Fraction]:
        """(mean, largest, smallest) error of a bolus against the setting, in per cent."""
        each = [100 * (pl / (self.set_nl * 1000) - 1) for pl in self.pl]
        return sum(each, Fraction(0)) / len(each), max(each), min(each)

    def bound(self, step_pl: Fraction) -> Fraction:
        """A step too many or too few in one bolus, in per cent."""
        return 100 * step_pl / (self.set_nl * 1000)


# --- the envelope of several runs ----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Envelope:
    """The worst of several results, window by window: not one good run. (highest, lowest) pairs in per cent."""

    mean: tuple[Fraction, Fraction]
    windows: tuple[Window, ...]


def envelope(results: Sequence[Result]) -> Envelope:
    """Of results of the same family and flow."""
    means = [result.mean for result in results]
    columns = zip(*[result.windows for result in results], strict=True)
    windows = tuple(Window(column[0].ms, max(w.highest for w in column), min(w.lowest for w in column)) for column in columns)
    return Envelope((max(means), min(means)), windows)
