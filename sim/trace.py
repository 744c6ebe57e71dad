"""The trace: what crossed the ports, one text line an event, `us name args`.

The same seed and the same input give the same bytes on CPython and on MicroPython; tests compare them. Times are
absolute virtual microseconds, so a trace runs on through resets.
"""

from .clock import Clock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Trace:
    """Collects lines while `on`; hands them to `sink` in batches, or keeps them in `lines` when there is none."""

    def __init__(self, clock: Clock, sink: "Any" = None) -> None:
        self.on = False
        self.lines: list[str] = []
        self._clock = clock
        self._sink = sink  # anything with write(str)

    def add(self, name: str, *args: object) -> None:
        """One event. Arguments are ints and words without spaces."""
        if not self.on:
            return
        line = str(self._clock.us) + " " + name
        for arg in args:
            line += " " + str(arg)
        self.lines.append(line)
        if self._sink is not None and len(self.lines) >= 256:
            self.flush()

    def flush(self) -> None:
        if self._sink is not None and self.lines:
            self._sink.write("\n".join(self.lines) + "\n")
            self.lines = []
