"""The link port over the Pico's own USB serial: never blocks, never drops to the REPL.

The console has no "how many bytes fit": `poll` says writable when there is room for one byte, and a longer write to a host that is
connected but does not read would block for 500 ms. So bytes go one at a time, each asked for first; what does not fit stays in
a bounded buffer that `flush` empties as the host reads. Lines are kept or dropped whole. Called by hw.py; one per boot.
"""

import select
import sys

_MOST_IN = 256  # bytes a read gives: a host that floods the line can not hold up the loop
_MOST_OUT = 6144  # 16 records of the log and their DONE; beyond it a host that does not read loses lines


class UsbLink:
    """Takes the console: Ctrl-C must be off (main.py does that first)."""

    def __init__(self) -> None:
        self._in = sys.stdin.buffer
        self._out = sys.stdout.buffer
        self._readable = select.poll()
        self._readable.register(sys.stdin, select.POLLIN)
        self._writable = select.poll()
        self._writable.register(sys.stdout, select.POLLOUT)
        self._one = bytearray(1)
        self._buffer = bytearray(_MOST_IN)
        self._queue: list[bytes] = []
        self._queued = 0
        self._at = 0  # of the first line in the queue: already written

    # --- the port ------------------------------------------------------------------------------------------------------
    def read(self) -> bytes:
        """What has arrived, at most 256 bytes; b"" if nothing."""
        n = 0
        one, into, readable, buffer = self._one, self._in.readinto, self._readable.ipoll, self._buffer
        while n < _MOST_IN:
            for _ in readable(0):
                break
            else:
                break
            into(one)
            buffer[n] = one[0]
            n += 1
        return bytes(memoryview(buffer)[:n]) if n else b""

    def write(self, data: bytes) -> int:
        """Queue a line and send what fits; 0 if it was dropped because the host does not read."""
        if self._queued + len(data) > _MOST_OUT:
            return 0
        self._queue.append(data)
        self._queued += len(data)
        self.flush()
        return len(data)

    # --- for hw.wait ---------------------------------------------------------------------------------------------------
    def flush(self) -> bool:
        """Send what fits now; True if something is left."""
        writable, write = self._writable.ipoll, self._out.write
        while self._queue:
            line = memoryview(self._queue[0])
            at, end = self._at, len(line)
            while at < end:
                for _ in writable(0):
                    break
                else:
                    self._at = at
                    return True
                write(line[at : at + 1])
                at += 1
            self._queue.pop(0)
            self._queued -= end
            self._at = 0
        return False

    def waiting(self, ms: int) -> bool:
        """Sleep until bytes are there to read, at most `ms`."""
        for _ in self._readable.ipoll(ms):
            return True
        return False
