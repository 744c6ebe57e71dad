"""R6 with schedules that are swapped, shifted, scaled and interrupted at random, against a brute force in fractions.

The therapy's core on a grid of half hours. What flowed comes from the plan's own position; what will flow is worked out here from the
rows that were asked for. In no 24 h more than the cap, and what would break it is refused.
"""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pump.core.reject import Reject
from tests.property.budget import budget
from ward import CLINICIAN, DAY, Ward
from wire import schema as s

HALF = 1_800_000
SLOTS = DAY // HALF
RX = {
    "drug": "baclofen",
    "conc_ng_per_ml": 500000,
    "conc_again_ng_per_ml": 500000,
    "screen_ng": 50000,
    "origin": 1,
    "reason": "test",
    "mode": s.FLEX,
    "rows_hash": "0" * 16,
}


def schedule(weights: list[int], d: int) -> list[list[int]]:
    """Rows of equal length whose rates are as the weights, so that 24 h hold about d, each between a quarter and twice the mean."""
    total = sum(weights)
    length = SLOTS // len(weights)
    return [[n * length * HALF, w * len(weights) * d // total] for n, w in enumerate(weights)]


def total(rows: list[list[int]]) -> int:
    """Drug of 24 h, to the nearest ng."""
    ends = [row[0] for row in rows[1:]] + [DAY]
    exact = sum((Fraction(row[1] * (end - row[0]), DAY) for row, end in zip(rows, ends, strict=True)), Fraction(0))
    return int(exact + Fraction(1, 2))


class Bedside:
    """A ward, the rows it was given, and the drug of each half hour so far."""

    def __init__(self, rows: list[list[int]], cap_ng: int) -> None:
        self.ward = Ward()
        self.ward.order("PROVISION", library="baclofen-itb", syringe="bd-10ml")
        self.cap_ng = cap_ng
        self.rows, self.zero = rows, 0
        self.slots: list[Fraction] = []
        self.given = Fraction(0)
        self.bolus: list[tuple[int, int]] = []  # slot, dose
        self.ward.order("PRESCRIBE", **self.rx(rows, 0))
        self.zero = self.now

    @property
    def now(self) -> int:
        return self.ward.therapy.now

    def rx(self, rows: list[list[int]], phase: int) -> dict[str, Any]:
        return {**RX, "rows": rows, "basal_ng_per_day": total(rows), "phase_ms": phase, "max_24h_ng": self.cap_ng}

    def wait(self, slots: int) -> None:
        for _ in range(slots):
            self.ward.go(HALF)
            plan = self.ward.therapy.plan
            plan.settle(self.now)
            drug = Fraction(plan.num + plan.emitted * plan.den, plan.ratio_num * DAY)
            self.slots.append(drug - self.given)
            self.given = drug

    def rate(self, rows: list[list[int]], zero: int, d: int, t: int) -> int:
        rate = [row for row in rows if row[0] <= (t - zero) % DAY][-1][1]
        if d == total(rows):
            return rate
        exact = Fraction(rate * d, total(rows))
        return -int(-exact // 1) if d < total(rows) else int(exact)

    def ahead(self, rows: list[list[int]], zero: int, d: int) -> list[Fraction]:
        """Half hours to come, two days of them."""
        return [Fraction(self.rate(rows, zero, d, self.now + n * HALF), SLOTS) if d else Fraction(0) for n in range(2 * SLOTS)]

    def too_full(self, new: list[Fraction], old: list[Fraction]) -> bool:
        """Some 24 h would hold more than the cap, and more than without the order."""
        past = self.slots[-SLOTS:]
        past = [Fraction(0)] * (SLOTS - len(past)) + past
        for n in range(2 * SLOTS + 1):
            after, before = (sum((past + flow)[n : n + SLOTS], Fraction(0)) for flow in (new, old))
            if after > self.cap_ng and after > before:
                return True
        return False

    def flowing(self) -> list[Fraction]:
        running = self.ward.state in (s.INFUSING, s.TAPERING)
        return self.ahead(self.rows, self.zero, self.ward.therapy.d() if running else 0)

    def tried(self, verb: str, new: list[Fraction], **values: Any) -> bool:
        """The order is carried out, or refused; R6 refuses what the brute force says is too full, and nothing that has no full window."""
        bad = self.too_full(new, self.flowing())
        try:
            self.ward.order(verb, CLINICIAN, **values)
        except Reject as refusal:
            assert refusal.rule != 6 or max(self.windows(new)) > self.cap_ng, "nothing is too full"
            return False
        assert not bad, "a window is too full"
        return True

    def windows(self, new: list[Fraction]) -> list[Fraction]:
        past = self.slots[-SLOTS:]
        line = [Fraction(0)] * (SLOTS - len(past)) + past + new
        return [sum(line[n : n + SLOTS], Fraction(0)) for n in range(2 * SLOTS + 1)]


WEIGHTS = st.sampled_from([1, 2, 3, 4, 6, 8, 12, 24]).flatmap(lambda n: st.lists(st.integers(4, 7), min_size=n, max_size=n))
ACTIONS = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 60)),
    st.tuples(st.just("swap"), WEIGHTS, st.integers(0, SLOTS - 1), st.integers(85, 115)),
    st.tuples(st.just("align"), st.integers(0, SLOTS - 1)),
    st.tuples(st.just("suspend"), st.integers(0, 40), st.sampled_from([100, 85])),
    st.tuples(st.just("taper"), st.integers(40, 95)),
)


@pytest.mark.req("R6", "profiles")
@given(WEIGHTS, st.integers(60000, 95000), st.sampled_from([0, 0, 500, 5000]), st.lists(ACTIONS, min_size=4, max_size=16))
@budget(60)
def test_no_day_holds_more_than_the_cap(weights: list[int], d: int, room: int, actions: list[tuple[Any, ...]]) -> None:
    rows = schedule(weights, d)
    bed = Bedside(rows, total(rows) + 1 + room)
    for action in actions:
        act(bed, action)
        bed.wait(1)
    bed.wait(2 * SLOTS)
    full = bed.slots
    for n in range(len(full) - SLOTS + 1):
        assert sum(full[n : n + SLOTS], Fraction(0)) <= bed.cap_ng


def act(bed: Bedside, action: tuple[Any, ...]) -> None:
    therapy = bed.ward.therapy
    if action[0] == "wait":
        bed.wait(action[1])
    elif action[0] == "swap":
        rows = schedule(action[1], therapy.d() * action[3] // 100)
        zero = bed.now - action[2] * HALF
        if total(rows) <= bed.cap_ng and bed.tried("PRESCRIBE", bed.ahead(rows, zero, total(rows)), **bed.rx(rows, action[2] * HALF)):
            bed.rows, bed.zero = rows, zero
    elif action[0] == "align":
        if len(bed.rows) > 1:
            zero = bed.now - action[1] * HALF
            if bed.tried("ALIGN", bed.ahead(bed.rows, zero, therapy.d()), phase_ms=action[1] * HALF):
                bed.zero = zero
    elif action[0] == "suspend":
        bed.ward.order("SUSPEND")
        bed.wait(action[1])
        low = therapy.d() * action[2] // 100
        if not bed.tried("RESUME", bed.ahead(bed.rows, bed.zero, low), basal_ng_per_day=low):
            assert bed.tried("RESUME", bed.ahead(bed.rows, bed.zero, therapy.d())), "the same as before is always possible"
    elif therapy.state in (s.INFUSING, s.TAPERING):
        bed.tried("TAPER", bed.flowing(), to_ng_per_day=max(27000, therapy.d() * action[1] // 100), preset=0)
