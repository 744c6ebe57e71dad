"""Firmware keeps to exact integers and to the Python that MicroPython has. CPython only; each rule is shown a breach."""

import ast
from collections.abc import Callable, Iterator

import pytest

from tools.firmware_ast import Source, sources

REQ = ("structure",)

EXACT = ("wire", "pump/core", "pump/store", "pump/app")
MISSING = {"contextlib", "dataclasses", "datetime", "enum", "functools", "itertools", "logging", "math", "pathlib", "re", "typing"}


def inexact(source: Source) -> Iterator[str]:
    """No float and no true division: the Pico's floats are single precision. No assert: mpy-cross -O1 drops it."""
    for node in ast.walk(source.tree):
        where = source.where(node)
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            yield f"{where}: float literal {node.value}"
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            yield f"{where}: true division; use //"
        elif isinstance(node, ast.Name) and node.id == "float":
            yield f"{where}: float"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and not isinstance(node.right, ast.Constant):
            yield f"{where}: ** with a computed exponent (a negative one gives a float)"
        elif isinstance(node, ast.Assert):
            yield f"{where}: assert; a safety check is an if"


def missing_in_micropython(source: Source) -> Iterator[str]:
    """Modules and syntax that MicroPython 1.28 does not have."""
    for node, name in source.imports():
        if name.split(".")[0] in MISSING:
            yield f"{source.where(node)}: import {name}"
    for node in source.running():
        if isinstance(node, ast.Match):
            yield f"{source.where(node)}: match statement"
        elif isinstance(node, ast.arguments) and node.posonlyargs:
            yield f"{source.where(node.posonlyargs[0])}: positional-only arguments"


def unannotated(source: Source) -> Iterator[str]:
    """Functions, methods included, whose arguments or result have no type."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            plain = [*node.args.args, *node.args.kwonlyargs]
            starred = [arg for arg in (node.args.vararg, node.args.kwarg) if arg]
            bare = [arg.arg for arg in plain + starred if arg.annotation is None and arg.arg not in ("self", "cls")]
            if node.returns is None:
                bare.append("the result")
            if bare:
                yield f"{source.where(node)}: {node.name}: no type for {', '.join(bare)}"


def at_import(source: Source) -> Iterator[str]:
    """Nothing happens at import: a module holds definitions and constants, and no `global` rebinds them."""
    for node in source.tree.body:
        if isinstance(node, ast.For | ast.While | ast.With | ast.AugAssign):
            yield f"{source.where(node)}: statement at import"
        if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant):
            yield f"{source.where(node)}: call at import"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Global):
            yield f"{source.where(node)}: global {', '.join(node.names)}"


Rule = Callable[[Source], Iterator[str]]


def breaches(rule: Rule, files: list[Source]) -> list[str]:
    assert files
    return [line for source in files for line in rule(source)]


def test_numbers_are_exact_and_checks_are_ifs() -> None:
    assert not breaches(inexact, sources(*EXACT))


def test_every_function_has_types() -> None:
    assert not breaches(unannotated, sources(*EXACT))


def test_only_what_micropython_has() -> None:
    assert not breaches(missing_in_micropython, sources())


def test_nothing_happens_at_import() -> None:
    assert not breaches(at_import, sources(*EXACT))


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (inexact, "x = 0.5"),
        (inexact, "x = 1 / 2"),
        (inexact, "x = 1\nx /= 2"),
        (inexact, "x = float('1')"),
        (inexact, "x = list(map(float, y))"),
        (inexact, "x = 10 ** n"),
        (inexact, "def f(x):\n    assert x"),
        (missing_in_micropython, "from typing import Any"),
        (missing_in_micropython, "import enum"),
        (missing_in_micropython, "def f(a, /, b): pass"),
        (missing_in_micropython, "match x:\n    case 1: pass"),
        (unannotated, "def f(x: int): return x"),
        (unannotated, "class A:\n    def f(self, x) -> int: return x"),
        (at_import, "print(1)"),
        (at_import, "x = 0\ndef f() -> None:\n    global x\n    x = 1"),
    ],
)
def test_a_breach_is_seen(rule: Rule, text: str) -> None:
    assert list(rule(Source("pump/core/a.py", text)))


@pytest.mark.parametrize("rule", [inexact, missing_in_micropython, unannotated, at_import])
def test_good_code_passes(rule: Rule) -> None:
    good = '"""Doc."""\nfrom wire import schema\nif TYPE_CHECKING:\n    from typing import Any\nLIMIT = 3\n\n\ndef half(x: int) -> int:\n    """Down."""\n    return x // 2\n'
    assert not list(rule(Source("pump/core/a.py", good)))
