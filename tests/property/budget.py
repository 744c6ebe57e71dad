"""How much Hypothesis does: a small, repeatable share in `make test`, as much as one likes in a campaign.

`TAPIR_EXAMPLES=2000 pytest tests/property/test_exact.py` runs that many examples of each property, different ones each time.
"""

import os
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings

CAMPAIGN = int(os.environ.get("TAPIR_EXAMPLES", "0"))
FULL = 2000  # examples of each property in `make campaign`
SHARE = min(100, max(1, CAMPAIGN * 100 // FULL)) if CAMPAIGN else 0  # per cent of a whole campaign, for what is no example

_NOTES = Path(__file__).resolve().parent.parent.parent / "build" / "campaign.txt"


def note(text: str) -> None:
    """A line for what `make campaign` prints at its end."""
    if CAMPAIGN:
        _NOTES.parent.mkdir(exist_ok=True)
        with _NOTES.open("a") as file:
            file.write(text + "\n")


def budget(examples: int, steps: int = 50) -> settings:
    """Settings for a property that gets so many examples in `make test`; `steps` are those of a state machine."""
    return settings(
        max_examples=CAMPAIGN or examples,
        stateful_step_count=steps,
        derandomize=not CAMPAIGN,
        database=None,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),  # not explain: it costs more than all the rest
        deadline=None,
        print_blob=False,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
