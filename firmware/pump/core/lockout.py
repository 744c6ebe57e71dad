"""R5: the time between boluses, and how many in 24 h. Pump time in ms; boluses as in history.py."""

DAY_MS = 86400000


def last_end(boluses: list[list[int]]) -> int | None:
    """The moment a lockout counts from: the later of the planned and the actual end of the last bolus; None if there was none."""
    if not boluses:
        return None
    return max(max(b[1], b[2]) for b in boluses)


def count(boluses: list[list[int]], now: int) -> int:
    """Boluses whose end lies in the last 24 h, a running one included."""
    return sum(1 for b in boluses if max(b[1], b[2]) > now - DAY_MS)


def locked_ms(boluses: list[list[int]], lockout_ms: int, now: int) -> int:
    """ms until the lockout is over, 0 if it is."""
    last = last_end(boluses)
    return 0 if last is None else max(0, last + lockout_ms - now)


def full_ms(boluses: list[list[int]], most: int, now: int) -> int:
    """ms until one more bolus is within `most` in 24 h, 0 if it is now."""
    ends = sorted(max(b[1], b[2]) for b in boluses)
    if len(ends) < most:
        return 0
    return max(0, ends[len(ends) - most] + DAY_MS - now)
