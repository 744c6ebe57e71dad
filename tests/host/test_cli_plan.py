"""`tapir plan`: tables, JSON, pictures, and what is refused with which exit code."""

import json
import struct
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tapir.cli import app
from tapir.prescription import EXAMPLE

REQ = ("planning",)

RUN = CliRunner(env={"NO_COLOR": "1", "COLUMNS": "160"})
DAY_MS = 86_400_000

GOOD = {
    "titration": ["--from", "50 mcg/day", "--to", "120 mcg/day", "--origin", "child", "--start", "2026-12-01"],
    "taper": ["--from", "100 mcg/day", "--concentration", "500 mcg/mL", "--reservoir", "1 mL", "--start", "2026-12-01"],
    "bridge": ["--rate", "100 mcg/day", "--old", "500 mcg/mL", "--new", "2000 mcg/mL", "--dead-volume", "0.25 mL"],
    "refill": ["first.toml", "--reservoir", "3 mL", "--start", "2026-12-01"],
    "oral": ["--weight", "20 kg", "--age", "7 years", "--since-injury", "7 years", "--other", "diazepam"],
    "candidate": ["--spasticity", "severe", "--oral", "refractory", "--movement", "spastic", "--since-injury", "5 months"],
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "first.toml").write_text(EXAMPLE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def say(*words: str, code: int = 0) -> str:
    done = RUN.invoke(app, ["plan", *words])
    assert done.exit_code == code, done.output
    return done.output


@pytest.mark.parametrize("name", GOOD)
def test_every_plan_fits_a_screen_and_says_what_it_is_not(name: str) -> None:
    said = say(name, *GOOD[name])
    assert said.rstrip().endswith("Bench and research model: not medical advice.")
    assert len(said.splitlines()) <= 24


@pytest.mark.parametrize("name", GOOD)
def test_json_has_whole_numbers_with_units_in_their_names(name: str) -> None:
    def leaves(value: object, key: str = "") -> list[tuple[str, object]]:
        if isinstance(value, dict):
            return [leaf for k, v in value.items() for leaf in leaves(v, k)]
        if isinstance(value, list):
            return [leaf for v in value for leaf in leaves(v, key)]
        return [(key, value)]

    found = json.loads(say(name, *GOOD[name], "--json"))
    for key, value in leaves(found):
        assert not isinstance(value, float), key
        if isinstance(value, int) and not isinstance(value, bool):
            units = ("_ng", "_nl", "_ms", "_permille", "_percent", "_days", "_per_day", "_per_ml", "_day", "_g", "_months")
            assert key.endswith(units) or key in ("step", "day", "percent", "week", "soft"), key
    assert "not medical advice" in found["statement"]


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_every_plan_has_a_picture(name: str, suffix: str, folder: Path) -> None:
    pytest.importorskip("matplotlib")
    say(name, *GOOD[name], "--plot", f"plan.{suffix}")
    data = (folder / f"plan.{suffix}").read_bytes()
    if suffix == "png":
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        width, height = struct.unpack(">II", data[16:24])
        assert width > 800 and height > 300
    else:
        assert b"<svg" in data and b"http://www.w3.org/2000/svg" in data
        assert b"<dc:date>" not in data, "the same plan gives the same file"


def test_the_titration_table() -> None:
    lines = say("titration", *GOOD["titration"]).splitlines()
    assert lines[1].split() == ["0", "0", "2026-12-01", "50.0", "0"]
    assert lines[2].split() == ["1", "1", "2026-12-02", "57.5", "+15", "%", "50"]
    assert lines[8].split() == ["7", "7", "2026-12-08", "120.0", "+3.8", "%", "553"]


def test_soft_steps_are_marked() -> None:
    said = say("titration", "--from", "400 mcg/day", "--to", "800 mcg/day", "--origin", "spinal")
    assert [line.split("  ")[-1].strip() for line in said.splitlines()[2:5]] == ["**", "**", "*"]
    assert "** soft limit, each needs a reason: a raise of more than 20 % above 500 mcg/day; a basal rate above" in said


def test_the_taper_says_the_day_of_the_refill() -> None:
    assert "refill by day 8" in say("taper", *GOOD["taper"])


@pytest.mark.req("R3")
def test_a_taper_steeper_than_r3_needs_a_reason() -> None:
    assert "needs a clinician's reason" in say("taper", "--from", "400 mcg/day", "--preset", "infected")
    assert "reason" not in say("taper", "--from", "400 mcg/day", "--preset", "gentle")


def test_the_bridge_says_how_long_and_at_which_flow() -> None:
    lines = say("bridge", *GOOD["bridge"]).splitlines()
    assert lines[1].split() == "now, for 1 day 6 h 500 mcg/mL 8.333 uL/h 100 mcg/day refused refused".split()
    assert lines[2].split()[5:9] == ["2000", "mcg/mL", "2.083", "uL/h"]
    assert "25.0 mcg/day (-75 %)" in lines[3]
    found = json.loads(say("bridge", *GOOD["bridge"], "--json"))
    assert found["bridge_ms"] == 30 * 3_600_000 and found["bolus_allowed_meanwhile"] is False


def test_the_refill_dates() -> None:
    said = say("refill", *GOOD["refill"])
    assert "11.5 days  2026-12-12  15.0 days  2026-12-16" in said
    assert "10.0 days  2026-12-11  13.0 days  2026-12-14" in said
    assert "Refill by 2026-12-11." in said


def test_the_oral_table_marks_what_is_exceptional() -> None:
    said = say("oral", "--weight", "60 kg", "--age", "15 y", "--since-injury", "15 y", "--target", "120 mg/day")
    assert said.count("EXCEPTIONAL") == 5 and "30 + 30 + 30 + 30" in said


def test_help_teaches_by_example() -> None:
    for name in GOOD:
        assert f"tapir plan {name}" in " ".join(say(name, "--help").split())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["titration", "--from", "5", "--to", "120 mcg/day"], "the unit is missing"),
        (["titration", "--from", "1,000 mcg/day", "--to", "120 mcg/day"], "without separators"),
        (["titration", "--from", "50 ug/day", "--to", "120 mcg/day"], "write mcg"),
        (["titration", "--from", "50 mcg/day", "--to", "120 mcg/day", "--origin", "chld"], "Did you mean child"),
        (["titration", "--from", "50 mcg/day", "--to", "120 mcg/day", "--hold", "12 h"], "R2 titration"),
        (["titration", "--from", "50 mcg/day", "--to", "120 mcg/day", "--start", "1.12."], "Accepted: 2026-12-01"),
        (["taper", "--from", "100 mcg/day", "--reservoir", "3 mL"], "needs --concentration"),
        (["bridge", "--rate", "100 mcg/day", "--old", "500", "--new", "2000 mcg/mL", "--dead-volume", "1 mL"], "the unit is missing"),
        (["bridge", "--rate", "100 mcg/day", "--old", "5 mcg", "--new", "2000 mcg/mL", "--dead-volume", "1 mL"], "measures a dose"),
        (["refill", "first.toml"], "How much is in the reservoir?"),
        (["refill", "--reservoir", "3 mL"], "go with a prescription file"),
        (["refill", "none.toml", "--reservoir", "3 mL"], "none.toml cannot be read"),
        (["refill", "first.toml", "--reservoir", "3 mL", "--full", "2 mL"], "more than --full 2 mL"),
        (["oral", "--weight", "0 kg", "--age", "7 y", "--since-injury", "7 y"], "--weight 0 kg is outside"),
        (["oral", "--weight", "20", "--age", "7 y", "--since-injury", "7 y"], "the unit is missing"),
        (["oral", "--weight", "20 kg", "--age", "18 y", "--since-injury", "7 y"], "outside 2 to 17 years"),
        (["oral", "--weight", "20 kg", "--age", "7 y", "--since-injury", "8 y"], "longer than --age"),
        (["candidate", "--spasticity", "severe", "--movement", "athetosis"], "contradict"),
        (["taper", "--from", "100 mcg/day", "--plot", "plan.jpg"], "a .png or an .svg"),
        (["taper", "--from", "100 mcg/day", "--plot", "nowhere/plan.png"], "no folder nowhere"),
    ],
)
def test_bad_input_is_refused_with_what_works(words: list[str], expected: str) -> None:
    said = say(*words, code=2)
    assert expected in said and "Traceback" not in said
