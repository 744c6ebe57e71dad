"""GIP 1.5: STATUS says when the reservoir is low, to 3 min: against fractions by hand, and against the alarm when the pump runs on.

The reckoning knows the filling, what was given, D, the rows of the day, bolus and dead volume; nothing of the core. Volumes in nL.
"""

from fractions import Fraction

import pytest

from peer import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, Peer, infusing, pump, rx
from wire import alarms, rows
from wire import schema as s

REQ = ("GIP 1.5",)
THREE = 3 * MINUTE
STEP_NL = 20  # a step is 18.4 nL of the 3 mL syringe: what is counted is whole steps


def nl(ng: Fraction | int, conc: int) -> Fraction:
    return Fraction(ng) * 1_000_000 / conc


def low_at(full: int, worst_day_ng: int, conc: int) -> Fraction:
    """A tenth of the filling, or three days of the most that a day can use."""
    return max(Fraction(full, 10), 3 * nl(worst_day_ng, conc))


def lasts(volume: Fraction, ng_per_day: int, conc: int) -> Fraction:
    return volume / nl(ng_per_day, conc) * DAY


def refill(peer: Peer, volume: int) -> None:
    peer.ok("REFILL", CLINICIAN, residual_nl=peer.status()["reservoir_nl"], volume_nl=volume)


def near(peer: Peer, expected: Fraction) -> None:
    assert abs(peer.status()["low_in_ms"] - expected) < THREE


def becomes_true(peer: Peer) -> None:
    """Not low 3 min before; low 3 min after."""
    wait = peer.status()["low_in_ms"]
    peer.rig.advance(wait - THREE)
    assert peer.status()["alarm"] != alarms.LOW_RESERVOIR
    peer.rig.advance(2 * THREE)
    assert peer.status()["alarm"] == alarms.LOW_RESERVOIR


@pytest.mark.parametrize(("mcg", "conc"), [(27, 500_000), (100, 500_000), (100, 2_000_000), (61, 1_000_000)])
def test_at_a_steady_rate(mcg: int, conc: int) -> None:
    cap = mcg * 1000 + 15_000
    peer = infusing(rx(basal_ng_per_day=mcg * 1000, max_24h_ng=cap, conc_ng_per_ml=conc, conc_again_ng_per_ml=conc))
    near(peer, lasts(3_000_000 - low_at(3_000_000, cap, conc), mcg * 1000, conc))
    peer.rig.advance(7 * HOUR)
    spent = nl(Fraction(mcg * 1000 * 7, 24), conc)
    near(peer, lasts(3_000_000 - STEP_NL // 2 - spent - low_at(3_000_000, cap, conc), mcg * 1000, conc))


def test_in_a_bolus_and_after_it() -> None:
    """5 mcg are 10 uL: at 8.3 uL an hour they bring it forward by 72 min, from the moment they are programmed."""
    peer = infusing()
    refill(peer, 900_000)
    before = peer.status()["low_in_ms"]
    peer.ok("BOLUS", OPERATOR, dose_ng=5000)
    for _ in range(6):
        near(peer, Fraction(before) - 72 * MINUTE)
        peer.rig.advance(MINUTE)
        before -= MINUTE
    becomes_true(peer)


@pytest.mark.parametrize("coming", [1_000_000, 2_000_000])
def test_over_a_bridge(coming: int) -> None:
    """The dead volume leaves at the old concentration's flow, and the rest at the new one's."""
    peer = infusing()
    refill(peer, 1_500_000)
    peer.ok("PRESCRIBE", CLINICIAN, dead_nl=50_000, **rx(conc_ng_per_ml=coming, conc_again_ng_per_ml=coming))
    left = 1_500_000 - 50_000 - low_at(1_500_000, 115_000, coming)
    near(peer, lasts(Fraction(50_000), 100_000, 500_000) + lasts(left, 100_000, coming))


def test_over_a_bridge_to_a_weaker_concentration_it_becomes_true() -> None:
    peer = infusing(rx(conc_ng_per_ml=1_000_000, conc_again_ng_per_ml=1_000_000))
    refill(peer, 800_000)
    peer.ok("PRESCRIBE", CLINICIAN, dead_nl=20_000, **rx())
    left = 800_000 - 20_000 - low_at(800_000, 115_000, 500_000)
    near(peer, lasts(Fraction(20_000), 100_000, 1_000_000) + lasts(left, 100_000, 500_000))
    becomes_true(peer)


@pytest.mark.parametrize("volume", [780_000, 1_200_000])
def test_with_the_rows_of_a_day(volume: int) -> None:
    """50 mcg/day at night and 150 by day: a mean would be hours wrong."""
    peer = pump()
    day = [[0, 50_000], [12 * HOUR, 150_000]]
    for number, (offset, rate) in enumerate(day):
        assert peer.ask("STAGE", CLINICIAN, index=number, count=2, offset_ms=offset, ng_per_day=rate)[0] == "STAGE"
    peer.ok("PRESCRIBE", CLINICIAN, **rx(mode=s.FLEX, rows_hash=rows.rows_hash(day), phase_ms=0, basal_ng_per_day=100_000))
    refill(peer, volume)
    left, at = volume - low_at(volume, 115_000, 500_000), Fraction(0)
    for number in range(100):
        rate = day[number % 2][1]
        flows = nl(Fraction(rate, 2), 500_000)
        if left <= flows:
            at += lasts(left, rate, 500_000)
            break
        left, at = left - flows, at + 12 * HOUR
    near(peer, at)
    if volume < 1_000_000:
        becomes_true(peer)
