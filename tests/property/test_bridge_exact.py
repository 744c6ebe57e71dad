"""R9 through the whole firmware on the rig: steps against a rational plan that knows the dead volume, the syringe and nothing of the core.

The plan: D x steps per ng of the concentration at the tip, piece by piece; the concentration changes at the first ms by which the step is
due that ends the dead volume (a step is due at its middle).
"""

import random
from fractions import Fraction

import pytest

from peer import CLINICIAN, DAY, HOUR, MINUTE, infusing, rx

PER_NL = Fraction(4 * 3200 * 113, 355 * 8660**2) * 1000  # 3200 steps a mm, pi = 355/113, bore 8660 um: 1 mm of it is pi/4 x 8660^2/1000 nL
CONCS = (50000, 500000, 1000000, 2000000)


def per_ms(ng_per_day: int, conc: int) -> Fraction:
    """Steps per ms at D of a concentration."""
    return Fraction(ng_per_day, DAY) * PER_NL * Fraction(1000000, conc)


@pytest.mark.req("R9", "exactness")
@pytest.mark.parametrize("seed", range(3))
def test_every_step_of_changes_back_and_forth(seed: int) -> None:
    rng = random.Random(seed)
    peer = infusing()
    conc, at, place = 500000, peer.rig.app.therapy.now, Fraction(0)
    for _ in range(4):
        coming = rng.choice([c for c in CONCS if c != conc])
        peer.rig.advance(rng.randrange(HOUR, 8 * HOUR))
        dead = rng.randrange(10_000, 40_000)
        peer.rig.hw.refill(3000000)
        peer.ok("REFILL", CLINICIAN, residual_nl=1, volume_nl=3000000, reason="full again")
        peer.ok("PRESCRIBE", CLINICIAN, **rx(conc_ng_per_ml=coming, conc_again_ng_per_ml=coming, dead_nl=dead))
        therapy = peer.rig.app.therapy
        now = therapy.plan.t
        place += per_ms(100000, conc) * (now - at)
        mark = therapy.plan.emitted - (-dead * PER_NL.numerator // PER_NL.denominator)  # whole steps, rounded up
        left = mark - Fraction(1, 2) - place
        change = now - (-left // per_ms(100000, conc))
        peer.rig.advance(int(change) - therapy.now - 2 * MINUTE)
        assert peer.rig.app.therapy.line.conc == conc
        peer.rig.advance(4 * MINUTE)
        assert peer.rig.app.therapy.line.conc == coming
        place += per_ms(100000, conc) * (int(change) - now)
        at, conc = int(change), coming
        for _ in range(5):
            peer.rig.advance(rng.randrange(MINUTE, HOUR))
            now = peer.rig.app.therapy.now
            assert abs(peer.rig.truth()["steps"] - (place + per_ms(100000, conc) * (now - at))) < 1
        peer.rig.advance(26 * HOUR)
    assert peer.rig.app.therapy.alarms.high() == 0, "the governor let all of it through"
