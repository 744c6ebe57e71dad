"""The filesystem of a Pico with the compiled firmware and its board, as a littlefs image for MicroPython's RPI_PICO.

    python tools/image.py BOARD FILE       for example pico_a4988 build/pico_a4988.img

What is in it and how it is laid out: the host package's payload.py and image.py, the same code as `tapir uf2` and `tapir flash`.
Called by the emulated-Pico tests and `make emulate`.
"""

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "firmware"), str(ROOT / "host_tools" / "src")]

from tapir.image import BLOCK, BLOCKS, pack, read  # noqa: E402
from tapir.payload import boards, check_board, files  # noqa: E402

BOARDS = tuple(boards())
__all__ = ["BLOCK", "BLOCKS", "BOARDS", "board", "files", "pack", "read"]


def board(name: str) -> ModuleType:
    """A board's constants. UsageError names what is wrong with it, or the boards there are."""
    check_board(name)
    return import_module("boards." + name)


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
