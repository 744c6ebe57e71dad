"""Makes the firmware's sources smaller for the heap of a Pico, where what is not frozen keeps its code, its names and its tables.

    source("_SLICE_MS = 50\\n...")  ->  "_SLICE_MS = const(50)\\n..."

A module's private whole numbers become constants of MicroPython's compiler: written into the code where they are used, and not kept as
names (docs.micropython.org, reference/constrained.html). That is safe where nothing but the module itself knows them: names that begin
with an underscore, assigned once, at the top, above whatever uses them. Lines stay where they are. Used by payload.py.
"""

import ast

_MOST = 1 << 30  # a larger one is an object on the heap anyway
_NUMBERS = (ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.Name, ast.Load)


def source(text: str) -> str:
    """The same program; anything but such constants stays byte for byte."""
    tree = ast.parse(text)
    values = _values(tree)
    lines = text.splitlines(keepends=True)
    for node in tree.body:
        names = _names(node)
        if names and all(name in values for name in names) and node.lineno == node.end_lineno:
            line = lines[node.lineno - 1].encode()
            rest = line[node.end_col_offset or 0 :]
            made = "; ".join(f"{name} = const({values[name]})" for name in names)
            lines[node.lineno - 1] = made + rest.decode()
    return "".join(lines)


def _values(tree: ast.Module) -> dict[str, int]:
    """The private whole numbers of a module that are assigned once."""
    found: dict[str, int] = {}
    uses = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    stored = [node.id for node in uses if isinstance(node.ctx, ast.Store)]
    for node in tree.body:
        names = _names(node)
        if not names or not isinstance(node, ast.Assign):
            continue
        parts = node.value.elts if isinstance(node.value, ast.Tuple) and len(names) > 1 else [node.value]
        numbers = [_number(part, found) for part in parts]
        above = any(use.id in names and use.lineno < node.lineno for use in uses)
        if len(numbers) == len(names) and all(stored.count(name) == 1 for name in names) and not above:
            if all(number is not None and abs(number) < _MOST for number in numbers):
                found |= {name: number for name, number in zip(names, numbers, strict=True) if number is not None}
    return found


def _names(node: ast.stmt) -> list[str]:
    """What an assignment of private names assigns; else nothing."""
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return []
    target = node.targets[0]
    targets = target.elts if isinstance(target, ast.Tuple) else [target]
    names = [name.id for name in targets if isinstance(name, ast.Name) and name.id.startswith("_") and not name.id.startswith("__")]
    return names if len(names) == len(targets) else []


def _number(node: ast.expr, known: dict[str, int]) -> int | None:
    """The value of an expression of whole numbers and constants; None for anything else."""
    for part in ast.walk(node):
        if not isinstance(part, _NUMBERS) or (isinstance(part, ast.Constant) and type(part.value) is not int):
            return None
        if isinstance(part, ast.Name) and part.id not in known:
            return None
    value = eval(compile(ast.Expression(node), "constant", "eval"), {"__builtins__": {}}, dict(known))
    return value if type(value) is int else None
