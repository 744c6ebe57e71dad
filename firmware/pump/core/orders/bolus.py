"""BOLUS and CANCEL: within the prescription for an operator and the patient's button, within the library for a clinician."""

from pump.core import lockout, prescription, states
from pump.core.history import BOLUSES_KEPT
from pump.core.orders.bridge import check_no_bridge
from pump.core.orders.checks import check_cap, need_reason, need_residual
from pump.core.reject import Reject, limit, within
from pump.core.therapy import Therapy
from wire import events, limits
from wire import schema as s


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
    need_residual(therapy)
    rx = therapy.rx
    dose = values["dose_ng"]
    check_no_bridge(therapy, "dose_ng", dose)
    duration = values.get("duration_ms") or rx[prescription.PB_DURATION] or therapy.row[limits.BOLUS_MIN_MS]
    if role != s.CLINICIAN:
        _check_patient_bolus(therapy, dose, duration)
    prescription.check_bolus(therapy.row, "", dose, duration)
    soft = _check_lockout(therapy, dose, values, role)
    if dose > max(therapy.row[limits.BOLUS_SOFT_MAX_NG], rx[prescription.PB_DOSE]):  # what is prescribed has its reason there
        need_reason(values, role, limits.SOFT_BOLUS_HIGH, 16, "dose_ng", dose, therapy.row[limits.BOLUS_SOFT_MAX_NG], None)
        soft |= limits.SOFT_BOLUS_HIGH
    steps = -(-dose * therapy.ratio[0] // therapy.ratio[1])
    most = therapy.profile.most(therapy.now, duration + limits.HOUR_MS, therapy.d())  # an order may be confirmed later
    basal_steps = -(-most * therapy.ratio[0] * duration // (therapy.ratio[1] * limits.DAY_MS))
    prescription.check_speed("dose_ng", dose, steps + basal_steps, duration, therapy.most_per_s)
    now = max(therapy.now, therapy.plan.t)
    total = check_cap(therapy, rx[prescription.MAX_24H], therapy.d(), [now, now + duration, dose], "dose_ng", dose)
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
    therapy.tell(events.BOLUS_STARTED, dose, duration, values.get("reason") or "")
    return therapy.bolus_in_ms()


def _check_patient_bolus(therapy: Therapy, dose: int, duration: int) -> None:
    rx = therapy.rx
    if not rx[prescription.PB_DOSE]:
        raise Reject(s.LIMIT, 16, "dose_ng", dose, high=0, text="no patient bolus is prescribed")
    within(16, "dose_ng", dose, 1, rx[prescription.PB_DOSE])
    if duration != rx[prescription.PB_DURATION]:
        raise limit(16, "duration_ms", duration, rx[prescription.PB_DURATION], rx[prescription.PB_DURATION])
    if therapy.dose_runs():
        left = (therapy.profile.next_at(therapy.now) or therapy.now) - therapy.now
        raise Reject(s.NOT_NOW, 16, "per_left_ms", left, in_ms=left, text="periodic dose")
    if therapy.state in states.IN_TAPER and not therapy.row[limits.BOLUS_IN_TAPER]:
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
    """Only a running bolus can be cancelled, or priming."""
    if not therapy.plan.bolus_num:
        raise Reject(s.NOT_NOW, None, "bolus_ng", 0, text="no bolus runs")


def do_cancel(therapy: Therapy, values: dict, role: int) -> int:
    """End the bolus; basal goes on. It counts whole. Priming ends, too, and a test dose."""
    if therapy.state == s.PRIMING:
        therapy.fire("primed")
        return 0
    if therapy.state == s.SCREENING:
        therapy.fire("screened")
        return 0
    therapy.end_bolus(events.BOLUS_CANCELLED)
    return therapy.bolus_in_ms()
