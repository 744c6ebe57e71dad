"""The therapy: one object that knows what is prescribed, what runs, and what happens next by itself.

It moves only through states.TABLE (`fire`). Orders from people are checked and carried out by orders/; steps are granted by
pump/app/delivery.py from `plan`. Pure: time comes in as `now`, ms of powered pump time, and never goes back; what happened
goes out as `news` for the journal.
"""

from pump.core import geometry, lockout, prescription, states, taper, titration
from pump.core.alarms import Alarms
from pump.core.governor import Governor
from pump.core.history import History
from pump.core.plan import Plan, steps_to_ng
from pump.core.reject import Reject
from pump.core.reservoir import Reservoir
from wire import alarms, events, limits
from wire import schema as s

DAY_MS = 86400000
_DEFICIT_PERCENT = 5


class Therapy:
    """Built from a board's numbers; empty until `provision` and `start`, or `restore`."""

    def __init__(self, lead_nm: int, steps_per_turn: int, most_per_s: int) -> None:
        self.lead_nm = lead_nm
        self.turn = steps_per_turn
        self.most_per_s = most_per_s
        self.state = s.UNPROVISIONED
        self.now = 0
        self.row: tuple = ()
        self.syringe: tuple = ()
        self.rx: list[int] = []
        self.rx_event = 0
        self.rx_reason = ""
        self.ratio = (0, 1)
        self.per_nl = (0, 1)
        self.calibration = (1, 1)  # steps per nL found by weighing, as a share of what geometry says
        self.plan = Plan((0, 1), 0)
        self.history = History()
        self.taper = taper.Taper()
        self.reservoir = Reservoir((0, 1))
        self.alarms = Alarms()
        self.governor = Governor()
        self.start = 0
        self.gap_steps = 0  # steps that may not have left, though they count
        self.odometer_base = 0  # all steps of earlier therapies
        self.stopped_at = -1  # since when basal is stopped, -1 while it runs
        self.off_ms = 0  # time without power since then; -1 if nobody knows
        self.news: list[tuple[int, int, int, str]] = []

    # --- the table ---------------------------------------------------------------------------------------------------

    def fire(self, event: str) -> None:
        """Follow the table's edge for `event`, or refuse."""
        edge = states.TABLE.get((self.state, event))
        if edge is None:
            raise Reject(s.NOT_NOW, None, "state", self.state, text=event)
        guard, following, actions = edge
        if guard and not getattr(self, guard)():
            raise Reject(s.NOT_NOW, 7, "state", self.state, text=guard)
        self.state = following
        for action in actions:
            getattr(self, action)()

    def tell(self, event: int, a: int = 0, b: int = 0, note: str = "") -> None:
        """One line for the journal."""
        self.news.append((event, a, b, note))

    # --- guards ----------------------------------------------------------------------------------------------------------

    def at_floor(self) -> bool:
        """R4: only from the library's lowest basal does a taper end at nothing."""
        return self.d() <= self.row[limits.BASAL_MIN_NG_PER_DAY]

    def too_late(self) -> bool:
        """R7: stopped for longer than the library's limit, or nobody can say."""
        stopped = self.stopped_ms()
        return stopped < 0 or stopped > self.row[limits.SUSPEND_MAX_MS]

    def in_time(self) -> bool:
        """R7: resuming is still resuming."""
        return not self.too_late()

    # --- actions -----------------------------------------------------------------------------------------------------------
    # `begin`, `program` and `step_down` set what is programmed, `flow` lets it run, `halt` stops it.

    def take_settings(self) -> None:
        """The library entry and the syringe were set by the order; geometry follows."""
        self.calibration = (1, 1)
        self.measure()
        self.reservoir = Reservoir(self.per_nl)
        self.reservoir.refill(self.syringe[2], self.odometer())
        self.rx = []
        self.tell(events.PROVISIONED)

    def measure(self) -> None:
        """Steps per nL: geometry, corrected by the calibration."""
        self.per_nl = geometry.steps_per_nl(self.syringe[1], self.lead_nm * self.calibration[1], self.turn * self.calibration[0])

    def begin_prime(self) -> None:
        """R10: steps counted apart from any dose; the plan's unit is the nL meanwhile. The order starts it."""
        self.odometer_base += self.plan.emitted
        self.ratio = (0, 1)
        self.gap_steps = 0
        self.plan = Plan(self.per_nl, self.now)

    def end_prime(self) -> None:
        """What was not pushed out by now is not."""
        self.plan.end_bolus(self.now)
        self.governor.budget = 0
        self.tell(events.PRIME_ENDED, self.plan.emitted)
        self.odometer_base += self.plan.emitted
        self.gap_steps = 0
        self.plan = Plan((0, 1), self.now)

    def begin(self) -> None:
        """A therapy starts with nothing behind it but the drug of the last 24 h (R6) and the lockouts (R5)."""
        self.odometer_base += self.plan.emitted
        self.ratio = geometry.steps_per_ng(self.per_nl, self.rx[prescription.CONC])
        self.plan = Plan(self.ratio, self.now)
        self.start = self.now
        self.gap_steps = 0
        self.history.rungs = []
        self.program()

    def begin_again(self) -> None:
        """R8 after a long stop: a new start at a rate already set in the prescription."""
        self.tell(events.RESTARTED, self.rx[prescription.BASAL], self.d())
        self.begin()

    def program(self) -> None:
        """D is what the prescription says."""
        basal = self.rx[prescription.BASAL]
        if not self.history.rungs or self.d() != basal:
            self.history.program(self.now, basal)
        self.governor.arm(
            basal,
            self.rx[prescription.MAX_24H],
            self.rx[prescription.CONC],
            self.syringe[1],
            self.lead_nm * self.calibration[1],
            self.turn * self.calibration[0],
            self.now,
        )

    def begin_taper(self) -> None:
        """The order has filled in self.taper."""

    def drop_taper(self) -> None:
        """No taper runs any more."""
        self.taper = taper.Taper()

    def step_down(self) -> None:
        """R4: the next rung, and a full hold on it."""
        before = self.d()
        self.rx[prescription.BASAL] = self.next_rung()
        self.program()
        self.taper.again(self.now)
        self.tell(events.TAPER_STEP, self.d(), before)

    def stop_taper_clock(self) -> None:
        """Time on this rung does not count from here."""
        self.taper.count(self.now, False)

    def pause_taper(self) -> None:
        """Basal stays on this rung until `continue`."""
        self.taper.count(self.now, False)
        self.taper.paused = 1

    def start_taper_clock(self) -> None:
        """Time on this rung counts from here."""
        self.taper.paused = 0
        self.taper.count(self.now, True)

    def flow(self) -> None:
        """Basal runs at D."""
        self.plan.set_rate(self.d(), self.now)
        self.history.flow(self.now, self.d())
        self.stopped_at = -1
        self.off_ms = 0
        self.alarms.clear(alarms.SUSPENDED)
        self.alarms.clear(alarms.POWER_LOST)
        self.alarms.clear(alarms.OVERDUE)

    def halt(self) -> None:
        """Nothing flows; D and everything programmed stay (an interruption, not a reduction)."""
        self.plan.set_rate(0, self.now)
        self.history.flow(self.now, 0)
        self.stopped_at = self.now
        self.off_ms = 0

    def end_bolus(self, early: int = events.BOLUS_INTERRUPTED) -> None:
        """A running bolus ends here, by itself or with the event `early`. It counts whole (R5, R6)."""
        if self.plan.bolus_num:
            dose = self.history.boluses[-1][3]
            elapsed = min(self.now - self.plan.bolus_start, self.plan.bolus_ms)
            whole = elapsed >= self.plan.bolus_ms
            self.plan.end_bolus(self.now)
            self.history.bolus_over(self.now)
            self.tell(events.BOLUS_ENDED if whole else early, dose, elapsed)

    def finish(self) -> None:
        """The therapy is over: no alarm about standing still applies."""
        self.alarms.clear(alarms.SUSPENDED)
        self.alarms.clear(alarms.POWER_LOST)
        self.alarms.clear(alarms.OVERDUE)
        self.history.program(self.now, 0)
        self.tell(events.THERAPY_ENDED)

    # --- what happens by itself ------------------------------------------------------------------------------------------

    def advance(self, now: int) -> bool:
        """Carry out what is due by `now`, each at its own time; true if anything was."""
        changed = False
        while True:
            at = self.next_event()
            if at is None or at > now:
                break
            self.now = max(at, self.now)
            self._event()
            changed = True
        self.now = max(now, self.now)
        return changed

    def next_event(self) -> int | None:
        """When the therapy next changes by itself, None if it does not."""
        at = None
        if self.plan.bolus_num:
            at = self.plan.bolus_start + self.plan.bolus_ms
        if self.state == s.TAPERING:
            due = self.taper_due()
            if at is None or due < at:
                at = due
        if self.state in states.STOPPED and not self.alarms.find(alarms.OVERDUE):
            due = self.now if self.off_ms < 0 else self.stopped_at + max(0, self.row[limits.SUSPEND_MAX_MS] - self.off_ms) + 1
            if at is None or due < at:
                at = due
        return at

    def _event(self) -> None:
        if self.plan.bolus_num and self.plan.bolus_start + self.plan.bolus_ms <= self.now:
            if self.state == s.PRIMING:
                self.fire("primed")
            else:
                self.end_bolus()
        elif self.state == s.TAPERING:
            if self.d() > self.taper.to:
                following = self.next_rung()
                self.fire("taper_step" if following > self.taper.to or self.taper.discontinue else "taper_reached")
            else:
                self.fire("taper_end")
        else:
            self.alarm(alarms.OVERDUE)

    def next_rung(self) -> int:
        """The D that the taper's next step leads to: 0 when the floor has been reached and the therapy ends from there."""
        if self.d() > self.taper.to:
            return taper.next_rung(self.d(), self.taper.percent, self.taper.to)
        return 0 if self.taper.discontinue else self.taper.to

    def taper_due(self) -> int:
        """When this rung has been held in full and R3 allows the next."""
        due = self.taper.mark + self.taper.left_ms
        if self.d() > self.taper.to:
            allowed = titration.lower_at(self.row, self.history, self.next_rung(), due)
            if allowed is not None:
                due = allowed
        return due

    def alarm(self, code: int, on: bool = True) -> None:
        """Set or clear an alarm; what STOPs does so here."""
        if not on:
            if self.alarms.clear(code):
                self.tell(events.ALARM_ENDED, code)
            return
        if self.alarms.set(code, self.now):
            self.tell(events.ALARM, code, alarms.row(code)[alarms.PRIORITY])
        if alarms.row(code)[alarms.ACTION] == alarms.STOP and self.state in states.MOVING:
            self.fire("hold")
            if self.state == s.HELD:
                self.tell(events.HELD, code)

    def watch_books(self) -> None:
        """Alarms that follow from the books: empty, low."""
        if self.state not in states.DELIVERING and self.state not in states.STOPPED:
            return
        left = self.reservoir.left_steps(self.odometer())
        self.alarm(alarms.EMPTY, left <= 0)
        low = left * self.reservoir.den <= limits.low_nl(self.reservoir.full_nl, self.worst_day_nl()) * self.reservoir.num
        self.alarm(alarms.LOW_RESERVOIR, low and left > 0)

    # --- power ------------------------------------------------------------------------------------------------------------

    def lost_power(self, known_steps: int, most_steps: int, off_ms: int) -> None:
        """After a power-on. most_steps were allowed to leave, known_steps are known to have: everything counts `most_steps`.

        The plan goes on from there; the bolus that ran counts whole, as given now, and locks out from now (R5).
        off_ms: how long the power was off, -1 if no trusted clock can say. R7 decides whether basal resumes.
        """
        lost = most_steps - known_steps
        if self.state == s.PRIMING:
            self.plan.emitted = most_steps
            self.fire("primed")
        elif self.rx:
            self.gap_steps += lost
            dose = given = 0
            if self.plan.bolus_num:
                dose = self.history.boluses[-1][3]
                given = self._interrupt_bolus()
            self.plan.num = -(self.plan.den // 2)  # a whole step's time to the next one: cuts one after another never add drug
            self.plan.t = self.now
            self.plan.emitted = most_steps
            lost_ng = -(-lost * self.ratio[1] // self.ratio[0])
            if lost or given:
                self.history.impulse(self.now, max(lost_ng + given, dose), lost_ng)
        self.tell(events.POWER_ON, lost, off_ms)
        if self.state in states.DELIVERING:
            self._hold_or_go_on(off_ms)
        elif self.state in states.STOPPED:
            self.off_ms = -1 if off_ms < 0 or self.off_ms < 0 else self.off_ms + off_ms
        if off_ms < 0:
            self.alarm(alarms.CLOCK_UNCERTAIN)
        if self.rx and self._deficit() * 100 > _DEFICIT_PERCENT * self.d():
            self.alarm(alarms.DEFICIT)

    def _hold_or_go_on(self, off_ms: int) -> None:
        if 0 <= off_ms <= self.row[limits.OFF_AUTO_MS]:
            self.plan.set_rate(self.d(), self.now)
            return
        self.fire("hold")
        self.off_ms = off_ms
        self.alarm(alarms.POWER_LOST)
        self.tell(events.HELD, alarms.POWER_LOST)

    def lost_reset(self, lost: int) -> None:
        """After a watchdog or soft reset: basal goes on at once, an interrupted bolus does not (R7). `lost` steps may not have left."""
        if self.state == s.PRIMING:
            self.fire("primed")
            return
        self.gap_steps += lost
        self.end_bolus()

    def _interrupt_bolus(self) -> int:
        """The bolus was cut by a power loss: what it gave is uncertain; R6 counts all of it now. Gives what is known to be given, in ng."""
        bolus = self.history.boluses[-1]
        elapsed = min(self.plan.t - self.plan.bolus_start, self.plan.bolus_ms)
        given = -(-bolus[3] * elapsed // self.plan.bolus_ms)
        self.tell(events.BOLUS_INTERRUPTED, bolus[3], elapsed)
        self.plan.bolus_num = 0
        self.plan.bolus_ms = 1
        bolus[2] = self.now
        bolus[3] = 0
        return given

    def _deficit(self) -> int:
        """Drug of the last 24 h that power cuts may have kept from the patient, in ng."""
        return sum([i[2] for i in self.history.impulses if i[0] > self.now - DAY_MS])

    # --- figures -----------------------------------------------------------------------------------------------------------

    def d(self) -> int:
        """D of the rules: what is programmed, in ng per 24 h."""
        return self.history.rungs[-1][1] if self.history.rungs else 0

    def basal(self) -> int:
        """What flows now, in ng/day."""
        return self.d() if self.state in states.DELIVERING else 0

    def odometer(self) -> int:
        """All steps since provisioning, at most."""
        return self.odometer_base + self.plan.emitted

    def known_steps(self) -> int:
        """Steps of this therapy that are known to have left."""
        return self.plan.emitted - self.gap_steps

    def given_ng(self, steps: int) -> int:
        """Drug in so many steps of this therapy, in ng, rounded down."""
        return steps_to_ng(self.ratio, steps) if self.ratio[0] else 0

    def stopped_ms(self) -> int:
        """The withdrawal clock: time since basal stopped, -1 if nobody knows, 0 while it runs."""
        if self.stopped_at < 0:
            return 0
        return -1 if self.off_ms < 0 else self.now - self.stopped_at + self.off_ms

    def day_nl(self, ng: int) -> int:
        """Volume of ng of drug at the concentration in use, in nL, rounded up."""
        return -(-ng * 1000000 // self.rx[prescription.CONC])

    def worst_day_nl(self) -> int:
        """The most that a day can use: all allotted boluses."""
        rx = self.rx
        return self.day_nl(min(rx[prescription.MAX_24H], self.d() + rx[prescription.PB_DOSE] * rx[prescription.PB_MAX]))

    def lockout_ms(self) -> int:
        """R5's time between boluses: the prescription's, or the library's least if it names none."""
        return (self.rx and self.rx[prescription.PB_LOCKOUT]) or self.row[limits.LOCKOUT_MIN_MS]

    def bolus_in_ms(self) -> int:
        """When R5 allows the next patient bolus."""
        wait = lockout.locked_ms(self.history.boluses, self.lockout_ms(), self.now)
        most = self.rx[prescription.PB_MAX]
        return max(wait, lockout.full_ms(self.history.boluses, most, self.now)) if most else wait

    # --- journal -----------------------------------------------------------------------------------------------------------

    def dump(self) -> list:
        """Everything, for the checkpoint."""
        return [
            self.state,
            self.now,
            self.rx,
            self.rx_event,
            self.rx_reason,
            list(self.ratio),
            self.plan.dump(),
            self.history.dump(),
            self.taper.dump(),
            self.reservoir.dump(),
            self.alarms.entries,
            self.start,
            self.gap_steps,
            self.odometer_base,
            self.stopped_at,
            self.off_ms,
            self.governor.dump(),
            list(self.calibration),
        ]

    def restore(self, values: list) -> None:
        """Take over what `dump` gave; row and syringe must be set."""
        self.state, self.now, self.rx, self.rx_event, self.rx_reason = values[0:5]
        self.ratio = (values[5][0], values[5][1])
        self.calibration = (values[17][0], values[17][1])
        self.measure()
        self.plan = Plan(self.ratio, 0)
        self.plan.restore(values[6])
        self.history.restore(values[7])
        self.taper.restore(values[8])
        self.reservoir = Reservoir(self.per_nl)
        self.reservoir.restore(values[9])
        self.alarms.entries = values[10]
        self.start, self.gap_steps, self.odometer_base, self.stopped_at, self.off_ms = values[11:16]
        self.governor.load(values[16])
