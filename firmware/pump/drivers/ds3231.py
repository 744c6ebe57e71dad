"""The rtc port over a DS3231: a clock with its own crystal and cell, so that it knows how long the power was off (R7).

Registers from its datasheet: 0..6 seconds to year in BCD, 15 the status, whose bit 7 says that the oscillator has stopped since it was
last cleared. Then, and when it does not answer or says what no clock says, the time is not known: None. Seconds since 2000-01-01;
the years are 2000 to 2099. All 16 registers are read in one transfer, for which the chip holds still. Called by start.py.
"""

_ADDRESS = 0x68
_STATUS = 15
_STOPPED = 0x80
_DAY_S = 86400
_BEFORE = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)  # days of a common year before each month
_LAST_S = 36525 * _DAY_S

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    I2C = Any
else:
    I2C = object


class Ds3231:
    """`i2c` is a machine.I2C, or what reads and writes like one."""

    def __init__(self, i2c: I2C) -> None:
        self._i2c = i2c

    def seconds(self) -> "int | None":
        """The port: since 2000-01-01, or None if it can not be trusted."""
        try:
            registers = self._i2c.readfrom_mem(_ADDRESS, 0, _STATUS + 1)
        except OSError:
            return None
        if registers[_STATUS] & _STOPPED:
            return None
        second, minute, day = _bcd(registers[0], 0, 59), _bcd(registers[1], 0, 59), _bcd(registers[4], 1, 31)
        month, year, hour = _bcd(registers[5] & 0x7F, 1, 12), _bcd(registers[6], 0, 99), _hour(registers[2])
        if min(second, minute, hour, day, month, year) < 0 or day > _days(month, year):
            return None
        days = year * 365 + (year + 3) // 4 + _BEFORE[month - 1] + day - 1
        if month > 2 and year % 4 == 0:
            days += 1
        return days * _DAY_S + hour * 3600 + minute * 60 + second

    def set(self, seconds: int) -> None:
        """Only by order of a host: set it and trust it from now on. OSError if it does not answer."""
        if not 0 <= seconds < _LAST_S:
            raise ValueError("seconds")
        days, rest = seconds // _DAY_S, seconds % _DAY_S
        week = (days + 5) % 7 + 1  # 2000-01-01 was a Saturday; 1 is Monday
        year = days * 4 // 1461
        days -= year * 365 + (year + 3) // 4
        month = 1
        while days >= _days(month, year):
            days -= _days(month, year)
            month += 1
        fields = (rest % 60, rest // 60 % 60, rest // 3600, week, days + 1, month, year)
        self._i2c.writeto_mem(_ADDRESS, 0, bytes([field // 10 << 4 | field % 10 for field in fields]))
        status = self._i2c.readfrom_mem(_ADDRESS, _STATUS, 1)[0]
        self._i2c.writeto_mem(_ADDRESS, _STATUS, bytes([status & ~_STOPPED]))


def _bcd(byte: int, low: int, high: int) -> int:
    """-1 if it is none of the range."""
    value = (byte >> 4) * 10 + (byte & 15)
    return value if byte & 15 <= 9 and low <= value <= high else -1


def _hour(byte: int) -> int:
    if not byte & 0x40:
        return _bcd(byte, 0, 23)
    value = _bcd(byte & 0x1F, 1, 12)  # 12-hour mode, with bit 5 for PM
    return -1 if value < 0 else value % 12 + (12 if byte & 0x20 else 0)


def _days(month: int, year: int) -> int:
    """Of the month; every fourth year to 2099 is a leap year."""
    if month == 2:
        return 29 if year % 4 == 0 else 28
    return 30 if month in (4, 6, 9, 11) else 31
