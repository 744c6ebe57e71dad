"""The rig: pump, plant and app in this process, for tests. The test owns the time.

    rig = Rig(seed=3)
    rig.advance(60_000)
    rig.send("?")            # the pump's lines, newline taken off
    rig.cut(off_ms=3600_000)
    rig.truth()["steps"]

`files` is a Files port that outlives power cuts (by default sim/files.py DictFiles); `flash`, a NorFlash, is mounted
anew at each boot instead and can be cut inside an operation (`cut_at`). `build(hw)` gives the app, by
default the real one. With `trace`, port events are kept in `trace` and `hw.trace.lines`, or written to `sink`.
"""

from boards import sim as board

from .bench import Bench, Config
from .collector import tame_collector
from .control import Control
from .files import DictFiles
from .nor import NorFlash
from .power import CAUSES, POWER_ON, TIMEOUT_MS, Bitten
from .store import Cut, mount

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Json = dict[str, Any]

_SPIN = 100000  # steps without time passing: the app does not come to rest


class Rig:
    """Between calls virtual time stands still and the app has done everything that was due."""

    def __init__(
        self,
        seed: int = 1,
        files: "Any" = None,
        build: "Any" = None,
        flash: "NorFlash | None" = None,
        trace: bool = False,
        sink: "Any" = None,
        config: "Config | None" = None,
    ) -> None:
        if build is None:
            from pump.app.wiring import build as wiring

            build = wiring
        tame_collector()
        if files is None and flash is None:
            files = DictFiles()
        self._build = build
        self._files = files
        self.flash = flash
        self._config = config or Config(seed=seed)
        self._tracing = trace
        self._sink = sink
        self.trace: list[str] = []  # of the boots before, unless a sink took it
        self._armed_off_ms = 0
        self._due_us = 0  # when the app next wants to be stepped
        self.firmware = ""
        self.speed = "frozen"
        self._control = Control(self)
        self._boot(None, POWER_ON)

    # --- time ---------------------------------------------------------------------------------------------------------------
    def advance(self, ms: int) -> int:
        """Let `ms` pass. Gives the part that is left: not 0 when a cut armed by `cut_at` ended it early."""
        target = self.hw.clock.us + ms * 1000
        boot = self.hw.boot
        self._run(target)
        return 0 if self.hw.boot == boot else max(0, (target - self.hw.clock.us) // 1000)

    def settle(self) -> None:
        """Do everything that is due now."""
        self._run(self.hw.clock.us)

    def _run(self, target: int) -> None:
        clock = self.hw.clock
        switches = self.hw.switches
        link = self.hw.link
        step = self.app.step
        due = self._due_us
        spin = 0
        try:
            while True:
                now = clock.us
                if due <= now or link.waiting():
                    due = now + step() * 1000
                    spin = spin + 1 if due == now else 0
                    if spin > _SPIN:
                        raise RuntimeError("step() keeps returning 0")
                    continue
                at = due
                if target < at:
                    at = target
                if switches.next_us <= at:
                    at = due = switches.next_us
                    clock.us = max(now, at)
                    continue
                if at == now:
                    break
                clock.us = at
        except Cut:
            self._off(self._armed_off_ms, POWER_ON)
            return
        except Bitten:
            self.hang(TIMEOUT_MS)
            return self._run(max(target, self.hw.clock.us))
        self._due_us = due

    # --- the host's end of the cable ---------------------------------------------------------------------------------------
    def send(self, line: "str | bytes") -> list[str]:
        """One line to the pump (a newline is added when there is none); the lines it answers."""
        data = line.encode() if isinstance(line, str) else line
        self.hw.link.push(data if data.endswith(b"\n") else data + b"\n")
        return self.replies()

    def replies(self) -> list[str]:
        """What the pump has to say without being asked."""
        self.settle()
        text = self.hw.link.take().decode()
        return text[:-1].split("\n") if text else []

    # --- hands and faults ---------------------------------------------------------------------------------------------------
    def cut(self, off_ms: int = 0) -> None:
        """Cut the power for `off_ms`; the pump has booted again when this returns."""
        self._off(off_ms, POWER_ON)

    def cut_at(self, off_ms: int, n: int, tear: int) -> "Json":
        """Arm a cut in the n-th flash operation from now (see NorFlash.cut_after)."""
        if self.flash is None:
            raise ValueError("this rig has no flash")
        self._armed_off_ms = off_ms
        self.flash.cut_after(n, tear)
        return {"armed": n}

    def reset(self, cause: str = "watchdog") -> None:
        """Watchdog or soft reset: power stays, the queue of pulses does not."""
        self._off(0, CAUSES.index(cause))

    def hang(self, ms: int) -> "Json":
        """The interpreter stands still; pulses go on until the queue is empty or the watchdog bites."""
        self.hw.clock.us += min(ms, TIMEOUT_MS) * 1000
        if ms >= TIMEOUT_MS:
            self.reset("watchdog")
        else:
            self._due_us = self.hw.clock.us
            self.settle()
        return {"bitten": int(ms >= TIMEOUT_MS)}

    def press(self, name: str, ms: int) -> None:
        """Hold a button from now for `ms`; time is not advanced."""
        self.hw.switches.press(name, ms)
        self.settle()

    def truth(self) -> "Json":
        return self.hw.truth()

    def control(self, line: str) -> "Json":
        """A line of the control channel."""
        answer = self._control.handle(line)
        if self.hw.stirred:
            self.hw.stirred = False
            self._due_us = self.hw.clock.us
        self.settle()
        return answer or {}

    # --- what control.py asks of a loop ------------------------------------------------------------------------------------
    def advance_for(self, ms: int) -> "Json":
        return {"left_ms": self.advance(ms), "us": self.hw.clock.us}

    def set_speed(self, speed: str) -> None:
        raise ValueError("a rig's time is always frozen")

    def cut_now(self, off_ms: int) -> "Json":
        self.cut(off_ms)
        return {"ended": "power", "off_ms": off_ms}

    def reset_now(self, cause: str) -> "Json":
        self.reset(cause)
        return {"ended": cause}

    # --- boots ---------------------------------------------------------------------------------------------------------------
    def _off(self, off_ms: int, cause: int) -> None:
        hw = self.hw
        state = hw.power_down(off_ms)
        hw.trace.add("off", CAUSES[cause], off_ms)
        self._keep_trace()
        self._boot(state, cause)

    def _boot(self, state: "Json | None", cause: int) -> None:
        if self.flash and self.flash.dead:
            self.flash = self.flash.copy()
        hw = Bench(board, self._config, state, cause, self._sink)
        hw.trace.on = hw.trace.on or self._tracing
        hw.trace.add("boot", CAUSES[cause], hw.boot)
        if not hw.mount_fails:
            hw.files = mount(self.flash, hw.trace) if self.flash else self._files
        self.hw = hw
        self.app = self._build(hw)
        self._due_us = hw.clock.us
        try:
            self.app.boot()
        except Cut:
            self._off(self._armed_off_ms, POWER_ON)
            return
        self.settle()

    def _keep_trace(self) -> None:
        self.hw.trace.flush()
        self.trace += self.hw.trace.lines
        self.hw.trace.lines = []
