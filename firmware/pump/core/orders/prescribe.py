"""PRESCRIBE: start a therapy, or change the one that runs."""

from pump.core import prescription, start, states, titration
from pump.core.orders.bridge import check_bridge, do_bridge
from pump.core.orders.checks import change_permille, check_cap, need, need_no_stop, need_reason, need_residual
from pump.core.orders.profile import check_minimum, doses, early, rows_of, zero_of
from pump.core.profile import Profile
from pump.core.therapy import Therapy
from wire import alarms, events, limits
from wire import schema as s
from wire.rows import rows_hash


def check_prescribe(therapy: Therapy, values: dict, role: int) -> dict:
    """R1, R2, R3, R5, R6, R8, R9, R16 and what board and syringe can deliver."""
    event = "change" if therapy.state in states.DELIVERING else "start"
    need(therapy, event)
    if event == "start":
        need_no_stop(therapy)
        need_residual(therapy)
    prescription.check(therapy.row, values)
    rx = prescription.from_fields(values)
    new = rx[prescription.BASAL]
    bridge = check_bridge(therapy, values, event == "change")
    profile = Profile()
    profile.set(rows_of(therapy, values), zero_of(therapy, values))
    check_minimum(therapy, values, event == "change")
    peak = max([row[1] for row in profile.rows])
    check_speed(therapy, rx, peak)
    old = therapy.d() if event == "change" else 0
    soft = _check_soft(therapy, rx, event, role, values, profile)
    total = check_cap(therapy, rx[prescription.MAX_24H], new, None, "basal_ng_per_day", new, profile)
    reading = {
        "old_ng_per_day": old,
        "new_ng_per_day": new,
        "old_max_24h_ng": therapy.rx[prescription.MAX_24H] if event == "change" else 0,
        "new_max_24h_ng": rx[prescription.MAX_24H],
        "change_permille": change_permille(old, new),
        "total_24h_ng": total,
        "conc_ng_per_ml": rx[prescription.CONC],
        "tested": therapy.screen_given(rx[prescription.SCREEN]),
        "ends": therapy.state if therapy.taper.on and event == "change" else 0,
        "soft": soft,
    }
    if rx[prescription.MODE]:
        reading["mode"] = rx[prescription.MODE]
        reading["peak_ng_per_day"] = peak
        if rx[prescription.MODE] == s.PERIODIC:
            reading["dose_ng"], reading["duration_ms"] = doses(profile.rows)
    reading.update(bridge)
    return reading


def do_prescribe(therapy: Therapy, values: dict, role: int) -> int:
    """Start, or change what runs."""
    event = "change" if therapy.state in states.DELIVERING else "start"
    before = therapy.d() if event == "change" else 0
    rx = prescription.from_fields(values)
    profile = Profile()
    profile.set(rows_of(therapy, values), zero_of(therapy, values))
    therapy.rx_soft = _check_soft(therapy, rx, event, role, values, profile)
    therapy.rx = rx
    therapy.rx_reason = values.get("reason") or ""
    therapy.profile.set(profile.rows, profile.zero)
    therapy.alarm(alarms.PHASE, False)
    do_bridge(therapy, values)
    therapy.fire(event)
    if therapy.rx[prescription.MODE]:
        therapy.tell(events.PROFILE, therapy.rx[prescription.MODE], therapy.profile.phase(therapy.now), rows_hash(therapy.profile.rows))
    therapy.tell(events.PRESCRIBED, therapy.d(), before, therapy.rx_reason)
    return 0


def check_speed(therapy: Therapy, rx: list[int], peak: int) -> None:
    """R1: the fastest basal alone, and with the patient's bolus, must stay within the board's step rate."""
    conc = min(rx[prescription.CONC], therapy.line.conc or rx[prescription.CONC])
    num, den = therapy.per_nl[0] * 1000000, therapy.per_nl[1] * conc
    basal = -(-peak * num // den)  # steps a day
    prescription.check_speed("basal_ng_per_day", peak, basal, limits.DAY_MS, therapy.most_per_s)
    if rx[prescription.PB_DOSE]:
        ms = rx[prescription.PB_DURATION]
        steps = -(-rx[prescription.PB_DOSE] * num // den) + -(-basal * ms // limits.DAY_MS)
        prescription.check_speed("pb_dose_ng", rx[prescription.PB_DOSE], steps, ms, therapy.most_per_s)


def _check_soft(therapy: Therapy, rx: list[int], event: str, role: int, values: dict, profile: Profile) -> int:
    """R2, R3, R5, R8, and the soft limits crossed; each needs a clinician's reason."""
    new = rx[prescription.BASAL]
    if event == "start":
        soft = start.check_start(therapy.row, rx[prescription.SCREEN], rx[prescription.SCREEN_LONG], new)
        need_reason(values, role, soft, 8, "basal_ng_per_day", new, new, None)
    else:
        soft = _check_titration(therapy, rx, role, values)
    for bit, rule, field, value, high in prescription.soft_limits(therapy.row, rx):
        need_reason(values, role, bit, rule, field, value, high, None)
        soft |= bit
    refusal = early(therapy, profile) if rx[prescription.MODE] == s.PERIODIC else None
    if refusal:
        if role != s.CLINICIAN or not values.get("reason"):
            refusal.text = "a clinician may, with a reason"
            raise refusal
        soft |= limits.SOFT_INTERVAL
    return soft


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
        need_reason(
            values, role, soft, 2, "basal_ng_per_day", new, high, titration.raise_in(therapy.row, history, therapy.start, now) or None
        )
    return soft
