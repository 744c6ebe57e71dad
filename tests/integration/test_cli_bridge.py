"""R9 at the real command line: the syringe is refilled with four times the concentration while the therapy runs."""

import pytest

from tapir.simulator import Simulator

HOUR_MS = 3_600_000
NEW = ("--concentration", "2000 mcg/mL")
STEPS_PER_UL = 3200 / (3.14159265 / 4 * 8.66**2 * 1.0)  # bd-3ml, bore 8.66 mm, on the simulated board: 3200 steps and 1 mm a turn


def steps(pump: Simulator) -> int:
    """What left on the simulated pin, whatever the pump says."""
    return int(pump.control("truth")["steps"])


@pytest.mark.req("R9")
def test_a_change_of_concentration_bridges_the_dead_volume(cli, pump: Simulator) -> None:
    cli.start_therapy()
    pump.advance(24 * HOUR_MS)
    change = ("500 mcg/mL", "2000 mcg/mL")
    said = cli("prescribe", cli.file("new.toml", change), *NEW, "--yes")
    assert said.code == 4 and "R9" in said.err and 'dead_volume = "0.25 mL"' in said.err
    file = cli.file("new.toml", change, ("max_24h", 'dead_volume = "0.1 mL"\nmax_24h'))
    said = cli.ok("prescribe", file, *NEW, typed="y\n")
    assert "At the tip        500 mcg/mL" in said and "0.1 mL to push through; no bolus until then" in said
    status = cli.ok("status")
    assert "bridge        2000 mcg/mL reaches the tip after 0.100 mL in 12 h 1 min; no bolus until then" in status
    bolus = cli("bolus", "5mcg")
    assert bolus.code == 4 and "Refused (R9" in bolus.err and "Possible in 12 h 1 min" in bolus.err
    before = steps(pump)
    pump.advance(12 * HOUR_MS)
    assert abs(steps(pump) - before - 100 * STEPS_PER_UL) <= 3, "100 uL at the old concentration's rate"
    pump.advance(60_000)
    assert "bridge" not in cli.ok("status") and "2000 mcg/mL" in cli.ok("status")
    before = steps(pump)
    pump.advance(24 * HOUR_MS)
    assert abs(steps(pump) - before - 50 * STEPS_PER_UL) <= 2, "100 mcg of 2000 mcg/mL are 50 uL a day"
    assert cli.json("status")["known_ng"] == pytest.approx(100_000 * 2.5, abs=200)
    log = cli.ok("log")
    assert "BRIDGE_STARTED    2000 mcg/mL behind a dead volume of 0.1 mL" in log and "BRIDGE_ENDED      2000 mcg/mL is at the tip" in log
    assert cli("bolus", "5mcg").code == 0


@pytest.mark.req("R9")
def test_a_power_cut_in_the_bridge(cli, pump: Simulator) -> None:
    cli.start_therapy()
    pump.advance(24 * HOUR_MS)
    cli.ok(
        "prescribe",
        cli.file("new.toml", ("500 mcg/mL", "1000 mcg/mL"), ("max_24h", 'dead_volume = "0.1 mL"\nmax_24h')),
        "--concentration",
        "1000 mcg/mL",
        "--yes",
    )
    pump.advance(6 * HOUR_MS)
    pump.control("cut 600000")  # a clock that never stopped bounds it: basal goes on
    status = cli.ok("status")
    assert "1000 mcg/mL reaches the tip after 0.0" in status
    pump.advance(7 * HOUR_MS)
    assert "1000 mcg/mL" in cli.ok("status") and "bridge" not in cli.ok("status")
