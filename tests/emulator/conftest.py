"""What the tests on an emulated Pico share: MicroPython's image, and the flash with the firmware as `make flash` would leave it.

The image may be a stock one, or a build of boards/micropython/TAPIR_PICO with the firmware frozen in: its flash is then an empty filesystem,
and what only files can show is skipped with a reason (`stock`).
"""

import os
from pathlib import Path

import pytest

from tapir import dragdrop
from tests.lanes import pico
from tools import image

BOARD = "pico_a4988"
if pico.micropython() is None and os.environ.get("TAPIR_PICO") != "required":
    collect_ignore_glob = ["test_*.py"]  # tests/conftest.py says so in one line


@pytest.fixture(scope="session")
def uf2() -> Path:
    """The image, or the one line that says that this lane did not run."""
    found = pico.micropython()
    if found is None:
        if os.environ.get("TAPIR_PICO") == "required":
            pytest.fail("no MicroPython image: set MICROPYTHON_UF2=file")
        pytest.skip(pico.MISSING)
    return found


@pytest.fixture(scope="session")
def frozen(uf2: Path) -> bool:
    """Whether the firmware is part of the image."""
    found = dragdrop.micropython(uf2)
    if found.frozen and found.board != BOARD:
        pytest.skip(f"the image has {found.board or 'an unnamed board'} frozen in; these tests are for {BOARD}")
    return found.frozen


@pytest.fixture(scope="session")
def stock(frozen: bool) -> None:
    """For what a frozen firmware can not show: it runs no file."""
    if frozen:
        pytest.skip("the hardened build runs no file of the filesystem, and takes no firmware that is copied there")


@pytest.fixture(scope="session")
def hardened(uf2: Path, frozen: bool) -> Path:
    """The image, if the firmware is frozen into it."""
    if not frozen:
        pytest.skip("not the hardened build: MICROPYTHON_UF2 is stock MicroPython")
    return uf2


@pytest.fixture(scope="session")
def flash(frozen: bool) -> bytes:
    """A littlefs image for BOARD."""
    return image.pack({} if frozen else image.files(BOARD))
