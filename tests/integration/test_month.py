"""The whole firmware for 30 days with refills, on the unix port and littlefs: the exact step count, in the four corners of the range."""

import subprocess
from fractions import Fraction

import pytest

from tests.integration.test_lanes import MICROPYTHON, needs_unix
from tests.lanes.wasm import ROOT
from tests.property.exact import steps_per_ng
from wire import schema as s

REQ = ("exactness",)

DAYS = 30


@needs_unix
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("basal_ng_per_day", "conc_ng_per_ml", "syringe"),
    [(800000, 500000, "bd-10ml"), (800000, 2000000, "bd-10ml"), (27000, 500000, "bd-10ml"), (27000, 2000000, "bd-3ml")],
)
def test_a_month_ends_with_the_exact_step_count(basal_ng_per_day: int, conc_ng_per_ml: int, syringe: str) -> None:
    arguments = [str(basal_ng_per_day), str(conc_ng_per_ml), syringe]
    done = subprocess.run(
        [MICROPYTHON, "-X", "heapsize=32m", "tests/integration/month.py", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    state, known, most, steps, idle, refills = (int(word) for word in done.stdout.split())
    exact = DAYS * basal_ng_per_day * steps_per_ng(syringe, conc_ng_per_ml)
    assert steps == int(exact + Fraction(1, 2)), float(exact)  # a step leaves when the plan is half way to it
    assert (state, known, most, idle) == (s.INFUSING, steps, steps, 0)
    assert refills >= 5
