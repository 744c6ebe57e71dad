"""Names in the docs exist: every `file: function` of docs/*.md, every file named, every link and picture."""

import ast
import re
from pathlib import Path

import pytest

from tools.manifest import ROOT

REQ = ("structure",)

PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
FUNCTION = re.compile(r"`([\w./]+\.py): ([\w.]+)`")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def defined(path: Path) -> set[str]:
    """Functions, classes, methods and constants of a module, as Class.method or name."""
    names = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{each.name}" for each in node.body if isinstance(each, ast.FunctionDef)}
        if isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_functions_named_in_the_docs_exist(page: Path) -> None:
    for file, name in FUNCTION.findall(page.read_text()):
        assert (ROOT / file).is_file(), f"{page.name} names {file}"
        assert name in defined(ROOT / file), f"{page.name} names {name} in {file}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_life_of_a_bolus_names_its_functions() -> None:
    text = (ROOT / "docs/architecture.md").read_text()
    assert len(FUNCTION.findall(text)) >= 30
