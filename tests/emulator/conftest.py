"""What the tests on an emulated Pico share: MicroPython's image, and the flash with the firmware as `make flash` would leave it."""

import os
from pathlib import Path

import pytest

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
def flash() -> bytes:
    """A littlefs image for BOARD."""
    return image.pack(image.files(BOARD))
