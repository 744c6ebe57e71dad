"""What the therapy does by itself: one row each, (when it is due, what happens then). Times in ms of pump time.

A row's first function gives None while nothing of its kind is due by itself. Of rows due at the same time the first comes first.
Called by Therapy.advance; how long the loop may sleep comes from `next_at`.
"""

from pump.core import states, taper, titration, titration_plan
from wire import alarms, events, limits
from wire import schema as s

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pump.core.therapy import Therapy


def advance(therapy: "Therapy", now: int) -> bool:
    """Carry out what is due by `now`, each at its own time; true if anything was."""
    changed = False
    while True:
        at, act = _first(therapy)
        if at is None or at > now:
            break
        therapy.now = max(at, therapy.now)
        act(therapy)
        changed = True
    therapy.now = max(now, therapy.now)
    return changed


def next_at(therapy: "Therapy") -> int | None:
    """When the therapy next changes by itself, None if it does not."""
    return _first(therapy)[0]


def _first(therapy: "Therapy") -> tuple:
    first, act = None, None
    for when, what in ROWS:
        at = when(therapy)
        if at is not None and (first is None or at < first):
            first, act = at, what
    return first, act


# --- a bolus, or priming ---------------------------------------------------------------------------------------------------


def _bolus_at(therapy: "Therapy") -> int | None:
    return therapy.plan.bolus_start + therapy.plan.bolus_ms if therapy.plan.bolus_num else None


def _bolus_over(therapy: "Therapy") -> None:
    if therapy.state == s.PRIMING:
        therapy.fire("primed")
    elif therapy.state == s.SCREENING:
        therapy.fire("screened")
    else:
        therapy.end_bolus()


# --- the taper ---------------------------------------------------------------------------------------------------------------


def next_rung(therapy: "Therapy") -> int:
    """The D that the plan's next step leads to: 0 when the floor has been reached and the therapy ends from there."""
    if therapy.taper.up:
        return titration_plan.next_rung(therapy.d(), therapy.taper.percent, therapy.taper.to)
    if therapy.d() > therapy.taper.to:
        return taper.next_rung(therapy.d(), therapy.taper.percent, therapy.taper.to)
    return 0 if therapy.taper.discontinue else therapy.taper.to


def rung_at(therapy: "Therapy") -> int | None:
    """When this rung has been held in full and R3 allows the next; None while no taper runs.

    A preset steeper than R3, which a clinician chose with a reason, is held to its own pace instead; nothing else is.
    """
    if therapy.state != s.TAPERING:
        return None
    at: int = therapy.taper.mark + therapy.taper.left_ms
    if therapy.d() <= therapy.taper.to:
        return at
    percent, hold_ms = therapy.taper.percent, therapy.taper.hold_ms
    at_most = (percent, hold_ms) if titration.steeper(therapy.row, percent, hold_ms) else titration.pace(therapy.row)
    return titration.lower_at(at_most, therapy.history, next_rung(therapy), at)


def _rung(therapy: "Therapy") -> None:
    if therapy.d() > therapy.taper.to:
        following = next_rung(therapy)
        therapy.fire("taper_step" if following > therapy.taper.to or therapy.taper.discontinue else "taper_reached")
    else:
        therapy.fire("taper_end")


# --- the titration -----------------------------------------------------------------------------------------------------------


def raise_at(therapy: "Therapy") -> int | None:
    """When the titration's next step is due; None while none runs."""
    return titration_plan.step_at(therapy) if therapy.state == s.TITRATING else None


def _raise(therapy: "Therapy") -> None:
    """Take the step, or wait and try again: it is never forced."""
    plan = therapy.taper
    why = titration_plan.blocked(therapy)
    if not why:
        therapy.fire("raise_reached" if next_rung(therapy) == plan.to else "raise_step")
        return
    if therapy.alarms.find(alarms.PLAN_BLOCKED) is None:
        therapy.tell(events.PLAN_BLOCKED, next_rung(therapy), why)
    therapy.alarm(alarms.PLAN_BLOCKED)
    plan.wait(titration_plan.RETRY_MS, therapy.now)


# --- the next row of the flow profile ------------------------------------------------------------------------------------------


def row_at(therapy: "Therapy") -> int | None:
    """When basal changes by its profile; None while nothing flows or it never changes."""
    return therapy.profile.next_at(therapy.history.flows[-1][0]) if therapy.state in states.DELIVERING else None


def _row(therapy: "Therapy") -> None:
    therapy.fire("row")


# --- a stop that lasts too long --------------------------------------------------------------------------------------------------


def _overdue_at(therapy: "Therapy") -> int | None:
    if therapy.state not in states.STOPPED or therapy.alarms.find(alarms.OVERDUE):
        return None
    if therapy.off_ms < 0:
        return therapy.now
    return therapy.stopped_at + max(0, int(therapy.row[limits.SUSPEND_MAX_MS]) - therapy.off_ms) + 1


def _overdue(therapy: "Therapy") -> None:
    therapy.alarm(alarms.OVERDUE)


# --- R13: a change of syringe that takes too long ------------------------------------------------------------------------------------


def _late_at(therapy: "Therapy") -> int | None:
    if therapy.change_at is None or therapy.state not in states.STOPPED or therapy.alarms.find(alarms.CHANGE_LATE):
        return None
    return int(therapy.change_at) + limits.CHANGE_MS


def _late(therapy: "Therapy") -> None:
    therapy.alarm(alarms.CHANGE_LATE)


# --- a stop of which no alarm speaks any more (GIP 2.2.1) --------------------------------------------------------------------------


def _prompt_at(therapy: "Therapy") -> int | None:
    return therapy.now if therapy.state in (s.SUSPENDED, s.HELD) and not therapy.alarms.high() else None


def _prompt(therapy: "Therapy") -> None:
    """What stopped it was acknowledged, or is over, and nobody has resumed: that is asked for, after the usual silence."""
    therapy.alarm(alarms.SUSPENDED)
    therapy.alarms.ack(alarms.SUSPENDED, therapy.now)


# --- a taper that waits ------------------------------------------------------------------------------------------------------------


def _waits_at(therapy: "Therapy") -> int | None:
    if therapy.state not in (s.TAPER_PAUSED, s.TITRATION_PAUSED):
        return None
    return int(therapy.taper.paused) + int(therapy.row[limits.PAUSE_REMIND_MS])


def _waits(therapy: "Therapy") -> None:
    """Latched until somebody acknowledges, and again after the same time."""
    therapy.taper.paused = therapy.now
    therapy.alarm(alarms.TAPER_WAITS)
    therapy.alarm(alarms.TAPER_WAITS, False)


# --- R9: the bridge ------------------------------------------------------------------------------------------------------------


def bridge_at(therapy: "Therapy") -> int | None:
    """When the dead volume has passed at the present rate; None while no bridge runs or nothing flows."""
    if not therapy.line.coming or therapy.state == s.PRIMING:  # what is primed passes, too, but changes nothing before it is over
        return None
    steps = therapy.bridge_steps()
    if steps == 0:
        return therapy.now
    if therapy.state not in states.DELIVERING:
        return None
    us = therapy.plan.due_us(steps)
    return None if us is None else therapy.plan.t - -us // 1000


def _bridge(therapy: "Therapy") -> None:
    therapy.bridged()


def _deficit_at(therapy: "Therapy") -> int | None:
    """A day after DEFICIT began: what it counts are the last 24 h."""
    entry = therapy.alarms.find(alarms.DEFICIT)
    return entry[1] + limits.DAY_MS if entry is not None and entry[2] else None


def _deficit_over(therapy: "Therapy") -> None:
    therapy.alarm(alarms.DEFICIT, False)


ROWS = (
    (_bolus_at, _bolus_over),
    (rung_at, _rung),
    (raise_at, _raise),
    (row_at, _row),
    (bridge_at, _bridge),
    (_waits_at, _waits),
    (_late_at, _late),
    (_prompt_at, _prompt),
    (_overdue_at, _overdue),
    (_deficit_at, _deficit_over),
)
