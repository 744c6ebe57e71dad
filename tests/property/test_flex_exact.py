"""|steps emitted - exact plan| < 1 through the rows of schedules and periodic doses, with boluses, tapers, suspensions, resets and cuts.

The oracle of exact.py changes its slope where the rows say so, in the pump's own time, which stands still while the power is off.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peer import CLINICIAN
from tests.property.bench import DAY, HOUR, MINUTE, Pump
from tests.property.budget import budget
from tests.property.test_cap_windows import fullest
from tests.property.test_flex_cap import schedule, total
from wire import schema as s

pytestmark = pytest.mark.usefixtures("wide_library")

MOUNTS = [(500000, "bd-3ml"), (500000, "bd-10ml"), (2000000, "bd-1ml"), (1000000, "bd-3ml"), (50000, "bd-10ml")]
WEIGHTS = st.sampled_from([2, 3, 4, 6, 8, 12, 24]).flatmap(lambda n: st.lists(st.integers(4, 7), min_size=n, max_size=n))


def periodic(basal: int, dose: int, minutes: int, hours: int) -> list[list[int]]:
    """dose over minutes every so many hours."""
    rows = []
    for n in range(24 // hours):
        rows += [[n * hours * HOUR, basal + dose * 1440 // minutes], [n * hours * HOUR + minutes * MINUTE, basal]]
    return rows


SCHEDULES = st.one_of(
    st.tuples(st.just(s.FLEX), st.builds(schedule, WEIGHTS, st.integers(40000, 480000))),
    st.tuples(
        st.just(s.PERIODIC),
        st.builds(
            periodic,
            st.integers(30000, 150000),
            st.integers(1, 50).map(lambda n: n * 200),
            st.sampled_from([1, 2, 5, 6, 10, 30]),
            st.sampled_from([2, 4, 6, 12]),
        ),
    ),
)
WAITS = st.one_of(st.integers(1, 10 * MINUTE), st.integers(1, 8 * HOUR), st.sampled_from([HOUR, 2 * HOUR, DAY]))
LAWFUL = (
    st.tuples(st.just("wait"), WAITS),
    st.tuples(st.just("bolus"), st.integers(1, 20000), st.integers(MINUTE, HOUR), st.just(CLINICIAN)),
    st.tuples(st.just("cancel")),
    st.tuples(st.just("taper"), st.just(0), st.integers(0, 1)),
    st.tuples(st.just("rest"), WAITS, st.sampled_from([0, 850])),
    st.tuples(st.just("hang")),
)
CUT = st.tuples(st.just("cut"), st.integers(0, 50 * MINUTE))


def run(kind: tuple[int, list[list[int]]], mount: tuple[int, str], actions: list, room_ng: int = 300000) -> Pump:
    mode, rows = kind
    pump = Pump(total(rows), *mount, rows=rows, mode=mode, pb_dose_ng=1000, pb_duration_ms=MINUTE, max_24h_ng=total(rows) + room_ng)
    for action in actions:
        if action[0] == "rest":
            if pump.suspend():
                pump.wait(action[1])
                pump.resume(pump.d * action[2] // 1000 or None)
        else:
            getattr(pump, action[0])(*action[1:])
    pump.wait(MINUTE)
    return pump


@pytest.mark.req("profiles", "R14")
@given(SCHEDULES, st.sampled_from(MOUNTS), st.lists(st.one_of(*LAWFUL), min_size=3, max_size=14))
@budget(30)
def test_the_motor_follows_the_rows(kind: tuple[int, list[list[int]]], mount: tuple[int, str], actions: list) -> None:
    run(kind, mount, actions).check()


@pytest.mark.req("profiles", "R14")
@given(SCHEDULES, st.sampled_from(MOUNTS), st.lists(st.one_of(*LAWFUL, CUT, CUT), min_size=3, max_size=14))
@budget(30)
def test_and_is_never_ahead_of_them_after_power_cuts(kind: tuple[int, list[list[int]]], mount: tuple[int, str], actions: list) -> None:
    run(kind, mount, actions).check()


@pytest.mark.req("R6", "R16", "profiles")
@given(
    SCHEDULES,
    st.sampled_from(MOUNTS[:4]),
    st.sampled_from([1, 1, 5000]),
    st.lists(st.one_of(*LAWFUL, CUT, CUT, CUT), min_size=3, max_size=14),
)
@budget(30)
def test_and_no_24_hours_hold_more(kind: tuple[int, list[list[int]]], mount: tuple[int, str], room_ng: int, actions: list) -> None:
    pump = run(kind, mount, actions, room_ng)
    pump.wait(DAY + HOUR)
    assert fullest(pump) <= pump.rx["max_24h_ng"] * pump.plan.ratio + 1


@pytest.mark.req("R6", "R16", "profiles")
def test_cut_after_cut_in_a_dose_gives_it_once() -> None:
    """10 mcg in 2 min: the power fails every 20 s, six times, and comes back at once."""
    rows = periodic(60000, 10000, 2, 12)
    pump = Pump(total(rows), rows=rows, mode=s.PERIODIC, pb_dose_ng=1000, pb_duration_ms=MINUTE, max_24h_ng=total(rows))
    pump.wait(12 * HOUR)
    for _ in range(6):
        pump.wait(20000)
        pump.cut(1000)
    pump.wait(DAY)
    assert fullest(pump) <= total(rows) * pump.plan.ratio + 1


@pytest.mark.req("profiles")
def test_three_days_of_a_schedule_are_its_total_to_the_step() -> None:
    rows = schedule([4, 5, 6, 7, 4, 5, 6, 7], 100000)
    pump = Pump(total(rows), rows=rows, mode=s.FLEX, pb_dose_ng=1000, pb_duration_ms=MINUTE)
    pump.wait(3 * DAY)
    pump.check()
    exact = 3 * sum(row[1] for row in rows) * pump.plan.ratio / 8
    assert abs(pump.rig.truth()["steps"] - exact) < 1
