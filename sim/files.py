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
        from littlefs import LittleFS

        blocks = flash.ioctl(4, 0)
        device: Any = LfsBlockDevice(flash)
        self._fs = LittleFS(
            device, mount=False, block_size=flash.block, block_count=blocks,
            read_size=32, prog_size=flash.program, cache_size=4 * flash.program, lookahead_size=32, block_cycles=100,
        )  # fmt: skip
        if make:
            self._fs.format()
        self._fs.mount()

    def read(self, name: str) -> bytes | None:
        try:
            with self._fs.open(name, "rb") as file:
                data: bytes = file.read()
                return data
        except FileNotFoundError:
            return None

    def write(self, name: str, data: bytes) -> None:
        with self._fs.open(name, "wb") as file:
            file.write(data)

    def make_dir(self, name: str) -> None:
        try:
            self._fs.mkdir(name)
        except FileExistsError:
            pass

    def used_blocks(self) -> int:
        """Blocks in use."""
        return self._fs.used_block_count
