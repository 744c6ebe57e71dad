"""Power cuts at any moment and in any flash operation: known <= true <= at most, and the patient never gets more than the plan.

A cut may cost the larger of one step and 60 s of basal, and a bolus that runs; never more, however often it happens. The flash is a
model of NOR flash under littlefs with four ways to tear an operation; without it the files port of the rig keeps what was written.
"""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peer import CLINICIAN
from sim.nor import TEARS, NorFlash
from tests.property.bench import HOUR, MINUTE, Pump
from tests.property.budget import budget
from tests.property.test_exact import MOUNTS
from wire import schema as s

REQ = ("power cut",)

pytestmark = pytest.mark.usefixtures("wide_library")

OFF = st.sampled_from([0, 1000, 30 * MINUTE, HOUR - 1000, 2 * HOUR])
WAITS = st.one_of(st.integers(1, 1500), st.integers(1, 2 * MINUTE), st.integers(1, 2 * HOUR))
THERAPIES = st.fixed_dictionaries(
    {
        "basal_ng_per_day": st.integers(27000, 800000),
        "mount": st.sampled_from(MOUNTS),
        "ticks_at_boot": st.sampled_from([0, (1 << 30) - 90000]),
    }
)
ACTIONS = st.one_of(
    st.tuples(st.just("wait"), WAITS),
    st.tuples(st.just("bolus"), st.integers(1, 50000), st.integers(MINUTE, HOUR) | st.just(MINUTE), WAITS),
    st.tuples(st.just("change"), st.integers(800, 1150)),
    st.tuples(st.just("taper"), st.just(0), st.integers(0, 1)),
    st.tuples(st.just("suspend"), WAITS),
    st.tuples(st.just("hang")),
)
CUTS = st.tuples(st.just("cut"), OFF)
TORN = st.tuples(st.just("torn"), OFF, st.integers(1, 12), st.integers(0, len(TEARS) - 1))


def act(pump: Pump, action: tuple) -> None:
    """One action. Whatever was running when the power failed is taken up again if it can be."""
    name = action[0]
    if name == "cut":
        pump.cut(action[1])
    elif name == "torn":
        pump.cut_at(*action[1:])
    elif name == "wait":
        pump.wait(action[1])
    elif name == "bolus":
        if pump.bolus(action[1], action[2], CLINICIAN):
            pump.wait(min(action[3], action[2] * 2))
    elif name == "change":
        pump.change(pump.d * action[1] // 1000)
    elif name == "taper":
        pump.taper(*action[1:])
    elif name == "suspend":
        pump.suspend()
        pump.wait(action[1])
        pump.resume()
    else:
        pump.hang()
    if pump.state == s.HELD:
        pump.wait(MINUTE)
        pump.resume()
    pump.check_books()


def run(pump: Pump, actions: list) -> None:
    """All of them, and an hour in which what was armed may still happen."""
    for action in actions:
        act(pump, action)
    pump.wait(HOUR)
    pump.check()


@pytest.mark.req("R7")
@given(THERAPIES, st.lists(ACTIONS | CUTS | CUTS, min_size=3, max_size=15))
@budget(30)
def test_cuts_at_any_moment(therapy: dict, actions: list) -> None:
    conc, syringe = therapy.pop("mount")
    run(Pump(conc_ng_per_ml=conc, syringe=syringe, **therapy), actions)


@pytest.mark.req("R7")
@given(THERAPIES, st.lists(ACTIONS | TORN | TORN, min_size=3, max_size=15))
@budget(30)
def test_cuts_in_any_flash_operation(therapy: dict, actions: list) -> None:
    conc, syringe = therapy.pop("mount")
    run(Pump(conc_ng_per_ml=conc, syringe=syringe, flash=NorFlash(96 * 4096), **therapy), actions)


@pytest.mark.req("R7")
@pytest.mark.parametrize("seed", range(6))
def test_a_long_life_of_cuts(seed: int) -> None:
    """Hundreds, with hours between them or none, half of them inside a flash operation."""
    chance = random.Random(seed)
    mounts = [(50000, "bd-10ml"), (500000, "bd-3ml"), (2000000, "bd-10ml")]
    pump = Pump(chance.choice((27000, 100000, 400000)), *mounts[seed % 3], seed=seed, flash=NorFlash(96 * 4096))
    for _ in range(60):
        act(pump, ("wait", chance.choice((1, 700, 5000, MINUTE, 20 * MINUTE, 2 * HOUR))))
        if chance.random() < 0.3:
            act(pump, ("bolus", chance.randint(1, 20000), chance.choice((MINUTE, HOUR)), chance.randint(1, 2 * MINUTE)))
        off_ms = chance.choice((0, 1000, 30 * MINUTE, 2 * HOUR))
        act(pump, chance.choice((("cut", off_ms), ("torn", off_ms, chance.randint(1, 6), chance.randrange(4)), ("hang",))))
    pump.check()


@pytest.mark.req("R6")
def test_cuts_after_every_step_do_not_add_drug() -> None:
    """The worst moment: each step has just left, and the plan might take it for its own."""
    pump = Pump(100000, 50000, "bd-10ml")
    for _ in range(60):
        before = pump.rig.truth()["steps"]
        while pump.rig.truth()["steps"] == before:
            pump.rig.advance(10)
        pump.cut(1000)
    pump.check()


def test_cuts_without_motion_leave_the_books_alone() -> None:
    """A pump that boots and fails again before a step is due has authorised nothing."""
    pump = Pump(100000, 50000, "bd-10ml")  # a step in 2.2 s
    pump.wait(HOUR)
    pump.cut(0)
    unsure = pump.look("BOOKS")["most_steps"] - pump.rig.truth()["steps"]
    for _ in range(50):
        pump.cut(1000)
    assert pump.look("BOOKS")["most_steps"] - pump.rig.truth()["steps"] == unsure
    pump.check()
