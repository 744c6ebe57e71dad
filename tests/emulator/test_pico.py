"""The compiled firmware, wire to drivers, imported on an emulated Pico: MicroPython's official RP2040 image, 32-bit.

Needs that image: MICROPYTHON_UF2=file, or the one that rp2040py has downloaded (`make test-pico`). Without one the lane says so.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools import image
from wire import codec, schema

# Imports everything, then answers with what CPython must agree on.
PROGRAM = """
import gc, json, sys
gc.threshold(20000)
gc.collect(); before = gc.mem_free()
for name in {names!r}: __import__(name)
gc.collect(); after = gc.mem_free()
from wire import codec, framing, schema
frame = framing.seal(">", "HELLO", "00000000", 7, "version=1", None)
print("RESULT " + json.dumps({{"heap": before - after, "hash": codec.table_hash(schema.REQUESTS + schema.REPLIES), "frame": frame.decode(), "who": sys.platform}}))
"""


@pytest.fixture(scope="module")
def answer(uf2: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str | int]:
    """What the emulated Pico printed."""
    content = {path: data for path, data in image.files("pico_a4988").items() if path.startswith("lib/")}
    disk = tmp_path_factory.mktemp("pico") / "littlefs.img"
    disk.write_bytes(image.pack(content))
    names = [path.removeprefix("lib/").removesuffix(".mpy").removesuffix("/__init__").replace("/", ".") for path in content]
    command = [sys.executable, "-m", "rp2040py", "micropython", "--image", str(uf2), "--littlefs", str(disk)]
    done = subprocess.run([*command, "-c", PROGRAM.format(names=names)], capture_output=True, text=True, timeout=300)
    results = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    assert results, done.stdout + done.stderr
    return json.loads(results[0].removeprefix("RESULT "))


pytestmark = pytest.mark.timeout(300)


def test_the_pico_computes_the_same_contract(answer: dict[str, str | int]) -> None:
    assert answer["who"] == "rp2"
    assert answer["hash"] == codec.table_hash(schema.REQUESTS + schema.REPLIES)


def test_the_pico_seals_the_same_bytes(answer: dict[str, str | int]) -> None:
    from wire import framing

    assert answer["frame"] == framing.seal(">", "HELLO", "00000000", 7, f"version={schema.VERSION}", None).decode()


def test_the_firmware_fits_the_heap(answer: dict[str, str | int]) -> None:
    """Of 236 KB in all, with the bytecode in it: these modules are not frozen."""
    assert 10_000 < int(answer["heap"]) < 150_000
