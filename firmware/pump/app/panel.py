"""The pump's own buttons and its buzzer. SUSPEND held for 3 s suspends; BOLUS gives the patient's bolus,
CONFIRM is asked for by orders (handlers.py, acting); a button held 60 s is stuck."""

from pump.app.ports import BOLUS, CONFIRM, SUSPEND, Hw
from wire.alarms import HIGH, LOW, MEDIUM

_BUTTONS = (SUSPEND, BOLUS, CONFIRM)
_HOLD_MS = 3000
_STUCK_MS = 60000
TRY_MS = 3000  # one pattern of the alarms' self-test
PRIORITIES = (LOW, MEDIUM, HIGH)
NEVER = 1 << 60  # still a small int on the 64-bit ports: it is compared in every step


class Panel:
    """`poll` gives what was asked for; each press asks once."""

    def __init__(self, hw: Hw) -> None:
        self._switches = hw.switches
        self._buzzer = hw.buzzer
        self._since = {button: -1 for button in _BUTTONS}
        self._asked = {button: False for button in _BUTTONS}
        self._pattern = -1
        self._wanted = 0
        self._test = -1  # since when the patterns are tried, -1 if they are not
        self.stuck = False

    def poll(self, now: int) -> int:
        """A mask of what is asked for now: SUSPEND, BOLUS, CONFIRM."""
        if self._test >= 0:
            self._try(now)
        pressed = self._switches.pressed()
        if not pressed and max(self._since.values()) < 0:
            return 0
        asked = 0
        self.stuck = False
        for button in _BUTTONS:
            if not pressed & button:
                self._since[button] = -1
                self._asked[button] = False
                continue
            if self._since[button] < 0:
                self._since[button] = now
            held = now - self._since[button]
            if not self._asked[button] and held >= (_HOLD_MS if button == SUSPEND else 0):
                self._asked[button] = True
                asked |= button
            if held >= _STUCK_MS:
                self.stuck = True
        return asked

    def next(self, now: int) -> int:
        """ms until a held button means something more, or the next pattern is tried."""
        at = NEVER
        if self._test >= 0:
            at = now + TRY_MS - (now - self._test) % TRY_MS
        elif max(self._since.values()) < 0:
            return NEVER
        for button in _BUTTONS:
            since = self._since[button]
            if since >= 0:
                due = since + (_HOLD_MS if button == SUSPEND and not self._asked[button] else _STUCK_MS)
                if due > now and due < at:
                    at = due
        return at - now if at < NEVER else NEVER

    def sound(self, pattern: int) -> None:
        """Sound a priority's pattern, 0 for none. An alarm ends a test."""
        self._wanted = pattern
        if pattern:
            self._test = -1
        if self._test < 0:
            self._play(pattern)

    def test(self, now: int) -> int:
        """Try each pattern once, the lowest first; the ms it takes."""
        self._test = now
        self._try(now)
        return len(PRIORITIES) * TRY_MS

    def _try(self, now: int) -> None:
        turn = (now - self._test) // TRY_MS
        if turn < len(PRIORITIES):
            self._play(PRIORITIES[turn])
            return
        self._test = -1
        self._play(self._wanted)

    def _play(self, pattern: int) -> None:
        if pattern != self._pattern:
            self._pattern = pattern
            self._buzzer.sound(pattern)
