"""boards/micropython/TAPIR_PICO, the hardened build: what it freezes is the firmware and one board, and it never formats."""

import re
from importlib import import_module

import pytest

from boards import check
from tools.manifest import ROOT, entries

REQ = ("structure",)

BOARD = ROOT / "boards" / "micropython" / "TAPIR_PICO"


def frozen(manifest: str) -> list[str]:
    """What a manifest adds to the firmware's own, as import paths; read as MicroPython's build reads it."""
    found: list[str] = []

    def include(path: str) -> None:
        if path == "../../../firmware/manifest.py":
            assert (BOARD / path).resolve() == ROOT / "firmware" / "manifest.py"
            found.extend(entry.target for entry in entries())
        else:
            exec((BOARD / path).read_text(), {"include": include, "module": module})

    def module(name: str, base_path: str = ".") -> None:
        assert "$(" in base_path or (BOARD / base_path / name).is_file()
        found.append(name)

    include(manifest)
    return found


@pytest.mark.parametrize(
    ("manifest", "folder", "name"), [("manifest.py", "a4988", "pico_a4988"), ("manifest_tmc2209.py", "tmc2209", "pico_tmc2209")]
)
def test_a_variant_freezes_the_firmware_once_and_one_board(manifest: str, folder: str, name: str) -> None:
    names = frozen(manifest)
    assert len(names) == len(set(names))
    assert {"_boot.py", "boot.py", "main.py", "frozen_board.py", "rp2.py", "pump/start.py"} <= set(names)
    space: dict[str, object] = {}
    exec((BOARD / folder / "frozen_board.py").read_text(), space)
    assert space["NAME"] == name
    board = import_module("boards." + name)
    assert not check.problems(board)
    stored = re.search(r"MICROPY_HW_FLASH_STORAGE_BYTES\s+\((\d+) \* 1024\)", (BOARD / "mpconfigboard.h").read_text())
    assert stored and int(stored[1]) * 1024 == board.FLASH_BYTES


def test_it_never_formats_and_has_no_ctrl_c() -> None:
    code = "\n".join(line.split("#")[0] for line in (BOARD / "_boot.py").read_text().splitlines())
    assert "mkfs" not in code and "mount" in code
    assert re.search(r"MICROPY_KBD_EXCEPTION\s+\(0\)", (BOARD / "mpconfigboard.h").read_text())
