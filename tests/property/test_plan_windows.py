"""R6 with what runs by itself: a test dose, the start after it, a titration with boluses, cuts and stops on the way. No 24 h exceed the cap.

The oracle adds up exactly, in fractions, what was asked for and when: each window that begins or ends where anything begins or ends.
It knows nothing of edges, plans or the pump's own sums; a bolus counts in full from when it began over the time it was meant to take.
"""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from peer import rx
from tests.property.budget import budget
from ward import CLINICIAN, DAY, HOUR, MINUTE, Ward, ready
from wire import schema as s

REQ = ("R6", "R2")
CAP = 160_000
WAITS = st.integers(1, 4 * HOUR) | st.sampled_from([HOUR, DAY - HOUR, DAY])
ACTIONS = st.one_of(
    st.tuples(st.just("wait"), WAITS),
    st.tuples(st.just("wait"), st.just(DAY)),
    st.tuples(st.just("bolus"), st.integers(1000, 25000), st.integers(MINUTE, HOUR)),
    st.tuples(st.just("titrate"), st.integers(1, 15), st.sampled_from([DAY, DAY + HOUR, 2 * DAY])),
    st.tuples(st.just("stop"), st.integers(1, 3 * HOUR)),
    st.tuples(st.just("pause"), WAITS),
)


class Record:
    """What flowed, as the pump was told or said: [time, ng/day] and [start, duration, ng]."""

    def __init__(self) -> None:
        self.flows: list[tuple[int, int]] = [(0, 0)]
        self.boluses: list[tuple[int, int, int]] = []

    def let(self, ward: Ward, ms: int) -> None:
        """Let time pass, noting each change of basal at its own ms."""
        end = ward.therapy.now + ms
        while True:
            at = ward.therapy.next_event()
            ward.therapy.advance(end if at is None else min(at, end))
            self.note(ward)
            if ward.therapy.now == end:
                return

    def note(self, ward: Ward) -> None:
        if ward.therapy.basal() != self.flows[-1][1]:
            self.flows.append((ward.therapy.now, ward.therapy.basal()))

    def upto(self, t: int) -> Fraction:
        """Drug until t, in ng."""
        total = Fraction(0)
        for (begin, rate), (end, _) in zip(self.flows, [*self.flows[1:], (t, 0)], strict=True):
            total += Fraction(rate * max(0, min(end, t) - begin), DAY)
        for begin, duration, dose in self.boluses:
            total += Fraction(dose * min(max(t - begin, 0), duration), duration)
        return total

    def fullest(self, end: int) -> Fraction:
        """The most in any 24 h until `end`."""
        marks = {t for t, _ in self.flows} | {t for b in self.boluses for t in (b[0], b[0] + b[1])} | {end}
        starts = {max(0, mark + shift) for mark in marks for shift in (0, -DAY)}
        return max(self.upto(min(start + DAY, end)) - self.upto(start) for start in starts)


def act(ward: Ward, record: Record, action: tuple) -> None:
    """One action; what the pump refuses does not happen."""
    name, values = action[0], action[1:]
    if name == "wait":
        record.let(ward, values[0])
    elif name == "bolus":
        fields = {"dose_ng": values[0], "duration_ms": values[1], "reason": "test"}
        if not ward.therapy.plan.bolus_num and ward.rule("BOLUS", CLINICIAN, **fields) is None:
            ward.order("BOLUS", CLINICIAN, **fields)
            record.boluses.append((ward.therapy.now, values[1], values[0]))
    elif name == "titrate" and ward.state == s.INFUSING and ward.therapy.d() < CAP:
        ward.order("TITRATE", to_ng_per_day=CAP, percent=values[0], hold_ms=values[1], reason="test")
    elif name == "pause" and ward.state == s.TITRATING:
        ward.order("PAUSE", on=1)
        record.let(ward, values[0])
        ward.order("PAUSE", on=0)
    elif name == "stop":
        ward.order("SUSPEND")
        record.note(ward)
        record.let(ward, values[0])
        ward.order("RESUME", CLINICIAN)
    record.note(ward)


@given(
    st.integers(12_500, 50_000),
    st.integers(MINUTE, HOUR),
    st.integers(1, DAY),
    st.integers(27_000, 100_000),
    st.lists(ACTIONS, max_size=12),
)
@budget(80)
def test_no_24_hours_exceed_the_cap(dose: int, duration: int, wait: int, basal: int, actions: list[tuple]) -> None:
    ward, record = ready(), Record()
    ward.go(HOUR)
    ward.order("SCREEN", dose_ng=dose, duration_ms=duration, conc_ng_per_ml=500_000, conc_again_ng_per_ml=500_000)
    record.boluses.append((ward.therapy.now, duration, dose))
    record.let(ward, duration + wait)
    start = rx(basal_ng_per_day=basal, max_24h_ng=CAP, screen_ng=50_000, pb_max=20, pb_lockout_ms=HOUR)
    fits = dose + basal <= CAP  # then any start is possible: the fullest window holds the dose and less than a day of basal
    assert not fits or ward.rule("PRESCRIBE", **start) is None
    if ward.rule("PRESCRIBE", **start) is not None:
        return
    ward.order("PRESCRIBE", **start)
    for action in [("titrate", 15, DAY), *actions]:
        act(ward, record, action)
    record.let(ward, DAY)
    assert record.fullest(ward.therapy.now) <= CAP
