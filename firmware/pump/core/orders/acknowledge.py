"""ACK: somebody has seen an alarm."""

from pump.core.reject import Reject
from pump.core.therapy import Therapy
from wire import events
from wire import schema as s


def check_ack(therapy: Therapy, values: dict, role: int) -> None:
    """Only what stands or is latched."""
    if therapy.alarms.find(values["alarm"]) is None:
        raise Reject(s.NOT_NOW, None, "alarm", values["alarm"], text="not standing")


def do_ack(therapy: Therapy, values: dict, role: int) -> int:
    """Somebody has seen it."""
    therapy.alarms.ack(values["alarm"], therapy.now)
    therapy.tell(events.ACKNOWLEDGED, values["alarm"], role)
    return 0
