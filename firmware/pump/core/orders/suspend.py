"""SUSPEND, RESUME, CLOSE: the emergency and what may come after it."""

from pump.core import prescription, start, titration
from pump.core.orders.checks import change_permille, check_cap, need, need_no_stop, need_reason, need_residual
from pump.core.plan import STRETCH_MS
from pump.core.reject import Reject, within
from pump.core.therapy import Therapy
from wire import alarms, events, limits
from wire import schema as s


def check_suspend(therapy: Therapy, values: dict, role: int) -> None:
    """R7: immediate, for every authenticated role and the button."""
    need(therapy, "suspend")


def do_suspend(therapy: Therapy, values: dict, role: int) -> int:
    """Nothing flows from here, the withdrawal clock runs."""
    therapy.fire("suspend")
    therapy.tell(events.SUSPENDED, role, 0, values.get("reason") or "")
    if therapy.state == s.SUSPENDED:  # priming just ends
        therapy.alarm(alarms.SUSPENDED)
    return 0


def resume_event(therapy: Therapy, ng_per_day: int) -> str:
    """The edge a resume at this D takes: back to what was interrupted, or a new start when it was stopped too long."""
    if therapy.stopped_at >= 0 and therapy.too_late():
        return "restart"
    if therapy.taper.up:
        if ng_per_day < therapy.d():  # who wants less now does not want a rise: stopping one is always safe
            return "resume"
        return "resume_titration_paused" if therapy.taper.paused else "resume_titration"
    if not therapy.taper.on or not therapy.taper.discontinue and ng_per_day <= therapy.taper.to:
        return "resume"
    return "resume_paused" if therapy.taper.paused else "resume_taper"


def check_resume(therapy: Therapy, values: dict, role: int, solved: tuple = ()) -> dict:
    """R7: at the suspended D or lower within R3; after too long a stop a clinician's new start (R8), not above the suspended D.

    Not while what stopped it stands or nobody has seen it; after three stops by alarms in ten minutes only by a clinician.
    solved: alarms that are over by then, with the refill that ends a change of syringe.
    """
    event = resume_event(therapy, values.get("basal_ng_per_day") or therapy.d())
    need(therapy, event, s.HELD if solved else therapy.state)
    need_no_stop(therapy, solved)
    if not solved:
        need_residual(therapy)
    if therapy.alarms.find(alarms.OFTEN) and role != s.CLINICIAN:
        raise Reject(s.NOT_NOW, None, "alarm", alarms.OFTEN, text="alarm")
    old = therapy.d()
    new = values.get("basal_ng_per_day") or old
    within(7, "basal_ng_per_day", new, therapy.row[limits.BASAL_MIN_NG_PER_DAY], old)
    soft = 0
    if event == "restart":
        rx = therapy.rx
        soft = limits.SOFT_RESTART | start.check_start(therapy.row, rx[prescription.SCREEN], rx[prescription.SCREEN_LONG], new)
        stopped = therapy.stopped_ms()
        need_reason(values, role, soft, 7, "stopped_ms", stopped, therapy.row[limits.SUSPEND_MAX_MS], None)
    elif new < old:
        titration.check_lower(therapy.row, therapy.history, therapy.now, new)
    cap_ng = therapy.rx[prescription.MAX_24H] + _repeated_ng(therapy)
    total = check_cap(therapy, cap_ng, new, None, "basal_ng_per_day", new)
    return {
        "old_ng_per_day": old,
        "new_ng_per_day": new,
        "change_permille": change_permille(old, new),
        "total_24h_ng": total,
        "conc_ng_per_ml": therapy.line.conc,
        "soft": soft,
    }


def _repeated_ng(therapy: Therapy) -> int:
    """Basal of the last 24 h that counts twice: a power cut left up to a stretch uncertain, and pump time has run through it again.

    No day by the wall holds it twice. Counting it against R6 here would keep a prescription whose cap is its basal from being resumed.
    """
    step_ng = -(-therapy.ratio[1] // therapy.ratio[0])
    stretch_ng = max(step_ng, therapy.profile.least(therapy.d()) * STRETCH_MS // limits.DAY_MS) + step_ng
    return sum([min(i[2], stretch_ng) for i in therapy.history.impulses if i[0] > therapy.now - limits.DAY_MS])


def do_resume(therapy: Therapy, values: dict, role: int) -> int:
    """Basal flows again."""
    before = therapy.d()
    new = values.get("basal_ng_per_day") or before
    event = resume_event(therapy, new)
    stopped = therapy.stopped_ms()
    therapy.rx[prescription.BASAL] = new
    if new < before:  # a new rung, to be held in full
        therapy.taper.left_ms = therapy.taper.hold_ms
    if event == "restart":
        rx = therapy.rx
        below = start.check_start(therapy.row, rx[prescription.SCREEN], rx[prescription.SCREEN_LONG], new)
        therapy.rx_soft, therapy.rx_reason = limits.SOFT_RESTART | below, values.get("reason") or ""
        for crossed in prescription.soft_limits(therapy.row, therapy.rx):
            therapy.rx_soft |= crossed[0]
    therapy.fire(event)
    therapy.tell(events.RESUMED, therapy.d(), stopped, values.get("reason") or "")
    return 0


def check_close(therapy: Therapy, values: dict, role: int) -> dict:
    """R7: a therapy stopped beyond the limit may be closed, with a reason (explant)."""
    need(therapy, "close")
    return {"old_ng_per_day": therapy.d(), "new_ng_per_day": 0}


def do_close(therapy: Therapy, values: dict, role: int) -> int:
    """It is over."""
    therapy.fire("close")
    therapy.tell(events.CLOSED, 0, 0, values["reason"])
    return 0
