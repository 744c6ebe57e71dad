"""Power-on self test: what can be tried without moving anything, in a fixed order; the first that fails ends it (GIP 3.4).

Only at power-on: after a reset a therapy is waiting. `bite` lets the watchdog reset the chip once; the others take some 50 ms. Each
gives "" or what was seen. Called by pump/start.py before any driver but the watchdog is built; keys and journal are boot.py's to judge.
"""

from time import sleep_ms, ticks_diff, ticks_ms, ticks_us

from machine import ADC, Pin, freq

_BITE_MS = 10
_LATE_MS = 200
_RAM_BYTES = 4096
_RAM_TIMES = 8
_HZ = 125000000
_SENSOR = 4  # the chip's own thermometer: 27 C at 0.706 V, 1.721 mV less for each C more (datasheet 4.9.5)
_COLD, _HOT = 17116, 11648  # of 65536 of 3.3 V: -20 and 140 C


def bite(watchdog: object) -> str:
    """Comes back only if the watchdog does not bite."""
    watchdog.prove(_BITE_MS)  # type: ignore[attr-defined]
    sleep_ms(_LATE_MS)
    return "the watchdog does not reset the chip"


def ram() -> str:
    """Patterns through blocks of the heap, all held at once, so that each is another place."""
    held = []
    for _ in range(_RAM_TIMES):
        for pattern in (b"\x55\xaa", b"\xaa\x55", b"\x00\xff", b"\xff\x00"):
            block = bytearray(pattern * (_RAM_BYTES // 2))
            if block != pattern * (_RAM_BYTES // 2):
                return "RAM does not keep what is written"
        held.append(block)
    return ""


def clock() -> str:
    """The crystal's two counters agree, and the chip runs at the rate the step program divides."""
    if freq() != _HZ:
        return "the chip runs at %d Hz" % freq()
    ms, us = ticks_ms(), ticks_us()
    sleep_ms(20)
    by_ms, by_us = ticks_diff(ticks_ms(), ms), ticks_diff(ticks_us(), us)
    if not 20 <= by_ms < 100 or not -2000 < by_us - by_ms * 1000 < 2000:
        return "20 ms were %d ms and %d us" % (by_ms, by_us)
    return ""


def enable(board: object) -> str:
    """The motor driver's enable line reads off while it is driven off."""
    pin = Pin(board.PIN_ENABLE)  # type: ignore[attr-defined]
    return "" if pin.value() == 1 - board.ENABLE_ON else "the enable line is on"  # type: ignore[attr-defined]


def temperature() -> str:
    """Between -20 and 140 C, by the chip's own sensor: else the ADC or its reference is not what it should be."""
    value = ADC(_SENSOR).read_u16()
    return "" if _HOT < value < _COLD else "the thermometer reads %d of 65536" % value


def first_failure(board: object) -> str:
    """All of them but `bite`, in order; "" if all is well."""
    return ram() or clock() or enable(board) or temperature()
