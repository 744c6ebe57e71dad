"""A lane that cannot run says so in one line."""

import pytest

from tests.lanes import pico


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if pico.micropython() is None:
        terminalreporter.write_line(pico.MISSING)
