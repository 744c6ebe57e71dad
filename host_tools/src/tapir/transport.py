"""Bytes to and from a pump: anything pyserial's serial_for_url opens (/dev/ttyACM0, a pty, socket://host:port).

Times in seconds. A transport knows nothing about frames. Whatever the operating system says becomes a PortError (at
opening) or PortVanished (later), each naming the port. Used by link.py; tests hand in an object with the same methods.
"""

import errno
import os
import time
from typing import Protocol

import serial  # type: ignore[import-untyped]

from .errors import PortError, PortVanished

_BAUD = 115200  # USB and pty ignore it


class Transport(Protocol):
    """What link.py needs."""

    name: str

    def write(self, data: bytes) -> None:
        """Send everything or raise PortVanished."""

    def read(self, timeout_s: float) -> bytes:
        """What has arrived, waiting at most `timeout_s` for the first byte; b"" if nothing came."""

    def now(self) -> float:
        """Monotonic seconds, on the clock that `read` waits by."""

    def close(self) -> None:
        """Let the port go."""


class SerialTransport:
    """A port opened by pyserial, held exclusively where the system can do that."""

    def __init__(self, url: str) -> None:
        self.name = url
        device = "://" not in url
        try:
            self._port = serial.serial_for_url(url, baudrate=_BAUD, timeout=0, write_timeout=5, do_not_open=True)
            if device:
                self._port.exclusive = True
            self._port.open()
        except (OSError, ValueError) as error:  # SerialException is an OSError
            raise PortError(*_opening(url, error)) from error

    def write(self, data: bytes) -> None:
        """Send everything; a port that takes nothing for 5 s counts as gone."""
        try:
            self._port.write(data)
        except Exception as error:  # pyserial lets termios.error through, which is not an OSError
            raise _vanished(self.name, error) from error

    def read(self, timeout_s: float) -> bytes:
        """Wait for the first byte, then take what is there."""
        try:
            self._port.timeout = max(timeout_s, 0)
            first: bytes = self._port.read(1)
            if not first:
                return b""
            self._port.timeout = 0
            rest: bytes = self._port.read(4096)
            return first + rest
        except Exception as error:
            raise _vanished(self.name, error) from error

    def now(self) -> float:
        """The system's monotonic clock."""
        return time.monotonic()

    def close(self) -> None:
        """Close; a port that has gone is closed already."""
        try:
            self._port.close()
        except Exception:  # nothing more can be lost here
            pass


def _vanished(name: str, error: Exception) -> PortVanished:
    return PortVanished(
        f"Port {name} vanished while in use ({error}).", "Is the pump still plugged in, or the simulator still running? tapir ports"
    )


def _opening(url: str, error: Exception) -> tuple[str, str]:
    """(problem, hint) for a port that would not open."""
    number = getattr(error, "errno", None)
    text = str(error)
    if "://" in url:
        if isinstance(error, ValueError) or "NoneType" in text or "expected a string in the form" in text:
            return f"Port {url} is not an address that can be opened ({error}).", "Write it like socket://127.0.0.1:47110"
        return f"Nothing answers at {url} ({_short(text)}).", "Is the simulator running? tapir ports lists what is there."
    if number == errno.ENOENT or not os.path.exists(url):
        return f"There is no port {url}.", "tapir ports lists what is there."
    if number in (errno.EACCES, errno.EPERM):
        return f"Port {url} may not be opened by this user.", "On Linux, join the group that owns it (often dialout): ls -l " + url
    if number in (errno.EAGAIN, errno.EBUSY, errno.EWOULDBLOCK) or "lock" in text:
        return f"Port {url} is in use by another program.", "Close the other tapir, terminal or mpremote first."
    if number == errno.ENOTTY or "not a tty" in text or "Inappropriate ioctl" in text or os.path.isfile(url):
        return f"{url} is not a serial port.", "tapir ports lists what is there."
    return f"Port {url} could not be opened ({_short(text)}).", "tapir ports lists what is there."


def _short(text: str) -> str:
    """The system's own words without pyserial's preamble."""
    return text.rsplit("] ", 1)[-1].rstrip("'\")")
