"""What the docs show of the code is what the code says today: each generator is run with --check."""

import subprocess
import sys

import pytest

from tools.manifest import ROOT

REQ = ("structure",)


@pytest.mark.parametrize("generator", sorted(path.name for path in (ROOT / "tools").glob("gen_*.py")))
def test_generated_pages_are_up_to_date(generator: str) -> None:
    done = subprocess.run([sys.executable, f"tools/{generator}", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_generators_are_there() -> None:
    assert {"gen_protocol.py", "gen_states.py"} <= {path.name for path in (ROOT / "tools").glob("gen_*.py")}
