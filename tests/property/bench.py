"""A pump on the rig beside its oracle: what is ordered over the wire goes to both; `check` compares all that ever happened.

Orders take effect now, or, if motion was granted ahead, when what was granted ends (`horizon`). Times in ms of true time, `now`;
the pump's own time runs beside it and stands still while the interpreter is dead, as the plan does.
"""

from typing import Any

from peer import CLINICIAN, OPERATOR, Peer, rx
from sim.bench import Config
from sim.nor import NorFlash
from sim.rig import Rig
from tests.property.conftest import WIDE
from tests.property.exact import Plan, Pulses, steps_per_ng, worst
from wire import limits
from wire import schema as s

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
        **prescription: Any,
    ) -> None:
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
        self.peer.ok("PRESCRIBE", CLINICIAN, **self.rx)
        self.plan = Plan(steps_per_ng(syringe, conc_ng_per_ml), self.now * 1000)
        self.plan.basal(self.now * 1000, basal_ng_per_day)
        self.alive()

    # --- looking ----------------------------------------------------------------------------------------------------------
    @property
    def now(self) -> int:
        return self.rig.hw.clock.us // 1000  # type: ignore[no-any-return]

    @property
    def state(self) -> int:
        return self.peer.status()["state"]  # type: ignore[no-any-return]

    @property
    def d(self) -> int:
        """What is programmed, in ng/day."""
        return self.peer.status()["set_ng_per_day"]  # type: ignore[no-any-return]

    def horizon(self, topped: bool = False) -> int:
        """When a change ordered now takes effect, in us. Most orders fill up the queue before they act: `topped`."""
        app = self.rig.app
        if topped and app.delivery is not None:
            app.delivery.top_up(app.clock.now())
        return max(self.now, app.therapy.plan.t + self.offset) * 1000

    def alive(self) -> None:
        """The pump's clock runs: true time is pump time and `offset`."""
        self.offset = self.now - self.peer.status()["now_ms"]

    # --- time ---------------------------------------------------------------------------------------------------------------
    def wait(self, ms: int) -> None:
        """Let time pass. A taper's steps go to the oracle when BOOKS announced them."""
        end = self.now + ms
        while self.now < end:
            self.refill()
            books, status = self.peer.books(), self.peer.status()
            step = self.now + books["taper_in_ms"] if status["state"] == s.TAPERING else end + 1
            day_nl = status["set_ng_per_day"] * 1000000 // self.rx["conc_ng_per_ml"]
            quarter = DAY * self.full_nl // (4 * day_nl) if day_nl else DAY
            self.rig.advance(max(1, min(end, step, self.now + quarter) - self.now))
            if self.now == step:
                self.plan.basal(step * 1000, books["taper_next_ng_per_day"])

    def refill(self) -> None:
        """Before it runs dry."""
        status = self.peer.status()
        if status["reservoir_nl"] * 2 < self.full_nl and status["state"] != s.ENDED:
            self.rig.hw.refill(self.full_nl)
            self.peer.ok("REFILL", CLINICIAN, residual_nl=status["reservoir_nl"], volume_nl=self.full_nl)

    def hang(self) -> None:
        """The interpreter dies; the watchdog restarts it. What was granted leaves, then nothing until it lives again."""
        before = self.now
        self.rig.hang(WATCHDOG_MS)
        status = self.peer.status()
        stopped = max((status["now_ms"] + self.offset) * 1000, self.plan.t)
        # What the pump's clock loses: the time it was dead, and what it had waited since it last woke (for a step, or a minute).
        period = DAY * self.plan.ratio.denominator // (self.plan.ratio.numerator * max(1, status["set_ng_per_day"]))
        assert 0 <= before * 1000 + 500000 - stopped + 1 and before - stopped // 1000 <= max(period, MINUTE) + 1, "pump time was lost"
        self.plan.cancel(stopped)  # R7: an interrupted bolus does not go on
        self.plan.basal(stopped, 0)
        self.plan.basal(self.now * 1000, status["basal_ng_per_day"])
        self.alive()

    def stall(self, ms: int) -> None:
        """The interpreter is busy for less than the watchdog's time."""
        if self.state != s.TAPERING or self.peer.books()["taper_in_ms"] > ms:
            self.rig.hang(ms)

    # --- orders ---------------------------------------------------------------------------------------------------------------
    # Each gives true if the pump carried it out.

    def change(self, ng_per_day: int) -> bool:
        """Another D."""
        at = self.horizon(topped=True)
        order = self.rx | {"basal_ng_per_day": ng_per_day, "reason": "test"}
        verb, _ = self.peer.do("PRESCRIBE", CLINICIAN, **order)
        if verb == "DONE":
            self.plan.basal(at, ng_per_day)
        return verb == "DONE"

    def bolus(self, dose_ng: int, duration_ms: int, role: int = CLINICIAN) -> bool:
        """On top."""
        reason = {"reason": "test"} if role == CLINICIAN else {}
        verb, _ = self.peer.do("BOLUS", role, dose_ng=dose_ng, duration_ms=duration_ms, **reason)
        return verb == "DONE" and self._bolus_began(dose_ng, duration_ms)

    def button(self) -> bool:
        """The patient's own."""
        before = self.peer.status()["bolus_ng"]
        self.rig.press("BOLUS", 100)
        if before or not self.peer.status()["bolus_ng"]:
            return False
        return self._bolus_began(self.rx["pb_dose_ng"], self.rx["pb_duration_ms"])

    def _bolus_began(self, dose_ng: int, duration_ms: int) -> bool:
        begin = self.now + self.peer.status()["bolus_left_ms"] - duration_ms
        assert self.now <= begin <= self.now + 500
        self.plan.bolus(begin * 1000, dose_ng, duration_ms * 1000)
        return True

    def cancel(self) -> bool:
        """End the bolus."""
        self.peer.session(OPERATOR)  # whatever the pump hears, it also looks after its queue
        at = self.horizon()
        done = self.peer.do("CANCEL", OPERATOR)[0] == "DONE"
        if done:
            self.plan.cancel(at)
        return done

    def suspend(self) -> bool:
        """Nothing flows; a bolus ends."""
        self.peer.session(OPERATOR)
        at = self.horizon()
        done = self.peer.do("SUSPEND", OPERATOR)[0] == "DONE"
        if done:
            self.plan.cancel(at)
            self.plan.basal(at, 0)
        return done

    def resume(self, ng_per_day: int | None = None) -> bool:
        """Basal flows again, at the D before or a lower one. (Within the limit: a restart begins a new count of steps.)"""
        lower = {} if ng_per_day is None else {"basal_ng_per_day": ng_per_day}
        if self.peer.status()["stopped_ms"] > 2 * DAY:
            return False
        at = self.horizon()
        done = self.peer.do("RESUME", OPERATOR, **lower)[0] == "DONE"
        if done:
            self.plan.basal(at, self.d)
        return done

    def taper(self, to_ng_per_day: int, preset: int) -> bool:
        """To nothing (0) or to a D. The first step may be due at once."""
        at = self.horizon(topped=True)
        before = self.d
        done = self.peer.do("TAPER", CLINICIAN, to_ng_per_day=to_ng_per_day, preset=preset)[0] == "DONE"
        if done and self.d != before:
            self.plan.basal(at, self.d)
        return done

    def pause(self, on: bool) -> bool:
        """Stay on this rung, or go on."""
        at = self.horizon(topped=True)
        before = self.d
        done = self.peer.do("PAUSE", CLINICIAN, on=int(on))[0] == "DONE"
        if done and self.d != before:
            self.plan.basal(at, self.d)
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
        assert behind < 1, float(behind)
        assert ahead < 1, float(ahead)
        assert not [e[0] for e in self.rig.app.therapy.alarms.entries if e[0] in (GOVERNOR, STORE, MOTOR)]
        books = self.peer.books()
        assert books["known_steps"] <= truth["steps"] <= books["most_steps"]

    def drain(self) -> None:
        """Until all that was granted has left."""
        self.wait(1000)
