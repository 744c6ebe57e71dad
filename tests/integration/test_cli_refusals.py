"""Bad input and bad luck at the real command line: each its own error with what would work, and the therapy goes on."""

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest

from tapir.simulator import Simulator

REQ = ("host",)

HOUR_MS = 3_600_000
CONC = ("--concentration", "500 mcg/mL")


@pytest.fixture
def running(cli, pump: Simulator):
    """A therapy an hour old."""
    cli.start_therapy()
    pump.advance(HOUR_MS)
    yield cli
    assert cli.json("status")["set_ng_per_day"] == 100_000  # whatever was refused changed nothing


@pytest.mark.req("R1", "R12", "H12", "H2")
def test_an_hourly_rate_for_a_daily_one(running) -> None:
    said = running("prescribe", running.file("f.toml", ("100 mcg/day", "60 mcg/h")), *CONC, "--yes")
    assert said.code == 4
    assert "Refused (R1 range): 1440 mcg/day is above the library's 800 mcg/day." in said.err
    assert "You wrote 60 mcg/h, that is 1440 mcg in 24 h, +1340 % of now. Did you mean 60 mcg/day?" in said.err


@pytest.mark.req("R9")
@pytest.mark.parametrize(
    ("typed", "code", "part"),
    [
        ("1000 mcg/mL\ny\n", 4, "the two concentrations differ: 1000 mcg/mL and 500 mcg/mL"),
        ("500\ny\n", 2, "the unit is missing"),
        ("500 ug/mL\ny\n", 2, "write mcg"),
        ("\n", 2, "500 mcg/mL"),
    ],
)
def test_the_concentration_must_be_retyped_as_on_the_vial(running, typed: str, code: int, part: str) -> None:
    said = running("prescribe", "first.toml", typed=typed)
    assert said.code == code and part in said.err


@pytest.mark.req("R9")
def test_yes_does_not_answer_for_the_concentration(running) -> None:
    said = running("prescribe", "first.toml", "--yes")
    assert said.code == 2 and "--concentration" in said.err
    said = running("prescribe", "first.toml", "--concentration", "50 mcg/mL", "--yes")
    assert said.code == 4 and "R9" in said.err


def test_no_is_the_default_answer(running) -> None:
    said = running("prescribe", "first.toml", typed="500 mcg/mL\n\n")
    assert said.code == 2 and "Nothing has changed" in said.err


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (('"100 mcg/day"', '"100 ug/day"'), ["f.toml, line 10", "write mcg"]),
        (("[basal]", "[bassal]"), ["bassal is not a key", "Did you mean basal?"]),
        (('"6 h"', "6"), ["patient_bolus.lockout = 6", "without a unit", '"6 h"']),
    ],
)
def test_a_broken_file_is_named_with_its_line(running, change: tuple[str, str], parts: list[str]) -> None:
    said = running("prescribe", running.file("f.toml", change), *CONC, "--yes")
    assert said.code == 2
    for part in parts:
        assert part in said.err


def test_a_wrong_role_is_told_who_may(running) -> None:
    said = running("taper", "--as", "operator", "--yes")
    assert said.code == 4 and "clinician" in said.err
    said = running("status", "--as", "king")
    assert said.code == 2 and "observer, operator, clinician, service" in said.err


@pytest.mark.req("R16")
def test_another_dose_is_the_clinicians(running) -> None:
    said = running("bolus", "8 mcg")
    assert said.code == 4 and "R16" in said.err and "8 mcg" in said.err and "5 mcg" in said.err
    said = running("bolus", "8 mcg", "--as", "clinician", typed="n\n")
    assert said.code == 2 and "Give it?" in said.out


def test_cancel_without_a_bolus(running) -> None:
    said = running("bolus", "--cancel")
    assert said.code == 4 and "no bolus runs" in said.err


@pytest.mark.req("R4")
def test_a_taper_upwards(running) -> None:
    said = running("taper", "--to", "150 mcg/day", "--yes")
    assert said.code == 4 and "150 mcg/day" in said.err


def test_keys_of_another_computer(running) -> None:
    keys = running.folder / "config" / "keys"
    away = running.folder / "away"
    shutil.move(keys, away)
    said = running("bolus")
    assert said.code == 2 and "No keys for SIM-0001" in said.err and str(keys) in said.err
    said = running("provision", "--library", "baclofen-itb", "--syringe", "bd-3ml", "--yes")
    assert said.code == 2 and "While it is INFUSING not even that may (R17)" in said.err and "SUSPEND" in said.err
    shutil.move(away, keys)


@pytest.mark.req("R17")
def test_lost_keys_of_a_pump_without_a_therapy(cli, pump: Simulator) -> None:
    provision = ("provision", "--library", "baclofen-itb", "--syringe", "bd-3ml", "--yes")
    cli.ok(*provision)
    shutil.rmtree(cli.folder / "config" / "keys")
    said = cli(*provision)
    assert said.code == 2 and "SIM-0001 is provisioned (READY)" in said.err and "--lost-keys" in said.err
    said = cli(*provision, "--lost-keys")
    assert said.code == 2 and "CONFIRM is not held on SIM-0001" in said.err
    cli.ok("sim", "ctl", "press", "CONFIRM", "60000")
    assert "stored for SIM-0001" in cli.ok(*provision, "--lost-keys")
    said = cli("bolus", "5 mcg", "--as", "clinician", "--yes")
    assert said.code == 4 and "READY" in said.err, "refused for its state, by a pump that knows the new key"


@pytest.mark.req("R17")
def test_a_running_pump_gives_no_new_keys_whoever_holds_it(running) -> None:
    said = running("provision", "--library", "baclofen-itb", "--syringe", "bd-3ml", "--yes", "--lost-keys")
    assert said.code == 2 and "new keys are for a pump without a therapy (R17)" in said.err


def test_a_closed_standard_input_is_nobody(running) -> None:
    def closed() -> None:
        os.close(0)

    for words in (("taper",), ("prescribe", "first.toml")):
        done = subprocess.run(
            [sys.executable, "-m", "tapir", *words],
            env=os.environ | running.settings(),
            cwd=running.folder,
            capture_output=True,
            text=True,
            preexec_fn=closed,
        )
        assert done.returncode == 2 and "Traceback" not in done.stderr and "--" in done.stderr


@pytest.mark.req("R16")
def test_a_clinician_is_not_told_to_be_one(running) -> None:
    said = running("bolus", "40 mcg", "--as", "clinician", "--yes")
    assert said.code == 4 and "With a reason you may: --reason TEXT" in said.err and "A clinician may" not in said.err


def test_what_the_parser_refuses_is_json_too(cli) -> None:
    for words in (("bolus", "--bogus"), ("nonsense",), ("log", "--last", "x")):
        said = cli(*words, "--json")
        error = json.loads(said.out)["error"]
        assert said.code == 2 and said.err == "" and error["exit"] == 2 and "--help" in error["message"][-1]
    assert cli("bolus", "--bogus").out == ""


def test_a_running_pump_is_not_provisioned_again(running) -> None:
    said = running("provision", "--library", "baclofen-itb", "--syringe", "bd-3ml", "--yes")
    assert said.code == 4 and "R17" in said.err and "INFUSING" in said.err


def test_a_port_that_is_none(running) -> None:
    for port, part in (("/dev/nope", "no port /dev/nope"), ("/dev/null", "not a serial port"), ("socket://127.0.0.1:9", "Nothing answers")):
        said = running("status", "--port", port)
        assert said.code == 3 and part in said.err


def test_a_port_that_is_no_pump(running) -> None:
    """Something that echoes, as a modem or a REPL does."""
    master, slave = os.openpty()
    echo = subprocess.Popen([sys.executable, "-c", "import os\nwhile True: os.write(1, os.read(0, 100))"], stdin=master, stdout=master)
    try:
        said = running("status", "--port", os.ttyname(slave))
        assert said.code == 3 and "not a Tapir pump" in said.err or "no valid answer" in said.err
    finally:
        echo.send_signal(signal.SIGKILL)
        echo.wait()
        os.close(master)
        os.close(slave)


def test_a_value_the_schema_does_not_know(running) -> None:
    said = running("suspend", "--reason", "x" * 65)
    assert said.code == 2 and "reason" in said.err and "64" in said.err


def test_status_of_a_pump_that_is_not_provisioned(cli) -> None:
    said = cli("status")
    assert said.code == 0 and "UNPROVISIONED" in said.out
    said = cli("bolus")
    assert said.code == 2 and "tapir provision" in said.err
    said = cli("provision", "--library", "morphine", "--syringe", "bd-3ml")
    assert said.code == 2 and "baclofen-itb" in said.err


def test_a_wiped_pump_is_not_silently_taken_for_a_new_one(cli, pump: Simulator) -> None:
    cli.start_therapy()
    pump.stop()
    (pump.profile / "flash.bin").unlink()
    pump.start()
    cli.port = pump.port
    said = cli("provision", "--library", "baclofen-itb", "--syringe", "bd-3ml", "--yes")
    assert said.code == 2 and "--replace" in said.err and "wiped" in said.err
    cli.ok("provision", "--library", "baclofen-itb", "--syringe", "bd-3ml", "--replace", "--reason", "flash was wiped on purpose")
    cli.ok("review", "--json")


def test_a_locked_pump_says_why(cli, pump: Simulator) -> None:
    cli.start_therapy()
    pump.control("fault mount 1")
    pump.control("cut 1000")
    said = cli("status")
    assert "LOCKED" in said.out and "can not be mounted" in said.out
    said = cli("bolus")
    assert said.code == 4 and "LOCKED" in said.err and "can not be mounted" in said.err
    assert "another pump now" in said.err and "Switch it off and on once" in said.err and "tapir report PROFILE" in said.err
