"""What CPython and MicroPython's unix port spell differently: real time, polling, a connected socket."""

import select
import socket
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ticks_ms: "Any" = getattr(time, "ticks_ms", None)  # the unix port's, which never wraps


def real_ms() -> int:
    """Monotonic."""
    ms: int = _ticks_ms() if _ticks_ms else time.monotonic_ns() // 1000000
    return ms


def poller(*socks: "Any") -> "Any":
    """poll(ms) returns when one of them is readable."""
    it = select.poll()
    for sock in socks:
        it.register(sock, select.POLLIN)
    return it


def connect(port: int) -> "Any":
    """A non-blocking connection to this machine, without Nagle's delay."""
    sock = socket.socket()
    sock.connect(socket.getaddrinfo("127.0.0.1", port)[0][-1])
    sock.setsockopt(6, 1, 1)  # IPPROTO_TCP, TCP_NODELAY: the unix port has no names for them
    sock.setblocking(False)
    return sock
