"""Which requirements a test shows: its marks (@pytest.mark.req), else REQ at the top of its file. Used by conftest.py and tools/gen_trace.py.

A mark names entries of docs/requirements.toml. Portable test files can not import pytest on MicroPython, so REQ is a plain tuple there.
"""

import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docs" / "requirements.toml"


def requirements() -> dict[str, dict[str, Any]]:
    """id: {source, text, by}."""
    return tomllib.loads(FILE.read_text())


def of(item: pytest.Item) -> tuple[str, ...]:
    """The ids that a test names, its own marks before its file's."""
    named = [name for mark in item.iter_markers("req") for name in mark.args]
    return tuple(dict.fromkeys(named)) or tuple(getattr(getattr(item, "module", None), "REQ", ()))


def faults(items: list[pytest.Item]) -> list[str]:
    """Tests that name no requirement or an unknown one, a sentence each."""
    known = requirements()
    found = []
    for item in items:
        named = of(item)
        if not named:
            found.append(f"{item.nodeid} names no requirement: @pytest.mark.req or REQ")
        found += [f"{item.nodeid} names {name!r}, which docs/requirements.toml does not have" for name in named if name not in known]
    return found
