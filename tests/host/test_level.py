"""The level curve, against known points of first-order loss, an ODE solver and an exact integer step."""

from fractions import Fraction

import pytest

from tapir import level

REQ = ("planning",)

np = pytest.importorskip("numpy")

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
MIDDLE_MS = 16_200_000


def test_the_half_lives_are_those_reported() -> None:
    assert [ms / HOUR_MS for ms in level.HALF_LIVES_MS] == [1.5, 4.5, 5.0]


@pytest.mark.parametrize("half", level.HALF_LIVES_MS)
def test_a_half_life_halves(half: int) -> None:
    found = level.curve([], np.array([0, half, 2 * half, 10 * half]), half, 64.0)
    assert found == pytest.approx([64, 32, 16, 0.0625], rel=1e-12)


@pytest.mark.parametrize("half", level.HALF_LIVES_MS)
def test_a_constant_rate_is_half_way_after_a_half_life_and_settles(half: int) -> None:
    """100 mcg/day settle at 100/24 x half-life / ln 2: at 4.5 h that is 27.05 mcg."""
    flows = level.steps([(0, 100_000)], 40 * half)
    steady = level.steady_mcg(100_000, half)
    assert level.curve(flows, np.array([0, half, 2 * half, 39 * half]), half) == pytest.approx(
        [0, steady / 2, steady * 3 / 4, steady], rel=1e-9
    )
    assert level.curve(flows, np.array([0, half]), half, steady) == pytest.approx([steady, steady])
    assert level.steady_mcg(100_000, MIDDLE_MS) == pytest.approx(27.0505, abs=1e-4)


def _schedule() -> list[level.Flow]:
    changes = [(0, 100_000), (20 * HOUR_MS, 80_000), (44 * HOUR_MS, 0), (50 * HOUR_MS, 64_000)]
    return [*level.steps(changes, 72 * HOUR_MS), level.bolus(30 * HOUR_MS, 300_000, 5_000), level.bolus(60 * HOUR_MS, HOUR_MS, 50_000)]


def _rate(ms: float) -> float:
    """mcg per ms at a moment of the schedule, said again."""
    hours = ms / HOUR_MS
    basal = 100 if hours < 20 else 80 if hours < 44 else 0 if hours < 50 else 64
    extra = 5 / 300_000 if 30 <= hours < 30 + 1 / 12 else 50 / HOUR_MS if 60 <= hours < 61 else 0
    return basal / DAY_MS + extra


@pytest.mark.parametrize("half", level.HALF_LIVES_MS)
def test_a_schedule_agrees_with_a_solver(half: int) -> None:
    solver = pytest.importorskip("scipy.integrate")
    k = np.log(2) / half
    edges = [0, 20, 30, 30 + 1 / 12, 44, 50, 60, 61, 72]
    amount = 3.0
    for start, end in zip(edges, edges[1:], strict=False):
        inflow = _rate((start + end) / 2 * HOUR_MS)
        times = np.linspace(start, end, 7) * HOUR_MS
        done = solver.solve_ivp(lambda _, a, r=inflow: r - k * a, (times[0], times[-1]), [amount], rtol=1e-10, atol=1e-12, t_eval=times)
        found = level.curve(_schedule(), np.concatenate([[0], times]), half, 3.0)[1:]
        assert found == pytest.approx(done.y[0], rel=1e-7)
        amount = float(done.y[0][-1])


@pytest.mark.parametrize("half", level.HALF_LIVES_MS)
def test_a_schedule_agrees_with_a_step_in_whole_numbers(half: int) -> None:
    """A minute a step, in billionths of a ng, with decay as a ratio of integers: within a thousandth of the curve."""
    per_min_ppt = round(Fraction(10**12) * Fraction(2 ** (-60_000 / half)))  # what is left after a minute
    amount = 0
    at = [24 * 60, 45 * 60, 72 * 60]
    found = {}
    for minute in range(72 * 60 + 1):
        if minute in at:
            found[minute] = amount
        inflow = round(Fraction(_rate((minute + 0.5) * 60_000)) * 60_000 * 1000 * 10**9)
        amount = (amount + inflow // 2) * per_min_ppt // 10**12 + inflow - inflow // 2
    curve = level.curve(_schedule(), np.array([0, *(minute * 60_000 for minute in at)]), half)[1:]
    assert curve == pytest.approx([found[minute] / 10**12 for minute in at], rel=1e-3)


def test_the_area_is_the_dose_over_k() -> None:
    """Whatever the shape of the input, the area under the level is the drug given times half-life / ln 2."""
    half = MIDDLE_MS
    times = level.grid(0, 12 * DAY_MS, [flow.start_ms for flow in _schedule()] + [flow.end_ms for flow in _schedule()], 60_000)
    area = float(np.trapezoid(level.curve(_schedule(), times, half), times))
    given = 100 * 20 / 24 + 80 * 24 / 24 + 64 * 22 / 24 + 55
    assert area == pytest.approx(given * half / np.log(2), rel=1e-4)


def test_steps_leave_out_what_does_not_flow() -> None:
    assert level.steps([(0, 5), (10, 0), (20, 7), (20, 8)], 30) == [level.Flow(0, 10, 5), level.Flow(20, 30, 8)]
