"""The stepper port: a queue of four grants, exact to the microsecond, worked out when somebody looks.

A grant is `steps` pulses `period_us` apart; each pulse owns a slot of one period that begins with it. A new grant's
first pulse leaves `delay_us` after the later of now and the end of the last granted slot, as a PIO program that waits
out its period before it pulls the next word does. So for a pulse at time T the caller writes
`delay_us = T - now - busy_us()`, whether pulses are queued or not. A grant holds its place until its last slot ends.

`reverse` moves back, for the back-off after an occlusion: only when the queue is empty, and nothing can be granted meanwhile.

Nothing happens per pulse: a query costs two comparisons, a grant is told to the plant once, when it is over.
Called by the app's motion and governor (as hw.stepper); `sync` and `peek` by the bench.
"""

from .clock import Clock
from .plant import Plant
from .trace import Trace

PLACES = 4
_NEVER = 1 << 60


class Stepper:
    def __init__(self, clock: Clock, plant: Plant, trace: Trace, min_period_us: int) -> None:
        self._clock = clock
        self._plant = plant
        self._trace = trace
        self._min_period_us = min_period_us
        self._queue: list[tuple[int, int, int, int]] = []  # (first pulse, steps, period, end of the last slot), in us
        self._done = 0  # pulses of the grants that are over
        self._told = 0  # pulses of the head grant that the plant has been told already
        self._granted = 0
        self._first_us = _NEVER  # of the head grant: the two comparisons
        self._end_us = _NEVER
        self._period_us = 1
        self.jammed = 0  # a fault: no places, ever
        self._back: list[int] = []  # [start, steps, period, of them told to the plant] while it moves back
        self._reversed = 0  # pulses of moves back that are over, or told

    # --- the port -----------------------------------------------------------------------------------------------------
    def grant(self, delay_us: int, steps: int, period_us: int) -> None:
        """Queue `steps` pulses; see the header for when they leave."""
        now = self._clock.us
        if now >= self._end_us:
            self._settle(now)
        queue = self._queue
        if len(queue) >= PLACES:
            raise ValueError("no room")
        if self._back:
            raise ValueError("moving back")
        if period_us < self._min_period_us:
            raise ValueError("period")
        if steps < 1 or delay_us < 0:
            raise ValueError("grant")
        first = (queue[-1][3] if queue else now) + delay_us
        end = first + steps * period_us
        queue.append((first, steps, period_us, end))
        self._granted += steps
        if len(queue) == 1:
            self._first_us = first
            self._end_us = end
            self._period_us = period_us
        if self._trace.on:
            self._trace.add("grant", delay_us, steps, period_us)

    def room(self) -> int:
        """Free places, 0..4."""
        if self._clock.us >= self._end_us:
            self._settle(self._clock.us)
        return 0 if self.jammed else PLACES - len(self._queue)
        return 0 if self._back else PLACES - len(self._queue)

    def emitted(self) -> int:
        """Pulses that left since boot."""
        now = self._clock.us
        if now >= self._end_us:
            self._settle(now)
        if now >= self._first_us:
            return self._done + (now - self._first_us) // self._period_us + 1
        return self._done

    def left(self) -> int:
        """Pulses granted that have not left yet."""
        return self._granted - self.emitted()

    def busy_us(self) -> int:
        """Time until the last granted slot ends; 0 when idle."""
        now = self._clock.us
        if now >= self._end_us:
            self._settle(now)
        return self._queue[-1][3] - now if self._queue else self._end_us - now if self._back else 0

    def halt(self) -> int:
        """Stop at once; the number of granted pulses that will not leave."""
        self.sync()
        emitted = self.emitted()
        lost = self._granted - emitted
        self._done = self._granted = emitted
        self._told = 0
        self._queue = []
        self._back = []
        self._first_us = self._end_us = _NEVER
        self._trace.add("halt", lost)
        return lost

    def reverse(self, steps: int, period_us: int) -> None:
        """Move back by `steps`, the first pulse now. ValueError while anything else moves."""
        now = self._clock.us
        if now >= self._end_us:
            self._settle(now)
        if self._queue or self._back:
            raise ValueError("busy")
        if steps < 1 or period_us < self._min_period_us:
            raise ValueError("reverse")
        self._back = [now, steps, period_us, 0]
        self._end_us = now + steps * period_us
        self._trace.add("reverse", steps, period_us)

    def reversed(self) -> int:
        """Pulses that left backwards since boot."""
        self.sync_back()
        return self._reversed

    def enable(self, on: bool) -> None:
        """Driver on or off. Pulses leave all the same, but move nothing while it is off."""
        self.sync()
        self._plant.enabled = on
        self._trace.add("enable", 1 if on else 0)

    # --- for the bench ----------------------------------------------------------------------------------------------------
    def sync(self) -> None:
        """Tell the plant what left until now, also of a grant that is not over."""
        self.sync_back()
        untold, last_us = self._part()
        if untold:
            self._plant.push(untold, last_us)
            self._told += untold

    def sync_back(self) -> None:
        """The same for a move back."""
        if not self._back:
            return
        start, steps, period, told = self._back
        left = min(steps, (self._clock.us - start) // period + 1)
        if left > told:
            self._plant.pull(left - told, start + (left - 1) * period)
            self._reversed += left - told
            self._back[3] = left
        if self._clock.us >= self._end_us:
            self._back = []
            self._end_us = _NEVER

    def peek(self) -> tuple[int, int]:
        """(pulses the plant does not know yet, time of the last of them): what `sync` would tell."""
        return self._part()

    def _part(self) -> tuple[int, int]:
        now = self._clock.us
        if now >= self._end_us:
            self._settle(now)
        if now < self._first_us:
            return 0, now
        n = (now - self._first_us) // self._period_us
        return n + 1 - self._told, self._first_us + n * self._period_us

    def _settle(self, now: int) -> None:
        """Take the grants that are over off the queue."""
        if self._back:
            self.sync_back()
            return
        queue = self._queue
        while queue and now >= queue[0][3]:
            _, steps, period, end = queue.pop(0)
            self._done += steps
            if steps > self._told:
                self._plant.push(steps - self._told, end - period)
            self._told = 0
        if queue:
            self._first_us, _, self._period_us, self._end_us = queue[0]
        else:
            self._first_us = self._end_us = _NEVER
