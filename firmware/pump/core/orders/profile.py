"""PRESCRIBE, the part that is about the flow profile: its rows, and what R1, R4, R6, R12 and R16 say about them."""

from pump.core import prescription, states
from pump.core.profile import DAY_MS, Profile, total_ng
from pump.core.reject import Reject, limit, within
from pump.core.therapy import Therapy
from wire import limits
from wire import schema as s

MINUTE_MS = 60000


def rows_of(therapy: Therapy, values: dict) -> list:
    """The rows that a PRESCRIBE asks for, refused if they are none. basal_ng_per_day is the drug of 24 h as the host counts it."""
    mode = values.get("mode") or s.SIMPLE
    d = values["basal_ng_per_day"]
    many = mode in (s.FLEX, s.PERIODIC)
    for name in ("rows_hash", "phase_ms"):  # what is meant for another mode is a mistake
        if many != (values.get(name) is not None):
            raise Reject(s.BAD_FIELD, None, name, text="this mode needs it" if many else "not of this mode")
    if not many:
        return [[0, d]]
    rows: list = values["rows"]
    _check_order(rows)
    total = total_ng(rows)
    if total != d:
        raise limit(12, "basal_ng_per_day", d, total, total)
    if mode == s.PERIODIC:
        dose, duration = doses(rows)
        prescription.check_bolus(therapy.row, "per_", dose, duration)
    else:
        low, high = therapy.row[limits.FLEX_MIN_PERCENT], therapy.row[limits.FLEX_MAX_PERCENT]
        for row in rows:
            if row[0] % MINUTE_MS:
                raise Reject(s.OUT_OF_RANGE, None, "offset_ms", row[0], text="whole minutes")
            within(1, "ng_per_day", row[1], -(-total * low // 100), total * high // 100)
    return rows


def doses(rows: list) -> tuple[int, int]:
    """(dose in ng, duration in ms) of the rows of PERIODIC: the same dose at the beginning of each of equal intervals, over basal."""
    count = len(rows) // 2
    interval = DAY_MS // count if count else 0
    if not count or len(rows) != 2 * count or DAY_MS % count or interval % MINUTE_MS:
        raise Reject(s.OUT_OF_RANGE, None, "count", len(rows), 2, s.ROWS_MAX, text="an interval of whole minutes that divides 24 h")
    duration, basal, high = rows[1][0], rows[1][1], rows[0][1]
    for i in range(count):
        if rows[2 * i] != [i * interval, high] or rows[2 * i + 1] != [i * interval + duration, basal]:
            raise Reject(s.BAD_FIELD, None, "rows", i, text="not the same dose each time")
    if basal < 1 or high <= basal or (high - basal) * duration % DAY_MS:
        raise Reject(s.BAD_FIELD, None, "rows", text="no dose of whole ng on top of basal")
    return (high - basal) * duration // DAY_MS, duration


def check_minimum(therapy: Therapy, values: dict, running: bool) -> None:
    """R4: the lowest basal of the library is reached from above by a taper only, and knows no patient bolus."""
    if values.get("mode") != s.MINIMUM:
        return
    floor = therapy.row[limits.BASAL_MIN_NG_PER_DAY]
    within(1, "basal_ng_per_day", values["basal_ng_per_day"], floor, floor)
    if running and therapy.d() > floor:
        raise limit(4, "basal_ng_per_day", floor, therapy.d())
    if values.get("pb_dose_ng"):
        raise Reject(s.LIMIT, 16, "pb_dose_ng", values["pb_dose_ng"], high=0, text="no patient bolus at the minimum rate")


def early(therapy: Therapy, moved: Profile) -> Reject | None:
    """R5 for periodic doses: from one's beginning to the next at least the prescribed interval, less a twentieth for clocks that differ,
    however often somebody says where the cycle is; R6 judges the day. The dose that runs may run on. None if this cycle keeps to that;
    in_ms: when it would, unless the cycle that runs begins a dose of its own before."""
    now, runs, last = therapy.now, therapy.profile, therapy.profile.dose_at
    if last is None:
        return None
    dose, ends, begins = therapy.dose_runs(), moved.next_at(now) or now, runs.next_at(now) or now
    at = moved.dose_after(now)
    if at == now and dose and moved.rows == runs.rows and ends <= begins:
        return None
    interval = DAY_MS * 2 // len(moved.rows)
    due, t = last + interval * 19 // 20, now
    while moved.dose_after(t) < due:
        t = min(due, moved.next_at(moved.dose_after(t)) or due)
    if t == now:
        return None
    wait: int | None = t - now
    if therapy.rx[prescription.MODE] == s.PERIODIC and therapy.state in states.DELIVERING:
        if runs.dose_after(begins if dose else now) <= t:
            wait = None
    return limit(5, "interval_ms", max(0, at - last), interval, None, wait)


def zero_of(therapy: Therapy, values: dict) -> int:
    """When the cycle began, in pump time. `read_ms`: when the pump read phase_ms, which is not when it is confirmed."""
    read: int = values.get("read_ms", therapy.now)
    return read - (values.get("phase_ms") or 0)


def _check_order(rows: list) -> None:
    """From the beginning of the cycle to its end, in order."""
    if not rows or len(rows) > s.ROWS_MAX:
        raise Reject(s.OUT_OF_RANGE, None, "count", len(rows), 1, s.ROWS_MAX)
    if rows[0][0]:
        raise Reject(s.OUT_OF_RANGE, None, "offset_ms", rows[0][0], 0, 0)
    for i in range(1, len(rows)):
        if not rows[i - 1][0] < rows[i][0] < DAY_MS:
            raise Reject(s.OUT_OF_RANGE, None, "offset_ms", rows[i][0], rows[i - 1][0] + MINUTE_MS, DAY_MS - MINUTE_MS)
