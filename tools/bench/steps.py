"""The step engine, cycle by cycle on rp2040py's PIO block: how fast it counts exactly, and how far any period is from its own.

The driver is the one that is flashed, fed as the app feeds it: a grant whenever there is room. One cycle is 1 us, so jitter in
cycles is jitter in us; the rate is a whole number of cycles a step, hence exact against the crystal. Called by run.py.
"""

import itertools
from typing import Any

from boards import pico_a4988
from pump.drivers import pio_step
from pump.drivers.stepper import Stepper
from tests.pio.boards import board
from tests.pio.pico import Pico

STEPS = 50_000
GRANT = 5_000


def train(period_us: int) -> dict[str, int]:
    """STEPS at one period: pulses on the pad, pulses that the driver counted, and the largest deviation of a period in cycles."""
    of: Any = board(MIN_PERIOD_US=period_us, MAX_STEPS_PER_S=1_000_000 // period_us)
    pico = Pico(of.PIN_STEP)
    stepper = Stepper(pico.rp2, pico.machine, pico.time, of)
    pico.run(10)
    for _ in range(STEPS // GRANT):
        while not stepper.room():
            pico.run(1_000)
        stepper.grant(0, GRANT, period_us)
    pico.run(stepper.busy_us() + period_us)
    jitter = max(abs(late - early - period_us) for early, late in itertools.pairwise(pico.rises))
    return {"pulses": len(pico.rises), "counted": stepper.emitted(), "jitter": jitter}


def measure() -> dict[str, int]:
    """The highest rate at which every one of STEPS is counted and every period exact, with what was seen at it."""
    period_us = pio_step.floor_range(pico_a4988.STEP_PULSE_US)[0]
    while True:
        seen = train(period_us)
        if seen["pulses"] == seen["counted"] == STEPS and not seen["jitter"]:
            return {"steps_per_s": 1_000_000 // period_us, "period_us": period_us} | seen
        period_us += 1
