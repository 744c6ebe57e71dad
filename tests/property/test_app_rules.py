"""Any sequence of orders, presses, cuts, bites and resets: the rules hold by a ledger and a plant that know nothing of the firmware.

The tests of each rule are in tests/unit/test_core_*.py; this one looks for what nobody thought of. The ledger keeps powered time itself (the pump's own may only lag behind it, so what the pump allows must be allowed by the ledger): what was
accepted as D, when boluses were accepted, how long nothing ran. The plant's pulses give R6 and the books. CPython, the whole app.
"""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from peer import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, SERVICE, infusing, rx
from tests.property.budget import budget
from wire import alarms, limits
from wire import schema as s

REQ = ("R2", "R3", "R4", "R5", "R6", "R7")

NG_PER_STEP = 1e6 / 54.3280744890703 / 2000  # bore 8.66 mm, 1 mm lead, 3200 microsteps, 500 mcg/mL: by hand
RUNNING = (s.INFUSING, s.TAPERING, s.TAPER_PAUSED)
WAITS = st.sampled_from([1, 500, 3000, MINUTE, 7 * MINUTE, HOUR, 5 * HOUR, DAY, 2 * DAY + HOUR])
BEFORE = st.sampled_from([0, HOUR - 1, HOUR, 5 * HOUR, 6 * HOUR, DAY])
REASON = st.sampled_from([{}, {"reason": "why not"}])


class Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.peer = infusing()
        self.rig = self.peer.rig
        self.off_ms = 0  # in all
        self.cuts = 0
        self.cut_at = (0, -1)  # powered ms and steps at the last one
        self.without = 0  # power since a step last left
        self.d = [(0, 100000)]  # (powered ms, accepted D)
        self.caps = [(0, 115000)]
        self.begun = 0
        self.bolus_end = -DAY  # powered ms, planned
        self.marks = [(0, 0)]  # (ms, steps)
        self.lockout = 6 * HOUR
        self.closed = False  # by a person, not by the end of a taper
        self.touched = False  # the board's clock: what it said when the journal was last written is not known here

    # --- the ledger ------------------------------------------------------------------------------------------------------
    def powered(self) -> int:
        return self.rig.hw.clock.us // 1000 - self.off_ms

    def go(self, ms: int) -> None:
        while ms > 0:
            self.rig.advance(min(ms, HOUR))
            ms -= HOUR
            self.mark()
            self.follow()

    def mark(self) -> None:
        """R6 by the plant: no 24 h that end now held more than the largest cap in force, but for what cuts may give twice."""
        now, steps = self.rig.hw.clock.us // 1000, self.rig.truth()["steps"]
        self.marks = [mark for mark in self.marks if mark[0] >= now - DAY] + [(now, steps)]
        cap = max([cap for at, cap in self.caps if at > now - 2 * DAY] or [self.caps[-1][1]])
        given = (steps - self.marks[0][1]) * NG_PER_STEP
        assert given <= cap + self.cuts * cap / 1440 + 40, (given, cap)

    def follow(self) -> None:
        """Steps of a taper, seen from outside: never more than 20 % below the largest D of 48 h, never up."""
        status = self.peer.status()
        if status["state"] == s.ENDED and self.d[-1][1]:
            assert self.d[-1][1] == 27000 or self.closed, "R4: ended from above the floor"
            self.d.append((self.powered(), 0))
        if status["set_ng_per_day"] != self.d[-1][1]:
            self.accept(status["set_ng_per_day"], HOUR)  # seen up to an hour after it was made

    def accept(self, d: int, late_ms: int = 0) -> None:
        now = self.powered()
        last = self.d[-1][1]
        assert 27000 <= d <= 800000, "R1, R4"
        if d > last:
            assert now - self.begun >= DAY, "R2: the first day"
            low = min(self.since(DAY))
            assert d * 100 <= low * 130, ("R2", d, low)
        else:
            high = max(self.since(2 * DAY - late_ms))
            assert d * 100 >= high * 80 or d == 27000, ("R3", d, high)
        self.d.append((now, d))

    def since(self, ms: int) -> list[int]:
        """D in force at some time of the last ms."""
        start = self.powered() - ms
        ends = [at for at, _ in self.d[1:]] + [1 << 60]
        return [d for (_, d), end in zip(self.d, ends, strict=True) if end > start]

    def restart(self, d: int) -> None:
        self.begun = self.powered()
        self.cut_at = (0, -1)
        self.d = [(self.begun, d)]
        self.closed = False

    # --- what happens ----------------------------------------------------------------------------------------------------
    @rule(ms=WAITS)
    def wait(self, ms: int) -> None:
        self.go(ms)

    @rule(off_ms=st.sampled_from([0, 1000, 30 * MINUTE, HOUR - 70000, HOUR + 1000, 5 * HOUR, 50 * HOUR]), resume=st.booleans())
    def cut(self, off_ms: int, resume: bool) -> None:
        status, steps = self.peer.status(), self.rig.truth()["steps"]
        state, was = status["state"], self.without
        if steps != self.cut_at[1] or state not in RUNNING:
            self.without = 0
        step_ms = DAY * NG_PER_STEP / max(1, status["basal_ng_per_day"])
        unsure = status["bolus_ng"] or self.powered() - self.cut_at[0] >= step_ms - 3500  # the step that is due may be authorised already
        self.without += off_ms
        self.rig.cut(off_ms)
        self.off_ms += off_ms
        self.cuts += 1
        self.cut_at = (self.powered(), steps)
        after = self.peer.status()["state"]
        least = off_ms if unsure else self.without
        if state in RUNNING and (least > HOUR or not self.rig.hw.rtc.trusted):
            assert after == s.HELD, "R7"
        elif state in RUNNING and not self.touched and self.without + self.cuts_lag(was) <= HOUR:
            assert after == state, "R7"
        if resume:
            self.resume(0, CLINICIAN, {"reason": "power lost"})

    def cuts_lag(self, was: int) -> int:
        """What the pump may count on top: since its journal was last written, whole seconds, at each cut."""
        return 70000 if not was else self.cuts * 70000

    @rule(offs=st.lists(st.sampled_from([1000, 25 * MINUTE, 31 * MINUTE]), min_size=2, max_size=3), ms=st.sampled_from([0, 500, 9000]))
    def cuts_in_a_row(self, offs: list[int], ms: int) -> None:
        for off_ms in offs:
            self.cut(off_ms, False)
            self.go(ms)

    @rule(bite=st.booleans())
    def reset(self, bite: bool) -> None:
        state = self.peer.status()["state"]
        if bite:
            self.rig.hang(2500)
        else:
            self.rig.reset("soft")
        assert self.peer.status()["state"] == state
        assert self.peer.status()["bolus_ng"] == 0, "R7: it does not go on"

    @rule(ms=st.sampled_from([100, 2999, 3500]))
    def press_suspend(self, ms: int) -> None:
        state = self.peer.status()["state"]
        self.rig.press("SUSPEND", ms)
        self.go(ms + 100)
        after = self.peer.status()["state"]
        if state in RUNNING:
            assert (after == s.SUSPENDED) == (ms > 3000), "R7"
        self.resume(0, OPERATOR, {})

    @rule(before=BEFORE)
    def press_bolus(self, before: int) -> None:
        self.go(before)
        count = self.peer.status()["bolus_ng"]
        self.rig.press("BOLUS", 100)
        self.rig.settle()
        status = self.peer.status()
        if status["bolus_ng"] and not count:
            self.bolus(status["bolus_ng"], status["bolus_left_ms"], False)
        self.go(200)

    def bolus(self, dose: int, duration: int, forced: bool) -> None:
        now = self.powered()
        assert dose <= 50000 and duration >= MINUTE, "R16"
        assert forced or now - self.bolus_end >= self.lockout, ("R5", now, self.bolus_end)
        self.bolus_end = now + duration

    @rule(
        before=BEFORE, dose=st.sampled_from([1000, 5000, 15000, 50000, 50001]), role=st.sampled_from([OPERATOR, CLINICIAN]), reason=REASON
    )
    def order_bolus(self, before: int, dose: int, role: int, reason: dict[str, Any]) -> None:
        self.go(before)
        high = self.peer.status()["alarm"]
        if self.peer.do("BOLUS", role, dose_ng=dose, **reason)[0] == "DONE":
            assert not high or alarms.row(high)[alarms.PRIORITY] < alarms.HIGH
            self.bolus(dose, self.peer.status()["bolus_left_ms"], bool(reason) and role == CLINICIAN)

    @rule(
        before=st.sampled_from([0, DAY - 1, DAY, DAY, 2 * DAY - 1, 2 * DAY]),
        percent=st.sampled_from([79, 80, 80, 90, 100, 110, 115, 130, 131]),
        room=st.sampled_from([100, 105, 115, 150]),
        origin=st.integers(0, 3),
    )
    def prescribe(self, before: int, percent: int, room: int, origin: int) -> None:
        self.go(before)
        running = self.peer.status()["state"] in RUNNING
        d = min(800000, max(27000, self.d[-1][1] * percent // 100 or 60000))
        cap = min(1000000, d * room // 100)
        lockout = HOUR if percent > 100 else 5 * HOUR
        fields = rx(basal_ng_per_day=d, max_24h_ng=cap, origin=origin, pb_lockout_ms=lockout, pb_max=9)
        if self.peer.do("PRESCRIBE", CLINICIAN, **fields)[0] == "DONE":
            now = self.rig.hw.clock.us // 1000
            self.caps += [(now, self.caps[-1][1]), (now, cap)]
            self.lockout = lockout
            if not running:
                assert d <= 100000, "R8"
                self.restart(d)
            elif d != self.d[-1][1]:
                self.accept(d)

    @rule(to=st.sampled_from([0, 27000, 50000, 90000]), preset=st.integers(0, 1), on=st.integers(0, 1), ms=WAITS)
    def taper(self, to: int, preset: int, on: int, ms: int) -> None:
        self.peer.do("TAPER", CLINICIAN, to_ng_per_day=to, preset=preset)
        self.go(1)
        self.peer.do("PAUSE", CLINICIAN, on=on)
        self.go(ms)

    @rule(
        ms=st.sampled_from([0, HOUR, 48 * HOUR, 48 * HOUR + 1]),
        who=st.sampled_from([OPERATOR, CLINICIAN, SERVICE]),
        percent=st.sampled_from([0, 79, 80, 100, 101]),
        role=st.sampled_from([OPERATOR, CLINICIAN]),
        reason=REASON,
    )
    def suspend(self, ms: int, who: int, percent: int, role: int, reason: dict[str, Any]) -> None:
        state = self.peer.status()["state"]
        answer = self.peer.ask("SUSPEND", who, id=self.peer.id())
        assert (answer[0] == "DONE") == (state in (*RUNNING, s.HELD)), "R7: any role, at once"
        self.go(ms)
        self.resume(percent, role, reason)

    def resume(self, percent: int, role: int, reason: dict[str, Any]) -> None:
        before = self.d[-1][1]
        fields = {"basal_ng_per_day": max(27000, before * percent // 100)} if percent else {}
        id = self.peer.id()
        verb, said = self.peer.ask("RESUME", role, id=id, **fields, **reason)
        if verb == "PROPOSED":
            assert self.peer.ask("COMMIT", role, id=id, code=said["code"])[0] == "DONE"
            self.without = 0
            self.cut_at = (0, -1)
            d = self.peer.status()["set_ng_per_day"]
            assert 27000 <= d <= before, "R7"
            if said["soft"] & limits.SOFT_RESTART:
                assert role == CLINICIAN and reason and d <= 100000, "R7, R8"
                self.restart(d)
            elif d != before:
                self.accept(d)

    @rule(what=st.sampled_from(["stopped", "runs", "close", "refill", "refill", "ack"]))
    def else_(self, what: str) -> None:
        if what in ("stopped", "runs"):  # the board's clock
            self.touched = True
            self.rig.control("fault rtc %d" % (what == "stopped"))
        elif what == "close":
            if self.peer.do("CLOSE", CLINICIAN, reason="explant")[0] == "DONE":
                assert self.peer.status()["state"] == s.ENDED
                self.closed = True
                self.follow()
        elif what == "refill":
            left = self.peer.status()["reservoir_nl"]
            self.rig.hw.refill(3000000)
            self.peer.do("REFILL", OPERATOR, residual_nl=left, volume_nl=3000000)
        else:
            alarm = self.peer.status()["alarm"]
            if alarm:
                assert self.peer.ask("ACK", OPERATOR, id=self.peer.id(), alarm=alarm)[0] == "DONE"

    # --- always ----------------------------------------------------------------------------------------------------------
    @invariant()
    def the_books_hold(self) -> None:
        truth, books, status = self.rig.truth(), self.peer.books(), self.peer.status()
        assert truth["idle_steps"] == 0, "every pulse moved the plunger"
        assert status["alarm"] not in (alarms.GOVERNOR, alarms.STORE, alarms.MOTOR)
        base = self.rig.app.therapy.odometer_base
        steps = truth["steps"] + self.rig.hw.stepper.left() - base
        assert steps <= books["most_steps"], (steps, books)
        if not base:
            assert books["known_steps"] <= steps, (steps, books)
        assert status["state"] not in (s.LOCKED, s.UNPROVISIONED)
        if status["state"] not in RUNNING:
            assert status["basal_ng_per_day"] == 0


TestRules = Machine.TestCase
TestRules.settings = budget(15, 40)
