"""The firmware's files as syntax trees, for the lints. Pure: a Source can be made from text, so a lint can be shown a trespass."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIRMWARE = ROOT / "firmware"


@dataclass(frozen=True)
class Source:
    """One file: its path below firmware/ (or below the repository for boards) and its text."""

    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=self.name)

    @property
    def module(self) -> str:
        """`pump/core/basal.py` is pump.core.basal; `wire/__init__.py` is wire."""
        return self.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def where(self, node: ast.AST) -> str:
        return f"{self.name}:{getattr(node, 'lineno', 0)}"

    def running(self) -> Iterator[ast.AST]:
        """Every node but those under `if TYPE_CHECKING:`, which only mypy reads."""
        waiting: list[ast.AST] = [self.tree]
        while waiting:
            node = waiting.pop()
            yield node
            for_mypy = isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
            waiting += node.orelse if for_mypy else ast.iter_child_nodes(node)

    def imports(self) -> Iterator[tuple[ast.Import | ast.ImportFrom, str]]:
        """Each import statement with the full dotted name it reaches: `from . import x` in wire/a.py reaches wire.x."""
        package = self.name.split("/")[:-1]
        for node in self.running():
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield node, alias.name
            elif isinstance(node, ast.ImportFrom):
                base = package[: len(package) - node.level + 1] if node.level else []
                base = base + (node.module.split(".") if node.module else [])
                for alias in node.names:
                    yield node, ".".join([*base, alias.name])


def sources(*folders: str, top: Path = FIRMWARE) -> list[Source]:
    """The .py files under folders of firmware/ (all of it when none is named), without the manifest."""
    found = sorted(path for folder in folders or (".",) for path in (top / folder).rglob("*.py"))
    return [Source(path.relative_to(top).as_posix(), path.read_text()) for path in found if path.name != "manifest.py"]
