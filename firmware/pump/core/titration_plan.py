"""The titration plan, a taper's mirror: D rises by itself, `percent` a step, each step held for its full time while drug flows.

A step is taken only where R2 and R6 allow it with everything programmed, and while no HIGH alarm is there and the syringe holds drug.
It is never forced: what is refused waits on its rung and is tried again every RETRY_MS; PLAN_BLOCKED says so until then. Suspension,
faults and time without power do not advance it. It ends at its target, in INFUSING. Clock and target are taper.Taper's, with `up` set.
"""

from pump.core import cap, prescription, titration
from wire import alarms, limits

RETRY_MS = 900000

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pump.core.therapy import Therapy


def next_rung(ng_per_day: int, percent: int, to: int) -> int:
    """The D after this one: `percent` more, rounded down, never above `to`."""
    return min(to, ng_per_day * (100 + percent) // 100)


def rungs(ng_per_day: int, percent: int, to: int) -> list[int]:
    """The Ds that lead from ng_per_day to `to`; shorter than that if a step is too small to be one."""
    found = []
    while ng_per_day < to:
        following = next_rung(ng_per_day, percent, to)
        if following <= ng_per_day:
            break
        ng_per_day = following
        found.append(ng_per_day)
    return found


def step_at(therapy: "Therapy") -> int:
    """When this rung has been held in full and R2 allows the next."""
    plan = therapy.taper
    at = plan.mark + plan.left_ms
    origin = therapy.rx[prescription.ORIGIN]
    allowed = titration.raise_at(therapy.row, origin, therapy.history, therapy.start, next_rung(therapy.d(), plan.percent, plan.to), at)
    return at if allowed is None else allowed


def blocked(therapy: "Therapy") -> int:
    """Why the next step can not be taken now: the rule, or minus the alarm; 0 if it can."""
    alarm = therapy.alarms.high()
    if not alarm and therapy.alarms.find(alarms.RESIDUAL):
        alarm = alarms.RESIDUAL  # R13: nobody knows how much was given
    if alarm:
        return -alarm
    rx, history, now = therapy.rx, therapy.history, therapy.now
    following = next_rung(therapy.d(), therapy.taper.percent, therapy.taper.to)
    if now - therapy.start < therapy.row[limits.RAISE_WAIT_MS] or following > titration.raise_limit(
        therapy.row, rx[prescription.ORIGIN], history, now
    ):
        return 2
    if cap.judge_change(therapy, therapy.d(), rx[prescription.MAX_24H], following, None, therapy.profile, now)[1] is not None:
        return 6
    return 13 if therapy.reservoir.left_steps(therapy.odometer()) <= 0 else 0
