"""R8, the start of a therapy: what the test dose that worked allows as the first rate."""

from pump.core.reject import Reject, limit
from wire import limits
from wire import schema as s


def start_limit(row: tuple, screen_ng: int, screen_long: int) -> int:
    """The largest starting D in ng/day: the library's, or 2x the effective test dose (1x if it worked for more than 8 h).

    An entry whose largest test dose is 0 has no test, and the library's number stands alone.
    """
    if not row[limits.SCREEN_MAX_NG]:
        return int(row[limits.START_MAX_NG_PER_DAY])
    return min(row[limits.START_MAX_NG_PER_DAY], screen_ng * (1 if screen_long else 2))


def check_start(row: tuple, screen_ng: int, screen_long: int, basal_ng_per_day: int) -> int:
    """Refuse a start above R8's limit; give the soft limits crossed."""
    if not screen_ng and row[limits.SCREEN_MAX_NG]:
        raise Reject(s.BAD_FIELD, 8, "screen_ng", text="a start needs the test dose that worked")
    low, high = row[limits.SCREEN_MIN_NG], row[limits.SCREEN_MAX_NG]
    if screen_ng < low or screen_ng > high:
        raise limit(8, "screen_ng", screen_ng, low, high)
    most = start_limit(row, screen_ng, screen_long)
    floor = row[limits.BASAL_MIN_NG_PER_DAY]
    soft = 0
    if most < floor:  # the range's lowest basal is then the only start, with a reason
        most = floor
        soft = limits.SOFT_START_BELOW_RANGE
    if basal_ng_per_day > most:
        raise limit(8, "basal_ng_per_day", basal_ng_per_day, floor, most)
    return soft
