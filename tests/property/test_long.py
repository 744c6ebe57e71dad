"""Weeks, a year and thousands of reboots on the whole firmware, exact in steps.

`make test` runs a fixed shorter share of each; `make campaign` (TAPIR_EXAMPLES) the whole: 38 days over three wraps of the ticks,
365 days of a flex schedule with the patient's boluses, 10,000 reboots.
"""

import random

import pytest

from peer import CLINICIAN, OPERATOR
from tests.property.bench import DAY, HOUR, MINUTE, Pump
from tests.property.budget import CAMPAIGN, SHARE, note
from tests.property.test_cap_windows import fullest
from wire import schema as s

pytestmark = [pytest.mark.usefixtures("wide_library"), pytest.mark.timeout(7200)]
REQ = ("exactness",)

WRAP = 1 << 30  # ms
WRAPS = 3 if CAMPAIGN else 1
FLEX_DAYS = max(10, 365 * SHARE // 100) if CAMPAIGN else 10
REBOOTS = max(150, 10000 * SHARE // 100) if CAMPAIGN else 150
# the night low, the morning high: 24 rows, 100 mcg/day
HOURS = [[h * HOUR, 1000 * (60 + 8 * min(h, 24 - h) if h % 5 else 150)] for h in range(24)]


@pytest.mark.req("exactness", "clock")
@pytest.mark.parametrize("basal_ng_per_day", [27000, 101234] if CAMPAIGN else [27000])
def test_weeks_across_the_wraps_of_the_ticks(basal_ng_per_day: int) -> None:
    """The first wrap comes after an hour, the next each 12.4 days: two in 14 days, four in the campaign's 38. Never a step off."""
    cap = basal_ng_per_day + 20000
    pump = Pump(basal_ng_per_day, 2000000, "bd-10ml", ticks_at_boot=WRAP - HOUR, max_24h_ng=cap, pb_dose_ng=1000, pb_duration_ms=MINUTE)
    begin = pump.now
    for n in range(WRAPS):
        pump.wait(WRAP - HOUR // 2 if n else 2 * HOUR)
        pump.button()
        pump.wait(HOUR)
    pump.wait(max(0, begin + (38 * DAY if CAMPAIGN else 14 * DAY) - pump.now))
    pump.drain()
    pump.check()
    assert fullest(pump) <= cap * pump.plan.ratio + 1
    note(f"wraps: {(pump.now - begin) / DAY:.1f} days of {basal_ng_per_day} ng/day, {pump.rig.truth()['steps']} steps, exact")


@pytest.mark.req("exactness", "profiles", "R5", "R6")
def test_a_year_of_flex_with_the_patient_s_boluses() -> None:
    """The button is pressed far more often than a bolus is possible."""
    total = (sum(ng for _, ng in HOURS) * HOUR + DAY // 2) // DAY
    cap = total + 9000
    pump = Pump(total, 2000000, "bd-10ml", rows=HOURS, mode=s.FLEX, max_24h_ng=cap, pb_dose_ng=3000, pb_duration_ms=MINUTE)
    chance, given, denied = random.Random(1), 0, 0
    end = pump.now + FLEX_DAYS * DAY
    while pump.now < end:
        if pump.button():
            given += 1
        else:
            denied += 1
        pump.wait(chance.randrange(MINUTE, 12 * HOUR))
        pump.pulses.take(pump.rig)
    pump.drain()
    pump.check()
    assert fullest(pump) <= cap * pump.plan.ratio + 1
    assert given >= FLEX_DAYS and denied
    note(f"flex: {FLEX_DAYS} days, {given} boluses given and {denied} denied, {pump.rig.truth()['steps']} steps, exact")
    assert (given - 3) * 3000 <= 9000 * FLEX_DAYS


@pytest.mark.req("R3", "R5", "R6", "power cut")
def test_reboots_inside_lockouts() -> None:
    """Never a shorter lockout, never over a cap, never a reduction steeper than R3, and the books hold what left."""
    cap, lockout = 315000, 3 * HOUR
    pump = Pump(300000, 2000000, "bd-10ml", max_24h_ng=cap, pb_dose_ng=2500, pb_duration_ms=5 * MINUTE, pb_lockout_ms=lockout, pb_max=6)
    chance, reboots, given, over, off = random.Random(2), 0, 0, -DAY, 0
    rungs = [(0, 300000)]
    while reboots < REBOOTS:
        if pump.state == s.HELD:
            pump.order("RESUME", CLINICIAN, reason="test")
            pump.alive()
            pump.plan.basal(pump.horizon(), pump.look("STATUS")["basal_ng_per_day"])
        powered = pump.now - off
        if pump.order("BOLUS", OPERATOR, dose_ng=2500):
            assert powered - over >= lockout, "R5"
            pump._bolus_began(2500, 5 * MINUTE)
            over, given = pump.now - off + 5 * MINUTE, given + 1
        if chance.random() < 0.02:
            d = pump.d * chance.choice((700, 800, 900, 1150)) // 1000
            if pump.change(d):
                powered = pump.now - off
                assert d * 5 >= 4 * max(
                    ng for i, (_, ng) in enumerate(rungs) if i + 1 == len(rungs) or rungs[i + 1][0] > powered - 2 * DAY
                ), "R3"
                rungs.append((powered, d))
        for _ in range(chance.choice((1, 1, 2, 5))):
            if chance.random() < 0.5:
                away = chance.choice((0, 0, 1, MINUTE, HOUR // 2))
                running = pump.now - off < over
                pump.cut(away)
                off += away
                over = max(over, pump.now - off) if running else over
            else:
                pump.hang()
            reboots += 1
            assert pump.look("STATUS")["bolus_in_ms"] >= over + lockout - (pump.now - off), "R5"
            assert pump.d == rungs[-1][1]
            pump.wait(chance.choice((1, 400, 3000, MINUTE)))
        pump.wait(chance.choice((MINUTE, 20 * MINUTE, HOUR)))
    pump.wait(DAY)
    pump.check()
    assert given > 3
    note(f"reboots: {reboots} inside {given} lockouts, {pump.rig.truth()['steps']} steps, none of R3, R5, R6 broken")
    assert fullest(pump) <= cap * pump.plan.ratio + 1
