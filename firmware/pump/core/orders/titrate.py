"""TITRATE: a plan that raises D by itself, for weeks. Stopping it is always possible: PAUSE, TAPER, PRESCRIBE, SUSPEND."""

from pump.core import prescription, titration_plan
from pump.core.orders.checks import change_permille, need, need_reason
from pump.core.orders.prescribe import check_speed
from pump.core.reject import limit, within
from pump.core.therapy import Therapy
from wire import events, limits
from wire import schema as s


def check_titrate(therapy: Therapy, values: dict, role: int) -> dict:
    """R1, R2, R6 for the whole way; each step is checked again when it is due. A soft limit on the way needs its reason now."""
    need(therapy, "titrate")
    row, rx, old = therapy.row, therapy.rx, therapy.d()
    to, percent = values["to_ng_per_day"], values["percent"]
    within(1, "to_ng_per_day", to, row[limits.BASAL_MIN_NG_PER_DAY], row[limits.BASAL_MAX_NG_PER_DAY])
    if to <= old:
        raise limit(2, "to_ng_per_day", to, old + 1)
    within(2, "percent", percent, 1, limits.origin_raise_percent(row, rx[prescription.ORIGIN]))
    if values["hold_ms"] < limits.DAY_MS:
        raise limit(2, "hold_ms", values["hold_ms"], limits.DAY_MS)
    if to > rx[prescription.MAX_24H]:
        raise limit(6, "to_ng_per_day", to, None, rx[prescription.MAX_24H])
    _check_mode(therapy, to)
    target = list(rx)
    target[prescription.BASAL] = to
    check_speed(therapy, target, max([therapy.profile.scaled(i, to) for i in range(len(therapy.profile.rows))]))
    rungs = titration_plan.rungs(old, percent, to)
    if not rungs or rungs[-1] != to:
        raise limit(2, "percent", percent, -(-100 // old))  # of so small a D a step of this size is none
    soft = _check_soft(therapy, rungs, values, role)
    return {
        "old_ng_per_day": old,
        "new_ng_per_day": to,
        "change_permille": change_permille(old, to),
        "steps": len(rungs),
        "ends": therapy.state if therapy.taper.on else 0,
        "soft": soft,
    }


def _check_mode(therapy: Therapy, to: int) -> None:
    """R16: periodic doses grow with D, and stay bounded. The minimum rate is what it says: another mode is prescribed first."""
    mode = therapy.rx[prescription.MODE]
    if mode == s.MINIMUM:
        raise limit(1, "to_ng_per_day", to, therapy.d(), therapy.d())
    if mode == s.PERIODIC:
        profile = therapy.profile
        ng = (profile.scaled(0, to) - profile.scaled(1, to)) * profile.rows[1][0]
        within(16, "per_dose_ng", -(-ng // limits.DAY_MS), 1, therapy.row[limits.BOLUS_MAX_NG])


def _check_soft(therapy: Therapy, rungs: list[int], values: dict, role: int) -> int:
    """R1's soft limit for the target and R2's for each step: they need a reason."""
    row, to = therapy.row, rungs[-1]
    lowest = therapy.history.lowest(therapy.now - limits.DAY_MS)
    most = row[limits.BASAL_SOFT_MAX_NG_PER_DAY]
    soft = limits.SOFT_BASAL_HIGH if to > most else 0
    need_reason(values, role, soft, 1, "to_ng_per_day", to, most, None)
    for rung in rungs:
        high = lowest * (100 + row[limits.RAISE_SOFT_PERCENT]) // 100
        if rung > row[limits.RAISE_SOFT_ABOVE_NG_PER_DAY] and rung > high:
            need_reason(values, role, limits.SOFT_RAISE_HIGH, 2, "to_ng_per_day", rung, high, None)
            return soft | limits.SOFT_RAISE_HIGH
        lowest = rung
    return soft


def do_titrate(therapy: Therapy, values: dict, role: int) -> int:
    """The first step comes as soon as R2 allows; over a titration that runs, not before its rung has been held."""
    to, percent, hold_ms = values["to_ng_per_day"], values["percent"], values["hold_ms"]
    first = therapy.taper.left(therapy.now) if therapy.taper.on else 0
    soft = _check_soft(therapy, titration_plan.rungs(therapy.d(), percent, to), values, role)
    therapy.fire("titrate")
    therapy.drop_taper()
    reason = values.get("reason") or ""
    therapy.taper.begin(to, 0, percent, hold_ms, first, therapy.now, reason, 1)
    if soft:  # what is overridden stays in sight with its reason, as that of a prescription does
        therapy.rx_soft |= soft
        therapy.rx_reason = reason
    therapy.tell(events.TITRATION_STARTED, to, percent, reason)
    return len(titration_plan.rungs(therapy.d(), percent, to))
