"""Three smaller automata: a day of quarters with flex schedules (R1, R6, R12), and the syringe with its residual (R13).

A schedule is four rates, one a quarter of the day; D is their sum. Any new schedule may come at any quarter. The syringe is refilled by
somebody who reports what was left in it; the books may be wrong because a leak took some.
"""

from collections.abc import Callable, Iterator
from itertools import product

QUARTERS = 4
DAY_CAP = 8
RATES = (1, 2, 3)
SCHEDULES = tuple(rows for rows in product(RATES, repeat=QUARTERS) if sum(rows) in (6, 8))

Day = tuple[tuple[int, ...], tuple[int, ...], int]  # the last three quarters as delivered, the schedule, the quarter of the day


def windows(past: tuple[int, ...], rows: tuple[int, ...], quarter: int) -> Iterator[int]:
    """The drug of every day that holds this quarter: what was delivered, and what the schedule still brings."""
    for back in range(QUARTERS):
        ahead = [rows[(quarter + i) % QUARTERS] for i in range(QUARTERS - back)]
        yield sum(past[len(past) - back :]) + sum(ahead)


def all_windows(past: tuple[int, ...], rows: tuple[int, ...], quarter: int) -> bool:
    """R6 as it should be."""
    return max(windows(past, rows, quarter)) <= DAY_CAP


def by_total(past: tuple[int, ...], rows: tuple[int, ...], quarter: int) -> bool:
    """The bug: each schedule's own total is within the cap, so swapping two at noon must be."""
    return sum(rows) <= DAY_CAP


def days(fits: Callable[[tuple[int, ...], tuple[int, ...], int], bool]) -> Iterator[Day]:
    """Every day that can be reached if `fits` decides what is accepted."""
    start: Day = ((0,) * (QUARTERS - 1), SCHEDULES[0], 0)
    seen, front = {start}, [start]
    while front:
        past, rows, quarter = front.pop()
        yield past, rows, quarter
        for new in (rows, *SCHEDULES):
            if new is not rows and not fits(past, new, quarter):
                continue
            after: Day = ((*past[1:], new[quarter]), new, (quarter + 1) % QUARTERS)
            if after not in seen:
                seen.add(after)
                front.append(after)


def fullest(day: Day) -> int:
    """What the day that ends with this quarter holds."""
    past, rows, quarter = day
    return sum(past) + rows[quarter]


# --- units: a flex row is a rate per day ------------------------------------------------------------------------------------


def total_of_rates(rows: tuple[int, ...]) -> int:
    """D of rows given per day, each for a quarter of it: in quarters."""
    return sum(rows)


def doubled(rows: tuple[int, ...]) -> int:
    """The bug: a row of half a day is read as an amount per 12 h, so every rate flows twice."""
    return 2 * sum(rows)


# --- the syringe: R13 --------------------------------------------------------------------------------------------------------

FULL, SHARE = 10, 2  # units of volume; books and residual may differ by this much

Syringe = tuple[int, int, bool]  # in it, in the books, blocked until somebody says why


def refill_checked(left: int, booked: int) -> bool:
    """R13: whether a refill by itself goes on."""
    return abs(left - booked) <= SHARE


def refill_ignored(left: int, booked: int) -> bool:
    """The bug: what is found does not matter."""
    return True


def syringes(accepts: Callable[[int, int], bool]) -> Iterator[tuple[Syringe, bool]]:
    """Every syringe that can be reached, and whether it was just filled and let run although something is wrong with it."""
    start: Syringe = (FULL, FULL, False)
    seen, front = {start}, [start]
    while front:
        left, booked, blocked = front.pop()
        following: list[tuple[Syringe, bool]] = []
        if not blocked and left and booked:
            following.append(((left - 1, booked - 1, False), False))  # a stroke
            following.append(((left - 1, booked, False), False))  # a leak
            following.append(((left, booked - 1, False), False))  # a slip: the plunger did not move
        goes_on = accepts(left, booked)
        following.append(((FULL, FULL, not goes_on), goes_on and abs(left - booked) > SHARE))
        for after, wrong in following:
            yield after, wrong
            if after not in seen:
                seen.add(after)
                front.append(after)
