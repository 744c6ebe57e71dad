"""Reads firmware/manifest.py the way MicroPython's build does: package() and module() name each file that is flashed.

Called by tools/compile.py and by the lint that compares the list with the folders.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = ROOT / "firmware" / "manifest.py"


@dataclass(frozen=True)
class Entry:
    """One file: where it is here, and its path on the target (`pump/core/states.py`)."""

    source: Path
    target: str

    @property
    def module(self) -> str:
        """The name it is imported by on the target (`pump.core.states`, `wire`)."""
        return self.target.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def entries(manifest: Path = MANIFEST) -> list[Entry]:
    """Every file of the manifest, in its order. Paths are relative to the manifest, as in MicroPython."""
    found: list[Entry] = []

    def add(base_path: str, target: str) -> None:
        source = (manifest.parent / base_path / target).resolve()
        if not source.is_file():
            raise FileNotFoundError(f"{manifest}: lists {target}, which is not in {source.parent}")
        found.append(Entry(source, target))

    def package(package_path: str, files: tuple[str, ...], base_path: str = ".", opt: int | None = None) -> None:
        for name in files:
            add(base_path, f"{package_path}/{name}")

    def module(module_path: str, base_path: str = ".", opt: int | None = None) -> None:
        add(base_path, module_path)

    def metadata(**_: Any) -> None:
        """Version and licence are for MicroPython's own tools."""

    exec(compile(manifest.read_text(), str(manifest), "exec"), {"package": package, "module": module, "metadata": metadata})
    return found
