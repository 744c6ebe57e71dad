"""`tapir prime` and `tapir calibrate` at the real command line: what the pump counts, and what the simulated syringe really gave."""

import os
import signal
import subprocess
import sys

import pytest

from tapir.simulator import Simulator

STEPS_PER_UL = 3200 / (3.14159265 / 4 * 8.66**2 * 1.0)  # bd-3ml, bore 8.66 mm, on the simulated board: 3200 steps and 1 mm a turn


@pytest.fixture
def ready(cli, pump: Simulator):
    """Provisioned, nothing prescribed."""
    cli.ok("provision", "--library", "baclofen-itb", "--syringe", "bd-3ml")
    return cli


def steps(pump: Simulator) -> int:
    """What left on the simulated pin, whatever the pump says."""
    return int(pump.control("truth")["steps"])


@pytest.mark.req("R10")
def test_priming_asks_moves_and_ends(ready, pump: Simulator) -> None:
    no = ready("prime", "0.5 mL", typed="\n")
    assert no.code == 2 and "Is the line disconnected from the patient" in no.out and "Nothing has moved" in no.err
    said = ready.ok("prime", "0.5 mL", typed="y\n")
    assert "PRIMING 0.5 mL, 14 s, #2 (tapir prime --cancel ends it)." in said  # 27164 steps at 2000 a second
    pump.advance(4000)
    status = ready.ok("status")
    assert status.startswith("PRIMING ") and "ends in 10 s; the line is disconnected" in status and "tapir prime --cancel" in status
    for words, part in ((("bolus", "--cancel"), "tapir prime --cancel"), (("prime", "1 mL", "--line-disconnected"), "PRIMING")):
        said = ready(*words)
        assert said.code in (2, 4) and part in said.err
    pump.advance(20_000)
    assert abs(steps(pump) - 500 * STEPS_PER_UL) <= 2
    status = ready.json("status")
    assert (status["state_name"], status["most_ng"], status["reservoir_nl"]) == ("READY", 0, pytest.approx(2_500_000, abs=100))
    log = ready.ok("log")
    assert "PRIME_STARTED     0.5 mL over 13.583 s" in log and "PRIME_ENDED       27164 microsteps" in log


@pytest.mark.req("R10")
def test_priming_can_be_cancelled_and_only_priming(ready, pump: Simulator) -> None:
    idle = ready("prime", "--cancel")
    assert idle.code == 2 and "the pump is READY" in idle.err
    done = ready.json("prime", "0.5 mL", "--line-disconnected")
    assert done["proposed"]["duration_ms"] == 13_583
    pump.advance(5000)
    assert "Priming ended, #3. READY" in ready.ok("prime", "--cancel")
    pump.advance(60_000)
    assert 9_000 <= steps(pump) <= 11_000  # 5 s at 2000 a second, and what was granted


@pytest.mark.req("R10")
def test_priming_is_refused_without_the_word_beyond_its_cap_and_in_a_therapy(cli, ready, pump: Simulator) -> None:
    said = ready("prime", "0.5 mL")
    assert said.code == 4 and "Refused (R10 priming): nobody has said that the line is disconnected" in said.err
    assert "--line-disconnected" in said.err
    said = ready("prime", "1.2 mL", "--line-disconnected")
    assert said.code == 4 and "1.2 mL is above 1 mL, the most in one go." in said.err
    said = ready("prime", "5", "--line-disconnected")
    assert said.code == 2 and "the unit is missing" in said.err
    ready.ok("prescribe", ready.file("first.toml"), "--concentration", "500 mcg/mL", "--yes")
    said = ready("prime", "0.1 mL", "--line-disconnected")
    assert said.code == 4 and "Priming is not possible while the pump is INFUSING." in said.err
    said = ready("calibrate", "--expected", "1 mL", "--found", "1 mL")
    assert said.code == 4 and "A calibration is not possible while the pump is INFUSING." in said.err
    assert steps(pump) < 100


@pytest.mark.req("R17")
def test_a_calibration_is_exact_and_the_next_prime_gives_what_it_says(ready, pump: Simulator) -> None:
    """The syringe gave 0.48 mL where 0.5 mL was meant; afterwards 0.48 mL takes exactly the steps that gave it."""
    ready.ok("prime", "0.5 mL", "--line-disconnected")
    pump.advance(20_000)
    before = steps(pump)
    no = ready("calibrate", "--expected", "0.5 mL", "--found", "0.48 mL", typed="\n")
    assert no.code == 2 and "Nothing has changed" in no.err
    assert "Steps per volume x 25/24 (+4.17 %)." in no.out
    said = ready.ok("calibrate", "--expected", "0.5 mL", "--found", "0.48 mL", typed="y\n")
    assert "Calibrated. #4, " in said
    ready.ok("prime", "0.48 mL", "--line-disconnected")
    pump.advance(20_000)
    assert abs(steps(pump) - before - 500 * STEPS_PER_UL) <= 2
    again = ready.json("calibrate", "--expected", "0.5 mL", "--weighed", "0.50000 g", "--density", "1.0000 g/mL", "--yes")
    assert (again["found_nl"], again["total_num"], again["total_den"]) == (500_000, 25, 24)
    assert "steps per volume are 25/24 of the geometry's" in ready.ok("log")


@pytest.mark.req("R17")
def test_a_calibration_is_the_services_and_bounded(ready) -> None:
    said = ready("calibrate", "--expected", "1 mL", "--weighed", "0.75 g", "--yes")
    assert said.code == 4 and "Refused (R17 service): 0.75135" in said.err and "from 0.8 mL to 1.2 mL" in said.err
    said = ready("calibrate", "--expected", "1 mL", "--found", "1 mL", "--yes", "--as", "clinician")
    assert said.code == 4 and "service" in said.err
    said = ready("calibrate", "--expected", "1 mL", "--found", "1 mL", "--weighed", "1 g", "--yes")
    assert said.code == 2 and "Either the mass or the volume" in said.err
    said = ready("calibrate", "--expected", "1 mL", "--weighed", "1", "--yes")
    assert said.code == 2 and "the unit is missing" in said.err


@pytest.mark.req("R10")
def test_waiting_shows_the_end_and_ctrl_c_leaves_the_pump_priming(ready, pump: Simulator) -> None:
    pump.control("speed 1")
    said = ready.ok("prime", "0.05 mL", "--line-disconnected", "--wait")  # 2717 steps, 1.4 s
    assert "Primed, 2716 microsteps. READY, reservoir 2.950 mL." in said
    words = [sys.executable, "-u", "-m", "tapir", "prime", "1 mL", "--line-disconnected", "--wait"]
    # A job in the background of a shell ignores Ctrl-C, and so would what it starts: this one listens, wherever the tests run.
    listen = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}
    process = subprocess.Popen(
        words, env=os.environ | ready.settings(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **listen
    )
    assert process.stdout
    assert "PRIMING 1 mL" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 2 and "Priming goes on. tapir prime --cancel ends it." in err
    assert ready.json("status")["state_name"] == "PRIMING"
    assert "Priming ended" in ready.ok("prime", "--cancel")
