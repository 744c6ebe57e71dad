"""The filesystem of a Pico as one littlefs image, laid out as MicroPython's RPI_PICO expects it: 1408 KiB at the end of 2 MiB of flash.

`pack` makes one, `unpack` and `read` look into any, whoever wrote it. Used by uf2.py, the emulator's tests and `tapir uf2`.
Needs the extra: pip install "tapir-pump[flash]".
"""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from .errors import UsageError
from .payload import EXTRA
from .uf2 import FLASH_BYTES

BLOCK, BLOCKS = 4096, 352  # MicroPython 1.28, ports/rp2/boards/RPI_PICO: MICROPY_HW_FLASH_STORAGE_BYTES
FS_BYTES = BLOCK * BLOCKS
FS_START = FLASH_BYTES - FS_BYTES  # from the start of flash (rp2_flash.c)
_PROGRAM = 256
_DISK_VERSION = 0x00020000  # littlefs 2.0, which every MicroPython mounts; it writes 2.1 from its first write on


def pack(content: Mapping[str, bytes]) -> bytes:
    """An image of FS_BYTES with these files, folders made as needed."""
    fs = _littlefs(block_size=BLOCK, block_count=BLOCKS, prog_size=_PROGRAM, disk_version=_DISK_VERSION)
    for path, data in content.items():
        fs.makedirs(PurePosixPath(path).parent.as_posix(), exist_ok=True)
        with fs.open(path, "wb") as file:
            file.write(data)
    return bytes(fs.context.buffer)


def unpack(image: bytes) -> dict[str, bytes]:
    """{path: content} of an image."""
    fs = _mounted(image)
    found = {}
    for folder, _, names in fs.walk("/"):
        for name in names:
            path = f"{folder.rstrip('/')}/{name}"
            with fs.open(path, "rb") as file:
                found[path.lstrip("/")] = bytes(file.read())
    return found


def read(image: bytes, path: str) -> bytes | None:
    """A file of an image; None if there is none."""
    return unpack(image).get(path.lstrip("/"))


def _mounted(image: bytes) -> Any:
    fs = _littlefs(block_size=BLOCK, block_count=BLOCKS, mount=False)
    fs.context.buffer[:] = image
    fs.mount()
    return fs


def _littlefs(**options: Any) -> Any:
    try:
        from littlefs import LittleFS
    except ImportError as error:
        raise UsageError("littlefs-python is not installed.", EXTRA) from error
    return LittleFS(**options)
