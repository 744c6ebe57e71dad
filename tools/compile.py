"""Compiles the firmware as it is put on a Pico into build/mpy and prints the size of each compiled module.

    python tools/compile.py [--json]      sizes in bytes; --json prints {module: bytes}

Called by `make bench`. How it is compiled: the host package's payload.py, the same code as `tapir uf2` and `tapir flash`.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "host_tools" / "src")]

from tapir.errors import UsageError  # noqa: E402
from tapir.payload import DEFAULT_BOARD, compiled, find_compiler, modules  # noqa: E402

BUILD = ROOT / "build" / "mpy"


def compile_all(build: Path = BUILD) -> dict[str, int]:
    """{target path of the .mpy: its size in bytes}, in the order of the manifest. A compile error ends the run with its text."""
    sizes = {}
    try:
        for path, data in compiled(find_compiler(), modules(DEFAULT_BOARD)).items():
            target = path.removesuffix(".py") + ".mpy"
            out = build / target
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_bytes(data)
            sizes[target] = len(data)
    except UsageError as error:
        raise SystemExit(str(error)) from error
    return sizes


def main(arguments: list[str]) -> int:
    sizes = compile_all()
    if "--json" in arguments:
        print(json.dumps(sizes, indent=1))
        return 0
    width = max(len(name) for name in sizes)
    for name, size in sizes.items():
        print(f"  {name:{width}}  {size:7,}")
    print(f"  {'all':{width}}  {sum(sizes.values()):7,}  bytes in {len(sizes)} modules")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
