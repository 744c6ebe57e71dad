"""CHANGE: the syringe is taken out for another one of the kind provisioned (R13). REFILL ends it.

An interruption: D, the lockouts and the taper's rung stay, the withdrawal clock runs and the taper's does not. From the order on nobody
knows what is in the syringe, so nothing starts, resumes or adds drug until a refill is booked; that lets basal go on at the same D by
itself, within R7's limit. Another concentration is PRESCRIBE's business afterwards (R9). Called by orders/__init__.py and refill.py.
"""

from pump.core.orders.checks import need
from pump.core.orders.suspend import check_resume, do_resume
from pump.core.reject import Reject
from pump.core.therapy import Therapy
from wire import alarms, events
from wire import schema as s

_SOLVED = (alarms.EMPTY, alarms.RESIDUAL)  # by the refill that ends the change


def check_change(therapy: Therapy, values: dict, role: int) -> dict:
    """Wherever basal flows or was held; not in the middle of a bolus, which would count as given."""
    need(therapy, "exchange")
    if therapy.plan.bolus_num:
        left = therapy.plan.bolus_start + therapy.plan.bolus_ms - therapy.now
        raise Reject(s.NOT_NOW, 13, "bolus_left_ms", left, in_ms=left, text="a bolus runs")
    if therapy.back_left:  # seconds
        raise Reject(s.NOT_NOW, 13, text="the plunger is pulled back")
    return {"old_ng_per_day": therapy.basal(), "new_ng_per_day": 0}


def do_change(therapy: Therapy, values: dict, role: int) -> int:
    """Nothing flows from here."""
    therapy.fire("exchange")
    therapy.tell(events.CHANGE_STARTED, role, 0, values.get("reason") or "")
    return 0


def after(therapy: Therapy, role: int) -> int:
    """The D that flows once the refill is booked: that of before, or 0 if a person has to decide first."""
    if therapy.state != s.CHANGING:
        return 0
    try:
        read = check_resume(therapy, {}, role, _SOLVED)  # without a reason: too late is never a new start by itself
    except Reject:
        return 0
    return int(read["new_ng_per_day"])


def go_on(therapy: Therapy, ng_per_day: int) -> None:
    """The refill is booked: basal goes on at `ng_per_day`, or, if that is 0, the pump waits for a person as after any stop."""
    therapy.fire("refilled")
    if ng_per_day:
        do_resume(therapy, {}, 0)
        return
    therapy.alarm(alarms.SUSPENDED)
    therapy.tell(events.HELD, alarms.SUSPENDED)
