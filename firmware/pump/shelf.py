"""A short way to the firmware's files: a filesystem of our own that knows which names there can be, and asks littlefs only for the file.

An import tries a folder, NAME.py and NAME.mpy in every place of sys.path, and littlefs goes through all folders for each. Here the first
two are answered from FOLDERS; what is left is one open. A module that is missing is an OSError then.
pump/first.py calls `use` once the outputs are safe; with the firmware frozen in there is nothing to look for.
"""

import sys

import vfs  # type: ignore[import-not-found]

FOLDERS = ("/wire", "/boards", "/pump", "/pump/core", "/pump/core/orders", "/pump/store", "/pump/app", "/pump/drivers")
_AT, _FILES = "/shelf", "/lib"
_FOLDER, _FILE = 0x4000, 0x8000
_MISSING = 2  # ENOENT


class Shelf:
    """MicroPython's interface for a filesystem (docs.micropython.org, library/vfs.html), as far as imports need it."""

    def mount(self, readonly: bool, mkfs: bool) -> None:
        """Nothing to prepare."""

    def stat(self, path: str) -> tuple:
        """Its kind is all that an import asks for. Nothing but .mpy is in our folders."""
        if path in FOLDERS:
            return (_FOLDER, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        if path.endswith(".mpy") and path[: path.rfind("/")] in FOLDERS:
            return (_FILE, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        raise OSError(_MISSING)

    def open(self, path: str, mode: str) -> object:
        """The file itself."""
        return open(_FILES + path, mode)


def use() -> None:
    """From here on imports look on the shelf, then among MicroPython's own modules, and nowhere else."""
    vfs.mount(Shelf(), _AT)
    sys.path[:] = [_AT, ".frozen"]
    for name in ("pump", "pump.drivers", "boards"):  # loaded before, from where they are
        sys.modules[name].__path__ = _AT + "/" + name.replace(".", "/")  # type: ignore[attr-defined]
