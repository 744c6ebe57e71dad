"""PROVISION: the drug library entry and the syringe; the keys are the session's business."""

from pump.core.reject import Reject
from pump.core.therapy import Therapy
from wire import limits
from wire import schema as s


def check_provision(therapy: Therapy, values: dict, role: int) -> dict:
    """R17: only where no therapy is running, suspended or held; without a key only the first time (or by hand: app/handlers.py)."""
    if role == s.OBSERVER and therapy.state != s.UNPROVISIONED:
        raise Reject(s.NOT_AUTHORISED, None, "role", role, text="PROVISION")
    if therapy.state not in (s.UNPROVISIONED, s.READY, s.ENDED):
        raise Reject(s.NOT_NOW, 17, "state", therapy.state, text="provision")
    _chosen(values)
    return {}


def do_provision(therapy: Therapy, values: dict, role: int) -> int:
    """The drug library entry and the syringe; keys are the session's business."""
    therapy.row, therapy.syringe = _chosen(values)
    therapy.fire("provision")
    return 0


def _chosen(values: dict) -> tuple[tuple, tuple]:
    """The library's row and the syringe's; a refusal names those there are."""
    row, syringe = limits.drug(values["library"]), limits.syringe(values["syringe"])
    if row is None:
        raise Reject(s.OUT_OF_RANGE, None, "library", text=",".join([row[limits.NAME] for row in limits.LIBRARY]))
    if syringe is None:
        raise Reject(s.OUT_OF_RANGE, None, "syringe", text=",".join([row[0] for row in limits.SYRINGES]))
    return row, syringe
