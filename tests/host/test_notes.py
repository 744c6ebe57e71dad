"""`tapir note`: kept by serial number for this user only, read back in order, shown in the report beside the dose of its time."""

import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tapir import notes
from tapir.cli import app
from tapir.errors import UsageError
from tests.host import report_journal as made

REQ = ("host",)

RUN = CliRunner(env={"NO_COLOR": "1", "COLUMNS": "160"})


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAPIR_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.delenv("TAPIR_PORT", raising=False)
    monkeypatch.chdir(tmp_path)


def say(*words: str, code: int = 0) -> str:
    done = RUN.invoke(app, [*words])
    assert done.exit_code == code, done.output
    return done.output


def test_notes_are_kept_in_order_and_only_for_this_user() -> None:
    assert "Noted for SIM-0007, 2026-01-02 08:00: Ashworth 1+, left knee" in say(
        "note", "left knee", "--ashworth", "1+", "--serial", "SIM-0007", "--at", "2026-01-02 08:00"
    )
    say("note", "sleepy", "--serial", "SIM-0007", "--at", "2026-01-01 09:30")
    say("note", "--ashworth", "4", "--serial", "../x", "--at", "2026-01-01")
    found = notes.load("SIM-0007")
    assert [(n.at, n.ashworth, n.text, n.rank) for n in found] == [
        ("2026-01-01 09:30", "", "sleepy", None),
        ("2026-01-02 08:00", "1+", "left knee", 2),
    ]
    assert stat.S_IMODE(notes.path("SIM-0007").stat().st_mode) == 0o600
    assert notes.path("../x").parent == notes.path("SIM-0007").parent and len(notes.load("../x")) == 1
    assert notes.load("SIM-9999") == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--ashworth", "5"], "Accepted: 0, 1, 1+, 2, 3, 4"),
        ([], "nothing to note"),
        (["x" * 201], "longer than 200"),
        (["a\nb"], "one printable line"),
        (["x", "--at", "yesterday"], "not a date"),
        (["x", "--at", "2999-01-01"], "future"),
        (["x", "--at", "2026-01-01T08:00+01:00"], "without a zone"),
    ],
)
def test_bad_notes_are_refused(words: list[str], expected: str) -> None:
    assert expected in say("note", *words, "--serial", "SIM-0007", code=2)
    assert notes.load("SIM-0007") == []


def test_a_damaged_file_names_its_line() -> None:
    notes.add("S", notes.Note("2026-01-01 08:00", "2", "x"))
    with notes.path("S").open("a") as out:
        out.write('{"at": "2026-01-01 08:00", "ashworth": "7", "text": ""}\n')
    with pytest.raises(UsageError, match="line 2: not a note"):
        notes.load("S")


def test_the_report_shows_them_beside_the_dose(tmp_path: Path) -> None:
    pytest.importorskip("jinja2")
    made.write(tmp_path / "log.json", made.saved(made.journal()))
    for hours, score in ((100, "3"), (12, "2"), (-1, "1")):  # at 100 mcg/day, at 80 mcg/day, after the period
        at = made.READ_AT - timedelta(hours=hours)
        notes.add("SIM-0007", notes.make(at, score, "<i>knee</i>"))
    say("report", "log.json", "--out", "r.html", "--out", "r.pdf")
    page = Path("r.html").read_text()
    assert "<td>3</td><td>100 mcg/day</td><td>&lt;i&gt;knee&lt;/i&gt;</td>" in page
    assert "<td>2</td><td>80 mcg/day</td>" in page and "<td>1</td><td>" not in page
    assert "Ashworth score against dose" in page and page.count("data:image/svg+xml") == 3
    assert json.loads(say("report", "log.json", "--json", "--out", "r.html"))["prescribed_ng"] == 510_000
