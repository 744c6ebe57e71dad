"""One UF2 for a blank Pico: MicroPython's own image and behind it a filesystem with the compiled firmware and the board.

    made = build(Path("RPI_PICO-...-v1.28.0.uf2"), "pico_a4988")
    made.uf2, made.version, made.files

What the image says about itself decides (binary_info.py), not its name: its program is MicroPython and its filesystem lies where ours
goes. Used by cli/uf2.py.
"""

from dataclasses import dataclass
from pathlib import Path

from . import binary_info, image, payload, uf2
from .errors import ImageError

TARGET = "v1.28."  # the release that the pump is made for and tested with
_FROZEN = b"Tapir on a Raspberry Pi Pico"  # MICROPY_HW_BOARD_NAME of our build
_MOST_BYTES = 2 * 2 * uf2.FLASH_BYTES  # of the file: a full Pico is twice its flash, as UF2
_HAS = f"{image.FS_BYTES // 1024} KiB from {uf2.FLASH + image.FS_START:#x}"


@dataclass(frozen=True)
class DragDrop:
    """`blocks` of 512 bytes in `uf2`; `files` on the filesystem."""

    uf2: bytes
    version: str
    board: str
    files: dict[str, bytes]

    @property
    def blocks(self) -> int:
        return len(self.uf2) // uf2.BLOCK_BYTES


def build(path: Path, board: str) -> DragDrop:
    """ImageError for anything but MicroPython for a Pico, UsageError for a board that can not be. Writes nothing."""
    payload.check_board(board)
    found = micropython(path)
    check_frozen(found, board)
    files = {} if found.frozen else payload.files(board)
    whole = uf2.join(found.pages, image.FS_START, image.pack(files))
    return DragDrop(uf2.encode(whole), found.version, board, files)


@dataclass(frozen=True)
class Image:
    """MicroPython for a Pico. `frozen`: the firmware is part of it (boards/micropython/TAPIR_PICO), for the board `board`."""

    path: Path
    pages: list[uf2.Page]
    version: str
    frozen: bool
    board: str


def check_frozen(found: Image, board: str) -> None:
    """ImageError if another board is frozen into the image: board.txt would not be read."""
    if found.frozen and found.board != board:
        has = f"the firmware for board {found.board}" if found.board else "firmware of before it said for which board"
        raise ImageError(
            f"{found.path} has {has} frozen in, not for {board}.",
            f"Say --board {found.board}, or build the other variant." if found.board else "Build it again.",
        )


def micropython(path: Path) -> Image:
    """MicroPython's image for a Pico, stock or with our firmware frozen in."""
    try:
        data = path.read_bytes() if path.stat().st_size <= _MOST_BYTES else None
    except OSError as error:
        raise ImageError(f"{path} can not be read: {error.strerror}.", uf2.GET) from error
    if data is None:
        raise ImageError(f"{path} is bigger than the flash of a Pico.", uf2.GET)
    pages = uf2.parse(data, str(path))
    if any(page.address >= image.FS_START for page in pages):
        raise ImageError(
            f"{path} already has something where the filesystem goes ({_HAS}).", "Take MicroPython's own image, not one that tapir made."
        )
    flash = uf2.flash_of(pages)
    info = binary_info.read(flash)
    if info is None or info.name != "MicroPython":
        what = f"it is {info.name or 'nameless'} {info.version}".rstrip() if info else "it does not say what it is"
        raise ImageError(f"{path} is for the RP2040, but it is not MicroPython: {what}.", uf2.GET)
    place = info.filesystems.get("MicroPython")
    if place != (image.FS_START, image.FS_BYTES):
        has = f"{place[1] // 1024} KiB from {uf2.FLASH + place[0]:#x}" if place else "none"
        raise ImageError(f"{path} is MicroPython {info.version} for another board: its filesystem is {has}; a Pico's is {_HAS}.", uf2.GET)
    return Image(path, pages, info.version, bool(info.board) or _FROZEN in flash, info.board)
