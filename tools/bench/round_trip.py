"""Command round trip as a technician's program sees it: the library, a pty, the firmware on the unix port in real time.

Called by run.py. Wall time is this machine's.
"""

import statistics
import tempfile
import time
from pathlib import Path

from tapir.keys import KeyStore, fresh
from tapir.pump import Pump
from tapir.simulator import Simulator

COUNT = 300


def _times(pump: Pump) -> list[float]:
    """Milliseconds of COUNT status requests, one after the other."""
    found = []
    for _ in range(COUNT):
        began = time.perf_counter()
        pump.status()
        found.append((time.perf_counter() - began) * 1000)
    return found


def measure() -> dict[str, float]:
    """p50 and p99 in ms of STATUS: anonymous, and in a clinician's session (a MAC each way)."""
    result = {}
    with tempfile.TemporaryDirectory() as folder:
        keys = KeyStore(Path(folder) / "keys")
        with Simulator(Path(folder) / "sim", speed="1", seed=1) as sim:
            with Pump.open(sim.port) as pump:
                made = fresh()
                keys.save_pending(pump.identity.serial, made)
                pump.provision("baclofen-itb", "bd-3ml", made).commit()
                keys.promote(pump.identity.serial)
                anonymous = _times(pump)
            with Pump.open(sim.port, role="clinician", keys=keys) as pump:
                signed = _times(pump)
    for name, times in (("anonymous", anonymous), ("signed", signed)):
        cuts = statistics.quantiles(times, n=100)
        result[f"{name}_p50_ms"] = round(cuts[49], 2)
        result[f"{name}_p99_ms"] = round(cuts[98], 2)
    return result
