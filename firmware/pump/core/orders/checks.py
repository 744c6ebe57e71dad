"""What several orders ask: is it possible now, may this role cross this soft limit, does every 24 h stay below the cap (R6)."""

from pump.core import cap, states
from pump.core.reject import Reject, limit
from pump.core.therapy import Therapy
from wire import alarms, limits
from wire import schema as s


def need(therapy: Therapy, event: str) -> None:
    """Refuse an order whose event has no edge from here, before anything is changed."""
    edge = states.TABLE.get((therapy.state, event))
    if edge is None:
        raise Reject(s.NOT_NOW, None, "state", therapy.state, text=event)
    if edge[0] and not getattr(therapy, edge[0])():
        raise Reject(s.NOT_NOW, 7, "state", therapy.state, text=edge[0])


def need_reason(values: dict, role: int, soft: int, rule: int, field: str, value: int, high: int | None, in_ms: int | None) -> None:
    """A soft limit is crossed by a clinician who says why; otherwise it is refused like a hard one."""
    if soft and (role != s.CLINICIAN or not values.get("reason")):
        refusal = limit(rule, field, value, None, high, in_ms)
        refusal.text = "a clinician may, with a reason"
        raise refusal


def need_residual(therapy: Therapy) -> None:
    """R13: no start, no resume and no bolus until a residual that contradicts the books is resolved. Basal that runs goes on."""
    if therapy.alarms.find(alarms.RESIDUAL):
        raise Reject(s.NOT_NOW, 13, "alarm", alarms.RESIDUAL, text="alarm")


def change_permille(old: int, new: int) -> int | None:
    """Change in parts per thousand, rounded to nearest; None from nothing."""
    if old == 0:
        return None
    return (2000 * (new - old) + old) // (2 * old)


def check_cap(therapy: Therapy, cap_ng: int, basal: int, bolus: list[int] | None, field: str, value: int) -> int:
    """R6 for a new basal and perhaps a bolus [start, end, dose] from now on. Gives the fullest 24 h with it, in ng."""
    worst = _over_cap(therapy, cap_ng, basal, bolus, therapy.now)
    if worst is not None:
        wait = _cap_free_at(therapy, cap_ng, basal, bolus)
        refusal = limit(6, field, worst, None, cap_ng, wait)
        raise refusal
    history = therapy.history
    boluses = history.boluses if bolus is None else history.boluses + [bolus]
    return cap.fullest(history.flows + [[therapy.now, basal]], boluses, history.impulses, therapy.now)


def _over_cap(therapy: Therapy, cap_ng: int, basal: int, bolus: list[int] | None, at: int) -> int | None:
    history = therapy.history
    boluses = history.boluses
    new_boluses = boluses
    if bolus is not None:
        shift = at - therapy.now
        new_boluses = boluses + [[bolus[0] + shift, bolus[1] + shift, bolus[2]]]
    old_flows = history.flows + [[therapy.now, therapy.basal()]]
    return cap.over(cap_ng, (old_flows, boluses), (history.flows + [[therapy.now, basal]], new_boluses), history.impulses, at)


def _cap_free_at(therapy: Therapy, cap_ng: int, basal: int, bolus: list[int] | None) -> int | None:
    """ms until the same would be within the cap, None if waiting does not help. Tried where something leaves the window."""
    history = therapy.history
    if bolus is None:
        return None
    marks = (
        [b[0] for b in history.boluses]
        + [b[1] for b in history.boluses]
        + [f[0] for f in history.flows]
        + [i[0] + 1 for i in history.impulses]
    )
    for mark in sorted(marks):
        at = mark + limits.DAY_MS
        if at > therapy.now and _over_cap(therapy, cap_ng, basal, bolus, at) is None:
            return at - therapy.now
    return None
