"""The link port, over a socket (run.py) or in memory (rig.py), and what can go wrong with a line.

Never blocks. Faults act on bytes as they pass: `mute` loses the pump's next lines, `noise` flips a bit of every n-th byte.
"""

from .trace import Trace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MOST = 65536  # bytes kept in either direction: a host that does not read loses the rest


class MemoryLink:
    """`push` is the host's sending end, `take` its receiving end."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._in = b""
        self._out = b""
        self.mute = 0  # lines to lose
        self.noise = 0  # every n-th byte, 0 never
        self._bytes = 0

    # --- the port ---------------------------------------------------------------------------------------------------------
    def read(self) -> bytes:
        data = self._in
        if data:
            self._in = b""
        return data

    def write(self, data: bytes) -> int:
        """Number of bytes accepted."""
        taken = data[: _MOST - len(self._out)]
        if self._trace.on:
            self._trace.add("tx", _text(taken))
        if self.mute:
            taken = self._lose(taken)
        if self.noise:
            taken = self._spoil(taken)
        self._out += taken
        return len(data)

    # --- the host's side -----------------------------------------------------------------------------------------------------
    def push(self, data: bytes) -> None:
        if self._trace.on:
            self._trace.add("rx", _text(data))
        if self.noise:
            data = self._spoil(data)
        self._in = (self._in + data)[:_MOST]

    def take(self) -> bytes:
        data = self._out
        self._out = b""
        return data

    def said(self) -> bool:
        """Bytes of the pump are on their way."""
        return bool(self._out)

    def waiting(self) -> bool:
        """Bytes are there for the pump to read."""
        return bool(self._in)

    # --- faults ----------------------------------------------------------------------------------------------------------------
    def _lose(self, data: bytes) -> bytes:
        while self.mute and data:
            end = data.find(b"\n")
            if end < 0:
                return b""
            self.mute -= 1
            data = data[end + 1 :]
        return data

    def _spoil(self, data: bytes) -> bytes:
        out = bytearray(data)
        for i in range(len(out)):
            self._bytes += 1
            if self._bytes % self.noise == 0 and out[i] != 10:
                out[i] ^= 4
        return bytes(out)


class SocketLink(MemoryLink):
    """The same buffers, moved to and from a non-blocking socket by `pump`, which the loop calls when it polls."""

    def __init__(self, trace: Trace, sock: "Any") -> None:
        super().__init__(trace)
        self._sock = sock
        self.closed = False
        self.stuck = False  # the socket takes nothing more for now

    def pump(self) -> bool:
        """Move what can be moved; True if there is something to read."""
        self.flush()
        while not self.closed:
            try:
                data = self._sock.recv(4096)
            except OSError:
                break
            if data:
                self.push(data)
            else:
                self.closed = True
        return bool(self._in)

    def flush(self) -> None:
        """Send what the pump has said."""
        self.stuck = False
        while self._out:
            try:
                self._out = self._out[self._sock.send(self._out) :]
            except OSError:  # full, or gone: then pump() finds out
                self.stuck = True
                return


def _text(data: bytes) -> str:
    """A trace word: printable bytes as they are, others and spaces as %xx."""
    if not data:
        return "-"
    out = []
    for byte in data:
        out.append(chr(byte) if 32 < byte < 127 and byte != 37 else "%%%02x" % byte)
    return "".join(out)
