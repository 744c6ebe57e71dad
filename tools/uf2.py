"""One drag-and-drop file for a blank Pico: MicroPython's own UF2 with the compiled firmware and its board as a filesystem behind it.

    python tools/uf2.py MICROPYTHON.uf2 BOARD OUT.uf2

It erases what the Pico remembers: the journal is in that filesystem. A pump that is in use gets new firmware by `make flash`.
Refuses what is not a whole UF2, not for the RP2040, not MicroPython, or reaches into the filesystem, and says what it saw.
The format: https://github.com/microsoft/uf2, blocks of 512 bytes with 256 of payload here.
"""

import struct
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from tools import image  # noqa: E402

RP2040 = 0xE48BFF56
_FAMILIES = {RP2040: "RP2040", 0xE48BFF57: "absolute", 0xE48BFF59: "RP2350 (Arm)", 0xE48BFF5A: "RP2350 (RISC-V)"}
FLASH = 0x10000000
FS = FLASH + 2048 * 1024 - image.BLOCKS * image.BLOCK
_PAGE = 256
_HEAD = struct.Struct("<8I")
_MAGIC = (0x0A324655, 0x9E5D5157)
_END = 0x0AB16F30
_HAS_FAMILY = 0x2000


class BadUf2(Exception):
    """A file that can not be used; the text says what it is and what would do."""


def unpack(data: bytes) -> dict[int, bytes]:
    """{flash address: 256 bytes} of a UF2 for the RP2040."""
    if not data or len(data) % 512:
        raise BadUf2(f"not a UF2: {len(data)} bytes are no whole number of blocks of 512")
    pages: dict[int, bytes] = {}
    total = len(data) // 512
    for number in range(total):
        block = data[512 * number : 512 * number + 512]
        first, second, flags, address, size, index, count, family = _HEAD.unpack(block[:32])
        if (first, second) != _MAGIC or struct.unpack("<I", block[508:])[0] != _END:
            raise BadUf2(f"not a UF2: block {number} has other marks")
        if not flags & _HAS_FAMILY or family != RP2040:
            raise BadUf2(f"for another chip: {_FAMILIES.get(family, f'family {family:#010x}')}; a Pico needs RP2040 ({RP2040:#010x})")
        if (index, count) != (number, total):
            raise BadUf2(f"not whole: block {number} of {total} says that it is {index} of {count}")
        if size != _PAGE or address % _PAGE or not FLASH <= address < FLASH + 2048 * 1024:
            raise BadUf2(f"block {number} is {size} bytes for {address:#010x}; a Pico's flash takes pages of 256 from {FLASH:#010x}")
        pages[address] = block[32 : 32 + size]
    return pages


def pack(pages: dict[int, bytes]) -> bytes:
    """A UF2 for the RP2040 with these pages, in the order of their addresses."""
    out = bytearray()
    for index, address in enumerate(sorted(pages)):
        head = _HEAD.pack(*_MAGIC, _HAS_FAMILY, address, _PAGE, index, len(pages), RP2040)
        out += head + pages[address].ljust(476, b"\x00") + struct.pack("<I", _END)
    return bytes(out)


def combine(micropython: bytes, filesystem: bytes) -> bytes:
    """MicroPython's UF2 with a filesystem."""
    pages = unpack(micropython)
    code = b"".join(pages[address] for address in sorted(pages))
    if b"MicroPython" not in code or b"RP2040" not in code:
        raise BadUf2("for the RP2040, but not MicroPython: take RPI_PICO from micropython.org/download")
    if max(pages) >= FS:
        raise BadUf2(f"has something at {max(pages):#010x} already, where the filesystem goes ({FS:#010x}); take the plain RPI_PICO")
    for block in range(image.BLOCKS):
        data = filesystem[block * image.BLOCK : (block + 1) * image.BLOCK]
        # Blank blocks are left as they are on the Pico, but the first two: an old superblock in one of them would win.
        if block < 2 or data.strip(b"\xff"):
            for offset in range(0, image.BLOCK, _PAGE):
                pages[FS + block * image.BLOCK + offset] = data[offset : offset + _PAGE]
    return pack(pages)


def main(arguments: list[str]) -> int:
    if len(arguments) != 3:
        raise SystemExit(__doc__)
    source, name, out = Path(arguments[0]), arguments[1], Path(arguments[2])
    content = image.files(name)
    try:
        made = combine(source.read_bytes(), image.pack(content))
    except OSError as error:
        raise SystemExit(f"{source} can not be read ({error.strerror}).") from error
    except BadUf2 as error:
        raise SystemExit(f"{source} can not be used: {error}.") from error
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(made)
    print(f"{out}: MicroPython and Tapir for {name}, {len(made) // 1024:,} KiB.")
    print("For a blank Pico: hold BOOTSEL, plug it in, copy the file onto the drive RPI-RP2. It erases what the Pico remembers.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
