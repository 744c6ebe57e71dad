"""Accuracy figures against hand-computed cases and the literal formulae of the standard; a scale's file; the bound of a pump of steps."""

import random
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from tapir import accuracy, scale_csv
from tapir.accuracy import AMBULATORY, DAY_MS, HOUR_MS, MIN_MS, SYRINGE, Boluses, Family, Record
from tapir.errors import TapirError
from tapir.scale_csv import ScaleError

REQ = ("planning",)

ONE_ML_PER_H = 24_000_000  # nL/day; 1/120 mL, so no whole number of pL, in each half minute
SMALL = Family("small", "small", MIN_MS, (MIN_MS, 2 * MIN_MS), 2 * MIN_MS, 4 * MIN_MS, "1 mL/h")
MINUTE_PL = 1_000_000  # of SMALL's flow below
FLOW = MINUTE_PL * 1440 // 1000  # nL/day


def record(family: Family, gains: list[int], nl_per_day: int = FLOW) -> Record:
    pl = [0]
    for gain in gains:
        pl.append(pl[-1] + gain)
    return Record("r", nl_per_day, family.sample_ms, tuple(pl))


def test_the_families_are_the_standards() -> None:
    """IEC 60601-2-24: S and P in minutes; the second hour; 25 h."""
    assert (SYRINGE.sample_ms, SYRINGE.windows_ms) == (30_000, tuple(p * 60_000 for p in (2, 5, 11, 19, 31)))
    assert (SYRINGE.settle_ms, SYRINGE.analysis_ms) == (3_600_000, 3_600_000)
    assert (AMBULATORY.sample_ms, AMBULATORY.windows_ms) == (900_000, tuple(p * 60_000 for p in (15, 60, 150, 330, 570, 930)))
    assert (AMBULATORY.settle_ms, AMBULATORY.analysis_ms) == (86_400_000, 25 * 3_600_000)


@pytest.mark.parametrize(("family", "nl_per_day"), [(SYRINGE, 24_000_000 * 3), (AMBULATORY, 96_000)])
def test_a_perfect_flow_gives_zero_everywhere(family: Family, nl_per_day: int) -> None:
    each = accuracy.due_pl(nl_per_day, family.sample_ms)
    assert each.denominator == 1
    result = accuracy.analyse(record(family, [int(each)] * (family.total_ms // family.sample_ms), nl_per_day), family)
    assert result.mean == 0 and result.onset_ms == family.sample_ms
    assert [(w.ms, w.highest, w.lowest) for w in result.windows] == [(p, 0, 0) for p in family.windows_ms]


def test_a_case_worked_by_hand() -> None:
    """Gains of 1.1, 0.8, 1.0, 1.3 of what is due after two minutes that do not count:
    single minutes +10, -20, 0, +30 %; pairs -5, -10, +15 %; the mean of all four +5 %."""
    result = accuracy.analyse(record(SMALL, [0, 500_000, 1_100_000, 800_000, 1_000_000, 1_300_000]), SMALL)
    assert [(w.highest, w.lowest) for w in result.windows] == [(30, -20), (15, -10)]
    assert result.mean == 5 and result.onset_ms == 3 * MIN_MS


def test_one_late_step_is_missing_in_one_window_and_too_many_in_the_next() -> None:
    gains = [MINUTE_PL] * 6
    gains[3] -= 20_000  # a step of 20 nL, 2 % of a minute's due, comes a minute late
    gains[4] += 20_000
    result = accuracy.analyse(record(SMALL, gains), SMALL)
    assert [(w.highest, w.lowest) for w in result.windows] == [(2, -2), (1, -1)] and result.mean == 0
    assert accuracy.bound(Fraction(20_000), FLOW, MIN_MS) == 2 and accuracy.bound(Fraction(20_000), FLOW, 2 * MIN_MS) == 1


def literal(made: Record, family: Family, p_ms: int) -> tuple[Fraction, Fraction]:
    """The standard's formulae as they are written, in mL/h."""
    s, p, t = family.sample_ms // 1000, p_ms // 1000, family.analysis_ms // 1000  # in s: S may be half a minute
    r = Fraction(made.nl_per_day, 24 * 10**6)
    first = family.settle_ms // family.sample_ms
    q = [Fraction(3600 * (b - a), s * 10**9) for a, b in zip(made.pl[first:], made.pl[first + 1 :], strict=False)]
    m = (t - p) // s + 1
    means = [Fraction(s, p) * sum(100 * (q[i] - r) / r for i in range(j, j + p // s)) for j in range(m)]
    return max(means), min(means)


@pytest.mark.parametrize("family", [SYRINGE, AMBULATORY])
def test_the_figures_are_those_of_the_literal_formulae(family: Family) -> None:
    dice = random.Random(7)
    due = int(accuracy.due_pl(ONE_ML_PER_H, family.sample_ms))
    made = record(family, [dice.randrange(due // 2, 3 * due // 2) for _ in range(family.total_ms // family.sample_ms)], ONE_ML_PER_H)
    for window in accuracy.analyse(made, family).windows:
        assert (window.highest, window.lowest) == literal(made, family, window.ms)


@pytest.mark.parametrize("phase", [Fraction(0), Fraction(1, 3), Fraction(999, 1000)])
@pytest.mark.parametrize(("family", "nl_per_day"), [(SYRINGE, ONE_ML_PER_H), (AMBULATORY, 200_000), (AMBULATORY, 13_500)])
def test_an_ideal_step_scheduler_stays_within_the_bound(family: Family, nl_per_day: int, phase: Fraction) -> None:
    """Steps of 18,407 pL, evenly spaced: never more than one too many or too few; and one more would be seen."""
    v = 18_407
    times = range(0, family.total_ms + 1, family.sample_ms)
    pl = tuple(v * int(accuracy.due_pl(nl_per_day, ms) / v + phase) for ms in times)
    result = accuracy.analyse(Record("steps", nl_per_day, family.sample_ms, pl), family)
    for window in result.windows:
        limit = accuracy.bound(Fraction(v), nl_per_day, window.ms)
        assert -limit <= window.lowest <= window.highest <= limit
    shortest = result.windows[0]
    twice = accuracy.window([0, *(int(accuracy.due_pl(nl_per_day, shortest.ms)) + 2 * v,)], nl_per_day, shortest.ms, shortest.ms)
    assert twice.highest > accuracy.bound(Fraction(v), nl_per_day, shortest.ms)


def test_the_envelope_is_the_worst_of_all_runs() -> None:
    runs = [record(SMALL, [0, 0, a, b, MINUTE_PL, MINUTE_PL]) for a, b in ((1_100_000, 1_000_000), (700_000, 1_000_000))]
    found = accuracy.envelope([accuracy.analyse(made, SMALL) for made in runs])
    assert [(w.highest, w.lowest) for w in found.windows] == [(10, -30), (5, -15)]
    assert found.mean == (Fraction(5, 2), Fraction(-15, 2))


def test_boluses_against_their_setting() -> None:
    made = Boluses("b", 10_000, tuple(Fraction(pl) for pl in (10_000_000, 10_200_000, 9_500_000)))
    assert made.errors() == (-1, 2, -5) and made.bound(Fraction(18_000)) == Fraction(18, 100)


def test_a_short_record_says_how_long_it_must_be() -> None:
    with pytest.raises(TapirError) as caught:
        accuracy.analyse(record(SYRINGE, [1] * 190, ONE_ML_PER_H), SYRINGE)
    assert "95 min" in str(caught.value) and "120 min" in str(caught.value)


# --- a scale's file ----------------------------------------------------------------------------------------------------------
def read(tmp_path: Path, text: str, sample_ms: int = MIN_MS, **units: str) -> Record:
    path = tmp_path / "scale.csv"
    path.write_text(text)
    return scale_csv.samples(path, FLOW, sample_ms, Fraction("0.9982"), **units)


@pytest.mark.parametrize(
    "header", ["time_min,weight_g", "time (min),weight (g)", "Time [min],Weight [g]", "time/min,weight/g", "time min,weight g"]
)
def test_weights_become_volumes_by_the_density(tmp_path: Path, header: str) -> None:
    """0.9982 g of water are 1 mL are 10^9 pL; the first row is the tare."""
    made = read(tmp_path, f"# scale 7\n{header}\n10,1.0000\n11,1.9982\n12,2.49730\n")
    assert made.pl == (0, 10**9, 1_500_000_000) and made.name == "scale.csv"


def test_units_by_option_other_columns_and_samples_between_rows(tmp_path: Path) -> None:
    text = "n;time;weight\n1;0;0\n2;40;399.28\n3;80;798.56\n4;120;1197.84\n"
    made = read(tmp_path, text, time_unit="s", weight_unit="mg")
    assert made.pl == (0, 600_000_000, 1_200_000_000)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ("is empty", "time_min,weight_g")),
        ("time_min,mass_g\n0,0\n", ("line 1", "no column weight", "mass_g")),
        ("time,weight_g\n0,0\n", ("line 1", "the unit of time is missing", "--time-unit")),
        ("time_min,weight_kg\n0,0\n", ("line 1", "kg is no unit of weight", "g, mg")),
        ("time_min,weight_g\n0,0\n1,\n", ("line 3", "weight (empty) is not a number")),
        ("time_min,weight_g\n0,0\n1,0.1x\n", ("line 3", "weight 0.1x is not a number")),
        ("time_min,weight_g\n0,0\n1,nan\n", ("line 3", "nan is not a number")),
        ("time_min;weight_g\n0;0\n1;0,5\n", ("line 3", "0,5 is not a number", "a point")),
        ("time_min,weight_g\n0,0\n1,0,5\n", ("line 3", "3 columns, and the header has 2", "1,0,5")),
        ("time_min,weight_g\n0,0\n1,1\n1,2\n", ("line 4", "the time does not go on")),
        ("time_min,weight_g\n0,0\n1,1\n3,2\n", ("line 4", "2 min without a weight")),
        ("time_min,weight_g\n0,0\n", ("1 rows",)),
    ],
)
def test_a_file_that_cannot_be_used_names_line_and_value(tmp_path: Path, text: str, parts: tuple[str, ...]) -> None:
    with pytest.raises(ScaleError) as caught:
        read(tmp_path, text)
    for part in ("scale.csv", *parts):
        assert part in str(caught.value)


def test_a_missing_or_binary_file(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_bytes(b"time\xff")
    for name, part in (("none.csv", "No such file"), ("b.csv", "byte 4")):
        with pytest.raises(ScaleError) as caught:
            scale_csv.read(tmp_path / name)
        assert name in str(caught.value) and part in str(caught.value)


def test_weighed_boluses_are_the_differences(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_text("weight_mg\n0\n9.982\n19.964\n")
    assert scale_csv.weighings(path, Fraction("0.9982")) == [10_000_000, 10_000_000]


def test_the_settle_time_moves_the_analysis() -> None:
    gains = [0, 0, *[MINUTE_PL] * 4]
    assert accuracy.analyse(record(SMALL, gains), SMALL).mean == 0
    assert accuracy.analyse(record(SMALL, gains), replace(SMALL, settle_ms=MIN_MS)).mean == -25
    assert HOUR_MS * 24 == DAY_MS
