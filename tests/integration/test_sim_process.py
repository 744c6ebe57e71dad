"""The simulator as a process: ports, readiness, time, power, faults and its profile. Pump and plant are asked what happened."""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import serial

from tapir import Pump
from tapir.keys import fresh
from tapir.messages import state_name
from tapir.simulator import Remote, Simulator, SimulatorError, attached, find_interpreter

REQ = ("simulator",)

STUB = {"app": "stub_app", "app_path": Path(__file__).parents[1] / "unit"}
STEP_MS = 8000  # of the stub


@pytest.fixture(params=["micropython", "cpython"])
def interpreter(request: pytest.FixtureRequest) -> str:
    try:
        find_interpreter(request.param)
    except SimulatorError as error:
        pytest.skip(str(error))
    return str(request.param)


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAPIR_STATE_DIR", str(tmp_path / "state"))


@pytest.fixture
def stub(tmp_path: Path, interpreter: str) -> Iterator[Simulator]:
    """A pump that echoes lines and makes a step every 8 s, in frozen time."""
    with Simulator(tmp_path / "p", "frozen", interpreter, seed=1, **STUB) as sim:
        yield sim


def say(port: str, line: bytes) -> bytes:
    with serial.serial_for_url(port, timeout=5) as link:
        link.write(line)
        return bytes(link.readline())


def test_the_real_firmware_answers_on_both_ports(tmp_path: Path, interpreter: str) -> None:
    with Simulator(tmp_path / "p", "frozen", interpreter) as sim:
        for port in (sim.port, sim.url):
            with Pump.open(port) as pump:
                assert pump.identity.serial == "SIM-0001"
                assert pump.identity.firmware == sim.firmware


def test_pty_and_tcp_reach_the_pump(stub: Simulator) -> None:
    assert say(stub.port, b"hello\n") == b"<hello\n"
    assert say(stub.url, b"hello\n") == b"<hello\n"
    assert say(stub.port, b"again\n") == b"<again\n"


def test_frozen_time_stands_still(stub: Simulator) -> None:
    stub.advance(STEP_MS)
    before = stub.truth()
    say(stub.port, b"x\n")
    assert stub.truth() == before
    assert before["us"] == STEP_MS * 1000
    assert before["steps"] == 1


def test_an_advance_is_exact(stub: Simulator) -> None:
    assert stub.advance(30 * 86400000) == []
    truth = stub.truth()
    assert truth["us"] == 30 * 86400000000
    assert truth["steps"] == 30 * 86400000 // STEP_MS


def test_real_time_runs_at_its_speed_and_lands_on_every_step(stub: Simulator) -> None:
    stub.control("speed 20000")
    deadline = time.monotonic() + 20
    while stub.truth()["us"] < 600_000_000 and time.monotonic() < deadline:
        time.sleep(0.02)
    stub.control("speed frozen")
    truth = stub.truth()
    assert truth["us"] >= 600_000_000
    assert truth["steps"] == truth["us"] // (STEP_MS * 1000)


def test_max_jumps_but_not_while_somebody_speaks(stub: Simulator) -> None:
    stub.control("speed max")
    while stub.truth()["us"] < 3_600_000_000:
        pass
    assert say(stub.port, b"x\n") == b"<x\n"
    before = stub.truth()["us"]
    say(stub.port, b"y\n")
    after = stub.truth()["us"]
    assert after - before < 2_000_000
    stub.control("speed frozen")


def test_a_cut_stops_the_pulses_and_restarts_the_pump(stub: Simulator) -> None:
    stub.advance(20_000)
    port = stub.port
    assert stub.control("cut 3600000")["ended"] == "power"
    truth = stub.truth()
    assert (truth["steps"], truth["life_steps"], truth["lives"], truth["boot"]) == (2, 0, [2], 2)
    assert truth["us"] == 3_620_000_000
    assert stub.port == port
    assert say(port, b"back\n") == b"<back\n"


def test_a_reset_is_no_power_cut(stub: Simulator) -> None:
    stub.advance(20_000)
    assert stub.control("reset watchdog")["ended"] == "watchdog"
    assert stub.control("reset soft")["ended"] == "soft"
    truth = stub.truth()
    assert (truth["steps"], truth["life_steps"], truth["boot"]) == (2, 2, 3)


def test_a_hang_is_bitten(stub: Simulator) -> None:
    stub.advance(7_800)
    assert stub.control("fault hang 60000")["ended"] == "watchdog"
    truth = stub.truth()
    assert (truth["us"], truth["steps"]) == (9_800_000, 1)


def test_what_the_pump_has_answered_survives_even_a_kill(tmp_path: Path, interpreter: str) -> None:
    with Simulator(tmp_path / "p", "frozen", interpreter) as sim:
        sim.advance(5_000)
        with Pump.open(sim.port) as pump:
            pump.provision("baclofen-itb", "bd-3ml", fresh()).commit()
        sim._supervisor._process.kill()  # type: ignore[union-attr]
        with suppress(SimulatorError):  # asked while it was dying
            sim.truth()
        truth = sim.truth()
        assert (truth["boot"], truth["us"]) == (2, 5_000_000)
        with Pump.open(sim.port) as pump:
            assert state_name(pump.status().state) == "READY"


def test_tcp_clients_are_dropped_when_the_pump_goes(stub: Simulator) -> None:
    with serial.serial_for_url(stub.url, timeout=5) as link:
        link.write(b"x\n")
        assert link.readline() == b"<x\n"
        stub.control("cut 0")
        with pytest.raises(serial.SerialException):
            link.write(b"y\n")
            link.readline()
            link.write(b"y\n")


def test_faults_last_through_a_power_cut(stub: Simulator) -> None:
    stub.control("fault occlusion 1")
    stub.advance(60_000)
    stub.control("cut 0")
    stub.advance(60_000)
    truth = stub.truth()
    assert truth["delivered_nl"] == 0
    assert truth["stored_nl"] > 0
    stub.control("fault occlusion 0")
    stub.advance(3_600_000)
    assert stub.truth()["delivered_nl"] > truth["stored_nl"]


def test_a_lost_answer(stub: Simulator) -> None:
    stub.control("fault mute 1")
    with serial.serial_for_url(stub.port, timeout=0.3) as link:
        link.write(b"x\n")
        assert link.readline() == b""
        link.write(b"y\n")
        assert link.readline() == b"<y\n"


def test_wrong_control_lines_are_explained(stub: Simulator) -> None:
    for line, says in (("fly", "there are"), ("fault leak 2000", "0..1000"), ("speed 0", "max or frozen"), ("advance -1", "whole number")):
        with pytest.raises(SimulatorError, match=says):
            stub.control(line)
    assert stub.truth()["us"] == 0


def test_the_profile_keeps_the_pump(tmp_path: Path, interpreter: str) -> None:
    sim = Simulator(tmp_path / "p", "frozen", interpreter, serial="SIM-0042", syringe="bd-10ml", **STUB)
    with sim:
        sim.advance(80_000)
        assert sim.serial == "SIM-0042"
        sim.restart()
        truth = sim.truth()
        assert (truth["steps"], truth["lives"], truth["syringe"]) == (10, [10], "bd-10ml")
    assert not sim.running
    with Simulator(tmp_path / "p", "frozen", interpreter, **STUB) as again:
        assert again.serial == "SIM-0042"
        assert again.truth()["us"] == 80_000_000
    with pytest.raises(SimulatorError, match="SIM-0042"):
        Simulator(tmp_path / "p", "frozen", interpreter, serial="SIM-0001", **STUB).start()


def test_one_simulator_a_profile(stub: Simulator) -> None:
    with pytest.raises(SimulatorError, match="already"):
        Simulator(stub.profile, "frozen", stub.interpreter, **STUB).start()
    assert say(stub.port, b"x\n") == b"<x\n"


def test_another_process_finds_it_by_its_profile(stub: Simulator) -> None:
    with attached(stub.profile) as remote:
        remote.advance(STEP_MS)
        assert remote.truth()["steps"] == 1
    profile = stub.profile
    stub.stop()
    with pytest.raises(SimulatorError, match="No simulator"):
        Remote.of(profile)


def test_nothing_is_left_when_it_stops(tmp_path: Path, interpreter: str) -> None:
    before = set(os.listdir("/proc/self/fd"))
    sim = Simulator(tmp_path / "p", "frozen", interpreter, **STUB).start()
    process = sim._supervisor._process  # type: ignore[union-attr]
    assert process is not None
    sim.truth()
    sim.stop()
    assert process.returncode == 0
    assert set(os.listdir("/proc/self/fd")) == before


def test_firmware_that_cannot_boot_says_why(tmp_path: Path, interpreter: str) -> None:
    (tmp_path / "broken_app.py").write_text("def build(hw):\n    raise ValueError('no such syringe')\n")
    with pytest.raises(SimulatorError, match="no such syringe"):
        Simulator(tmp_path / "p", "frozen", interpreter, app="broken_app", app_path=tmp_path).start()


def test_firmware_that_raises_is_reset_and_the_caller_told(tmp_path: Path, interpreter: str) -> None:
    (tmp_path / "fragile_app.py").write_text(
        "from stub_app import StubApp\n"
        "class App(StubApp):\n"
        "    def step(self):\n"
        "        if self.hw.switches.pressed():\n"
        "            raise RuntimeError('not this button')\n"
        "        return StubApp.step(self)\n"
        "def build(hw):\n"
        "    return App(hw)\n"
    )
    (tmp_path / "stub_app.py").write_text((Path(__file__).parents[1] / "unit" / "stub_app.py").read_text())
    with Simulator(tmp_path / "p", "frozen", interpreter, app="fragile_app", app_path=tmp_path) as sim:
        sim.advance(20_000)
        sim.control("press SUSPEND 100")
        ends = sim.advance(20_000)
        assert [end["ended"] for end in ends] in (["crash"], [])  # it may be over before the advance begins
        assert "not this button" in (sim.profile / "crash.txt").read_text()
        assert sim.truth()["boot"] == 2
        assert sim.truth()["us"] == 40_000_000
