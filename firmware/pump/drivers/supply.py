"""The supply port: the motor's supply through a divider, and the chip's own thermometer. mV and tenths of a degree C, integers.

The thermometer gives 0.706 V at 27 C and 1.721 mV less for each C more (RP2040 datasheet, 4.9.5); it is good for a few C. Read by the
app every few seconds; nothing is kept, so nothing can be stale. Called by start.py.
"""

from pump.drivers.adc import microvolts

_SENSOR = 4
_AT_27_UV = 706000
_UV_PER_C = 1721
_LEAST, _MOST = -200, 1400  # beyond it the sensor or its reference is broken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Module = Any
else:
    Module = object


class Supply:
    """`machine` is MicroPython's module. Without PIN_SUPPLY there is a temperature only."""

    def __init__(self, machine: Module, board: Module) -> None:
        self._sensor = machine.ADC(_SENSOR).read_u16
        self._supply = None
        if board.PIN_SUPPLY is not None:
            self._supply = machine.ADC(machine.Pin(board.PIN_SUPPLY)).read_u16
            self._mv_per_v = board.SUPPLY_MV_PER_V

    def read(self) -> tuple:
        """The port: (mV or None, tenths of a degree C or None)."""
        millivolts = None
        if self._supply is not None:
            millivolts = (microvolts(self._supply) * self._mv_per_v + 500000) // 1000000
        tenths = 270 - (20 * (microvolts(self._sensor) - _AT_27_UV) + _UV_PER_C) // (2 * _UV_PER_C)
        return millivolts, tenths if _LEAST <= tenths <= _MOST else None
