"""`tapir emulate` as a person has it: in one terminal, the other commands in another, its flash file afterwards."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tapir import image

SOURCES = Path(__file__).parents[2] / "host_tools" / "src"

pytestmark = pytest.mark.timeout(900)


def test_other_commands_find_it_and_wait_for_it(uf2: Path, frozen: bool, tmp_path: Path) -> None:
    env = os.environ | {
        "PYTHONPATH": str(SOURCES),
        "TAPIR_CONFIG_DIR": str(tmp_path / "config"),
        "TAPIR_STATE_DIR": str(tmp_path / "state"),
    }
    env.pop("TAPIR_PORT", None)
    env.pop("TAPIR_TIMEOUT", None)

    def tapir(*words: str) -> dict[str, object]:
        done = subprocess.run([sys.executable, "-m", "tapir", *words, "--json"], env=env, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stdout + done.stderr
        return dict(json.loads(done.stdout))

    flash = tmp_path / "pump.flash"
    command = [sys.executable, "-m", "tapir", "emulate", "--image", str(uf2), "--flash", str(flash), "--port", "0", "--json"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout
            said = ""
            while not said.endswith("}\n"):
                said += running.stdout.readline()
            made = json.loads(said)
            assert made["board"] == "pico_a4988" and made["frozen"] is frozen
            info = tapir("info")  # no port named, no time-out given
            assert info["port"] == made["port"] and info["board"] == "pico_a4988"
            tapir("provision", "--library", "saline", "--syringe", "bd-3ml")
            truth = tapir("sim", "ctl", "truth")
            assert truth["boot"] == 2 and truth["pin_steps"] == 0 and truth["reservoir_nl"] == 3_000_000
            running.send_signal(signal.SIGTERM)
            assert running.wait(60) == 0
        finally:
            running.kill()  # whatever failed: leaving the block waits for it
    assert any(path.startswith("tapir/") for path in image.unpack(flash.read_bytes()))
    assert not list((tmp_path / "state" / "sims").glob("*.json"))
