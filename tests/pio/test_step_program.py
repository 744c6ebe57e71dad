"""The step program, cycle by cycle, on two emulators: every period, every count, the floor and the pulse for any words at all."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pump.drivers import pio_step
from tests.pio.trains import ENGINES, Engine, oracle, word_a

REQ = ("motion",)

WORD = st.integers(0, 2**32 - 1)
HERE = 1500  # cycles looked at, when the words would go on for an hour
engines = pytest.mark.parametrize("engine", list(ENGINES.values()), ids=list(ENGINES))


def gaps(rises: list[int]) -> list[int]:
    return [b - a for a, b in zip(rises, rises[1:], strict=False)]


def check_train(engine: Engine, words: list[int], pulse: int, floor: int, cycles: int) -> None:
    rises, falls = engine(pio_step.program(pulse, floor), words, cycles)
    wanted = oracle(words, floor, cycles)
    assert [us for us in rises if us < cycles] == wanted
    assert all(fall - rise == pulse for rise, fall in zip(rises, falls, strict=False))
    assert all(gap >= floor for gap in gaps(rises))


@engines
@pytest.mark.parametrize("pulse", [1, 2, 9, 16])
def test_every_floor_is_exact(engine: Engine, pulse: int) -> None:
    """With B = 0 the period is the floor, whatever floor the board has; steps and grants alike."""
    shortest, longest = pio_step.floor_range(pulse)
    for floor in {*range(shortest, shortest + 40), 100, 255, 256, 257, 400, longest - 1, longest}:
        check_train(engine, [word_a(3, 0), 0, word_a(2, 0), 0], pulse, floor, 6 * floor)


@engines
def test_every_period_is_exact(engine: Engine) -> None:
    for period in [*range(20, 60), 100, 999, 1000]:
        check_train(engine, [word_a(3, 0), period - 20, word_a(1, 0), 0], 2, 20, 5 * period)


@engines
def test_every_wait_is_exact(engine: Engine) -> None:
    for wait in [*range(20), 100, 1000]:
        check_train(engine, [word_a(2, wait), 5, word_a(2, wait), 7], 2, 20, 2 * wait + 120)


@engines
@pytest.mark.parametrize("steps", [1, 2, 31, 32, 33, 8192])
def test_every_count_is_exact(engine: Engine, steps: int) -> None:
    rises, _ = engine(pio_step.program(2, 11), [word_a(steps, 0), 0], steps * 11 + 1000)
    assert len(rises) == steps
    assert set(gaps(rises)) <= {11}


@engines
def test_words_that_stop_coming_stop_it(engine: Engine) -> None:
    """Starvation is a stop with STEP low; half a grant moves nothing."""
    for words, steps in [([], 0), ([word_a(5, 0)], 0), ([word_a(5, 3), 9], 5), ([word_a(5, 3), 9, word_a(8192, 0)], 5)]:
        rises, falls = engine(pio_step.program(2, 20), words, 2000)
        assert len(rises) == len(falls) == steps


@engines
@settings(deadline=None, max_examples=40)
@given(grants=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 80), st.integers(0, 60)), min_size=1, max_size=4))
def test_trains_run_into_each_other_exactly(engine: Engine, grants: list[tuple[int, int, int]]) -> None:
    words = [word for steps, wait, extra in grants for word in (word_a(steps, wait), extra)]
    cycles = sum(wait + steps * (20 + extra) for steps, wait, extra in grants) + 50
    check_train(engine, words, 2, 20, cycles)
    assert len(oracle(words, 20, cycles)) == sum(steps for steps, _, _ in grants)


@pytest.mark.req("motion", "H11")
@engines
@settings(deadline=None, max_examples=40)
@given(words=st.lists(WORD, max_size=8), pulse=st.integers(1, 16), spare=st.integers(0, 526))
@example(words=[0, 0, 0, 0, 0, 0, 0, 0], pulse=2, spare=0)
@example(words=[2**32 - 1] * 8, pulse=16, spare=526)
def test_any_words_keep_the_floor_and_the_pulse(engine: Engine, words: list[int], pulse: int, spare: int) -> None:
    check_train(engine, words, pulse, pio_step.floor_range(pulse)[0] + spare, HERE)


@engines
@settings(deadline=None, max_examples=30)
@given(small=st.lists(st.integers(0, 2**13 - 1), min_size=8, max_size=8))
def test_any_short_words_keep_the_floor(engine: Engine, small: list[int]) -> None:
    """Words without a wait, so that something happens: A's upper bits and B's are 0."""
    check_train(engine, [word % 40 if i % 2 else word for i, word in enumerate(small)], 2, 11, HERE)
