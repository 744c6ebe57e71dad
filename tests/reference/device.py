"""The real pump beside the model: `Core`, pump/core with its steps granted as they fall due, and `Whole`, the firmware on the rig.

Both take an order by its wire name and give None, or (error, rule, ms until it would be possible). `truth` is what really left.
"""

from fractions import Fraction
from typing import Any

from peer import Peer
from pump.app import telemetry
from pump.core import orders, power
from pump.core.reject import Reject
from pump.core.therapy import Therapy
from sim.bench import Config
from sim.rig import Rig
from wire import alarms
from wire import schema as s
from wire.rows import rows_hash

Refusal = tuple[int, int | None, int | None]


class Core:
    """pump/core alone: time costs nothing. Pump time is true time without the cuts."""

    loose = 0  # steps by which what is granted may differ from what is due at `horizon`

    def __init__(self, library: str, syringe: str) -> None:
        self.therapy = Therapy(1000000, 3200, 2000)
        self.true = 0  # steps that left, of all counts but priming
        self.base = 0  # of it before this count
        self.counted = 0  # emitted, as of the last look
        self.knots: list[tuple[int, int, int]] = []  # (pump time, steps that left by then, concentration that left since the one before)
        self.ds: list[tuple[int, int, bool]] = []  # (pump time, D, whether a steep taper runs) whenever something happened
        assert self.order("PROVISION", s.SERVICE, library=library, syringe=syringe) is None

    def horizon(self, verb: str = "") -> int:
        """When what was granted ahead is over: nothing is."""
        return self.therapy.now

    def queued(self) -> int:
        """Steps granted that have not left yet."""
        return 0

    def order(self, verb: str, role: int, **values: Any) -> Refusal | None:
        check, do = orders.find(verb)
        before = repr(self.therapy.dump())
        self.look()
        try:
            check(self.therapy, values, role)
        except Reject as no:
            assert repr(self.therapy.dump()) == before, "a refusal changes nothing"
            if no.rule == 13 and no.field == "residual_nl":
                self.therapy.alarm(alarms.RESIDUAL)  # as the loop does
            return no.error, no.rule, no.in_ms
        counts = self.therapy.plan.emitted
        do(self.therapy, values, role)
        if self.therapy.plan.emitted < counts or self.therapy.plan.emitted == 0:
            self.base = self.true
        self.counted = self.therapy.plan.emitted  # a start or priming begins anew
        self.go(0)
        return None

    def go(self, ms: int) -> None:
        """From event to event, each step granted by the time it is due."""
        therapy, end = self.therapy, self.therapy.now + ms
        while True:
            coming = therapy.next_event()
            at = end if coming is None else min(end, max(coming, therapy.now))
            plan = therapy.plan
            if at >= plan.t:
                steps = max(0, plan.steps_by(at))
                plan.settle(at)
                plan.take(steps)
                if steps:
                    therapy.runs()  # as its authorisation does
                self.look(at)
            therapy.advance(at)
            self.counted = therapy.plan.emitted  # which priming begins anew
            self.ds.append((therapy.now, therapy.d(), bool(therapy.soft() & 8)))
            coming = therapy.next_event()
            if at == end and (coming is None or coming > end):
                break
        therapy.news.clear()

    def look(self, at: int | None = None) -> None:
        """All that was granted has left."""
        emitted = self.therapy.plan.emitted
        if self.therapy.state != s.PRIMING:
            self.true += emitted - self.counted
        self.counted = emitted
        if self.therapy.state != s.PRIMING:
            self.knots.append((self.therapy.now if at is None else at, self.true, self.therapy.line.conc))

    def cut(self, off: int | None, gap: int, left: int) -> int:
        """`left` of `gap` steps beyond those known did leave. Gives the gap."""
        emitted = self.therapy.plan.emitted
        self.therapy.restore(self.therapy.dump())
        power.lost(self.therapy, emitted, emitted + gap, -1 if off is None else off)
        self.true += left * (self.therapy.state != s.READY)
        self.counted = self.therapy.plan.emitted
        self.go(0)
        return gap

    def reset(self, gap: int) -> int:
        """`gap` of the steps granted have not left."""
        gap = min(gap, self.therapy.known_steps())
        self.true -= gap
        power.reset(self.therapy, gap)
        self.go(0)
        return gap

    def fault(self, alarm: int, on: bool) -> None:
        self.therapy.alarm(alarm, on)
        self.go(0)

    def status(self) -> dict[str, Any]:
        return telemetry.status(self.therapy, self.therapy.known_steps(), "", 0)

    def books(self) -> dict[str, Any]:
        return telemetry.books(self.therapy, self.therapy.known_steps(), 0, 0)


class Whole:
    """The firmware on the rig: real frames, keys and codes, a motor, a journal. `knots` in true time."""

    loose = 1  # trains of steps are granted to the us, the horizon is a ms

    def __init__(self, library: str, syringe: str, ticks_at_boot: int = 0) -> None:
        self.rig = Rig(config=Config(syringe=syringe, ticks_at_boot=ticks_at_boot))
        self.peer = Peer(self.rig)
        self.base = 0  # steps that had left when this count began
        self.knots: list[tuple[int, int, int]] = []
        assert self.peer.provision(library=library, syringe=syringe)[0] == "DONE"

    @property
    def therapy(self) -> Therapy:
        return self.rig.app.therapy  # type: ignore[no-any-return]

    @property
    def true(self) -> int:
        return int(self.rig.truth()["steps"])

    def queued(self) -> int:
        return int(self.rig.hw.stepper.left())

    def place(self) -> tuple[int, Fraction]:
        """(until when it is granted, where the plan is then)."""
        plan = self.therapy.plan
        return plan.t, plan.emitted + Fraction(plan.num, plan.den)

    def horizon(self, verb: str = "SUSPEND") -> int:
        """When what was granted ahead is over. Most orders fill up the queue before they act, and only then change something."""
        app = self.rig.app
        if verb not in ("SUSPEND", "CANCEL") and app.delivery is not None:
            app.delivery.top_up(app.clock.now())
        return int(max(app.clock.now(), self.therapy.plan.t))

    def order(self, verb: str, role: int, **values: Any) -> Refusal | None:
        rows = values.pop("rows", None)
        for index, (offset_ms, ng_per_day) in enumerate(rows or ()):
            self.peer.ask("STAGE", role, index=index, count=len(rows), offset_ms=offset_ms, ng_per_day=ng_per_day)
        if rows:
            values["rows_hash"] = rows_hash(rows)
        counts = self.therapy.odometer_base
        if verb == "PROVISION":
            answer = self.peer.provision(role, library=values["library"], syringe=values["syringe"])
        else:
            answer = self.peer.do(verb, role, **values)
        if answer[0] == "ERR":
            said = answer[1]
            return said["error"], said.get("rule"), said.get("in_ms")
        assert answer[0] == "DONE", answer
        if verb == "REFILL":
            self.rig.hw.refill(values["volume_nl"])
        if self.therapy.odometer_base != counts or self.therapy.plan.emitted == 0:
            self.base = self.true
        self.look()
        return None

    def go(self, ms: int) -> None:
        self.rig.advance(ms)
        self.look()

    def look(self) -> None:
        self.knots.append((self.rig.hw.clock.us // 1000, self.true, self.therapy.line.conc))

    def status(self) -> dict[str, Any]:
        self.peer.status()  # whatever the pump hears, it also looks after its queue
        return self.peer.status()

    def books(self) -> dict[str, Any]:
        return self.peer.books()
