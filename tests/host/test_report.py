"""The report: its numbers against the hand-made journal, what it says about damage, and that its files stand alone."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tapir.cli import app
from tapir.errors import UsageError
from tapir.report import sections, source
from tapir.report.story import Story
from tapir.wire import events as e
from tests.host import report_journal as made

REQ = ("planning",)

DAY_MS, HOUR_MS = made.DAY_MS, made.HOUR_MS
END_MS = round(made.READ_AT.timestamp() * 1000)
RUN = CliRunner(env={"NO_COLOR": "1", "COLUMNS": "160"})


def story(folder: Path, events: list | None = None, **changes: object) -> Story:
    tree = made.saved(made.journal() if events is None else events, **changes)
    return Story(source.of_file(made.write(folder / "log.json", tree)))


def test_times_are_reckoned_back_over_the_power_cut(tmp_path: Path) -> None:
    told = story(tmp_path)
    assert told.end_ms == END_MS and told.start_ms == END_MS - 5 * DAY_MS - 6 * HOUR_MS
    assert told.moments[6].at_ms == END_MS - 3 * DAY_MS and all(m.certain for m in told.moments)


def test_prescribed_due_and_delivered_by_hand(tmp_path: Path) -> None:
    """4 days 6 h at 100, a day at 80, a bolus of 5 mcg; 6 h without power and 12 h suspended were not due: 510, of it due 435."""
    told = story(tmp_path)
    assert told.prescribed_ng(told.start_ms, told.end_ms) == 425_000 + 80_000 + 5_000
    assert told.due_ng(told.start_ms, told.end_ms) == 510_000 - 75_000
    last = told.drug[-1]
    assert (last.known_ng, last.most_ng) == (434_930, 435_000)
    assert [(d.known_ng, d.most_ng) for d in told.drug[5:8]] == [(204_930, 205_000), (304_930, 305_000), (304_930, 305_000)]
    facts = sections.build(told, told.start_ms, told.end_ms).facts
    assert (facts["known_ng"], facts["most_ng"], facts["due_then_ng"]) == (434_930, 435_000, 435_000)


def test_a_period_in_the_middle(tmp_path: Path) -> None:
    told = story(tmp_path)
    start, end = told.moments[6].at_ms, told.moments[9].at_ms  # from power on to the end of the suspension: 24 h ran, 12 h did not
    assert told.prescribed_ng(start, end) == 150_000 and told.due_ng(start, end) == 100_000
    facts = sections.build(told, start, end).facts
    assert (facts["known_ng"], facts["most_ng"], facts["bolus_ng"]) == (100_000, 100_000, 0)


def test_a_power_cut_of_unknown_length_makes_what_was_before_uncertain(tmp_path: Path) -> None:
    rows = tuple((*row[:3], -1, *row[4:]) if row[1] == e.POWER_ON else row for row in made.ROWS)
    told = story(tmp_path, made.journal(rows))
    assert [m.certain for m in told.moments] == [False] * 6 + [True] * 6
    report = sections.build(told, told.start_ms, told.end_ms)
    assert "at most this" in next(s.note for s in report.sections if s.title.startswith("Level"))
    assert next(s for s in report.sections if s.title == "Boluses given").rows[0][1].endswith("?")


def test_two_concentrations_have_two_ratios(tmp_path: Path) -> None:
    """500 mcg/mL at 10 ng a step until 20,000 steps, then 2000 mcg/mL at 40 ng: 200 mcg and 400 mcg."""
    rows = (
        *made.ROWS[:2],
        (DAY_MS, e.BRIDGE_STARTED, 2_000_000, 250_000, 10_000, 0, ""),
        (2 * DAY_MS, e.BRIDGE_ENDED, 2_000_000, 0, 20_000, 0, ""),
        (3 * DAY_MS, e.TAPER_STARTED, 0, 0, 22_500, 0, ""),
    )
    tree = made.saved(made.journal(rows))
    tree["pump"]["status"] |= {"conc_ng_per_ml": 2_000_000, "known_ng": 600_000, "most_ng": 600_000}
    tree["pump"]["books"] |= {"ratio_num": 1, "ratio_den": 40, "known_steps": 30_000, "most_steps": 30_000}
    told = Story(source.of_file(made.write(tmp_path / "log.json", tree)))
    assert [d.known_ng for d in told.drug] == [0, 100_000, 200_000, 300_000, 600_000]


def test_three_concentrations_have_three_ratios(tmp_path: Path) -> None:
    """500 mcg/mL for 20,000 steps of 10 ng, 2000 for 5,000 of 40 ng, 1000 for 5,000 of 20 ng: 200, 400, 500 mcg."""
    rows = (
        *made.ROWS[:2],
        (DAY_MS, e.TAPER_STARTED, 0, 0, 10_000, 0, ""),
        (2 * DAY_MS, e.BRIDGE_ENDED, 2_000_000, 0, 20_000, 0, ""),
        (3 * DAY_MS, e.BRIDGE_ENDED, 1_000_000, 0, 25_000, 0, ""),
    )
    tree = made.saved(made.journal(rows))
    tree["pump"]["status"] |= {"conc_ng_per_ml": 1_000_000, "known_ng": 500_000, "most_ng": 500_000}
    tree["pump"]["books"] |= {"ratio_num": 1, "ratio_den": 20, "known_steps": 30_000, "most_steps": 30_000}
    told = Story(source.of_file(made.write(tmp_path / "log.json", tree)))
    assert [d.known_ng for d in told.drug] == [0, 100_000, 200_000, 400_000, 500_000]


def test_an_earlier_therapy_is_not_counted_in_mcg(tmp_path: Path) -> None:
    rows = (*made.ROWS[:2], (DAY_MS, e.CLOSED, 0, 0, 10_000, 0, "explant"), (2 * DAY_MS, e.PRESCRIBED, 80_000, 0, 0, 0, ""))
    told = story(tmp_path, made.journal(rows))
    assert told.therapy_from == 4 and [d.at_ms for d in told.drug] == [told.moments[3].at_ms, told.end_ms]
    assert told.prescribed_ng(told.start_ms, told.moments[3].at_ms) == 100_000


@pytest.mark.parametrize("field", ["a", "note", "known_steps"])
def test_a_broken_chain_says_where_and_shows_the_intact_part(tmp_path: Path, field: str) -> None:
    events = made.journal()
    old = getattr(events[7], field)
    events[7] = replace(events[7], **{field: "x" if field == "note" else old + 1})
    told = story(tmp_path, events)
    assert told.chain.broken_at == 8 and told.chain.dropped == 5 and [m.event.seq for m in told.moments] == list(range(1, 8))
    assert told.drug == [] and told.end_ms == told.moments[-1].at_ms  # what runs now does not follow from the intact part
    first = sections.build(told, told.start_ms, told.end_ms).sections[0]
    assert first.tone == sections.BAD and "BROKEN at record #8" in first.note and "7 intact records" in first.note


def test_records_missing_at_the_end_are_noticed(tmp_path: Path) -> None:
    events = made.journal()
    tree = made.saved(events)
    tree["events"] = tree["events"][:-2]
    told = Story(source.of_file(made.write(tmp_path / "log.json", tree)))
    assert told.chain.broken_at is None and told.chain.head_matches is False and not told.chain.intact


def test_a_log_from_the_middle_says_so_and_knows_the_rate_before(tmp_path: Path) -> None:
    told = story(tmp_path, made.journal()[7:])
    assert not told.chain.from_start and told.chain.intact
    assert told.stretches[0].ng_per_day == 100_000
    assert "Records before #8" in sections.build(told, told.start_ms, told.end_ms).sections[0].note


def test_an_event_that_is_new_here_is_shown(tmp_path: Path) -> None:
    rows = (*made.ROWS, (4 * DAY_MS + 1, 998, 1, 2, 35_494, 7, ""))
    told = story(tmp_path, made.journal(rows))
    changed = next(s for s in sections.build(told, told.start_ms, told.end_ms).sections if s.title == "What changed")
    assert changed.rows[-1][2] == "event 998"


def test_every_section_that_is_asked_for_is_there(tmp_path: Path) -> None:
    told = story(tmp_path)
    found = {s.title: s for s in sections.build(told, told.start_ms, told.end_ms).sections}
    assert dict(found["Pump"].pairs)["Serial number"] == "SIM-0007"
    assert dict(found["Prescription in force"].pairs)["Basal"] == "80 mcg/day"
    assert found["Boluses given"].rows[0][2:] == ("5 mcg", "5 min", "ended", "5.0 mcg", "seen <b>cramps</b>")
    assert [row[3] for row in found["Boluses denied"].rows] == ["R5 lockout"]
    assert [(row[0], row[3]) for row in found["Limits overridden, and reasons given"].rows] == [
        ("#3", "seen <b>cramps</b>"),
        ("#8", "catheter out"),
    ]
    (alarm,) = found["Alarms"].rows
    assert alarm[2] == "SUSPENDED" and alarm[3] == found["What changed"].rows[3][1]  # gone when basal ran again
    assert found["Power cuts and resets"].rows[0][3] == "off 6 h, 7 steps uncertain"
    assert found["Refusals"].rows[0][2:] == ("PRESCRIBE", "LIMIT", "R2 titration")
    assert len(found["Journal"].rows) == 12 and found["Log chain"].tone == sections.GOOD
    assert found["Level in the cerebrospinal fluid"].figure and found["Delivered against prescribed"].figure


# --- the files ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TAPIR_PORT", raising=False)
    return made.write(tmp_path / "log.json", made.saved(made.journal()))


def say(*words: str, code: int = 0) -> str:
    done = RUN.invoke(app, ["report", *words])
    assert done.exit_code == code, done.output
    return done.output


def test_the_page_stands_alone(log: Path) -> None:
    pytest.importorskip("jinja2")
    assert "Written: report-SIM-0007.html" in say("log.json")
    page = Path("report-SIM-0007.html").read_text()
    assert not re.search(r"<script|<link|@import|https?://", page)
    assert re.findall(r'src="(.{19})', page) == ["data:image/svg+xml;"] * 2
    assert "@media print" in page and "not a medical device" in page
    assert "seen &lt;b&gt;cramps&lt;/b&gt;" in page and "<b>cramps" not in page
    say("log.json", "-o", "again.html")
    assert Path("again.html").read_text() == page, "the same log gives the same page"


def test_the_pdf_says_the_same(log: Path) -> None:
    reader = pytest.importorskip("pypdfium2")
    say("log.json", "--out", "r.pdf")
    pages = reader.PdfDocument("r.pdf")
    text = "\n".join(page.get_textpage().get_text_bounded() for page in pages)
    told = Story(source.of_file(log))
    for section in sections.build(told, told.start_ms, told.end_ms).sections:
        assert section.title in text
    assert "434.9 to 435.0 mcg (known to at most)" in text and "SIM-0007" in text
    assert all("Nothing here is medical advice" in page.get_textpage().get_text_bounded() for page in pages)


def test_a_reason_in_any_script_breaks_nothing(log: Path, capfd: pytest.CaptureFixture) -> None:
    rows = tuple((*row[:6], "左膝 \u202eabc ✓") if row[1] == e.SUSPENDED else row for row in made.ROWS)
    made.write(log, made.saved(made.journal(rows)))
    say("log.json", "--out", "r.html", "--out", "r.pdf")
    assert "左膝" in Path("r.html").read_text("utf-8") and "glyph" not in "".join(capfd.readouterr())


def test_json_has_the_same_numbers(log: Path) -> None:
    facts = json.loads(say("log.json", "--json"))
    assert (facts["prescribed_ng"], facts["due_ng"], facts["known_ng"], facts["most_ng"]) == (510_000, 435_000, 434_930, 435_000)
    assert facts["chain"] == {"records": 12, "broken_at": None, "not_shown": 0, "head_matches": True}
    assert facts["events"]["BOLUS_DENIED"] == 1


@pytest.mark.parametrize(
    ("words", "ng"),
    [
        (["--since", "#7"], 280_000),
        (["--since", "#7", "--until", "#10"], 150_000),
        (["--since", "24 h"], 80_000),
        (["--since", (made.READ_AT - timedelta(days=1)).isoformat(" ")], 80_000),
        (["--since", "2026-11-20"], 40_000),
        (["--since", "2026-11-19", "--until", "2026-11-19"], 90_000),
    ],
)
def test_periods(log: Path, words: list[str], ng: int) -> None:
    assert json.loads(say("log.json", "--json", *words))["prescribed_ng"] == ng


def test_a_broken_chain_is_written_and_ends_with_3(log: Path) -> None:
    tree = json.loads(log.read_text())
    tree["events"][4]["a"] += 1
    made.write(log, tree)
    said = say("log.json", "--out", "r.html", code=3)
    assert "BROKEN at record #5" in said and "does not hold" in said
    page = Path("r.html").read_text()
    assert "BROKEN at record #5" in page and "BOLUS_ENDED" in page and "TAPER_STEP" not in page


@pytest.mark.parametrize("seq", [1, 2])
def test_a_chain_that_breaks_at_once_still_gives_a_report(log: Path, seq: int) -> None:
    tree = json.loads(log.read_text())
    tree["events"][seq - 1]["a"] += 1
    made.write(log, tree)
    assert f"BROKEN at record #{seq}" in say("log.json", "--out", "r.html", "--out", "r.pdf", code=3)
    assert f"BROKEN at record #{seq}" in Path("r.html").read_text() and Path("r.pdf").stat().st_size > 1000


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["none.json"], "none.json cannot be read"),
        (["log.json", "--out", "r.doc"], "an .html or a .pdf"),
        (["log.json", "--out", "nowhere/r.pdf"], "no folder nowhere"),
        (["log.json", "--since", "#99"], "no such record among the intact ones, #1 to #12"),
        (["log.json", "--since", "2026-13-01"], "is not a date"),
        (["log.json", "--since", "5"], "the unit is missing"),
        (["log.json", "--since", "1 h", "--until", "2 h"], "The period is empty"),
        (["log.json", "--port", "/dev/x"], "not both"),
        (["."], "not a simulator's profile"),
    ],
)
def test_bad_input_is_refused_with_what_works(log: Path, words: list[str], expected: str) -> None:
    assert expected in say(*words, code=2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "is not JSON"),
        ("[]", "not a saved log"),
        ('{"events": [5]}', "record 1: not an object"),
        ('{"events": [{"seq": 1}]}', "record 1"),
        ('{"events": [], "pump": {"read_at": "yesterday"}}', "yesterday"),
    ],
)
def test_a_file_that_is_no_log_is_named_with_the_place(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        source.of_file(path)
    assert expected in str(caught.value) and "bad.json" in str(caught.value)


def test_a_number_that_is_text_is_found(tmp_path: Path) -> None:
    tree = made.saved(made.journal())
    tree["events"][2]["a"] = "5000"
    with pytest.raises(UsageError, match="record 3: a is '5000'"):
        source.of_file(made.write(tmp_path / "log.json", tree))
