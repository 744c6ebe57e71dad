"""`tapir syringe` and the `tapir refill` that ends it, at the real command line; what moved is asked of the simulated motor."""

import pytest

from tapir.simulator import Simulator

MINUTE = 60_000


@pytest.fixture
def infusing(cli, pump: Simulator):
    """The example prescription runs."""
    cli.start_therapy()
    return cli


@pytest.mark.req("R13")
def test_a_syringe_is_changed_in_two_commands_and_basal_goes_on(infusing, pump: Simulator) -> None:
    pump.advance(60 * MINUTE)
    no = infusing("syringe", typed="\n")
    assert no.code == 2 and "Stop 100 mcg/day to change the syringe for another bd-3ml?" in no.out
    said = infusing.ok("syringe", "--yes")
    assert "CHANGING: nothing flows (was 100 mcg/day). #3" in said and "Change it within 5 min" in said
    assert 'tapir refill --residual "VOLUME" --volume "VOLUME"' in said
    steps = pump.control("truth")["steps"]
    pump.advance(2 * MINUTE)
    status = infusing.ok("status")
    assert status.startswith("CHANGING  0.0 mcg/day") and "is being changed, 3 min left; then tapir refill" in status
    assert "tapir resume" not in status
    refused = infusing("resume", "--yes")
    assert refused.code == 4 and "tapir refill" in refused.err
    pump.advance(5 * MINUTE)
    late = infusing("status")
    assert late.code == 5 and "2 min longer than it should take" in late.out and "ALARM CHANGE_LATE" in late.out
    assert pump.control("truth")["steps"] == steps
    said = infusing.ok("refill", "--residual", "2.99 mL", "--volume", "3 mL", "--yes")
    assert "Booked: 3.000 mL. INFUSING at 100 mcg/day, low in" in said
    pump.advance(60 * MINUTE)
    assert infusing.json("status")["state_name"] == "INFUSING" and pump.control("truth")["steps"] - steps > 440
    log = infusing.ok("log")
    assert "CHANGE_STARTED    of the syringe, by operator" in log and "RESUMED           100 mcg/day after 7 min" in log
