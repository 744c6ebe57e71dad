"""A bolus near the fastest the board follows, 1,783 steps a second, in trains: the watchdog bites, the power fails or the interpreter stalls
at any moment of it. What was granted leaves and is counted to the step; nothing goes on by itself afterwards."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.property.bench import HOUR, MINUTE, Pump
from tests.property.budget import budget

REQ = ("exactness",)

pytestmark = pytest.mark.usefixtures("wide_library")

DOSE_NG = 30000
AHEAD_MS = 500


def in_a_bolus(basal_ng_per_day: int, ms: int) -> Pump:
    """That far into it."""
    pump = Pump(basal_ng_per_day, 50000, "bd-1ml")
    pump.wait(3000)
    assert pump.bolus(DOSE_NG, MINUTE)
    pump.wait(ms)
    return pump


MOMENTS = st.integers(1, 2000) | st.integers(1, MINUTE + 1000)
BASALS = st.sampled_from([27000, 100000, 798000])


@pytest.mark.req("R7")
@given(BASALS, MOMENTS)
@budget(25)
def test_the_watchdog_bites(basal_ng_per_day: int, ms: int) -> None:
    pump = in_a_bolus(basal_ng_per_day, ms)
    began = pump.now
    before = pump.rig.truth()["steps"]
    pump.hang()
    after = pump.rig.truth()["steps"]
    fastest = pump.plan.ratio * (DOSE_NG + basal_ng_per_day) / MINUTE  # steps a ms, and more than that
    assert after - before <= fastest * AHEAD_MS + 1, "a hung interpreter delivers no more than was granted"
    pump.wait(MINUTE)
    assert pump.look("STATUS")["bolus_ng"] == 0
    pump.check()
    assert pump.now - began >= MINUTE


@pytest.mark.req("R7")
@given(BASALS, MOMENTS, st.sampled_from([0, 30 * MINUTE, 2 * HOUR]))
@budget(25)
def test_the_power_fails(basal_ng_per_day: int, ms: int, off_ms: int) -> None:
    pump = in_a_bolus(basal_ng_per_day, ms)
    before = pump.rig.truth()["steps"]
    pump.cut(off_ms)
    assert pump.rig.truth()["steps"] == before
    pump.wait(MINUTE)
    assert pump.look("STATUS")["bolus_ng"] == 0
    pump.check()


@example(27000, 1, [(2, 261), (240, 1)])  # a window of 2 ms used to fill the queue's places
@given(BASALS, MOMENTS, st.lists(st.tuples(st.integers(1, 240), st.integers(1, 700)), min_size=1, max_size=10))
@budget(25)
def test_stalls_move_no_edge(basal_ng_per_day: int, ms: int, stalls: list) -> None:
    """A quarter of a second is always granted ahead. (Longer stalls are the flash's, and it is not written in a train.)"""
    pump = in_a_bolus(basal_ng_per_day, ms)
    for stall_ms, then_ms in stalls:
        pump.stall(stall_ms)
        pump.wait(then_ms)
    pump.wait(2 * MINUTE)
    pump.check()


@pytest.mark.req("R14")
def test_no_flash_is_written_while_a_train_runs() -> None:
    """From a second after a bolus began until it ends, whatever is asked."""
    pump = in_a_bolus(100000, 1000)
    files = pump.rig.hw.files
    writes = files.writes
    while pump.look("STATUS")["bolus_left_ms"] > 1000:
        pump.peer.ask("BOOKS")
        pump.peer.do("BOLUS", 1, dose_ng=1)
        pump.rig.advance(997)
    assert files.writes == writes
    pump.wait(2000)
    assert files.writes > writes
    pump.check()


@pytest.mark.req("R13", "R14")
@given(BASALS, st.integers(MINUTE - 3000, MINUTE + 500))
@budget(25)
def test_an_order_near_the_end_of_a_bolus(basal_ng_per_day: int, ms: int) -> None:
    """A refill and a change of rate are written to the flash in the middle of the last trains."""
    pump = Pump(basal_ng_per_day, 50000, "bd-1ml")
    assert pump.bolus(DOSE_NG, MINUTE)
    pump.rig.advance(ms)
    pump.refill()
    pump.change(basal_ng_per_day * 9 // 10)
    pump.wait(5000)
    pump.check()
