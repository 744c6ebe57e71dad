"""The hardened build (boards/micropython/TAPIR_PICO) on an emulated Pico. Runs when MICROPYTHON_UF2 is such a build."""

import ast
import re
import socket
import time
from pathlib import Path

import pytest

from boards import pico_a4988 as board
from tapir import Pump, image
from tapir.emulator import Pico, Pins
from tapir.wire import schema

PINS = Pins.of(board)
OFF = 1 - board.ENABLE_ON
ROTTEN = bytes([0xA5]) * (image.FS_BYTES)
HEAP = (
    "import gc; gc.threshold(32000); from boards import pico_a4988 as b; from pump.drivers.watchdog import Watchdog; "
    "from pump.start import assemble; from pump.app.wiring import build; app = build(assemble(b, Watchdog())); app.boot(); app.step(); "
    "gc.collect(); import sys, micropython; print('[[', (gc.mem_free(), sys.path, hasattr(micropython, 'kbd_intr')), ']]')\r\n"
)

pytestmark = pytest.mark.timeout(600)


def ask(pico: Pico, say: bytes, until: bytes) -> bytes:
    """What the Pico says after `say`, which is said once it has a prompt."""
    heard, said, end = b"", False, time.monotonic() + 120
    with socket.create_connection(("127.0.0.1", pico.port)) as sock:
        sock.settimeout(1)
        while until not in heard and time.monotonic() < end:
            try:
                heard += sock.recv(4096)
            except TimeoutError:
                if not said:
                    sock.sendall(b"\r\n")
            if not said and b">>>" in heard:
                sock.sendall(say)
                heard, said = b"", True
    return heard


def test_with_the_strap_it_has_heap_and_neither_ctrl_c_nor_foreign_modules(hardened: Path) -> None:
    """An issue's goal: at least 180 KB free after boot."""
    with Pico(hardened, image.pack({"boot.py": b"1 / 0\n", "pump/start.py": b"1 / 0\n"}), PINS, grounded=[board.PIN_SERVICE]) as pico:
        heard = ask(pico, HEAP.encode(), b"]]\r")
        found = re.search(r"\[\[ (\(\d.*\)) \]\]", heard.decode())
        assert found, heard
        free, path, ctrl_c = ast.literal_eval(found[1])
        assert free >= 180 * 1024 and path == [".frozen"] and ctrl_c is False
        assert pico.steps == 0


def test_a_filesystem_that_can_not_be_mounted_locks_the_pump_and_is_left_alone(hardened: Path) -> None:
    with Pico(hardened, ROTTEN, PINS) as pico:
        with Pump.open(pico.url, timeout_s=60) as pump:
            assert pump.identity.state == schema.LOCKED and "mounted" in (pump.identity.why or "")
        assert pico.image() == ROTTEN
        assert pico.steps == 0 and pico.level(board.PIN_ENABLE) == OFF


def test_an_empty_filesystem_makes_a_pump_that_bytes_do_not_stop(hardened: Path) -> None:
    with Pico(hardened, image.pack({}), PINS) as pico:
        with Pump.open(pico.url, timeout_s=60) as pump:
            assert pump.identity.state == schema.UNPROVISIONED and pump.identity.board == board.NAME
        with socket.create_connection(("127.0.0.1", pico.port)) as sock:
            sock.settimeout(60)
            sock.sendall(b"\x03\x03\r\n\x01\x02\x04" + bytes(range(256)) + b"\n?\n")
            heard = b""
            while b"Tapir " not in heard:
                heard += sock.recv(4096)
        assert b">>>" not in heard and pico.boots == 2  # power-on and the watchdog's own test
