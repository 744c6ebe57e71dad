"""The simulated pump as a process, on MicroPython's unix port or CPython. Started by tapir.simulator, once per boot.

    micropython sim/run.py --profile DIR --link PORT --control PORT --cause power|watchdog|soft --speed N|max|frozen
                           [--off-ms N] [--app MODULE --path DIR]

Connects to two TCP ports of this machine: the cable and the control channel (control.py). Says {"ready": true} on the
latter when the app has booted, and {"ended": ...} when the boot is over; then leaves its state in the profile:

    sim.json     what this pump is: serial, seed, syringe (written by the supervisor)
    plant.json   saved together with it, what it was doing: virtual time, plant, scratch registers, faults
    flash.bin    the flash image, written whenever the pump answers, and every 2 s of real time
    trace.txt    port events, while tracing
    crash.txt    the last exception of the firmware

Exit code: 0 stopped, 10 power cut, 11 watchdog, 12 soft reset, 13 the firmware raised.
"""

import json
import os
import sys
from io import StringIO

_HERE = __file__.rsplit("/", 1)[0]
ROOT = _HERE.rsplit("/", 1)[0] if "/" in _HERE else ".."
sys.path[0] = ROOT  # instead of sim/ itself, whose names would hide others
sys.path.insert(1, ROOT + "/firmware")

from boards import sim as board  # noqa: E402
from pump.store import crash  # noqa: E402
from sim.bench import Bench, Config  # noqa: E402
from sim.collector import tame_collector  # noqa: E402
from sim.host import connect  # noqa: E402
from sim.link import SocketLink  # noqa: E402
from sim.nor import NorFlash  # noqa: E402
from sim.pace import Ended, Pace  # noqa: E402
from sim.power import CAUSES, TIMEOUT_MS, Bitten  # noqa: E402
from sim.store import Cut, mount  # noqa: E402

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Json = dict[str, Any]

EXITS = {"stop": 0, "power": 10, "watchdog": 11, "soft": 12, "crash": 13}


class FileSink:
    """Appends to a file, opened when the first line comes."""

    def __init__(self, path: str) -> None:
        self._path = path

    def write(self, text: str) -> None:
        with open(self._path, "a") as file:
            file.write(text)


def main(argv: list[str]) -> int:
    options = {"--cause": "power", "--speed": "1", "--off-ms": "0", "--app": "pump.app.wiring", "--path": ""}
    for i in range(1, len(argv) - 1, 2):
        options[argv[i]] = argv[i + 1]
    tame_collector()
    profile = options["--profile"]
    config = Config()
    for name, value in (read_json(profile + "/sim.json") or {}).items():
        setattr(config, name, value)
    state = read_json(profile + "/plant.json")
    if state:
        state["us"] += int(options["--off-ms"]) * 1000
    hw = Bench(board, config, state, CAUSES.index(options["--cause"]), FileSink(profile + "/trace.txt"))
    link_sock = connect(int(options["--link"]))
    link = SocketLink(hw.trace, link_sock)
    link.noise = hw.link.noise
    hw.link = link
    hw.trace.add("boot", options["--cause"], hw.boot)
    flash = NorFlash(board.FLASH_BYTES, profile + "/flash.bin")
    flash.late = True

    def save(state: "Json | None" = None) -> None:
        """Chip and plant together, as of now."""
        flash.sync()
        write_json(profile + "/plant.json", state or hw.state())

    if not hw.mount_fails:
        hw.files = mount(flash, hw.trace)
    pace = Pace(hw, link, link_sock, connect(int(options["--control"])), options["--speed"], flash, save)
    hw.wait = pace.wait
    if options["--path"]:
        sys.path.insert(1, options["--path"])
    app = __import__(options["--app"], None, None, ["build"])
    pace.firmware = getattr(app, "FIRMWARE", "")
    ended = run(app.build, hw, pace, profile)
    save(hw.power_down(ended.off_ms))
    link.flush()
    hw.trace.add("off", ended.cause, ended.off_ms)
    hw.trace.flush()
    pace.answer({"ok": True, "ended": ended.cause, "off_ms": ended.off_ms, "us": hw.clock.us + ended.off_ms * 1000})
    return EXITS[ended.cause]


def run(build: "Any", hw: Bench, pace: Pace, profile: str) -> Ended:
    """One boot of the firmware, until something ends it."""
    try:
        app = build(hw)
        app.boot()
        pace.answer({"ready": True, "us": hw.clock.us, "boot": hw.boot})
        step = app.step
        wait = pace.wait
        while True:
            wait(step())
    except Ended as e:
        return e
    except Cut:
        return Ended("power", pace.armed_off_ms)
    except Bitten:
        hw.clock.us += TIMEOUT_MS * 1000
        return Ended("watchdog")
    except Exception as e:
        text = describe(e)
        with open(profile + "/crash.txt", "w") as file:
            file.write(text)
        if hw.files is not None:
            try:
                crash.record(hw.files, text)
            except (OSError, Cut):
                pass
        return Ended("crash")


def describe(e: Exception) -> str:
    """The traceback, as pump/start.py keeps it."""
    out = StringIO()
    if hasattr(sys, "print_exception"):
        sys.print_exception(e, out)
    else:
        import traceback

        traceback.print_exception(e, file=out)
    return out.getvalue()[-900:]


def read_json(path: str) -> "Json | None":
    """None if there is no such file."""
    try:
        with open(path) as file:
            found: Json = json.load(file)
            return found
    except OSError:
        return None


def write_json(path: str, value: "Json") -> None:
    """Replace the file as one step."""
    with open(path + ".new", "w") as file:
        file.write(json.dumps(value))
    os.rename(path + ".new", path)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
