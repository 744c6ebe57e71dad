"""Writes the examples of docs/plan.md by running `tapir plan`; --check: write nothing, exit 1 if the page is out of date.

Their pictures (docs/plan_*.png) depend on the machine's matplotlib: they are drawn when they are missing, or with --pictures.
"""

import os
import re
import shlex
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "host_tools" / "src"), str(ROOT)]

from typer.testing import CliRunner  # noqa: E402

from tapir.cli import app  # noqa: E402
from tapir.prescription import EXAMPLE  # noqa: E402
from tools.regions import fill, settle  # noqa: E402

PAGE = ROOT / "docs/plan.md"
EXAMPLES = {
    "titration": 'tapir plan titration --from "50 mcg/day" --to "120 mcg/day" --origin child --start 2026-12-01',
    "taper": 'tapir plan taper --from "100 mcg/day" --concentration "500 mcg/mL" --reservoir "1 mL" --start 2026-12-01',
    "bridge": 'tapir plan bridge --rate "100 mcg/day" --old "500 mcg/mL" --new "2000 mcg/mL" --dead-volume "0.25 mL"',
    "refill": 'tapir plan refill first.toml --reservoir "3 mL" --start 2026-12-01',
    "oral": 'tapir plan oral --weight "20 kg" --age "7 years" --since-injury "7 years" --other diazepam',
    "candidate": 'tapir plan candidate --spasticity severe --oral refractory --movement dystonia --since-injury "2 months"',
}
PICTURED = ("titration", "taper", "bridge", "oral")


def run(command: str, *more: str) -> str:
    """What the command says, with the ends of lines trimmed."""
    done = CliRunner(env={"NO_COLOR": "1", "COLUMNS": "120"}).invoke(app, [*shlex.split(command)[1:], *more])
    if done.exit_code:
        raise SystemExit(f"{command} ended with {done.exit_code}:\n{done.output}")
    return re.sub(r"[ ]+$", "", done.output, flags=re.M).rstrip()


def main() -> int:
    """0 if the page is, or now is, up to date."""
    check = "--check" in sys.argv
    text = PAGE.read_text()
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        Path("first.toml").write_text(EXAMPLE)
        for name, command in EXAMPLES.items():
            body = f"```\n$ {command}\n{run(command)}\n```"
            picture = ROOT / "docs" / f"plan_{name}.png"
            if name in PICTURED:
                body += f"\n\n![tapir plan {name}]({picture.name})"
                if not check and (not picture.exists() or "--pictures" in sys.argv):
                    run(command, "--plot", str(picture))
            text = fill(text, name, "tools/gen_plan.py", body)
    return settle({PAGE: text}, ROOT, check)


if __name__ == "__main__":
    sys.exit(main())
