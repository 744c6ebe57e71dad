"""The demo ends well, and README.md shows what it says today."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import readme

REQ = ("host",)


@pytest.mark.timeout(300)
def test_the_demo_says_what_the_readme_shows(tmp_path: Path) -> None:
    environment = {**os.environ, "TAPIR_DEMO": str(tmp_path / "demo")}
    done = subprocess.run(
        [sys.executable, "-m", "tools.demo.run"], cwd=readme.ROOT, env=environment, capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, done.stdout + done.stderr
    session = (tmp_path / "demo" / "session.txt").read_text()
    assert readme.masked(session) == readme.masked(readme.shown()), "README.md is out of date: run `make readme`"
