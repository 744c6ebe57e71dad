"""A flex schedule and periodic doses at the real command line, on the simulated pump: what is shown, what flows, what is refused."""

from datetime import datetime, timedelta

import pytest

from tapir import prescription
from tapir.simulator import Simulator

HOUR = 3_600_000
VIAL = ("--concentration", "500 mcg/mL", "--yes")


def write(cli, name: str, kind: str, *changes: tuple[str, str]) -> str:
    """An example prescription with changes, beside the keys."""
    text = prescription.EXAMPLES[kind]
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (cli.folder / name).write_text(text)
    return name


@pytest.fixture
def ready(cli, pump: Simulator):
    """Provisioned, nothing prescribed."""
    cli.ok("provision", "--library", "baclofen-itb", "--syringe", "bd-3ml")
    return cli


@pytest.mark.req("profiles", "R12")
def test_a_flex_therapy_from_example_to_alignment(ready, pump: Simulator) -> None:
    (ready.folder / "flex.toml").write_text(ready.ok("prescribe", "--example", "flex"))
    said = ready.ok("prescribe", "flex.toml", *VIAL)
    for part in ("Mode", "flex", "In 24 h", "100 mcg/day", "from 00:00", "from 07:00", "120 mcg/day", "= 5.000 mcg/h", "from 19:00"):
        assert part in said, part
    review = ready.ok("review")
    assert "Schedule          00:00 80.0, 07:00 120.0, 19:00 80.0 mcg/day" in review, review
    now = ready.json("status")
    assert now["set_ng_per_day"] == 100_000 and now["basal_ng_per_day"] in (80_000, 120_000) and now["mode_name"] == "flex"
    pump.advance(now["next_in_ms"] + 1000)
    after = ready.json("status")
    assert after["basal_ng_per_day"] == now["next_ng_per_day"]
    assert "100 mcg/day in 24 h. Next: " in ready.ok("status")
    assert "PROFILE           flex, " in ready.ok("log")
    pump.advance(24 * HOUR)
    told = pump.control("truth")
    assert told["steps"] > 0
    pump.control("cut 1800000")
    later = ready("status")
    assert later.code == 5 and "uncertain" in later.out and "tapir align" in later.out
    assert "uncertain" in ready.ok("review")
    said = ready.ok("align", "--keep", "--yes")
    assert "uncertain" in said and "Aligned. Next: " in said
    assert "ALIGNED" in ready.ok("log") and "uncertain" not in ready("status").out


@pytest.mark.req("profiles", "R6")
def test_a_schedule_turned_by_half_a_day_is_refused(ready, pump: Simulator) -> None:
    rows = (
        '"00:00" = "80 mcg/day"\n"07:00" = "120 mcg/day"\n"19:00" = "80 mcg/day"\n',
        '"00:00" = "50 mcg/day"\n"12:00" = "150 mcg/day"\n',
    )
    ready.ok("prescribe", write(ready, "a.toml", "flex", rows), *VIAL)
    to_high = ready.json("status")
    wait = to_high["next_in_ms"] + (0 if to_high["next_ng_per_day"] == 50_000 else 12 * HOUR)
    pump.advance(24 * HOUR + wait)  # 12 h at 150 have just ended
    course = ready.json("status")
    assert course["basal_ng_per_day"] == 50_000
    first = (datetime.now() - timedelta(hours=12)).strftime("%H:%M")  # as if it were noon in the schedule
    said = ready("align", "--first", first, "--yes")
    assert said.code == 4 and "R6 dose in 24 h" in said.err and "the prescription's most is 115 mcg" in said.err, said
    assert ready.json("status")["basal_ng_per_day"] == 50_000
    said = ready("align", "--first", datetime.now().strftime("%H:%M"), "--yes")
    assert said.code == 0, said


@pytest.mark.req("profiles", "R16")
def test_periodic_doses_and_their_bolus_refusal(ready, pump: Simulator) -> None:
    said = ready.ok("prescribe", write(ready, "p.toml", "periodic"), *VIAL)
    assert "5 mcg over 6 min" in said and "every 6 h, first 08:00, 4 a day" in said
    assert "80 mcg/day" in said and "1280" not in said  # doses, not the rates that they are made of
    shown = ready.ok("status")
    assert "Next dose in" in shown or "A dose flows and ends in" in shown
    now = ready.json("status")
    if now["next_ng_per_day"] == 80_000:
        pump.advance(now["next_in_ms"])
        now = ready.json("status")
    pump.advance(now["next_in_ms"] + 1000)
    assert ready.json("status")["basal_ng_per_day"] == 1_280_000
    said = ready("bolus", "5mcg", "--yes", "--as", "operator")
    assert said.code == 4 and "a periodic dose runs" in said.err, said


@pytest.mark.req("R1", "R12")
def test_per_hour_where_per_day_was_meant_is_refused(ready, pump: Simulator) -> None:
    wrong = write(ready, "h.toml", "flex", ('"80 mcg/day"', '"60 mcg/h"'), ('"120 mcg/day"', '"60 mcg/h"'), ('"80 mcg/day"', '"60 mcg/h"'))
    said = ready("prescribe", wrong, *VIAL)
    assert said.code == 4 and "R1 range" in said.err and "1440 mcg/day is above the library's 800 mcg/day" in said.err
    assert "You wrote the rows of [flex], that is 1440 mcg in 24 h" in said.err


@pytest.mark.req("profiles")
def test_what_is_no_schedule_is_said_before_anything_is_sent(ready) -> None:
    said = ready("prescribe", write(ready, "x.toml", "flex", ('"00:00"', '"00:30"')), *VIAL)
    assert said.code == 2 and 'x.toml, line 10: flex."00:30"' in said.err and "nothing is said for the time" in said.err
    said = ready("prescribe", "--example", "flux")
    assert said.code == 2 and "simple, flex, periodic" in said.err
    ready.ok("prescribe", ready.file("first.toml"), *VIAL)
    said = ready("align", "--yes")
    assert said.code == 2 and "nothing to align" in said.err
