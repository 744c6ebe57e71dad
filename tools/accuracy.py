"""`make accuracy`: runs the accuracy tests on simulated pumps; writes build/accuracy_*.json and .png, and docs/accuracy.md.

Virtual time and seeded plants: the numbers are the same on every machine. Some minutes; no generator of `make docs`, therefore.
"""

import contextlib
import os
import re
import shlex
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "host_tools" / "src"), str(ROOT)]

from typer.testing import CliRunner  # noqa: E402

from tapir.cli import app  # noqa: E402
from tools.regions import fill  # noqa: E402

PAGE = ROOT / "docs" / "accuracy.md"
BUILD = ROOT / "build"
TESTS = {
    "ambulatory": 'tapir accuracy --rate "100 mcg/day" --concentration "500 mcg/mL" --runs 10',
    "slowest": 'tapir accuracy --rate "27 mcg/day" --concentration "2000 mcg/mL" --syringe bd-1ml --runs 10',
    "syringe": 'tapir accuracy --family syringe --rate "1 mL/h" --runs 10',
    "bolus": "tapir accuracy --family bolus --runs 10",
}


def run(name: str, command: str) -> str:
    """What the command says, its files left in build/."""
    words = [*shlex.split(command)[1:], "--save", f"accuracy_{name}.json", "--plot", f"accuracy_{name}.png"]
    done = CliRunner(env={"NO_COLOR": "1", "COLUMNS": "120"}).invoke(app, words)
    if done.exit_code:
        raise SystemExit(f"{command} ended with {done.exit_code}:\n{done.output}")
    lines = [line.rstrip() for line in done.output.splitlines() if not re.match(r"(Picture|Figures): ", line)]
    return "\n".join(lines).rstrip()


def main() -> int:
    """Run all, or those named as arguments."""
    BUILD.mkdir(exist_ok=True)
    text = PAGE.read_text()
    for name in sys.argv[1:] or TESTS:
        with contextlib.chdir(BUILD):
            said = run(name, TESTS[name])
        print(f"$ {TESTS[name]}\n{said}\n", flush=True)
        picture = f"accuracy_{name}.png"
        shutil.copyfile(BUILD / picture, PAGE.parent / picture)
        body = f"```\n$ {TESTS[name]}\n{said}\n```\n\n![tapir accuracy: {name}]({picture})"
        text = fill(text, name, "tools/accuracy.py", body)
    PAGE.write_text(text)
    print(f"Written: {os.path.relpath(PAGE)}, build/accuracy_*.json and .png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
