"""The stepper driver on a whole emulated Pico under MicroPython's official image: its state machines, its ticks, its interpreter.

What only this can show: that MicroPython takes our programs, and that what the guest is busy with (collecting garbage, sleeping,
400 ms with interrupts off, as in a slow flash erase) costs no step and moves no edge. Needs the image, as test_pico.py does.
"""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.guest import Guest

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
        stepper.grant(0 if i else 100000, 125, 1000)
    said["queued"] = (stepper.room(), stepper.left() + stepper.emitted())
    gc.collect()
    time.sleep_ms(120)
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
finally:
    safe.outputs_off(board)
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def told(uf2: Path, flash: bytes) -> dict[str, Any]:
    """What the guest said; `driven`, `steps`: edges on the pin, with the driver on and in all; `edges`: when."""
    with Guest(uf2, flash) as guest:
        said: dict[str, Any] = json.loads(guest.run(MAIN))
        return said | {"driven": guest.pico.driven, "steps": guest.pico.steps, "edges": list(guest.pico.edges_us)}


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
