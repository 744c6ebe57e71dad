"""Getting the firmware on, end to end: `tapir uf2` and `tapir flash` (the real mpremote) with an emulated Pico and MicroPython's image.

One story, since a boot takes half a minute here: a Pico whose flashing was interrupted is flashed to the end and starts; it keeps its
prompt closed; with the strap it takes new firmware and keeps its journal. What is on its flash is read with littlefs-python. (A blank one
goes the same way; copying all files takes minutes here and a second in tests/host/test_flash.py.)
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rp2040py.device.load_flash import decode_block

from boards import pico_a4988 as board
from tapir import Pump, dragdrop, image, keys, payload
from tapir.emulator import Pico, Pins
from tapir.wire import schema

SOURCES = Path(__file__).parents[2] / "host_tools" / "src"
PINS = Pins.of(board)
PATIENCE_S = 240.0  # for a boot, on a machine that does other things too

LATE = ["lib/pump/core/therapy.mpy", "lib/boards/pico_a4988.mpy", "board.txt", "main.py"]

pytestmark = [pytest.mark.timeout(2400), pytest.mark.usefixtures("stock")]


def flash(pico: Pico, *words: str) -> subprocess.CompletedProcess[str]:
    """`tapir flash` in a process of its own."""
    command = [sys.executable, "-m", "tapir", "--timeout", str(int(PATIENCE_S)), "flash", "--port", pico.url, *words]
    return subprocess.run(command, env=os.environ | {"PYTHONPATH": str(SOURCES)}, capture_output=True, text=True, timeout=1200)


def test_the_uf2_that_tapir_makes_boots_into_a_pump(uf2: Path, tmp_path: Path) -> None:
    made = tmp_path / "tapir.uf2"
    made.write_bytes(dragdrop.build(uf2, "pico_a4988").uf2)
    blocks = [decode_block(made.read_bytes()[at : at + 512]) for at in range(0, made.stat().st_size, 512)]
    filesystem = b"".join(block.payload for block in blocks if block.flash_address >= 0x10000000 + image.FS_START)
    with Pico(made, filesystem, PINS) as pico, Pump.open(pico.url, timeout_s=PATIENCE_S) as pump:
        assert (pump.identity.board, pump.identity.state) == ("pico_a4988", schema.UNPROVISIONED)
        assert pico.steps == 0


def test_flash_to_the_end_then_a_pump(uf2: Path, tmp_path: Path) -> None:
    content = payload.files("pico_a4988")
    interrupted = {path: data for path, data in content.items() if path not in LATE}
    with Pico(uf2, image.pack(interrupted), PINS) as pico:
        done = flash(pico, "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        said = json.loads(done.stdout)
        assert said["written"] == LATE and not said["strapped"] and "RP2040" in said["machine"]
        assert image.unpack(pico.image()) | content == image.unpack(pico.image())
        store, made = keys.KeyStore(tmp_path / "config"), keys.fresh()
        with Pump.open(pico.url, timeout_s=PATIENCE_S) as pump:  # it was reset, and starts
            assert pump.identity.board == "pico_a4988"
            store.save_pending(pump.identity.serial, made)
            pump.provision("baclofen-itb", "bd-3ml", made).commit()
            store.promote(pump.identity.serial)

        refused = flash(pico)
        assert refused.returncode == 4 and "READY" in refused.stderr and "GP22" in refused.stderr, refused.stdout + refused.stderr

        pico.hold(board.PIN_SERVICE, False)
        pico.reset(power=True)
        before = {path: data for path, data in image.unpack(pico.image()).items() if path.startswith("tapir/")}
        done = flash(pico, "--board", "pico_bare", "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        said = json.loads(done.stdout)
        assert said["strapped"] and said["state_name"] == "READY"
        assert said["written"] == ["lib/boards/pico_bare.mpy", "lib/pump/code.txt", "board.txt", "main.py"]
        after = image.unpack(pico.image())
        assert {path: data for path, data in after.items() if path.startswith("tapir/")} == before
        assert "lib/boards/pico_a4988.mpy" not in after and pico.steps == 0

        pico.hold(board.PIN_SERVICE, None)
        pico.reset(power=True)
        with Pump.open(pico.url, role="service", keys=store, timeout_s=PATIENCE_S) as pump:
            assert (pump.identity.board, pump.identity.state) == ("pico_bare", schema.READY)
