"""Puts into README.md what the demo and the benchmark printed, so that no number there is made by hand.

    python tools/gen_readme.py            take over build/demo and build/bench.json if they are there; fill README.md's regions
    python tools/gen_readme.py --check    write nothing; exit 1 if README.md differs from docs/session.txt and docs/bench.json
    python tools/gen_readme.py --demo     exit 1 if the demo that has just run says something else than docs/session.txt

docs/session.txt, docs/demo.png and docs/bench.json are the copies that are committed. Called by `make docs`, the lint and CI.
"""

import difflib
import json
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from tools import regions  # noqa: E402

README = ROOT / "README.md"
SESSION, BENCH = ROOT / "docs" / "session.txt", ROOT / "docs" / "bench.json"
NEW_SESSION, NEW_BENCH = ROOT / "build" / "demo" / "session.txt", ROOT / "build" / "bench.json"
_END = "  ... 72 h pass ..."  # README shows the session up to here
# What differs from run to run: ports, dates, the journal's hashes.
_VARY = re.compile(r"/dev/pts/\d+ *|socket://[\d.:]+|\b20\d\d-\d\d-\d\d \d\d:\d\d\b|\b[0-9a-f]{4} [0-9a-f]{4}\b|-{3,}")


def masked(text: str) -> list[str]:
    return [re.sub(" +", " ", _VARY.sub("*", line)).rstrip() for line in text.splitlines()]


def session() -> str:
    """The demo's session as README shows it."""
    shown = [line.rstrip() for line in SESSION.read_text().partition(_END)[0].rstrip().splitlines()]
    return "\n".join(["```console", *shown, "```"])


def bench() -> str:
    """The benchmark's main numbers as a table."""
    data = json.loads(BENCH.read_text())
    speed, trips, heap = data["speed"], data["round_trip"], data["heap"]
    last = next(name for name in reversed(heap) if name.startswith("data_day_"))
    rows = [
        ("Simulated time, basal at 100 mcg/day", f"{speed['basal_times_real_time']:,} times real time"),
        ("Simulated time, during a bolus", f"{speed['bolus_times_real_time']:,} times real time"),
        ("One step of the loop, unix port", f"{speed['step_us']} us"),
        ("Signed command over the pty, there and back", f"{trips['signed_p50_ms']} ms median, {trips['signed_p99_ms']} ms p99"),
        ("Flash erases a durable write", f"{speed['erases_per_1000_writes'] / 1000:.3f}"),
        ("Heap on 32 bit: code, in flash when frozen", f"{heap['code']:,} bytes"),
        (f"Heap on 32 bit: data, after {last.removeprefix('data_day_')} days", f"{heap[last]:,} bytes ({heap['growth']:+,} since day 1)"),
        ("Compiled modules", f"{sum(data['mpy'].values()):,} bytes"),
    ]
    return "\n".join(["| Measured by `make bench` | |", "|---|---:|", *[f"| {name} | {value} |" for name, value in rows]])


def take() -> None:
    """Take over the newest results, unless only what varies has changed."""
    if NEW_SESSION.exists() and (not SESSION.exists() or masked(NEW_SESSION.read_text()) != masked(SESSION.read_text())):
        shutil.copy(NEW_SESSION, SESSION)
        shutil.copy(NEW_SESSION.parent / "demo.png", SESSION.parent / "demo.png")
        print(f"took over {SESSION.relative_to(ROOT)} and docs/demo.png")
    if NEW_BENCH.exists():
        shutil.copy(NEW_BENCH, BENCH)


def main(arguments: list[str]) -> int:
    if "--demo" in arguments:
        changes = list(difflib.unified_diff(masked(SESSION.read_text()), masked(NEW_SESSION.read_text()), "docs", "demo", lineterm="", n=0))
        print("\n".join(changes[:40]) or "the demo said what docs/session.txt says")
        return 1 if changes else 0
    check = "--check" in arguments
    if not check:
        take()
    text = regions.fill(README.read_text(), "session", "tools/gen_readme.py", session())
    text = regions.fill(text, "bench", "tools/gen_readme.py", bench())
    return regions.settle({README: text}, ROOT, check)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
