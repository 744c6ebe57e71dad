"""What main.py does when not all is well: the service strap, firmware that crashes, a board that is not said. On an emulated Pico."""

import socket
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from boards import pico_a4988 as board
from tapir import Pump, keys
from tapir.emulator import Pico, Pins
from tapir.messages import SelfTest
from tapir.wire import alarms, schema
from tools import image

PINS = Pins.of(board)
OFF = 1 - board.ENABLE_ON
PATIENCE_S = 120.0
BROKEN = "lib/pump/app/loop.mpy"

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("stock")]


@pytest.fixture(scope="module")
def content() -> dict[str, bytes]:
    return image.files("pico_a4988")


def hear(pico: Pico, enough: Callable[[bytes], bool], say: bytes = b"") -> bytes:
    """What the Pico says until it is enough; `say` is said again whenever it is silent, and the cable survives resets."""
    heard = b""
    while True:
        with socket.create_connection(("127.0.0.1", pico.port)) as sock:
            sock.settimeout(2)
            waited = 0.0
            while True:
                try:
                    data = sock.recv(4096)
                    if not data:
                        break
                    heard += data
                    if enough(heard):
                        return heard
                except TimeoutError:
                    waited += 2
                    assert waited < PATIENCE_S, f"the Pico said only {heard!r}"
                    if say:
                        sock.sendall(say)


def finished(pico: Pico, pump: Pump) -> SelfTest:
    """What became of the self test. Asked seldom: a question costs an emulated Pico as much as a slice of the test."""
    while (tested := pump.self_test()).result == schema.TESTS_RUNNING:
        pico.wait(500, PATIENCE_S)
    return tested


def stopped(data: bytes) -> bool:
    """The whole line is there."""
    _, said, rest = data.partition(b"STOPPED")
    return bool(said) and b"\n" in rest


def without(content: Mapping[str, bytes], path: str) -> bytes:
    return image.pack({name: data for name, data in content.items() if name != path})


def test_the_service_strap_gives_the_repl_with_the_motor_off(uf2: Path, content: dict[str, bytes]) -> None:
    with Pico(uf2, image.pack(content), PINS, grounded=[board.PIN_SERVICE]) as pico:
        heard = hear(pico, lambda data: b"42" in data, b"import sys; print(6 * 7, 'pump.start' in sys.modules)\r\n")
        assert b">>>" in heard and b"42 False" in heard
        assert pico.level(board.PIN_ENABLE) == OFF and pico.level(board.PIN_STEP) == 0
        assert pico.steps == 0 and pico.boots == 1


def test_the_strap_is_the_way_out_of_broken_firmware(uf2: Path, content: dict[str, bytes]) -> None:
    broken = image.pack(content | {"lib/pump/drivers/safe.mpy": b"cut short"})
    with Pico(uf2, broken, PINS, grounded=[board.PIN_SERVICE]) as pico:
        heard = hear(pico, lambda data: b"42" in data, b"print(6 * 7)\r\n")
        assert b"can not start" in heard


def test_without_a_board_nothing_moves_and_it_says_so(uf2: Path, content: dict[str, bytes]) -> None:
    with Pico(uf2, without(content, "board.txt"), PINS) as pico:
        heard = hear(pico, lambda data: data.count(b"can not start") >= 2)
        assert b"GP22" in heard and b">>>" not in heard
        assert pico.level(board.PIN_ENABLE) in (OFF, None) and pico.steps == 0  # it resets every second, and a resistor holds it off


def test_the_motor_driver_is_off_within_20_ms_whatever_comes_then(uf2: Path, content: dict[str, bytes]) -> None:
    """An issue's goal. Here nothing of the firmware can be loaded: it resets again and again, and the strap is the way out."""
    broken = image.pack(content | {"lib/pump/first.mpy": b"cut short"})
    pico = Pico(uf2, broken, PINS)
    off_us: list[int] = []
    pico.listen(board.PIN_ENABLE, lambda level: off_us.append(pico.now_us - pico.booted_us) if level == OFF else None)
    with pico:
        while pico.boots < 3:
            pico.wait(50, PATIENCE_S)
        assert len(off_us) >= 2 and max(off_us) <= 20_000
        pico.hold(board.PIN_SERVICE, False)
        hear(pico, lambda data: b"42" in data, b"print(6 * 7)\r\n")
        assert pico.level(board.PIN_ENABLE) == OFF and pico.steps == 0


def test_three_crashes_in_a_row_stop_for_good(uf2: Path, content: dict[str, bytes]) -> None:
    """Reset after the first two, each with its record; then a HIGH alarm and the reason to whoever asks, and the REPL for nobody."""
    with Pico(uf2, image.pack(content | {BROKEN: b"cut short"}), PINS) as pico:
        heard = hear(pico, stopped, b"\x03?\n")
        assert b"crashed 3 times in a row" in heard and b"ValueError" in heard and b">>>" not in heard
        assert pico.boots == 5  # power-on, the watchdog's test, and after each crash
        assert b"ValueError" in (image.read(pico.image(), "tapir/crash") or b"")
        assert pico.level(board.PIN_ENABLE) == OFF and pico.steps == 0


def test_a_motor_driver_that_never_answers_does_not_hold_up_the_pump(uf2: Path) -> None:
    """pico_tmc2209, with nobody on the UART: no watchdog reset but the one at power-on, and HELLO is answered."""
    with Pico(uf2, image.pack(image.files("pico_tmc2209")), PINS) as pico, Pump.open(pico.url, timeout_s=PATIENCE_S) as pump:
        assert pump.identity.board == "pico_tmc2209"
        assert pico.boots == 2 and pico.steps == 0


@pytest.mark.req("GIP 3.4")
def test_code_that_is_not_what_was_flashed_keeps_it_stopped(uf2: Path, content: dict[str, bytes]) -> None:
    path = "lib/wire/alarms.mpy"
    rotten = content[path].replace(b"wire/alarms.py", b"wire/alarmz.py", 1)  # the name in its header: it runs as before
    assert rotten != content[path]
    with Pico(uf2, image.pack(content | {path: rotten}), PINS) as pico:
        with Pump.open(pico.url, timeout_s=PATIENCE_S) as pump:
            tested = finished(pico, pump)
            assert (tested.result, tested.failed) == (schema.TESTS_FAILED, schema.TEST_CODE)
            assert "self test 3: alarms.mpy" in (pump.hello().why or "")
            assert pump.status().alarm == alarms.SELF_TEST
        assert pico.boots == 2 and pico.level(board.PIN_ENABLE) == OFF and pico.steps == 0


@pytest.mark.req("GIP 3.4", "R17")
def test_hello_answers_during_the_self_test_and_service_gives_the_repl_once(uf2: Path, content: dict[str, bytes], tmp_path: Path) -> None:
    """One power-on: HELLO at once, a self test that passes, then provisioning and the service command, with the motor off throughout."""
    store, made = keys.KeyStore(tmp_path), keys.fresh()
    with Pico(uf2, image.pack(content), PINS) as pico:
        while pico.boots < 2:  # the watchdog's test drops the cable; from here on the question waits for the chip, not the other way round
            pico.wait(10, PATIENCE_S)
        with Pump.open(pico.url, timeout_s=PATIENCE_S) as pump:
            answered_us = pico.now_us - pico.booted_us
            assert pump.identity.why == "the self test runs" and pump.self_test().result == schema.TESTS_RUNNING
            tested = finished(pico, pump)
            print(f"HELLO after {answered_us / 1000:.0f} ms, self test {tested.ms} ms")
            assert (tested.result, tested.passed, tested.total, tested.failed) == (schema.TESTS_PASSED, 12, 12, 0), pump.hello()
            assert tested.ms < 5000 and pico.steps == 0
            store.save_pending(pump.identity.serial, made)
            pump.provision("baclofen-itb", "bd-3ml", made).commit()
            store.promote(pump.identity.serial)
        with Pump.open(pico.url, role="service", keys=store, timeout_s=PATIENCE_S) as pump:
            boots = pico.boots
            pump.service("look inside").commit()
        heard = hear(pico, lambda data: b"42" in data, b"import sys; print(6 * 7, 'pump.start' in sys.modules)\r\n")
        assert b">>>" in heard and b"42 False" in heard and pico.boots == boots + 1
        assert pico.level(board.PIN_ENABLE) == OFF and pico.level(board.PIN_STEP) == 0 and pico.steps == 0
        pico.reset(power=False)
        with Pump.open(pico.url, role="service", keys=store, timeout_s=PATIENCE_S) as pump:
            assert pump.identity.state == schema.READY, "good for one boot"
