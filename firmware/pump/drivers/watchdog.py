"""The watchdog port: bites after 2 s, tells why the last life ended, keeps four words across every reset but power-on.

Registers from the RP2040 datasheet, 4.7.6. The SDK's reboot function uses scratch 4 to 7; 0 to 3 are ours. machine.reset_cause()
says WDT for a bite and for machine.reset() alike: scratch 4 holds the SDK's mark only while the watchdog was left to bite.
Word 3 is start.py's (how many boots in a row ended in a crash), and for a moment that of `prove`; 0 to 2 are the app's.
"""

from time import sleep_ms

import machine

from pump.drivers.scratch import SCRATCH as _SCRATCH
from pump.drivers.scratch import keep

POWER_ON, WATCHDOG, SOFT = 0, 1, 2  # as in pump/app/ports.py
TIMEOUT_MS = 2000
_BITE = 0x6AB73121  # the SDK's mark of a watchdog that was enabled and not fed
_BITE_MS = 10
_LATE_MS = 200
_PROVING = 0x50524F56


class Watchdog:
    """Made early, started when the loop is about to run: once started it can not be stopped."""

    def __init__(self) -> None:
        self._wdt: machine.WDT | None = None
        self.proven = False  # at this power-on: it has reset the chip when it should
        self._cause = SOFT
        if machine.mem32[_SCRATCH + 16] & 0xFFFFFFFF == _BITE:
            self._cause = WATCHDOG
            self.proven = self.scratch(3) == _PROVING
        if self.proven or machine.reset_cause() == machine.PWRON_RESET:
            self._cause = POWER_ON
            for i in range(4):  # nothing is kept: make sure of it
                self.set_scratch(i, 0)

    def prove(self) -> None:
        """Let it bite once: the boot after it is the power-on boot, with `proven` set. Comes back only if it does not bite."""
        self.set_scratch(3, _PROVING)
        machine.WDT(timeout=_BITE_MS)
        sleep_ms(_LATE_MS)
        self.set_scratch(3, 0)

    def start(self) -> None:
        """From now on it must be fed."""
        if self._wdt is None:
            self._wdt = machine.WDT(timeout=TIMEOUT_MS)

    # --- the port ------------------------------------------------------------------------------------------------------
    def feed(self) -> None:
        """Nothing before it is started."""
        if self._wdt is not None:
            self._wdt.feed()

    def cause(self) -> int:
        """POWER_ON, WATCHDOG or SOFT."""
        return self._cause

    def scratch(self, i: int) -> int:
        """Word i, unsigned."""
        return machine.mem32[_SCRATCH + 4 * i] & 0xFFFFFFFF

    def keep(self, check: int, first: int, second: int) -> None:
        """Words 0 to 2, all of them or none."""
        keep(machine.mem32, self._wdt is not None, (check, first, second))

    def set_scratch(self, i: int, value: int) -> None:
        """Word i: 0 to 3."""
        if not 0 <= i <= 3 or not 0 <= value <= 0xFFFFFFFF:
            raise ValueError("scratch")
        machine.mem32[_SCRATCH + 4 * i] = value
