"""The self test, run by the loop: all of it at power-on before anything may move (GIP 3.4), parts of it for ever in idle time (GIP 3.3).

TESTS is the one table: the wire's number, the method of the port hw.post, and whether it is repeated periodically. A method gives "" if
all is well, a text that says what was seen, AGAIN while it has more to try (a slice a call, so that the link is served in between), or
None if the board has no such thing. The first that fails ends it: SELF_TEST or MEMORY stands, and orders that move are refused until a
power-on at which all pass. After a reset nothing is repeated: a therapy is waiting. But a reset in the middle of it (a test that hangs,
until the watchdog bites) is a failure of the test that ran: its number is in the scratch words meanwhile. And a reset before it is
still the power-on (`cold`): the test is yet to come, and the time without power yet to be counted (boot.py).
Times in ms of pump time. Called by loop.py.
"""

from pump.app.ports import POWER_ON, Hw
from pump.core.alarms import Alarms
from pump.core.reject import Fault, Reject
from wire import alarms, codec
from wire import schema as s

AGAIN = True
TESTS = (
    (s.TEST_CPU, "processor", 1),
    (s.TEST_RAM, "ram", 1),
    (s.TEST_CODE, "code", 1),
    (s.TEST_WATCHDOG, "watchdog", 0),
    (s.TEST_CLOCK, "clock", 0),
    (s.TEST_STORE, "store", 0),
    (s.TEST_SUPPLY, "supply", 0),
    (s.TEST_BUTTONS, "buttons", 0),
    (s.TEST_ENDS, "ends", 0),
    (s.TEST_ENABLE, "enable", 0),
    (s.TEST_THERMOMETER, "thermometer", 0),
    (s.TEST_TONE, "tone", 0),
)
_PAUSE_MS = 900000  # between two slices of the periodic tests: some 80 of them are a round, within a day
_STILL_POSSIBLE = ("SUSPEND", "CANCEL", "ACK", "SERVICE")
NEVER = 1 << 60
_PASSED = 0x50415353
_MARK = 0x54455354  # in scratch word 0 while the power-on test runs, where delivery.py's check is else; word 1: the test


class SelfTest:
    """One a boot. `cold`: the power was off before it. `running`: nothing may move yet. `failed`: number of the test that failed, 0 none;
    `seen`: what it saw."""

    def __init__(self, hw: Hw) -> None:
        self._port = getattr(hw, "post", None)
        self._watchdog = hw.watchdog
        warm, word = hw.watchdog.cause() != POWER_ON, hw.watchdog.scratch(0)
        self.cold = not warm or word in (0, _MARK)  # 0: the life that the power began never came to its first note
        self.running = self._port is not None and self.cold and not (warm and word == _MARK)
        self.result = s.TESTS_RUNNING if self.running else s.TESTS_IDLE
        self.passed = 0
        self.total = 0
        self.failed = 0
        self.ms = 0
        self.seen = ""
        self.rounds = 0
        self._row = 0
        self._began = -1
        self._next = -1
        if warm and word == _MARK:
            self.failed, self.result, self.total, self.seen = hw.watchdog.scratch(1), s.TESTS_FAILED, 1, "reset before its end"

    def why(self) -> str:
        """For HELLO: why nothing moves, "" if it is not for this."""
        if self.running:
            return "the self test runs"
        return codec.fit("self test %d: %s" % (self.failed, self.seen)) if self.failed else ""

    def refuse(self, verb: str, standing: Alarms, locked: str) -> None:
        """Nothing that could move before the test has passed, or after it has failed. Why the pump is LOCKED, if it is, says itself."""
        if verb in _STILL_POSSIBLE:
            return
        if self.running:
            raise Reject(s.NOT_NOW, text="the self test runs")
        for code in (alarms.SELF_TEST, alarms.MEMORY):
            entry = standing.find(code)
            if entry is not None and entry[2]:
                raise Reject(s.NOT_NOW, None, "alarm", code, text="alarm")
        if self.failed and not locked:  # whatever became of its alarm
            raise Reject(s.NOT_NOW, None, "alarm", alarms.SELF_TEST, text="alarm")

    def run(self, now: int) -> int:
        """A slice of the power-on test; ms until the next. `running` ends with it."""
        if self._began < 0:
            self._began = now
        self._watchdog.keep(_MARK, TESTS[self._row][0], 0)
        said = self._slice()
        self.ms = now - self._began
        if said is AGAIN:
            return 0
        if said is not None:
            self.total += 1
            if said:
                self.running, self.result = False, s.TESTS_FAILED
                self._fail(str(said))
                return 0
            self.passed += 1
        self._row += 1
        if self._row == len(TESTS):
            self.running, self.result, self._row = False, s.TESTS_PASSED, 0
            self._watchdog.keep(_PASSED, 0, 0)
        return 0

    def idle(self, now: int, quiet: bool) -> int:
        """A slice of the periodic tests, if one is due and nothing else is; ms until the next. Fault if it fails."""
        if self._port is None or self.failed:
            return NEVER
        if self._next < 0:
            self._next = now + _PAUSE_MS
        if now < self._next or not quiet:
            return max(self._next - now, 1) if quiet else NEVER
        self._next = now + _PAUSE_MS
        said = self._slice()
        if said is not AGAIN:
            if said:
                self._fail(str(said))
                raise Fault(alarms.MEMORY)
            self._row += 1
            if self._row == len(TESTS) or not TESTS[self._row][2]:
                self._row = 0
                self.rounds += 1
        return _PAUSE_MS

    def _slice(self) -> "str | bool | None":
        test = getattr(self._port, TESTS[self._row][1], None)
        return test() if test is not None else None

    def _fail(self, seen: str) -> None:
        self.failed = TESTS[self._row][0]
        self.seen = seen
