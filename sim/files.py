"""Files ports for simulation and tests: in memory (any interpreter) and littlefs on CPython. See pump/store/files.py for the promises."""

from pump.store.files import Files


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
