"""The scenarios of sim/scenarios/ hold, and the runner fails what should fail, with the line's number."""

from pathlib import Path

import pytest

from tapir.scenario import Line, ScenarioError, load, play

REQ = ("simulator",)

SCENARIOS = sorted((Path(__file__).parents[2] / "sim" / "scenarios").glob("*.txt"))


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAPIR_STATE_DIR", str(tmp_path / "state"))


def written(folder: Path, text: str) -> list[Line]:
    path = folder / "story.txt"
    path.write_text(text)
    return list(play(load(path)))


@pytest.mark.parametrize("path", SCENARIOS, ids=[path.stem for path in SCENARIOS])
def test_scenario(path: Path) -> None:
    failed = [line for line in play(load(path)) if not line.ok]
    assert not failed, "\n".join(f"{path.name}:{line.number}: {line.text}: {line.why}\n{line.output}" for line in failed)


def test_what_does_not_hold_fails_and_the_story_goes_on(tmp_path: Path) -> None:
    lines = written(
        tmp_path,
        "expect state READY\n"
        "expect status known_ng 5..6\n"
        "cli bolus 5mcg\n"
        "advance 1h\n"
        "cli stop\n"
        "expect exit 4\n"
        "cli stop\n"
        "expect says there is no bananas\n"
        "cli stop\n"
        "expect refused R5\n"
        "fault gravity 1\n"
        "expect truth us 3600000000\n",
    )
    assert [line.ok for line in lines] == [False, False, False, True, True, False, True, False, True, False, False, True]
    assert "UNPROVISIONED" in lines[0].why
    assert "known_ng is 0" in lines[1].why
    assert "exit code" in lines[2].why
    assert "occlusion" in lines[10].why
    assert lines[-1].number == 12


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("expect state READY\nfly away\n", "story.txt:2: no action fly"),
        ("advance 6\n", "story.txt:1: advance 6"),
        ("advance 1h\nseed 3\n", "story.txt:2: seed must come before"),
        ("expect happiness\n", "story.txt:1: expect happiness"),
        ("expect state RUNNING\n", "no state RUNNING"),
        ("expect status known_ng lots\n", "story.txt:1"),
        ("power on\n", "off is missing"),
        ("cut off 3h\n", "at is missing"),
        ("cli bolus 'x\n", "story.txt:1"),
        ("press SUSPEND\n", "story.txt:1"),
        ("reset\n", "incomplete"),
    ],
)
def test_what_cannot_be_read_is_refused_before_anything_runs(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "story.txt"
    path.write_text(text)
    with pytest.raises(ScenarioError, match="story.txt:") as caught:
        load(path)
    assert says in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="cannot be read"):
        load(tmp_path / "nothing.txt")
