"""R2 and R3 as one sees them from outside: by no path does D rise by more than p in 24 h or fall by more than q in 48 h.

Paths: prescriptions, tapers and what interrupts them, resuming lower, time, resets and power cuts, in any order. D is what STATUS says is
programmed, on a clock of powered time. Documented exceptions: a rung held within 72 h, given a reason; the end of a taper from the floor;
and a start, also after too long a stop.
"""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peer import CLINICIAN
from tests.property.bench import DAY, HOUR, MINUTE, Pump
from tests.property.budget import budget
from wire import schema as s

pytestmark = pytest.mark.usefixtures("wide_library")

RAISE = {s.ORIGIN_UNSTATED: 15, s.ORIGIN_SPINAL: 30, s.ORIGIN_CEREBRAL: 15, s.ORIGIN_CHILD: 15}  # per cent in 24 h
LOWER = 20  # per cent in 48 h
FLOOR = 27000
WAITS = st.sampled_from([1, MINUTE, HOUR, 12 * HOUR, DAY - 1, DAY, DAY + 1, 2 * DAY - 1, 2 * DAY, 2 * DAY + 1, 3 * DAY])
ACTIONS = st.one_of(
    st.tuples(st.just("wait"), WAITS),
    st.tuples(st.just("wait"), WAITS),
    st.tuples(st.just("change"), st.integers(600, 1400) | st.sampled_from([800, 1150, 1300])),
    st.tuples(st.just("back"), st.integers(1, 4)),
    st.tuples(st.just("taper"), st.sampled_from([0, 500, 810]), st.integers(0, 1)),
    st.tuples(st.just("pause"), st.booleans()),
    st.tuples(st.just("suspend")),
    st.tuples(st.just("resume"), st.sampled_from([0, 700, 800, 900])),
    st.tuples(st.just("hang")),
    st.tuples(st.just("cut"), st.sampled_from([0, 30 * MINUTE, 2 * HOUR, 3 * DAY])),
)


class Watch:
    """Every D there was, with the powered time it began."""

    def __init__(self, pump: Pump, percent: int) -> None:
        self.pump = pump
        self.percent = percent
        self.off_ms = 0
        self.rungs = [(self.powered(), pump.d)]
        self.restarted = False

    def powered(self) -> int:
        return self.pump.now - self.off_ms

    def held(self, ms: int) -> list[int]:
        """Each D that was programmed at some time in the last ms."""
        now, starts = self.powered(), [t for t, _ in self.rungs[1:]] + [1 << 62]
        return [d for (_, d), end in zip(self.rungs, starts, strict=True) if end > now - ms]

    def look(self) -> None:
        """Is what is programmed now lawful?"""
        pump, before = self.pump, self.rungs[-1][1]
        d = pump.d
        if self.restarted:
            self.rungs, self.restarted = [(self.powered(), d)], False
        elif d > before:
            assert d <= before or self.powered() - self.rungs[0][0] >= DAY or d in self.held(3 * DAY), "no raise on the first day"
            most = Fraction(min(self.held(DAY)) * (100 + self.percent), 100)
            assert d <= most or d in self.held(3 * DAY), (before, d, float(most))
        elif d < before and d:
            least = Fraction(max(self.held(2 * DAY)) * (100 - LOWER), 100)
            assert d >= least, (before, d, float(least))
        elif d < before:
            assert pump.state == s.ENDED and max(self.held(2 * DAY)) == FLOOR, "ends only from the floor, held in full"
        if d != before:
            self.rungs.append((self.powered(), d))


def act(watch: Watch, action: tuple) -> None:
    """One action. Changes are in permille of D, `back` names an earlier rung."""
    pump, name = watch.pump, action[0]
    if name == "wait":
        end = pump.now + action[1]
        while pump.now < end:  # as far as the next step of a taper
            step = pump.look("BOOKS")["taper_in_ms"] if pump.state == s.TAPERING else end - pump.now
            pump.wait(max(1, min(step, end - pump.now)))
            watch.look()
    elif name == "change":
        pump.change(pump.d * action[1] // 1000)
    elif name == "back":
        pump.change(watch.rungs[-min(action[1], len(watch.rungs))][1])
    elif name == "taper":
        pump.taper(pump.d * action[1] // 1000, action[2])
    elif name == "resume":
        stopped = pump.look("STATUS")["stopped_ms"]
        if stopped > 2 * DAY and pump.peer.do("RESUME", CLINICIAN, reason="test")[0] == "DONE":
            watch.restarted = True
        elif stopped:
            pump.resume(pump.d * action[1] // 1000 or None)
    elif name == "cut":
        watch.off_ms += action[1]
        pump.cut(action[1])
    else:
        getattr(pump, name)(*action[1:])


@pytest.mark.req("R2", "R3", "R4", "R7")
@given(
    st.integers(27000, 800000),
    st.sampled_from([s.ORIGIN_UNSTATED, s.ORIGIN_SPINAL, s.ORIGIN_CEREBRAL, s.ORIGIN_CHILD]),
    st.lists(ACTIONS, min_size=6, max_size=30),
)
@budget(60)
def test_no_path_leads_further(basal_ng_per_day: int, origin: int, actions: list) -> None:
    pump = Pump(basal_ng_per_day, 2000000, "bd-10ml", origin=origin)
    watch = Watch(pump, RAISE[origin])
    for action in actions:
        act(watch, action)
        watch.look()
    assert all(d == 0 or FLOOR <= d <= 800000 for _, d in watch.rungs), "R1"


@pytest.mark.req("R2", "R3")
def test_fifty_changes_in_a_day_are_one() -> None:
    """More rungs than are remembered singly: what is forgotten makes the rules stricter, not looser."""
    pump = Pump(300000, 2000000, "bd-10ml", origin=s.ORIGIN_SPINAL)
    watch = Watch(pump, 30)
    pump.wait(2 * DAY)
    for n in range(120):
        pump.change(pump.d * (985 if n % 3 == 0 else 1020) // 1000)
        watch.look()
        pump.wait(10 * MINUTE)
    assert len(watch.rungs) > 50
    assert max(d for _, d in watch.rungs) <= 390000


@pytest.mark.req("R2", "R3")
@pytest.mark.parametrize("origin", [s.ORIGIN_SPINAL, s.ORIGIN_CHILD])
@pytest.mark.parametrize("first", [80, 87, 100, 115, 130])
@pytest.mark.parametrize("then", [80, 87, 115, 130])
def test_two_changes_at_any_distance(origin: int, first: int, then: int) -> None:
    """Up and down, down and up, twice the same, in per cent; with a reset or a cut between them."""
    for wait in (MINUTE, DAY - MINUTE, DAY + MINUTE, 2 * DAY - MINUTE, 2 * DAY + MINUTE):
        pump = Pump(300000, 2000000, "bd-10ml", origin=origin)
        watch = Watch(pump, RAISE[origin])
        for action in (("wait", DAY + MINUTE), ("change", first * 10), ("wait", wait), ("hang",), ("cut", 0), ("change", then * 10)):
            act(watch, action)
            watch.look()
