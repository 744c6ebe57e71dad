"""A technician's session with the real `tapir` on the simulated pump, over pty and TCP: what it shows, does and refuses."""

import pytest

from tapir.simulator import Simulator

REQ = ("host",)

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@pytest.mark.parametrize("way", ["pty", "tcp"])
def test_the_first_session(cli, pump: Simulator, way: str) -> None:
    cli.port = pump.port if way == "pty" else pump.url
    assert "unprovisioned" in cli.ok("ports")
    said = cli.ok("provision", "--library", "baclofen-itb", "--syringe", "bd-3ml")
    assert "Keys for operator, clinician and service made and stored for SIM-0001" in said
    assert "State: READY, nothing prescribed." in said

    said = cli.ok("prescribe", cli.file("first.toml"), typed="500 mcg/mL\ny\n")
    for part in ("500 mcg/mL", "100 mcg/day", "= 4.167 mcg/h = 8.333 uL/h", "5 mcg over 5 min", "lockout 6 h, at most 3 a day", "115 mcg"):
        assert part in said
    for part in (
        "up to 115 mcg/day (+15 %, child)",
        "reservoir low in 11.5 days",
        "if every bolus is used 10.0 days",
        "Start this therapy? [y/N]",
    ):
        assert part in said
    assert "Committed. INFUSING at 100 mcg/day. Pump's own record: #2, " in said

    pump.advance(5 * HOUR_MS)
    said = cli.ok("bolus", "5mcg")
    assert "Started: 5 mcg over 5 min, #3" in said
    assert "Next patient bolus not before 6 h 5 min from now." in said
    pump.advance(3 * 60_000)
    refused = cli("bolus", "5mcg")
    assert refused.code == 4
    assert "Refused (R5 lockout): the last bolus ends in 2 min; the next is possible in 6 h 2 min." in refused.err

    pump.advance(37 * 60_000)
    status = cli.ok("status")
    for part in (
        "INFUSING  100.0 mcg/day  (8.333 uL/h)",
        "SIM-0001  500 mcg/mL baclofen",
        "28.6 mcg in 5 h 40 min",
        "boluses 1 of 3, next in 5 h 25 min",
    ):
        assert part in status
    for part in ("2.943 mL   low in 11.2 days", "+15 % in 18 h 20 min, taper any time"):
        assert part in status

    stop = cli("stop")
    assert stop.code == 2
    assert "There is no stop" in stop.err and "tapir taper" in stop.err and "tapir suspend" in stop.err

    log = cli.ok("log", "--verify")
    assert "BOLUS_STARTED     5 mcg over 5 min" in log
    assert "chain intact: 5 records, head " in log and "matches the pump" in log


@pytest.mark.req("R4")
def test_a_taper_steps_waits_and_goes_on(cli, pump: Simulator) -> None:
    """The whole way down is sim/scenarios/taper.txt."""
    cli.start_therapy()
    said = cli.ok("taper", typed="y\n")
    assert "80.0 64.0 51.2 41.0 32.8 27.0 mcg/day, then ENDED. 6 steps, 12.0 days." in said
    assert "TAPERING from 80 mcg/day" in said and "6 steps to come" in said
    pump.advance(2 * DAY_MS + HOUR_MS)
    assert "to the end; next 51.2 mcg/day in 1 day 23 h" in cli.ok("status")
    assert "TAPER_PAUSED at 64 mcg/day" in cli.ok("taper", "--hold", "--yes")
    pump.advance(2 * DAY_MS)
    assert cli.json("status")["set_ng_per_day"] == 64_000
    assert "TAPERING at 64 mcg/day" in cli.ok("taper", "--continue", "--yes")
    pump.advance(DAY_MS + 23 * HOUR_MS)
    assert cli.json("status")["set_ng_per_day"] == 51_200


@pytest.mark.req("R7")
def test_suspend_is_at_once_and_resume_asks(cli, pump: Simulator) -> None:
    cli.start_therapy()
    pump.advance(HOUR_MS)
    said = cli.ok("suspend", "--reason", "catheter seen outside")
    assert "SUSPENDED: nothing flows (was 100 mcg/day)." in said
    pump.advance(2 * HOUR_MS)
    status = cli("status")
    assert status.code == 5
    assert "for 2 h, was 100 mcg/day" in status.out and "ALARM SUSPENDED" in status.out
    alarms = cli("alarms")
    assert alarms.code == 5 and "SUSPENDED" in alarms.out
    bolus = cli("bolus")
    assert bolus.code == 4 and "tapir resume" in bolus.err
    no = cli("resume", typed="\n")
    assert no.code == 2 and "Nothing has changed" in no.err
    assert cli("resume").code == 2  # nobody to ask
    assert "INFUSING at 100 mcg/day" in cli.ok("resume", typed="yes\n")
    assert "catheter seen outside" in cli.ok("log")


def test_a_change_shows_old_and_new_side_by_side(cli, pump: Simulator) -> None:
    cli.start_therapy()
    pump.advance(DAY_MS)
    said = cli.ok("prescribe", cli.file("more.toml", ("100 mcg/day", "110 mcg/day"), ("115 mcg", "130 mcg")), typed="0.5 mg/mL\ny\n")
    row = next(line for line in said.splitlines() if line.startswith("Basal"))
    assert "100 mcg/day" in row and "110 mcg/day" in row and "+10 %" in row
    assert "Change the therapy to this?" in said
    assert cli.json("review")["basal_ng_per_day"] == 110_000
    log = cli.ok("log", "-n", "1")
    assert "PRESCRIBED        110 mcg/day, before 100 mcg/day" in log


@pytest.mark.req("H8")
def test_a_refill_is_compared_with_the_books(cli, pump: Simulator) -> None:
    cli.start_therapy()
    pump.advance(2 * DAY_MS)
    wrong = cli("refill", "--residual", "0.5 mL", "--volume", "3 mL", "--yes")
    assert wrong.code == 4 and "0.5 mL was found and the books say" in wrong.err and "--reason" in wrong.err
    pump.control("refill 3000000")
    said = cli.ok("refill", "--residual", "2.6 mL", "--volume", "3 mL", "--yes")
    assert "Left: 2.6 mL found, 2.600 mL by the books." in said and "Booked: 3.000 mL" in said
