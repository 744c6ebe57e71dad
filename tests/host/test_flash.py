"""`tapir flash` with the real mpremote on a real raw REPL: MicroPython's unix port as a Pico at its prompt (prompt_guest.py), on a pty.

Journals are the firmware's own, written on the rig. What is on the flash afterwards is read with littlefs-python.
"""

import json
import os
import pty
import select
import subprocess
import threading
import time
import tty
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from peer import CLINICIAN, OPERATOR, infusing, pump
from sim.files import DictFiles
from tapir import flashing, image, payload
from tapir.cli import app
from tapir.cli.flash import _open_prompt
from tapir.errors import FlashFailed, NotFlashable
from tapir.repl import Repl, knock
from tapir.simulator import SimulatorError, find_interpreter
from tapir.wire import names, schema

REQ = ("flashing",)

GUEST = Path(__file__).with_name("prompt_guest.py")
PICO = "Raspberry Pi Pico with RP2040"
JOURNAL = "tapir/"
MINE = b"from pump.first import boot\n"
SMALL = {
    "lib/wire/a.mpy": b"M\x06a",
    "lib/pump/b.mpy": b"M\x06" + b"b" * 5000,
    "lib/pump/core/c.mpy": b"",
    "board.txt": b"x\n",
    "main.py": MINE,
}


@pytest.fixture(scope="module")
def micropython() -> str:
    try:
        return find_interpreter("micropython")[1][0]
    except SimulatorError:
        pytest.skip("no MicroPython unix port on this machine")


class Board:
    """A Pico at its prompt: `flash` outlives its process, as a chip's does."""

    def __init__(self, micropython: str, folder: Path) -> None:
        self.flash = folder / "flash.bin"
        self._command = micropython
        self._guest: subprocess.Popen[bytes] | None = None
        self.port = ""
        self.passed = 0  # bytes from the host
        self.cut_at: int | None = None  # the power fails after so many of them

    def fill(self, files: Mapping[str, bytes]) -> None:
        self.flash.write_bytes(image.pack(files))

    @property
    def files(self) -> dict[str, bytes]:
        return image.unpack(self.flash.read_bytes())

    @property
    def journal(self) -> dict[str, bytes]:
        return {path: data for path, data in self.files.items() if path.startswith(JOURNAL)}

    def power_on(self, machine: str = PICO, strapped: bool = False, how: str = "open") -> "Board":
        """Two ptys and a relay between them, so that bytes can be counted and the power cut at one."""
        self.power_off()
        ends = [pty.openpty(), pty.openpty()]
        for _, slave in ends:
            tty.setraw(slave)
        (chip, chip_side), (cable, host_side) = ends
        command = [self._command, "-i", str(GUEST), str(self.flash), machine, "strapped" if strapped else how]
        self._guest = subprocess.Popen(command, stdin=chip_side, stdout=chip_side, stderr=chip_side, start_new_session=True)
        os.close(chip_side)
        self.port, self._host_side = os.ttyname(host_side), host_side
        self._relay = threading.Thread(target=self._carry, args=(chip, cable), daemon=True)
        self._relay.start()
        return self

    def _carry(self, chip: int, cable: int) -> None:
        """Until either end is gone; then the port vanishes for the host, as on USB."""
        try:
            while True:
                for source in select.select([chip, cable], [], [])[0]:
                    data = os.read(source, 4096)
                    if source == cable:
                        self.passed += len(data)
                        if self.cut_at is not None and self.passed >= self.cut_at and self._guest:
                            self._guest.kill()
                    os.write(chip if source == cable else cable, data)
        except OSError:
            os.close(chip)
            os.close(cable)

    def power_off(self) -> None:
        if self._guest:
            self._guest.kill()
            self._guest.wait()
            self._guest = None
            self._relay.join()
            os.close(self._host_side)

    def ended(self) -> bool:
        """Whether the board was reset."""
        assert self._guest
        try:
            self._guest.wait(5)
        except subprocess.TimeoutExpired:
            return False
        return True

    def tapir(self, *words: str) -> Result:
        return CliRunner().invoke(app, ["--timeout", "2", "flash", "--port", self.port, *words])


@pytest.fixture
def board(micropython: str, tmp_path: Path) -> Iterator[Board]:
    made = Board(micropython, tmp_path)
    made.fill({})
    yield made
    made.power_off()


@pytest.fixture(scope="module")
def firmware() -> dict[str, bytes]:
    return payload.files("pico_a4988")


def journal(story: Callable[[DictFiles], object]) -> dict[str, bytes]:
    """What the firmware wrote while `story` happened."""
    files = DictFiles()
    story(files)
    return {JOURNAL + name: data for name, data in files.content.items() if not name.endswith("/")}


def ready(files: DictFiles) -> None:
    pump(files=files)


def running(files: DictFiles) -> None:
    infusing(files=files)


def suspended(files: DictFiles) -> None:
    infusing(files=files).ok("SUSPEND", OPERATOR)


def held(files: DictFiles) -> None:
    peer = infusing(files=files)
    peer.rig.advance(3600_000)
    peer.rig.cut(7200_000)
    assert peer.status()["state"] == schema.HELD


def tapering(files: DictFiles) -> None:
    infusing(files=files).ok("TAPER", CLINICIAN, to_ng_per_day=0, preset=schema.TAPER_LABEL)


# --- what it does -----------------------------------------------------------------------------------------------------------
def test_a_new_pico_becomes_a_pump(board: Board, firmware: dict[str, bytes]) -> None:
    board.power_on()
    done = board.tapir("--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["written"][-2:] == ["board.txt", "main.py"] and len(said["written"]) == len(firmware)
    assert (said["board"], said["state_name"], said["removed"]) == ("pico_a4988", "UNPROVISIONED", [])
    assert board.ended()  # reset: it starts
    assert board.files == firmware


def test_nothing_is_copied_twice(board: Board, firmware: dict[str, bytes]) -> None:
    board.fill(firmware)
    board.power_on(strapped=True)
    before = board.flash.read_bytes()
    done = board.tapir()
    assert done.exit_code == 0 and "Nothing to copy" in done.stdout and "take the wire off GP22" in done.stdout
    assert board.flash.read_bytes() == before


def test_only_what_changed_is_copied_and_the_journal_stays(board: Board, firmware: dict[str, bytes]) -> None:
    old = firmware | {
        "lib/pump/core/cap.mpy": b"M\x06 of last year",
        "lib/pump/core/gone.mpy": b"M\x06",
        "lib/pump/app/loop.py": b"x = 1\n",
    }
    kept = journal(ready)
    board.fill(old | kept | {"notes.txt": b"somebody's", "lib/other.py": b"y = 2\n"})
    board.power_on(strapped=True)
    done = board.tapir("--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["written"] == ["lib/pump/core/cap.mpy", "main.py"]
    assert said["removed"] == ["lib/pump/app/loop.py", "lib/pump/core/gone.mpy"]  # a .py would be imported instead of the .mpy
    assert (said["state_name"], said["strapped"]) == ("READY", True)
    assert board.files == firmware | kept | {"notes.txt": b"somebody's", "lib/other.py": b"y = 2\n"}


def test_the_board_stays_what_it_was_unless_told(board: Board) -> None:
    board.fill(payload.files("pico_tmc2209") | journal(ready))
    board.power_on(strapped=True)
    assert json.loads(board.tapir("--json").stdout)["board"] == "pico_tmc2209"
    board.power_on(strapped=True)
    done = board.tapir("--board", "pico_a4988")
    assert done.exit_code == 0 and "it was pico_tmc2209" in done.stdout
    assert board.files["board.txt"] == b"pico_a4988\n"
    assert "lib/boards/pico_tmc2209.mpy" not in board.files


# --- interruptions ----------------------------------------------------------------------------------------------------------
class Cut(Exception):
    """The cable is out."""


class Fragile(Repl):
    """Fails at the `left`-th action from now, a file half written."""

    left = 10**9
    flip = False

    def run(self, program: str) -> object:
        self._count()
        return super().run(program)

    def put(self, path: str, data: bytes) -> None:
        try:
            self._count()
        except FlashFailed:
            super().put(path, data[: len(data) // 2])
            raise
        super().put(path, b"?" + data[1:] if self.flip and path.endswith("b.mpy") else data)

    def _count(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise FlashFailed("the cable is out.")


def test_whatever_it_is_interrupted_at_the_next_one_repairs(board: Board) -> None:
    """At each of its steps: an old pump before, then either no main.py or all of the new one; the journal never changes."""
    kept = journal(ready)
    old = {path: b"M\x06 old" for path in (*SMALL, "lib/pump/gone.mpy")} | {"main.py": MINE + b"#old\n"}
    at = 0
    while True:
        at += 1
        board.fill(old | kept)
        board.power_on(strapped=True)
        with Fragile(board.port, 5) as repl:
            seen = flashing.survey(repl)
            repl.left = at
            try:
                flashing.carry_out(repl, flashing.Plan.of(seen, SMALL), seen.free)
                break
            except FlashFailed as failed:
                assert "the cable is out" in failed.problem and "Say tapir flash again" in failed.hint
            repl.left = 10**9
            now = board.files
            if at > 2:  # after main.py was taken away
                assert "main.py" not in now or {path: now[path] for path in SMALL if path != "main.py"} == {
                    path: data for path, data in SMALL.items() if path != "main.py"
                }
            assert board.journal == kept
            seen = flashing.survey(repl)
            flashing.admit(seen)
            flashing.carry_out(repl, flashing.Plan.of(seen, SMALL), seen.free)
        assert board.files == SMALL | kept, f"interrupted at step {at}"
    assert at > len(SMALL) + 5


def test_the_power_fails_in_the_middle_and_the_next_one_repairs(board: Board, firmware: dict[str, bytes]) -> None:
    kept = journal(ready)
    board.fill({"main.py": MINE, "board.txt": b"pico_a4988\n", "lib/pump/start.mpy": b"M\x06old"} | kept)
    board.cut_at = 60_000
    board.power_on(strapped=True)
    done = board.tapir()
    assert done.exit_code == 3, done.output
    assert "files were written" in done.output and "Say tapir flash again" in done.output
    assert "main.py" not in board.files and board.journal == kept
    board.cut_at = None
    board.power_on()
    done = board.tapir("--json")
    assert done.exit_code == 0, done.output
    assert 0 < len(json.loads(done.stdout)["written"]) < len(firmware)
    assert board.files == firmware | kept


def test_a_file_that_arrives_otherwise_is_noticed(board: Board) -> None:
    board.power_on()
    with Fragile(board.port, 5) as repl:
        repl.flip = True
        seen = flashing.survey(repl)
        with pytest.raises(FlashFailed, match="lib/pump/b.mpy did not arrive as sent"):
            flashing.carry_out(repl, flashing.Plan.of(seen, SMALL), seen.free)
    assert "main.py" not in board.files


# --- refusals ---------------------------------------------------------------------------------------------------------------
@pytest.mark.req("R17")
@pytest.mark.parametrize(
    ("story", "name", "told"),
    [
        (running, "INFUSING", "tapir taper"),
        (tapering, "TAPERING", "tapir taper"),
        (suspended, "SUSPENDED", "tapir resume"),
        (held, "HELD", "tapir resume"),
    ],
    ids=["running", "tapering", "suspended", "held"],
)
def test_a_therapy_that_is_not_over_refuses_by_its_journal(
    board: Board, firmware: dict[str, bytes], story: Callable[[DictFiles], object], name: str, told: str
) -> None:
    """With the strap no pump answers: the journal does."""
    board.fill(firmware | {"lib/pump/start.mpy": b"M\x06old"} | journal(story))
    board.power_on(strapped=True)
    before = board.flash.read_bytes()
    done = board.tapir("--replace", "--locked")
    assert done.exit_code == 4, done.output
    assert f"R17 service): the pump is {name}" in done.output and told in done.output
    assert board.flash.read_bytes() == before


def test_a_journal_that_can_not_be_read_asks_a_person(board: Board, firmware: dict[str, bytes]) -> None:
    kept = journal(running)
    kept = {path: b"?" + data[1:] if path.startswith(JOURNAL + "state.") else data for path, data in kept.items()}
    board.fill(firmware | {"lib/pump/start.mpy": b"M\x06old"} | kept)
    board.power_on(strapped=True)
    done = board.tapir()
    assert done.exit_code == 4 and "can not be read" in done.output and "--locked" in done.output
    board.power_on(strapped=True)
    assert board.tapir("--locked").exit_code == 0
    assert board.files == firmware | kept


@pytest.mark.parametrize(
    "strangers",
    [
        {"main.py": b"import blink\n"},
        {"boot.py": b"import webrepl\n"},
        {"pump/__init__.py": b""},
        {"lib/wire.py": b""},
        {"boards.mpy": b""},
    ],
    ids=lambda files: next(iter(files)),
)
def test_another_program_is_named_and_not_deleted_unasked(board: Board, strangers: dict[str, bytes]) -> None:
    board.fill(strangers)
    board.power_on()
    before = board.flash.read_bytes()
    done = board.tapir()
    assert done.exit_code == 4 and next(iter(strangers)) in done.output and "--replace" in done.output
    assert board.flash.read_bytes() == before


def test_another_program_is_deleted_when_told(board: Board, firmware: dict[str, bytes]) -> None:
    board.fill({"main.py": b"import blink\n", "boot.py": b"", "pump/__init__.py": b"", "lib/wire.py": b"", "blink.py": b"x = 1\n"})
    board.power_on()
    done = board.tapir("--replace")
    assert done.exit_code == 0, done.output
    assert board.files == firmware | {"blink.py": b"x = 1\n"}


def test_another_chip(board: Board) -> None:
    board.power_on("Raspberry Pi Pico2 with RP2350")
    done = board.tapir()
    assert done.exit_code == 4 and "Pico2 with RP2350" in done.output and "RP2040" in done.output
    assert board.files == {}


def test_a_build_with_the_firmware_in_it(board: Board) -> None:
    board.power_on("Tapir on a Raspberry Pi Pico with RP2040", how="frozen")
    done = board.tapir()
    assert done.exit_code == 4 and "built into its MicroPython" in done.output
    assert board.files == {}


def test_no_room(board: Board) -> None:
    board.fill({"data.bin": b"d" * 1_300_000, "lib/pump/start.mpy": b"M\x06old", "main.py": MINE})
    board.power_on()
    done = board.tapir()
    assert done.exit_code == 4 and "not enough room" in done.output
    assert board.files["main.py"] == MINE


def test_no_such_port_and_no_port_at_all() -> None:
    done = CliRunner().invoke(app, ["flash", "--port", "/dev/ttyACM99"])
    assert done.exit_code == 3 and "There is no port /dev/ttyACM99" in done.output


def test_a_port_in_use(tmp_path: Path) -> None:
    import fcntl

    master, slave = pty.openpty()
    fcntl.flock(slave, fcntl.LOCK_EX | fcntl.LOCK_NB)  # as pyserial holds a port
    done = CliRunner().invoke(app, ["flash", "--port", os.ttyname(slave)])
    assert done.exit_code == 3 and "in use by another program" in done.output
    os.close(master)
    os.close(slave)


class Stranger:
    """A serial device that is no MicroPython: says `words` to every line."""

    def __init__(self, words: bytes) -> None:
        self._words = words
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self.heard = b""
        self._thread = threading.Thread(target=self._talk, daemon=True)
        self._thread.start()

    def _talk(self) -> None:
        try:
            while data := os.read(self._master, 4096):
                self.heard += data
                if self._words and (b"\n" in data or b"\r" in data):
                    os.write(self._master, self._words)
        except OSError:
            pass

    def close(self) -> None:
        os.close(self._slave)
        self._thread.join()
        os.close(self._master)


@pytest.mark.parametrize(
    ("words", "told"),
    [(b"", "says nothing"), (b"echo: unknown command\r\n", "echo: unknown command")],
    ids=["silent", "chatty"],
)
def test_a_device_without_micropython(words: bytes, told: str) -> None:
    stranger = Stranger(words)
    try:
        with pytest.raises(NotFlashable, match=told) as refused:
            Repl(stranger.port, 0.3)
        assert "tapir uf2" in refused.value.hint
    finally:
        stranger.close()


# --- who is there -----------------------------------------------------------------------------------------------------------
@pytest.mark.req("R17")
@pytest.mark.parametrize("state", [row[0] for row in names.STATES], ids=[row[1] for row in names.STATES])
def test_a_pump_at_work_is_asked_its_state(fake, state: int) -> None:  # type: ignore[no-untyped-def]
    """A therapy refuses; else it says how to open the prompt."""
    fake.state = state
    who = knock(fake, 1)
    assert who.hello and who.hello.state == state
    with pytest.raises(NotFlashable) as refused:
        _open_prompt("fake", who, False)
    if state in (schema.UNPROVISIONED, schema.READY, schema.ENDED, schema.LOCKED):
        assert "GP22" in refused.value.hint and "FAKE-1" in refused.value.problem
    else:
        assert "R17" in refused.value.problem
    assert {verb for verb, _ in fake.heard} == {"HELLO"}


def test_a_pump_that_stopped_is_known(fake) -> None:  # type: ignore[no-untyped-def]
    fake.faults = [("HELLO", "deaf")] * 2
    fake._out = b"Tapir STOPPED: crashed 3 times in a row; switch it off and on.\n"
    who = knock(fake, 1)
    assert who.tapir and not who.repl
    with pytest.raises(NotFlashable, match="crashed 3 times") as refused:
        _open_prompt("fake", who, False)
    assert "GP22" in refused.value.hint


def test_a_prompt_is_known_at_once(board: Board) -> None:
    from tapir.transport import SerialTransport

    port = SerialTransport(board.power_on().port)
    began = time.monotonic()
    who = knock(port, 20)
    port.close()
    assert who.repl and not who.tapir and time.monotonic() - began < 10
