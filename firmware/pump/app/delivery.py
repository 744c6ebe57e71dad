"""From the plan to the motor: authorises motion in the journal, asks the governor, grants steps.

Two regimes. Slow (a step takes longer than _FAST_MS): step by step, granted up to _LEAD_MS before it is due. Fast: trains that reach at
most _AHEAD_MS ahead, topped up before anything that may stall. Either way a hung interpreter delivers what was granted, and nothing more.
Motion is durable before it happens: `auth` steps may leave, and the intent that says so reaches at most 60 s of basal (or one step, or
the bolus that runs) beyond what is known to have left. Times in ms of pump time.
"""

from pump.app.ports import Hw
from pump.core.plan import STRETCH_MS
from pump.core.reject import Fault
from pump.core.therapy import Therapy
from pump.store.journal import Journal
from wire import alarms

_LEAD_MS = 50
_FAST_MS = 1100
_AHEAD_MS = 500
_WINDOW_MS = 250
_BEFORE_MS = 1000  # no flash call starts closer before a due step
_EARLY_MS = 3000
_HOUR_MS = 3600000
IDLE_MS = _HOUR_MS
_MAGIC = 0x54415049
_WORD = 0xFFFFFFFF
_STEPS, _QUEUE_BITS = 0xFFFFF, 12  # of a scratch word: more than a bolus, and more than the queue holds
_TIME, _AHEAD_BITS = 0x3FFFFF, 10  # more than the hour after which the journal is written at the latest, and more than _AHEAD_MS


class Delivery:
    """Runs once a step of the loop. `replan` after anything that changed rates."""

    def __init__(self, hw: Hw, therapy: Therapy, journal: Journal) -> None:
        self._stepper = hw.stepper
        self._watchdog = hw.watchdog
        self._rtc = hw.rtc
        self._min_period_us = hw.board.MIN_PERIOD_US
        self._therapy = therapy
        self._journal = journal
        self._plan = therapy.plan
        self.auth = 0  # steps of this therapy that the journal lets leave
        self._granted = 0  # since boot
        self._queue_us = 0  # pump time in us at which the queue is empty
        self.fast = False
        self._period_ms = 0
        self._due: int | None = None  # ms; None if nothing moves
        self._limit = 0  # when the therapy changes by itself: nothing beyond is granted
        self._hour = -1
        self._steps = 0  # let through by the governor since its buckets were last journaled ...
        self._since = 0  # ... at this time

    # --- what the loop calls -----------------------------------------------------------------------------------------------

    def replan(self) -> None:
        """Rates or the plan itself may have changed."""
        plan = self._plan = self._therapy.plan
        num, den = plan.rate()
        self._due = plan.due()
        self._period_ms = den // num if num else 0
        self.fast = bool(num) and self._period_ms < _FAST_MS
        at = self._therapy.next_event()
        self._limit = at if at is not None else 1 << 60

    def run(self, now: int) -> int:
        """Grant what is due; ms until this must run again. Fault if delivery cannot go on."""
        if now // _HOUR_MS != self._hour:
            self._next_hour(now)
        if self._due is None:
            return IDLE_MS
        if self.fast:
            return self._train(now)
        plan = self._plan
        while self._due - now <= _LEAD_MS and self._due <= self._limit:
            due = self._due
            if plan.emitted >= self.auth:
                self.authorise(now)
            if not self._stepper.room():
                break
            self._allow(1, now)
            after = self._queue_end_us(now)
            delay = max(0, due * 1000 - after)
            plan.settle(due if due > now else now)
            plan.take(1)
            self._due = plan.due()
            self.note(now, 1)
            self._queue_us = after + delay + self._min_period_us
            self._grant(delay, 1, self._min_period_us)
        if plan.emitted >= self.auth:
            at = self._due - max(_BEFORE_MS, min(_EARLY_MS, self._period_ms // 2))
            if at <= now:
                self.authorise(now)
                at = self._due - _LEAD_MS
        else:
            at = self._due - _LEAD_MS
        return max(at - now, 1)

    def on_time(self, now: int, late_ms: int) -> bool:
        """No step that was due so long ago still waits to be granted (tasks.py)."""
        return self._due is None or now - self._due < late_ms or self._due > self._limit

    def quiet(self, now: int) -> bool:
        """A flash call may start: no step is due within a second that is not already with the PIO."""
        if self._due is None:
            return True
        if self.fast:
            return not self._plan.bolus_num
        return self._due - now >= _BEFORE_MS

    def top_up(self, now: int) -> None:
        """Before a flash call that can not wait: let the PIO have what it may, of the plan as it is and not as an order makes it.

        The plan goes on to where the last slot ends (to the ms, so not in a bolus), so that what the order makes of it finds the queue
        free: no step is due before.
        """
        if self.fast and self._due is not None:
            try:
                self._train(now)
            except Fault:
                pass  # `run` meets it again, where it is dealt with
        if self._stepper.busy_us() and not self._plan.bolus_num:
            self._plan.settle(min(-(-self._queue_us // 1000), now + _BEFORE_MS))

    def halted(self) -> None:
        """The stepper was halted: only what left counts, and what did not is not made up for later."""
        plan = self._plan
        emitted = self._stepper.emitted()
        plan.take(emitted - self._granted)
        plan.num = min(plan.num, plan.den // 2)
        self._granted = emitted

    # --- authorisation ---------------------------------------------------------------------------------------------------------

    def known(self) -> int:
        """Steps of this therapy that have left for certain, as of now (what an earlier cut left uncertain is not known)."""
        return int(max(0, self._plan.emitted - self._stepper.left()))

    def stretch(self) -> int:
        """60 s of basal, at least a step: what is authorised ahead of what is known."""
        return max(self._plan.per_ms * STRETCH_MS // self._plan.den, 1)

    def basal_ahead(self) -> int:
        """Of the steps authorised ahead, those of basal: a stretch, and while a bolus runs basal until its end."""
        plan = self._plan
        ms = plan.bolus_start + plan.bolus_ms - plan.t if plan.bolus_num else 0
        return self.stretch() + max(0, ms) * plan.per_ms // plan.den

    def _reach(self) -> int:
        """How far motion may be authorised now: 60 s of basal, at least a step, and all of a running bolus. EMPTY limits it."""
        plan = self._plan
        known = self.known()
        stretch = self.stretch()
        reach = known + stretch
        if self._limit - plan.t < STRETCH_MS:  # another rate follows: what is beyond is not this one's to authorise
            reach = min(reach, plan.emitted + plan.steps_by(max(plan.t, self._limit)))
        if plan.bolus_num:
            reach = plan.emitted + plan.steps_by(plan.bolus_start + plan.bolus_ms) + stretch
        left = self._therapy.reservoir.left_steps(self._therapy.odometer())
        return int(min(max(reach, plan.emitted), plan.emitted + max(left, 0)))

    def _adds_up(self) -> bool:
        """Steps that left and steps still queued are those granted. Pulses go on meanwhile, so the count is read on both sides."""
        stepper = self._stepper
        before = stepper.emitted()
        left = stepper.left()
        return bool(before + left <= self._granted <= stepper.emitted() + left)

    def authorise(self, now: int) -> None:
        """Write the intent that lets the next stretch leave. Fault if the syringe is empty, the store fails or the motor lies."""
        if not self._adds_up():
            raise Fault(alarms.MOTOR)
        plan = self._plan
        if self._therapy.reservoir.left_steps(self._therapy.odometer()) <= 0:
            raise Fault(alarms.EMPTY)
        auth = max(self._reach(), plan.emitted + 1)
        seconds = self._rtc.seconds()
        try:
            self._journal.save_intent([now, plan.t, plan.num, plan.emitted, self.known(), auth, seconds, self._steps, self._since])
        except OSError:
            raise Fault(alarms.STORE)
        self.auth = auth
        self._therapy.runs()
        self._therapy.watch_books()

    def authorised(self, now: int) -> list:
        """What a checkpoint says in the intent's place: known, auth, the board's clock, the governor's hour."""
        # Nothing is authorised by a boot alone: else each of many cuts would count steps that were never due.
        moving = self._granted and self._plan.rate()[0]
        self.auth = self._reach() if moving or self._plan.bolus_num else self._plan.emitted
        governor = self._therapy.governor
        governor.roll(now)
        self._steps, self._since = 0, now
        hour = now // _HOUR_MS
        hours = [governor.hour(number) for number in (hour - 1, hour) if number >= self._hour]
        return [self.known(), self.auth, self._rtc.seconds(), hours]

    # --- motion --------------------------------------------------------------------------------------------------------------------

    def _train(self, now: int) -> int:
        """Fill the queue up to _AHEAD_MS ahead, or to where the therapy changes. Whole windows only: short ones would use up its places."""
        plan = self._plan
        plan.settle(now)
        places = 1 if self._period_ms * 2 >= _WINDOW_MS else 2  # two steps have one period, more of them two
        while plan.t < self._limit and self._stepper.room() >= places:
            end = min(plan.t + _WINDOW_MS, self._limit)
            if end > now + _AHEAD_MS:
                break
            steps = plan.steps_by(end)
            if plan.emitted + steps > self.auth:
                if plan.t - now < _WINDOW_MS and plan.emitted < self.auth:
                    steps = self.auth - plan.emitted  # these first, then there is time to write
                    end = plan.t - -(plan.due_us(steps) or 0) // 1000
                else:
                    self.authorise(now)
                    steps = min(steps, self.auth - plan.emitted)
            if steps:
                self._grant_train(steps, now, end)
            else:
                plan.settle(end)
                self.note(now)
            self._due = plan.t
        if plan.t - now >= _WINDOW_MS and plan.emitted + plan.steps_by(plan.t + _AHEAD_MS) > self.auth < self._reach():
            self.authorise(now)  # while the queue is full: the next stretch begins without waiting for the flash
        if plan.t >= self._limit:
            return max(1, self._limit - now)
        return max(1, min(_WINDOW_MS, plan.t - now - _WINDOW_MS))

    def _grant_train(self, steps: int, now: int, end: int) -> None:
        """Steps from plan.t to `end`, each within a us or two of its own time or a quarter of the train's rounding."""
        self._allow(steps, now)
        plan = self._plan
        start_us = plan.t * 1000
        first = plan.due_us(1) or 0
        period = self._min_period_us
        longer = 0
        if steps > 1:
            span = (plan.due_us(steps) or 0) - first
            period = span // (steps - 1)
            longer = span % (steps - 1)
            if period < self._min_period_us:  # catching up after a stall
                period, longer = self._min_period_us, 0
        after = self._queue_end_us(now)
        delay = max(0, start_us + first - after)
        even = steps - longer
        plan.settle(end)
        plan.take(steps)
        self.note(now, steps)
        self._queue_us = after + delay + steps * period + longer
        self._grant(delay, even, period)
        if longer:
            self._grant(0, longer, period + 1)

    def _queue_end_us(self, now: int) -> int:
        """From when on a grant's delay counts."""
        return self._queue_us if self._stepper.busy_us() else now * 1000

    def _allow(self, steps: int, now: int) -> None:
        """The governor's word, or a Fault."""
        if not self._therapy.governor.release(steps, now):
            raise Fault(alarms.GOVERNOR)
        self._steps += steps

    def _grant(self, delay_us: int, steps: int, period_us: int) -> None:
        """Noted before: whatever fails from here on, the steps are counted."""
        self._stepper.grant(delay_us, steps, period_us)
        self._granted += steps

    # --- what survives a watchdog reset -----------------------------------------------------------------------------------------------

    def note(self, now: int, coming: int = 0) -> None:
        """Into the scratch words: steps granted, how many of them are queued or `coming`, the time and how far ahead of it the plan is."""
        plan = self._plan
        ahead = plan.t - now
        steps = (plan.emitted & _STEPS) << _QUEUE_BITS | self._stepper.left() + coming
        time = (now & _TIME) << _AHEAD_BITS | (ahead if ahead > 0 else 0)
        self._watchdog.keep(_MAGIC ^ steps ^ time ^ self._journal.turn & _WORD, steps, time)

    def noted(self, emitted: int, now: int) -> tuple[int, int, int, int] | None:
        """(steps, of them queued, time, time of the plan) as `note` left them, from the journal on; None if of another turn."""
        scratch = self._watchdog.scratch
        steps, time = scratch(1), scratch(2)
        if scratch(0) != _MAGIC ^ steps ^ time ^ self._journal.turn & _WORD:
            return None
        at = now + ((time >> _AHEAD_BITS) - now & _TIME)
        plan_t = at + (time & (1 << _AHEAD_BITS) - 1)
        more = (steps >> _QUEUE_BITS) - emitted & _STEPS
        if more > _STEPS >> 1:  # fewer: a fault halted what the journal had counted, and could not be journaled itself
            more -= _STEPS + 1
        return emitted + more, steps & (1 << _QUEUE_BITS) - 1, at, plan_t

    # --- the governor's hours ---------------------------------------------------------------------------------------------------------

    def _next_hour(self, now: int) -> None:
        """Journal the hour that ended, in the first quiet moment."""
        if self._hour >= 0 and not self.quiet(now):
            return
        if self._hour >= 0 and self._journal.turn:
            if self._due is None:
                self._beat(now)
            self._tidy()
        self._therapy.governor.roll(now)
        hour = self._therapy.governor.hour(self._hour)
        if self._hour >= 0 and any(hour[2:]):
            try:
                self._journal.save_hour(hour)
            except OSError:
                raise Fault(alarms.STORE)
        self._hour = now // _HOUR_MS
        if self._since < self._hour * _HOUR_MS:
            self._since = self._hour * _HOUR_MS
            self._steps = sum(self._therapy.governor.hour(self._hour)[2:])

    def _tidy(self) -> None:
        """Shelve a full round of the log now, in a quiet moment, rather than with the next event."""
        try:
            self._journal.log.tidy()
        except OSError:
            raise Fault(alarms.STORE)

    def _beat(self, now: int) -> None:
        """Nothing moves, but time passes: what a power cut may lose of a lockout is an hour."""
        plan = self._plan
        try:
            self._journal.save_intent(
                [now, plan.t, plan.num, plan.emitted, self.known(), plan.emitted, self._rtc.seconds(), self._steps, self._since]
            )
        except OSError:
            raise Fault(alarms.STORE)

    def restore_governor(self, hours: list, steps: int, since: int, lost: int, now: int) -> None:
        """After a boot: the journaled hours, those of the checkpoint, the steps since then, and `lost` steps of a bolus lost from sight."""
        governor = self._therapy.governor
        journaled = self._journal.load_hours()
        governor.restore(journaled + hours, now)
        if not any(hour[0] == since // _HOUR_MS for hour in journaled):
            governor.add(steps, since)
        governor.add(lost, now)
        self._hour = now // _HOUR_MS
        self._steps, self._since = 0, now
