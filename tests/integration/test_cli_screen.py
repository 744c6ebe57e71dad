"""A test dose at the real command line, before a therapy; and how status tells the model's level when basal stands still."""

import pytest

from tapir.simulator import Simulator

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
CONC = ("--concentration", "500 mcg/mL") * 2


@pytest.mark.req("R8", "R9")
def test_a_test_dose_its_spacing_and_the_therapy_after_it(cli, pump: Simulator) -> None:
    cli.ok("provision", "--library", "baclofen-itb", "--syringe", "bd-3ml")
    assert cli("screen", "--yes").code == 2, "the concentration has no default"
    refused = cli("screen", "60 mcg", *CONC, "--yes")
    assert refused.code == 4 and "a test dose of 60 mcg lies outside the library's 12.5 mcg to 50 mcg." in refused.err
    said = cli("screen", "--concentration", "500 mcg/mL", typed="50 mcg/mL\n")
    assert said.code == 4 and "the two concentrations differ: 50 mcg/mL and 500 mcg/mL." in said.err
    said = cli.ok("screen", "--over", "10 min", typed="500 mcg/mL\n500 mcg/mL\ny\n")
    assert "Test dose: 25 mcg over 10 min, of 500 mcg/mL; no basal." in said
    assert "SCREENING: 25 mcg over 10 min, #3 (tapir screen --cancel ends it). Another not before 1 day 1 h." in said
    pump.advance(4 * MINUTE_MS)
    status = cli.ok("status")
    assert status.startswith("SCREENING ") and "test dose     25 mcg, ends in 6 min" in status and "tapir screen --cancel" in status
    pump.advance(HOUR_MS)
    assert "test dose     25 mcg 54 min ago; another in 23 h 6 min" in cli.ok("status")
    refused = cli("screen", *CONC, "--yes")
    assert refused.code == 4 and "the last test dose was 54 min ago, and between two lie 1 day at least." in refused.err
    assert "SCREEN_ENDED" in cli.ok("log") and "25 mcg in 10 min" in cli.ok("log")
    file = cli.file("first.toml", ('effective_dose = "50 mcg"', 'effective_dose = "25 mcg"'), ("100 mcg/day", "50 mcg/day"))
    said = cli.ok("prescribe", file, "--concentration", "500 mcg/mL", "--yes")
    assert "Test dose" in said and "given by this pump" in said and "not given" not in said
    assert "25 mcg, lasted up to 8 h, given by this pump" in cli.ok("review")


@pytest.mark.req("R5")
def test_a_cancelled_test_dose_counts(cli, pump: Simulator) -> None:
    cli.ok("provision", "--library", "baclofen-itb", "--syringe", "bd-3ml")
    cli.ok("screen", "50mcg", *CONC, "--over", "10 min", "--yes")
    pump.advance(MINUTE_MS)
    assert "It counts as given." in cli.ok("screen", "--cancel")
    assert cli("screen", "--cancel").code == 2
    pump.advance(HOUR_MS)
    assert cli("screen", *CONC, "--yes").code == 4
    refused = cli("prescribe", cli.file("first.toml"), "--concentration", "500 mcg/mL", "--yes")
    assert refused.code == 4 and "R6" in refused.err, "50 of an hour ago and 100 a day are more than 115"


@pytest.mark.req("R7")
def test_status_tells_how_far_the_level_has_fallen(cli, pump: Simulator) -> None:
    cli.start_therapy()
    pump.advance(3 * 24 * HOUR_MS)
    assert "level" not in cli.ok("status")
    cli.ok("suspend")
    pump.advance(270 * MINUTE_MS)
    status = cli("status").out
    assert "level         about 50 % of what 100 mcg/day keeps, by the model, half-life 4.5 h" in status
    pump.control("cut 600000")
    assert "level         about 49 % of what" in cli("status").out
