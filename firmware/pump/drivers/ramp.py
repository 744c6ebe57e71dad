"""Acceleration ramps: a fast move as segments (steps, period), slow where the motor starts. Integers only; periods in us.

A board's RAMP is a table of (steps, period_us), slowest first: so many steps at this period before the next row may be used. `segments`
is for a move whose length is known: slow at both ends, and one too short to reach its period turns round in the middle. `start` is for a
train that others follow: up only, because a motor that is to stop takes the load's help. Called by stepper.py.
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


def start(steps: int, period_us: int, ramp: tuple, done: int, most: int) -> list:
    """[(steps, period_us), ...], at most `most`: up the ramp, `done` steps of which are behind. Short of places it stays slow."""
    up: list = []
    left = steps
    top = 0
    for count, period in ramp:
        top += count
        if period <= period_us or not left:
            break
        part = min(top - done, left)
        if part > 0:
            if len(up) == most - 1:
                part = left
            up.append((part, period))
            done += part
            left -= part
    return up + [(left, period_us)] if left else up


def climbed(steps: int, period_us: int, ramp: tuple, done: int) -> int:
    """How far up the ramp the motor is after such a train, `done` before: slow steps do not get beyond the rows as slow as they are."""
    top = 0
    for count, period in ramp:
        if period < period_us:
            break
        top += count
    return min(done + steps, top)
