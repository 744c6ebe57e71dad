"""Mounts the flash image as the Files port, on either interpreter, and lets a power cut inside it end the boot.

A blank chip is formatted, as at the factory; a chip that cannot be mounted is left alone and the port is None, as on
the hardened board. `Cut` is no Exception, so that nothing in the firmware can mistake it for a failed write and go on.
Called by run.py and rig.py.
"""

import os
import sys

from pump.store.files import Files, OsFiles

from .nor import NorFlash
from .trace import Trace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ROOT = "/flash"
_READ = 1024  # the chip is a Python object here: fewer, longer reads cost a sixth; nothing on the chip depends on it


class Cut(BaseException):
    """The power failed inside a flash operation."""


class PoweredFiles(Files):
    """The port under test, with the chip's power watched: littlefs reports a dead chip in its own ways."""

    def __init__(self, files: Files, flash: NorFlash, trace: Trace) -> None:
        self._files = files
        self._flash = flash
        self._trace = trace

    def read(self, name: str) -> "bytes | None":
        data: bytes | None = self._watched(self._files.read, name)
        return data

    def write(self, name: str, data: bytes) -> None:
        self._trace.add("write", name, len(data))
        try:
            self._files.write(name, data)
        except BaseException:
            if self._flash.dead:
                raise Cut()
            raise
        if self._flash.dead:
            raise Cut()

    def make_dir(self, name: str) -> None:
        self._watched(self._files.make_dir, name)

    def _watched(self, do: "Any", name: str) -> "Any":
        try:
            result = do(name)
        except BaseException:
            if self._flash.dead:
                raise Cut()
            raise
        if self._flash.dead:
            raise Cut()
        return result


def mount(flash: NorFlash, trace: Trace) -> "Files | None":
    """The Files port on a chip, None if there is no filesystem that can be mounted."""
    system: Any = os
    blank = bytearray(2 * flash.block)
    flash.readblocks(0, blank, 0)
    new = bytes(blank) == b"\xff" * len(blank)
    try:
        if sys.implementation.name == "micropython":
            try:
                system.umount(_ROOT)
            except OSError:
                pass
            if new:
                system.VfsLfs2.mkfs(flash, progsize=flash.program)
            system.mount(system.VfsLfs2(flash, readsize=_READ, progsize=flash.program), _ROOT)
            return PoweredFiles(OsFiles(_ROOT), flash, trace)
        from .files import LfsFiles

        return PoweredFiles(LfsFiles(flash, new), flash, trace)
    except Exception as e:  # whatever littlefs says about a damaged chip
        trace.add("unmountable", type(e).__name__)
        return None
