"""Fixtures of the property tests."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from wire import limits

settings.register_profile("tapir", deadline=None)  # no timed assertions: a busy machine is no defect
settings.load_profile("tapir")

WIDE = "test-wide"


def widened() -> "tuple[limits.Drug, ...]":
    """The library with one more entry that lets a therapy start anywhere in its range: what is tested then is motion, not R8."""
    row = list(limits.LIBRARY[0])
    row[limits.NAME] = WIDE
    row[limits.START_MAX_NG_PER_DAY] = row[limits.BASAL_MAX_NG_PER_DAY]
    row[limits.SCREEN_MAX_NG] = row[limits.BASAL_MAX_NG_PER_DAY]
    return (*limits.LIBRARY, tuple(row))


@pytest.fixture(scope="module")
def wide_library() -> Iterator[None]:
    """The library as `widened` has it, for a module's tests."""
    before = limits.LIBRARY
    limits.LIBRARY = widened()
    yield
    limits.LIBRARY = before
