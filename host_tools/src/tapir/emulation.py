"""An emulated Pico to start and stop: image, flash file, board, syringe, control port, and the announcement that lets `tapir` find it.

    with Emulation(dragdrop.micropython(uf2), Wanted(flash=Path("pump.flash"))) as pump:
        pump.pico.url, pump.bench.control("truth"), pump.now()

The firmware on a stock image is this package's, always; --flash keeps the journal. Control lines are those of emulated_bench.py, one JSON
object an answer, on a TCP port as the simulator's are, so `tapir sim ctl` speaks to both. Called by cli/emulate.py and the tests.
"""

import json
import os
import socketserver
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from . import dragdrop, image, payload
from .emulated_bench import Bench, board_module
from .emulator import Pico, Pins
from .errors import UsageError
from .running import RunningSim, announce

PATIENCE_S = 120.0  # for one answer of a busy emulated chip
_KEEP_S = 10.0
_JOURNAL = "tapir/"


@dataclass(frozen=True)
class Wanted:
    """What was asked for. `board` None: what the flash file says, else the default; `speed` None: as fast as it goes."""

    board: str | None = None
    flash: Path | None = None
    port: int = 0
    speed: float | None = 1.0
    syringe: str = "bd-3ml"


def pace(text: str) -> float | None:
    """Times real time, or None for max."""
    if text == "max":
        return None
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e6:
        raise UsageError(f"--speed {text}: a number of times real time, or max.")
    return value


class Emulation:
    """Powered on when entered, off when left. UsageError says what can not be."""

    def __init__(self, found: dragdrop.Image, wanted: Wanted) -> None:
        self._wanted = wanted
        before = _read(wanted.flash) if wanted.flash else None
        was = (before.get(payload.BOARD) or b"").decode("utf-8", "replace").strip() if before else ""
        name = wanted.board or found.board or was or payload.DEFAULT_BOARD
        payload.check_board(name)
        dragdrop.check_frozen(found, name)
        self.firmware = {} if found.frozen else payload.files(name)
        journal = {path: data for path, data in (before or {}).items() if path.startswith(_JOURNAL)}
        self.kept = _told(wanted.flash, before, journal, self.firmware)
        if before is not None and before == self.firmware | journal and wanted.flash:
            disk = wanted.flash.read_bytes()
        else:
            disk = image.pack(self.firmware | journal)
        self.board = board_module(name)
        self.answers = False  # its loop runs
        self._lit = False
        self._frozen = found.frozen
        self._saved_at = time.monotonic()
        self.pico = Pico(found.path, disk, Pins.of(self.board), port=wanted.port, speed=wanted.speed)
        try:
            self.bench = Bench(self.pico, self.board, wanted.syringe)
        except ValueError as error:
            raise UsageError(f"--syringe: {error}") from error
        self.pico.listen(self.board.PIN_LED, self._led)
        self._control = _Control(("127.0.0.1", 0), _Line)
        self._control.bench = self.bench
        self._note: Path | None = None

    @property
    def control_port(self) -> int:
        """Of the control lines."""
        return int(self._control.server_address[1])

    def __enter__(self) -> Self:
        try:
            self.pico.__enter__()
        except OSError as error:
            self._control.server_close()
            why = os.strerror(error.errno) if error.errno else str(error)
            raise UsageError(
                f"Port {self._wanted.port} can not be served: {why}.", "Another one: --port N, or --port 0 for any."
            ) from error
        threading.Thread(target=self._control.serve_forever, name="control", daemon=True).start()
        profile = str(self._wanted.flash.absolute()) if self._wanted.flash else f"emulated-{os.getpid()}"
        tcp, control = f"127.0.0.1:{self.pico.port}", f"127.0.0.1:{self.control_port}"
        self._note = announce(RunningSim(os.getpid(), self.board.NAME, "emulated Pico", "", tcp, control, profile, PATIENCE_S))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._note:
            self._note.unlink(missing_ok=True)
        self._control.shutdown()
        self._control.server_close()
        self.pico.close()
        self.keep(now=True)

    def now(self) -> str:
        """A line that says where it is."""
        pico = self.pico
        doing = "runs" if self.answers else "boots"
        return f"{pico.now_us / 1e6:9.1f} s of its time: {doing}, {pico.steps} steps on the pin, {pico.boots} boots"

    def keep(self, now: bool = False) -> None:
        """Write the flash file, now or if the last time is a while ago."""
        if not self._wanted.flash or (not now and time.monotonic() - self._saved_at < _KEEP_S):
            return
        self._saved_at = time.monotonic()
        part = self._wanted.flash.with_name(self._wanted.flash.name + ".part")
        part.write_bytes(self.pico.image())
        part.replace(self._wanted.flash)

    def _led(self, level: int) -> None:
        """It is lit when it is made (pump/drivers/led.py) and goes out when the loop waits for the first time. After a power-on that is
        in the boot behind the watchdog's own test."""
        self._lit = self._lit or level == 1
        self.answers = self.answers or (self._lit and level == 0 and self.pico.boots > 1)


class _Control(socketserver.ThreadingTCPServer):
    """Lines in, JSON out, several clients."""

    daemon_threads = True
    allow_reuse_address = True
    bench: Bench


class _Line(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server: Any = self.server
        for line in self.rfile:
            try:
                answer = server.bench.control(line.decode("utf-8", "replace"))
            except (RuntimeError, TimeoutError) as error:  # it is being switched off
                answer = {"ok": False, "error": str(error)}
            self.wfile.write(json.dumps(answer).encode() + b"\n")


def _read(flash: Path) -> dict[str, bytes] | None:
    """What is on the filesystem of a flash file; None if there is no such file yet."""
    try:
        data = flash.read_bytes()
    except FileNotFoundError:
        if not flash.absolute().parent.is_dir():
            raise UsageError(f"There is no folder {flash.absolute().parent}.") from None
        return None
    except OSError as error:
        raise UsageError(f"{flash} can not be read: {error.strerror}.") from error
    if len(data) != image.FS_BYTES:
        raise UsageError(
            f"{flash} has {len(data):,} bytes; the filesystem of a Pico has {image.FS_BYTES:,}.",
            "It is no flash file of tapir emulate. Another name makes a new one.",
        )
    try:
        return image.unpack(data)
    except Exception as error:  # littlefs has an exception class for each of its codes
        raise UsageError(f"{flash} holds no filesystem that can be mounted ({error}).", "Another name makes a new one.") from error


def _told(flash: Path | None, before: dict[str, bytes] | None, journal: dict[str, bytes], firmware: dict[str, bytes]) -> str:
    if flash is None:
        return ""
    if before is None:
        return f"{flash}, new"
    fresh = "" if firmware == {path: data for path, data in before.items() if path not in journal} else ", with this firmware"
    return f"{flash}, {len(journal)} files of journal{fresh}"
