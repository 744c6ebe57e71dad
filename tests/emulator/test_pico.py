"""The compiled firmware, wire to drivers, imported on an emulated Pico: MicroPython's official RP2040 image, 32-bit.

Needs that image: MICROPYTHON_UF2=file, or the one that rp2040py has downloaded (`make test-pico`). Without one the lane says so.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.guest import Guest
from tools.bench.pico import HEAP
from tools.manifest import entries
from wire import codec, schema

NOT_ON_A_PICO = ("boards.check", "boards.roles", "boards.sim")

# Imports everything, then answers with what CPython must agree on.
PROGRAM = """
import gc, json, sys
gc.threshold(20000)
for name in {names!r}: __import__(name)
from wire import codec, framing, schema
frame = framing.seal(">", "HELLO", "00000000", 7, "version=1", None)
from pump import start
from pump.core import orders
kept = tuple(name for name in sys.modules if name.endswith((".checks", ".suspend")))
start._forget_orders(kept)
left = sorted(name for name in sys.modules if name.startswith("pump.core.orders."))
again = orders.find("PRESCRIBE")[0].__name__
print(json.dumps({{"hash": codec.table_hash(schema.REQUESTS + schema.REPLIES), "frame": frame.decode(), "who": sys.platform, "left": left, "again": again}}))
"""


@pytest.fixture(scope="module")
def answer(uf2: Path, flash: bytes) -> dict[str, Any]:
    """What the emulated Pico printed."""
    there = [entry.module for entry in entries() if entry.target != "main.py"]
    names = [name for name in there if name not in NOT_ON_A_PICO and (name == "boards.pico_a4988" or not name.startswith("boards.pico_"))]
    with Guest(uf2, flash) as guest:
        return dict(json.loads(guest.run(PROGRAM.format(names=names))))


pytestmark = pytest.mark.timeout(300)


def test_the_pico_computes_the_same_contract(answer: dict[str, Any]) -> None:
    assert answer["who"] == "rp2"
    assert answer["hash"] == codec.table_hash(schema.REQUESTS + schema.REPLIES)


def test_the_pico_seals_the_same_bytes(answer: dict[str, Any]) -> None:
    from wire import framing

    assert answer["frame"] == framing.seal(">", "HELLO", "00000000", 7, f"version={schema.VERSION}", None).decode()


def test_heap_is_left_after_boot_and_none_is_lost(uf2: Path, flash: bytes, frozen: bool) -> None:
    """Of 236 KB in all, with the bytecode in it unless it is frozen. A bound; `make bench` has the figure, and a goal of 100 KB."""
    with Guest(uf2, flash) as guest:
        free, later = (int(word) for word in guest.run(HEAP).split())
    assert free > (180_000 if frozen else 70_000)
    assert free - later < 64


def test_orders_are_let_go_and_come_again(answer: dict[str, Any]) -> None:
    """On a stock image code is heap. What the SUSPEND button asks for stays."""
    assert answer["left"] == ["pump.core.orders." + name for name in ("checks", "suspend")]
    assert answer["again"] == "check_prescribe"
