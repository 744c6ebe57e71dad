"""A pump on the rig beside its oracle: what is ordered over the wire goes to both; `check` compares all that ever happened.

Orders take effect now, or, if motion was granted ahead, when what was granted ends (`horizon`). Times in ms of true time, `now`;
the pump's own time runs beside it and stands still while the interpreter is dead, as the plan does.
"""

from fractions import Fraction
from typing import Any

from peer import CLINICIAN, OPERATOR, Peer, rx
from sim.bench import Config
from sim.nor import NorFlash
from sim.rig import Rig
from tests.property.conftest import WIDE
from tests.property.exact import Plan, Pulses, steps_per_ng, worst
from wire import limits
from wire import schema as s
from wire.rows import rows_hash

MINUTE, HOUR, DAY = 60000, 3600000, 86400000
WATCHDOG_MS = 2000
GOVERNOR, STORE, MOTOR = 1, 2, 3  # alarms that lawful use never raises


class Pump:
    """A therapy that has just been started."""

    def __init__(
        self,
        basal_ng_per_day: int,
        conc_ng_per_ml: int = 500000,
        syringe: str = "bd-3ml",
        seed: int = 1,
        ticks_at_boot: int = 0,
        flash: NorFlash | None = None,
        begin_ms: int = 0,
        rows: list[list[int]] | None = None,
        **prescription: Any,
    ) -> None:
        """rows: of a schedule [offset_ms, ng/day] whose total is basal_ng_per_day; the prescription says its mode."""
        self.rig = Rig(config=Config(seed=seed, syringe=syringe, ticks_at_boot=ticks_at_boot), flash=flash, trace=True)
        self.peer = Peer(self.rig)
        self.pulses = Pulses()
        assert self.peer.provision(library=WIDE, syringe=syringe)[0] == "DONE"
        self.rig.advance(begin_ms)
        self.rx = rx(
            conc_ng_per_ml=conc_ng_per_ml,
            conc_again_ng_per_ml=conc_ng_per_ml,
            screen_ng=limits.LIBRARY[-1][limits.SCREEN_MAX_NG],
            **{"basal_ng_per_day": basal_ng_per_day, "max_24h_ng": 1000000, "pb_lockout_ms": HOUR, "pb_max": 30} | prescription,
        )
        self.full_nl = limits.syringe(syringe)[2]  # type: ignore[index]
        self.rows = rows or [[0, 0]]
        if rows:
            self.stage(rows)
            self.rx |= {"rows_hash": rows_hash(rows), "phase_ms": 0}
        self.peer.ok("PRESCRIBE", CLINICIAN, **self.rx, reason="test")
        self.total = basal_ng_per_day
        self.boot = self.rig.hw.boot
        self.alive()
        self.zero = self.now - self.offset - self.look("COURSE")["phase_ms"]  # when the cycle began, in pump time
        self.plan = Plan(steps_per_ng(syringe, conc_ng_per_ml), self.now * 1000)
        self.basal(self.now * 1000, basal_ng_per_day)
        self.behind = Fraction(1)  # what the motor may be behind the plan, and ...
        self.unsure = Fraction(0)  # ... at most - true, both in steps: grows with each power cut
        self.doubt = Fraction(0)  # steps of a bolus whose order was not answered yet
        self.off_ms = 0

    # --- the schedule -----------------------------------------------------------------------------------------------------
    def stage(self, rows: list[list[int]]) -> None:
        """Row by row, as a host does."""
        for index, (offset_ms, ng_per_day) in enumerate(rows):
            self.peer.ask("STAGE", CLINICIAN, index=index, count=len(rows), offset_ms=offset_ms, ng_per_day=ng_per_day)

    def rate(self, d: int, at: int) -> int:
        """What a D of d means at a true time: a row, scaled up or down as documented."""
        if len(self.rows) == 1:
            return d
        phase = (at - self.offset - self.zero) % DAY
        rate = [row for row in self.rows if row[0] <= phase][-1][1]
        exact = Fraction(rate * d, self.total)
        return -int(-exact // 1) if d < self.total else int(exact)

    def basal(self, at_us: int, d: int) -> None:
        """For the oracle: D is d from then on (0: nothing flows)."""
        self.plan.basal(at_us, self.rate(d, self.now) if d else 0)

    def next_row(self) -> int:
        """True time of the schedule's next change."""
        phase = (self.now - self.offset - self.zero) % DAY
        return self.now - phase + next((row[0] for row in self.rows if row[0] > phase), DAY)

    # --- looking ----------------------------------------------------------------------------------------------------------
    def look(self, verb: str) -> dict[str, Any]:
        """STATUS or BOOKS, asked again if the power failed just then."""
        said = self.peer.ask(verb)[1]
        return self.peer.ask(verb)[1] if self.rebooted() else said

    def order(self, verb: str, role: int, **values: Any) -> bool:
        """True if it was carried out and the answer came."""
        done = self.peer.do(verb, role, **values)[0] == "DONE"
        return not self.rebooted() and done

    @property
    def now(self) -> int:
        return self.rig.hw.clock.us // 1000  # type: ignore[no-any-return]

    @property
    def state(self) -> int:
        return self.look("STATUS")["state"]  # type: ignore[no-any-return]

    @property
    def d(self) -> int:
        """What is programmed, in ng/day."""
        return self.look("STATUS")["set_ng_per_day"]  # type: ignore[no-any-return]

    def horizon(self, topped: bool = False) -> int:
        """When a change ordered now takes effect, in us. Most orders fill up the queue before they act: `topped`."""
        app = self.rig.app
        if topped and app.delivery is not None:
            app.delivery.top_up(app.clock.now())
        return max(self.now, app.therapy.plan.t + self.offset) * 1000

    def alive(self) -> None:
        """The pump's clock runs: true time is pump time and `offset`."""
        self.offset = self.now - self.look("STATUS")["now_ms"]
        self.boot = self.rig.hw.boot

    # --- time ---------------------------------------------------------------------------------------------------------------
    def wait(self, ms: int) -> None:
        """Let time pass. A taper's steps go to the oracle when BOOKS announced them."""
        end = self.now + ms
        while self.now < end:
            self.refill()
            books, status = self.look("BOOKS"), self.look("STATUS")
            step = self.now + books["taper_in_ms"] if status["state"] == s.TAPERING else end + 1
            day_nl = status["set_ng_per_day"] * 1000000 // self.rx["conc_ng_per_ml"]
            quarter = DAY * self.full_nl // (4 * day_nl) if day_nl else DAY
            row = self.next_row() if len(self.rows) > 1 else end + 1
            self.rig.advance(max(1, min(end, step, row, self.now + quarter) - self.now))
            if self.rebooted():
                continue
            if self.now == step:
                self.basal(step * 1000, books["taper_next_ng_per_day"])
            elif self.now == row and status["basal_ng_per_day"]:
                self.basal(max(row * 1000, self.plan.t), status["set_ng_per_day"])

    def refill(self) -> None:
        """Before it runs dry."""
        status = self.look("STATUS")
        if status["reservoir_nl"] * 2 < self.full_nl and status["state"] != s.ENDED:
            self.rig.hw.refill(self.full_nl)
            self.order("REFILL", CLINICIAN, residual_nl=status["reservoir_nl"], volume_nl=self.full_nl, reason="test")

    def hang(self) -> None:
        """The interpreter dies; the watchdog restarts it. What was granted leaves, then nothing until it lives again."""
        before, planned = self.now, self.rig.app.therapy.plan.t
        self.rig.hang(WATCHDOG_MS)
        if self.rig.hw.boot != self.boot + 1:  # an armed power cut came while it recovered
            self._power_failed(max(before, planned + self.offset) * 1000)
            return
        self.boot = self.rig.hw.boot
        status = self.look("STATUS")
        # The pump's clock loses the time it was dead, and what it had waited since it last woke (for a step, or a minute).
        period = DAY * self.plan.ratio.denominator // (self.plan.ratio.numerator * max(1, status["set_ng_per_day"]))
        assert 0 <= before - (status["now_ms"] + self.offset) <= max(period, MINUTE) + 1, "pump time"
        ahead = max(0, planned - status["now_ms"])  # what was granted ahead has left; it is not granted again
        stopped = max((status["now_ms"] + ahead + self.offset) * 1000, self.plan.t)
        self.plan.cancel(stopped)  # R7: an interrupted bolus does not go on
        self.plan.basal(stopped, 0)
        self.plan.basal((self.now + ahead) * 1000, status["basal_ng_per_day"])
        self.alive()

    def cut(self, off_ms: int) -> None:
        """The power fails now."""
        at = self.now * 1000
        self.rig.cut(off_ms)
        self._power_failed(at)

    def cut_at(self, off_ms: int, n: int, tear: int) -> None:
        """The power will fail in the n-th flash operation from now."""
        if self.rig.flash is not None and not self.rig.flash.dead:
            self.off_ms = off_ms
            self.rig.cut_at(off_ms, n, tear)

    def rebooted(self) -> bool:
        """If the power failed in the last call: the plan stood still from there to the boot."""
        if self.rig.hw.boot == self.boot:
            return False
        self._power_failed(self.rig.hw.clock.boot_us - self.off_ms * 1000)
        return True

    def queued(self) -> int:
        """Pulses that the last cut or reset took out of the queue."""
        self.pulses.take(self.rig)
        lost, self.pulses.lost = self.pulses.lost, 0
        return lost

    def _power_failed(self, at: int) -> None:
        """At that time, and perhaps again while it booted (a cut that was armed); a bolus was over then."""
        failures = self.rig.hw.boot - self.boot
        self.boot = self.rig.hw.boot
        status = self.look("STATUS")
        queued = at < max(self.plan.t, self.plan.bolus_end)  # a bolus, or what an order cancelled but had been granted
        self.plan.run_to(max(at, self.plan.t))
        self.plan.rewind(at)
        minute = status["set_ng_per_day"] * self.plan.ratio / 1440  # authorised, though it may not flow yet
        bound = max(Fraction(1), minute, self.plan.basal_slope * 60_000_000) * failures
        self.behind += bound
        if len(self.rows) > 1:  # what may have left of it is waited for: a stretch, and while a bolus ran basal until its end
            self.behind += 1 + (self.plan.basal_slope * (self.plan.bolus_end - at) if self.plan.bolus_slope else 0)
        self.unsure += bound + self.doubt
        if self.plan.bolus_slope:  # it is authorised whole, with the basal that flows beside it
            self.unsure += (self.plan.bolus_slope + self.plan.basal_slope) * (self.plan.bolus_end - at) + 1
        if queued:
            self.unsure += self.queued() + 1
        self.plan.cancel(at)
        self.plan.basal(at, 0)
        self.plan.basal(self.rig.hw.clock.boot_us, status["basal_ng_per_day"])
        self.alive()

    def stall(self, ms: int) -> None:
        """The interpreter is busy for less than the watchdog's time."""
        if self.state != s.TAPERING or self.look("BOOKS")["taper_in_ms"] > ms:
            self.rig.hang(ms)

    # --- orders ---------------------------------------------------------------------------------------------------------------
    # Each gives true if the pump carried it out.

    def change(self, ng_per_day: int) -> bool:
        """Another D. (After the end it would be a new therapy and a new count of steps.)"""
        if self.state == s.ENDED:
            return False
        at = self.horizon(topped=True)
        order = self.rx | {"basal_ng_per_day": ng_per_day, "reason": "test"}
        done = self.order("PRESCRIBE", CLINICIAN, **order)
        if done:
            self.total = self.total if len(self.rows) > 1 else ng_per_day
            self.basal(at, ng_per_day)
        return done

    def bolus(self, dose_ng: int, duration_ms: int, role: int = CLINICIAN) -> bool:
        """On top."""
        reason = {"reason": "test"} if role == CLINICIAN else {}
        self.doubt = dose_ng * self.plan.ratio + self.plan.basal_slope * duration_ms * 1000 + 1
        done = self.order("BOLUS", role, dose_ng=dose_ng, duration_ms=duration_ms, **reason)
        self.doubt = Fraction(0)
        return done and self._bolus_began(dose_ng, duration_ms)

    def button(self) -> bool:
        """The patient's own."""
        before = self.look("STATUS")["bolus_ng"]
        self.rig.press("BOLUS", 100)
        if before or not self.look("STATUS")["bolus_ng"]:
            return False
        return self._bolus_began(self.rx["pb_dose_ng"], self.rx["pb_duration_ms"])

    def _bolus_began(self, dose_ng: int, duration_ms: int) -> bool:
        begin = self.now + self.look("STATUS")["bolus_left_ms"] - duration_ms
        assert self.now <= begin <= self.now + 1000
        self.plan.bolus(begin * 1000, dose_ng, duration_ms * 1000)
        return True

    def cancel(self) -> bool:
        """End the bolus."""
        self.peer.session(OPERATOR)  # whatever the pump hears, it also looks after its queue
        at = self.horizon()
        done = self.order("CANCEL", OPERATOR)
        if done:
            self.plan.cancel(at)
        return done

    def suspend(self) -> bool:
        """Nothing flows; a bolus ends."""
        self.peer.session(OPERATOR)
        at = self.horizon()
        done = self.order("SUSPEND", OPERATOR)
        if done:
            self.plan.cancel(at)
            self.plan.basal(at, 0)
        return done

    def resume(self, ng_per_day: int | None = None) -> bool:
        """Basal flows again, at the D before or a lower one. (Within the limit: a restart begins a new count of steps.)"""
        lower = {} if ng_per_day is None else {"basal_ng_per_day": ng_per_day}
        if self.look("STATUS")["stopped_ms"] > 2 * DAY:
            return False
        self.peer.session(OPERATOR)
        at = self.horizon(topped=True)
        done = self.order("RESUME", OPERATOR, **lower)
        if done:
            self.basal(at, self.d)
        return done

    def taper(self, to_ng_per_day: int, preset: int) -> bool:
        """To nothing (0) or to a D. The first step may be due at once."""
        at = self.horizon(topped=True)
        before = self.d
        done = self.order("TAPER", CLINICIAN, to_ng_per_day=to_ng_per_day, preset=preset)
        if done and self.d != before:
            self.basal(at, self.d)
        return done

    def pause(self, on: bool) -> bool:
        """Stay on this rung, or go on."""
        at = self.horizon(topped=True)
        before = self.d
        done = self.order("PAUSE", CLINICIAN, on=int(on))
        if done and self.d != before:
            self.basal(at, self.d)
        return done

    # --- the verdict ------------------------------------------------------------------------------------------------------------
    def check(self) -> None:
        """All that left since the start, against the plan."""
        self.pulses.take(self.rig)
        self.plan.run_to(max(self.plan.t, self.now * 1000))
        truth = self.rig.truth()
        assert truth["steps"] == self.pulses.until(self.now * 1000)
        assert truth["idle_steps"] == 0, "pulses while the driver was off"
        behind, ahead = worst(self.plan, self.pulses)
        assert behind < self.behind, float(behind)
        assert ahead < 1, float(ahead)
        assert not [e[0] for e in self.rig.app.therapy.alarms.entries if e[0] in (GOVERNOR, STORE, MOTOR)]
        self.check_books()

    def check_books(self) -> None:
        """known <= true <= at most, and at most is not too far off."""
        truth, books = self.rig.truth()["steps"], self.look("BOOKS")
        queued = self.rig.hw.stepper.left()
        assert books["known_steps"] <= truth <= books["most_steps"]
        assert books["most_steps"] - queued - truth <= self.unsure, (books["most_steps"] - truth, float(self.unsure))
        if not self.unsure:
            assert books["known_steps"] == truth

    def drain(self) -> None:
        """Until all that was granted has left."""
        self.wait(1000)
