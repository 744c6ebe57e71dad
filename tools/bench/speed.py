"""Speed of the whole firmware and wear of its flash, in simulation: rig, plant, littlefs on the NOR model. Prints one JSON line.

    micropython -X heapsize=16m tools/bench/speed.py

Runs on the unix port (also on CPython); started by run.py. Wall time is this machine's, the quickest of several spans.
"""

import json
import sys
import time

ROOT = "/".join(__file__.split("/")[:-3]) or "."
sys.path[:0] = [ROOT, ROOT + "/firmware", ROOT + "/tests/unit"]

from boards import sim as board  # noqa: E402
from peer import CLINICIAN, Peer, rx  # noqa: E402
from pump.app.wiring import build  # noqa: E402
from pump.store.files import Files  # noqa: E402
from sim.bench import Config  # noqa: E402
from sim.nor import NorFlash  # noqa: E402
from sim.rig import Rig  # noqa: E402

DAY_MS = 86400000
BASAL_DAYS = 5
BOLUS_NG, BOLUS_MS, BOLUS_PARTS = 15000, 3600000, 4  # what the rolling cap of peer.py's prescription leaves room for


def wall_us() -> int:
    return time.ticks_us() if hasattr(time, "ticks_us") else time.monotonic_ns() // 1000


class Counted(Files):
    """Counts the durable writes."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self.writes = 0
        self.read = files.read
        self.make_dir = files.make_dir

    def write(self, name: str, data: bytes) -> None:
        self.writes += 1
        self._files.write(name, data)


class Run:
    """A provisioned pump with a therapy of 100 mcg/day at 500 mcg/mL, its flash and its counters."""

    def __init__(self) -> None:
        self.flash = NorFlash(board.FLASH_BYTES)
        self.steps = 0
        self.rig = Rig(config=Config(), flash=self.flash, build=self.build)
        self.step = self.rig.app.step
        self.rig.app.step = self.counted
        self.peer = Peer(self.rig)
        self.peer.provision()
        self.peer.ok("PRESCRIBE", CLINICIAN, **rx(basal_ng_per_day=100000))

    def build(self, hw: object) -> object:
        self.files = hw.files = Counted(hw.files)
        return build(hw)

    def counted(self) -> int:
        self.steps += 1
        return self.step()

    def spans(self, count: int, ms: int) -> tuple:
        """`count` times `ms`: (us of wall time for one, the quickest; and for all: steps of the loop, durable writes, erases, programs)."""
        found = [self.span(ms) for _ in range(count)]
        return tuple([min([each[0] for each in found])] + [sum([each[i] for each in found]) for i in range(1, 5)])

    def span(self, ms: int) -> tuple:
        """Let `ms` pass: wall time and counts."""
        before = (wall_us(), self.steps, self.files.writes, self.flash.erases, self.flash.programs)
        self.rig.advance(ms)
        after = (wall_us(), self.steps, self.files.writes, self.flash.erases, self.flash.programs)
        return tuple([after[i] - before[i] for i in range(5)])


def main() -> None:
    run = Run()
    pulses = run.rig.truth()["steps"]
    basal = run.spans(BASAL_DAYS, DAY_MS)
    pulses = run.rig.truth()["steps"] - pulses
    run.peer.ok("BOLUS", CLINICIAN, dose_ng=BOLUS_NG, duration_ms=BOLUS_MS)
    bolus = run.spans(BOLUS_PARTS, BOLUS_MS // BOLUS_PARTS)
    result = {
        "interpreter": sys.implementation.name,
        "basal_times_real_time": DAY_MS * 1000 // basal[0],
        "bolus_times_real_time": BOLUS_MS * 1000 // BOLUS_PARTS // bolus[0],
        "basal_microsteps_per_day": pulses // BASAL_DAYS,
        "step_us": basal[0] * BASAL_DAYS // basal[1],
        "steps_per_day": basal[1] // BASAL_DAYS,
        "writes_per_day": basal[2] // BASAL_DAYS,
        "erases_per_1000_writes": basal[3] * 1000 // basal[2],
        "programs_per_1000_writes": basal[4] * 1000 // basal[2],
    }
    print(json.dumps(result))


main()
