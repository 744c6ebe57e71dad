"""MicroPython's REPL on a board, by mpremote's serial transport: run a program there, write files, ask for hashes.

`knock` finds out who is at a port before anything but a question is sent. `Repl` is what flashing.py needs; nothing is reset and no
main.py runs by entering it. Needs the extra: pip install "tapir-pump[flash]".
"""

import io
from ast import literal_eval
from contextlib import redirect_stdout
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from .client import Client
from .errors import FlashFailed, NotFlashable, UsageError
from .messages import Hello
from .payload import EXTRA
from .transport import Transport
from .wire import schema

_CHUNK = 1024  # bytes of a file in one program: the board holds them twice
_PROMPTS = (b">>> ", b"raw REPL", b"SyntaxError")
_HEARD = 160  # bytes of what a stranger said that are shown


@dataclass(frozen=True)
class Knocked:
    """Who is there: a pump (`hello`), else what it said; b"" for silence."""

    hello: Hello | None
    heard: bytes

    @property
    def repl(self) -> bool:
        """A MicroPython prompt answered."""
        return any(prompt in self.heard for prompt in _PROMPTS)

    @property
    def tapir(self) -> bool:
        """Our firmware, though not one that can say its state: another version, or stopped."""
        return self.hello is None and not self.repl and (b"Tapir" in self.heard or b"<ERR " in self.heard)

    @property
    def said(self) -> str:
        return self.heard[-_HEARD:].decode("ascii", "replace").strip()


def knock(port: Transport, timeout_s: float) -> Knocked:
    """Ask HELLO, twice if need be. A prompt answers it with a syntax error, which is an answer too."""
    client = Client()
    heard = b""
    for _ in range(2):
        port.write(client.ask("HELLO", {"version": schema.VERSION}))
        end = port.now() + timeout_s / 2
        while (left := end - port.now()) > 0:
            data = port.read(left)
            heard += data
            reply = client.receive(data) if data else None
            if reply and reply.verb == "HELLO":
                return Knocked(Hello.of(reply.values), heard)
            if reply or any(prompt in heard for prompt in _PROMPTS):
                return Knocked(None, heard)
    return Knocked(None, heard)


class Repl:
    """A board's raw REPL from opening to `close`. FlashFailed if it goes silent or a program of ours fails there."""

    def __init__(self, url: str, timeout_s: float) -> None:
        """NotFlashable if no REPL answers, with what answered instead."""
        try:
            from mpremote.transport import TransportError  # type: ignore[import-untyped]
            from mpremote.transport_serial import SerialTransport  # type: ignore[import-untyped]
        except ImportError as error:
            raise UsageError("mpremote is not installed.", EXTRA) from error
        self.name = url
        self._errors: tuple[type[Exception], ...] = (TransportError, OSError)
        printed = io.StringIO()  # mpremote prints what it heard
        try:
            self._board: Any = SerialTransport(url, timeout=timeout_s)
            with redirect_stdout(printed):
                self._board.enter_raw_repl(soft_reset=False, timeout_overall=timeout_s)
        except self._errors as error:
            self.close()
            raise NotFlashable(*_no_prompt(url, printed.getvalue())) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Back to the friendly prompt, if anybody still listens."""
        board = getattr(self, "_board", None)
        try:
            if board is not None:
                if board.in_raw_repl:
                    board.exit_raw_repl()
                board.close()
        except OSError:
            pass

    def run(self, program: str) -> Any:
        """Run a program on the board; what it printed, as a Python literal."""
        said = self._do(lambda: self._board.exec(program))
        try:
            return literal_eval(said.decode()) if said.strip() else None
        except (ValueError, SyntaxError) as error:
            raise FlashFailed(f"{self.name}: the board answered {said[:_HEARD]!r}.", "Is another program using the port?") from error

    def put(self, path: str, data: bytes) -> None:
        """Write a file, its folders made before."""
        self._do(lambda: self._board.fs_writefile(path, data, chunk_size=_CHUNK))

    def reset(self) -> None:
        """A hard reset; the port is gone afterwards."""
        try:
            self._board.exec_raw_no_follow("import machine\nmachine.reset()")
        except self._errors:
            pass
        self._board.in_raw_repl = False

    def _do(self, what: Any) -> Any:
        printed = io.StringIO()
        try:
            with redirect_stdout(printed):
                return what()
        except self._errors as error:
            said = str(error).strip().splitlines() or ["it fell silent"]
            raise FlashFailed(f"{self.name}: the board did not go along: {said[-1]}.") from error


def _no_prompt(url: str, heard: str) -> tuple[str, str]:
    said = literal_eval(heard) if heard.startswith(("b'", 'b"')) else b""
    words = said[-_HEARD:].decode("ascii", "replace").strip()
    if words:
        return (
            f"{url} answers, but neither as a Tapir pump nor as MicroPython: it said {words!r}.",
            "If this is the Pico: tapir uf2 makes a file that puts MicroPython and Tapir on it, whatever runs there now.",
        )
    return (
        f"{url} says nothing: no Tapir pump and no MicroPython.",
        "Is it a Pico? With other firmware, or none: tapir uf2 makes a file that puts MicroPython and Tapir on it.",
    )
