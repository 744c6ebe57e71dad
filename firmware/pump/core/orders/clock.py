"""CLOCK: the board's clock is set by a host (R17). The app sets it; this decides whether, and the log keeps what it was set to."""

from pump.core.reject import Reject
from pump.core.therapy import Therapy
from wire import events
from wire import schema as s


def check_clock(therapy: Therapy, values: dict, role: int) -> dict:
    """R17: never on a therapy: a clock set while it is stopped could make the time without power short (R7)."""
    if therapy.state not in (s.READY, s.ENDED):
        raise Reject(s.NOT_NOW, 17, "state", therapy.state, text="clock")
    return {}


def do_clock(therapy: Therapy, values: dict, role: int) -> int:
    """Into the log."""
    therapy.tell(events.CLOCK_SET, values["seconds"], role)
    return 0
