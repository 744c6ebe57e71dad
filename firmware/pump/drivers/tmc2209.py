"""The motor driver's own word: a TMC2209 on its UART. Sets microsteps and current, checks that they are so, and asks how it is.

Registers and datagrams from its datasheet, rev. 1.09: sync, address, register, (data,) CRC-8 with the bits of each byte in reverse.
One wire for both ways, so that what is sent comes back first. Every good write counts IFCNT up by one: setting up is believed only if
that count and what is read back are right. A driver that loses its supply forgets all of it, so its reset is looked for (GSTAT).

Nothing here waits: `poll`, which hw.wait calls, takes what has come and sends what is next. The board's straps must give the same
microsteps, because they count from a reset until the next setting up. Called by start.py if PIN_UART_TX is there.
"""

OVERHEATED, SHORT, UNSET = 1, 2, 4
BAUD = 115200

_SYNC, _HOST, _WRITE = 0x05, 0xFF, 0x80
_GCONF, _GSTAT, _IFCNT, _IHOLD_IRUN, _CHOPCONF, _DRV_STATUS = 0x00, 0x01, 0x02, 0x10, 0x6C, 0x6F
_GCONF_VALUE = 0x1C0  # pdn_disable, mstep_reg_select, multistep_filt; current by TMC_RUN alone, StealthChop
_HOLD_DELAY = 8 << 16
_CHOPCONF_VALUE = 0x10010053  # interpolation to 256; blank time 2, TOFF 3, HSTRT 5
_MRES_SHIFT = 24
_GSTAT_ALL = 7  # reset, drv_err, uv_cp: cleared by writing 1
_HOT, _SHORTS, _OPEN, _STILL = 0x03, 0x3C, 0xC0, 1 << 31  # of DRV_STATUS; an open coil is told apart only while it turns
_ANSWER = 8  # bytes
_LATE_MS = 20  # an answer takes 2
_EVERY_MS = 2000
_TRIES = 3

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Module = Any
else:
    Module = object


def crc8(data: bytes) -> int:
    """x^8 + x^2 + x + 1, least significant bit of each byte first."""
    crc = 0
    for byte in data:
        for _ in range(8):
            high = crc >> 7 ^ byte & 1
            crc = crc << 1 & 0xFF ^ (7 if high else 0)
            byte >>= 1
    return crc


def read_request(address: int, register: int) -> bytes:
    frame = bytes((_SYNC, address, register))
    return frame + bytes((crc8(frame),))


def write_request(address: int, register: int, value: int) -> bytes:
    frame = bytes((_SYNC, address, register | _WRITE)) + value.to_bytes(4, "big")
    return frame + bytes((crc8(frame),))


class Tmc2209:
    """`uart` reads what is there or None, writes, and tells with `any` how much has come; `time` is MicroPython's module."""

    def __init__(self, uart: Module, time: Module, board: Module) -> None:
        self._uart = uart
        self._time = time
        self._address = board.TMC_ADDRESS
        steps, mres = board.MICROSTEPS, 8
        while steps > 1:
            steps //= 2
            mres -= 1
        chopconf = _CHOPCONF_VALUE | mres << _MRES_SHIFT
        # (register, what to write or None, what must be read or None)
        self._setting_up = (
            (_IFCNT, None, None),
            (_GCONF, _GCONF_VALUE, None),
            (_IHOLD_IRUN, board.TMC_HOLD | board.TMC_RUN << 8 | _HOLD_DELAY, None),
            (_CHOPCONF, chopconf, None),
            (_GSTAT, _GSTAT_ALL, None),
            (_IFCNT, None, None),
            (_GCONF, None, _GCONF_VALUE),
            (_CHOPCONF, None, chopconf),
        )
        self._looking = ((_GSTAT, None, 0), (_DRV_STATUS, None, None), (_CHOPCONF, None, chopconf))
        self._row: tuple = self._setting_up
        self._i = 0
        self._sent = b""
        self._got = b""
        self._at = time.ticks_ms()  # when it was sent
        self._resting = False  # until the next round is due
        self._ifcnt = -1
        self._failed = 0  # answers in a row
        self._mask = UNSET  # as of now
        self._latched = 0  # since it was last asked for

    def faults(self) -> "int | None":
        """The port: mask of OVERHEATED, SHORT and UNSET (it was reset, its supply is low, or it is not set up as the board says), now
        or since the last call; None if it does not answer."""
        if self._failed >= _TRIES:
            return None
        mask = self._mask | self._latched
        self._latched = 0
        return mask

    def settled(self) -> bool:
        """The first round is over, whatever came of it."""
        return self._resting

    def poll(self) -> None:
        """One step further, if something has come or is due."""
        since = self._time.ticks_diff(self._time.ticks_ms(), self._at)
        if self._resting:
            if 0 <= since < _EVERY_MS:
                return
            self._resting = False
        elif self._sent and not self._answered(since):
            return
        if not self._resting:
            self._send()

    def _send(self) -> None:
        register, value, _ = self._row[self._i]
        self._uart.read()  # whatever is there is no answer
        self._sent = read_request(self._address, register) if value is None else write_request(self._address, register, value)
        self._got = b""
        self._at = self._time.ticks_ms()
        self._uart.write(self._sent)

    def _answered(self, since: int) -> bool:
        """The datagram is dealt with: there is an answer, or it is late."""
        self._got += self._uart.read() or b""
        register, written, wanted = self._row[self._i]
        whole = len(self._sent) + (_ANSWER if written is None else 0)
        if len(self._got) < whole and 0 <= since < _LATE_MS:
            return False
        answer = self._got[len(self._sent) :]
        if self._got[: len(self._sent)] != self._sent:
            self._fail()
        elif written is not None:
            self._next()
        elif len(answer) != _ANSWER or crc8(answer[:-1]) != answer[-1] or answer[:3] != bytes((_SYNC, _HOST, register)):
            self._fail()
        else:
            self._failed = 0
            self._judge(register, int.from_bytes(answer[3:7], "big"), wanted)
        return True

    def _judge(self, register: int, value: int, wanted: "int | None") -> None:
        if wanted is not None and value != wanted:
            self._unset()
            return
        if register == _IFCNT:
            writes = len([row for row in self._row[: self._i] if row[1] is not None])
            if writes and value != (self._ifcnt + writes) & 0xFF:
                self._unset()
                return
            self._ifcnt = value
        elif register == _DRV_STATUS:
            now = (OVERHEATED if value & _HOT else 0) | (SHORT if value & _SHORTS or value & _OPEN and not value & _STILL else 0)
            self._mask = now
            self._latched |= now
        self._next()

    def _next(self) -> None:
        self._i += 1
        if self._i == len(self._row):
            if self._row is self._setting_up:
                self._mask &= ~UNSET
            self._rest(self._looking)

    def _unset(self) -> None:
        """It is not as the board says: set it up again, and say so at least once."""
        self._mask |= UNSET
        self._latched |= UNSET
        at_once = self._row is self._looking
        self._rest(self._setting_up)
        self._resting = not at_once

    def _fail(self) -> None:
        """No good answer: all over again, and when that went on for a while nobody is there."""
        self._failed += 1
        if self._failed >= _TRIES:
            self._mask = UNSET
            self._latched = 0
            self._rest(self._setting_up)
        else:
            self._i = 0

    def _rest(self, row: tuple) -> None:
        self._row = row
        self._i = 0
        self._sent = b""
        self._resting = True
