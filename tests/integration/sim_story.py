"""A story for the rig on any interpreter: prints the trace of port events, and at last the truth. Run by test_sim_trace.py.

python|micropython tests/integration/sim_story.py SEED
"""

import json
import sys

ROOT = "/".join(__file__.split("/")[:-3]) or "."
sys.path[:0] = [ROOT, ROOT + "/firmware", ROOT + "/tests/unit"]

from peer import CLINICIAN, OPERATOR, infusing  # noqa: E402
from sim.nor import NorFlash  # noqa: E402

HOUR_MS = 3600000


class Printer:
    """Where the trace goes."""

    def write(self, text: str) -> None:
        print(text, end="")


def story(seed: int) -> None:
    """A therapy with a bolus, a refusal, noise, a press, a watchdog bite, a power cut and a taper.

    No cut inside a flash operation: the two littlefs releases do not do quite the same ones.
    """
    host = infusing(seed=seed, flash=NorFlash(1 << 20), trace=True, sink=Printer())
    rig = host.rig
    rig.advance(5 * HOUR_MS + 1)
    host.ok("BOLUS", OPERATOR, dose_ng=5000)
    rig.advance(400000)
    host.refused(5, "BOLUS", OPERATOR, dose_ng=5000)
    rig.control("fault noise 37")
    rig.send(host.line("STATUS", OPERATOR))
    rig.control("fault noise 0")
    rig.hang(2500)
    rig.advance(HOUR_MS)
    rig.cut(600000)
    rig.advance(HOUR_MS)
    host.ok("TAPER", CLINICIAN, to_ng_per_day=0, preset=0)
    rig.advance(3 * 24 * HOUR_MS)
    rig.press("SUSPEND", 3000)
    rig.advance(10000)
    host.ok("RESUME", OPERATOR)
    rig.send("?")
    rig.advance(HOUR_MS)
    rig.hw.trace.flush()
    truth = rig.truth()
    print(json.dumps([truth[name] for name in sorted(truth)]))


if __name__ == "__main__":
    story(int(sys.argv[1]))
