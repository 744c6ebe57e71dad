"""What an RP2040 image says about itself: pico-sdk's binary info, a table of records that `picotool info` reads too.

    info = read(flash)      # flash from address 0
    info.name, info.version, info.filesystem

None of it is executed. Layout: pico_binary_info/structure.h and defs.h of pico-sdk 2. Used by dragdrop.py.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from .uf2 import FLASH

_START, _END = 0x7188EBF2, 0xE71AA390  # defs.h: five words within the first 256 after the second-stage loader
_SEARCH = 0x300
_STRING, _BLOCK_DEVICE = 6, 7  # kinds of record
_NAME, _VERSION = 0x02031C86, 0x11A9BC3A
_BOARD = 0x424F4152  # ours: boards/micropython/TAPIR_PICO/board.c
_TEXT = 120  # characters of a string that are read


@dataclass(frozen=True)
class BinaryInfo:
    """`filesystems`: name -> (start, bytes), from the start of flash. `board`: of boards/, if the firmware is frozen in. Texts are empty
    if the image does not say."""

    name: str
    version: str
    filesystems: dict[str, tuple[int, int]]
    board: str = ""


def read(flash: bytes | bytearray) -> BinaryInfo | None:
    """The table, or None if the image has none or it leads out of the flash."""
    texts: dict[int, str] = {}
    filesystems = {}
    try:
        for at in _records(flash):
            kind, _ = struct.unpack_from("<2H", flash, at)
            if kind == _STRING:
                id, pointer = struct.unpack_from("<2I", flash, at + 4)
                texts[id] = _text(flash, pointer)
            elif kind == _BLOCK_DEVICE:
                pointer, address, size = struct.unpack_from("<3I", flash, at + 4)
                filesystems[_text(flash, pointer)] = (address - FLASH, size)
    except (struct.error, ValueError):
        return None
    return BinaryInfo(texts.get(_NAME, ""), texts.get(_VERSION, ""), filesystems, texts.get(_BOARD, "")) if texts else None


def _records(flash: bytes | bytearray) -> Iterator[int]:
    """Where the records are, counted from the start of flash."""
    for at in range(0, _SEARCH, 4):
        first, begin, end, _, last = struct.unpack_from("<5I", flash, at)
        if first == _START and last == _END:
            for pointer in range(begin, end, 4):
                yield struct.unpack_from("<I", flash, _inside(flash, pointer))[0] - FLASH
            return


def _inside(flash: bytes | bytearray, pointer: int) -> int:
    at = pointer - FLASH
    if not 0 <= at < len(flash):
        raise ValueError(f"{pointer:#x} is not in flash")
    return at


def _text(flash: bytes | bytearray, pointer: int) -> str:
    at = _inside(flash, pointer)
    return bytes(flash[at : at + _TEXT]).split(b"\0")[0].decode("utf-8", "replace")
