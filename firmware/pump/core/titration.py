"""R2 titration (how fast D may rise) and R3 reduction (how fast it may fall). Percentages are compared as integers, exactly."""

from pump.core.history import History
from pump.core.reject import limit
from wire import limits

DAY_MS = 86400000


def raise_limit(row: tuple, origin: int, history: History, now: int) -> int:
    """The largest D that R1 and R2 allow at `now`, in ng/day, rounded down."""
    most = history.lowest(now - DAY_MS) * (100 + limits.origin_raise_percent(row, origin)) // 100
    return min(most, row[limits.BASAL_MAX_NG_PER_DAY])


def raise_in(row: tuple, history: History, start: int, now: int) -> int:
    """ms until R2's limit may next grow: the first day of a therapy, then until the lowest D of the last 24 h has left the window."""
    wait = start + int(row[limits.RAISE_WAIT_MS]) - now
    if wait > 0:
        return wait
    rungs = history.rungs
    lowest = history.lowest(now - DAY_MS)
    if rungs[-1][1] == lowest:
        return 0
    leaves = [rungs[i + 1][0] + DAY_MS for i in range(len(rungs) - 1) if rungs[i][1] == lowest]
    return max(0, max(leaves) - now)


def pace(row: tuple) -> tuple[int, int]:
    """R3's own: at most so many per cent below the largest D of so many ms."""
    return row[limits.LOWER_PERCENT], row[limits.LOWER_WINDOW_MS]


def steeper(row: tuple, percent: int, hold_ms: int) -> bool:
    """Whether steps of `percent`, hold_ms apart, go down faster than R3 allows."""
    return bool(percent > row[limits.LOWER_PERCENT] or hold_ms < row[limits.LOWER_WINDOW_MS])


def raise_at(row: tuple, origin: int, history: History, start: int, ng_per_day: int, now: int) -> int | None:
    """The earliest time >= now at which R2 allows ng_per_day, if nothing else changes; None if it never does by waiting."""
    grow = 100 + limits.origin_raise_percent(row, origin)
    rungs = history.rungs
    at = max(now, start + int(row[limits.RAISE_WAIT_MS]))
    for i in range(len(rungs)):
        if ng_per_day > rungs[i][1] * grow // 100:
            if i + 1 == len(rungs):
                return None
            at = max(at, rungs[i + 1][0] + DAY_MS)
    return at


def lower_limit(row: tuple, history: History, now: int) -> int:
    """The smallest D that R3 allows at `now`, in ng/day, rounded up."""
    percent, window = pace(row)
    return -(-history.highest(now - window) * (100 - percent) // 100)


def lower_at(at_most: tuple[int, int], history: History, ng_per_day: int, now: int) -> int | None:
    """The earliest time >= now at which a pace (R3's, or a steep taper's own) allows ng_per_day; None if it never does by waiting."""
    keep, window = 100 - at_most[0], at_most[1]
    rungs = history.rungs
    at = now
    for i in range(len(rungs)):
        if ng_per_day * 100 < rungs[i][2] * keep:
            if i + 1 == len(rungs):
                return None
            at = max(at, rungs[i + 1][0] + window)
    return at


def check_change(row: tuple, origin: int, history: History, start: int, now: int, new: int) -> int:
    """Refuse a D that R2 or R3 forbids at `now`; give the soft limits crossed (names.SOFT)."""
    old = history.rungs[-1][1]
    if new < old:
        check_lower(row, history, now, new)
        return 0
    if new == old:
        return 0
    wait = start + row[limits.RAISE_WAIT_MS] - now
    if wait > 0:
        raise limit(2, "basal_ng_per_day", new, None, old, wait)
    high = raise_limit(row, origin, history, now)
    if new <= high:
        if new > row[limits.RAISE_SOFT_ABOVE_NG_PER_DAY] and new * 100 > history.lowest(now - DAY_MS) * (
            100 + row[limits.RAISE_SOFT_PERCENT]
        ):
            return limits.SOFT_RAISE_HIGH
        return 0
    if history.held(new, now - row[limits.RUNG_BACK_MS]):
        return limits.SOFT_RUNG_BACK
    wait = raise_in(row, history, start, now)
    raise limit(2, "basal_ng_per_day", new, None, high, wait if wait else None)


def check_lower(row: tuple, history: History, now: int, new: int) -> None:
    """R3: refuse a D below 100 - q per cent of the largest D of the last 48 h."""
    low = lower_limit(row, history, now)
    if new < low:
        at = lower_at(pace(row), history, new, now)
        raise limit(3, "basal_ng_per_day", new, low, None, None if at is None else at - now)
