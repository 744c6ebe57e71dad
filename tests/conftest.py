"""A lane that cannot run says so in one line; which requirement passed is written down for `make trace`.

TAPIR_TRACE=FILE: at the end FILE gets {"named": {test file: ids}, "passed": {id: tests}, "faults": [...]}. With several test processes
only `passed` is filled, after collecting alone only the other two: tools/trace.py takes them together.
"""

import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import trace
from tests.lanes import pico

_FILE = os.environ.get("TAPIR_TRACE")
_named: dict[str, set[str]] = defaultdict(set)
_passed: Counter[str] = Counter()
_faults: list[str] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not _FILE:
        return
    _faults[:] = trace.faults(items)
    for item in items:
        _named[item.nodeid.partition("::")[0]].update(trace.of(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if _FILE:
        report.user_properties.append(("req", trace.of(item)))  # type: ignore[attr-defined]  # reaches the process that gathers them
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if _FILE and report.when == "call" and report.passed:
        for name, ids in report.user_properties:
            if name == "req":
                _passed.update(ids)  # type: ignore[arg-type]


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not _FILE or hasattr(session.config, "workerinput"):
        return
    path = Path(_FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    named = {file: sorted(ids) for file, ids in sorted(_named.items())}
    path.write_text(json.dumps({"named": named, "passed": dict(_passed), "faults": _faults}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if pico.micropython() is None:
        terminalreporter.write_line(pico.MISSING)
