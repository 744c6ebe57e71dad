"""Boards for the tests: pico_a4988 with another motion. `quick` steps every 20 us: 50,000 a second."""

from types import SimpleNamespace
from typing import Any

from boards import pico_a4988


def board(**changes: Any) -> SimpleNamespace:
    constants = {name: value for name, value in vars(pico_a4988).items() if name.isupper()}
    return SimpleNamespace(**(constants | changes))


def quick(**changes: Any) -> SimpleNamespace:
    return board(**({"MIN_PERIOD_US": 20, "MAX_STEPS_PER_S": 50_000, "ENABLE_SETUP_US": 500, "RAMP": ()} | changes))
