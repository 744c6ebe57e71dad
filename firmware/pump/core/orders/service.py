"""SERVICE: the pump gives its MicroPython prompt back, motion impossible (R17). This decides whether; resetting is the board's."""

from pump.core.reject import Reject
from pump.core.therapy import Therapy
from wire import events
from wire import schema as s


def check_service(therapy: Therapy, values: dict, role: int) -> dict:
    """R17: never on a therapy that runs, is suspended or held."""
    if therapy.state not in (s.READY, s.ENDED):
        raise Reject(s.NOT_NOW, 17, "state", therapy.state, text="service")
    return {}


def do_service(therapy: Therapy, values: dict, role: int) -> int:
    """It goes into the log; the app resets once the answer is out."""
    therapy.tell(events.SERVICE_OPENED, role, 0, values.get("reason") or "")
    return 0
