"""The self test's port on a Pico: what this chip and its board can try without moving anything. pump/app/selftest.py calls and orders it.

Each test gives "" if all is well, a text that says what was seen, True while there is more to try, None if the board has no such part.
`ram` and `code` are slices for idle time too: 1 KB, or one file. The watchdog's own test is over when this is built: start.py let it
bite before anything else. Registers from the RP2040 datasheet, 4.5.3.
"""

from binascii import crc32
from time import sleep_ms, ticks_diff, ticks_ms, ticks_us

from pump.drivers.memory import Ram, processor
from pump.drivers.watchdog import POWER_ON

CODE = "/lib/pump/code.txt"  # made by what flashes: a line for each file of the firmware, its path and its CRC-32
_HZ = 125000000
_HELD_MS = 3000
_BOUNCE_MS = 50
_BEEP_MS = 100
_PWM_COUNTER = 0x40050008
_COLD, _HOT = 17116, 11648  # of 65536 of 3.3 V: the chip's thermometer at -20 and 140 C (datasheet 4.9.5)
_SENSOR = 4
_WORD = b"post"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Module = Any
else:
    Module = object


class Post:
    """`machine` is MicroPython's module, `hw` the board's ports."""

    def __init__(self, machine: Module, hw: Module) -> None:
        self._machine = machine
        self._hw = hw
        self._at = 0  # in CODE
        self._since = -1  # ticks at which a test of several calls began
        self._counted: set = set()
        self.processor = processor
        self.ram = Ram().test

    def code(self) -> "str | bool | None":
        """One file; None if the firmware is frozen into MicroPython, whose own CRC nobody knows."""
        try:
            with open(CODE, "rb") as rows:
                rows.seek(self._at)
                row = rows.readline()
                self._at = rows.tell()
        except OSError:
            return None if _frozen() else "the list of the code's files is missing"
        if not row:
            self._at = 0
            return ""
        path, digits = row.decode().split()
        return True if _crc(path) == int(digits, 16) else "%s is not what was flashed" % path.rsplit("/", 1)[-1]

    def watchdog(self) -> str | None:
        """It has bitten at this power-on; in a life that began with a reset before the test nobody has asked it to."""
        if self._hw.watchdog.cause() != POWER_ON:
            return None
        return "" if self._hw.watchdog.proven else "it does not reset the chip"

    def clock(self) -> str:
        """The crystal's two counters agree, and the chip runs at the rate the step program divides."""
        if self._machine.freq() != _HZ:
            return "the chip runs at %d Hz" % self._machine.freq()
        ms, us = ticks_ms(), ticks_us()
        sleep_ms(20)
        by_ms, by_us = ticks_diff(ticks_ms(), ms), ticks_diff(ticks_us(), us)
        if not 20 <= by_ms < 100 or not -2000 < by_us - by_ms * 1000 < 2000:
            return "20 ms were %d ms and %d us" % (by_ms, by_us)
        return ""

    def store(self) -> str:
        """A file can be written, and is there afterwards."""
        files = self._hw.files
        if files is None:
            return "the store can not be mounted"
        try:
            files.write("post", _WORD)
            return "" if files.read("post") == _WORD else "a file is not what was written"
        except OSError as error:
            return "a file can not be written: %r" % error

    def supply(self) -> "str | None":
        """The motor's supply lies within the board's limits."""
        port = getattr(self._hw, "supply", None)
        millivolts = port.read()[0] if port is not None else None
        if millivolts is None:
            return None
        board = self._hw.board
        return "" if board.SUPPLY_MIN_MV <= millivolts <= board.SUPPLY_MAX_MV else "%d mV" % millivolts

    def buttons(self) -> "str | bool":
        """None is held; a hand on it at power-on has 3 s to let go."""
        held_ms = self._passed()
        if held_ms >= _BOUNCE_MS and not self._hw.switches.pressed():
            return self._over("")
        return True if held_ms < _HELD_MS else self._over("a button is held")

    def ends(self) -> "str | None":
        """The carriage is not at both ends at once: a plug is off, or a wire is broken."""
        ends = getattr(self._hw, "ends", None)
        if ends is None or self._hw.board.PIN_STOP_EMPTY is None or self._hw.board.PIN_STOP_BACK is None:
            return None
        return "both end stops are open" if ends.state() & 3 == 3 else ""

    def enable(self) -> str:
        """The motor driver's enable line reads off while it is driven off."""
        board = self._hw.board
        return "" if self._machine.Pin(board.PIN_ENABLE).value() == 1 - board.ENABLE_ON else "the enable line is on"

    def thermometer(self) -> str:
        """Between -20 and 140 C by the chip's own sensor: else the ADC or its reference is not what it should be."""
        value = self._machine.ADC(_SENSOR).read_u16()
        return "" if _HOT < value < _COLD else "it reads %d of 65536" % value

    def tone(self) -> "str | bool":
        """A beep for whoever listens, and its generator counts meanwhile. Nothing hears whether the piezo is there."""
        if self._passed() < _BEEP_MS:
            self._hw.buzzer.tone(True)
            self._counted.add(self._machine.mem32[_PWM_COUNTER + 20 * (self._hw.board.PIN_BUZZER >> 1 & 7)])
            return True
        self._hw.buzzer.tone(False)
        return self._over("" if len(self._counted) > 1 else "its generator does not count")

    def _passed(self) -> int:
        """ms since a test of several calls began."""
        if self._since < 0:
            self._since = ticks_ms()
        return ticks_diff(ticks_ms(), self._since)

    def _over(self, said: str) -> str:
        self._since = -1
        self._counted = set()
        return said


def _crc(path: str) -> int:
    """-1 if it can not be read."""
    block = bytearray(1024)
    view = memoryview(block)
    crc = 0
    try:
        with open(path, "rb") as file:
            while True:
                n = file.readinto(block)
                if not n:
                    return crc
                crc = crc32(view[:n], crc)
    except OSError:
        return -1


def _frozen() -> bool:
    try:
        import frozen_board  # type: ignore[import-not-found]  # noqa: F401
    except ImportError:
        return False
    return True
