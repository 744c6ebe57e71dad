"""Orders from people: for each, `check_X` reads it and refuses or gives the pump's own reading, `do_X` carries it out.

check changes nothing, so PROPOSE calls it to answer and COMMIT calls it again, because time has passed. values: the decoded
message. A reading is a dict of PROPOSED's fields. role and reason decide which soft limits may be crossed.
"""

from pump.core import alarms, cap, lockout, prescription, start, states, taper, titration
from pump.core.history import BOLUSES_KEPT
from pump.core.reject import Reject, limit, within
from pump.core.therapy import Therapy
from wire import limits
from wire import schema as s

MINUTE_MS = 60000


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


def change_permille(old: int, new: int) -> int | None:
    """Change in parts per thousand, rounded to nearest; None from nothing."""
    if old == 0:
        return None
    return (2000 * (new - old) + old) // (2 * old)


# --- provision -----------------------------------------------------------------------------------------------------------


def check_provision(therapy: Therapy, values: dict, role: int) -> dict:
    """R17: only where no therapy is running, suspended or held."""
    if therapy.state not in (s.UNPROVISIONED, s.READY, s.ENDED):
        raise Reject(s.NOT_NOW, 17, "state", therapy.state, text="provision")
    if limits.drug(values["library"]) is None:
        raise Reject(s.OUT_OF_RANGE, None, "library", text=",".join([row[limits.NAME] for row in limits.LIBRARY]))
    if limits.syringe(values["syringe"]) is None:
        raise Reject(s.OUT_OF_RANGE, None, "syringe", text=",".join([row[0] for row in limits.SYRINGES]))
    return {}


def do_provision(therapy: Therapy, values: dict, role: int) -> int:
    """The drug library entry and the syringe; keys are the session's business."""
    row, syringe = limits.drug(values["library"]), limits.syringe(values["syringe"])
    if row is None or syringe is None:
        raise Reject(s.OUT_OF_RANGE, None, "library")
    therapy.row, therapy.syringe = row, syringe
    therapy.fire("provision")
    return 0


# --- prescribe -----------------------------------------------------------------------------------------------------------


def check_prescribe(therapy: Therapy, values: dict, role: int) -> dict:
    """R1, R2, R3, R5, R6, R8, R9, R16 and what board and syringe can deliver."""
    event = "change" if therapy.state in states.DELIVERING else "start"
    need(therapy, event)
    prescription.check(therapy.row, values)
    rx = prescription.from_fields(values)
    new = rx[prescription.BASAL]
    _check_speed(therapy, rx)
    old = therapy.d() if event == "change" else 0
    if event == "start":
        soft = start.check_start(therapy.row, rx[prescription.SCREEN], rx[prescription.SCREEN_LONG], new)
        need_reason(values, role, soft, 8, "basal_ng_per_day", new, new, None)
    else:
        if rx[prescription.CONC] != therapy.rx[prescription.CONC]:
            conc = therapy.rx[prescription.CONC]
            raise limit(9, "conc_ng_per_ml", rx[prescription.CONC], conc, conc)
        soft = _check_titration(therapy, rx, role, values)
    total = _check_cap(therapy, rx[prescription.MAX_24H], new, None, "basal_ng_per_day", new)
    return {
        "old_ng_per_day": old,
        "new_ng_per_day": new,
        "old_max_24h_ng": therapy.rx[prescription.MAX_24H] if event == "change" else 0,
        "new_max_24h_ng": rx[prescription.MAX_24H],
        "change_permille": change_permille(old, new),
        "total_24h_ng": total,
        "conc_ng_per_ml": rx[prescription.CONC],
        "soft": soft,
    }


def do_prescribe(therapy: Therapy, values: dict, role: int) -> int:
    """Start, or change what runs."""
    event = "change" if therapy.state in states.DELIVERING else "start"
    before = therapy.d() if event == "change" else 0
    therapy.rx = prescription.from_fields(values)
    therapy.rx_reason = values.get("reason") or ""
    therapy.fire(event)
    therapy.tell(2, therapy.d(), before, therapy.rx_reason)
    return 0


def _check_speed(therapy: Therapy, rx: list[int]) -> None:
    """R1: basal alone, and basal with the patient's bolus, must stay within the board's step rate."""
    num, den = therapy.per_nl[0] * 1000000, therapy.per_nl[1] * rx[prescription.CONC]
    basal = -(-rx[prescription.BASAL] * num // den)  # steps a day
    prescription.check_speed("basal_ng_per_day", rx[prescription.BASAL], basal, limits.DAY_MS, therapy.most_per_s)
    if rx[prescription.PB_DOSE]:
        ms = rx[prescription.PB_DURATION]
        steps = -(-rx[prescription.PB_DOSE] * num // den) + -(-basal * ms // limits.DAY_MS)
        prescription.check_speed("pb_dose_ng", rx[prescription.PB_DOSE], steps, ms, therapy.most_per_s)


def _check_titration(therapy: Therapy, rx: list[int], role: int, values: dict) -> int:
    """R2 and R3; a soft limit needs a clinician's reason."""
    new = rx[prescription.BASAL]
    origin = rx[prescription.ORIGIN]
    soft = titration.check_change(therapy.row, origin, therapy.history, therapy.start, therapy.now, new)
    if soft:
        history, now = therapy.history, therapy.now
        high = titration.raise_limit(therapy.row, origin, history, now)
        if soft == limits.SOFT_RAISE_HIGH:
            high = history.lowest(now - limits.DAY_MS) * (100 + therapy.row[limits.RAISE_SOFT_PERCENT]) // 100
        need_reason(values, role, soft, 2, "basal_ng_per_day", new, high, titration.raise_in(history, therapy.start, now) or None)
    return soft


def _check_cap(therapy: Therapy, cap_ng: int, basal: int, bolus: list[int] | None, field: str, value: int) -> int:
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


# --- bolus -----------------------------------------------------------------------------------------------------------------


def check_bolus(therapy: Therapy, values: dict, role: int) -> dict:
    """R5, R6, R16: within the prescription for an operator or the patient's button, within the library for a clinician."""
    if therapy.state not in states.DELIVERING:
        raise Reject(s.NOT_NOW, None, "state", therapy.state, text="bolus")
    if therapy.plan.bolus_num:
        left = therapy.plan.bolus_start + therapy.plan.bolus_ms - therapy.now
        raise Reject(s.NOT_NOW, 5, "bolus_left_ms", left, in_ms=left + therapy.lockout_ms(), text="bolus_runs")
    high = therapy.alarms.high()
    if high:
        raise Reject(s.NOT_NOW, None, "alarm", high, text="alarm")
    rx = therapy.rx
    dose = values["dose_ng"]
    duration = values.get("duration_ms") or rx[prescription.PB_DURATION] or therapy.row[limits.BOLUS_MIN_MS]
    if role != s.CLINICIAN:
        _check_patient_bolus(therapy, dose, duration)
    prescription.check_bolus(therapy.row, "", dose, duration)
    soft = _check_lockout(therapy, dose, values, role)
    steps = -(-dose * therapy.ratio[0] // therapy.ratio[1])
    basal_steps = -(-therapy.d() * therapy.ratio[0] * duration // (therapy.ratio[1] * limits.DAY_MS))
    prescription.check_speed("dose_ng", dose, steps + basal_steps, duration, therapy.most_per_s)
    now = max(therapy.now, therapy.plan.t)
    total = _check_cap(therapy, rx[prescription.MAX_24H], therapy.basal(), [now, now + duration, dose], "dose_ng", dose)
    if therapy.reservoir.left_steps(therapy.odometer()) < steps + basal_steps:
        raise Reject(s.NOT_NOW, 13, "reservoir_nl", therapy.reservoir.left_nl(therapy.odometer()), text="reservoir")
    return {
        "dose_ng": dose,
        "duration_ms": duration,
        "total_24h_ng": total,
        "new_max_24h_ng": rx[prescription.MAX_24H],
        "steps": steps,
        "soft": soft,
    }


def do_bolus(therapy: Therapy, values: dict, role: int) -> int:
    """Start it; gives the ms until the next patient bolus."""
    dose = values["dose_ng"]
    duration = values.get("duration_ms") or therapy.rx[prescription.PB_DURATION] or therapy.row[limits.BOLUS_MIN_MS]
    begin = max(therapy.now, therapy.plan.t)
    therapy.plan.start_bolus(dose, duration, begin)
    therapy.history.bolus(begin, begin + duration, dose)
    therapy.tell(3, dose, duration, values.get("reason") or "")
    return therapy.bolus_in_ms()


def _check_patient_bolus(therapy: Therapy, dose: int, duration: int) -> None:
    rx = therapy.rx
    if not rx[prescription.PB_DOSE]:
        raise Reject(s.LIMIT, 16, "dose_ng", dose, high=0, text="no patient bolus is prescribed")
    within(16, "dose_ng", dose, 1, rx[prescription.PB_DOSE])
    if duration != rx[prescription.PB_DURATION]:
        raise limit(16, "duration_ms", duration, rx[prescription.PB_DURATION], rx[prescription.PB_DURATION])
    if therapy.state != s.INFUSING and not therapy.row[limits.BOLUS_IN_TAPER]:
        raise Reject(s.NOT_NOW, 16, "state", therapy.state, text="no patient bolus in a taper")


def _check_lockout(therapy: Therapy, dose: int, values: dict, role: int) -> int:
    """R5. The count is hard for everybody; inside the lockout a clinician needs a reason."""
    boluses = therapy.history.boluses
    most = min(therapy.rx[prescription.PB_MAX] or BOLUSES_KEPT, BOLUSES_KEPT)
    wait = lockout.full_ms(boluses, most, therapy.now)
    if wait:
        raise limit(5, "bolus_count", lockout.count(boluses, therapy.now), None, most, max(wait, therapy.bolus_in_ms()))
    wait = lockout.locked_ms(boluses, therapy.lockout_ms(), therapy.now)
    if not wait:
        return 0
    need_reason(values, role, limits.SOFT_LOCKOUT, 5, "lockout_ms", wait, therapy.lockout_ms(), wait)
    return limits.SOFT_LOCKOUT


def check_cancel(therapy: Therapy, values: dict, role: int) -> None:
    """Only a running bolus can be cancelled."""
    if not therapy.plan.bolus_num:
        raise Reject(s.NOT_NOW, None, "bolus_ng", 0, text="no bolus runs")


def do_cancel(therapy: Therapy, values: dict, role: int) -> int:
    """End the bolus; basal goes on. It counts whole."""
    therapy.end_bolus(5)
    return therapy.bolus_in_ms()


# --- taper -----------------------------------------------------------------------------------------------------------------


def check_taper(therapy: Therapy, values: dict, role: int) -> dict:
    """R4: to nothing, or to a D to hold."""
    need(therapy, "taper")
    floor = therapy.row[limits.BASAL_MIN_NG_PER_DAY]
    to = values["to_ng_per_day"]
    if to and (to < floor or to >= therapy.d()):
        raise limit(4, "to_ng_per_day", to, floor, therapy.d() - 1)
    percent = therapy.row[limits.TAPER_PRESETS][values["preset"]][0]
    steps = taper.rungs_to(therapy.d(), percent, to or floor)
    return {
        "old_ng_per_day": therapy.d(),
        "new_ng_per_day": to,
        "change_permille": change_permille(therapy.d(), to),
        "steps": steps,
    }


def do_taper(therapy: Therapy, values: dict, role: int) -> int:
    """The first step is due at once, or as soon as R3 allows; at the floor already, the floor is held in full first."""
    floor = therapy.row[limits.BASAL_MIN_NG_PER_DAY]
    to = values["to_ng_per_day"]
    percent, hold_ms = therapy.row[limits.TAPER_PRESETS][values["preset"]]
    target = to or floor
    first = hold_ms if therapy.d() <= target else 0
    if therapy.taper.on:  # a taper that runs is redirected: the time its rung must still be held stays
        first = max(first, therapy.taper.left(therapy.now))
    therapy.fire("taper")
    therapy.taper.begin(target, 0 if to else 1, percent, hold_ms, first, therapy.now)
    therapy.tell(8, to, values["preset"])
    return taper.rungs_to(therapy.d(), percent, target)


def check_pause(therapy: Therapy, values: dict, role: int) -> dict:
    """Pause a taper, or let it go on."""
    need(therapy, "pause" if values["on"] else "continue")
    return {"old_ng_per_day": therapy.d(), "new_ng_per_day": therapy.d()}


def do_pause(therapy: Therapy, values: dict, role: int) -> int:
    """Basal goes on at this rung either way."""
    therapy.fire("pause" if values["on"] else "continue")
    therapy.tell(10 if values["on"] else 11)
    return 0


# --- suspend and after ------------------------------------------------------------------------------------------------------


def check_suspend(therapy: Therapy, values: dict, role: int) -> None:
    """R7: immediate, for every authenticated role and the button."""
    need(therapy, "suspend")


def do_suspend(therapy: Therapy, values: dict, role: int) -> int:
    """Nothing flows from here, the withdrawal clock runs."""
    therapy.fire("suspend")
    therapy.tell(13, role, 0, values.get("reason") or "")
    therapy.alarm(alarms.SUSPENDED)
    return 0


def resume_event(therapy: Therapy, ng_per_day: int) -> str:
    """The edge a resume at this D takes: back to what was interrupted, or a new start when it was stopped too long."""
    if therapy.stopped_at >= 0 and therapy.too_late():
        return "restart"
    if not therapy.taper.on or not therapy.taper.discontinue and ng_per_day <= therapy.taper.to:
        return "resume"
    return "resume_paused" if therapy.taper.paused else "resume_taper"


def check_resume(therapy: Therapy, values: dict, role: int) -> dict:
    """R7: at the suspended D or lower within R3; after too long a stop a clinician's new start (R8), not above the suspended D."""
    event = resume_event(therapy, values.get("basal_ng_per_day") or therapy.d())
    need(therapy, event)
    standing = [e[0] for e in therapy.alarms.entries if alarms.row(e[0])[alarms.ACTION] == alarms.STOP and (e[2] or not e[3])]
    if standing:
        raise Reject(s.NOT_NOW, None, "alarm", standing[0], text="alarm")
    old = therapy.d()
    new = values.get("basal_ng_per_day") or old
    within(7, "basal_ng_per_day", new, therapy.row[limits.BASAL_MIN_NG_PER_DAY], old)
    soft = 0
    if event == "restart":
        rx = therapy.rx
        start.check_start(therapy.row, rx[prescription.SCREEN], rx[prescription.SCREEN_LONG], new)
        soft = limits.SOFT_RESTART
        stopped = therapy.stopped_ms()
        need_reason(values, role, soft, 7, "stopped_ms", stopped, therapy.row[limits.SUSPEND_MAX_MS], None)
    elif new < old:
        titration.check_lower(therapy.row, therapy.history, therapy.now, new)
    total = _check_cap(therapy, therapy.rx[prescription.MAX_24H], new, None, "basal_ng_per_day", new)
    return {
        "old_ng_per_day": old,
        "new_ng_per_day": new,
        "change_permille": change_permille(old, new),
        "total_24h_ng": total,
        "conc_ng_per_ml": therapy.rx[prescription.CONC],
        "soft": soft,
    }


def do_resume(therapy: Therapy, values: dict, role: int) -> int:
    """Basal flows again."""
    before = therapy.d()
    new = values.get("basal_ng_per_day") or before
    event = resume_event(therapy, new)
    stopped = therapy.stopped_ms()
    therapy.rx[prescription.BASAL] = new
    if new < before:  # a new rung, to be held in full
        therapy.taper.left_ms = therapy.taper.hold_ms
    therapy.fire(event)
    therapy.tell(14, therapy.d(), stopped, values.get("reason") or "")
    return 0


def check_close(therapy: Therapy, values: dict, role: int) -> dict:
    """R7: a therapy stopped beyond the limit may be closed, with a reason (explant)."""
    need(therapy, "close")
    return {"old_ng_per_day": therapy.d(), "new_ng_per_day": 0}


def do_close(therapy: Therapy, values: dict, role: int) -> int:
    """It is over."""
    therapy.fire("close")
    therapy.tell(16, 0, 0, values["reason"])
    return 0


# --- alarms ----------------------------------------------------------------------------------------------------------------------


def check_ack(therapy: Therapy, values: dict, role: int) -> None:
    """Only what stands or is latched."""
    if therapy.alarms.find(values["alarm"]) is None:
        raise Reject(s.NOT_NOW, None, "alarm", values["alarm"], text="not standing")


def do_ack(therapy: Therapy, values: dict, role: int) -> int:
    """Somebody has seen it."""
    therapy.alarms.ack(values["alarm"], therapy.now)
    therapy.tell(23, values["alarm"], role)
    return 0


# --- reservoir -----------------------------------------------------------------------------------------------------------------


def check_refill(therapy: Therapy, values: dict, role: int) -> dict:
    """R13: what is found in the syringe must agree with the books, or somebody says why."""
    if therapy.state in (s.UNPROVISIONED, s.LOCKED):
        raise Reject(s.NOT_NOW, None, "state", therapy.state, text="refill")
    within(13, "volume_nl", values["volume_nl"], 1, therapy.syringe[2])
    off, too_far = therapy.reservoir.discrepancy(values["residual_nl"], therapy.odometer(), therapy.row[limits.REFILL_SHARE_PERCENT])
    soft = limits.SOFT_RESIDUAL if too_far else 0
    need_reason(values, role, soft, 13, "residual_nl", values["residual_nl"], therapy.reservoir.left_nl(therapy.odometer()), None)
    return {"soft": soft, "steps": therapy.reservoir.left_steps(therapy.odometer())}


def do_refill(therapy: Therapy, values: dict, role: int) -> int:
    """The books begin anew."""
    off = values["residual_nl"] - therapy.reservoir.left_nl(therapy.odometer())
    therapy.reservoir.refill(values["volume_nl"], therapy.odometer())
    therapy.watch_books()
    therapy.tell(17, values["volume_nl"], off, values.get("reason") or "")
    return 0


ORDERS = {
    "PROVISION": (check_provision, do_provision),
    "PRESCRIBE": (check_prescribe, do_prescribe),
    "BOLUS": (check_bolus, do_bolus),
    "CANCEL": (check_cancel, do_cancel),
    "TAPER": (check_taper, do_taper),
    "PAUSE": (check_pause, do_pause),
    "SUSPEND": (check_suspend, do_suspend),
    "RESUME": (check_resume, do_resume),
    "CLOSE": (check_close, do_close),
    "REFILL": (check_refill, do_refill),
    "ACK": (check_ack, do_ack),
}
