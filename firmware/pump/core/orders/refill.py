"""REFILL: the books of the syringe begin anew. After a CHANGE of the syringe it lets basal go on."""

from pump.core.orders import change
from pump.core.orders.checks import need_reason
from pump.core.reject import Reject, within
from pump.core.therapy import Therapy
from wire import alarms, events, limits
from wire import schema as s


def check_refill(therapy: Therapy, values: dict, role: int) -> dict:
    """R13: what is found in the syringe must agree with the books, or somebody says why."""
    if therapy.state in (s.UNPROVISIONED, s.LOCKED):
        raise Reject(s.NOT_NOW, None, "state", therapy.state, text="refill")
    within(13, "volume_nl", values["volume_nl"], 1, therapy.syringe[2])
    off, too_far = therapy.reservoir.discrepancy(values["residual_nl"], therapy.odometer(), therapy.row[limits.REFILL_SHARE_PERCENT])
    soft = limits.SOFT_RESIDUAL if too_far else 0
    need_reason(values, role, soft, 13, "residual_nl", values["residual_nl"], therapy.reservoir.left_nl(therapy.odometer()), None)
    reading = {"soft": soft, "steps": max(0, therapy.reservoir.left_steps(therapy.odometer()))}
    if therapy.state == s.CHANGING:
        reading["old_ng_per_day"] = 0
        reading["new_ng_per_day"] = change.after(therapy, role)
    return reading


def do_refill(therapy: Therapy, values: dict, role: int) -> int:
    """The books begin anew."""
    then = change.after(therapy, role)
    off = values["residual_nl"] - therapy.reservoir.left_nl(therapy.odometer())
    therapy.reservoir.refill(values["volume_nl"], therapy.odometer())
    therapy.line.primed = 0  # R9: what was primed came from the syringe before
    therapy.alarm(alarms.RESIDUAL, False)
    therapy.watch_books()
    therapy.tell(events.REFILLED, values["volume_nl"], off, values.get("reason") or "")
    if therapy.state == s.CHANGING:
        change.go_on(therapy, then)
    therapy.end_change()
    return 0
