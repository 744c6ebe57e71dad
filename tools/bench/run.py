"""`make bench`: measures speed, flash wear, round trip, heap and code size; prints them and saves build/bench.json.

Simulated numbers (microsteps, writes, erases, bytes) are the same everywhere; times are this machine's.
"""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "firmware")]

from tapir.simulator import HEAP  # noqa: E402
from tests.lanes import pico as lane  # noqa: E402
from tools import compile as compiler  # noqa: E402
from tools.bench import exactness, heap, pico, round_trip, steps  # noqa: E402

SAVED = ROOT / "build" / "bench.json"


def speed() -> dict[str, Any]:
    """What speed.py says on the unix port, with the heap that `tapir sim` gives it (with less, the collector takes most of the time)."""
    micropython = os.environ.get("MICROPYTHON", "micropython")
    done = subprocess.run(
        [micropython, "-X", f"heapsize={HEAP}", "tools/bench/speed.py"], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    if done.returncode:
        raise SystemExit(f"speed.py on {micropython}:\n{done.stdout}{done.stderr}")
    return dict(json.loads(done.stdout))


def show(title: str, rows: list[tuple[str, str, str]]) -> None:
    print(f"\n{title}")
    for name, value, goal in rows:
        print(f"  {name:<44}{value:>14}   {goal}".rstrip())


def main() -> int:
    fast = speed()
    show(
        "Whole firmware on the unix port, 100 mcg/day at 500 mcg/mL from a 3 mL syringe",
        [
            ("basal, times real time", f"{fast['basal_times_real_time']:,}", "goal 100,000"),
            ("bolus of 15 mcg over 1 h, times real time", f"{fast['bolus_times_real_time']:,}", ""),
            ("one step of the loop", f"{fast['step_us']} us", ""),
            ("steps of the loop a day", f"{fast['steps_per_day']:,}", ""),
            ("microsteps a day", f"{fast['basal_microsteps_per_day']:,}", ""),
        ],
    )
    show(
        "Flash: littlefs on the NOR model, 4 KiB blocks, 256-byte pages",
        [
            ("durable writes a day", f"{fast['writes_per_day']:,}", ""),
            ("erases a write", f"{fast['erases_per_1000_writes'] / 1000:.3f}", "goal 0.1 at most"),
            ("programs a write", f"{fast['programs_per_1000_writes'] / 1000:.3f}", ""),
        ],
    )
    trips = round_trip.measure()
    show(
        f"STATUS over the pty, {round_trip.COUNT} round trips",
        [(name.removesuffix("_ms").replace("_", " "), f"{value:.2f} ms", "") for name, value in trips.items()],
    )
    engine = steps.measure()
    show(
        f"Step engine, {steps.STEPS:,} steps cycle by cycle on rp2040py's PIO",
        [
            ("highest rate counted exactly, steps a second", f"{engine['steps_per_s']:,}", "goal 50,000"),
            ("pulses on the pad / counted", f"{engine['pulses']:,} / {engine['counted']:,}", ""),
            ("largest deviation of a period, cycles of 1 us", f"{engine['jitter']}", "goal 1 at most"),
        ],
    )
    exact = exactness.measure()
    show("Accuracy over 25 h by IEC 60601-2-24, simulated; `make accuracy` has the whole test", exactness.show_rows(exact))
    used = heap.measure()
    goals = {f"data_day_{heap.DAYS}": "goal under 30,000", "growth": f"from day 1 to day {heap.DAYS}"}
    show(
        "Heap in bytes on 32-bit MicroPython (the code is in flash when frozen)",
        [(name.replace("_", " "), f"{value:,}", goals.get(name, "")) for name, value in used.items()],
    )
    sizes = compiler.compile_all()
    rows = [(name, f"{size:,}", "") for name, size in sizes.items()]
    show("Compiled modules in bytes (mpy-cross)", [*rows, ("all", f"{sum(sizes.values()):,}", "")])

    uf2 = lane.micropython()
    emulated = pico.measure(uf2) if uf2 else {}
    if emulated:
        pico.show(emulated)
    else:
        print(f"\n{lane.MISSING}")

    machine = {"python": platform.python_version(), "machine": platform.machine(), "cpus": os.cpu_count()}
    SAVED.parent.mkdir(exist_ok=True)
    SAVED.write_text(
        json.dumps(
            {
                "machine": machine,
                "speed": fast,
                "round_trip": trips,
                "steps": engine,
                "accuracy": exact,
                "heap": used,
                "mpy": sizes,
                "pico": emulated,
            },
            indent=1,
        )
        + "\n"
    )
    print(f"\nSaved to {SAVED.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
