"""The real pump beside the model: `Core`, pump/core with its steps granted as they fall due, and `Whole`, the firmware on the rig.

Both take an order by its wire name and give None, or (error, rule, ms until it would be possible). `truth` is what really left.
"""

from typing import Any

from pump.app import telemetry
from pump.core import orders, power
from pump.core.reject import Reject
from pump.core.therapy import Therapy
from wire import alarms
from wire import schema as s

Refusal = tuple[int, int | None, int | None]


class Core:
    """pump/core alone: time costs nothing. Pump time is true time without the cuts."""

    def __init__(self, library: str, syringe: str) -> None:
        self.therapy = Therapy(1000000, 3200, 2000)
        self.true = 0  # steps that left, of all counts but priming
        self.base = 0  # of it before this count
        self.counted = 0  # emitted, as of the last look
        self.knots: list[tuple[int, int, int]] = []  # (pump time, steps that left by then, concentration that left since the one before)
        self.ds: list[tuple[int, int, bool]] = []  # (pump time, D, whether a steep taper runs) whenever something happened
        assert self.order("PROVISION", s.SERVICE, library=library, syringe=syringe) is None

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
        if self.therapy.plan.emitted < counts or verb == "PRESCRIBE" and self.therapy.plan.emitted == 0:
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
