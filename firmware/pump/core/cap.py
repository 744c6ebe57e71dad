"""R6, the rolling dose cap: the most drug that any 24 h can hold, past and future together.

Looking only at what was delivered is the published flaw: basal still to come breaks the cap. So the total of a window is what
really ran before `now` plus everything already programmed after it. As a function of where the window begins, that total is
piecewise linear, so its maximum lies where an edge of the window meets an edge of a flow or a bolus.
Amounts here are in ng x ms / day (1 ng = 86,400,000), the unit in which a rate times a time is a whole number.
"""

DAY_MS = 86400000


def edges(flows: list, boluses: list, impulses: list, now: int) -> list[int]:
    """Where windows that reach past `now` can be fullest: their possible beginnings, sorted."""
    marks = [f[0] for f in flows]
    for b in boluses:
        marks.append(b[0])
        marks.append(b[1])
    for i in impulses:
        marks.append(i[0])
    starts = {now - DAY_MS, now}
    for mark in marks:
        for start in (mark, mark - DAY_MS):
            if start >= now - DAY_MS:
                starts.add(start)
    return sorted(starts)


def window(flows: list, boluses: list, impulses: list, start: int) -> int:
    """Drug in [start, start + 24 h], rounded up. flows: [t, rate]; boluses: [start, end, ..., dose]; impulses: [t, dose]."""
    end = start + DAY_MS
    total = 0
    last = len(flows) - 1
    for i in range(last + 1):
        a = max(flows[i][0], start)
        b = end if i == last else min(flows[i + 1][0], end)
        if b > a:
            total += flows[i][1] * (b - a)
    for bolus in boluses:
        overlap = min(bolus[1], end) - max(bolus[0], start)
        if overlap > 0:
            total += -(-bolus[-1] * DAY_MS * overlap // (bolus[1] - bolus[0]))
    for impulse in impulses:
        if start <= impulse[0] <= end:
            total += impulse[1] * DAY_MS
    return total


def fullest(flows: list, boluses: list, impulses: list, now: int) -> int:
    """The most drug in any 24 h that reaches past now, in ng, rounded up."""
    most = 0
    for start in edges(flows, boluses, impulses, now):
        most = max(most, window(flows, boluses, impulses, start))
    return -(-most // DAY_MS)


def over(cap_ng: int, old: tuple[list, list], new: tuple[list, list], impulses: list, now: int) -> int | None:
    """Whether going from plan `old` to plan `new` (each: flows, boluses) adds drug to a window that then exceeds cap_ng.

    Gives the fullest such window in ng, or None. A window that was too full before (the cap was lowered, a rate is being
    reduced) is no reason to refuse what does not add to it.
    """
    worst = 0
    for start in edges(new[0], new[1], impulses, now):
        total = window(new[0], new[1], impulses, start)
        if total > cap_ng * DAY_MS and total > worst and total > window(old[0], old[1], impulses, start):
            worst = total
    return -(-worst // DAY_MS) if worst else None
