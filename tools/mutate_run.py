"""Runs mutmut's mutants: `cd build/mutate; venv/bin/python tools/mutate_run.py [PATTERN...]`. Called by tools/mutate.py, which prepared it.

mutmut writes the mutants (each function with all its versions beside it, one of them chosen by MUTANT_UNDER_TEST). Each test is called once
to see which functions it comes to and how long it takes; then each mutant gets a fork, which calls the tests of its function, the
fastest first, until one fails. Running for ever (ten times as long as the test takes, and a second) is failing.
"""

import fnmatch
import gc
import hashlib
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

Test = Callable[[], None]
FOUND = Path("found.json")
QUICK_S = 0.06  # 19 of 20 tests, an eighth of the time
CHILDREN = 2
RUNS, STEPS = 15, 60  # of the reference model, against what every test let live


def generate() -> dict[str, list[str]]:
    """Let mutmut write the mutants of what has changed; {source: its mutants}."""
    from mutmut.__main__ import copy_also_copy_files, copy_src_dir, create_mutants

    os.environ["MUTANT_UNDER_TEST"] = "mutant_generation"
    Path("mutants").mkdir(exist_ok=True)
    copy_src_dir()
    copy_also_copy_files()
    create_mutants(CHILDREN)
    metas = sorted(Path("mutants/pump/core").rglob("*.meta"))
    return {str(path)[len("mutants/") : -len(".meta")]: list(json.loads(path.read_text())["exit_code_by_key"]) for path in metas}


def load_tests() -> list[Test]:
    """The core's unit tests, against the mutants' modules."""
    sys.path[:0] = [str(Path("mutants").resolve()), str(Path("tests").resolve()), str(Path.cwd())]
    os.environ["MUTANT_UNDER_TEST"] = ""
    tests: list[Test] = []
    for path in sorted(Path("tests").glob("test_*.py")):
        module = __import__(path.stem)
        tests += [getattr(module, name) for name in dir(module) if name.startswith("test_")]
    return [*tests, reference]


def reference() -> None:
    """The pump beside the reference model (tests/reference): a few runs of the same state machine, the same ones each time."""
    from hypothesis import Phase, settings
    from hypothesis.stateful import run_state_machine_as_test

    from tests.property.conftest import widened
    from tests.property.test_reference import Machine
    from wire import limits

    before = limits.LIBRARY
    limits.LIBRARY = widened()
    few = settings(max_examples=RUNS, stateful_step_count=STEPS, derandomize=True, database=None, deadline=None, phases=(Phase.generate,))
    try:
        run_state_machine_as_test(Machine, settings=few)
    finally:
        limits.LIBRARY = before


def measure(tests: list[Test]) -> dict[str, list[tuple[float, Test]]]:
    """{function: its tests, with the CPU time they take, the fastest first}. All must pass."""
    from mutmut.state import state

    found: dict[str, list[tuple[float, Test]]] = {}
    for test in tests:
        state()._stats.clear()
        os.environ["MUTANT_UNDER_TEST"] = "stats"
        test()
        os.environ["MUTANT_UNDER_TEST"] = ""
        hits = sorted(state()._stats)
        begin = time.process_time()
        test()
        took = time.process_time() - begin
        for function in hits:
            found.setdefault(function, []).append((took, test))
    for rows in found.values():
        rows.sort(key=lambda row: row[0])
    return found


def fate(mutant: str, tests: list[tuple[float, Test]]) -> None:
    """In the fork: exit 1 if a test fails, 0 if none does."""
    os.environ["MUTANT_UNDER_TEST"] = mutant
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))
    for took, test in tests:
        signal.setitimer(signal.ITIMER_PROF, 10 * took + 1)  # ends the process
        try:
            test()
        except BaseException:
            os._exit(1)
    os._exit(0)


def main() -> None:
    patterns, quick = sys.argv[1:], bool(os.environ.get("QUICK"))
    sources = generate()
    hashes = {source: hashlib.sha256(Path(source).read_bytes()).hexdigest()[:16] for source in sources}
    kept = json.loads(FOUND.read_text()) if FOUND.exists() else {"found": {}, "hashes": {}}
    found: dict[str, str] = {}
    todo: list[str] = []
    for source, mutants in sources.items():
        same = kept["hashes"].get(source) == hashes[source]
        for mutant in mutants:
            if same and kept["found"].get(mutant) == "killed":  # a survivor is tried again: there may be a new test
                found[mutant] = "killed"
            if any(fnmatch.fnmatch(mutant, pattern) for pattern in patterns) if patterns else mutant not in found:
                todo.append(mutant)
    count = sum(len(mutants) for mutants in sources.values())
    tests = measure(load_tests())
    gc.freeze()  # forks share it
    running: dict[int, str] = {}

    def wait() -> None:
        pid, status = os.wait()
        found[running.pop(pid)] = "killed" if status else "survived"

    begin = time.monotonic()
    for done, mutant in enumerate(todo):
        rows = tests.get(mutant.split("__mutmut_")[0], [])
        if quick:
            rows = [row for row in rows if row[0] <= QUICK_S]
        if not rows:
            found[mutant] = "no test"
            continue
        if len(running) == CHILDREN:
            wait()
        pid = os.fork()
        if not pid:
            fate(mutant, rows)
        running[pid] = mutant
        if done % 50 == 0:
            FOUND.write_text(json.dumps({"found": found, "hashes": hashes, "mutants": count}))
            print(f"{done} of {len(todo)} in {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
    while running:
        wait()
    FOUND.write_text(json.dumps({"found": found, "hashes": hashes, "mutants": count}))


if __name__ == "__main__":
    main()
