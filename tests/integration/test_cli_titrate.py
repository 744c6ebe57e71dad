"""A titration at the real command line: refused, started, watched, paused, replaced; and three weeks of it by itself."""

import pytest

from tapir.simulator import Simulator

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
PLAN = ("titrate", "--to", "150 mcg/day", "--by", "10 %", "--every", "2 days")


def _start(cli) -> None:
    cli.start_therapy()
    cli.ok("prescribe", cli.file("more.toml", ('max_24h = "115 mcg"', 'max_24h = "170 mcg"')), "--concentration", "500 mcg/mL", "--yes")


@pytest.mark.req("R2")
def test_a_titration_climbs_waits_and_is_replaced(cli, pump: Simulator) -> None:
    _start(cli)
    said = cli.ok(*PLAN, typed="y\n")
    assert "From 100 mcg/day: 110.0 121.0 133.1 146.4 150.0 mcg/day, then held. 5 steps, 8.0 days." in said
    assert "The next raise is possible in 1 day (R2)." in said and "Start this titration? [y/N]" in said
    assert "TITRATING from 100 mcg/day" in said and "5 steps to come" in said
    pump.advance(25 * HOUR_MS)
    status = cli.ok("status")
    assert "TITRATING  110.0 mcg/day" in status
    assert "titration     to 150 mcg/day, +10 % every 2.0 days; next 121 mcg/day in 1 day 23 h" in status
    assert "boluses 0 of 3, next possible now" in status
    assert "TITRATION_PAUSED at 110 mcg/day" in cli.ok("titrate", "--hold", "--yes")
    pump.advance(3 * DAY_MS)
    assert "titration     held here, to 150 mcg/day" in cli.ok("status") and cli.json("status")["set_ng_per_day"] == 110_000
    assert "TITRATING at 110 mcg/day" in cli.ok("titrate", "--continue", "--yes")
    said = cli.ok("taper", "--yes")
    assert "This ends the titration that runs." in said
    refused = cli(*PLAN, "--yes")
    assert refused.code == 4 and "A titration cannot begin while the pump is TAPERING." in refused.err


@pytest.mark.req("R2", "R6")
def test_what_it_refuses_and_what_blocks_it(cli, pump: Simulator) -> None:
    cli.start_therapy()
    for words, part in (
        (PLAN, "at 150 mcg each 24 h would hold that, and the prescription's most is 115 mcg."),
        ((*PLAN[:4], "20 %", *PLAN[5:]), "a step of 20 % is above 15 %, the most R2 allows for this origin."),
        ((*PLAN[:6], "12 h"), "each step of a titration is held for 1 day at least, and 12 h is less."),
        ((*PLAN[:2], "90 mcg/day", *PLAN[3:]), "a titration goes up, and 90 mcg/day is not above what runs."),
    ):
        refused = cli(*words, "--yes")
        assert refused.code == 4 and part in refused.err, refused
    assert cli("titrate", "--to", "150 mcg/day").code == 2
    pump.advance(3 * DAY_MS)
    cli.ok("bolus", "10 mcg", "--over", "1 min", "--as", "clinician", "--yes")
    pump.advance(HOUR_MS)
    cli.ok("titrate", "--to", "110 mcg/day", "--by", "10", "--every", "1 day", "--yes")
    pump.advance(1000)
    status = cli("status")
    assert status.code == 5 and "ALARM PLAN_BLOCKED" in status.out and "TITRATING  100.0 mcg/day" in status.out
    assert "PLAN_BLOCKED" in cli.ok("log") and "110 mcg/day not now: R6 dose in 24 h" in cli.ok("log")
    pump.advance(DAY_MS)
    assert "INFUSING  110.0 mcg/day" in cli.ok("status")
    assert "TITRATION_STEP" in cli.ok("log")
