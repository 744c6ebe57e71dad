"""The filesystem of a Pico with the compiled firmware and its board, as a littlefs image for MicroPython's RPI_PICO.

    python tools/image.py BOARD FILE       for example pico_a4988 build/pico_a4988.img

main.py stays source, because MicroPython runs no other at boot; board.txt says which of boards/ it is. The journal is made by the
pump itself. Called by the emulated-Pico tests and `make emulate`. Refuses a board that can not be (boards/check.py).
"""

import sys
import tempfile
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "firmware")]

from littlefs import LittleFS  # noqa: E402

from boards import check  # noqa: E402
from tools.compile import compile_all  # noqa: E402

BLOCK, BLOCKS = 4096, 352  # RPI_PICO: 1408 KiB
DISK_VERSION = 0x00020000  # littlefs 2.0, which every MicroPython mounts; it writes 2.1 from its first write on
BOARDS = tuple(sorted(path.stem for path in (ROOT / "boards").glob("pico_*.py")))
_NOT_ON_A_PICO = ("main.mpy", "boards/check.mpy", "boards/roles.mpy", "boards/sim.mpy")


def board(name: str) -> ModuleType:
    """A board's constants. SystemExit names what is wrong with it, or the boards there are."""
    if name not in BOARDS:
        raise SystemExit(f"There is no board {name!r}; there are {', '.join(BOARDS)}.")
    module = import_module("boards." + name)
    found = check.problems(module)
    if found:
        raise SystemExit(f"boards/{name}.py can not be: " + "; ".join(found))
    return module


def files(name: str) -> dict[str, bytes]:
    """{path on the Pico: content} for a board. The boards it does not have stay away."""
    board(name)
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder)
        targets = [target for target in compile_all(build) if target not in _NOT_ON_A_PICO]
        there = {f"lib/{target}": (build / target).read_bytes() for target in targets if _wanted(target, name)}
    there["board.txt"] = name.encode() + b"\n"
    there["main.py"] = (ROOT / "firmware" / "main.py").read_bytes()  # last: an image cut short does not start
    return there


def _wanted(target: str, name: str) -> bool:
    return not target.startswith("boards/pico_") or target == f"boards/{name}.mpy"


def pack(content: Mapping[str, bytes]) -> bytes:
    """A littlefs image of BLOCKS blocks with these files."""
    fs = LittleFS(block_size=BLOCK, block_count=BLOCKS, prog_size=256, disk_version=DISK_VERSION)
    for path, data in content.items():
        fs.makedirs(Path(path).parent.as_posix(), exist_ok=True)
        with fs.open(path, "wb") as file:
            file.write(data)
    return bytes(fs.context.buffer)


def read(image: bytes, path: str) -> bytes | None:
    """A file of an image, whoever wrote it; None if there is none."""
    fs = LittleFS(block_size=BLOCK, block_count=BLOCKS, mount=False)
    fs.context.buffer[:] = image
    fs.mount()
    try:
        with fs.open(path, "rb") as file:
            return bytes(file.read())
    except FileNotFoundError:
        return None


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        raise SystemExit(__doc__)
    out = Path(arguments[1])
    out.parent.mkdir(parents=True, exist_ok=True)
    content = files(arguments[0])
    out.write_bytes(pack(content))
    print(f"{out}: {len(content)} files, {sum(map(len, content.values())):,} bytes, for {arguments[0]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
