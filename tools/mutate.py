"""`make mutate`: mutation testing of pump/core with mutmut's mutants. Prints the raw score, by module, and where the survivors are.

mutmut wants modules at the root that are imported by their path, so what it needs is copied into build/mutate: pump, wire, boards, sim, the
library, the core's own unit tests and the reference model. Those tests are plain functions, so tools/mutate_run.py calls them itself, in a
fork for each mutant, the fastest first: several times as fast as a pytest each. What all of them let live is driven beside the model
(tests/property/test_reference.py). What is killed is kept in build/mutate/found.json, and stands until the module changes or the mutant is
named again; a survivor is tried again each time, for there may be a new test. `make mutate MUTATE="pump.core.cap.*"` runs a part; QUICK=1
leaves tests above 60 ms out, and the model: that can only lower the score. `cd build/mutate && venv/bin/mutmut show NAME` shows a survivor.
Those that change nothing anybody can see are in tests/mutants.toml, with why.

mutmut lives in a venv of its own (build/mutate/venv, pinned in requirements-mutate.txt): the other lanes do not need it.
"""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "mutate"
TOOL = WORK / "venv" / "bin" / "mutmut"
EQUIVALENT = ROOT / "tests" / "mutants.toml"
GOAL = 95
CONFIG = """\
[project]
name = "mutants"
version = "0"
[tool.mutmut]
source_paths = ["pump/core/"]
also_copy = ["pump", "wire", "boards", "sim", "library"]
pytest_add_cli_args_test_selection = ["tests"]
"""


def prepare() -> None:
    """The tool, and a fresh copy of what is mutated and what tests it."""
    WORK.mkdir(parents=True, exist_ok=True)
    if not TOOL.exists():
        subprocess.run([sys.executable, "-m", "venv", str(WORK / "venv")], check=True)
        subprocess.run([str(WORK / "venv/bin/pip"), "install", "-q", "-r", str(ROOT / "requirements-mutate.txt")], check=True)
    for name, source in (
        ("pump", "firmware/pump"),
        ("wire", "firmware/wire"),
        ("boards", "boards"),
        ("sim", "sim"),
        ("library", "library"),
    ):
        shutil.rmtree(WORK / name, ignore_errors=True)
        shutil.copytree(ROOT / source, WORK / name, ignore=shutil.ignore_patterns("__pycache__"))
    tests = WORK / "tests"
    shutil.rmtree(tests, ignore_errors=True)
    tests.mkdir()
    kits = (ROOT / "tests/unit" / name for name in ("peer.py", "ward.py", "contract.py", "support.py"))
    for path in (*(ROOT / "tests/unit").glob("test_core_*.py"), *kits):
        shutil.copy(path, tests)
    shutil.copytree(ROOT / "tests/reference", tests / "reference", ignore=shutil.ignore_patterns("__pycache__"))
    (tests / "property").mkdir()
    for name in ("budget.py", "conftest.py", "test_reference.py"):
        shutil.copy(ROOT / "tests/property" / name, tests / "property")
    (WORK / "pyproject.toml").write_text(CONFIG)


def report(found: dict[str, str], mutants: int, equivalent: dict[str, str]) -> int:
    """Print the table; 1 if the raw score misses the goal."""
    whole, dead = Counter[str](), Counter[str]()
    for mutant, fate in found.items():
        module = mutant.rsplit(".", 1)[0]
        whole[module] += 1
        dead[module] += fate == "killed"
    for module in sorted(whole):
        print(f"{module:<36} {dead[module]:>5} of {whole[module]:>5} killed")
    survivors = [mutant for mutant, fate in found.items() if fate != "killed"]
    for mutant in survivors:
        print(f"  {found[mutant]:<9} {mutant:<60} {equivalent.get(mutant, 'not explained')}")
    total = sum(whole.values())
    score = sum(dead.values()) * 1000 // total if total else 0
    print(f"raw score {score // 10}.{score % 10} % of {total} mutants run, of {mutants} there are (goal {GOAL} %)")
    print(f"{len(survivors)} survivors, {len([mutant for mutant in survivors if mutant not in equivalent])} not explained")
    return 1 if score < GOAL * 10 else 0


def main() -> int:
    prepare()
    python = WORK / "venv/bin/python"
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    run = subprocess.run([str(python), str(ROOT / "tools/mutate_run.py"), *sys.argv[1:]], cwd=WORK, env=env)
    if run.returncode:
        return run.returncode
    kept = json.loads((WORK / "found.json").read_text())
    return report(kept["found"], kept["mutants"], tomllib.loads(EQUIVALENT.read_text()))


if __name__ == "__main__":
    raise SystemExit(main())
