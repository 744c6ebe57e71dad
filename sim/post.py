"""The self test's port on the simulated board: what a process can try of itself, and a way to let a test fail (`fault post N`).

It has no code of its own to check, no watchdog to bite and no thermometer; the rest is tried, or says that all is well.
"""

from pump.drivers.memory import Ram, processor

from .power import Bitten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CODE = 3  # schema.TEST_CODE
NUMBERS = {"processor": 1, "ram": 2, "clock": 5, "store": 6, "supply": 7, "buttons": 8, "ends": 9, "enable": 10, "tone": 12}


class Post:
    """`broken`, `hanging`: number of the test that fails, that hangs; 0 none."""

    def __init__(self, hw: "Any") -> None:
        self.broken = self.hanging = 0
        self._hw = hw
        self._ram = Ram()

    def _fails(self, name: str) -> str:
        number = NUMBERS[name]
        if self.hanging == number:
            raise Bitten
        return "broken by a fault" if self.broken == number else ""

    def processor(self) -> str:
        return self._fails("processor") or processor()

    def ram(self) -> "str | bool":
        return self._fails("ram") or self._ram.test()

    def code(self) -> "str | None":
        return "broken by a fault" if self.broken == CODE else None

    def clock(self) -> str:
        return self._fails("clock") or ("" if 0 <= self._hw.clock.ticks_ms() < 1 << 30 else "the clock is out of range")

    def store(self) -> str:
        return self._fails("store") or ("the store can not be mounted" if self._hw.files is None else "")

    def supply(self) -> str:
        return self._fails("supply")

    def buttons(self) -> str:
        return self._fails("buttons") or ("a button is held" if self._hw.switches.pressed() else "")

    def ends(self) -> str:
        return self._fails("ends")

    def enable(self) -> str:
        return self._fails("enable") or ("the enable line is on" if self._hw.plant.enabled else "")

    def tone(self) -> str:
        return self._fails("tone")
