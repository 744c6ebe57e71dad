"""What CPython and MicroPython's unix port spell differently: real time, polling, a connected socket."""

import select
import socket
import time

if hasattr(time, "ticks_ms"):

    def real_ms() -> int:
        """Monotonic; the unix port's never wraps."""
        return time.ticks_ms()  # type: ignore[attr-defined, no-any-return]
else:

    def real_ms() -> int:
        """Monotonic."""
        return time.monotonic_ns() // 1000000


def poller(*socks: object) -> object:
    """poll(ms) returns when one of them is readable."""
    it = select.poll()
    for sock in socks:
        it.register(sock, select.POLLIN)  # type: ignore[arg-type]
    return it


def connect(port: int) -> object:
    """A non-blocking connection to this machine, without Nagle's delay."""
    sock = socket.socket()
    sock.connect(socket.getaddrinfo("127.0.0.1", port)[0][-1])
    sock.setsockopt(6, 1, 1)  # IPPROTO_TCP, TCP_NODELAY: the unix port has no names for them
    sock.setblocking(False)
    return sock
