"""Acceleration ramps: a long fast move as segments (steps, period), slow at both ends. Integers only; periods in us.

A board's RAMP is a table of (steps, period_us), slowest first: so many steps at this period before the next row may be used. A move
too short to reach its period turns round in the middle. Called by whoever grants faster than a motor can start.
"""


def segments(steps: int, period_us: int, ramp: tuple) -> list:
    """[(steps, period_us), ...]: up the ramp, along at `period_us`, down the ramp; `steps` in all."""
    up: list = []
    left = steps
    for count, period in ramp:
        count = min(count, left // 2)
        if period <= period_us or not count:
            break
        up.append((count, period))
        left -= 2 * count
    if up and left < 2:
        period_us = up[-1][1]  # it never got to speed
    return up + ([(left, period_us)] if left else []) + up[::-1]
