"""Makes the firmware's sources smaller for the heap of a Pico, where what is not frozen keeps its code, its names and its tables.

    program({"wire/a.py": "READY = 1\\n", "pump/b.py": "from wire import a\\n\\ndef f(x):\\n    return x == a.READY\\n"})
    ->      {"wire/a.py": "",            "pump/b.py": "def f(x):\\n    return x == 1"}

A module's whole numbers are written into the code where they are used, in whatever module that is, and are then not kept as names; an
import that nothing needs any more goes, and so does what only a type checker reads. That is safe for names that are assigned once, at the
top of a module, and read by their own name or through an import; what is read in any other way (`board.NAME`, boards/) keeps its name.
As MicroPython's `const` does it (docs.micropython.org, reference/constrained.html), but across files. Used by payload.py.
"""

import ast
from collections.abc import Iterator, Mapping
from types import SimpleNamespace

_MOST = 1 << 30  # a larger one is an object on the heap anyway
_CHECKER = "TYPE_CHECKING"


def program(texts: Mapping[str, str], *, names: bool = False) -> dict[str, str]:
    """The same program; `texts` are all its files by import path. `names`: keep the numbers' names too, for tests that ask for them."""
    modules = {_module(path): _Module(path, text) for path, text in texts.items()}
    while any([module.learn(modules) for module in modules.values()]):
        pass
    asked = {name for module in modules.values() for name in module.asked(modules)}
    return {module.path: module.written(modules, asked, names) for module in modules.values()}


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _bound(node: ast.AST) -> list[str]:
    """Names that a node gives a value to."""
    if isinstance(node, ast.Name):
        return [] if isinstance(node.ctx, ast.Load) else [node.id]
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.ExceptHandler):
        return [node.name] if node.name else []
    return []


class _Module:
    """One file: `numbers` are its constants, `seen` what its imports bind: name -> (module, None) or (module, its constant)."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.tree = _Checked().visit(ast.parse(text))
        self.numbers: dict[str, int] = {}
        self.package = path.rpartition("/")[0].replace("/", ".")
        self.bound = [name for node in ast.walk(self.tree) for name in _bound(node)]

    def learn(self, modules: "Mapping[str, _Module]") -> bool:
        """Evaluate what can be by now; true if there was anything new."""
        known = len(self.numbers)
        seen = self.seen(modules)
        space: dict[str, object] = {"__builtins__": {}, "range": range}
        for name, (module, constant) in seen.items():
            space[name] = SimpleNamespace(**module.numbers) if constant is None else module.numbers[constant]
        for names, node in self._assigned():
            try:
                value = eval(compile(ast.Expression(node.value), self.path, "eval"), space | self.numbers)
                values = [value] if isinstance(node.targets[0], ast.Name) else list(value)
            except Exception:  # whatever is not known here: it stays as it is
                continue
            if len(values) == len(names) and all(type(number) is int and abs(number) < _MOST for number in values):
                self.numbers.update(zip(names, values, strict=True))
        return len(self.numbers) > known

    def _assigned(self) -> Iterator[tuple[list[str], ast.Assign]]:
        """Assignments at the top to names that nothing else binds."""
        if self.path.startswith("boards/"):
            return
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and len(node.targets) == 1:
                target = node.targets[0]
                targets = target.elts if isinstance(target, ast.Tuple) else [target]
                names = [name.id for name in targets if isinstance(name, ast.Name)]
                if len(names) == len(targets) and all(self.bound.count(name) == 1 for name in names):
                    yield names, node

    def seen(self, modules: "Mapping[str, _Module]") -> "dict[str, tuple[_Module, str | None]]":
        """What is imported from the program itself, but for names that are bound in another way too."""
        found: dict[str, tuple[_Module, str | None]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                origin = self.origin(node)
                for alias in node.names:
                    name = alias.asname or alias.name
                    if name in self.bound:
                        continue
                    if f"{origin}.{alias.name}" in modules:
                        found[name] = (modules[f"{origin}.{alias.name}"], None)
                    elif origin in modules and alias.name in modules[origin].numbers:
                        found[name] = (modules[origin], alias.name)
        return found

    def origin(self, node: ast.ImportFrom) -> str:
        return ".".join([self.package] * bool(node.level) + [node.module or ""] * bool(node.module))

    def asked(self, modules: "Mapping[str, _Module]") -> Iterator[str]:
        """Names that are read in a way that is not followed here."""
        seen = self.seen(modules)
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute) and not (isinstance(node.value, ast.Name) and node.value.id in seen):
                yield node.attr
            elif isinstance(node, ast.ImportFrom):
                yield from (alias.name for alias in node.names if (alias.asname or alias.name) in self.bound)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("getattr", "hasattr"):
                yield from (word.value for word in node.args if isinstance(word, ast.Constant) and isinstance(word.value, str))

    def written(self, modules: "Mapping[str, _Module]", asked: set[str], names: bool) -> str:
        seen = self.seen(modules)
        tree = _Inlined(self, seen).visit(self.tree)
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        gone = set() if names else {name for name in self.numbers if name not in asked}
        return ast.unparse(ast.fix_missing_locations(_Dropped(self, gone, set(seen) - used).visit(tree)))


class _Checked(ast.NodeTransformer):
    """What a type checker would read is not there."""

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        return node.orelse if isinstance(node.test, ast.Name) and node.test.id == _CHECKER else node

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        return None if isinstance(node.targets[0], ast.Name) and node.targets[0].id == _CHECKER else node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.returns = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        self.generic_visit(node)
        return ast.Assign([node.target], node.value, lineno=node.lineno) if node.value is not None else None


class _Inlined(ast.NodeTransformer):
    """Numbers instead of their names."""

    def __init__(self, module: _Module, seen: "Mapping[str, tuple[_Module, str | None]]") -> None:
        self._own = module.numbers
        self._seen = seen

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if isinstance(node.ctx, ast.Load):
            if node.id in self._own:
                return ast.Constant(self._own[node.id])
            module, constant = self._seen.get(node.id, (None, None))
            if module is not None and constant is not None:
                return ast.Constant(module.numbers[constant])
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and isinstance(node.ctx, ast.Load):
            module, constant = self._seen.get(node.value.id, (None, None))
            if module is not None and constant is None and node.attr in module.numbers:
                return ast.Constant(module.numbers[node.attr])
        return self.generic_visit(node)


class _Dropped(ast.NodeTransformer):
    """Without the assignments of numbers, and without imports that nothing uses."""

    def __init__(self, module: _Module, gone: set[str], unused: set[str]) -> None:
        self._tops = {id(node): [name for name in names if name not in gone] for names, node in module._assigned() if gone & set(names)}
        self._numbers = module.numbers
        self._unused = unused

    def visit_Assign(self, node: ast.Assign) -> ast.AST | list[ast.stmt]:
        if id(node) not in self._tops:
            return node
        kept = self._tops[id(node)]
        return [ast.Assign([ast.Name(name, ast.Store())], ast.Constant(self._numbers[name]), lineno=node.lineno) for name in kept]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        node.names = [alias for alias in node.names if (alias.asname or alias.name) not in self._unused]
        return node if node.names else None

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.If | ast.Try | ast.With | ast.For | ast.While) and not node.body:
            node.body = [ast.Pass()]
        return node
