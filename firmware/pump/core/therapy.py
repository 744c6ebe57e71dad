"""The therapy: one object that knows what is prescribed, what runs, and what happens next by itself.

It moves only through states.TABLE (`fire`). Orders from people are checked and carried out by orders/; steps are granted by
pump/app/delivery.py from `plan`. Pure: time comes in as `now`, ms of powered pump time, and never goes back; what happened
goes out as `news` for the journal.
"""

from pump.core import due, geometry, level, lockout, prescription, states, taper, titration
from pump.core.alarms import Alarms
from pump.core.governor import Governor
from pump.core.history import History
from pump.core.line import Line
from pump.core.plan import Plan, steps_to_ng
from pump.core.profile import Profile
from pump.core.reject import Reject
from pump.core.reservoir import Reservoir
from wire import alarms, events, limits
from wire import schema as s


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
        self.log_read = 0  # up to which event somebody has read the log
        self.rx_soft = 0  # soft limits it crossed, for that reason
        self.ratio = (0, 1)
        self.per_nl = (0, 1)
        self.calibration = (1, 1)  # steps per nL found by weighing, as a share of what geometry says
        self.plan = Plan((0, 1), 0)
        self.line = Line()
        self.before = [0, 0, 0, 0]  # of this therapy until the concentration last changed: known ng, steps; most ng, steps
        self.history = History()
        self.profile = Profile()
        self.taper = taper.Taper()
        self.reservoir = Reservoir((0, 1))
        self.alarms = Alarms()
        self.governor = Governor()
        self.screens: list[list[int]] = []  # the last test doses: [end, the later of planned and actual; ng; given whole]
        self.start = 0
        self.gap_steps = 0  # steps that may not have left, though they count
        self.odometer_base = 0  # all steps of earlier therapies
        self.stopped_at = -1  # since when basal is stopped, or waits after a power cut; -1 while it runs
        self.off_ms = 0  # time without power since then; -1 if nobody knows
        self.back_left = 0  # steps that the back-off after an occlusion may still pull back (backoff.py)
        self.stops: list[int] = []  # when alarms stopped delivery, the last few
        self.change_at: int | None = None  # since when the syringe is being changed, None while the books know it
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
        self.remeasure()
        self.line.primed = 0
        self.reservoir = Reservoir(self.per_nl)
        self.reservoir.refill(self.syringe[2], self.odometer())
        self.end_change()
        self.rx = []
        self.log_read = 0
        self.tell(events.PROVISIONED)

    def measure(self) -> None:
        """Steps per nL: geometry, corrected by the calibration."""
        self.history.level.f = level.factor(self.row[limits.HALF_LIFE_MIN])
        self.per_nl = geometry.steps_per_nl(self.syringe[1], self.lead_nm * self.calibration[1], self.turn * self.calibration[0])

    def remeasure(self) -> None:
        """Another syringe or calibration: what is on its way through the line stays the same volume (R9)."""
        old = self.per_nl
        self.measure()
        self.line.rescale(old, self.per_nl, self.plan.emitted, self.gap_steps)

    def begin_prime(self) -> None:
        """R10: steps counted apart from any dose; the plan's unit is the nL meanwhile. The order starts it."""
        self._new_count()
        self.ratio = (0, 1)
        self.plan = Plan(self.per_nl, self.now)

    def end_prime(self) -> None:
        """What was not pushed out by now is not."""
        self.plan.end_bolus(self.now)
        self.governor.budget = 0
        self.tell(events.PRIME_ENDED, self.plan.emitted)
        self.line.primed += self.plan.emitted
        self._new_count()
        self.plan = Plan((0, 1), self.now)

    def begin_screen(self) -> None:
        """A test dose, counted apart. The order starts it."""
        self.line.primed = 0  # what is in the line now has been used
        self._new_count()
        self.ratio = geometry.steps_per_ng(self.per_nl, self.line.conc)
        self.plan = Plan(self.ratio, self.now)

    def end_screen(self) -> None:
        """It is over, by itself or early. It counts whole (R5, R6), and from now if that is later than was planned."""
        screen, elapsed = self.screens[-1], -1
        if self.plan.bolus_num:
            elapsed = min(self.now - self.plan.bolus_start, self.plan.bolus_ms)
            screen[2] = 1 if elapsed == self.plan.bolus_ms else 0
            self.plan.end_bolus(self.now)
            self.history.bolus_over(self.now)
        screen[0] = max(screen[0], self.now)
        self.tell(events.SCREEN_ENDED, screen[1], elapsed)
        self._new_count()
        self.ratio = (0, 1)
        self.plan = Plan((0, 1), self.now)

    def begin(self) -> None:
        """A therapy starts with nothing behind it but the drug of the last 24 h (R6) and the lockouts (R5)."""
        self._new_count()
        self.line.primed = 0
        self.ratio = geometry.steps_per_ng(self.per_nl, self.line.conc)
        self.plan = Plan(self.ratio, self.now)
        self.start = self.now
        self.history.rungs = []
        self.program()

    def _new_count(self) -> None:
        """Steps are counted from 0 again: another therapy, or priming."""
        self.line.carry(self.plan.emitted, self.gap_steps)
        self.odometer_base += self.plan.emitted
        self.gap_steps = 0
        self.before = [0, 0, 0, 0]

    def bridged(self) -> None:
        """R9: the dead volume has passed; from here on a ng takes the steps of the concentration that has come to the tip."""
        if not self.ratio[0]:  # priming has pushed it through: no therapy's steps are counted
            self.line.arrive()
            self.tell(events.BRIDGE_ENDED, self.line.conc)
            return
        emitted, known = self.plan.emitted, self.known_steps()
        self.before = [self.known_ng(known), known, self.most_ng(), emitted]
        self.line.arrive()
        self.ratio = geometry.steps_per_ng(self.per_nl, self.line.conc)
        self.plan.set_ratio(self.ratio, self.now)
        self.plan.set_rate(self.basal(), self.now)
        self.arm()
        self.tell(events.BRIDGE_ENDED, self.line.conc)

    def begin_again(self) -> None:
        """R8 after a long stop: a new start at a rate already set in the prescription."""
        self.tell(events.RESTARTED, self.rx[prescription.BASAL], self.d())
        self.begin()

    def program(self) -> None:
        """D is what the prescription says."""
        basal = self.rx[prescription.BASAL]
        if not self.history.rungs or self.d() != basal:
            self.history.program(self.now, basal)
        self.arm()

    def arm(self) -> None:
        """R15: the governor's caps follow from the prescription and from what is at the tip."""
        self.arm_for(self.rx[prescription.BASAL], self.rx[prescription.MAX_24H])

    def arm_for(self, basal_ng_per_day: int, max_24h_ng: int) -> None:
        """The same for drug that no prescription names."""
        self.governor.arm(
            basal_ng_per_day,
            self.profile.hour_ng(basal_ng_per_day),
            max_24h_ng,
            self.line.conc,
            self.syringe[1],
            self.lead_nm * self.calibration[1],
            self.turn * self.calibration[0],
            self.now,
        )

    def begin_taper(self) -> None:
        """The order has filled in self.taper."""
        self.alarms.drop(alarms.TAPER_WAITS)

    def begin_titration(self) -> None:
        """The order has filled in self.taper."""

    def drop_taper(self) -> None:
        """No plan runs any more, down or up."""
        self.alarms.drop(alarms.TAPER_WAITS)
        self.taper = taper.Taper()
        self.alarm(alarms.PLAN_BLOCKED, False)

    def step_down(self) -> None:
        """R4: the next rung, and a full hold on it."""
        before = self.d()
        self.rx[prescription.BASAL] = due.next_rung(self)
        self.program()
        self.taper.again(self.now)
        self.tell(events.TAPER_STEP, self.d(), before)

    def step_up(self) -> None:
        """The titration's next rung, and a full hold on it."""
        before = self.d()
        self.rx[prescription.BASAL] = due.next_rung(self)
        self.program()
        self.taper.again(self.now)
        self.alarm(alarms.PLAN_BLOCKED, False)
        self.tell(events.TITRATION_STEP, self.d(), before)

    def begin_change(self) -> None:
        """R13: nobody knows what is in the syringe until a refill is booked, whatever becomes of the state meanwhile."""
        self.change_at = self.now

    def end_change(self) -> None:
        """A refill was booked."""
        self.change_at = None
        self.alarm(alarms.CHANGE_LATE, False)

    def stop_taper_clock(self) -> None:
        """Time on this rung does not count from here."""
        self.taper.count(self.now, False)
        self.alarm(alarms.PLAN_BLOCKED, False)

    def pause_taper(self) -> None:
        """Basal stays on this rung until `continue`."""
        self.stop_taper_clock()
        self.taper.paused = max(1, self.now)

    def start_taper_clock(self) -> None:
        """Time on this rung counts from here."""
        self.taper.paused = 0
        self.alarms.drop(alarms.TAPER_WAITS)
        self.taper.count(self.now, True)

    def flow(self) -> None:
        """Basal runs, as its profile spreads D over the day."""
        if not self.plan.per_ms:  # else it goes on, or still waits after a power cut
            self.runs()
        self.plan.set_rate(self.rate(), self.now)
        self.history.flow(self.now, self.rate())
        if self.rx[prescription.MODE] == s.PERIODIC and self.profile.dose_after(self.now) == self.now:
            self.profile.dose_at = self.now
        self.stand_no_more()

    def runs(self) -> None:
        """Motion is authorised: what a power cut kept waiting runs from here."""
        self.stopped_at, self.off_ms = -1, 0

    def stand_no_more(self) -> None:
        """Alarms about standing still are over."""
        for code in (alarms.SUSPENDED, alarms.POWER_LOST, alarms.OVERDUE, alarms.OFTEN):
            self.alarms.clear(code)

    def halt(self) -> None:
        """Nothing flows; D and everything programmed stay (an interruption, not a reduction)."""
        self.plan.set_rate(0, self.now)
        self.history.flow(self.now, 0)
        ahead = (self.plan.den // 2 - self.plan.num - 1) // self.plan.den
        if ahead > 0:  # a power cut left it ahead of its profile: that is drug of another time now, nothing to wait for
            self.history.impulse(self.now, -(-ahead * self.ratio[1] // self.ratio[0]), 0)
            self.plan.num += ahead * self.plan.den
        if self.stopped_at < 0:  # else a cut has stopped it already, and nothing has flowed since
            self.stopped_at = self.now

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
        self.stand_no_more()
        self.alarms.clear(alarms.PHASE)
        self.alarms.clear(alarms.CHANGE_LATE)
        self.history.program(self.now, 0)
        self.tell(events.THERAPY_ENDED)

    # --- what happens by itself ------------------------------------------------------------------------------------------

    def advance(self, now: int) -> bool:
        """Carry out what is due by `now`, each at its own time; true if anything was."""
        return due.advance(self, now)

    def next_event(self) -> int | None:
        """When the therapy next changes by itself, None if it does not."""
        return due.next_at(self)

    def alarm(self, code: int, on: bool = True) -> None:
        """Set or clear an alarm; what STOPs does so here."""
        if not on:
            if self.alarms.clear(code):
                self.tell(events.ALARM_ENDED, code)
            return
        if self.alarms.set(code, self.now):
            self.tell(events.ALARM, code, alarms.row(code)[alarms.PRIORITY])
        row = alarms.row(code)
        stops = row[alarms.ACTION] == alarms.STOP and self.state in states.MOVING
        if stops or self.state == s.SCREENING and row[alarms.PRIORITY] == alarms.HIGH:
            self.fire("hold")
            if self.state == s.HELD:
                self.tell(events.HELD, code)
                self._count_stop()

    def _count_stop(self) -> None:
        """Three stops by alarms in ten minutes: held, and a clinician is called (OPCA R6.5.0(18))."""
        self.stops = self.stops[1 - limits.OFTEN_STOPS :] + [self.now]
        if len(self.stops) == limits.OFTEN_STOPS and self.now - self.stops[0] <= limits.OFTEN_MS:
            self.alarm(alarms.OFTEN)

    def watch_books(self) -> None:
        """Alarms that follow from the books: empty, low."""
        if self.state not in states.DELIVERING and self.state not in states.STOPPED:
            for code in (alarms.EMPTY, alarms.LOW_RESERVOIR, alarms.REFILL_NEAR):
                self.alarm(code, False)
            return
        left = self.reservoir.left_steps(self.odometer())
        self.alarm(alarms.EMPTY, left <= 0)
        worst_nl = self.worst_day_nl()
        low_nl = limits.low_nl(self.reservoir.full_nl, worst_nl, self.row[limits.LOW_DAYS])
        low = left * self.reservoir.den <= low_nl * self.reservoir.num
        near = left * self.reservoir.den <= self.row[limits.REFILL_DAYS] * worst_nl * self.reservoir.num
        self.alarm(alarms.LOW_RESERVOIR, low and left > 0)
        self.alarm(alarms.REFILL_NEAR, near and not low and left > 0)

    # --- figures -----------------------------------------------------------------------------------------------------------

    def d(self) -> int:
        """D of the rules: what is programmed, in ng per 24 h."""
        return self.history.rungs[-1][1] if self.history.rungs else 0

    def rate(self) -> int:
        """What the profile makes of D at this moment of its cycle, in ng/day, whether it flows or not."""
        return self.profile.rate(self.now, self.d())

    def basal(self) -> int:
        """What flows now, in ng/day."""
        return self.rate() if self.state in states.DELIVERING else 0

    def dose_runs(self) -> bool:
        """A periodic dose flows."""
        return self.rx[prescription.MODE] == s.PERIODIC and self.basal() > self.profile.least(self.d())

    def soft(self) -> int:
        """Soft limits overridden by what is in force: the prescription, and a taper steeper than R3."""
        if self.state not in states.DELIVERING and self.state not in states.STOPPED:
            return 0
        soft = self.rx_soft
        if self.d() <= self.row[limits.BASAL_SOFT_MAX_NG_PER_DAY]:
            soft &= ~limits.SOFT_BASAL_HIGH
        steep = self.taper.on and not self.taper.up and titration.steeper(self.row, self.taper.percent, self.taper.hold_ms)
        return soft | (limits.SOFT_STEEP_TAPER if steep else 0)

    def odometer(self) -> int:
        """All steps since provisioning, at most."""
        return self.odometer_base + self.plan.emitted

    def known_steps(self) -> int:
        """Steps of this therapy that are known to have left. A back-off may pull back more: what an earlier dose had pushed in."""
        return max(0, self.plan.emitted - self.gap_steps)

    def known_ng(self, known: int) -> int:
        """Drug of this therapy that is known to have left, `known` steps of it, in ng, rounded down. Steps in doubt from
        before the concentration changed are taken as the strongest there is: 0 is known at the least."""
        if not self.ratio[0]:
            return max(0, self.before[0])
        steps, den = (known - self.before[1]) * self.ratio[1], self.ratio[0]
        if steps < 0:
            steps, den = steps * self.row[limits.CONC_NG_PER_ML][-1], den * self.line.conc
        return max(0, self.before[0] + steps // den)

    def most_ng(self) -> int:
        """Drug of this therapy that may have left, at most, in ng, rounded down."""
        return self.before[2] + (steps_to_ng(self.ratio, self.plan.emitted - self.before[3]) if self.ratio[0] else 0)

    def bridge_steps(self) -> int:
        """R9: steps of the dead volume still before the concentration that is coming; 0 if no bridge runs."""
        return self.line.left(self.plan.emitted, self.gap_steps)

    def stopped_ms(self) -> int:
        """The withdrawal clock: time since basal stopped, -1 if nobody knows, 0 while it runs."""
        if self.stopped_at < 0:
            return 0
        return -1 if self.off_ms < 0 else self.now - self.stopped_at + self.off_ms

    def day_nl(self, ng: int) -> int:
        """Volume of ng of drug at the concentration in use, in nL, rounded up."""
        return -(-ng * 1000000 // self.line.weakest())

    def worst_day_nl(self) -> int:
        """The most that a day can use: all allotted boluses."""
        return self.day_nl(self.worst_day_ng())

    def worst_day_ng(self) -> int:
        """The same as drug."""
        rx = self.rx
        return int(min(rx[prescription.MAX_24H], self.d() + rx[prescription.PB_DOSE] * rx[prescription.PB_MAX]))

    def screen_in_ms(self) -> int:
        """When the next test dose is possible."""
        return max(0, self.screens[-1][0] + int(self.row[limits.SCREEN_SPACING_MS]) - self.now) if self.screens else 0

    def screen_given(self, dose_ng: int) -> int:
        """1 if this pump gave such a test dose, whole."""
        return 1 if [screen for screen in self.screens if screen[1] == dose_ng and screen[2]] else 0

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
            self.line.dump(),
            self.before,
            self.rx_soft,
            self.log_read,
            self.screens,
            self.profile.dump(),
            self.back_left,
            self.stops,
            self.change_at,
        ]

    def restore(self, values: list) -> None:
        """Take over what `dump` gave; row and syringe must be set."""
        self.state, self.now, self.rx, self.rx_event, self.rx_reason = values[0:5]
        self.ratio = (values[5][0], values[5][1])
        self.calibration = (values[17][0], values[17][1])
        self.measure()
        self.back_left, self.stops = values[24:26]
        self.plan = Plan(self.ratio, 0)
        self.plan.restore(values[6])
        self.history.restore(values[7])
        self.taper.restore(values[8])
        self.reservoir = Reservoir(self.per_nl)
        self.reservoir.restore(values[9])
        self.alarms.entries = values[10]
        self.start, self.gap_steps, self.odometer_base, self.stopped_at, self.off_ms = values[11:16]
        self.governor.load(values[16])
        self.line.restore(values[18])
        self.before = values[19]
        self.rx_soft, self.log_read, self.screens = values[20:23]
        self.profile.restore(values[23])
        self.change_at = values[26]
