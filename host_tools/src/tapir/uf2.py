"""UF2 files for the RP2040: 512-byte blocks, each with 256 bytes of flash and their address (github.com/microsoft/uf2).

`parse` is strict and says which block is wrong; `flash_of` puts the payloads where they go; `join` appends a filesystem to MicroPython's
own image, which stays as it was, byte for byte. The Pico's boot ROM ignores blocks of another family and waits for the rest: a file
with a wrong block is not refused there but hangs, so it is refused here. Used by cli/uf2.py.

adafruit-uf2, the library there is, fills gaps, skips bad blocks and keeps the family in a global, so it is not used; the tests read our
files back with rp2040py's parser.
"""

import struct
from dataclasses import dataclass

from .errors import ImageError

BLOCK_BYTES, PAYLOAD = 512, 256
MAGIC = (0x0A324655, 0x9E5D5157)
MAGIC_END = 0x0AB16F30
FAMILY_PRESENT, NOT_FLASH = 0x2000, 0x0001
RP2040 = 0xE48BFF56
FLASH, FLASH_BYTES = 0x10000000, 2048 * 1024  # of a Pico
FAMILIES = {
    0xE48BFF57: "an absolute RP2350 block",
    0xE48BFF58: "RP2350 data",
    0xE48BFF59: "an RP2350 (Pico 2), ARM",
    0xE48BFF5A: "an RP2350 (Pico 2), RISC-V",
    0xE48BFF5B: "an RP2350 (Pico 2), ARM non-secure",
}
GET = "Get RPI_PICO-...-v1.28.0.uf2 from micropython.org/download/RPI_PICO."
_AGAIN = "Download or copy it again."
_HEAD = struct.Struct("<8I")
_TAIL = struct.Struct("<I")


@dataclass(frozen=True)
class Page:
    """256 bytes of flash. `address` counts from the start of flash."""

    address: int
    data: bytes


def parse(data: bytes, name: str = "the file") -> list[Page]:
    """The pages of a UF2 for the RP2040, in its order. ImageError says what is wrong where."""
    if len(data) < BLOCK_BYTES or _HEAD.unpack_from(data)[:2] != MAGIC:
        raise ImageError(f"{name} is not a UF2: it begins with {data[:8].hex(' ') or 'nothing'}.", GET)
    if len(data) % BLOCK_BYTES:
        raise ImageError(f"{name} is cut short: {len(data)} bytes are no whole number of 512-byte blocks.", _AGAIN)
    count = len(data) // BLOCK_BYTES
    pages = [_page(data[at : at + BLOCK_BYTES], at // BLOCK_BYTES, count, name) for at in range(0, len(data), BLOCK_BYTES)]
    addresses = [page.address for page in pages]
    if len(set(addresses)) != len(addresses):
        twice = next(address for address in addresses if addresses.count(address) > 1)
        raise ImageError(f"{name} writes address {FLASH + twice:#x} twice.", _AGAIN)
    return pages


def _page(block: bytes, number: int, count: int, name: str) -> Page:
    *magic, flags, address, size, index, total, family = _HEAD.unpack_from(block)
    if tuple(magic) != MAGIC or _TAIL.unpack_from(block, BLOCK_BYTES - 4)[0] != MAGIC_END:
        raise ImageError(f"{name} is damaged: block {number} has no UF2 marks.", _AGAIN)
    if not flags & FAMILY_PRESENT or family != RP2040:
        what = FAMILIES.get(family, f"family {family:#010x}") if flags & FAMILY_PRESENT else "no family"
        raise ImageError(f"{name} is not for the RP2040 of a Pico: block {number} is for {what}.", GET)
    if total != count:
        raise ImageError(f"{name} is cut short: it has {count} blocks and says that there are {total}.", _AGAIN)
    if index != number:
        raise ImageError(f"{name} is damaged: block {number} says that it is {index}.", _AGAIN)
    if flags & NOT_FLASH or size != PAYLOAD or address % PAYLOAD or not FLASH <= address < FLASH + FLASH_BYTES:
        raise ImageError(f"{name}: block {number} ({size} bytes for {address:#x}) is not a page of a Pico's flash.", GET)
    return Page(address - FLASH, block[_HEAD.size : _HEAD.size + PAYLOAD])


def flash_of(pages: list[Page]) -> bytearray:
    """The flash of a Pico with the pages in it, erased (0xFF) elsewhere."""
    flash = bytearray(b"\xff" * FLASH_BYTES)
    for page in pages:
        flash[page.address : page.address + PAYLOAD] = page.data
    return flash


def encode(pages: list[Page]) -> bytes:
    """The UF2 with these pages, in this order."""
    out = bytearray()
    for number, page in enumerate(pages):
        head = _HEAD.pack(*MAGIC, FAMILY_PRESENT, FLASH + page.address, PAYLOAD, number, len(pages), RP2040)
        out += (head + page.data).ljust(BLOCK_BYTES - _TAIL.size, b"\0") + _TAIL.pack(MAGIC_END)
    return bytes(out)


def join(firmware: list[Page], start: int, filesystem: bytes) -> list[Page]:
    """The firmware's pages and behind them the filesystem's, whole: blocks left out would keep what was there, and littlefs could
    find an older superblock in them. ImageError if they overlap."""
    end = max(page.address for page in firmware) + PAYLOAD
    if end > start:
        raise ImageError(f"The image ends at {FLASH + end:#x}, inside the filesystem that begins at {FLASH + start:#x}.", GET)
    pages = range(0, len(filesystem), PAYLOAD)
    return firmware + [Page(start + at, filesystem[at : at + PAYLOAD]) for at in pages]
