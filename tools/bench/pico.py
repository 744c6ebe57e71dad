"""The whole firmware on an emulated Pico (rp2040py), measured: start, round trip, heap, edges, and what leaves when the CPU is stopped.

    MICROPYTHON_UF2=file python -m tools.bench.pico

Times are the Pico's own. The emulator's CPU is several times slower than a real one, so what takes computing is an upper bound; pins, PIO
and counts are exact. Growth of the heap over days is measured on 32-bit MicroPython (heap.py): a day takes an emulated Pico hours. The
image decides what is measured: stock MicroPython with the firmware as files, or a build of boards/micropython/TAPIR_PICO. Called by run.py.
"""

import itertools
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from boards import pico_a4988 as board
from tapir import Pump, dragdrop, keys, prescription
from tapir.emulated_bench import Bench
from tapir.emulator import Pico, Pins
from tests.emulator.guest import Guest
from tests.emulator.test_steps import MAIN as TRAIN
from tests.lanes import pico as lane
from tools import image

PATIENCE_S = 600.0
TRIPS = 12
RX = prescription.EXAMPLE.replace('"5 min"', '"1 min"')
HEAP = """
import gc
gc.threshold(32000)
from boards import pico_a4988 as board
from pump import start
from pump.drivers import safe
from pump.drivers.watchdog import Watchdog
safe.outputs_off(board)
watchdog = Watchdog()
hw = start.assemble(board, watchdog)
start._complete(hw, board, watchdog)
app = start.booted(hw)
for _ in range(30):
    app.step()
gc.collect()
free = gc.mem_free()
for _ in range(30):
    app.step()
gc.collect()
print(free, gc.mem_free())
"""
Row = tuple[str, str, str, bool | None]  # what, value, goal, whether it is met


def measure(uf2: Path) -> dict[str, Any]:
    """Every number; units in the names."""
    frozen = dragdrop.micropython(uf2).frozen
    flash = image.pack({} if frozen else image.files(board.NAME))
    return {"frozen": frozen} | at_the_prompt(uf2, flash) | in_service(uf2, flash)


def at_the_prompt(uf2: Path, flash: bytes) -> dict[str, Any]:
    """Heap of the booted app, and a train of 500 steps while the program collects garbage, naps and holds interrupts off for 400 ms."""
    with Guest(uf2, flash) as guest:
        free, later = (int(word) for word in guest.run(HEAP).split())
    with Guest(uf2, flash) as guest:
        said = json.loads(guest.run(TRAIN))
        edges = list(guest.pico.edges_us)[:500]
    periods = [b - a for a, b in itertools.pairwise(edges)]
    return {
        "heap_free_bytes": free,
        "heap_lost_bytes": free - later,
        "train_steps": said["train"][2],
        "train_jitter_us": max(abs(period - 1000) for period in periods),
        "train_rate_error_ppm": round((sum(periods) / len(periods) / 1000 - 1) * 1e6, 1),
    }


def in_service(uf2: Path, flash: bytes) -> dict[str, Any]:
    """From power-on through provisioning and a bolus to two dead stops."""
    pico = Pico(uf2, flash, Pins.of(board))
    Bench(pico, board)
    safe_us: list[int] = []
    pico.listen(board.PIN_ENABLE, lambda level: safe_us.append(pico.now_us - pico.booted_us) if level == 1 - board.ENABLE_ON else None)
    with tempfile.TemporaryDirectory() as folder, pico:
        store = keys.KeyStore(Path(folder))

        def open_as(role: str) -> Pump:
            return Pump.open(pico.url, role=role, keys=store, timeout_s=PATIENCE_S)

        with Pump.open(pico.url, timeout_s=PATIENCE_S) as pump:
            found: dict[str, Any] = {"safe_outputs_us": safe_us[0], "safe_boots": len(safe_us)}
            found |= {"hello_ms": pico.cable.heard_us // 1000, "hello_from_power_on_ms": (pico.booted_us + pico.cable.heard_us) // 1000}
            found |= _trips(pico, "anonymous", pump.status)
            made = keys.fresh()
            store.save_pending(pump.identity.serial, made)
            pump.provision("baclofen-itb", "bd-3ml", made).commit()
            store.promote(pump.identity.serial)
        with open_as("clinician") as pump:
            pump.prescribe(prescription.parse(RX), 500000).commit()
            found |= _trips(pico, "signed", pump.status)
            pump.bolus(5000, 60000).commit()
        pico.wait(3000, limit_s=PATIENCE_S)
        found |= _stopped(pico, "trains")
        with open_as("observer") as pump:
            pump.status()
        steps = pico.steps
        while pico.steps == steps:  # basal went on by itself
            pico.wait(20, limit_s=PATIENCE_S)
        pico.wait((BASAL_MS - NEAR_MS), limit_s=PATIENCE_S)
        return found | _stopped(pico, "single")


BASAL_MS, NEAR_MS = 6350, 300  # a step of 100 mcg/day from a 3 mL syringe; how shortly before the next one the CPU is stopped


def _trips(pico: Pico, name: str, ask: Callable[[], object]) -> dict[str, int]:
    """From the last byte taken to the last byte sent, of TRIPS requests."""
    times = []
    for _ in range(TRIPS):
        ask()
        times.append(pico.cable.heard_us - pico.cable.fed_us)
    return {f"{name}_p50_us": int(statistics.median(times)), f"{name}_p99_us": max(times)}


def _stopped(pico: Pico, name: str) -> dict[str, int]:
    """Steps, and the time of the last of them, from the moment the CPU stops until the watchdog resets the chip."""
    pico.hang()
    steps, boots, at = pico.steps, pico.boots, pico.now_us
    while pico.boots == boots:
        pico.wait(50, limit_s=PATIENCE_S)
    left = pico.steps - steps
    return {f"stopped_{name}_steps": left, f"stopped_{name}_ms": (pico.edges_us[-1] - at) // 1000 if left else 0}


def _nl(steps: int) -> float:
    """Of microsteps, in the 3 mL syringe: bore 8.66 mm."""
    return steps * 3.141592653589793 / 4 * 8.66**2 * board.LEAD_NM / (board.FULL_STEPS * board.MICROSTEPS) / 1000


def rows(found: dict[str, Any]) -> list[Row]:
    """For people, with goals and verdicts."""
    frozen = bool(found["frozen"])
    heap_kb, hello_ms = (180, 500) if frozen else (100, 1000)
    free, lost = found["heap_free_bytes"], found["heap_lost_bytes"]
    trains, single = found["stopped_trains_steps"], found["stopped_single_steps"]
    ul = _nl(trains) / 1000
    return [
        ("reset to outputs driven to safe", f"{found['safe_outputs_us'] / 1000:.1f} ms", "20 at most", found["safe_outputs_us"] <= 20_000),
        ("reset to answered HELLO", f"{found['hello_ms']} ms", f"{hello_ms} at most", found["hello_ms"] <= hello_ms),
        ("the same from power-on, with the watchdog's test", f"{found['hello_from_power_on_ms']} ms", "", None),
        ("STATUS, p50 / slowest", _pair(found, "anonymous"), "", None),
        ("STATUS with MACs, p50 / slowest", _pair(found, "signed"), "", None),
        ("free heap after boot", f"{free:,}", f"{heap_kb * 1024:,} or more", free >= heap_kb * 1024),
        ("heap lost in 30 more turns of the loop", f"{lost:,}", "64 at most", lost <= 64),
        ("500 steps, 400 ms without interrupts: counted", f"{found['train_steps']}", "500", found["train_steps"] == 500),
        ("largest deviation of a period, cycles of 1 us", f"{found['train_jitter_us']}", "1 at most", found["train_jitter_us"] <= 1),
        ("mean rate error, of the emulated crystal", f"{found['train_rate_error_ppm']} ppm", "0", found["train_rate_error_ppm"] == 0),
        (
            "CPU stopped in a bolus: motion goes on for",
            f"{found['stopped_trains_ms']} ms",
            "500 at most",
            found["stopped_trains_ms"] <= 500,
        ),
        (f"  steps that leave ({ul:.2f} uL)", f"{trains}", "10 uL at most", ul <= 10),
        (f"CPU stopped {NEAR_MS} ms before a step of basal: steps", f"{single}", "1 at most", single <= 1),
    ]


def _pair(found: dict[str, Any], name: str) -> str:
    return f"{found[f'{name}_p50_us'] / 1000:.1f} / {found[f'{name}_p99_us'] / 1000:.1f} ms"


def title(found: dict[str, Any]) -> str:
    return "Emulated Pico, " + ("firmware frozen in (TAPIR_PICO)" if found["frozen"] else "stock MicroPython with the firmware as files")


def show(found: dict[str, Any]) -> None:
    print(f"\n{title(found)}; its CPU is emulated several times too slow")
    for name, value, goal, met in rows(found):
        verdict = "" if met is None else "ok" if met else "MISSED"
        print(f"  {name:<50}{value:>16}   {'goal ' + goal if goal else '':<22}{verdict}".rstrip())


def main() -> int:
    uf2 = lane.micropython()
    if uf2 is None:
        print(lane.MISSING, file=sys.stderr)
        return 1
    found = measure(uf2)
    show(found)
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
