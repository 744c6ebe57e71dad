"""The whole firmware on the rig: what the plant saw is what the books say and what the plan wanted, to less than a step."""

from peer import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, infusing
from sim.bench import Config
from sim.clock import WRAP_MS
from support import req

REQ = ("simulator",)


def agrees(peer):
    """Books, plant and exact plan, without a power cut so far. The plan is that of the last pulse granted, a train ahead at most."""
    books = peer.books()
    truth = peer.rig.truth()
    assert books["known_steps"] == truth["steps"], (books, truth)
    assert books["most_steps"] == truth["steps"] + truth["queued_steps"], (books, truth)
    den = books["plan_den"]
    assert abs((books["most_steps"] - books["plan_steps"]) * den - books["plan_num"]) < den, (books, truth)


@req("R14")
def test_the_tick_wrap_costs_nothing():
    peer = infusing(config=Config(ticks_at_boot=WRAP_MS - HOUR - 7))
    for _ in range(6):
        peer.rig.advance(20 * MINUTE)
        agrees(peer)
    assert peer.rig.hw.clock.ticks_ms() < 2 * HOUR


def test_a_watchdog_bite_costs_nothing():
    peer = infusing()
    peer.rig.advance(3 * HOUR + 1)
    for ms in (1, 3000, 4321, 7777):
        peer.rig.hang(2000 + ms)
        agrees(peer)
        peer.rig.advance(ms)
        agrees(peer)
    assert peer.books()["resets"] == 4


def test_a_hang_delivers_at_most_what_was_granted():
    peer = infusing()
    peer.ok("BOLUS", OPERATOR, dose_ng=5000)
    peer.rig.advance(90000)
    before = peer.rig.truth()["steps"]
    left = peer.rig.hw.stepper.left()
    assert left > 0
    peer.rig.hang(1999)
    assert peer.rig.truth()["steps"] - before <= left + peer.rig.hw.stepper.left() + 8


def test_boluses_and_changes_stay_exact():
    peer = infusing()
    for hours in (1, 7, 14):
        peer.rig.advance(hours * HOUR - 333)
        peer.ok("BOLUS", OPERATOR, dose_ng=5000)
        peer.rig.advance(100001)
        agrees(peer)
    peer.rig.advance(DAY)
    peer.ok("TAPER", CLINICIAN, to_ng_per_day=0, preset=0)
    for _ in range(5):
        peer.rig.advance(DAY // 2 + 12345)
        agrees(peer)


@req("R7")
def test_a_power_cut_leaves_an_interval_that_holds_the_truth():
    peer = infusing()
    for ms in (1234567, 50, 61000, 3 * HOUR + 17, 8100):
        peer.rig.advance(ms)
        peer.rig.cut(5 * MINUTE)
        books = peer.books()
        true = peer.rig.truth()["steps"]
        assert books["known_steps"] <= true <= books["most_steps"], (books, true)
        assert books["most_steps"] - books["known_steps"] <= 60 * 5, books
