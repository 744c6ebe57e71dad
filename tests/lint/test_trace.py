"""Every test names a requirement of docs/requirements.toml, and each requirement says what does it. That they pass is `make trace`."""

from pathlib import Path

from tests import trace
from tools import gen_trace

REQ = ("structure",)


def test_every_test_names_what_it_shows() -> None:
    assert gen_trace.collected()[1] == []


def test_every_requirement_has_a_source_words_and_files() -> None:
    for name, row in trace.requirements().items():
        assert set(row) == {"source", "text", "by"} and row["by"], name
        assert [path for path in row["by"] if not (trace.ROOT / path).exists()] == [], name
        assert len(row["text"]) < 140 and not row["text"].endswith("."), name


def test_a_rule_a_page_a_row() -> None:
    """R1 to R17 are all there: none was renumbered away."""
    assert {f"R{number}" for number in range(1, 18)} <= set(trace.requirements())
    assert Path(trace.FILE).name == "requirements.toml"
