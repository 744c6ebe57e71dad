"""What an emulated Pico's bench puts on its pins, without an emulator: boards/roles.py says that an end stop is closed to ground in reach."""

from typing import Any, cast

from boards import pico_a4988 as board
from tapir.emulated_bench import Bench
from tapir.emulator import Pico

REQ = ("boards",)


class Wires:
    """What is driven: GPIO -> level, None if it floats."""

    def __init__(self) -> None:
        self.levels: dict[int, bool | None] = {}
        self.now_us = 0
        self.on_step: Any = None

    def drive(self, gpio: int, level: bool | None) -> None:
        self.levels[gpio] = level

    def call(self, do: Any) -> None:
        do()

    def listen(self, gpio: int, changed: Any) -> None: ...

    def voltage(self, gpio: int, mv: int) -> None: ...


def test_the_empty_end_is_closed_to_ground_until_the_syringe_is_empty() -> None:
    wires = Wires()
    bench = Bench(cast(Pico, wires), board)
    assert wires.levels[board.PIN_STOP_EMPTY] is False
    assert bench.control("refill 0")["ok"]
    assert wires.levels[board.PIN_STOP_EMPTY] is None
    assert bench.control("refill 3000000")["ok"]
    assert wires.levels[board.PIN_STOP_EMPTY] is False
