"""What the pump says about itself: the fields of STATUS, BOOKS, REVIEW, ALARMS and the readable line that `?` gets. Reads only."""

from pump.core import due, lockout, outlook, prescription, states, titration
from pump.core.therapy import Therapy
from wire import limits
from wire import schema as s
from wire.rows import rows_hash


def status(therapy: Therapy, known: int, head: str, events: int) -> dict:
    """The STATUS reply. known: steps of this therapy that have left for certain."""
    now = therapy.now
    rx = therapy.rx
    plan = therapy.plan
    history = therapy.history
    running = therapy.state in states.DELIVERING
    stopped = therapy.state in states.STOPPED
    bolus = history.boluses[-1] if plan.bolus_num and therapy.state != s.PRIMING else None  # of priming there is only the time left
    raise_in = titration.raise_in(therapy.row, history, therapy.start, now) if running else 0
    then = now + raise_in
    return {
        "state": therapy.state,
        "now_ms": now,
        "basal_ng_per_day": therapy.basal(),
        "set_ng_per_day": therapy.d(),
        "conc_ng_per_ml": therapy.line.conc if rx or therapy.state == s.SCREENING else 0,
        "therapy_ms": _duration(therapy),
        "known_ng": therapy.known_ng(known),
        "most_ng": therapy.most_ng(),
        "bolus_ng": bolus[3] if bolus else 0,
        "bolus_left_ms": max(0, plan.bolus_start + plan.bolus_ms - now) if plan.bolus_num else 0,
        "bolus_count": lockout.count(history.boluses, now),
        "bolus_max": rx[prescription.PB_MAX] if rx else 0,
        "bolus_in_ms": therapy.bolus_in_ms() if rx else 0,
        "reservoir_nl": therapy.reservoir.left_nl(therapy.odometer()),
        "low_in_ms": outlook.low_in_ms(therapy) if running else 0,
        "raise_in_ms": raise_in,
        "raise_to_ng_per_day": titration.raise_limit(therapy.row, rx[prescription.ORIGIN], history, then) if running else 0,
        "stopped_ms": therapy.stopped_ms() if stopped else 0,
        "alarm": therapy.alarms.top(),
        "events": events,
        "head": head[:8],
    }


def _duration(therapy: Therapy) -> int:
    """ms from the start of the therapy until now, or until it ended."""
    if not therapy.rx or therapy.state in (s.READY, s.SCREENING, s.PRIMING):
        return 0
    return (therapy.stopped_at if therapy.state == s.ENDED else therapy.now) - therapy.start


def books(therapy: Therapy, known: int, resets: int, cuts: int) -> dict:
    """The BOOKS reply: the exact figures. The plan's fraction is given as of now."""
    plan = therapy.plan
    now = max(therapy.now, plan.t)
    num = (plan.num + plan.per_ms * (now - plan.t)) * plan.bolus_ms
    if plan.bolus_num:
        num += plan.bolus_num * (now - plan.bolus_start)
    den = plan.den * plan.bolus_ms
    whole = num // den
    taper = therapy.taper
    rung_at = due.raise_at(therapy) if taper.up else due.rung_at(therapy)
    said = {
        "known_steps": known,
        "most_steps": plan.emitted,
        "plan_steps": max(0, plan.emitted + whole),
        "plan_num": num - whole * den if plan.emitted + whole >= 0 else 0,
        "plan_den": den,
        "ratio_num": therapy.ratio[0],
        "ratio_den": therapy.ratio[1],
        "taper_to_ng_per_day": (0 if taper.discontinue else taper.to) if taper.on else 0,
        "taper_next_ng_per_day": due.next_rung(therapy) if taper.on else 0,
        "taper_in_ms": (taper.left_ms if taper.on else 0) if rung_at is None else max(0, rung_at - therapy.now),
        "resets": resets,
        "cuts": cuts,
    }
    if therapy.change_at is not None:
        said["change_ms"] = therapy.now - therapy.change_at
    return said


def course(therapy: Therapy) -> dict:
    """The COURSE reply: what is under way by itself, and the soft limits it overrides."""
    said: dict = {"coming_ng_per_ml": therapy.line.coming, "bridge_nl": 0, "soft": therapy.soft()}
    said["plan_percent"], said["plan_hold_ms"] = therapy.taper.percent, therapy.taper.hold_ms
    said["screen_ng"] = said["screen_ms"] = said["screen_in_ms"] = 0
    if therapy.screens:
        said["screen_ng"] = therapy.screens[-1][1]
        said["screen_ms"] = max(0, therapy.now - therapy.screens[-1][0])
        said["screen_in_ms"] = therapy.screen_in_ms()
    if said["soft"] & ~limits.SOFT_STEEP_TAPER:
        said["reason"] = therapy.rx_reason
    if said["soft"] & limits.SOFT_STEEP_TAPER:
        said["taper_reason"] = therapy.taper.reason
    if therapy.line.coming:
        said["bridge_nl"] = therapy.bridge_steps() * therapy.per_nl[1] // therapy.per_nl[0]
        wait = due.bridge_at(therapy)
        if wait is not None and wait - therapy.now <= s.YEARS_MS:  # between periodic doses next to nothing flows
            said["bridge_ms"] = max(0, wait - therapy.now)
    profile = therapy.profile
    said["mode"] = therapy.rx[prescription.MODE] if therapy.rx else s.SIMPLE
    said["phase_ms"] = profile.phase(therapy.now)
    said["unsure"] = profile.unsure
    at = profile.next_at(therapy.now) if therapy.rx else None
    if at is not None:
        said["next_in_ms"] = at - therapy.now
        said["next_ng_per_day"] = profile.rate(at, therapy.d())
    return said


def row(therapy: Therapy, index: int) -> dict:
    """The ROWS reply; zeros beyond the last."""
    rows = therapy.profile.rows if therapy.rx else []
    said = {"index": index, "count": len(rows), "offset_ms": 0, "ng_per_day": 0, "set_ng_per_day": 0}
    if index < len(rows):
        said["offset_ms"], said["ng_per_day"] = rows[index]
        said["set_ng_per_day"] = therapy.profile.scaled(index, therapy.d())
    return said


def level(therapy: Therapy) -> dict:
    """The LEVEL reply: how much drug the model sees in the CSF. Worth most while basal stands still."""
    if not therapy.row:
        return {"level_ng": 0, "level_most_ng": 0, "half_life_ms": 0}
    found = therapy.history.level_at(therapy.now)
    low, high = found.ng()
    said = {"level_ng": low, "level_most_ng": high, "half_life_ms": therapy.row[limits.HALF_LIFE_MIN] * 60000}
    if therapy.d():
        said["level_permille"], said["level_most_permille"] = found.permille(therapy.d())
    return said


def review(therapy: Therapy) -> dict:
    """The REVIEW reply: the prescription in force."""
    values = {name: 0 for name in prescription.FIELDS}
    values["drug"] = therapy.row[limits.DRUG] if therapy.rx else ""
    for i in range(len(therapy.rx)):
        values[prescription.FIELDS[i]] = therapy.rx[i]
    rows = therapy.profile.rows if therapy.rx else []
    values["rows_hash"] = rows_hash(rows)
    values["event"] = therapy.rx_event
    values["screen_given"] = therapy.screen_given(therapy.rx[prescription.SCREEN]) if therapy.rx else 0
    if therapy.rx_reason:
        values["reason"] = therapy.rx_reason
    return values


def alarm(therapy: Therapy, index: int) -> dict:
    """The ALARMS reply for one entry; zeros beyond the last."""
    entries = therapy.alarms.entries
    entry = entries[index] if index < len(entries) else [0, therapy.now, 0, 0]
    return {
        "index": index,
        "count": len(entries),
        "alarm": entry[0],
        "since_ms": max(0, therapy.now - entry[1]),
        "standing": entry[2],
        "acked": 1 if entry[3] else 0,
    }


def line(therapy: Therapy, serial: str, why: str) -> str:
    """One readable line for a person at a bare terminal."""
    text = "Tapir %s %s" % (serial, s.STATE_NAMES[therapy.state])
    if why:
        text += " (%s)" % why
    if therapy.rx:
        left_ul = therapy.reservoir.left_nl(therapy.odometer()) // 1000
        text += " %s mcg/day, set %s mcg/day, reservoir %s mL" % (
            _thousandths(therapy.basal()),
            _thousandths(therapy.d()),
            _thousandths(left_ul),
        )
    top = therapy.alarms.top()
    return text + (", alarm %d" % top if top else ", no alarm")


def _thousandths(value: int) -> str:
    """4500 -> 4.5"""
    return ("%d.%03d" % (value // 1000, value % 1000)).rstrip("0").rstrip(".")
