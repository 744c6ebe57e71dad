"""Orders from people: for each a `check` that reads it and refuses or gives the pump's own reading, and a `do` that carries it out.

check changes nothing: PROPOSE calls it to answer and COMMIT calls it again, because time has passed. Both take (therapy, values, role);
values is the decoded message, a reading a dict of PROPOSED's fields. role and reason decide which soft limits may be crossed.

A module is loaded when its order comes: on a Pico code is heap, and pump/start.py lets go of it again. The BOLUS button's is loaded when it
is pressed, too; if that fails the bolus is denied (app/loop.py). Only SUSPEND has been loaded before: a stop waits for no flash.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# order: the module here that has check_<order> and do_<order>
ORDERS = {
    "PROVISION": "provision",
    "PRESCRIBE": "prescribe",
    "ALIGN": "align",
    "BOLUS": "bolus",
    "CANCEL": "bolus",
    "SCREEN": "screen",
    "TAPER": "taper",
    "TITRATE": "titrate",
    "PAUSE": "taper",
    "SUSPEND": "suspend",
    "RESUME": "suspend",
    "CLOSE": "suspend",
    "CHANGE": "change",
    "REFILL": "refill",
    "PRIME": "prime",
    "CALIBRATE": "prime",
    "SERVICE": "service",
    "CLOCK": "clock",
    "ACK": "acknowledge",
}


def find(verb: str) -> "tuple[Any, Any]":
    """(check, do) of an order."""
    module = __import__("pump.core.orders." + ORDERS[verb], None, None, ("find",))
    return getattr(module, "check_" + verb.lower()), getattr(module, "do_" + verb.lower())
