"""What a power cut or a reset does to the therapy. Called by pump/app/boot.py, once, after the journal was taken over.

Steps that were allowed to leave count as given, those known to have left are the other end of the interval; R7 decides whether basal
resumes; the bolus that ran counts whole and locks out from now (R5).
"""

from pump.core import states
from pump.core.plan import STRETCH_MS, Plan
from wire import alarms, events, limits
from wire import schema as s

DAY_MS = 86400000
_DEFICIT_PERCENT = 5
_CLOCK_MS = 2000  # a clock of whole seconds, read twice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pump.core.therapy import Therapy


def lost(therapy: "Therapy", known_steps: int, most_steps: int, off_ms: int) -> None:
    """After a power-on. most_steps were allowed to leave, known_steps are known to have: everything counts `most_steps`.

    The plan goes on from there; the bolus that ran counts whole, as given now, and locks out from now (R5).
    off_ms: how long the power was off, -1 if no trusted clock can say. R7 decides whether basal resumes.
    """
    gap = most_steps - known_steps
    plan = therapy.plan
    therapy.history.settle(therapy.now)
    gap_ng = -(-gap * therapy.ratio[1] // therapy.ratio[0]) if therapy.ratio[0] else 0
    therapy.history.level.off(gap_ng, off_ms)
    if therapy.state == s.PRIMING:
        plan.emitted = most_steps
        therapy.fire("primed")
    elif therapy.ratio[0]:  # steps of a drug are counted: a therapy's, even one that has ended, or a test dose's
        therapy.gap_steps += gap
        many = len(therapy.profile.rows) > 1 and therapy.state in states.DELIVERING
        again = _comes_again(plan, most_steps - plan.emitted) if many else 0
        dose = given = 0
        if plan.bolus_num:
            dose = therapy.history.boluses[-1][3]
            given = _interrupt_bolus(therapy)
        counted = max(_ng(therapy, gap - again) + given, dose)
        if many:
            plan.settle(therapy.now)
            plan.num = min(plan.num - again * plan.den, -(plan.den // 2))
            counted = counted if dose else 0
        else:
            plan.num = -(plan.den // 2)  # a whole step's time to the next one: cuts one after another never add drug
            plan.t = therapy.now
        plan.emitted = most_steps
        if gap or given:
            therapy.history.impulse(therapy.now, counted, _ng(therapy, gap))
    therapy.tell(events.POWER_ON, gap, off_ms)
    if therapy.state == s.SCREENING:
        therapy.fire("hold")
    elif therapy.state in states.DELIVERING:
        _hold_or_go_on(therapy, off_ms)
    elif therapy.state in states.STOPPED:
        therapy.off_ms = -1 if off_ms < 0 or therapy.off_ms < 0 else therapy.off_ms + off_ms
    if off_ms > _CLOCK_MS and therapy.profile.dose_at is not None:  # known for certain: it counts for the time between doses
        therapy.profile.dose_at -= off_ms - _CLOCK_MS
    if off_ms and len(therapy.profile.rows) > 1 and therapy.state in states.DELIVERING + states.STOPPED:
        therapy.profile.unsure = 1
        therapy.alarm(alarms.PHASE)
    if therapy.change_at is not None:  # time without power counts as it does for the withdrawal clock
        therapy.change_at = min(therapy.change_at, therapy.now - limits.CHANGE_MS) if off_ms < 0 else therapy.change_at - off_ms
    if off_ms < 0:
        therapy.alarm(alarms.CLOCK_UNCERTAIN)
    if therapy.rx and therapy.d() and _deficit(therapy) * 100 > _DEFICIT_PERCENT * therapy.d():
        therapy.alarm(alarms.DEFICIT)


def reset(therapy: "Therapy", gap: int) -> None:
    """After a watchdog or soft reset: basal goes on at once, an interrupted bolus does not (R7). `gap` steps may not have left."""
    if therapy.state == s.PRIMING:
        therapy.fire("primed")
        return
    therapy.gap_steps += gap
    if therapy.state == s.SCREENING:
        therapy.fire("hold")
        return
    therapy.end_bolus()


def _hold_or_go_on(therapy: "Therapy", off_ms: int) -> None:
    if therapy.stopped_at < 0:
        therapy.stopped_at = therapy.now  # until motion is authorised again
    if off_ms >= 0:
        off_ms += therapy.off_ms  # power came and went, and no basal in between
    if 0 <= off_ms <= therapy.row[limits.OFF_AUTO_MS]:
        therapy.plan.set_rate(therapy.rate(), therapy.now)
        therapy.off_ms = off_ms
        return
    therapy.fire("hold")
    therapy.off_ms = off_ms
    therapy.alarm(alarms.POWER_LOST)
    therapy.tell(events.HELD, alarms.POWER_LOST)


def _comes_again(plan: Plan, steps: int) -> int:
    """Of `steps` that may have left beyond the plan, those of basal.

    Pump time goes back, so their time comes again. At a constant rate that is as well: time without power makes up for it. A schedule
    would give a high row, or a periodic dose, a second time: so the plan waits until it has caught up with what may have left already.
    """
    if not plan.bolus_num:
        return steps
    ms = max(0, plan.bolus_start + plan.bolus_ms - plan.t) + STRETCH_MS
    return min(steps, plan.per_ms * ms // plan.den + 1)


def _ng(therapy: "Therapy", steps: int) -> int:
    return -(-steps * therapy.ratio[1] // therapy.ratio[0])


def _interrupt_bolus(therapy: "Therapy") -> int:
    """The bolus was cut by a power loss: what it gave is uncertain; R6 counts all of it now. Gives what is known to be given, in ng."""
    bolus, plan = therapy.history.boluses[-1], therapy.plan
    elapsed = min(plan.t - plan.bolus_start, plan.bolus_ms)
    given = -(-bolus[3] * elapsed // plan.bolus_ms)
    therapy.tell(events.BOLUS_INTERRUPTED, bolus[3], elapsed)
    plan.num += plan.bolus_num * elapsed // plan.bolus_ms
    plan.bolus_num = 0
    plan.bolus_ms = 1
    bolus[2] = therapy.now
    bolus[3] = 0
    return given


def _deficit(therapy: "Therapy") -> int:
    """Drug of the last 24 h that power cuts may have kept from the patient, in ng."""
    return sum([i[2] for i in therapy.history.impulses if i[0] > therapy.now - DAY_MS])
