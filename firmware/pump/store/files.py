"""The Files port on a mounted filesystem (VfsLfs2). Built by the board's wiring, used by slots.py and log.py.

Names are "file" or "directory/file". littlefs keeps the promise of `write`: until the file is closed, a cut leaves the old content."""

import os

_ENOENT = 2
_EEXIST = 17


class Files:
    """The port: what slots.py and log.py need of a filesystem. Others are in sim/files.py."""

    def read(self, name: str) -> bytes | None:
        """The whole file, None if there is none. OSError if it cannot be read."""
        raise NotImplementedError

    def write(self, name: str, data: bytes) -> None:
        """Replace the file as one step, durable on return. OSError: it may or may not have happened."""
        raise NotImplementedError

    def make_dir(self, name: str) -> None:
        """Make a directory unless it is there."""
        raise NotImplementedError


def put(files: Files, name: str, data: bytes) -> None:
    """Write, and after an error look: OSError only if the data is not there, so that the caller and the next boot believe the same."""
    try:
        files.write(name, data)
    except OSError as error:
        if _read_back(files, name) != data:
            raise error


def _read_back(files: Files, name: str) -> bytes | None:
    try:
        return files.read(name)
    except OSError:
        return None


class OsFiles(Files):
    """Files below `root`, a directory on a filesystem whose writes are atomic."""

    def __init__(self, root: str) -> None:
        self._root = root if root.endswith("/") else root + "/"

    def read(self, name: str) -> bytes | None:
        try:
            with open(self._root + name, "rb") as file:
                return file.read()
        except OSError as error:
            if error.errno != _ENOENT:
                raise
            return None

    def write(self, name: str, data: bytes) -> None:
        with open(self._root + name, "wb") as file:
            file.write(data)

    def make_dir(self, name: str) -> None:
        try:
            os.mkdir(self._root + name)
        except OSError as error:
            if error.errno != _EEXIST:
                raise
