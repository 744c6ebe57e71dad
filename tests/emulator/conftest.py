"""What the tests on an emulated Pico share: MicroPython's image, and the flash with the firmware as `make flash` would leave it."""

import os
from pathlib import Path

import pytest

from tools import image

VERSION = "1.28.0"  # the MicroPython release that the pump targets
BOARD = "pico_a4988"


def micropython() -> Path | None:
    """A MicroPython UF2 for RPI_PICO that is already on this machine."""
    if "MICROPYTHON_UF2" in os.environ:
        return Path(os.environ["MICROPYTHON_UF2"])
    cached = sorted((Path.home() / ".cache" / "rp2040py").rglob(f"RPI_PICO-*-v{VERSION}.uf2"))
    return cached[0] if cached else None


@pytest.fixture(scope="session")
def uf2() -> Path:
    """The image, or the one line that says that this lane did not run."""
    found = micropython()
    if found is None:
        if os.environ.get("TAPIR_PICO") == "required":
            pytest.fail("no MicroPython image: set MICROPYTHON_UF2=file")
        pytest.skip("emulated Pico: no MicroPython image on this machine (make test-pico downloads it, or set MICROPYTHON_UF2=file)")
    return found


@pytest.fixture(scope="session")
def flash() -> bytes:
    """A littlefs image for BOARD."""
    return image.pack(image.files(BOARD))
