"""A program on an emulated Pico at MicroPython's own prompt, with the firmware beside it: the service strap holds the pump off.

    with Guest(uf2, flash) as guest:
        guest.run("print(6 * 7)")         # "42\\r\\n"
        guest.pico.steps

The same for a stock image, whose firmware is on the filesystem, and for the hardened build, whose firmware is frozen in and which runs no
file. Used by the tests here and by `make bench`.
"""

import socket
from pathlib import Path
from types import TracebackType
from typing import Self

from boards import pico_a4988
from tapir.emulator import Pico, Pins

RAW, RUN = b"\x01", b"\x04"  # the raw REPL of MicroPython: docs.micropython.org, reference/repl.html
PATIENCE_S = 600.0


class Guest:
    """Strapped at power-on. `run` gives what the program printed, and raises what it raised."""

    def __init__(self, uf2: Path, flash: bytes) -> None:
        self.pico = Pico(uf2, flash, Pins.of(pico_a4988), grounded=[pico_a4988.PIN_SERVICE])

    def __enter__(self) -> Self:
        self.pico.__enter__()
        self._cable = socket.create_connection(("127.0.0.1", self.pico.port), timeout=PATIENCE_S)
        self._until(b">>> ", b"\r\n")
        self._cable.sendall(RAW)
        self._until(b"exit\r\n>")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._cable.close()
        self.pico.close()

    def run(self, program: str) -> str:
        """To the program's end."""
        self._cable.sendall(program.encode() + RUN)
        self._until(b"OK")
        said = self._until(RUN)
        raised = self._until(RUN + b">")
        assert not raised, raised.decode()
        return said.decode()

    def _until(self, end: bytes, say: bytes = b"") -> bytes:
        """What comes before `end`; `say` is said whenever it is silent."""
        heard = b""
        self._cable.settimeout(1 if say else PATIENCE_S)
        for _ in range(int(PATIENCE_S) if say else 1 << 30):
            if end in heard:
                break
            try:
                data = self._cable.recv(1 if not say else 4096)
                assert data, f"the Pico hung up after {heard!r}"
                heard += data
            except TimeoutError:
                assert say, f"the Pico said only {heard!r}"
                self._cable.sendall(say)
        assert end in heard, f"the Pico said only {heard!r}"
        return heard.partition(end)[0]
