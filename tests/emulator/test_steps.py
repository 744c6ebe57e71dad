"""The stepper driver on a whole emulated Pico under MicroPython's official image: its state machines, its ticks, its interpreter.

What only this can show: that MicroPython takes our programs, and that what the guest is busy with (collecting garbage, sleeping,
400 ms with interrupts off, as in a slow flash erase) costs no step and moves no edge. Needs the image, as test_pico.py does.
"""

import itertools
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from boards import pico_a4988
from tapir.emulator import Pico, Pins
from tools import image

pytestmark = pytest.mark.timeout(300)

MAIN = """
import gc, json, machine, rp2, sys, time
from boards import pico_a4988 as board
from pump.drivers import safe
from pump.drivers.stepper import Stepper
board.RAMP = ()  # every train as it was granted
safe.outputs_off(board)
time.sleep_ms(300)
said = {}
try:
    stepper = Stepper(rp2, machine, time, board)
    said["rest"] = (stepper.room(), stepper.left(), stepper.emitted(), stepper.busy_us())
    stepper.enable(True)
    for i in range(4):
        stepper.grant(0, 125, 1000)
    said["queued"] = (stepper.room(), stepper.left() + stepper.emitted())
    gc.collect()
    time.sleep_ms(20)
    state = machine.disable_irq()
    began = time.ticks_us()
    while time.ticks_diff(time.ticks_us(), began) < 400000:
        pass
    machine.enable_irq(state)
    while stepper.busy_us():
        garbage = [0] * 500
    said["train"] = (stepper.room(), stepper.left(), stepper.emitted())
    stepper.grant(0, 300, 400)
    while stepper.left() > 200:
        pass
    lost = stepper.halt()
    said["halt"] = (lost + stepper.emitted(), stepper.left(), stepper.room())
    stepper.grant(0, 10, 400)
    while stepper.busy_us():
        pass
    said["end"] = stepper.emitted()
    said["lost"] = lost
except Exception as error:
    sys.print_exception(error)
while True:
    print("RESULT " + json.dumps(said))
    time.sleep_ms(100)
"""


@pytest.fixture(scope="module")
def told(uf2: Path) -> dict[str, Any]:
    """What the guest said; `driven`, `steps`: edges on the pin, with the driver on and in all; `edges`: when."""
    flash = image.pack(image.files("pico_a4988") | {"main.py": MAIN.encode()})
    pins = Pins.of(pico_a4988)
    with Pico(uf2, flash, pins) as pico:
        with socket.create_connection(("127.0.0.1", pico.port), timeout=200) as cable:
            lines = cable.makefile("r")
            line = next(line for line in lines if line.startswith(("RESULT", "Traceback")))
            assert line.startswith("RESULT"), line + "".join(lines.readline() for _ in range(5))
        seen = {"driven": pico.driven, "steps": pico.steps, "edges": list(pico.edges_us)}
    return json.loads(line.removeprefix("RESULT ")) | seen


def test_it_starts_idle(told: dict[str, Any]) -> None:
    assert told["rest"] == [4, 0, 0, 0]


def test_four_grants_wait_in_the_fifo(told: dict[str, Any]) -> None:
    assert told["queued"] == [0, 500]


def test_500_steps_leave_whatever_the_interpreter_does(told: dict[str, Any]) -> None:
    assert told["train"] == [4, 0, 500]


def test_no_edge_of_the_train_moves(told: dict[str, Any]) -> None:
    """Four grants, one garbage collection, a nap, 400 ms without interrupts: every period is 1000 us."""
    train = told["edges"][:500]
    assert {b - a for a, b in itertools.pairwise(train)} == {1000}


def test_a_halt_accounts_for_every_step(told: dict[str, Any]) -> None:
    assert told["halt"] == [800, 0, 4]
    assert 100 < told["lost"] <= 200


def test_the_count_is_what_the_pin_did(told: dict[str, Any]) -> None:
    assert told["end"] == told["driven"] == told["steps"] == 810 - told["lost"]
