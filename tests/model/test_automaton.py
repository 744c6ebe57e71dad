"""Every state of the safety automaton is visited: no rule is broken, every seeded bug is found, and the real core decides alike.

The automaton (automaton.py) is small enough for that: about 140,000 states. That it is the pump's is shown by walking both side by side:
pump/core with a library row of the automaton's numbers must accept and refuse the same orders and reach the same state.
"""

import random
from collections import deque

import automaton as a
import day
import pytest
from bugs import BUGS

from pump.core import orders, power
from pump.core.reject import Reject
from pump.core.therapy import Therapy
from wire import limits
from wire import schema as s

TICK_MS = 43200000
REQ = ("R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R16", "R17")


def reachable(design: a.Design) -> set[a.State]:
    """All states, breadth first; Wrong at the shortest way to a broken rule."""
    seen, queue = {a.State()}, deque([a.State()])
    while queue:
        state = queue.popleft()
        for move in a.moves(state):
            after = a.step(design, state, move)
            if after is not None and after not in seen:
                seen.add(after)
                queue.append(after)
    return seen


@pytest.mark.req("R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R16", "R17")
def test_no_state_that_can_be_reached_breaks_a_rule() -> None:
    states = reachable(a.Design())
    assert len(states) > 100_000
    modes = {state.pump.mode for state in states}
    assert modes == {a.READY, a.INFUSING, a.TAPERING, a.PAUSED, a.STOPPED, a.ENDED}
    assert {state.pump.d for state in states} == {0, 40, 48, 50, 60}
    assert any(state.truth.now and state.pump.mode == a.STOPPED for state in states), "a bolus is interrupted somewhere"


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_every_seeded_bug_is_found(bug: type[a.Design]) -> None:
    with pytest.raises(a.Wrong):
        reachable(bug())


@pytest.mark.req("R6")
def test_no_day_of_any_sequence_of_flex_schedules_exceeds_the_cap() -> None:
    found = list(day.days(day.all_windows))
    assert len(found) > 500
    assert max(map(day.fullest, found)) == day.DAY_CAP
    assert max(map(day.fullest, day.days(day.by_total))) > day.DAY_CAP, "two schedules swapped at noon"


@pytest.mark.req("R12")
def test_doubled_flex_units_are_seen_in_the_total() -> None:
    assert all(day.total_of_rates(rows) <= day.DAY_CAP for rows in day.SCHEDULES)
    assert any(day.doubled(rows) > day.DAY_CAP for rows in day.SCHEDULES)


@pytest.mark.req("R13")
def test_no_syringe_runs_on_after_a_discrepancy_that_nobody_explained() -> None:
    assert not any(wrong for _, wrong in day.syringes(day.refill_checked))
    assert any(wrong for _, wrong in day.syringes(day.refill_ignored)), "residual ignored"


# --- the real core beside it ---------------------------------------------------------------------------------------------------


def _row() -> tuple[object, ...]:
    """The library's numbers for the automaton's drug."""
    row = list(limits.LIBRARY[0])
    for column, value in {
        limits.BASAL_MIN_NG_PER_DAY: a.FLOOR * 1000,
        limits.BASAL_MAX_NG_PER_DAY: a.MOST * 1000,
        limits.BASAL_SOFT_MAX_NG_PER_DAY: a.MOST * 1000,
        limits.START_MAX_NG_PER_DAY: a.START * 1000,
        limits.BOLUS_MAX_NG: a.BOLUS_MAX * 1000,
        limits.BOLUS_SOFT_MAX_NG: a.BOLUS_MAX * 1000,
        limits.BOLUS_MAX_MS: TICK_MS,
        limits.LOCKOUT_MIN_MS: a.LOCKOUT * TICK_MS,
        limits.RAISE_PERCENT: (30, 30, 30, 30),
        limits.RAISE_SOFT_ABOVE_NG_PER_DAY: a.MOST * 1000,
        limits.RUNG_BACK_MS: 0,
        limits.TAPER_PRESETS: ((20, a.RUNG * TICK_MS), (10, a.RUNG * TICK_MS)),
        limits.SUSPEND_MAX_MS: a.STOP_MAX * TICK_MS,
        limits.OFF_AUTO_MS: 0,
    }.items():
        row[column] = value
    return tuple(row)


class Real:
    """pump/core, driven with the automaton's moves."""

    def __init__(self) -> None:
        self.therapy = Therapy(1000000, 3200, 2000)
        self._order("PROVISION", library="baclofen-itb", syringe="bd-3ml")
        self.therapy.row = _row()

    def _order(self, verb: str, role: int = s.CLINICIAN, **values: object) -> bool:
        check, do = orders.find(verb)
        try:
            check(self.therapy, values, role)
        except Reject:
            return False
        do(self.therapy, values, role)
        self.therapy.advance(self.therapy.now)
        return True

    def move(self, name: str, value: int) -> bool:
        """Whether it was accepted."""
        therapy = self.therapy
        if name == "prescribe":
            rx = dict(_RX, basal_ng_per_day=value * 1000)
            return self._order("PRESCRIBE", **rx)
        if name == "bolus":
            return self._order("BOLUS", s.OPERATOR, dose_ng=value * 1000)
        if name == "taper":
            if therapy.state == s.TAPERING:
                return False
            if therapy.state == s.TAPER_PAUSED:
                return self._order("PAUSE", on=0)
            return self._order("TAPER", to_ng_per_day=0, preset=0)
        if name == "pause":
            return self._order("PAUSE", on=1)
        if name == "suspend":
            return self._order("SUSPEND")
        if name == "resume":
            return self._order("RESUME", reason="a model", **({"basal_ng_per_day": value * 1000} if value else {}))
        if name == "close":
            return self._order("CLOSE", reason="a model")
        if name == "provision":
            done = self._order("PROVISION", library="baclofen-itb", syringe="bd-3ml")
            therapy.row = _row()
            return done
        emitted = therapy.plan.emitted
        if name == "reset":
            power.reset(therapy, 0)
        elif name == "cut":
            power.lost(therapy, emitted, emitted, TICK_MS)
        else:
            therapy.advance(therapy.now + TICK_MS)
        return True


_RX = {
    "drug": "baclofen",
    "conc_ng_per_ml": 500000,
    "conc_again_ng_per_ml": 500000,
    "max_24h_ng": a.CAP // a.PART * 1000,
    "origin": s.ORIGIN_SPINAL,
    "screen_ng": 50000,
    "screen_long": 0,
    "pb_dose_ng": a.BOLUS * 1000,
    "pb_duration_ms": TICK_MS,
    "pb_lockout_ms": a.LOCKOUT * TICK_MS,
    "pb_max": a.BOLUSES,
}
_STATES = {
    s.READY: a.READY,
    s.INFUSING: a.INFUSING,
    s.TAPERING: a.TAPERING,
    s.TAPER_PAUSED: a.PAUSED,
    s.SUSPENDED: a.STOPPED,
    s.HELD: a.STOPPED,
    s.ENDED: a.ENDED,
}


@pytest.mark.parametrize("seed", range(40))
def test_the_real_core_accepts_and_refuses_the_same(seed: int) -> None:
    rng = random.Random(seed)
    design, state, real = a.Design(), a.State(), Real()
    way: list[object] = []
    for _ in range(120):
        skipped = ("alarm", "retry", "suspend") if state.pump.mode == a.STOPPED else ("alarm", "retry")  # HELD may become SUSPENDED
        choices = [move for move in a.moves(state) if move[0] not in skipped]
        move = rng.choice([*choices, ("tick", 0), ("tick", 0), ("tick", 0), ("tick", 0), ("prescribe", rng.choice(a.LEVELS))])
        after = a.step(design, state, move)
        accepted = real.move(*move)
        way.append((move, accepted))
        assert accepted is (after is not None), (way[-8:], state)
        state = after or state
        assert _STATES[real.therapy.state] == state.pump.mode, (way[-8:], state)
        assert real.therapy.d() == state.pump.d * 1000, (way[-8:], state)
