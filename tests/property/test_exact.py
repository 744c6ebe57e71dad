"""|steps emitted - exact plan| < 1 at all times, whatever is ordered and however often the watchdog bites. CPython, the whole app.

The oracle is in fractions and knows every pulse to the microsecond; see exact.py and bench.py.
"""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from peer import CLINICIAN, OPERATOR
from tests.property.bench import DAY, HOUR, MINUTE, Pump
from tests.property.budget import budget

REQ = ("exactness",)

pytestmark = pytest.mark.usefixtures("wide_library")

# Concentration and syringe such that a day's basal does not empty the syringe ten times.
MOUNTS = [(500000, "bd-3ml"), (500000, "bd-10ml"), (2000000, "bd-1ml"), (2000000, "bd-10ml"), (1000000, "bd-3ml"), (50000, "bd-10ml")]
WAITS = st.one_of(st.integers(1, 3000), st.integers(1, 10 * MINUTE), st.integers(1, 8 * HOUR))
ENDS = ["", "", "cancel", "suspend", "hang"]
ACTIONS = st.one_of(
    st.tuples(st.just("wait"), WAITS),
    st.tuples(st.just("wait"), st.sampled_from([DAY, 2 * DAY])),
    # dose, duration, role, how much of it runs in permille, what ends it
    st.tuples(
        st.just("bolus"),
        st.integers(1, 50000),
        st.integers(MINUTE, HOUR) | st.just(MINUTE),
        st.sampled_from([OPERATOR, CLINICIAN, CLINICIAN]),
        st.integers(0, 1200),
        st.sampled_from(ENDS),
    ),
    st.tuples(st.just("button"), st.integers(0, 1200), st.sampled_from(ENDS)),
    st.tuples(st.just("change"), st.integers(800, 1150)),
    st.tuples(st.just("taper"), st.sampled_from([0, 0, 500]), st.integers(0, 1)),
    st.tuples(st.just("pause"), WAITS),
    st.tuples(st.just("suspend"), WAITS, st.sampled_from([0, 850])),
    st.tuples(st.just("hang")),
    st.tuples(st.just("stall"), st.integers(1, 150)),
)
THERAPIES = st.fixed_dictionaries(
    {
        "basal_ng_per_day": st.integers(27000, 800000),
        "mount": st.sampled_from(MOUNTS),
        "pb_dose_ng": st.integers(1, 50000),
        "pb_duration_ms": st.integers(MINUTE, HOUR),
        "ticks_at_boot": st.sampled_from([0, 0, (1 << 30) - 90000]),
        "begin_ms": st.integers(0, 2 * MINUTE),
    }
)


def act(pump: Pump, action: tuple) -> None:
    """One action of a sequence. What interrupts is undone again: a suspension resumed, a pause ended."""
    name = action[0]
    if name == "change":
        pump.change(pump.d * action[1] // 1000)
    elif name == "taper":
        pump.taper(pump.d * action[1] // 1000, action[2])
    elif name == "pause":
        pump.pause(True)
        pump.wait(action[1])
        pump.pause(False)
    elif name == "suspend":
        pump.suspend()
        pump.wait(action[1])
        pump.resume(pump.d * action[2] // 1000 or None)
    elif name == "bolus":
        if pump.bolus(action[1], action[2], action[3]):
            interrupt(pump, action[2] * action[4] // 1000, action[5])
    elif name == "button":
        if pump.button():
            interrupt(pump, pump.rx["pb_duration_ms"] * action[1] // 1000, action[2])
    else:
        getattr(pump, name)(*action[1:])


def interrupt(pump: Pump, after_ms: int, how: str) -> None:
    """A bolus has begun: let it run for a while, then perhaps something happens to it."""
    pump.wait(after_ms)
    if how:
        getattr(pump, how)()
    if how == "suspend":
        pump.wait(MINUTE)
        pump.resume()


SLOW = {
    "basal_ng_per_day": 27000,
    "mount": (500000, "bd-3ml"),
    "pb_dose_ng": 1,
    "pb_duration_ms": MINUTE,
    "ticks_at_boot": 0,
    "begin_ms": 0,
}


@pytest.mark.req("R14")
@example(SLOW, [("wait", 3 * DAY), ("bolus", 1476, MINUTE, CLINICIAN, 5, "hang")])  # a window without steps was not noted
@given(THERAPIES, st.lists(ACTIONS, min_size=4, max_size=20))
@budget(40)
def test_the_motor_follows_the_exact_plan(therapy: dict, actions: list) -> None:
    conc, syringe = therapy["mount"]
    pump = Pump(conc_ng_per_ml=conc, syringe=syringe, **{name: therapy[name] for name in therapy if name != "mount"})
    for action in actions:
        act(pump, action)
    pump.check()
    pump.wait(MINUTE)
    pump.check()


@pytest.mark.req("R14")
@given(
    st.sampled_from([(50000, "bd-1ml"), (50000, "bd-3ml"), (500000, "bd-1ml")]),
    st.integers(300000, 800000),
    st.lists(
        st.one_of(
            st.tuples(st.just("wait"), st.integers(1, 3000) | st.integers(1, 3 * MINUTE)),
            st.tuples(
                st.just("bolus"), st.integers(1, 50000), st.just(MINUTE), st.just(CLINICIAN), st.integers(0, 1200), st.sampled_from(ENDS)
            ),
            st.tuples(st.just("suspend"), st.integers(1, 1000), st.just(0)),
            st.tuples(st.just("change"), st.integers(990, 999)),
            st.tuples(st.just("hang")),
            st.tuples(st.just("stall"), st.integers(1, 150)),
        ),
        min_size=2,
        max_size=12,
    ),
)
@budget(40)
def test_trains_on_top_of_trains(mount: tuple[int, str], basal_ng_per_day: int, actions: list) -> None:
    """Basal so fast that it is fed in trains, and all that can happen to it within seconds."""
    pump = Pump(basal_ng_per_day, *mount)
    for action in actions:
        act(pump, action)
    pump.wait(2000)
    pump.check()


def test_stalls_where_a_stretch_of_fast_basal_ends() -> None:
    """Every minute the next stretch is written down; the queue may be short just then."""
    pump = Pump(790000, 50000, "bd-1ml")
    for n in range(600):
        pump.rig.advance(150 + n % 67)
        pump.stall(220 + n % 29)
    pump.check()
