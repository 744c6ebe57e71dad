"""Same seed, same trace of port events, byte for byte, on CPython and on MicroPython: the whole firmware on the rig."""

import subprocess
import sys
from pathlib import Path

import pytest

from tapir.simulator import SimulatorError, find_interpreter

REQ = ("simulator",)

STORY = Path(__file__).with_name("sim_story.py")


def told(command: list[str], seed: int) -> str:
    done = subprocess.run([*command, str(STORY), str(seed)], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    # MicroPython's collector complains when it closes a file that the cut left open
    return "\n".join(line for line in done.stdout.splitlines() if not line.startswith(("OSError", "Traceback")))


def test_both_interpreters_tell_the_same_story() -> None:
    try:
        _, micropython = find_interpreter("micropython")
    except SimulatorError as error:
        pytest.skip(str(error))
    one = told([sys.executable, "-B"], 5).splitlines()
    other = told(micropython, 5).splitlines()
    for number, (a, b) in enumerate(zip(one, other, strict=False)):
        assert a == b, f"line {number}"
    assert len(one) == len(other)
    assert len(one) > 10000
    kinds = {line.split()[1] for line in one[:-1]}
    assert kinds >= {"boot", "off", "grant", "halt", "enable", "rx", "tx", "write", "switch", "buzzer", "fault"}


def test_another_seed_gives_another_trace() -> None:
    assert told([sys.executable, "-B"], 6) != told([sys.executable, "-B"], 7)
