"""`tapir uf2`: MicroPython's image and our filesystem in one file. Read back with the emulator's parser and littlefs-python, not with ours.

MicroPython's part is made here by hand, as pico-sdk lays it out; where MICROPYTHON_UF2 is set the real one is taken too.
"""

import json
import os
import shutil
import struct
from pathlib import Path

import pytest
from littlefs import LittleFS
from rp2040py.device.load_flash import decode_block
from typer.testing import CliRunner

from tapir import dragdrop, image, payload
from tapir.cli import app
from tapir.errors import ImageError, UsageError

REQ = ("flashing",)

RP2040, RP2350 = 0xE48BFF56, 0xE48BFF59  # uf2families.json of github.com/microsoft/uf2
FLASH = 0x10000000
FS = FLASH + (2048 - 1408) * 1024  # ports/rp2/boards/RPI_PICO/mpconfigboard.h, rp2_flash.c of MicroPython 1.28
BOARD = "pico_a4988"


def firmware(name: str = "MicroPython", start: int = FS, size: int = 1408 * 1024, board: str = "") -> bytes:
    """The first 1 KiB of an image, with pico-sdk's binary info: program name, version, block device; and a frozen board, if one is named."""
    code = bytearray(1024)

    def text(at: int, words: str) -> int:
        code[at : at + len(words) + 1] = words.encode() + b"\0"
        return FLASH + at

    struct.pack_into("<5I", code, 0x1D4, 0x7188EBF2, FLASH + 0x200, FLASH + 0x20C, 0, 0xE71AA390)
    struct.pack_into("<3I", code, 0x200, FLASH + 0x210, FLASH + 0x220, FLASH + 0x230)
    struct.pack_into("<2H2I", code, 0x210, 6, 0x5052, 0x02031C86, text(0x300, name))
    struct.pack_into("<2H2I", code, 0x220, 6, 0x5052, 0x11A9BC3A, text(0x340, "v1.28.0"))
    if board:  # boards/micropython/TAPIR_PICO/board.c
        struct.pack_into("<4I", code, 0x200, FLASH + 0x210, FLASH + 0x220, FLASH + 0x230, FLASH + 0x250)
        struct.pack_into("<I", code, 0x1D4 + 8, FLASH + 0x210)
        struct.pack_into("<2H2I", code, 0x250, 6, 0x5054, 0x424F4152, text(0x3C0, board))
    struct.pack_into("<2H4IH", code, 0x230, 7, 0x504D, text(0x380, "MicroPython"), start, size, 0, 0)
    return bytes(code)


def official(code: bytes, family: int = RP2040, at: int = FLASH, flags: int = 0x2000) -> bytes:
    """A UF2 as MicroPython's build makes them."""
    blocks = []
    for number in range(len(code) // 256):
        head = struct.pack("<8I", 0x0A324655, 0x9E5D5157, flags, at + 256 * number, 256, number, len(code) // 256, family)
        blocks.append((head + code[256 * number :][:256]).ljust(508, b"\0") + struct.pack("<I", 0x0AB16F30))
    return b"".join(blocks)


def flashed(made: bytes) -> bytearray:
    """The Pico's flash after the file was copied to it; what it does not write was 0xAA before."""
    flash = bytearray(b"\xaa" * 2048 * 1024)
    for at in range(0, len(made), 512):
        block = decode_block(made[at : at + 512])
        start = block.flash_address - FLASH
        flash[start : start + len(block.payload)] = block.payload
    return flash


def on_littlefs(filesystem: bytes) -> dict[str, bytes]:
    fs = LittleFS(block_size=4096, block_count=352, mount=False)
    fs.context.buffer[:] = filesystem
    fs.mount()
    found = {}
    for folder, _, names in fs.walk("/"):
        for name in names:
            with fs.open(f"{folder}/{name}", "rb") as file:
                found[f"{folder}/{name}".lstrip("/")] = file.read()
    return found


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MicroPython's image."""
    if os.environ.get("MICROPYTHON_UF2"):
        return Path(os.environ["MICROPYTHON_UF2"])
    path = tmp_path_factory.mktemp("official") / "RPI_PICO.uf2"
    path.write_bytes(official(firmware()))
    return path


@pytest.fixture(scope="module")
def made(source: Path) -> bytes:
    return dragdrop.build(source, BOARD).uf2


# --- the file ---------------------------------------------------------------------------------------------------------------
def test_every_block_is_one_that_the_boot_rom_takes(made: bytes) -> None:
    assert len(made) % 512 == 0
    seen = set()
    for number in range(len(made) // 512):
        block = made[512 * number : 512 * number + 512]
        assert struct.unpack("<2I", block[:8]) == (0x0A324655, 0x9E5D5157) and block[508:] == struct.pack("<I", 0x0AB16F30)
        flags, address, size, index, count, family = struct.unpack("<6I", block[8:32])
        assert (flags, size, index, count, family) == (0x2000, 256, number, len(made) // 512, RP2040)
        assert address % 256 == 0 and FLASH <= address < FLASH + 2048 * 1024
        assert address not in seen
        seen.add(address)


def test_micropython_stays_as_it_was(made: bytes, source: Path) -> None:
    before, after = flashed(source.read_bytes()), flashed(made)
    assert after[: FS - FLASH] == before[: FS - FLASH]


def test_the_filesystem_is_written_whole(made: bytes) -> None:
    """A block left out would keep what was there: littlefs takes the newer of two superblocks, and that could be the old one."""
    filesystem = flashed(made)[FS - FLASH :]
    assert len(filesystem) == 1408 * 1024
    assert not any(filesystem[at : at + 256] == b"\xaa" * 256 for at in range(0, len(filesystem), 256))


def test_every_file_comes_out_again(made: bytes) -> None:
    found = on_littlefs(bytes(flashed(made)[FS - FLASH :]))
    assert found == payload.files(BOARD)
    assert found["board.txt"] == b"pico_a4988\n"
    assert list(payload.files(BOARD))[-1] == "main.py"
    assert "lib/boards/pico_tmc2209.mpy" not in found and "lib/main.mpy" not in found
    assert all(data[:2] == b"M\x06" for path, data in found.items() if path.endswith(".mpy"))  # bytecode of MicroPython 1.28


@pytest.mark.parametrize(("name", "off"), [("pico_a4988", (4, 1)), ("pico_tmc2209", (4, 1)), ("pico_bare", (4, 1))])
def test_main_py_begins_with_the_motor_driver_off(name: str, off: tuple[int, int]) -> None:
    """A Pico reads and compiles it at each boot: pin and level of docs/boards.md, ahead of anything that takes time or can fail."""
    lines = payload.files(name)["main.py"].decode().splitlines()
    assert lines[:2] == ["import umachine as machine", f"machine.Pin({off[0]}, 1, value={off[1]})"] and lines[2] == "try:"
    assert len(lines) < 10 and not any("#" in line for line in lines)


def test_an_image_reads_back(made: bytes) -> None:
    filesystem = bytes(flashed(made)[FS - FLASH :])
    assert image.unpack(filesystem) == on_littlefs(filesystem)
    assert image.read(filesystem, "board.txt") == b"pico_a4988\n" and image.read(filesystem, "nothing") is None


# --- refusals ---------------------------------------------------------------------------------------------------------------
WHOLE = official(firmware())
SECOND = 512
REFUSED = {
    "empty": (b"", "not a UF2"),
    "elf": (b"\x7fELF" + bytes(1020), "not a UF2: it begins with 7f 45 4c 46"),
    "cut in a block": (WHOLE[:-100], "cut short"),
    "cut between blocks": (WHOLE[:-512], "cut short: it has 3 blocks and says that there are 4"),
    "damaged": (WHOLE[:SECOND] + b"X" + WHOLE[SECOND + 1 :], "block 1 has no UF2 marks"),
    "blocks swapped": (WHOLE[:512] + WHOLE[1024:1536] + WHOLE[512:1024] + WHOLE[1536:], "block 1 says that it is 2"),
    "Pico 2": (official(firmware(), family=RP2350), "RP2350"),
    "another chip": (official(firmware(), family=0x12345678), "0x12345678"),
    "no family": (official(firmware(), flags=0), "no family"),
    "RAM": (official(firmware(), at=0x20000000), "256 bytes for 0x20000000"),
    "CircuitPython": (official(firmware("CircuitPython")), "not MicroPython: it is CircuitPython v1.28.0"),
    "anonymous": (official(bytes(1024)), "not MicroPython: it does not say what it is"),
    "table leads nowhere": (official(firmware().replace(struct.pack("<I", FLASH + 0x210), b"\xff\xff\xff\xff")), "not MicroPython"),
    "Pico W": (official(firmware(start=FLASH + 1200 * 1024, size=848 * 1024)), "another board: its filesystem is 848 KiB"),
    "too high": (official(firmware(), at=FLASH + 2048 * 1024), "256 bytes for 0x10200000"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_micropython_for_a_pico_is_refused(case: str, tmp_path: Path) -> None:
    data, said = REFUSED[case]
    path = tmp_path / "given.uf2"
    path.write_bytes(data)
    with pytest.raises(ImageError, match=said) as refused:
        dragdrop.build(path, BOARD)
    assert "given.uf2" in refused.value.problem or "image" in refused.value.problem
    assert refused.value.hint


def test_a_file_that_tapir_made_is_no_source(made: bytes, tmp_path: Path) -> None:
    path = tmp_path / "tapir.uf2"
    path.write_bytes(made)
    with pytest.raises(ImageError, match="where the filesystem goes"):
        dragdrop.build(path, BOARD)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="can not be read"):
        dragdrop.build(tmp_path / "none.uf2", BOARD)
    with pytest.raises(ImageError, match="can not be read|bigger"):
        dragdrop.build(tmp_path, BOARD)


def test_an_unknown_board_is_named_with_those_there_are(source: Path) -> None:
    with pytest.raises(UsageError, match="pico_nema") as refused:
        dragdrop.build(source, "pico_nema")
    assert "pico_a4988, pico_bare, pico_tmc2209" in refused.value.hint


def test_a_board_that_can_not_be_is_told_before_anything_is_written(tmp_path: Path) -> None:
    """Two roles on one pin: boards/check.py's own sentence."""
    root = payload.device_root()
    shutil.copytree(root / "firmware", tmp_path / "firmware")
    (tmp_path / "boards").mkdir()
    for path in (root / "boards").glob("*.py"):
        (tmp_path / "boards" / path.name).write_text(path.read_text())
    board = tmp_path / "boards" / "pico_a4988.py"
    board.write_text(board.read_text().replace("PIN_DIR = 3", "PIN_DIR = 2"))
    with pytest.raises(UsageError, match="PIN_STEP and PIN_DIR are both GPIO 2"):
        payload.files(BOARD, tmp_path)
    payload.files("pico_tmc2209", tmp_path)


# --- the command ------------------------------------------------------------------------------------------------------------
def test_the_command_says_what_it_erases(source: Path, made: bytes, tmp_path: Path) -> None:
    out = tmp_path / "tapir.uf2"
    done = CliRunner().invoke(app, ["uf2", "--image", str(source), "--out", str(out)])
    assert done.exit_code == 0
    assert "erases everything the Pico remembers" in done.stdout and "BOOTSEL" in done.stdout and "tapir flash" in done.stdout
    assert out.read_bytes() == made


def test_the_command_for_machines(source: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["uf2", "--image", str(source), "--out", str(tmp_path / "t.uf2"), "--board", "pico_tmc2209", "--json"])
    said = json.loads(done.stdout)
    assert said["board"] == "pico_tmc2209" and said["erases"] is True and said["bytes"] == 512 * said["blocks"]


def test_it_never_writes_over_its_source(source: Path) -> None:
    before = source.read_bytes()
    done = CliRunner().invoke(app, ["uf2", "--image", str(source), "--out", str(source)])
    assert done.exit_code == 2 and source.read_bytes() == before


@pytest.mark.parametrize("board", ["pico_a4988", "pico_tmc2209"])
def test_a_build_with_the_firmware_frozen_in_gets_an_empty_filesystem(tmp_path: Path, board: str) -> None:
    path = tmp_path / "firmware.uf2"
    path.write_bytes(official(firmware(board=board)))
    made = dragdrop.build(path, board)
    assert made.files == {} and on_littlefs(bytes(flashed(made.uf2)[FS - FLASH :])) == {}


def test_the_board_that_is_frozen_in_decides(tmp_path: Path) -> None:
    path = tmp_path / "firmware.uf2"
    path.write_bytes(official(firmware(board="pico_tmc2209")))
    with pytest.raises(ImageError) as refused:
        dragdrop.build(path, "pico_a4988")
    assert "board pico_tmc2209 frozen in, not for pico_a4988" in str(refused.value) and "--board pico_tmc2209" in str(refused.value)
