"""The rules once more, from docs/safety.md and in another way: what happened is kept for ever and looked through, nothing is merged or bounded.

An order asks `why_*`, which gives every reason there is to refuse it: {(error, rule): ms until it would be possible, None if that is not
said}. Empty: it is carried out by `do_*`. The pump must refuse for one of these reasons, or carry it out. `run_to` lets time pass.
Nothing of pump/ is imported; the library's numbers come from library/*.toml. Times in ms of powered pump time, drug in ng.
"""

from fractions import Fraction
from math import ceil, floor
from typing import Any

from tests.reference.motion import FULL_NL, HALF, Motion, steps_per_nl
from tests.reference.windows import Course, too_full
from wire import schema as s

MINUTE, HOUR, DAY = 60000, 3600000, 86400000
TITRATES = (s.TITRATING, s.TITRATION_PAUSED)
TAPERS = (s.TAPERING, s.TAPER_PAUSED)
FLOWING = (s.INFUSING, *TAPERS, *TITRATES)
STOPPED = (s.SUSPENDED, s.HELD, s.CHANGING)
PATIENT = ("pb_dose_ng", "pb_duration_ms", "pb_lockout_ms", "pb_max")
PRIME_MAX_NL = 1000000  # R10, ours
MOST_PER_S = 2000  # steps that the sim board can make
STRETCH = MINUTE  # of basal that a power cut may leave uncertain, as the architecture says
RETRY = 15 * MINUTE  # of a titration's step that is not possible yet
OFTEN, OFTEN_MS = 3, 10 * MINUTE  # stops by alarms: after that a clinician resumes
KEPT = 48  # boluses in 24 h that the pump remembers singly: it gives no more
PRESETS = ("label", "gentle", "explant", "infected")

Rows = list[tuple[int, int]]
Why = dict[tuple[int, int | None], int | None]


def held(rows: Rows) -> int:
    """Drug of a cycle, to the nearest ng."""
    ends = [at for at, _ in rows[1:]] + [DAY]
    return floor(Fraction(sum(ng * (end - at) for (at, ng), end in zip(rows, ends, strict=True)), DAY) + HALF)


class Bolus:
    def __init__(self, start: int, planned: int, ng: int) -> None:
        self.start, self.planned, self.ng = start, planned, ng
        self.end: int | None = None
        self.counted = ng  # by R6, along its planned time

    def over(self) -> int:
        """R5: the later of the planned and the actual end."""
        return self.planned if self.end is None else max(self.planned, self.end)


class Taper:
    """The one that runs: how long this rung is still to be held, as of `mark` (None while that does not count)."""

    def __init__(self, to: int, ends: bool, percent: int, hold: int, left: int, now: int) -> None:
        self.to, self.ends, self.percent, self.hold, self.left = to, ends, percent, hold, left
        self.mark: int | None = now
        self.paused = False
        self.up = False  # a titration

    def still(self, now: int) -> int:
        return self.left if self.mark is None else max(0, self.left - (now - self.mark))

    def stop(self, now: int) -> None:
        self.left, self.mark = self.still(now), None


class Model:
    """A pump that has just been provisioned."""

    def __init__(self, library: dict[str, Any], syringe: str) -> None:
        self.lib = library
        self.syringe = syringe
        self.per_nl = steps_per_nl(syringe)
        self.state = s.READY
        self.now = 0
        self.rx: dict[str, Any] = {}
        self.started = 0
        self.rungs: list[tuple[int, int]] = []  # (t, D) of this therapy
        self.flows: list[tuple[int, int]] = [(0, 0)]  # (t, ng/day) of all
        self.boluses: list[Bolus] = []
        self.moments: list[tuple[int, int]] = []  # R6: counted at once
        self.lost: list[tuple[int, int]] = []  # of it what may not have left
        self.taper: Taper | None = None
        self.stopped_at: int | None = None  # while it flows: since when power cuts have kept each step from leaving
        self.off: int | None = 0  # without power since then; None: nobody knows
        self.faults: dict[int, list[bool]] = {}  # alarm that stops: [stands, seen]
        self.residual = False
        self.changing = False  # the syringe, until a refill is booked
        self.stops: list[int] = []  # by alarms
        self.often = False
        self.screens: list[int] = []  # when test doses were over
        self.rows = [(0, 0)]  # of the flow profile: (ms into its cycle, ng/day)
        self.zero = 0  # when a cycle began
        self.dosed: int | None = None  # when a periodic dose last began to flow
        # motion
        self.motion = Motion(0)
        self.before = 0  # steps of all counts before this one
        self.gap = 0  # of this count, that may not have left
        self.conc = 0  # at the tip
        self.coming = 0
        self.dead_at = Fraction(0)  # where the plan is when the dead volume has passed
        self.dead_left = 0  # steps, while no count runs
        self.primed = False
        self.least = 0  # steps counted after a cut, which the plan may still have to catch up with
        self.drug = False  # what is counted is a drug's steps
        self.filled = FULL_NL[syringe]
        self.filled_at = 0  # steps of all counts when it was filled

    # --- what is programmed --------------------------------------------------------------------------------------------------

    @property
    def d(self) -> int:
        return self.rungs[-1][1] if self.rungs else 0

    def basal(self) -> int:
        return self.rate(self.now, self.d) if self.state in FLOWING else 0

    def dose_runs(self) -> bool:
        """A periodic one."""
        return self.rx["mode"] == s.PERIODIC and self.basal() > min(self.rate(self.zero + at, self.d) for at, _ in self.rows)

    def rate(self, t: int, d: int, rows: Rows | None = None, zero: int | None = None) -> int:
        """What the profile makes of D at t: scaled, if D is no longer what its rows hold; never past D's side of it."""
        rows, zero = rows or self.rows, self.zero if zero is None else zero
        if len(rows) == 1:
            return d
        value = [ng for at, ng in rows if at <= (t - zero) % DAY][-1]
        exact = Fraction(value * d, held(rows))
        return ceil(exact) if d < held(rows) else floor(exact)

    def row_at(self, t: int, rows: Rows | None = None, zero: int | None = None) -> int | None:
        """When the next row begins."""
        rows, zero = rows or self.rows, self.zero if zero is None else zero
        if len(rows) == 1:
            return None
        phase = (t - zero) % DAY
        return t - phase + min([at for at, _ in rows if at > phase], default=DAY)

    def ahead(self, until: int, d: int, rows: Rows | None = None, zero: int | None = None) -> Rows:
        """What is programmed from now on."""
        flows = [(self.now, self.rate(self.now, d, rows, zero) if d else 0)]
        while d:
            at = self.row_at(flows[-1][0], rows, zero)
            if at is None or at > until:
                break
            flows.append((at, self.rate(at, d, rows, zero)))
        return flows

    def ds(self, since: int, until: int | None = None) -> list[int]:
        """Each D that was in force at some time after `since`; with `until` as if this one went on till then."""
        ends = [t for t, _ in self.rungs[1:]] + [max(until or self.now, self.now) + 1]
        return [d for (_, d), end in zip(self.rungs, ends, strict=True) if end > since]

    def running(self) -> Bolus | None:
        return self.boluses[-1] if self.boluses and self.boluses[-1].end is None else None

    def per_ng(self, conc: int = 0) -> Fraction:
        return self.per_nl * 1000000 / (conc or self.conc)

    def origin_percent(self) -> int:
        return self.lib["raise"][self.rx["origin"]]  # type: ignore[no-any-return]

    def lockout(self) -> int:
        return self.rx.get("pb_lockout_ms") or self.lib["bolus.shortest_lockout"]  # type: ignore[no-any-return]

    def locked(self) -> int:
        return max([0] + [bolus.over() + self.lockout() - self.now for bolus in self.boluses])

    def counted(self) -> list[int]:
        """R5: the ends of boluses that lie in the last 24 h."""
        return sorted(bolus.over() for bolus in self.boluses if bolus.over() > self.now - DAY)

    def full(self, most: int) -> int:
        """ms until one more is at most `most` in 24 h."""
        ends = self.counted()
        return ends[-most] + DAY - self.now if len(ends) >= most else 0

    def bolus_in(self) -> int:
        if not self.rx:
            return 0
        return max(self.locked(), self.full(self.rx["pb_max"]) if self.rx["pb_max"] else 0)

    def raise_in(self) -> int:
        """Until R2's limit may next be higher."""
        first = self.started + self.lib["titration.first_raise"] - self.now
        if first > 0:
            return first
        low = min(self.ds(self.now - DAY))
        if self.d == low:
            return 0
        return next(
            t + DAY - self.now for t, _ in self.rungs if t + DAY > self.now and min(self.ds(t, t + DAY)) > low
        )  # D that ended at t has left the window of then

    def raise_to(self, at: int) -> int:
        low = min(self.ds(at - DAY, at))
        return min(low * (100 + self.origin_percent()) // 100, self.lib["basal.highest"])

    def lower_in(self, ng: int, percent: int, window: int, at: int) -> int | None:
        """When D may be so low, from `at` on, if it stays as it is; None: never by waiting."""
        for t in sorted({at} | {t + window for t, _ in self.rungs if t + window > at}):
            if ng * 100 >= max(self.ds(t - window, t)) * (100 - percent):
                return t
        return None

    def higher_in(self, ng: int, at: int) -> int:
        """When R2 allows D to be so high, from `at` on, if it stays as it is; `at` if it never will."""
        first = max(at, self.started + self.lib["titration.first_raise"])
        for t in sorted({first} | {t + DAY for t, _ in self.rungs if t + DAY > first}):
            if ng <= min(self.ds(t - DAY, t)) * (100 + self.origin_percent()) // 100:
                return t
        return at

    def stopped(self) -> int | None:
        """The withdrawal clock; None: nobody knows."""
        if self.stopped_at is None:
            return 0
        return None if self.off is None else self.now - self.stopped_at + self.off

    def too_late(self) -> bool:
        stopped = self.stopped()
        return stopped is None or stopped > self.lib["stop.longest"]

    # --- steps ----------------------------------------------------------------------------------------------------------------

    def steps(self) -> int:
        """Granted: never fewer than were counted after a cut."""
        return max(self.motion.whole(), self.least)

    def odometer(self) -> int:
        return self.before + self.steps()

    def left_steps(self) -> int:
        return floor(self.filled * self.per_nl) - (self.odometer() - self.filled_at)

    def left_nl(self) -> int:
        return max(0, self.filled - ceil((self.odometer() - self.filled_at) / self.per_nl))

    def count_anew(self) -> None:
        """Another therapy, or priming: steps are counted from 0."""
        if self.coming:
            self.dead_left = self.bridge_steps()
        self.before += self.steps()
        self.motion, self.least = Motion(self.now), 0
        self.gap = 0
        if self.coming:
            self.dead_at = self.dead_left - HALF

    def bridge_steps(self) -> int:
        return max(0, ceil(self.dead_at - self.steps()))

    def go_on(self) -> None:
        """Basal as it should be from here on."""
        self.motion.flow(self.now, self.basal() * self.per_ng() / DAY if self.conc else Fraction(0))

    def flow(self) -> None:
        """The same, for R6's books too."""
        if self.state in FLOWING and not self.flows[-1][1]:
            self.stopped_at, self.off, self.often = None, 0, False
        self.go_on()
        self.flows.append((self.now, self.basal()))
        if self.state in FLOWING and self.dose_runs():
            self.dosed = self.now

    def too_soon(self, rows: Rows, zero: int) -> Why:
        """R5: a dose of this cycle would come before 19/20 of the interval since the last one began. Until when, if no other dose begins."""
        if self.dosed is None:
            return {}
        last, every, long = self.dosed, rows[2][0] if len(rows) > 2 else DAY, rows[1][0]
        own = self.rows[2][0] if len(self.rows) > 2 else DAY
        runs = self.state in FLOWING and self.rx["mode"] == s.PERIODIC
        left = long - (self.now - zero) % every
        if left > 0 and runs and self.dose_runs() and rows == self.rows and left <= long - (self.now - self.zero) % every:
            return {}  # the one that runs

        def fits(t: int) -> bool:
            into = (t - zero) % every
            return Fraction(t + (0 if into < long else every - into) - last, every) >= Fraction(19, 20)

        if fits(self.now):
            return {}
        ends = range(self.now + left if left > 0 else self.now + left + every, last + every + 1, every)
        when = min(t for t in (*ends, last + every * 19 // 20) if t > self.now and fits(t))
        meets = runs and self.now + own - (self.now - self.zero) % own <= when
        return {(s.LIMIT, 5): None if meets else when - self.now}

    def ran(self) -> None:
        """R7: cuts add up until a step has been granted again."""
        if self.state in FLOWING and self.motion.whole() > self.least:
            self.stopped_at, self.off = None, 0

    def stop(self) -> None:
        self.flow()
        ahead = ceil(HALF - (self.motion.at - self.steps())) - 1
        if ahead > 0:  # a cut left the plan behind what may have left already: drug of another time now
            self.moments.append((self.now, ceil(ahead / self.per_ng())))
            self.motion.at += ahead
        if self.stopped_at is None:
            self.stopped_at, self.off = self.now, 0

    def program(self, ng: int) -> None:
        if not self.rungs or self.d != ng:
            self.rungs.append((self.now, ng))

    # --- R6 --------------------------------------------------------------------------------------------------------------------

    def over_cap(
        self, cap: int, d: int, bolus: tuple[int, int, int] | None, later: int = 0, rows: Rows | None = None, zero: int | None = None
    ) -> bool:
        """Whether D from now on, the bolus `later`, adds drug to a window that is too full with it."""
        now = self.now + later
        recent = self.now - 2 * DAY
        flows = [f for i, f in enumerate(self.flows) if i + 1 == len(self.flows) or self.flows[i + 1][0] > recent]
        ramps = [(b.start, b.planned, b.counted) for b in self.boluses if b.planned > recent and b.counted]
        new = [*ramps, (bolus[0] + later, bolus[1] + later, bolus[2])] if bolus else ramps
        moments = [m for m in self.moments if m[0] > recent]
        until = now + 3 * DAY
        before = self.ahead(until, self.d if self.state in FLOWING else 0)
        after = self.ahead(until, d, rows, zero)
        return too_full(cap, Course([*flows, *before], ramps), Course([*flows, *after], new), moments, now - DAY, now + DAY)

    def repeated(self) -> int:
        """Basal that a cut left uncertain and that came again: no day by the wall has it twice, so a resume may have it once more."""
        step = ceil(1 / self.per_ng())
        stretch = max(step, min(self.rate(self.zero + at, self.d) for at, _ in self.rows) * STRETCH // DAY) + step
        return sum(min(ng, stretch) for t, ng in self.lost if t > self.now - DAY)

    # --- time ------------------------------------------------------------------------------------------------------------------

    def next_rung(self) -> int:
        taper = self.taper
        assert taper is not None
        if taper.up:
            return min(taper.to, self.d * (100 + taper.percent) // 100)
        if self.d > taper.to:
            return max(taper.to, ceil(Fraction(self.d * (100 - taper.percent), 100)))
        return 0 if taper.ends else taper.to

    def rung_at(self) -> int | None:
        """R4: held in full, and R3 allows the next; a steeper preset keeps to its own pace."""
        taper = self.taper
        if self.state not in (s.TAPERING, s.TITRATING) or taper is None or taper.mark is None:
            return None
        at = taper.mark + taper.left
        if taper.up:
            return self.higher_in(self.next_rung(), at)
        if self.d <= taper.to:
            return at
        percent, window = self.lib["reduction.at_most"], self.lib["reduction.window"]
        if self.steep(taper.percent, taper.hold):
            percent, window = taper.percent, taper.hold
        return self.lower_in(self.next_rung(), percent, window, at)

    def steep(self, percent: int, hold: int) -> bool:
        return bool(percent > self.lib["reduction.at_most"] or hold < self.lib["reduction.window"])

    def bridge_at(self) -> int | None:
        if not self.coming or self.state == s.PRIMING:
            return None
        if self.bridge_steps() == 0:
            return self.now
        return self.motion.reaches(self.dead_at) if self.state in FLOWING else None

    def _next(self) -> tuple[int, Any] | None:
        bolus = self.running()
        rows = (
            (bolus.planned if bolus else None, self._bolus_over),
            (self.prime_end if self.state == s.PRIMING else None, self._primed),
            (self.rung_at(), self._raise if self.taper and self.taper.up else self._rung),
            (self.row_at(self.flows[-1][0]) if self.state in FLOWING else None, self.flow),
            (self.bridge_at(), self._bridged),
        )
        due = [(at, i, what) for i, (at, what) in enumerate(rows) if at is not None]
        return min(due)[::2] if due else None

    def run_to(self, t: int) -> None:
        """What is due by itself, each at its time."""
        while True:
            coming = self._next()
            if coming is None or coming[0] > t:
                break
            self.now = max(self.now, coming[0])
            self.motion.settle(self.now)
            self.ran()
            coming[1]()
        self.now = t
        self.motion.settle(t)
        self.ran()

    def edges(self) -> list[int]:
        """Moments ahead at which a rule changes its mind: where mistakes live."""
        found = [self.started + self.lib["titration.first_raise"], self.now + self.bolus_in(), self.now + self.locked()]
        found += [t + more for t, _ in self.rungs for more in (DAY, 2 * DAY, 3 * DAY)]
        found += [end + more for b in self.boluses[-4:] for end in (b.start, b.planned, b.over()) for more in (0, DAY)]
        found += [t + DAY for t, _ in self.flows[-6:]] + [t + DAY for t, _ in self.moments[-3:]]
        found += [at for at in (self.rung_at(), self.bridge_at(), self.row_at(self.now)) if at is not None]
        found += [t + self.lib["screening.spacing"] for t in self.screens[-1:]]
        if self.stopped_at is not None and self.off is not None:
            found.append(self.stopped_at - self.off + self.lib["stop.longest"])
        return sorted({t for t in found if t > self.now})

    def _bolus_over(self) -> None:
        bolus = self.running()
        assert bolus is not None
        self.motion.end(self.now)
        bolus.end = self.now
        if self.state == s.SCREENING:
            self._screened()

    def _screened(self) -> None:
        """A test dose is over: it counts whole, and from now if that is later than was planned."""
        if self.running():
            self.motion.end(self.now)
            self.boluses[-1].end = self.now
        self.screens[-1] = max(self.screens[-1], self.now)
        self.count_anew()
        self.drug = False
        self.state = s.READY

    def _raise(self) -> None:
        """R2 and R6, and drug in the syringe; else it waits."""
        plan, following = self.taper, self.next_rung()
        assert plan is not None
        low = min(self.ds(self.now - DAY))
        lawful = self.now - self.started >= self.lib["titration.first_raise"] and following <= low * (100 + self.origin_percent()) // 100
        if self.residual or not lawful or self.left_steps() <= 0 or self.over_cap(self.rx["max_24h_ng"], following, None):
            plan.left, plan.mark = RETRY, self.now
            return
        self.program(following)
        self.rx["basal_ng_per_day"] = following
        plan.left, plan.mark = plan.hold, self.now
        if following == plan.to:
            self.state, self.taper = s.INFUSING, None
        self.flow()

    def _rung(self) -> None:
        taper, following = self.taper, self.next_rung()
        assert taper is not None
        if self.d <= taper.to:
            self.interrupt()
            self.rungs.append((self.now, 0))
            self.state, self.taper = s.ENDED, None
            self.stop()
            return
        self.program(following)
        self.rx["basal_ng_per_day"] = following
        taper.left, taper.mark = taper.hold, self.now
        if following == taper.to and not taper.ends:
            self.state, self.taper = s.INFUSING, None
        self.flow()

    def _bridged(self) -> None:
        self.conc, self.coming = self.coming, 0
        self.go_on()

    def unknown(self) -> bool:
        """R13: nobody knows what is in the syringe."""
        return self.residual or self.changing

    # --- orders: a prescription --------------------------------------------------------------------------------------------------

    def need(self, *states: int) -> Why:
        return {} if self.state in states else {(s.NOT_NOW, None): None}

    def soft(self, order: dict[str, Any], role: int, rule: int, wait: int | None = None) -> Why:
        """A soft limit is crossed by a clinician who says why."""
        return {} if role == s.CLINICIAN and order.get("reason") else {(s.LIMIT, rule): wait}

    def why_prescribe(self, o: dict[str, Any], role: int) -> Why:
        lib, starts = self.lib, self.state not in FLOWING
        why = self.need(s.READY, s.ENDED, *FLOWING)
        if why:
            return why
        if starts and self.unknown():
            why[s.NOT_NOW, 13] = None
        if starts and self.faults:
            why[s.NOT_NOW, None] = None
        conc, basal, cap = o["conc_ng_per_ml"], o["basal_ng_per_day"], o["max_24h_ng"]
        if o["drug"] != lib["drug"]:
            why[s.OUT_OF_RANGE, None] = None
        if o["conc_again_ng_per_ml"] != conc or conc not in lib["concentration.known"]:
            why[s.LIMIT, 9] = None
            return why
        if not lib["basal.lowest"] <= basal <= lib["basal.highest"]:
            why[s.LIMIT, 1] = None
        if not basal <= cap <= lib["basal.max_24h_highest"]:
            why[s.LIMIT, 6] = None
        dose, duration, lockout = o.get("pb_dose_ng"), o.get("pb_duration_ms"), o.get("pb_lockout_ms")
        if not all(o.get(name) for name in PATIENT) and any(o.get(name) for name in PATIENT):
            why[s.BAD_FIELD, None] = None
        elif dose:
            assert duration and lockout
            self._why_size(why, dose, duration)
            if lockout < lib["bolus.shortest_lockout"]:
                why[s.LIMIT, 5] = None
            if dose > lib["bolus.soft_highest"]:
                why |= self.soft(o, role, 16)
            weakest = min(conc, self.conc or conc)
            if (ceil(dose * self.per_ng(weakest)) + ceil(basal * self.per_ng(weakest) * duration / DAY)) * 1000 > MOST_PER_S * duration:
                why[s.LIMIT, 1] = None
        why |= self._why_bridge(o, conc)
        rows, zero = self._why_profile(why, o)
        if basal > lib["basal.soft_highest"]:
            why |= self.soft(o, role, 1)
        if starts:
            why |= self._why_start(o, o, role, basal)
        else:
            why |= self._why_change(o, role, basal)
        if rows and self.over_cap(cap, basal, None, 0, rows, zero):
            why[s.LIMIT, 6] = None
        if rows and o.get("mode") == s.PERIODIC:
            early = self.too_soon(rows, zero)
            why = (early if self.soft(o, role, 5) else {}) | why
        return why

    def _why_profile(self, why: Why, o: dict[str, Any]) -> tuple[Rows, int]:
        """R1, R4, R12 and R16 of a schedule."""
        lib, mode, d = self.lib, o.get("mode") or s.SIMPLE, o["basal_ng_per_day"]
        if mode in (s.SIMPLE, s.MINIMUM):
            if mode == s.MINIMUM:
                if d != lib["basal.lowest"]:
                    why[s.LIMIT, 1] = None
                if self.state in FLOWING and self.d > lib["basal.lowest"]:
                    why[s.LIMIT, 4] = None
                if o.get("pb_dose_ng"):
                    why[s.LIMIT, 16] = None
            return [(0, d)], self.now
        rows: Rows = [(at, ng) for at, ng in o["rows"]]
        if held(rows) != d:
            why[s.LIMIT, 12] = None
            return [], 0
        if mode == s.PERIODIC:
            self._why_size(why, (rows[0][1] - rows[1][1]) * rows[1][0] // DAY, rows[1][0])
        elif not all(lib["flex.lowest"] * d <= ng * 100 <= lib["flex.highest"] * d for _, ng in rows):
            why[s.LIMIT, 1] = None
        return rows, self.now - o["phase_ms"]

    def _why_size(self, why: Why, dose: int, duration: int) -> None:
        lib = self.lib
        if not 1 <= dose <= lib["bolus.highest"] or not lib["bolus.shortest"] <= duration <= lib["bolus.longest"]:
            why[s.LIMIT, 16] = None

    def _why_bridge(self, o: dict[str, Any], conc: int) -> Why:
        behind, dead = self.coming or self.conc, o.get("dead_nl")
        if behind in (0, conc):
            return {} if dead is None else {(s.BAD_FIELD, 9): None}
        if self.coming and self.bridge_steps():
            at = self.motion.reaches(self.dead_at)
            return {(s.LIMIT, 9): None if at is None else at - self.now}
        if dead is None:
            return {(s.BAD_FIELD, 9): None}
        if dead == 0:
            return {(s.LIMIT, 9): None} if self.state in FLOWING or not self.primed else {}
        if not self.lib["dead_volume.least"] <= dead <= self.lib["dead_volume.most"]:
            return {(s.LIMIT, 9): None}
        bolus = self.running()
        return {(s.NOT_NOW, 9): bolus.planned - self.now} if bolus else {}

    def _why_start(self, o: dict[str, Any], rx: dict[str, Any], role: int, basal: int) -> Why:
        """R8."""
        lib, tested = self.lib, rx.get("screen_ng")
        if not tested:
            return {(s.BAD_FIELD, 8): None}
        if not lib["screening.lowest"] <= tested <= lib["screening.highest"]:
            return {(s.LIMIT, 8): None}
        most = min(lib["basal.start_highest"], tested * (1 if rx.get("screen_long") else 2))
        if most >= lib["basal.lowest"]:
            return {(s.LIMIT, 8): None} if basal > most else {}
        return {(s.LIMIT, 8): None} if basal > lib["basal.lowest"] else self.soft(o, role, 8)

    def _why_change(self, o: dict[str, Any], role: int, basal: int) -> Why:
        """R2 and R3."""
        lib, now = self.lib, self.now
        if basal < self.d:
            at = self.lower_in(basal, lib["reduction.at_most"], lib["reduction.window"], now)
            return {} if at == now else {(s.LIMIT, 3): None if at is None else at - now}
        if basal == self.d:
            return {}
        first = self.started + lib["titration.first_raise"] - now
        if first > 0:
            return {(s.LIMIT, 2): first}
        low = min(self.ds(now - DAY))
        percent = lib["raise"][o["origin"]]
        wait = self.raise_in() or None
        if basal <= min(low * (100 + percent) // 100, lib["basal.highest"]):
            if basal > lib["titration.soft_above"] and basal * 100 > low * (100 + lib["titration.soft_raise"]):
                return self.soft(o, role, 2, wait)
            return {}
        if basal in self.ds(now - lib["reduction.back_within"]):
            return self.soft(o, role, 2, wait)
        return {(s.LIMIT, 2): wait}

    def do_prescribe(self, o: dict[str, Any]) -> None:
        starts = self.state not in FLOWING
        conc, dead, behind = o["conc_ng_per_ml"], o.get("dead_nl"), self.coming or self.conc
        if behind != conc and not dead:
            self.conc, self.coming = conc, 0
        elif behind != conc:
            self.coming = conc
            self.dead_at = self.steps() + ceil(dead * self.per_nl) - HALF
        self.rx = {name: o.get(name) or 0 for name in (*PATIENT, "max_24h_ng", "origin", "screen_ng", "screen_long", "basal_ng_per_day")}
        self.rx["mode"] = o.get("mode") or s.SIMPLE
        self.rows = [(at, ng) for at, ng in o["rows"]] if o.get("rows") else [(0, o["basal_ng_per_day"])]
        self.zero = self.now - (o.get("phase_ms") or 0)
        self.taper = None
        if starts:
            self._begin()
        self.state = s.INFUSING
        self.program(o["basal_ng_per_day"])
        self.flow()

    def _begin(self) -> None:
        self.count_anew()
        self.rungs = []
        self.started = self.now
        self.primed = False
        self.drug = True

    # --- orders: boluses ----------------------------------------------------------------------------------------------------------

    def why_bolus(self, o: dict[str, Any], role: int) -> Why:
        lib, rx, now = self.lib, self.rx, self.now
        why = self.need(*FLOWING)
        if why:
            return why
        if self.running():
            return {(s.NOT_NOW, 5): self.boluses[-1].planned - now + self.lockout()}
        if self.faults:
            why[s.NOT_NOW, None] = None
        if self.unknown():
            why[s.NOT_NOW, 13] = None
        if self.coming:
            at = self.motion.reaches(self.dead_at)
            why[s.LIMIT, 9] = None if at is None else at - now
        dose, duration = o["dose_ng"], o.get("duration_ms") or rx["pb_duration_ms"] or lib["bolus.shortest"]
        if role != s.CLINICIAN:
            if not 1 <= dose <= rx["pb_dose_ng"] or duration != rx["pb_duration_ms"]:
                why[s.LIMIT, 16] = None
            if self.state in TAPERS and not lib["bolus.in_taper"]:
                why[s.NOT_NOW, 16] = None
            if self.dose_runs():
                at = self.row_at(now)
                why[s.NOT_NOW, 16] = None if at is None else at - now
        self._why_size(why, dose, duration)
        if dose > max(lib["bolus.soft_highest"], rx["pb_dose_ng"]):
            why |= self.soft(o, role, 16)
        full = self.full(min(rx["pb_max"] or KEPT, KEPT))
        if full:
            why[s.LIMIT, 5] = max(full, self.bolus_in())
        elif self.locked():
            why |= self.soft(o, role, 5, self.locked())
        begin = max(now, self.motion.t)
        if self.over_cap(rx["max_24h_ng"], self.d, (begin, begin + duration, dose)):
            why[s.LIMIT, 6] = None
        peak = max(rate for _, rate in self.ahead(now + duration + HOUR - 1, self.d))  # an order may be confirmed later
        steps = ceil(dose * self.per_ng()) + ceil(peak * self.per_ng() * duration / DAY)
        if steps * 1000 > MOST_PER_S * duration:
            why[s.LIMIT, 1] = None
        if self.left_steps() < steps:
            why[s.NOT_NOW, 13] = None
        return why

    def do_bolus(self, o: dict[str, Any]) -> None:
        begin, dose = max(self.now, self.motion.t), o["dose_ng"]
        duration = o.get("duration_ms") or self.rx["pb_duration_ms"] or self.lib["bolus.shortest"]
        self.boluses.append(Bolus(begin, begin + duration, dose))
        self.motion.begin(begin, dose * self.per_ng(), duration)

    def why_cancel(self, o: dict[str, Any], role: int) -> Why:
        return {} if self.running() or self.state in (s.PRIMING, s.SCREENING) else {(s.NOT_NOW, None): None}

    def do_cancel(self, o: dict[str, Any]) -> None:
        if self.state == s.PRIMING:
            self._primed()
        else:
            self.interrupt()

    def interrupt(self) -> None:
        """A bolus that runs is over. It counts whole."""
        if self.running():
            self._bolus_over()

    # --- orders: the taper --------------------------------------------------------------------------------------------------------

    def why_taper(self, o: dict[str, Any], role: int) -> Why:
        why = self.need(*FLOWING)
        if why:
            return why
        to, preset = o["to_ng_per_day"], PRESETS[o["preset"]]
        if to and not self.lib["basal.lowest"] <= to < self.d:
            why[s.LIMIT, 4] = None
        if self.steep(self.lib[f"taper.{preset}.percent"], self.lib[f"taper.{preset}.hold"]):
            why |= self.soft(o, role, 3)
        return why

    def do_taper(self, o: dict[str, Any]) -> None:
        preset, to = PRESETS[o["preset"]], o["to_ng_per_day"]
        hold = self.lib[f"taper.{preset}.hold"]
        target = to or self.lib["basal.lowest"]
        left = hold if self.d <= target else 0
        if self.taper and not self.taper.up:  # what is still to be held stays
            left = max(left, self.taper.still(self.now))
        self.taper = Taper(target, not to, self.lib[f"taper.{preset}.percent"], hold, left, self.now)
        self.state = s.TAPERING

    def why_pause(self, o: dict[str, Any], role: int) -> Why:
        return self.need(*((s.TAPERING, s.TITRATING) if o["on"] else (s.TAPER_PAUSED, s.TITRATION_PAUSED)))

    def do_pause(self, o: dict[str, Any]) -> None:
        taper = self.taper
        assert taper is not None
        taper.paused = bool(o["on"])
        if o["on"]:
            taper.stop(self.now)
            self.state = s.TITRATION_PAUSED if taper.up else s.TAPER_PAUSED
        else:
            taper.mark = self.now
            self.state = s.TITRATING if taper.up else s.TAPERING

    def why_align(self, o: dict[str, Any], role: int) -> Why:
        """R6, as for another schedule."""
        why = self.need(*FLOWING, *STOPPED) if len(self.rows) > 1 else {(s.NOT_NOW, None): None}
        d = self.d if self.state in FLOWING else 0
        if not why and self.over_cap(self.rx["max_24h_ng"], d, None, 0, self.rows, self.now - o["phase_ms"]):
            why[s.LIMIT, 6] = None
        if not self.need(*FLOWING, *STOPPED) and len(self.rows) > 1 and self.rx["mode"] == s.PERIODIC:
            why |= self.too_soon(self.rows, self.now - o["phase_ms"])
        return why

    def do_align(self, o: dict[str, Any]) -> None:
        self.zero = self.now - o["phase_ms"]
        if self.state in FLOWING:
            self.flow()

    # --- orders: the titration and the screening -------------------------------------------------------------------------------

    def why_titrate(self, o: dict[str, Any], role: int) -> Why:
        """R1, R2, R6 of the whole way."""
        lib, to, percent = self.lib, o["to_ng_per_day"], o["percent"]
        why = self.need(s.INFUSING, *TITRATES)
        if why:
            return why
        if not lib["basal.lowest"] <= to <= lib["basal.highest"]:
            why[s.LIMIT, 1] = None
        if to <= self.d or not 1 <= percent <= self.origin_percent() or o["hold_ms"] < DAY:
            why[s.LIMIT, 2] = None
            return why
        if to > self.rx["max_24h_ng"]:
            why[s.LIMIT, 6] = None
        if to > lib["basal.soft_highest"]:
            why |= self.soft(o, role, 1)
        why |= self._why_mode(to)
        low, d = min(self.ds(self.now - DAY)), self.d
        while d < to:
            d = min(to, d * (100 + percent) // 100)
            if d > lib["titration.soft_above"] and d > low * (100 + lib["titration.soft_raise"]) // 100:
                why |= self.soft(o, role, 2)
            low = d
        return why

    def _why_mode(self, to: int) -> Why:
        """The minimum rate stays the minimum (R1); a periodic dose that grows with D stays a single dose's (R16)."""
        if self.rx["mode"] == s.MINIMUM:
            return {(s.LIMIT, 1): None}
        if self.rx["mode"] == s.PERIODIC:
            high, low = (self.rate(self.zero + at, to) for at, _ in self.rows[:2])
            if -(-(high - low) * self.rows[1][0] // DAY) > self.lib["bolus.highest"]:
                return {(s.LIMIT, 16): None}
        return {}

    def do_titrate(self, o: dict[str, Any]) -> None:
        left = self.taper.still(self.now) if self.taper else 0
        self.taper = Taper(o["to_ng_per_day"], False, o["percent"], o["hold_ms"], left, self.now)
        self.taper.up = True
        self.state = s.TITRATING

    def why_screen(self, o: dict[str, Any], role: int) -> Why:
        """A test dose: R5, R6 by the library's cap, R8, R9, R16, a day apart."""
        lib, now, conc, dose = self.lib, self.now, o["conc_ng_per_ml"], o["dose_ng"]
        why = self.need(s.READY, s.ENDED)
        if why:
            return why
        if self.faults:
            why[s.NOT_NOW, None] = None
        if self.unknown():
            why[s.NOT_NOW, 13] = None
        if o["conc_again_ng_per_ml"] != conc or self.coming or self.conc not in (0, conc) and not self.primed:
            why[s.LIMIT, 9] = None
        if not lib["screening.lowest"] <= dose <= lib["screening.highest"]:
            why[s.LIMIT, 8] = None
        duration = o.get("duration_ms") or lib["bolus.shortest"]
        self._why_size(why, dose, duration)
        wait = self.screens[-1] + lib["screening.spacing"] - now if self.screens else 0
        if wait > 0:
            why.setdefault((s.LIMIT, 8), wait)
        if self.locked():
            why[s.LIMIT, 5] = self.locked()
        steps = ceil(dose * self.per_ng(conc))
        if steps * 1000 > MOST_PER_S * duration:
            why[s.LIMIT, 1] = None
        if self.over_cap(lib["basal.max_24h_highest"], 0, (now, now + duration, dose)):
            why[s.LIMIT, 6] = None
        if self.left_steps() < steps:
            why[s.NOT_NOW, 13] = None
        return why

    def do_screen(self, o: dict[str, Any]) -> None:
        self.primed = False
        duration, dose = o.get("duration_ms") or self.lib["bolus.shortest"], o["dose_ng"]
        self.conc, self.coming = o["conc_ng_per_ml"], 0
        self.count_anew()
        self.drug, self.state = True, s.SCREENING
        self.boluses.append(Bolus(self.now, self.now + duration, dose))
        self.motion.begin(self.now, dose * self.per_ng(), duration)
        self.screens.append(self.now + duration)

    # --- orders: R7 ---------------------------------------------------------------------------------------------------------------

    def why_suspend(self, o: dict[str, Any], role: int) -> Why:
        return self.need(*FLOWING, s.PRIMING, s.SCREENING, s.HELD, s.CHANGING)

    def do_suspend(self, o: dict[str, Any]) -> None:
        if self.state == s.PRIMING:
            self._primed()
        elif self.state == s.SCREENING:
            self._screened()
        elif self.state in STOPPED:
            self.state = s.SUSPENDED
        else:
            self._halt(s.SUSPENDED)

    def _halt(self, state: int) -> None:
        self.interrupt()
        if self.taper:
            self.taper.stop(self.now)
        self.state = state
        self.stop()

    def why_resume(self, o: dict[str, Any], role: int) -> Why:
        why = self.need(s.SUSPENDED, s.HELD)
        if why:
            return why
        new = o.get("basal_ng_per_day") or self.d
        if self.faults or self.often and role != s.CLINICIAN:
            why[s.NOT_NOW, None] = None
        if self.unknown():
            why[s.NOT_NOW, 13] = None
        if not self.lib["basal.lowest"] <= new <= self.d:
            why[s.LIMIT, 7] = None
        if self.too_late():
            why |= self.soft(o, role, 7)
            why |= self._why_start({"reason": "a restart has one"}, self.rx, s.CLINICIAN, new)
        elif new < self.d:
            why |= self._why_change(o, role, new)
        if self.over_cap(self.rx["max_24h_ng"] + self.repeated(), new, None):
            why[s.LIMIT, 6] = None
        return why

    def do_resume(self, o: dict[str, Any]) -> None:
        new = o.get("basal_ng_per_day") or self.d
        taper, lower = self.taper, new < self.d
        self.rx["basal_ng_per_day"] = new
        if self.too_late():
            self.taper = None
            self._begin()
            self.state = s.INFUSING
        elif taper is None or not taper.up and not taper.ends and new <= taper.to or taper.up and lower:
            self.taper = None
            self.state = s.INFUSING
        else:
            if lower:  # another rung, to be held in full
                taper.left = taper.hold
            self.state = (TITRATES if taper.up else TAPERS)[taper.paused]
            if not taper.paused:
                taper.mark = self.now
        self.program(new)
        self.flow()

    def why_close(self, o: dict[str, Any], role: int) -> Why:
        return self.need(s.SUSPENDED, s.HELD) or ({} if self.too_late() else {(s.NOT_NOW, 7): None})

    def do_close(self, o: dict[str, Any]) -> None:
        self.rungs.append((self.now, 0))
        self.state, self.taper, self.often = s.ENDED, None, False

    # --- orders: service and syringe --------------------------------------------------------------------------------------------

    def why_provision(self, o: dict[str, Any], role: int) -> Why:
        """R17."""
        return {} if self.state in (s.READY, s.ENDED) else {(s.NOT_NOW, 17): None}

    def do_provision(self, o: dict[str, Any]) -> None:
        self.primed = False
        self.state, self.rx, self.changing = s.READY, {}, False
        self.filled, self.filled_at = FULL_NL[self.syringe], self.odometer()

    def why_refill(self, o: dict[str, Any], role: int) -> Why:
        """R13."""
        why: Why = {}
        if not 1 <= o["volume_nl"] <= FULL_NL[self.syringe]:
            why[s.LIMIT, 13] = None
        if abs(o["residual_nl"] - self.left_nl()) * 100 > self.lib["reservoir.residual_share"] * self.filled:
            why |= self.soft(o, role, 13)
        return why

    def do_refill(self, o: dict[str, Any], role: int = s.CLINICIAN) -> None:
        self.primed = False
        self.filled, self.filled_at, self.residual = o["volume_nl"], self.odometer(), False
        self.changing = False
        if self.state == s.CHANGING:  # basal goes on by itself, if a resume would be possible for whoever books it, and without a reason
            self.state = s.HELD
            if not self.why_resume({}, role):
                self.do_resume({})

    def why_change(self, o: dict[str, Any], role: int) -> Why:
        """R13, the syringe: not in the middle of a bolus."""
        why = self.need(*FLOWING, s.HELD)
        bolus = self.running()
        return why or ({(s.NOT_NOW, 13): bolus.planned - self.now} if bolus else {})

    def do_change(self, o: dict[str, Any]) -> None:
        if self.state in FLOWING:
            self._halt(s.CHANGING)
        self.state, self.changing = s.CHANGING, True

    def why_prime(self, o: dict[str, Any], role: int) -> Why:
        """R10."""
        why = self.need(s.READY, s.ENDED)
        if why:
            return why
        if self.faults:
            why[s.NOT_NOW, None] = None
        if self.changing:
            why[s.NOT_NOW, 13] = None
        if not o["disconnected"] or not 1 <= o["volume_nl"] <= PRIME_MAX_NL:
            why[s.LIMIT, 10] = None
        if o["volume_nl"] > self.left_nl():
            why[s.NOT_NOW, 13] = None
        return why

    def do_prime(self, o: dict[str, Any]) -> None:
        steps = o["volume_nl"] * self.per_nl
        ms = max(1000, ceil(Fraction(ceil(steps) * 1000, MOST_PER_S)))  # as fast as the board may
        self.count_anew()
        self.drug = False
        self.state = s.PRIMING
        self.prime_end = self.now + ms
        self.motion.begin(self.now, steps, ms)

    def _primed(self) -> None:
        self.motion.end(self.now)
        self.primed = self.primed or self.steps() > 0
        self.count_anew()
        self.state = s.READY

    # --- the world ------------------------------------------------------------------------------------------------------------------

    def fault(self, alarm: int) -> None:
        """An alarm that stops delivery."""
        entry = self.faults.setdefault(alarm, [True, False])
        if not entry[0]:
            self.faults[alarm] = [True, False]
        if self.state == s.PRIMING:
            self._primed()
        elif self.state == s.SCREENING:
            self._screened()
        elif self.state in FLOWING:
            self._halt(s.HELD)
            self.stops = [*self.stops, self.now][-OFTEN:]
            self.often = self.often or len(self.stops) == OFTEN and self.now - self.stops[0] <= OFTEN_MS

    def mend(self, alarm: int) -> None:
        """Its cause is gone; it stays until somebody has seen it."""
        if alarm in self.faults:
            self.faults[alarm][0] = False
            if self.faults[alarm][1]:
                del self.faults[alarm]

    def why_ack(self, o: dict[str, Any], role: int) -> Why:
        return {} if o["alarm"] in self.faults else {(s.NOT_NOW, None): None}

    def do_ack(self, o: dict[str, Any]) -> None:
        self.faults[o["alarm"]][1] = True
        if not self.faults[o["alarm"]][0]:
            del self.faults[o["alarm"]]

    def reset(self, gap: int) -> None:
        """Watchdog: basal goes on, a bolus does not; `gap` steps granted ahead may not have left."""
        if self.state == s.PRIMING:
            self._primed()
            return
        self._uncertain(gap)
        if self.state == s.SCREENING:
            self._screened()
        else:
            self.interrupt()

    def _uncertain(self, gap: int) -> None:
        self.gap += gap
        if self.coming and self.coming < self.conc:  # what gets weaker is taken late: that doses less
            self.dead_at += gap

    def cut(self, off: int | None, gap: int, found: "tuple[int, int, tuple[int, Fraction], int] | None" = None) -> None:
        """Power off for so long (None: nobody knows); `gap` steps were allowed beyond what is known to have left.

        found: what only the pump can know, (its time, steps at most, (up to when it has granted, where its plan is then), what R6 counts at once)."""
        self.ran()
        if off is not None and off > 2000 and self.dosed is not None:  # the clock counts whole seconds
            self.dosed -= off - 2000
        steps = self.steps()
        most = steps + gap
        if found:
            self.now, most = found[:2]
        if self.state == s.PRIMING:
            self.motion.jump(self.now, Fraction(most))
            self._primed()
            return
        if self.drug:
            bolus = self.running()
            self._uncertain(gap)
            uncertain = ceil(gap / self.per_ng())
            given = whole = 0
            if bolus:
                whole = bolus.ng
                elapsed = min(max(self.now, self.motion.t) - bolus.start, bolus.planned - bolus.start)
                given = ceil(Fraction(whole * elapsed, bolus.planned - bolus.start))
                bolus.end, bolus.counted = self.now, 0
            lead, again = self.motion.at - steps, 0
            schedule = len(self.rows) > 1 and self.state in FLOWING
            if schedule:
                # a schedule goes on by the clock: basal that may have left already is not given again when its time comes again
                again = gap
                if bolus:
                    again = min(gap, floor(self.motion.basal * (max(0, bolus.planned - self.motion.t) + STRETCH)) + 1)
                self.motion.jump(self.now, most + min(lead - again, -HALF))
            else:
                self.motion.jump(self.now, most - HALF)
            self.least = most
            if gap or given:
                counted = max(ceil((gap - again) / self.per_ng()) + given, whole)
                counted = counted if whole or not schedule else 0
                self.moments.append((self.now, found[3] if found else counted))
                self.lost.append((self.now, uncertain))
            if found:
                self.motion.jump(*found[2], self.now)
        if self.state == s.SCREENING:
            self._screened()
        elif self.state in FLOWING:
            if self.stopped_at is None:
                self.stopped_at, self.off = self.now, 0
            self.off = None if off is None or self.off is None else self.off + off
            if self.off is None or self.off > self.lib["stop.resumes_by_itself"]:
                self._halt(s.HELD)
        elif self.state in STOPPED:
            self.off = None if off is None or self.off is None else self.off + off
