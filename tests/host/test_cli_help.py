"""What `tapir --help` looks like: for people, every command with words of its own, no Python types."""

import subprocess
import sys

import pytest

REQ = ("host",)


@pytest.mark.parametrize("words", [[], ["bolus"], ["suspend"], ["sim", "ctl"], ["plan", "refill"]], ids=" ".join)
def test_help_shows_no_python_types(words: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", "tapir", *words, "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "--help" in done.stdout
    for ugly in ("<bool>", "<str>", "<path>", "<list"):
        assert ugly not in done.stdout, done.stdout
