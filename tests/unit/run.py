"""Runs the portable unit tests without pytest: `micropython tests/unit/run.py [file...]`, all of them when none is named.

A test is a function `test_*` without arguments. Prints each failure with its traceback, and at last `ok N` or `failed N of M`.
On wasm the lane calls `run` itself (tests/lanes/wasm.py).
"""

import os
import sys


def run(root, files):
    """True if all tests of these files (of tests/unit below `root`) passed, and there were any."""
    sys.path[:0] = [root + "/tests/unit", root + "/firmware", root]
    done = failed = 0
    for file in files or sorted([name for name in os.listdir(root + "/tests/unit") if name.startswith("test_")]):
        try:
            module = __import__(file.split("/")[-1].rsplit(".", 1)[0])
            tests = [getattr(module, name) for name in sorted(dir(module)) if name.startswith("test_")]
        except Exception as e:
            tests = [_fails_with(e)]
        for test in tests:
            done += 1
            try:
                test()
            except (Exception, SystemExit) as e:
                failed += 1
                print("FAILED in", file)
                sys.print_exception(e)
    print("failed %d of %d" % (failed, done) if failed or not done else "ok %d" % done)
    return done > 0 and not failed


def _fails_with(e):
    def test():
        raise e

    return test


if __name__ == "__main__":
    sys.exit(0 if run("/".join(__file__.split("/")[:-3]) or ".", sys.argv[1:]) else 1)
