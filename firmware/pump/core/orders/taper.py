"""TAPER, the only way to the end of a therapy, and PAUSE, for the plan that runs."""

from pump.core import states, taper, titration
from pump.core.orders.checks import change_permille, need, need_reason
from pump.core.reject import limit
from pump.core.therapy import Therapy
from wire import events, limits


def check_taper(therapy: Therapy, values: dict, role: int) -> dict:
    """R4: to nothing, or to a D to hold."""
    need(therapy, "taper")
    floor = therapy.row[limits.BASAL_MIN_NG_PER_DAY]
    to = values["to_ng_per_day"]
    if to and (to < floor or to >= therapy.d()):
        raise limit(4, "to_ng_per_day", to, floor, therapy.d() - 1)
    percent, hold_ms = therapy.row[limits.TAPER_PRESETS][values["preset"]]
    soft = limits.SOFT_STEEP_TAPER if titration.steeper(therapy.row, percent, hold_ms) else 0
    need_reason(values, role, soft, 3, "percent", percent, therapy.row[limits.LOWER_PERCENT], None)
    steps = taper.rungs_to(therapy.d(), percent, to or floor)
    return {
        "old_ng_per_day": therapy.d(),
        "new_ng_per_day": to,
        "change_permille": change_permille(therapy.d(), to),
        "steps": steps,
        "soft": soft,
        "ends": therapy.state if therapy.state in states.IN_TITRATION else 0,
    }


def do_taper(therapy: Therapy, values: dict, role: int) -> int:
    """The first step is due at once, or as soon as R3 allows; at the floor already, the floor is held in full first."""
    floor = therapy.row[limits.BASAL_MIN_NG_PER_DAY]
    to = values["to_ng_per_day"]
    percent, hold_ms = therapy.row[limits.TAPER_PRESETS][values["preset"]]
    target = to or floor
    first = hold_ms if therapy.d() <= target else 0
    if therapy.taper.on and not therapy.taper.up:  # a taper that runs is redirected: the time its rung must still be held stays
        first = max(first, therapy.taper.left(therapy.now))
    therapy.fire("taper")
    therapy.drop_taper()
    therapy.taper.begin(target, 0 if to else 1, percent, hold_ms, first, therapy.now, values.get("reason") or "")
    therapy.tell(events.TAPER_STARTED, to, values["preset"], therapy.taper.reason)
    return taper.rungs_to(therapy.d(), percent, target)


def check_pause(therapy: Therapy, values: dict, role: int) -> dict:
    """Pause the taper or the titration, or let it go on."""
    need(therapy, "pause" if values["on"] else "continue")
    return {"old_ng_per_day": therapy.d(), "new_ng_per_day": therapy.d()}


def do_pause(therapy: Therapy, values: dict, role: int) -> int:
    """Basal goes on at this rung either way."""
    therapy.fire("pause" if values["on"] else "continue")
    if therapy.taper.up:
        therapy.tell(events.PLAN_PAUSED if values["on"] else events.PLAN_CONTINUED)
    else:
        therapy.tell(events.TAPER_PAUSED if values["on"] else events.TAPER_CONTINUED)
    return 0
