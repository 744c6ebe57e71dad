"""SCREEN: a test dose before a therapy, to see whether the drug works. One dose, no basal, a day between two."""

from pump.core import geometry, lockout, prescription
from pump.core.orders.checks import check_cap, need, need_residual
from pump.core.reject import Reject, limit, within
from pump.core.therapy import Therapy
from wire import events, limits
from wire import schema as s

SCREENS_KEPT = 4


def check_screen(therapy: Therapy, values: dict, role: int) -> dict:
    """R5, R6, R8, R9, R16, and what board and syringe can deliver. R6's cap is the library's: nothing is prescribed."""
    need(therapy, "screen")
    need_residual(therapy)
    high = therapy.alarms.high()
    if high:
        raise Reject(s.NOT_NOW, None, "alarm", high, text="alarm")
    row, now = therapy.row, therapy.now
    prescription.check_conc(row, values)
    conc = values["conc_ng_per_ml"]
    line = therapy.line
    if line.coming or line.conc not in (0, conc) and not line.primed:
        raise limit(9, "conc_ng_per_ml", conc, line.behind(), line.behind())
    dose, duration = values["dose_ng"], _duration(therapy, values)
    within(8, "dose_ng", dose, row[limits.SCREEN_MIN_NG], row[limits.SCREEN_MAX_NG])
    prescription.check_bolus(row, "", dose, duration)
    wait = therapy.screen_in_ms()
    if wait:
        raise limit(8, "spacing_ms", row[limits.SCREEN_SPACING_MS] - wait, row[limits.SCREEN_SPACING_MS], None, wait)
    wait = lockout.locked_ms(therapy.history.boluses, therapy.lockout_ms(), now)
    if wait:
        raise limit(5, "lockout_ms", wait, None, therapy.lockout_ms(), wait)
    ratio = geometry.steps_per_ng(therapy.per_nl, conc)
    steps = -(-dose * ratio[0] // ratio[1])
    prescription.check_speed("dose_ng", dose, steps, duration, therapy.most_per_s)
    total = check_cap(therapy, row[limits.MAX_24H_NG], 0, [now, now + duration, dose], "dose_ng", dose)
    left = therapy.reservoir.left_steps(therapy.odometer())
    if left < steps:
        raise Reject(s.NOT_NOW, 13, "reservoir_nl", therapy.reservoir.left_nl(therapy.odometer()), text="reservoir")
    return {"dose_ng": dose, "duration_ms": duration, "total_24h_ng": total, "conc_ng_per_ml": conc, "steps": steps}


def do_screen(therapy: Therapy, values: dict, role: int) -> int:
    """Start it; gives the ms until another is possible. From here on it counts whole, however it ends."""
    dose, duration = values["dose_ng"], _duration(therapy, values)
    total = check_screen(therapy, values, role)["total_24h_ng"]
    therapy.line.fill(values["conc_ng_per_ml"])
    therapy.fire("screen")
    therapy.arm_for(0, total)
    end = therapy.now + duration
    therapy.plan.start_bolus(dose, duration, therapy.now)
    therapy.history.bolus(therapy.now, end, dose)
    therapy.screens = (therapy.screens + [[end, dose, 0]])[-SCREENS_KEPT:]
    therapy.tell(events.SCREEN_STARTED, dose, duration, values.get("reason") or "")
    return therapy.screen_in_ms()


def _duration(therapy: Therapy, values: dict) -> int:
    return values.get("duration_ms") or int(therapy.row[limits.BOLUS_MIN_MS])
