"""The force port: a load cell behind the plunger's pusher, through an amplifier, on an ADC pin. mN, integers, calibrated by the board.

    force = (voltage - FORCE_ZERO_MV) * FORCE_MN_PER_V        a negative one is a pull: play, or a cell that is not zeroed

An amplifier does not reach its rails, so what is closer to them than _RAIL is a wire that is open or short, and gives None; so does a
reading older than STALE_MS. hw.wait polls; `read` never converts, so that it costs nothing. Called by start.py if PIN_FORCE is there.
"""

from pump.drivers.adc import microvolts

STALE_MS = 500
_EVERY_MS = 20
_LOW_UV, _HIGH_UV = 50000, 3250000

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Module = Any
else:
    Module = object


class Force:
    """`machine` and `time` are MicroPython's modules."""

    def __init__(self, machine: Module, time: Module, board: Module) -> None:
        self._read_u16 = machine.ADC(machine.Pin(board.PIN_FORCE)).read_u16
        self._time = time
        self._zero_uv = board.FORCE_ZERO_MV * 1000
        self._mn_per_v = board.FORCE_MN_PER_V
        self._uv = 0
        self._at = 0
        self._fresh = False
        self.poll()

    def poll(self) -> None:
        """Convert, if the last reading is older than _EVERY_MS."""
        now = self._time.ticks_ms()
        if self._fresh and 0 <= self._time.ticks_diff(now, self._at) < _EVERY_MS:
            return
        self._uv = microvolts(self._read_u16)
        self._at = now
        self._fresh = True

    def read(self) -> "int | None":
        """The port: mN, or None if stale or out of the amplifier's range."""
        if self._fresh and not 0 <= self._time.ticks_diff(self._time.ticks_ms(), self._at) <= STALE_MS:
            self._fresh = False  # for good, until the next poll: ticks wrap
        if not self._fresh or not _LOW_UV <= self._uv <= _HIGH_UV:
            return None
        return (self._uv - self._zero_uv) * self._mn_per_v // 1000000
