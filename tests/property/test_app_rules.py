"""Any sequence of orders, presses, cuts, bites and resets: the rules hold by a ledger and a plant that know nothing of the firmware.

The ledger keeps powered time itself (the pump's own may only lag behind it, so what the pump allows must be allowed by the ledger): what was
accepted as D, when boluses were accepted, how long nothing ran. The plant's pulses give R6 and the books. CPython, the whole app.
"""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from peer import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, SERVICE, infusing, rx
from pump.core import alarms
from tests.property.budget import budget
from wire import limits
from wire import schema as s

NG_PER_STEP = 1e6 / 54.3280744890703 / 2000  # bore 8.66 mm, 1 mm lead, 3200 microsteps, 500 mcg/mL: by hand
RUNNING = (s.INFUSING, s.TAPERING, s.TAPER_PAUSED)
WAITS = st.sampled_from([1, 500, 3000, MINUTE, 7 * MINUTE, HOUR, 5 * HOUR, DAY, 2 * DAY + HOUR])
REASON = st.sampled_from([{}, {"reason": "why not"}])


class Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.peer = infusing()
        self.rig = self.peer.rig
        self.off_ms = 0  # in all
        self.cuts = 0
        self.d = [(0, 100000)]  # (powered ms, accepted D)
        self.caps = [(0, 115000)]
        self.begun = 0
        self.bolus_end = -DAY  # powered ms, planned
        self.marks = [(0, 0)]  # (ms, steps)

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
            self.accept(status["set_ng_per_day"])

    closed = False

    def accept(self, d: int) -> None:
        now = self.powered()
        last = self.d[-1][1]
        if d > last:
            assert now - self.begun >= DAY, "R2: the first day"
            low = min(self.since(DAY))
            assert d * 100 <= low * 130, ("R2", d, low)
        else:
            high = max(self.since(2 * DAY))
            assert d * 100 >= high * 80 or d == 27000, ("R3", d, high)
        self.d.append((now, d))

    def since(self, ms: int) -> list[int]:
        """D in force at some time of the last ms."""
        start = self.powered() - ms
        ends = [at for at, _ in self.d[1:]] + [1 << 60]
        return [d for (_, d), end in zip(self.d, ends, strict=True) if end > start]

    def restart(self, d: int) -> None:
        self.begun = self.powered()
        self.d = [(self.begun, d)]
        self.closed = False

    # --- what happens ----------------------------------------------------------------------------------------------------
    @rule(ms=WAITS)
    def wait(self, ms: int) -> None:
        self.go(ms)

    @rule(off_ms=st.sampled_from([0, 1000, 30 * MINUTE, HOUR - 70000, HOUR + 1000, 5 * HOUR, 50 * HOUR]))
    def cut(self, off_ms: int) -> None:
        state = self.peer.status()["state"]
        self.rig.cut(off_ms)
        self.off_ms += off_ms
        self.cuts += 1
        after = self.peer.status()["state"]
        trusted = self.rig.hw.rtc.trusted
        if state in RUNNING and (off_ms > HOUR or not trusted):
            assert after == s.HELD, "R7"
        elif state in RUNNING and off_ms <= HOUR - 70000:
            assert after in (state, s.INFUSING, s.ENDED), "R7"

    @rule(bite=st.booleans())
    def reset(self, bite: bool) -> None:
        state = self.peer.status()["state"]
        if bite:
            self.rig.hang(2500)
        else:
            self.rig.reset("soft")
        assert self.peer.status()["state"] == state
        assert self.peer.status()["bolus_ng"] == 0, "R7: it does not go on"

    @rule(stopped=st.booleans())
    def clock(self, stopped: bool) -> None:
        self.rig.control("fault rtc %d" % stopped)

    @rule(ms=st.sampled_from([100, 2999, 3500, 61000]))
    def press_suspend(self, ms: int) -> None:
        state = self.peer.status()["state"]
        self.rig.press("SUSPEND", ms)
        self.go(ms + 100)
        if state in RUNNING and ms < 3000:
            assert self.peer.status()["state"] != s.SUSPENDED
        elif state in RUNNING:
            assert self.peer.status()["state"] in (s.SUSPENDED, s.ENDED)

    @rule()
    def press_bolus(self) -> None:
        before = self.peer.status()["bolus_ng"]
        self.rig.press("BOLUS", 100)
        self.rig.settle()
        after = self.peer.status()["bolus_ng"]
        if after and not before:
            self.bolus(after, 5 * MINUTE, False)
        self.go(200)

    def bolus(self, dose: int, duration: int, forced: bool) -> None:
        now = self.powered()
        assert dose <= 50000 and duration >= MINUTE, "R16"
        assert forced or now - self.bolus_end >= HOUR, ("R5", now, self.bolus_end)
        self.bolus_end = now + duration

    @rule(dose=st.sampled_from([1, 1000, 5000, 15000, 50000, 50001]), role=st.sampled_from([OPERATOR, CLINICIAN]), reason=REASON)
    def order_bolus(self, dose: int, role: int, reason: dict[str, Any]) -> None:
        high = self.peer.status()["alarm"]
        if self.peer.do("BOLUS", role, dose_ng=dose, **reason)[0] == "DONE":
            assert not high or alarms.row(high)[alarms.PRIORITY] < alarms.HIGH
            self.bolus(dose, self.peer.status()["bolus_left_ms"], bool(reason) and role == CLINICIAN)

    @rule(
        percent=st.sampled_from([79, 80, 90, 100, 110, 115, 130, 131]), room=st.sampled_from([100, 105, 115, 150]), origin=st.integers(0, 3)
    )
    def prescribe(self, percent: int, room: int, origin: int) -> None:
        running = self.peer.status()["state"] in RUNNING
        d = min(800000, max(27000, self.d[-1][1] * percent // 100 or 60000))
        cap = min(1000000, d * room // 100)
        fields = rx(basal_ng_per_day=d, max_24h_ng=cap, origin=origin, pb_lockout_ms=HOUR, pb_max=9)
        if self.peer.do("PRESCRIBE", CLINICIAN, **fields)[0] == "DONE":
            self.caps.append((self.rig.hw.clock.us // 1000, self.caps[-1][1]))
            self.caps.append((self.rig.hw.clock.us // 1000, cap))
            if not running:
                assert d <= 100000, "R8"
                self.restart(d)
            elif d != self.d[-1][1]:
                self.accept(d)

    @rule(to=st.sampled_from([0, 27000, 50000, 90000]), preset=st.integers(0, 1))
    def taper(self, to: int, preset: int) -> None:
        self.peer.do("TAPER", CLINICIAN, to_ng_per_day=to, preset=preset)
        self.go(1)

    @rule(on=st.integers(0, 1))
    def pause(self, on: int) -> None:
        self.peer.do("PAUSE", CLINICIAN, on=on)

    @rule(role=st.sampled_from([OPERATOR, CLINICIAN, SERVICE]))
    def suspend(self, role: int) -> None:
        state = self.peer.status()["state"]
        answer = self.peer.ask("SUSPEND", role, id=self.peer.id())
        assert (answer[0] == "DONE") == (state in (*RUNNING, s.HELD)), "R7: any role, at once"

    @rule(percent=st.sampled_from([0, 79, 80, 100, 101]), role=st.sampled_from([OPERATOR, CLINICIAN]), reason=REASON)
    def resume(self, percent: int, role: int, reason: dict[str, Any]) -> None:
        before = self.d[-1][1]
        fields = {"basal_ng_per_day": max(27000, before * percent // 100)} if percent else {}
        id = self.peer.id()
        verb, said = self.peer.ask("RESUME", role, id=id, **fields, **reason)
        if verb == "PROPOSED":
            assert self.peer.ask("COMMIT", role, id=id, code=said["code"])[0] == "DONE"
            d = self.peer.status()["set_ng_per_day"]
            assert 27000 <= d <= before, "R7"
            if said["soft"] & limits.SOFT_RESTART:
                assert role == CLINICIAN and reason and d <= 100000, "R7, R8"
                self.restart(d)
            elif d != before:
                self.accept(d)

    @rule()
    def close(self) -> None:
        if self.peer.do("CLOSE", CLINICIAN, reason="explant")[0] == "DONE":
            assert self.peer.status()["state"] == s.ENDED
            self.closed = True
            self.follow()

    @rule()
    def refill(self) -> None:
        left = self.peer.status()["reservoir_nl"]
        self.rig.hw.refill(3000000)
        self.peer.do("REFILL", OPERATOR, residual_nl=left, volume_nl=3000000)

    @rule(alarm=st.integers(1, 11))
    def acknowledge(self, alarm: int) -> None:
        self.peer.ask("ACK", OPERATOR, id=self.peer.id(), alarm=alarm)

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
TestRules.settings = budget(30, 40)
