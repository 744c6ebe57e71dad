"""The layers of the design hold: wire <- core <- store <- app; drivers <- boards; nothing in firmware/ knows sim/ or the host."""

import pytest

from tools.firmware_ast import ROOT, Source, sources

REQ = ("structure",)

# What the modules of a layer may import from this repository besides their own layer. The first match is the layer.
LAYERS = (
    ("wire", ()),
    ("pump.core", ("wire",)),
    ("pump.store", ("wire", "pump.core")),
    ("pump.app", ("wire", "pump.core", "pump.store")),
    ("pump.drivers", ()),
    ("pump", ()),
    ("main", ("wire", "pump", "boards")),
    ("boards", ("pump.drivers",)),
)
OURS = ("wire", "pump", "main", "boards", "sim", "tapir", "host_tools", "tools", "tests")
# Modules of MicroPython that a layer may use: all else is missing, differs between the three interpreters, or is not its business.
PURE = {"array", "binascii", "hashlib", "micropython"}
BUILTIN = {"wire": PURE, "pump.core": PURE, "pump.store": PURE | {"json", "os"}, "pump.app": PURE | {"gc", "json", "sys"}}


def inside(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def trespasses(source: Source) -> list[str]:
    """The imports of one file that its layer forbids."""
    layer, below = next(row for row in LAYERS if inside(source.module, row[0]))
    found = []
    for node, name in source.imports():
        if name.split(".")[0] in OURS:
            if not any(inside(name, package) for package in (layer, *below)):
                found.append(f"{source.where(node)}: {layer} imports {name}")
        elif layer in BUILTIN and name.split(".")[0] not in BUILTIN[layer]:
            found.append(f"{source.where(node)}: {layer} imports {name}; it may use {', '.join(sorted(BUILTIN[layer]))}")
    return found


def absolute_imports(source: Source) -> list[str]:
    """Imports of wire by its own name: the host, which has the same folder as tapir.wire, could not load them."""
    return [source.where(node) for node, name in source.imports() if inside(name, "wire") and not getattr(node, "level", 0)]


def test_imports_go_down_the_layers() -> None:
    files = sources() + [Source(f"boards/{board.name}", board.text) for board in sources(top=ROOT / "boards")]
    assert len(files) > 10
    assert not [line for source in files for line in trespasses(source)]


def test_wire_imports_itself_relatively() -> None:
    assert not [line for source in sources("wire") for line in absolute_imports(source)]


@pytest.mark.parametrize(
    ("name", "text", "reached"),
    [
        ("wire/a.py", "from pump.core import basal", "pump.core.basal"),
        ("pump/core/a.py", "def f():\n    from pump.store import log", "pump.store.log"),
        ("pump/store/a.py", "from pump.app.wiring import build", "pump.app.wiring.build"),
        ("pump/app/a.py", "import sim.rig", "sim.rig"),
        ("pump/app/a.py", "from boards import sim", "boards.sim"),
        ("pump/core/a.py", "import time", "time"),
        ("main.py", "from tapir import pump", "tapir.pump"),
        ("boards/pico.py", "from pump.app import loop", "pump.app.loop"),
    ],
)
def test_a_trespass_is_seen(name: str, text: str, reached: str) -> None:
    assert any(reached in line for line in trespasses(Source(name, text)))


def test_an_absolute_import_in_wire_is_seen() -> None:
    assert absolute_imports(Source("wire/a.py", "from wire import schema"))
    assert not absolute_imports(Source("wire/a.py", "from . import schema"))
