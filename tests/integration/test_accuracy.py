"""`tapir accuracy` on simulated pumps, against the plant's truth; short windows, so that it takes seconds."""

import json
import math
from fractions import Fraction
from pathlib import Path

import pytest

from tapir import accuracy, accuracy_run
from tapir.accuracy import HOUR_MS, MIN_MS, Family, due_pl
from tapir.accuracy_run import Setting
from tapir.simulator import Simulator

REQ = ("planning",)

STEP_PL = math.pi / 4 * 8.66**2 * 1 / 3200 * 1e6  # bore 8.66 mm, lead 1 mm, 3200 microsteps a turn; mm^3 are uL
SHORT = Family("syringe", "short", 30_000, (2 * MIN_MS, 5 * MIN_MS), 10 * MIN_MS, 20 * MIN_MS, "1 mL/h")
THREE_DAYS = Family("three days", "three days", HOUR_MS, (HOUR_MS, 12 * HOUR_MS), 0, 72 * HOUR_MS, "200 uL/day")


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAPIR_STATE_DIR", str(tmp_path / "state"))


@pytest.mark.req("planning", "exactness")
def test_an_ideal_plant_stays_within_a_step_and_ordinary_parts_do_not() -> None:
    setting = Setting(24_000_000)
    ideal, step_pl = accuracy_run.measure(SHORT, setting, 0)
    assert abs(float(step_pl) / STEP_PL - 1) < 1e-7
    best = accuracy.analyse(ideal, SHORT)
    for window in best.windows:
        bound = accuracy.bound(step_pl, setting.nl_per_day, window.ms)
        assert -bound <= window.lowest <= window.highest <= bound
    assert abs(best.mean) <= accuracy.bound(step_pl, setting.nl_per_day, SHORT.analysis_ms)
    flawed, _ = accuracy_run.measure(SHORT, setting, 1)
    worse = accuracy.analyse(flawed, SHORT)
    assert worse.windows[0].highest > 3 * accuracy.bound(step_pl, setting.nl_per_day, 2 * MIN_MS)
    assert abs(worse.mean) < 2  # 0.6 % of volume by the bore, and what the screw does within a third of its turn


@pytest.mark.req("GIP 1.2.1")
@pytest.mark.parametrize(("nl_per_day", "ng_per_day", "conc"), [(200_000, 100_000, 500_000), (13_500, 27_000, 2_000_000)])
def test_the_rate_is_within_5_percent_for_72_hours(nl_per_day: int, ng_per_day: int, conc: int) -> None:
    """Every hour of three days, from the first on but for what the tubing takes up once; and the whole."""
    made, _ = accuracy_run.measure(THREE_DAYS, Setting(nl_per_day, ng_per_day, conc), 0)
    due = due_pl(nl_per_day, HOUR_MS)
    gains = [after - before for before, after in zip(made.pl, made.pl[1:], strict=False)]
    assert len(gains) == 72 and all(95 * due <= 100 * gain <= 105 * due for gain in gains[1:])
    assert 95 * 72 * due <= 100 * made.pl[-1] <= 105 * 72 * due


@pytest.mark.req("GIP 1.2.1")
def test_the_rate_is_within_5_percent_for_72_hours_with_ordinary_parts() -> None:
    """Half days: the plunger sticks for minutes, and the screw runs ahead once a turn."""
    made, _ = accuracy_run.measure(THREE_DAYS, Setting(200_000, 100_000, 500_000), 2)
    due = due_pl(200_000, 12 * HOUR_MS)
    gains = [made.pl[i + 12] - made.pl[i] for i in range(0, 72, 12)]
    assert all(95 * due <= 100 * gain <= 105 * due for gain in gains)


@pytest.mark.req("exactness")
@pytest.mark.parametrize("nl_per_day", [24_000_000, 1_000_000])
def test_the_steps_themselves_stay_within_the_bound(nl_per_day: int) -> None:
    """No tubing that smooths: a scale that shows each step when it leaves. In trains (15 steps a second) and one by one."""
    made, step_pl = accuracy_run.measure(SHORT, Setting(nl_per_day), 0, scale=lambda sim: round(sim.truth()["steps"] * STEP_PL))
    result = accuracy.analyse(made, SHORT)
    for window in result.windows:
        bound = accuracy.bound(step_pl, nl_per_day, window.ms) * Fraction(1_001, 1_000)
        assert -bound <= window.lowest <= window.highest <= bound
    assert result.windows[0].highest > 0 > result.windows[0].lowest


def test_successive_boluses_of_an_ideal_plant_are_off_by_a_step_at_most() -> None:
    found, step_pl = accuracy_run.boluses(Setting(24_000), 2_000, 0, count=3)
    assert len(found.pl) == 3
    mean, high, low = found.errors()
    assert -found.bound(step_pl) <= low <= mean <= high <= found.bound(step_pl)


@pytest.mark.req("simulator")
def test_the_small_faults_of_a_plant_outlast_its_power(tmp_path: Path) -> None:
    with Simulator(tmp_path / "p", "frozen", seed=3, flaws=3) as sim:
        sim.advance(500)
    kept = json.loads((tmp_path / "p" / "plant.json").read_text())["plant"]
    assert kept["slack_q"] > 0
    with Simulator(tmp_path / "p", "frozen") as sim:
        sim.advance(100)
    assert json.loads((tmp_path / "p" / "plant.json").read_text())["plant"] == kept
    assert json.loads((tmp_path / "p" / "sim.json").read_text())["flaws"] == 3


def test_the_command_on_a_file_of_a_scale(cli) -> None:
    """1 mL/h of water for two hours, a row every half minute; 0.2 % too much in the second hour."""
    each = 0.9982 / 120
    rows = [f"{i / 2},{i * each + max(0, i - 120) * each * 0.002:.9f}" for i in range(241)]
    (cli.folder / "w.csv").write_text("\n".join(["time_min,weight_g", *rows[:3], *rows[4:]]))
    said = cli("accuracy", "w.csv", "--family", "syringe", "--rate", "1 mL/h")
    assert said.code == 2 and "w.csv, line 5: 1 min without a weight" in said.err
    (cli.folder / "w.csv").write_text("\n".join(["time_min,weight_g", *rows]))
    found = cli.json("accuracy", "w.csv", "--family", "syringe", "--rate", "1 mL/h")
    assert found["envelope"]["mean_max_ppm"] == 2000
    assert [(w["max_ppm"], w["min_ppm"]) for w in found["envelope"]["windows"]] == [(2000, 2000)] * 5
    said = cli("accuracy", "w.csv", "--family", "syringe")
    assert said.code == 2 and "--rate" in said.err


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("--family", "enteral"), "ambulatory"),
        (("--rate", "100 mcg/day"), "--concentration"),
        (("--rate", "100 mcg/day", "--concentration", "501 mcg/mL"), "500 mcg/mL"),
        (("--settle", "20 min"), "15 min"),
        (("--rate", "1 mL/h"), "bd-3ml holds 3 mL"),
        (("--syringe", "bd-2ml"), "bd-3ml"),
        (("--bolus", "2 uL"), "--family bolus"),
        (("--density", "1"), "g/mL"),
        (("--plot", "a.gif"), ".png"),
        (("--rate", "200 mcg/day", "--concentration", "500 mcg/mL"), "R8"),
    ],
)
def test_what_cannot_be_tested_is_refused(cli, words: tuple[str, ...], part: str) -> None:
    said = cli("accuracy", *words)
    assert said.code in (2, 4) and part in said.err, str(said)
