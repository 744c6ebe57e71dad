"""What the encoder on the screw says about the steps that left: a stall, too much or too little (GIP 1.2.2, 1.2.3).

Differences are judged in steps of the motor's driver (microsteps), by integers: `counts x turn` against `steps x COUNTS`. A motor that is
powered or loaded settles up to a full step or two beside where its driver means it to be, so that much is no evidence.
Called by evidence.py every second in a train, else every minute.
"""

from pump.app.ports import Hw

STALLED, OVER, UNDER, NO_ENCODER = 8, 32, 64, 256  # of evidence.py's causes
_WINDOW_MS, _WINDOW_STEPS = 900000, 20
_SHARE = 10  # the tenth that may be missing, or be too much
_CLEARLY = 64  # of a turn: further ahead than that is not the rotor settling
_STALL = 50  # of a turn: steps after which a screw that stands is not the rotor settling


class Turned:
    """Compares while the motor moves; begins anew whenever it has not."""

    def __init__(self, encoder: object, stepper: object, board: Hw) -> None:
        self._encoder = encoder
        self._stepper = stepper
        self._counts = board.ENCODER_COUNTS
        self._turn = board.FULL_STEPS * board.MICROSTEPS
        self._full = board.MICROSTEPS
        self._on = False
        self._under = 0
        self._window = (0, 0, 0)  # ms, steps, counts at its beginning
        self._stretch = (0, 0)  # steps, counts when the screw followed last

    def look(self, now: int, moving: bool) -> int:
        """Causes: STALLED, OVER, UNDER, NO_ENCODER."""
        stepper = self._stepper
        before = stepper.emitted() - stepper.reversed()  # type: ignore[attr-defined]
        count = self._encoder.count()  # type: ignore[attr-defined]
        after = stepper.emitted() - stepper.reversed()  # type: ignore[attr-defined]
        if count is None or not moving or not self._on:
            self._on = moving and count is not None
            self._under = 0
            self._begin(now, before, count)
            return NO_ENCODER if count is None else 0
        return self._judge(now, before, after, count)

    def _begin(self, now: int, steps: int, count: int | None) -> None:
        self._window = (now, steps, count or 0)
        self._stretch = (steps, count or 0)

    def _steps(self, counts: int) -> int:
        return counts * self._turn // self._counts

    def _judge(self, now: int, before: int, after: int, count: int) -> int:
        began, steps, counts = self._window
        turned = self._steps(count - counts)
        lag = before - steps - turned
        lead = turned - (after - steps)
        bad = OVER if lead > self._turn // _CLEARLY else 0
        if 2 * self._steps(count - self._stretch[1]) >= before - self._stretch[0]:
            self._stretch = (before, count)
        elif before - self._stretch[0] >= self._turn // _STALL:
            bad |= STALLED
        asked = before - steps
        if asked >= _WINDOW_STEPS and now - began >= _WINDOW_MS:
            missing = lag * _SHARE > asked
            if lead * _SHARE > asked and lead > self._full:
                bad |= OVER
            self._under = UNDER if missing and lag > self._full else 0
            if self._under or not missing:
                self._window = (now, before, count)
        return bad | self._under
