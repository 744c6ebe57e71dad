"""Keeps a simulated pump's process alive and carries its bytes: one thread, one selector. Used by simulator.py only.

    pty, public TCP clients  <-->  link socket  <-->  sim/run.py (the firmware)
    control clients          <-->  control socket

Bytes from the world go to the firmware as they come; what it says goes to whoever spoke last, as on one shared cable.
Control lines are answered one at a time and in order; if a line ends the boot (a power cut, a reset), its answer goes
out when the pump has booted again. Three boots in a row that do not get ready end it all.
"""

import contextlib
import json
import os
import selectors
import socket
import subprocess
import threading
import tty
from pathlib import Path
from typing import Any

_BOOTS = 3
_KEPT = 65536
_CAUSES = {10: "power", 11: "watchdog", 12: "soft", 13: "soft"}


class _Peer:
    """A byte stream of the outside world: a TCP client, or the pty."""

    def __init__(self, fd: int, sock: socket.socket | None = None) -> None:
        self.fd = fd
        self.sock = sock
        self.buffer = b""

    def read(self) -> bytes | None:
        """b"" at its end, None if there is nothing now."""
        try:
            return self.sock.recv(4096) if self.sock else os.read(self.fd, 4096)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def write(self, data: bytes) -> None:
        """What does not fit is lost, as on a cable that nobody reads."""
        with contextlib.suppress(OSError):
            if self.sock:
                self.sock.sendall(data)
            else:
                os.write(self.fd, data)


class Supervisor:
    """`command` is the interpreter, the script and its fixed arguments."""

    def __init__(self, command: list[str], profile: Path, speed: str, off_ms: int, tcp_port: int) -> None:
        self._command = command
        self._profile = profile
        self._speed = speed
        self._off_ms = off_ms
        self._cause = "power"
        self._selector = selectors.DefaultSelector()
        self._internal = _listen(0)  # where the firmware connects
        self._public = _listen(tcp_port)
        self._control = _listen(0)
        self._wake_r, self._wake_w = os.pipe()
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.port = os.ttyname(self._slave)
        self.url = f"socket://127.0.0.1:{self._public.getsockname()[1]}"
        self.control_port: int = self._control.getsockname()[1]
        self._pty = _Peer(self._master)
        self._peers = [self._pty]
        self._talker = self._pty
        self._clients: list[_Peer] = []
        self._waiting: list[tuple[_Peer, str]] = []  # control lines, the first one is with the firmware
        self._asked = False
        self._held: dict[str, Any] | None = None  # the answer that goes out after the reboot
        self._process: subprocess.Popen[bytes] | None = None
        self._link: socket.socket | None = None
        self._ctl: socket.socket | None = None
        self._ctl_buffer = b""
        self._last: dict[str, Any] = {}
        self._ready = threading.Event()
        self._failed_boots = 0
        self._stopping = False
        self.error = ""
        self.alive = False
        self._thread = threading.Thread(target=self._run, name="tapir-simulator", daemon=True)

    def start(self, timeout_s: float) -> None:
        """Returns when the firmware has booted; RuntimeError if it does not."""
        self.alive = True
        self._thread.start()
        if not self._ready.wait(timeout_s) or not self.alive:
            raise RuntimeError(self.error or f"the firmware did not boot within {timeout_s} s")

    def stop(self) -> None:
        """Power off and wait until everything is gone."""
        self._stopping = True
        os.write(self._wake_w, b"x")
        if self._thread.is_alive():
            self._thread.join(10)
        for fd in (self._wake_r, self._wake_w):
            os.close(fd)

    # --- the thread -------------------------------------------------------------------------------------------------------
    def _run(self) -> None:
        try:
            for listener, handler in ((self._public, self._accept_peer), (self._control, self._accept_client)):
                self._selector.register(listener, selectors.EVENT_READ, handler)
            self._selector.register(self._wake_r, selectors.EVENT_READ, lambda: None)
            self._boot()
            while self.alive and not self._stopping:
                for key, _ in self._selector.select():
                    key.data()
        except Exception as error:  # whatever it is, start() or the next ask() has to tell
            self.error = f"{type(error).__name__}: {error}"
        finally:
            self.alive = False
            self._power_off()
            self._ready.set()

    def _power_off(self) -> None:
        if self._ctl:
            with contextlib.suppress(OSError):
                self._ctl.setblocking(True)
                self._ctl.sendall(b"stop\n")
        if self._process:
            _end(self._process)
        self._selector.close()
        for sock in (self._internal, self._public, self._control, self._link, self._ctl):
            if sock:
                sock.close()
        for peer in [*self._peers, *self._clients]:
            if peer.sock:
                peer.sock.close()
        os.close(self._master)
        os.close(self._slave)

    # --- boots --------------------------------------------------------------------------------------------------------------
    def _boot(self) -> None:
        port = str(self._internal.getsockname()[1])
        options = ["--link", port, "--control", port, "--cause", self._cause, "--speed", self._speed, "--off-ms", str(self._off_ms)]
        self._off_ms = 0
        self._last = {}
        with open(self._profile / "device.log", "ab") as log:
            self._process = subprocess.Popen([*self._command, *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._internal.settimeout(0.2)
        self._link = self._accept_firmware()
        self._ctl = self._accept_firmware() if self._link else None
        if not self._link or not self._ctl:
            self._ended()
            return
        self._ctl_buffer = b""
        for sock, handler in ((self._link, self._from_link), (self._ctl, self._from_control)):
            sock.setblocking(False)
            self._selector.register(sock, selectors.EVENT_READ, handler)
        self._selector.register(self._master, selectors.EVENT_READ, lambda: self._from_peer(self._pty))

    def _accept_firmware(self) -> socket.socket | None:
        """run.py connects the link first, then control."""
        for _ in range(50):
            with contextlib.suppress(TimeoutError):
                sock, _address = self._internal.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return sock
            if self._stopping or self._process is None or self._process.poll() is not None:
                return None
        return None

    def _ended(self) -> None:
        """The firmware's process is over, or its sockets are: start the next boot."""
        for sock in (self._link, self._ctl):
            if sock:
                with contextlib.suppress(KeyError, ValueError):
                    self._selector.unregister(sock)
                sock.close()
        self._link = self._ctl = None
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(self._master)
        code = _end(self._process) if self._process else 0
        self._process = None
        for peer in [peer for peer in self._peers if peer.sock]:
            self._drop(peer)
        if self._stopping:
            return
        self._failed_boots += 1
        if self._asked:
            crash = {"ok": False, "error": f"the firmware ended with code {code}: see {self._profile}/device.log", "ended": "crash"}
            self._held = self._last or crash
        if self._failed_boots >= _BOOTS:
            self.error = f"the firmware ended with code {code} before it was ready, {_BOOTS} times: {self._tail()}"
            self.alive = False
            return
        self._cause = _CAUSES.get(code, "power")
        self._boot()

    def _tail(self) -> str:
        for name in ("crash.txt", "device.log"):
            with contextlib.suppress(OSError, IndexError):
                return (self._profile / name).read_text().strip().splitlines()[-1]
        return "no word from it"

    # --- the firmware speaks -----------------------------------------------------------------------------------------------
    def _from_link(self) -> None:
        if not self._link:
            return  # closed by an event that came with this one
        try:
            data = self._link.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._talker.write(data)
        else:
            self._drain_control()
            self._ended()

    def _from_control(self) -> None:
        if self._ctl and not self._drain_control():
            self._ended()

    def _drain_control(self) -> bool:
        """Take what the firmware has answered; False at its end."""
        while self._ctl:
            try:
                data = self._ctl.recv(65536)
            except BlockingIOError:
                return True
            except OSError:
                data = b""
            if not data:
                return False
            self._ctl_buffer += data
            while b"\n" in self._ctl_buffer:
                line, self._ctl_buffer = self._ctl_buffer.split(b"\n", 1)
                self._heard(json.loads(line))
        return False

    def _heard(self, answer: dict[str, Any]) -> None:
        if "ready" in answer:
            self._failed_boots = 0
            self._ready.set()
            if self._held:
                self._answer(self._held)
                self._held = None
            self._ask()
        elif "ended" in answer:
            self._last = answer
        else:
            if "speed" in answer:
                self._speed = answer["speed"]
            self._answer(answer)
            self._ask()

    # --- the world speaks ------------------------------------------------------------------------------------------------
    def _accept_peer(self) -> None:
        sock, _ = self._public.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setblocking(False)
        peer = _Peer(sock.fileno(), sock)
        self._peers.append(peer)
        self._selector.register(sock, selectors.EVENT_READ, lambda: self._from_peer(peer))

    def _from_peer(self, peer: _Peer) -> None:
        data = peer.read()
        if data:
            self._talker = peer
            if self._link:
                with contextlib.suppress(OSError):
                    self._link.sendall(data)
        elif data == b"" and peer.sock:
            self._drop(peer)

    def _drop(self, peer: _Peer) -> None:
        if peer.sock:
            self._selector.unregister(peer.sock)
            peer.sock.close()
        self._peers = [other for other in self._peers if other is not peer]
        if self._talker is peer:
            self._talker = self._pty

    # --- control clients --------------------------------------------------------------------------------------------------
    def _accept_client(self) -> None:
        sock, _ = self._control.accept()
        client = _Peer(sock.fileno(), sock)
        self._clients.append(client)
        self._selector.register(sock, selectors.EVENT_READ, lambda: self._from_client(client))

    def _from_client(self, client: _Peer) -> None:
        data = client.read()
        if not data or len(client.buffer) > _KEPT:
            self._selector.unregister(client.fd)
            if client.sock:
                client.sock.close()
            self._clients = [other for other in self._clients if other is not client]
            return
        client.buffer += data
        while b"\n" in client.buffer:
            line, client.buffer = client.buffer.split(b"\n", 1)
            self._waiting.append((client, line.decode("ascii", "replace").strip()))
        self._ask()

    def _ask(self) -> None:
        """Hand the next control line to the firmware, unless one is being dealt with."""
        while self._waiting and not self._asked:
            client, line = self._waiting[0]
            if line == "ports":
                self._waiting.pop(0)
                self._send(client, {"ok": True, "port": self.port, "url": self.url, "control": self.control_port})
            elif line in ("", "stop"):
                self._waiting.pop(0)
                self._send(client, {"ok": False, "error": "stop the simulator where it was started, or send advance, truth, ..."})
            elif self._ctl and self._ready.is_set() and not self._failed_boots:
                self._asked = True
                with contextlib.suppress(OSError):
                    self._ctl.sendall(line.encode() + b"\n")
            else:
                return

    def _answer(self, answer: dict[str, Any]) -> None:
        if not self._asked:
            return  # a boot that ended by itself: nobody asked
        self._asked = False
        client, _ = self._waiting.pop(0)
        self._send(client, answer)

    def _send(self, client: _Peer, answer: dict[str, Any]) -> None:
        client.write(json.dumps(answer).encode() + b"\n")


def _listen(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port))


def _end(process: subprocess.Popen[bytes]) -> int:
    """Its exit code. Gives it time to save the profile, then insists."""
    for insist in (process.terminate, process.kill):
        try:
            return process.wait(5)
        except subprocess.TimeoutExpired:
            insist()
    return process.wait()
