"""`make mutate`: mutation testing of pump/core with mutmut. Prints the raw score, by module, and where the survivors are.

mutmut wants modules at the root that are imported by their path, so what it needs is copied into build/mutate: pump, wire, boards, sim and
the core's own unit tests. Whole, it takes most of an hour on two cores; `make mutate MUTATE="pump.core.cap*"` takes a part. Each survivor's
change is shown by `cd build/mutate && mutmut show NAME`. Survivors that change nothing anybody can see are in tests/mutants.toml, with why.

mutmut lives in a venv of its own (build/mutate/venv, pinned in requirements-mutate.txt): the other lanes do not need it.
"""

import json
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
also_copy = ["pump", "wire", "boards", "sim"]
pytest_add_cli_args_test_selection = ["tests"]
[tool.pytest.ini_options]
pythonpath = [".", "tests"]
markers = ["req(*rules): the rules that the test shows"]
"""


def prepare() -> None:
    """The tool, and a fresh copy of what is mutated and what tests it."""
    WORK.mkdir(parents=True, exist_ok=True)
    if not TOOL.exists():
        subprocess.run([sys.executable, "-m", "venv", str(WORK / "venv")], check=True)
        subprocess.run([str(WORK / "venv/bin/pip"), "install", "-q", "-r", str(ROOT / "requirements-mutate.txt")], check=True)
    for name, source in (("pump", "firmware/pump"), ("wire", "firmware/wire"), ("boards", "boards"), ("sim", "sim")):
        shutil.rmtree(WORK / name, ignore_errors=True)
        shutil.copytree(ROOT / source, WORK / name, ignore=shutil.ignore_patterns("__pycache__"))
    tests = WORK / "tests"
    shutil.rmtree(tests, ignore_errors=True)
    tests.mkdir()
    for path in [
        *(ROOT / "tests/unit").glob("test_core_*.py"),
        *(ROOT / "tests/unit" / name for name in ("peer.py", "ward.py", "support.py")),
    ]:
        shutil.copy(path, tests)
    (WORK / "pyproject.toml").write_text(CONFIG)


def results() -> dict[str, str]:
    """mutant: what became of it, from mutmut's own files (its exit codes: 0 a survivor, 5 and 33 no test, 24 to 255 took for ever)."""
    names = {0: "survived", 1: "killed", 3: "killed", 5: "no test", 33: "no test"}
    names.update(dict.fromkeys((36, 24, -24, 152, 255), "killed"))
    found = {}
    for path in sorted((WORK / "mutants").rglob("*.meta")):
        for mutant, code in json.loads(path.read_text())["exit_code_by_key"].items():
            if code is not None:
                found[mutant] = names.get(code, f"exit {code}")
    return found


def report(found: dict[str, str], equivalent: dict[str, str]) -> int:
    """Print the table; 1 if the raw score misses the goal or a survivor is not explained."""
    whole, dead = Counter[str](), Counter[str]()
    for mutant, fate in found.items():
        module = mutant.rsplit(".", 1)[0]
        whole[module] += 1
        dead[module] += fate == "killed"
    for module in sorted(whole):
        print(f"{module:<36} {dead[module]:>5} of {whole[module]:>5} killed")
    survivors = [mutant for mutant, fate in found.items() if fate != "killed"]
    for mutant in survivors:
        print(f"  {found[mutant]:<9} {mutant:<60} {equivalent.get(mutant, 'NOT EXPLAINED')}")
    total = sum(whole.values())
    score = sum(dead.values()) * 1000 // total if total else 0
    unexplained = [mutant for mutant in survivors if mutant not in equivalent]
    print(f"raw score {score // 10}.{score % 10} % of {total} mutants (goal {GOAL} %)")
    print(f"{len(survivors)} survivors, {len(unexplained)} not explained")
    return 1 if score < GOAL * 10 else 0


def main() -> int:
    prepare()
    subprocess.run([str(TOOL), "run", "--max-children", "2", *sys.argv[1:]], cwd=WORK, stdout=subprocess.DEVNULL)
    return report(results(), tomllib.loads(EQUIVALENT.read_text()))


if __name__ == "__main__":
    raise SystemExit(main())
