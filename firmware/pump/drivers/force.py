"""The force port: a load cell behind the plunger's pusher, through an amplifier, on an ADC pin. mN, integers, calibrated by the board.

    force = (voltage - FORCE_ZERO_MV) * FORCE_MN_PER_V        a negative one is a pull: play, or a cell that is not zeroed

An amplifier does not reach its rails, so what is within 50 mV of them is a wire that is open or short, and gives None. A reading
is never stale: `read` converts again when the last one is older than 20 ms, whatever the loop was busy with. Called by start.py if
PIN_FORCE is there; read by the app before each slow step and every 250 ms in a train.
"""

from pump.drivers.adc import microvolts

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
        self._uv = microvolts(self._read_u16)
        self._at = time.ticks_ms()

    def read(self) -> "int | None":
        """The port: mN, or None if out of the amplifier's range."""
        now = self._time.ticks_ms()
        if not 0 <= self._time.ticks_diff(now, self._at) < _EVERY_MS:
            self._uv = microvolts(self._read_u16)
            self._at = now
        if not _LOW_UV <= self._uv <= _HIGH_UV:
            return None
        return (self._uv - self._zero_uv) * self._mn_per_v // 1000000
