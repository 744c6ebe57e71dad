"""`make uf2`: MicroPython's UF2 and our filesystem in one file. Read back with the emulator's own parser, not with ours."""

import struct

import pytest
from rp2040py.device.load_flash import decode_block

from tools import image, uf2

FIRMWARE = b"MicroPython v1.28.0 Raspberry Pi Pico with RP2040".ljust(256, b"\x00")


def official(*payloads: bytes, family: int = uf2.RP2040, at: int = uf2.FLASH) -> bytes:
    """A small UF2 as MicroPython's build makes them, written here by hand."""
    blocks = []
    for number, payload in enumerate(payloads):
        head = struct.pack("<8I", 0x0A324655, 0x9E5D5157, 0x2000, at + 256 * number, 256, number, len(payloads), family)
        blocks.append(head + payload.ljust(476, b"\x00") + struct.pack("<I", 0x0AB16F30))
    return b"".join(blocks)


@pytest.fixture(scope="module")
def content() -> dict[str, bytes]:
    return image.files("pico_a4988")


def test_the_pico_finds_micropython_and_every_file(content: dict[str, bytes]) -> None:
    made = uf2.combine(official(FIRMWARE), image.pack(content))
    flash = bytearray(b"\xff" * 2048 * 1024)
    for at in range(0, len(made), 512):
        block = decode_block(made[at : at + 512])
        start = block.flash_address - 0x10000000
        flash[start : start + len(block.payload)] = block.payload
    assert flash[:256] == FIRMWARE
    filesystem = bytes(flash[-1408 * 1024 :])  # MICROPY_HW_FLASH_STORAGE_BYTES of RPI_PICO
    assert {path: image.read(filesystem, path) for path in content} == content


def test_whole_sectors_and_both_superblocks_are_written(content: dict[str, bytes]) -> None:
    """The boot ROM erases 4 KiB at a time; an old superblock that stayed would win over ours."""
    pages = uf2.unpack(uf2.combine(official(FIRMWARE), image.pack(content)))
    sectors = {address // 4096 for address in pages if address >= uf2.FS}
    assert all(sector * 4096 + 256 * page in pages for sector in sectors for page in range(16))
    assert {uf2.FS // 4096, uf2.FS // 4096 + 1} <= sectors


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not a UF2"),
        (b"\x7fELF" + bytes(508), "not a UF2: block 0"),
        (official(FIRMWARE, family=0xE48BFF59), "RP2350"),
        (official(FIRMWARE, family=0x12345678), "0x12345678"),
        (official(b"CircuitPython"), "not MicroPython"),
        (official(FIRMWARE, bytes(256))[:512], "not whole: block 0 of 1"),
        (official(FIRMWARE, at=uf2.FS), "already, where the filesystem goes"),
        (official(FIRMWARE, at=0x20000000), "0x20000000"),
    ],
    ids=["empty", "elf", "rp2350", "family", "circuitpython", "cut", "filesystem", "ram"],
)
def test_what_is_no_micropython_for_a_pico_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(uf2.BadUf2, match=said):
        uf2.combine(data, bytes(image.BLOCKS * image.BLOCK))


def test_an_unknown_board_is_named_with_those_there_are() -> None:
    with pytest.raises(SystemExit, match="pico_a4988, pico_tmc2209"):
        image.files("pico_nema")
