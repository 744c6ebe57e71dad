"""Thirty days of the whole firmware, refills included; runs on MicroPython (and CPython) and prints what left. See test_month.py.

    micropython month.py BASAL_NG_PER_DAY CONC_NG_PER_ML SYRINGE

The store is littlefs on a NOR flash, the pump boots and is programmed over the wire, and time jumps from deadline to deadline. Output:
one line `state known most steps idle refills`.
"""

import sys

ROOT = "/".join(__file__.split("/")[:-3]) or "."
sys.path[:0] = [ROOT, ROOT + "/firmware", ROOT + "/tests/unit"]

from peer import CLINICIAN, DAY, OPERATOR, Peer, rx  # noqa: E402
from sim.bench import Config  # noqa: E402
from sim.nor import NorFlash  # noqa: E402
from sim.rig import Rig  # noqa: E402
from wire import limits  # noqa: E402

DAYS = 30


def wide() -> None:
    """A library entry that starts anywhere in its range."""
    row = list(limits.LIBRARY[0])
    row[limits.NAME] = "test-wide"
    row[limits.START_MAX_NG_PER_DAY] = row[limits.SCREEN_MAX_NG] = row[limits.BASAL_MAX_NG_PER_DAY]
    limits.LIBRARY = (tuple(row),)


def main(basal_ng_per_day: int, conc_ng_per_ml: int, syringe: str) -> None:
    """Programme, then run to the end of the last day, refilling now and then."""
    wide()
    full_nl = limits.syringe(syringe)[2]  # type: ignore[index]
    refill_ms = min(5 * DAY, DAY * full_nl * conc_ng_per_ml // (2000000 * basal_ng_per_day))  # half of it, at the latest
    rig = Rig(config=Config(syringe=syringe), flash=NorFlash(1 << 20))
    peer = Peer(rig)
    peer.provision(library="test-wide", syringe=syringe)
    fields = rx(basal_ng_per_day=basal_ng_per_day, conc_ng_per_ml=conc_ng_per_ml, conc_again_ng_per_ml=conc_ng_per_ml)
    fields.update({"max_24h_ng": 1000000, "screen_ng": 800000, "reason": "a wide test"})
    peer.ok("PRESCRIBE", CLINICIAN, **fields)
    left_ms = DAYS * DAY
    refills = 0
    while left_ms:
        if refills or left_ms < DAYS * DAY:
            residual_nl = peer.status()["reservoir_nl"]
            rig.hw.refill(full_nl)
            peer.ok("REFILL", OPERATOR, residual_nl=residual_nl, volume_nl=full_nl)
            refills += 1
        rig.advance(min(refill_ms, left_ms))
        left_ms -= min(refill_ms, left_ms)
    books, truth = peer.books(), rig.truth()
    print(peer.status()["state"], books["known_steps"], books["most_steps"], truth["steps"], truth["idle_steps"], refills)


main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
