"""What slim.py makes of a source: fewer names, the same program."""

import ast
from pathlib import Path

import pytest

from tapir import slim
from tapir.payload import sources

REQ = ("flashing",)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("_A = 50\n", "_A = const(50)\n"),
        ("_A, _B = 1, -2  # why\n", "_A = const(1); _B = const(-2)  # why\n"),
        ("_A = 60 * 1000\n_B = _A << 2\n", "_A = const(60000)\n_B = const(240000)\n"),
        ("A = 5\n", "A = 5\n"),  # public: others may know it
        ("_A = True\n_B = 'x'\n_C = (1, 2)\n", "_A = True\n_B = 'x'\n_C = (1, 2)\n"),
        ("_A = 1 << 40\n", "_A = 1 << 40\n"),
        ("_A = 5\n_A = 6\n", "_A = 5\n_A = 6\n"),
        ("_A = 5\ndef f():\n    global _A\n    _A = 7\n", "_A = 5\ndef f():\n    global _A\n    _A = 7\n"),
        ("_A = B\n", "_A = B\n"),
        ("def f():\n    return _A\n_A = 5\n", "def f():\n    return _A\n_A = 5\n"),  # the compiler reads from top to bottom
        ("def f():\n    _A = 5\n", "def f():\n    _A = 5\n"),
        ("__version__ = 5\n", "__version__ = 5\n"),
        ("_A = 5 / 2\n", "_A = 5 / 2\n"),
    ],
)
def test_private_whole_numbers_become_constants_and_nothing_else(text: str, made: str) -> None:
    assert slim.source(text) == made


@pytest.mark.parametrize("source", [pytest.param(source.path, id=source.target) for source in sources()])
def test_every_source_stays_the_same_program(source: Path) -> None:
    """Executed with const as the identity, the module's top has the same numbers; all else is the same tree."""
    text = source.read_text()
    made = slim.source(text)
    assert made.count("\n") == text.count("\n")

    class Plain(ast.NodeTransformer):
        def visit_Call(self, node: ast.Call) -> ast.AST:
            self.generic_visit(node)
            return node.args[0] if isinstance(node.func, ast.Name) and node.func.id == "const" else node

    assert _numbers(ast.parse(text)) == _numbers(Plain().visit(ast.parse(made)))
    assert _others(ast.parse(text)) == _others(ast.parse(made))


def _numbers(tree: ast.Module) -> dict[str, object]:
    space: dict[str, object] = {}
    for node in tree.body:
        if slim._names(node):
            try:
                exec(compile(ast.unparse(node), "top", "exec"), {"__builtins__": {}}, space)
            except (NameError, AttributeError):
                pass
    return {name: value for name, value in space.items() if isinstance(value, int)}


def _others(tree: ast.Module) -> list[str]:
    return [ast.dump(node) for node in tree.body if not slim._names(node)]


def test_no_module_looks_at_another_ones_private_numbers() -> None:
    """On the pump they are not there."""
    trees = {source.target: ast.parse(source.path.read_text()) for source in sources()}
    private = {name for tree in trees.values() for node in tree.body for name in slim._names(node)}
    for target, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                assert not [name.name for name in node.names if name.name in private], target
            if isinstance(node, ast.Attribute) and node.attr in private:
                assert isinstance(node.value, ast.Name) and node.value.id == "self", f"{target}: {node.attr}"
