"""What several orders ask: is it possible now, may this role cross this soft limit, does every 24 h stay below the cap (R6)."""

from pump.core import cap, states
from pump.core.profile import Profile
from pump.core.reject import Reject, limit
from pump.core.therapy import Therapy
from wire import alarms, limits
from wire import schema as s

_TRIES = 12  # each costs as much as the check itself


def need(therapy: Therapy, event: str, state: int = -1) -> None:
    """Refuse an order whose event has no edge from here (or from `state`), before anything is changed."""
    edge = states.TABLE.get((therapy.state if state < 0 else state, event))
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


def need_no_stop(therapy: Therapy, solved: tuple = ()) -> None:
    """Nothing begins to move while an alarm that stops delivery is there: its cause must be gone, and somebody must have seen it."""
    for entry in therapy.alarms.entries:
        if alarms.row(entry[0])[alarms.ACTION] == alarms.STOP and (entry[2] or not entry[3]) and entry[0] not in solved:
            raise Reject(s.NOT_NOW, None, "alarm", entry[0], text="alarm")


def need_residual(therapy: Therapy) -> None:
    """R13: no start, no resume and no bolus until a residual that contradicts the books is resolved, and none while the books
    do not know the syringe because it is being changed. Basal that runs goes on."""
    need_syringe(therapy)
    if therapy.alarms.find(alarms.RESIDUAL):
        raise Reject(s.NOT_NOW, 13, "alarm", alarms.RESIDUAL, text="alarm")


def need_syringe(therapy: Therapy) -> None:
    """R13: nobody knows what is in the syringe while it is being changed."""
    if therapy.change_at is not None:
        raise Reject(s.NOT_NOW, 13, "change_ms", therapy.now - therapy.change_at, text="the syringe is being changed")


def change_permille(old: int, new: int) -> int | None:
    """Change in parts per thousand, rounded to nearest; None from nothing."""
    if old == 0:
        return None
    return (2000 * (new - old) + old) // (2 * old)


def check_cap(
    therapy: Therapy, cap_ng: int, d: int, bolus: list[int] | None, field: str, value: int, profile: Profile | None = None
) -> int:
    """R6 for D (0: nothing flows) from now on, perhaps with another profile or a bolus [start, end, dose]. Gives the fullest 24 h."""
    total, worst = _judge(therapy, cap_ng, d, bolus, profile, therapy.now)
    if worst is not None:
        raise limit(6, field, worst, None, cap_ng, _cap_free_in(therapy, cap_ng, d, bolus, profile))
    return total


def _judge(therapy: Therapy, cap_ng: int, d: int, bolus: list[int] | None, profile: Profile | None, at: int) -> tuple[int, int | None]:
    """cap.judge if the bolus is given at `at`; windows reach two days beyond."""
    runs = therapy.d() if therapy.state in states.DELIVERING else 0
    return cap.judge_change(therapy, runs, cap_ng, d, bolus, profile or therapy.profile, at)


def _cap_free_in(therapy: Therapy, cap_ng: int, d: int, bolus: list[int] | None, profile: Profile | None) -> int | None:
    """ms until the same would be within the cap, None if waiting does not help or nobody knows. Tried where something leaves the window."""
    if bolus is None:
        return None
    history, now = therapy.history, therapy.now
    marks = [b[0] for b in history.boluses] + [b[1] for b in history.boluses] + [i[0] + 1 for i in history.impulses]
    if len(therapy.profile.rows) == 1:
        marks += [f[0] for f in history.flows]
    later = sorted({mark + limits.DAY_MS for mark in marks if mark + limits.DAY_MS > now})
    for at in later[:_TRIES]:
        if _judge(therapy, cap_ng, d, bolus, profile, at)[1] is None:
            return at - now
    return None
