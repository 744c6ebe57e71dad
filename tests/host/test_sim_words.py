"""Control lines as people write them become the control channel's integers."""

import pytest

from tapir.cli.sim import _canonical
from tapir.errors import UsageError

REQ = ("simulator",)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["advance", "6h"], "advance 21600000"),
        (["advance", "6", "h", "30", "min"], "advance 23400000"),
        (["advance", "1000"], "advance 1000"),
        (["cut", "3h"], "cut 10800000"),
        (["cut", "3", "h", "at", "5", "half"], "cut 10800000 at 5 half"),
        (["cut", "0", "at", "5", "weak"], "cut 0 at 5 weak"),
        (["press", "SUSPEND", "3s"], "press SUSPEND 3000"),
        (["refill", "3 mL"], "refill 3000000"),
        (["speed", "3600"], "speed 3600"),
        (["truth"], "truth"),
    ],
)
def test_quantities_become_integers(typed: list[str], said: str) -> None:
    assert _canonical(typed) == said


def test_a_time_without_unit_is_refused_with_the_forms() -> None:
    with pytest.raises(UsageError, match="Accepted"):
        _canonical(["advance", "6", "hours"])
