"""The store's Files port with the watchdog in mind: a flash sector may take 400 ms to erase, and a command may need dozens.

Each call feeds the watchdog first, but only _MOST times in a row: a loop that never comes back to hw.wait is a hang, however busy.
`rested` is called by hw.wait.
"""

_MOST = 500  # the files of a new journal, read and written, several times over


class FlashFiles:
    """The same port around another one. OSError passes through."""

    def __init__(self, files: object, watchdog: object) -> None:
        self._files = files
        self._watchdog = watchdog
        self._calls = 0

    def rested(self) -> None:
        """The loop is alive."""
        self._calls = 0

    def _feed(self) -> None:
        self._calls += 1
        if self._calls < _MOST:
            self._watchdog.feed()  # type: ignore[attr-defined]

    def read(self, name: str) -> "bytes | None":
        self._feed()
        return self._files.read(name)  # type: ignore[attr-defined, no-any-return]

    def write(self, name: str, data: bytes) -> None:
        self._feed()
        self._files.write(name, data)  # type: ignore[attr-defined]

    def make_dir(self, name: str) -> None:
        self._feed()
        self._files.make_dir(name)  # type: ignore[attr-defined]
