"""Files ports for simulation and tests: in memory (any interpreter) and littlefs on CPython. See pump/store/files.py for the promises."""

from pump.store.files import Files

from .nor import LfsBlockDevice, NorFlash

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class DictFiles(Files):
    """In memory; counts writes, and can lose power: `cut` writes from now the port dies, the last one done or not."""

    def __init__(self, content: dict[str, bytes] | None = None) -> None:
        self.content: dict[str, bytes] = {} if content is None else content
        self.writes = 0
        self._cut = -1
        self._done = False

    def cut_after(self, writes: int, done: bool) -> None:
        """The power fails in the `writes`-th write from now, which is then done or not."""
        self._cut, self._done = writes, done

    def reborn(self) -> "DictFiles":
        """The same files under new power."""
        return DictFiles(dict(self.content))

    def read(self, name: str) -> bytes | None:
        if self._cut == 0:
            raise OSError(5)
        return self.content.get(name)

    def write(self, name: str, data: bytes) -> None:
        if "/" in name and name.split("/")[0] + "/" not in self.content:
            raise OSError(2)
        if self._cut == 0:
            raise OSError(5)
        self._cut -= 1
        self.writes += 1
        if self._cut != 0 or self._done:
            self.content[name] = bytes(data)
        if self._cut == 0:
            raise OSError(5)

    def make_dir(self, name: str) -> None:
        self.content.setdefault(name + "/", b"")


class LfsFiles(Files):
    """littlefs on a NorFlash, on CPython only, set up as MicroPython's VfsLfs2 is on the Pico."""

    def __init__(self, flash: NorFlash, make: bool = False) -> None:
        import littlefs

        self._lfs = littlefs.lfs  # the functions below its file objects, which close twice after an error
        self._error = littlefs.LittleFSError
        self._flash = flash
        device: Any = LfsBlockDevice(flash)
        self._fs = self._lfs.LFSFilesystem()
        # Both are borrowed by the filesystem: keep them as long as it lives.
        self._config = self._lfs.LFSConfig(
            device, block_size=flash.block, block_count=flash.ioctl(4, 0), read_size=32, prog_size=flash.program,
            cache_size=4 * flash.program, lookahead_size=32, block_cycles=100,
        )  # fmt: skip
        if make:
            self._call(self._lfs.format, self._config)
        self._call(self._lfs.mount, self._config)

    def _call(self, function: "Any", *arguments: "Any") -> "Any":
        if self._flash.dead:  # littlefs, which only knows that an operation failed, would trip over its own assertions
            raise OSError(5)
        try:
            return function(self._fs, *arguments)
        except self._error as error:
            raise OSError(-error.code, str(error))

    def read(self, name: str) -> bytes | None:
        try:
            file = self._call(self._lfs.file_open, name, "r")
        except OSError as error:
            if error.errno == 2:
                return None
            raise
        try:
            data: bytes = self._call(self._lfs.file_read, file, self._call(self._lfs.file_size, file))
            return data
        finally:
            self._call(self._lfs.file_close, file)

    def write(self, name: str, data: bytes) -> None:
        file = self._call(self._lfs.file_open, name, "w")
        try:
            self._call(self._lfs.file_write, file, data)
        finally:
            self._call(self._lfs.file_close, file)

    def make_dir(self, name: str) -> None:
        try:
            self._call(self._lfs.mkdir, name)
        except OSError as error:
            if error.errno != 17:
                raise

    def used_blocks(self) -> int:
        """Blocks in use."""
        return int(self._call(self._lfs.fs_size))
