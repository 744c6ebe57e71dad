"""`make trace`: after a run of the tests (build/trace.json), fail on a requirement without a passing test and on a test that names none.

Prints one line a requirement. Called by make; the run is `pytest` with TAPIR_TRACE naming the file.
"""

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from tests import trace  # noqa: E402
from tools import gen_trace  # noqa: E402

RUN = ROOT / "build" / "trace.json"


def verdict(rows: dict[str, dict[str, Any]], passed: dict[str, int], faults: list[str]) -> tuple[list[str], list[str]]:
    """(a line for each requirement, what is wrong). passed: id to passing tests; faults: tests that name none."""
    wrong = list(faults)
    lines = []
    for name, row in rows.items():
        count = passed.get(name, 0)
        lines.append(f"{name:<16} {count:>5} passing  {row['text']}")
        if not count:
            wrong.append(f"{name} has no passing test: {row['text']}")
        wrong += [f"{name}: {path} is not there" for path in row["by"] if not (ROOT / path).exists()]
    return lines, wrong


def main() -> int:
    if not RUN.exists():
        print("no run of the tests to look at: make trace")
        return 2
    lines, wrong = verdict(trace.requirements(), json.loads(RUN.read_text())["passed"], gen_trace.collected()[1])
    print("\n".join(lines))
    for line in wrong:
        print(f"trace: {line}")
    print(f"{len(lines)} requirements, {len(wrong)} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
