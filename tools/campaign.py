"""`make campaign`: the property tests with far more examples than `make test`, different ones each time, and the model check in full.

It prints the seed, what was done and how long it took. The same seed and number of examples do the same again:
`make campaign SEED=1234 EXAMPLES=2000`.
"""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTES = ROOT / "build" / "campaign.txt"  # tests/property/budget.py `note`
PARTS = (
    ("every state of the safety automaton", ["tests/model"]),
    ("the pump beside the model of its rules", ["tests/property/test_reference.py"]),
    ("weeks, years, reboots", ["tests/property/test_long.py", "tests/property/test_year.py", "tests/property/test_lockout_reboots.py"]),
    ("every other property", ["tests/property"]),
)


def main() -> int:
    seed = os.environ.get("SEED") or str(random.randrange(1 << 32))
    examples = os.environ.get("EXAMPLES") or "2000"
    jobs = os.environ.get("JOBS") or "2"
    NOTES.parent.mkdir(exist_ok=True)
    NOTES.write_text("")
    print(f"Campaign: seed {seed}, {examples} examples of each property, {jobs} processes", flush=True)
    failed, done = 0, []
    for name, files in PARTS:
        begin = time.monotonic()
        skip = [f"--ignore={file}" for _, others in PARTS for file in others if file in done]
        command = [sys.executable, "-m", "pytest", "-q", "-n", jobs, "--dist", "worksteal", "--timeout", "0", f"--hypothesis-seed={seed}"]
        found = subprocess.run([*command, *skip, *files], cwd=ROOT, env=os.environ | {"TAPIR_EXAMPLES": examples}, check=False)
        failed |= found.returncode
        done += files
        print(f"{name}: {'failed' if found.returncode else 'passed'} in {time.monotonic() - begin:.0f} s", flush=True)
    print(NOTES.read_text(), end="")
    print(f"Campaign {'failed' if failed else 'passed'}; again with: make campaign SEED={seed} EXAMPLES={examples}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
