"""Moves the plunger back after an occlusion, in short pulls with a look at the force after each. How far is pump/core/backoff.py's word.

`run` is called by the loop while it is `on` or therapy.back_left is not 0. A portion is `owed` to the journal before its first pull.
Never begins by itself: only an occlusion sets therapy.back_left, and the governor lets nothing back that did not go forward before
(GIP 1.8.1).
"""

from pump.app.ports import END_BACK, Hw
from pump.core import backoff
from pump.core.therapy import Therapy

_PERIOD_US = 2000
_SETTLE_MS = 200  # for tubing and sensor to follow
_PULL_STEPS = 64
_NOISE_MN = 10


class Backoff:
    """One at a time; `owed`: a portion was taken from the books that is not durable yet."""

    def __init__(self, hw: Hw, therapy: Therapy) -> None:
        self._stepper = hw.stepper
        self._force = getattr(hw, "force", None)
        self._ends = getattr(hw, "ends", None)
        self._period_us = max(_PERIOD_US, hw.board.MIN_PERIOD_US)
        self._therapy = therapy
        self._first_mn = -1  # force when it began
        self._begun = 0  # steps backwards since boot, then
        self._portion = 0  # durable, not pulled yet
        self._at = 0
        self.on = False  # begun and not over
        self.owed = False

    def run(self, now: int) -> int:
        """The next pull, or the end; ms until this must run again."""
        busy_us = self._stepper.busy_us()
        if busy_us:
            return int(busy_us // 1000 + _SETTLE_MS)
        if now < self._at:
            return self._at - now
        therapy = self._therapy
        force = None if self._force is None else self._force.read()
        if not self.on:
            self.on = True
            self._portion = 0
            self._first_mn = force or 0
            self._begun = self._stepper.reversed()
        back = self._stepper.reversed() - self._begun
        release = backoff.release_steps(therapy)
        left = 0 if force is None or force <= _NOISE_MN else backoff.left_steps(back, self._first_mn, force)
        if left * 2 <= release or self._at_the_back():
            return self._end(back, force or 0)
        if not self._portion:
            self._portion = backoff.portion(therapy)
            if not self._portion:
                return self._end(back, force or 0)
            self.owed = True
            return 0
        pull = min(max(1, release // 8, left // 4), _PULL_STEPS, self._portion)
        self._portion -= pull
        self._stepper.reverse(pull, self._period_us)
        self._at = now + pull * self._period_us // 1000 + _SETTLE_MS
        return self._at - now

    def give_up(self) -> None:
        """The portion could not be made durable: nothing moves."""
        self._end(self._stepper.reversed() - self._begun, 0)

    def _at_the_back(self) -> bool:
        return self._ends is not None and bool(self._ends.state() & END_BACK)

    def _end(self, back: int, force_mn: int) -> int:
        self.on = False
        backoff.end(self._therapy, back, self._portion, backoff.kpa(self._therapy, force_mn))
        self._portion = 0
        return 1
