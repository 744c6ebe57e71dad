"""What stands around an emulated Pico: motor, syringe and tubing behind its pins, the sensors they move, and hands on its buttons.

    bench = Bench(pico, board)                 # before the Pico is started
    bench.control("press SUSPEND 3000")        # {"ok": True}; CONTROLS lists the lines
    bench.control("truth")["delivered_nl"]

The plant is the simulator's (sim/plant.py), told of every edge on STEP. Where a board has them, the quadrature encoder turns with
the screw, the end stop (closed to ground) opens when the syringe is empty, and the ADC sees the voltages of force amplifier and motor
supply. Integers: mV, mN, nL, ms. Used by emulation.py and tests/emulator.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from .emulator import Pico
from .errors import UsageError
from .simulator import device_root
from .wire import limits

CONTROLS = (
    "info",
    "truth",
    "advance MS",
    "speed N|max",
    "press SUSPEND|BOLUS|CONFIRM MS",
    "hold GPIO 0|1|float",
    "force MN|plant",
    "adc GPIO MV",
    "fault occlusion|leak|stall VALUE",
    "cut",
    "reset run",
    "hang",
    "refill NL",
    "mount SYRINGE",
)
_FAULTS = {"occlusion": "occluded", "leak": "leak_permille", "stall": "stalled"}
_GRAY = (0b00, 0b10, 0b11, 0b01)  # A, B of the encoder at the four places of a line, forward
_SUPPLY_MV = 12000
_LOOP_US = 10_000_000  # an advance waits for so much at a time
Answer = dict[str, Any]


def board_module(name: str) -> Any:
    """The module of boards/ with this name."""
    _reach()
    return import_module("boards." + name)


def _reach() -> None:
    """boards/ and sim/ of this package, or of the repository, can be imported."""
    root = str(device_root())
    for path in (root + "/firmware", root):
        if path not in sys.path:
            sys.path.append(path)


class Bench:
    """One syringe, full at the start. Methods may be called from any thread."""

    def __init__(self, pico: Pico, board: Any, syringe: str = "bd-3ml") -> None:
        _reach()
        from sim.plant import Plant

        self.pico = pico
        self.board = board
        self._turn = board.FULL_STEPS * board.MICROSTEPS
        self.plant: Any = Plant(*_syringe(syringe), board.LEAD_NM, self._turn)
        self._force_mn: int | None = None  # what somebody says it is
        self._place = 0  # of the screw, in microsteps, as the encoder has it
        pico.on_step = self._step
        pico.listen(board.PIN_ENABLE, self._enable)
        self._turned(0)
        self._sense()
        if self._part("PIN_SUPPLY", "SUPPLY_MV_PER_V"):
            pico.voltage(board.PIN_SUPPLY, _SUPPLY_MV * 1000 // board.SUPPLY_MV_PER_V)

    # --- lines ---------------------------------------------------------------------------------------------------------
    def control(self, line: str) -> Answer:
        """Do what a line of CONTROLS says: {"ok": true, ...} or {"ok": false, "error": ...}."""
        words = line.split()
        do: Callable[[list[str]], Answer] | None = getattr(self, "_do_" + words[0], None) if words else None
        usage = [row for row in CONTROLS if words and row.split()[0] == words[0]]
        if do is None:
            return {"ok": False, "error": f"{line.strip()}: no such line; there are: {'; '.join(CONTROLS)}"}
        try:
            return {"ok": True} | do(words[1:])
        except (IndexError, KeyError):
            return {"ok": False, "error": f"{line.strip()}: {usage[0]}"}
        except (ValueError, UsageError) as error:
            return {"ok": False, "error": f"{line.strip()}: {error}"}

    def _do_info(self, words: list[str]) -> Answer:
        pico = self.pico
        return {
            "board": self.board.NAME,
            "us": pico.now_us,
            "boot": pico.boots,
            "speed": "max" if pico.speed is None else f"{pico.speed:g}",
        }

    def _do_truth(self, words: list[str]) -> Answer:
        found: Answer = {}

        def look() -> None:
            found.update(self.plant.truth(0, 0, self.pico.now_us))

        self.pico.call(look)
        at = {"us": self.pico.now_us, "boot": self.pico.boots, "force_mn": self._force()}
        return found | at | {"pin_steps": self.pico.steps, "driven_steps": self.pico.driven, "pin_back": self.pico.back}

    def _do_advance(self, words: list[str]) -> Answer:
        end = self.pico.now_us + int(words[0]) * 1000
        while (left := end - self.pico.now_us) > 0:
            self.pico.wait(max(1, min(left, _LOOP_US) // 1000), limit_s=600)
        return {"us": self.pico.now_us}

    def _do_speed(self, words: list[str]) -> Answer:
        self.pico.speed = None if words[0] == "max" else _speed(words[0])
        return {"speed": words[0]}

    def _do_press(self, words: list[str]) -> Answer:
        pin = getattr(self.board, f"PIN_{words[0]}", None) if words[0] in ("SUSPEND", "BOLUS", "CONFIRM") else None
        if pin is None:
            raise ValueError(f"this board has no button {words[0]}")
        self.pico.press(pin, int(words[1]))
        return {}

    def _do_hold(self, words: list[str]) -> Answer:
        self.pico.hold(int(words[0]), {"0": False, "1": True, "float": None}[words[1]])
        return {}

    def _do_force(self, words: list[str]) -> Answer:
        """The ADC sees this force, whatever the plant's is; `plant` gives it back."""
        if not self._part("PIN_FORCE", "FORCE_ZERO_MV"):
            raise ValueError("this board has no force sensor")
        self._force_mn = None if words[0] == "plant" else int(words[0])
        self.pico.call(self._sense)
        return {"force_mn": self._force()}

    def _do_adc(self, words: list[str]) -> Answer:
        gpio, mv = int(words[0]), int(words[1])
        if gpio not in (26, 27, 28):
            raise ValueError("the ADC has GPIO 26, 27 and 28")
        self.pico.voltage(gpio, mv)
        return {}

    def _do_fault(self, words: list[str]) -> Answer:
        self.pico.call(lambda: self.plant.fault(_FAULTS[words[0]], int(words[1]), self.pico.now_us))
        return {}

    def _do_cut(self, words: list[str]) -> Answer:
        """Power off and on again; the flash is kept, and no clock of an emulated Pico knows for how long it was."""
        self.pico.reset(power=True)
        return {"boot": self.pico.boots}

    def _do_reset(self, words: list[str]) -> Answer:
        if words[0] != "run":
            raise IndexError
        self.pico.reset(power=False)
        return {"boot": self.pico.boots}

    def _do_hang(self, words: list[str]) -> Answer:
        self.pico.hang()
        return {}

    def _do_refill(self, words: list[str]) -> Answer:
        self.pico.call(lambda: self.plant.refill(int(words[0]), self.pico.now_us))
        self.pico.call(self._sense)
        return {}

    def _do_mount(self, words: list[str]) -> Answer:
        bore_um, capacity_nl = _syringe(words[0])
        self.pico.call(lambda: self.plant.mount(bore_um, capacity_nl, self.pico.now_us))
        self.pico.call(self._sense)
        return {}

    # --- in the emulator's thread --------------------------------------------------------------------------------------
    def _step(self, forward: bool, at_us: int) -> None:
        plant = self.plant
        before = plant.reservoir_q
        if forward:
            plant.push(1, at_us)
        elif hasattr(plant, "pull"):
            plant.pull(1, at_us)
        if plant.reservoir_q != before:
            self._turned(1 if forward else -1)
        self._sense()

    def _enable(self, level: int) -> None:
        self.plant.enabled = level == self.board.ENABLE_ON

    def _turned(self, by: int) -> None:
        """The encoder follows the screw."""
        if not self._part("PIN_ENCODER_A", "ENCODER_COUNTS"):
            return
        self._place += by
        gray = _GRAY[self._place * self.board.ENCODER_COUNTS // self._turn % 4]
        for pin, bit in ((self.board.PIN_ENCODER_A, 2), (self.board.PIN_ENCODER_B, 1)):
            self.pico.drive(pin, bool(gray & bit))
        self.pico.look()

    def _sense(self) -> None:
        """What the force amplifier and the empty end's stop say now."""
        board = self.board
        if self._part("PIN_FORCE", "FORCE_ZERO_MV"):
            self.pico.voltage(board.PIN_FORCE, board.FORCE_ZERO_MV + self._force() * 1000 // board.FORCE_MN_PER_V)
        if self._part("PIN_STOP_EMPTY", "PIN_STOP_EMPTY"):
            self.pico.drive(board.PIN_STOP_EMPTY, False if self.plant.reservoir_q else None)

    def _force(self) -> int:
        if self._force_mn is not None:
            return self._force_mn
        return int(self.plant.force_mn(self.plant.cell * 1000000)) if hasattr(self.plant, "force_mn") else 0

    def _part(self, pin: str, constant: str) -> bool:
        """Whether the board has it."""
        return getattr(self.board, pin, None) is not None and hasattr(self.board, constant)


def _speed(word: str) -> float:
    value = float(word)
    if not 0 < value < 1e6:
        raise ValueError("a number of times real time, or max")
    return value


def _syringe(name: str) -> tuple[int, int]:
    row = limits.syringe(name)
    if row is None:
        raise ValueError(f"no syringe {name}; there are {', '.join(row[0] for row in limits.SYRINGES)}")
    return row[1], row[2]
