"""The store on MicroPython's own VfsLfs2: cuts inside a process, and across processes with the image in a file."""

import subprocess
from pathlib import Path

import pytest

from pump.store.log import Log
from pump.store.slots import Slots
from sim.files import LfsFiles
from sim.nor import DONE, HALF, NOTHING, TEARS, WEAK, NorFlash
from tests.integration.test_lanes import MICROPYTHON, ROOT, needs_unix

pytestmark = needs_unix
SCRIPT = ROOT / "tests" / "integration" / "store_on_unix.py"


def unix(folder: Path, *arguments: object) -> str:
    command = [MICROPYTHON, "-X", "heapsize=16M", str(SCRIPT), str(ROOT), "flash.bin", *[str(argument) for argument in arguments]]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()[-1]  # before it: complaints of finalisers that find the flash dead


@pytest.mark.req("power cut")
def test_a_cut_in_every_operation(tmp_path: Path) -> None:
    survived = unix(tmp_path, 0, "all", 0)
    assert int(survived.split()[1]) > 100


@pytest.mark.req("power cut", "GIP 1.7.1")
@pytest.mark.parametrize("tear", [NOTHING, HALF, WEAK, DONE], ids=TEARS)
def test_the_image_outlives_the_process(tmp_path: Path, tear: int) -> None:
    """Cut and go on in new processes; at last littlefs on CPython reads the same image."""
    whole = unix(tmp_path, 90, 0, 0)
    (tmp_path / "flash.bin").unlink()
    assert unix(tmp_path, 20, 0, 0).split()[0] == "20"
    for operation in (1, 5, 30, 61):
        assert unix(tmp_path, 90, operation, tear) == "cut"
    last, head, state, damage, lost = unix(tmp_path, 90, 0, 0).split()
    assert (last, head, state, damage, lost) == (*whole.split()[:3], "0", "0")
    files = LfsFiles(NorFlash(96 * 4096, str(tmp_path / "flash.bin")))
    assert (Log(files).last, Log(files).head) == (90, head)
    assert Slots(files, "state").load() == [90, "x" * 100]
