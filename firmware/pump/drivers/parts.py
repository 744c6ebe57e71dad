"""The ports of what a board may have or not: {name of the port: its driver, or None}. A driver that is not needed is not loaded.

A clock is always there, if only one that never knows the time. Called by pump/start.py.
"""

import machine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Module = Any
else:
    Module = object
_SETTLE_MS = 100
_I2C_HZ = 100000
_I2C_US = 5000  # a clock that holds the bus holds up the loop no longer


def parts(board: Module, rp2: Module, time: Module) -> dict:
    """ends, force, encoder, supply, driver and rtc."""
    found: dict = {"ends": None, "force": None, "encoder": None, "driver": None}
    if board.PIN_STOP_EMPTY is not None or board.PIN_STOP_BACK is not None or board.PIN_SEAT is not None:
        from pump.drivers.ends import Ends

        found["ends"] = Ends(machine, time, board)
    if board.PIN_FORCE is not None:
        from pump.drivers.force import Force

        found["force"] = Force(machine, time, board)
    if board.PIN_ENCODER_A is not None:
        from pump.drivers.encoder import Encoder

        found["encoder"] = Encoder(rp2, machine, board)
    if board.PIN_UART_TX is not None:
        from pump.drivers.tmc2209 import Tmc2209

        found["driver"] = driver = Tmc2209(_uart(board), time, board)
        for _ in range(_SETTLE_MS // 2):  # motion begins with the right microsteps
            driver.poll()
            if driver.settled():
                break
            time.sleep_ms(2)
    from pump.drivers.supply import Supply

    found["supply"] = Supply(machine, board)
    found["rtc"] = _rtc(board)
    return found


def _uart(board: Module) -> object:
    number = (board.PIN_UART_TX + 4) // 8 % 2  # GPIO 0 to 3 are UART 0, 4 to 11 UART 1, 12 to 19 UART 0 ...
    tx, rx = machine.Pin(board.PIN_UART_TX), machine.Pin(board.PIN_UART_RX)
    return machine.UART(number, baudrate=115200, tx=tx, rx=rx, timeout=0, rxbuf=64)


def _rtc(board: Module) -> object:
    if board.PIN_SDA is None:
        from pump.drivers.rtc import NoRtc

        return NoRtc()
    from pump.drivers.ds3231 import Ds3231

    number = board.PIN_SDA // 2 % 2  # GPIO 0, 4, 8 ... are I2C 0, the others I2C 1
    scl, sda = machine.Pin(board.PIN_SCL), machine.Pin(board.PIN_SDA)
    return Ds3231(machine.I2C(number, scl=scl, sda=sda, freq=_I2C_HZ, timeout=_I2C_US))
