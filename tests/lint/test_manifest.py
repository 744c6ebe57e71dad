"""firmware/manifest.py lists exactly the files that are flashed, and MicroPython's own rules for it are kept."""

import ast

from tools.manifest import MANIFEST, ROOT, entries

REQ = ("structure",)

HOST_ONLY = {"firmware/wire/names.py", "firmware/wire/units.py"}  # words and units: the pump sends codes and integers


def test_it_lists_every_file_once() -> None:
    listed = [entry.source.relative_to(ROOT).as_posix() for entry in entries()]
    there = [path.relative_to(ROOT).as_posix() for top in ("firmware", "boards") for path in (ROOT / top).rglob("*.py")]
    there = [path for path in there if not path.startswith("boards/micropython/")]  # frozen, and by manifests of its own
    assert sorted(listed) == sorted(set(there) - {"firmware/manifest.py"} - HOST_ONLY)


def test_nothing_that_is_flashed_imports_what_is_not() -> None:
    modules = {entry.module for entry in entries()}
    for entry in entries():
        for node in ast.walk(ast.parse(entry.source.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").split(".")[0] in ("wire", "pump", "boards")):
                package = entry.module if entry.target.endswith("__init__.py") else entry.module.rpartition(".")[0]
                origin = ".".join([package] * bool(node.level) + [node.module] * bool(node.module))
                for name in node.names:
                    assert origin in modules and (f"{origin}.{name.name}" in modules or _defines(origin, name.name)), (
                        f"{entry.target}: {origin} {name.name}"
                    )


def _defines(module: str, name: str) -> bool:
    """Whether the module says the name itself."""
    source = next(entry.source for entry in entries() if entry.module == module).read_text()
    names = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    names |= {node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    return name in names


def test_targets_are_import_paths() -> None:
    """A file of boards/ lands as boards/..., one of firmware/ without `firmware/`: the names that the imports use."""
    for entry in entries():
        assert entry.source.as_posix().endswith("/" + entry.target)
        assert not entry.target.startswith("firmware/")


def test_it_uses_only_what_a_manifest_is_given() -> None:
    """Only top-level calls of metadata, package and module with literal arguments: whoever reads it needs no MicroPython tree."""
    tree = ast.parse(MANIFEST.read_text())
    calls = [node.value for node in tree.body if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)]
    docstring = 1 if ast.get_docstring(tree) else 0
    assert len(calls) + docstring == len(tree.body)
    for call in calls:
        assert isinstance(call.func, ast.Name) and call.func.id in ("metadata", "package", "module")
        for value in [*call.args, *(keyword.value for keyword in call.keywords)]:
            ast.literal_eval(value)


def test_the_shelf_knows_the_folders() -> None:
    """pump/shelf.py looks for modules in these, and nowhere else."""
    tree = ast.parse((ROOT / "firmware" / "pump" / "shelf.py").read_text())
    values = {ast.unparse(node.targets[0]): node.value for node in tree.body if isinstance(node, ast.Assign)}
    folders = {"/" + entry.target.rpartition("/")[0] for entry in entries() if "/" in entry.target}
    assert sorted(ast.literal_eval(values["FOLDERS"])) == sorted(folders)
