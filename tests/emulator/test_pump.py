"""The whole firmware on an emulated Pico, from main.py to the STEP pin, driven by the host's own library and command line.

One boot takes 1.5 s of the Pico's time and 20 times as long here, so a test is a story. Steps are counted on the pin, by a plant whose
screw turns the encoder and whose force the ADC sees (emulated_bench.py).
"""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from boards import pico_a4988 as board
from tapir import Pump, keys, prescription
from tapir.emulated_bench import Bench
from tapir.emulator import Pico, Pins
from tapir.errors import Refused
from tapir.messages import Books
from tapir.wire import alarms, schema
from tools import image

SOURCES = Path(__file__).parents[2] / "host_tools" / "src"
PINS = Pins.of(board)
PATIENCE_S = 300.0  # for an answer, on a machine that does other things too
HOUR_STEPS = 567  # of 100 mcg/day at 500 mcg/mL: 8333 nL, at 14.7 nL a step
RX = prescription.EXAMPLE.replace('"5 min"', '"1 min"')

pytestmark = pytest.mark.timeout(1500)


class Desk:
    """An emulated Pico with a syringe, and a host with keys."""

    def __init__(self, pico: Pico, folder: Path) -> None:
        self.pico = pico
        self.bench = Bench(pico, board)
        self.folder = folder
        self.keys = keys.KeyStore(folder / "config")

    def open(self, role: str = "observer") -> Pump:
        return Pump.open(self.pico.url, role=role, keys=self.keys, timeout_s=PATIENCE_S)

    def tapir(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The real command line."""
        env = {"PYTHONPATH": str(SOURCES), "TAPIR_CONFIG_DIR": str(self.folder / "config"), "TAPIR_PORT": self.pico.url}
        env |= {"TAPIR_TIMEOUT": str(int(PATIENCE_S)), "TAPIR_STATE_DIR": str(self.folder / "state"), "NO_COLOR": "1"}
        command = [sys.executable, "-m", "tapir", *words]
        return subprocess.run(command, env=os.environ | env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600)

    def ok(self, *words: str) -> str:
        done = self.tapir(*words)
        assert done.returncode == 0, f"tapir {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout

    def powered(self, boots: int) -> None:
        """Wait for the boot after the watchdog's test: the cable drops in between."""
        while self.pico.boots < boots:
            self.pico.wait(50, limit_s=PATIENCE_S)
        assert self.pico.boots == boots

    def quiet_books(self, pump: Pump) -> Books:
        """The books at a moment at which no step leaves."""
        while True:
            before = self.pico.steps
            books = pump.books()
            if self.pico.steps == before:
                return books

    def lap(self, what: str) -> None:
        """For the record (pytest -s): the Pico's time."""
        print(f"{self.pico.now_us / 1e6:8.2f} s of the Pico's time: {what}, {self.pico.steps} steps", flush=True)

    def raw(self, data: bytes, lines: int = 1) -> list[bytes]:
        """Bytes as they are, and the lines that come back."""
        with socket.create_connection(("127.0.0.1", self.pico.port)) as sock, sock.makefile("rb") as file:
            sock.settimeout(PATIENCE_S)
            sock.sendall(data)
            return [file.readline() for _ in range(lines)]

    def crash(self) -> str:
        """What the last crash left in the store."""
        return (image.read(self.pico.image(), "tapir/crash") or b"").decode()


def occluded(bench: Desk) -> None:
    """The force sensor says that the line is blocked: motion stops, and the pressure is taken back, for no more than an hour of basal."""
    pico = bench.pico
    bench.bench.control("force 9000")
    while pico.back == 0:
        pico.wait(200, limit_s=PATIENCE_S)
    forward = pico.steps - pico.back
    bench.bench.control("force 0")
    bench.lap("occluded")
    with bench.open("operator") as pump:
        status = pump.status()
        assert status.state == schema.HELD and status.alarm == alarms.OCCLUSION
        with pytest.raises(Refused):
            pump.bolus(5000)
    assert pico.steps - pico.back == forward and 0 < pico.back <= HOUR_STEPS


def test_a_session_with_resets(uf2: Path, flash: bytes, tmp_path: Path) -> None:
    """Provision, prescribe, bolus, refusals; a hang in mid-bolus; a power cut. The books and the pin agree throughout."""
    (tmp_path / "rx.toml").write_text(RX)
    pico = Pico(uf2, flash, PINS)
    bench = Desk(pico, tmp_path)
    with pico:
        bench.powered(2)
        # hostile bytes, Ctrl-C and Ctrl-D among them, reach the parser and nothing else
        answers = bench.raw(b"\x03\x03\x04\x01\x05\x02\r\x03import machine\n?\n", 2)
        assert answers[-1].startswith(b"Tapir ") and b"UNPROVISIONED" in answers[-1]
        assert pico.boots == 2
        assert not any(b">>>" in line for line in answers)

        bench.lap("answered after power-on")

        bench.ok("provision", "--library", "baclofen-itb", "--syringe", "bd-3ml")
        assert json.loads(bench.ok("info", "--json"))["board"] == "pico_a4988"
        assert pico.steps == 0
        bench.lap("provisioned")
        bench.ok("prescribe", str(tmp_path / "rx.toml"), "--concentration", "500 mcg/mL", "--yes")

        while pico.steps < 2:  # of basal
            pico.wait(500, limit_s=PATIENCE_S)
        with bench.open() as pump:
            books = bench.quiet_books(pump)
            assert books.known_steps == books.most_steps == pico.steps == pico.driven
        bench.lap("two steps of basal, and two in the journal")

        with bench.open("operator") as pump:
            pump.bolus(5000).commit()
            bench.lap("bolus begun")
            pico.wait(5000, limit_s=PATIENCE_S)
            with pytest.raises(Refused) as refused:
                pump.bolus(5000)
            assert refused.value.rule == 5
            books = pump.books()
        assert 20 < books.known_steps <= pico.steps <= books.most_steps + 4

        bench.lap("bolus and books")

        # the loop hangs: what was granted leaves, then nothing, then the watchdog
        pico.hang()
        before, boots = pico.steps, pico.boots
        while pico.boots == boots:
            pico.wait(100, limit_s=PATIENCE_S)
        assert 0 <= pico.steps - before <= 12  # half a second of this bolus
        bench.lap("watchdog")
        with bench.open("operator") as pump:
            assert pump.status().state == schema.INFUSING  # basal went on by itself, the bolus did not
            assert pump.status().bolus_ng == 0
            books = pump.books()
            assert books.resets == 1 and books.cuts == 0
            assert books.known_steps <= pico.steps <= books.most_steps
            with pytest.raises(Refused):
                pump.bolus(5000)
        assert pico.steps == pico.driven

        bench.lap("basal goes on")

        # the power goes: no clock knows for how long
        boots = pico.boots
        pico.reset(power=True)
        bench.powered(boots + 2)
        with bench.open("clinician") as pump:
            assert pump.status().state == schema.HELD
            steps = pico.steps
            books = pump.books()
            assert books.cuts == 1
            assert books.known_steps <= steps <= books.most_steps
            with pytest.raises(Refused):
                pump.bolus(5000)
            with pytest.raises(Refused):
                pump.resume()  # nobody knows for how long it was off: that is a new start (R7, R8)
            pump.resume(reason="bench: off for a moment").commit()
            assert pump.status().state == schema.INFUSING
            bench.lap("resumed")
        pico.wait(20_000, limit_s=PATIENCE_S)
        assert pico.steps > steps

        occluded(bench)
        assert pico.steps == pico.driven
        log = json.loads(bench.ok("log", "--verify", "--json"))
        assert [event["event_name"] for event in log["events"]].count("BOLUS_STARTED") == 1
        bench.lap("log intact")
        assert "stop" not in bench.crash()
