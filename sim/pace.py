"""The process's loop: how virtual time follows real time, and what comes in while the app waits. `wait` is hw.wait.

    frozen    time moves only by `advance` and jumps from deadline to deadline then; the link is served between advances,
              so that a run depends on nothing but its input
    N         N times real time; lands on every deadline exactly, late if Python is too slow, never past it
    max       jumps from deadline to deadline, but at real time for 2 s after each byte on the link

What the pump says leaves it after the profile was saved, so that whoever kills this process finds no promise broken.
Virtual time is always a whole number of ms after boot, and stands still while Python runs.
"""

import json

from .bench import Bench
from .control import Control
from .host import poller, real_ms
from .link import SocketLink
from .nor import NorFlash
from .power import TIMEOUT_MS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Json = dict[str, Any]

_QUIET_MS = 2000  # of the link, before `max` jumps again
_LOOK_US = 60000000  # virtual time that `max` and a late N run without looking at the sockets
_SAVE_MS = 2000  # real time between savings of the profile, unless the pump says something before
_LAG_MS = 500  # real time a late N may owe; the rest is forgiven


class Ended(BaseException):
    """This boot is over: `cause` of power.CAUSES or "stop", and the time without power that follows."""

    def __init__(self, cause: str, off_ms: int = 0) -> None:
        super().__init__(cause)
        self.cause = cause
        self.off_ms = off_ms


class Pace:
    """Owns hw.wait and the control socket. `link` is hw.link."""

    def __init__(
        self, hw: Bench, link: SocketLink, link_sock: "Any", control_sock: "Any", speed: str, flash: NorFlash, save: "Any"
    ) -> None:
        self.hw = hw
        self.flash = flash
        self._save = save
        self._saved_ms = real_ms()
        self._touched = False  # by the control channel, since it was saved
        self._clock = hw.clock
        self._switches = hw.switches
        self._link = link
        self._sock = control_sock
        self._poller = poller(link_sock, control_sock)
        self._in = b""
        self._control = Control(self)
        self._free_us = 0  # until then `wait` may jump without looking at anything
        self._target_us = -1  # of a running advance
        self._traffic_ms = real_ms() - _QUIET_MS
        self.armed_off_ms = 0
        self.firmware = ""
        self.speed = ""
        self.set_speed(speed)

    def wait(self, ms: int) -> None:
        """Let `ms` pass; back earlier when the link or a button has something."""
        clock = self._clock
        due = clock.us + ms * 1000
        if due <= self._free_us:
            clock.us = due
        else:
            self._wait(due)

    def _wait(self, due: int) -> None:
        clock = self._clock
        while True:
            edge = self._switches.next_us
            at = due if due < edge else edge
            if at <= clock.us:
                if self._target_us < 0:
                    self._look(0, clock.us)
                return
            if self._target_us >= 0:
                if at <= self._target_us:
                    clock.us = at
                    self._free_us = min(self._target_us, edge - 1)
                    return
                clock.us = self._target_us
                self._target_us = -1
                self._anchor()
                self.answer({"ok": True, "left_ms": 0, "us": clock.us})
            elif self._times == 0:
                if self._look(-1, clock.us):
                    return
            elif self._times < 0 and real_ms() - self._traffic_ms >= _QUIET_MS:
                if self._look(0, clock.us):
                    return
                if self._target_us < 0 and self._times < 0:
                    clock.us = at
                    self._free_us = min(at + _LOOK_US, edge - 1)
                    return
            elif self._real(at, edge):
                return

    def _real(self, at: int, edge: int) -> bool:
        """One look in real time: True when `at` is reached or the link has something."""
        clock = self._clock
        times = max(1, self._times)
        real_us = self._base_us + (real_ms() - self._base_ms) * times * 1000
        if real_us >= at:
            if real_us - at > _LAG_MS * times * 1000:
                self._base_us -= real_us - at - _LAG_MS * times * 1000
            came = self._look(0, clock.us)
            if not came and self._target_us < 0:
                clock.us = at
                if real_us > at:
                    self._free_us = min(real_us, at + _LOOK_US, edge - 1)
                return True
            return came
        timeout_ms = (at - real_us + times * 1000 - 1) // (times * 1000)
        return self._look(timeout_ms if self._times > 0 else min(timeout_ms, _QUIET_MS), at)

    def _look(self, timeout_ms: int, until_us: int) -> bool:
        """Wait for input at most `timeout_ms` (-1: for ever) and serve the control channel; True if the link has bytes.

        In real time the clock follows, at most to `until_us`.
        """
        self._free_us = 0
        if self._link.stuck:
            timeout_ms = 20 if timeout_ms < 0 else min(timeout_ms, 20)
        if self.flash.unsaved or self._touched:
            if self._link.said() or real_ms() - self._saved_ms >= _SAVE_MS:
                self._save()
                self._touched = False
                self._saved_ms = real_ms()
            else:
                timeout_ms = _SAVE_MS if timeout_ms < 0 else min(timeout_ms, _SAVE_MS)
        self._link.flush()
        self._poller.poll(timeout_ms)
        if self._times and until_us > self._clock.us:
            real_us = self._base_us + (real_ms() - self._base_ms) * max(1, self._times) * 1000
            self._clock.us = max(self._clock.us, min(until_us, real_us))
        came: bool = self._link.pump()
        if came:
            if self._times < 0 and real_ms() - self._traffic_ms >= _QUIET_MS:
                self._anchor()
            self._traffic_ms = real_ms()
        self._serve()
        if self._link.closed:
            raise Ended("stop")
        if self.hw.stirred:
            self.hw.stirred = False
            return True
        return came

    def _serve(self) -> None:
        """The control lines that have come."""
        try:
            data = self._sock.recv(4096)
        except OSError:
            return
        if not data:
            raise Ended("stop")
        self._in += data
        while b"\n" in self._in and self._target_us < 0:
            end = self._in.find(b"\n")
            line = self._in[:end].decode()
            self._in = self._in[end + 1 :]
            if line == "stop":
                raise Ended("stop")
            self._touched = True
            answer = self._control.handle(line)
            if answer is not None:
                self.answer(answer)

    def answer(self, answer: "Json") -> None:
        """One JSON line to the supervisor."""
        data = (json.dumps(answer) + "\n").encode()
        while data:
            try:
                data = data[self._sock.send(data) :]
            except OSError as e:
                if e.errno != 11:  # EAGAIN
                    return

    def _anchor(self) -> None:
        """Real time is counted from here."""
        self._base_us = self._clock.us
        self._base_ms = real_ms()

    # --- what control.py asks of a loop ------------------------------------------------------------------------------------
    def advance_for(self, ms: int) -> None:
        self._target_us = self._clock.us + ms * 1000

    def set_speed(self, speed: str) -> None:
        if speed == "frozen":
            times = 0
        elif speed == "max":
            times = -1
        elif speed.isdigit() and 1 <= int(speed) <= 1000000:
            times = int(speed)
        else:
            raise ValueError("a number from 1 to 1000000, max or frozen")
        self.speed = speed
        self._times = times
        self._free_us = 0
        self._anchor()

    def cut_now(self, off_ms: int) -> "Json":
        raise Ended("power", off_ms)

    def cut_at(self, off_ms: int, n: int, tear: int) -> "Json":
        self.armed_off_ms = off_ms
        self.flash.cut_after(n, tear)
        return {"armed": n}

    def reset_now(self, cause: str) -> "Json":
        raise Ended(cause)

    def hang(self, ms: int) -> "Json":
        self._clock.us += min(ms, TIMEOUT_MS) * 1000
        if ms >= TIMEOUT_MS:
            raise Ended("watchdog")
        return {"bitten": 0}
