"""What slim.py makes of the sources: fewer names, the same program."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tapir import payload, slim

REQ = ("flashing",)
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("_A = 50\nprint(_A)\n", "print(50)"),
        ("A, _B = 1, -2  # why\nf(A, _B)\n", "f(1, -2)"),
        ("A = 60 * 1000\nB = A << 2\nC, D = [1 << i for i in range(2)]\nf(B, D)\n", "f(240000, 2)"),
        ("def f():\n    return A\nA = 5\n", "def f():\n    return 5"),
        ("A = True\nB = 'x'\nC = (1, 2)\n", "A = True\nB = 'x'\nC = (1, 2)"),
        ("A = 1 << 40\n", "A = 1 << 40"),
        ("A = 5\nA = 6\n", "A = 5\nA = 6"),
        ("A = 5\ndef f():\n    global A\n    A = 7\n", "A = 5\n\ndef f():\n    global A\n    A = 7"),
        ("A = 5\ndef f(A):\n    return A\n", "A = 5\n\ndef f(A):\n    return A"),
        ("A = g()\nB = A\nC = 5 / 2\n", "A = g()\nB = A\nC = 5 / 2"),
        ("A, B = 1, 2\nclass C:\n    pass\nf(C.A)\n", "A = 1\n\nclass C:\n    pass\nf(C.A)"),  # read in a way that is not followed
        ("A = 5\nf(getattr(g, 'A'))\n", "A = 5\nf(getattr(g, 'A'))"),
        ("TYPE_CHECKING = False\nif TYPE_CHECKING:\n    import typing\nelse:\n    T = object\nx: 'T' = f()\n", "T = object\nx = f()"),
        ("if TYPE_CHECKING:\n    import typing\ndef f(a: 'int') -> 'int':\n    return a\n", "def f(a):\n    return a"),
        ("def f():\n    from wire.a import ON\n", "def f():\n    pass"),
        ("from wire.a import ON as B, NAME\nf(B, NAME)\n", "from wire.a import NAME\nf(3, NAME)"),
        ("from wire import a as s\nf(s.ON, s.NAME)\n", "from wire import a as s\nf(3, s.NAME)"),
        ("from wire import a\nB = a.ON + 1\nf(B)\n", "f(4)"),
        ("from wire import a\ndef f(a):\n    return a.ON\n", "from wire import a\n\ndef f(a):\n    return a.ON"),  # not the module
    ],
)
def test_whole_numbers_stand_where_they_are_used(text: str, made: str) -> None:
    a = 'ON, OFF = 3, 4\nNAME = "a"\n'
    assert slim.program({"wire/a.py": a, "pump/b.py": text})["pump/b.py"].strip() == made


def test_a_number_keeps_its_name_if_anybody_asks_in_another_way() -> None:
    made = slim.program({"wire/a.py": "ON, OFF = 3, 4\n", "pump/b.py": "def f(board):\n    return board.ON\n", "boards/c.py": "PIN = 4\n"})
    assert made["wire/a.py"] == "ON = 3" and made["boards/c.py"] == "PIN = 4"


def test_relative_imports_are_followed() -> None:
    made = slim.program({"wire/a.py": "ON = 3\n", "wire/b.py": "from . import a as s\nfrom .a import ON\nf(s.ON, ON)\n"})
    assert made == {"wire/a.py": "", "wire/b.py": "f(3, 3)"}


def test_the_firmware_works_without_its_names(tmp_path: Path) -> None:
    """Its tests on CPython, with the modules as they are flashed; only the names that the tests ask for are there too."""
    texts = {source.target: source.path.read_text("utf-8") for source in payload.sources() if source.target != "main.py"}
    extra = {path.relative_to(ROOT / "firmware").as_posix() for path in (ROOT / "firmware" / "wire").glob("*.py")} - set(texts)
    for target, text in (slim.program(texts, names=True) | {name: (ROOT / "firmware" / name).read_text() for name in extra}).items():
        path = tmp_path / "firmware" / target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name in ("boards", "sim", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    tests = [
        f"test_{name}.py" for name in ("core_taper", "core_orders", "core_bridge", "app_wire", "app_evidence", "wire_codec", "store_log")
    ]
    command = [sys.executable, str(tmp_path / "tests" / "unit" / "run.py"), *tests]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": ""}, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
