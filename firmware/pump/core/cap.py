"""R6, the rolling dose cap: the most drug that any 24 h can hold, past and future together.

Looking only at what was delivered is the published flaw: basal still to come breaks the cap. So the total of a window is what
really ran before `now` plus everything already programmed after it. As a function of where the window begins, that total is
piecewise linear, so its maximum lies where an edge of the window meets an edge of a flow or a bolus. A window that begins more than a
day ahead is a repetition: what flows then is a cycle of 24 h.
Amounts here are in ng x ms / day (1 ng = 86,400,000), the unit in which a rate times a time is a whole number.
A plan is (flows, boluses): flows [t, ng/day] from t on, which must reach two days ahead; boluses [start, end, ..., dose].
Impulses [t, dose] happened under any plan.
"""

DAY_MS = 86400000

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pump.core.profile import Profile
    from pump.core.therapy import Therapy


def cumulated(flows: list, times: list[int]) -> list[int]:
    """Drug that has flowed by each of `times` (ascending) since the first flow began."""
    found = []
    last = len(flows) - 1
    i = total = 0
    at, rate = flows[0][0], flows[0][1]
    for t in times:
        while i < last and flows[i + 1][0] <= t:
            i += 1
            total += rate * (flows[i][0] - at)
            at, rate = flows[i][0], flows[i][1]
        found.append(total + rate * (t - at) if t > at else total)
    return found


def edges(plans: tuple, impulses: list, now: int) -> list[int]:
    """Where windows that reach past `now` can be fullest: their possible beginnings, sorted."""
    starts = {now - DAY_MS, now, now + DAY_MS}
    for flows, boluses in plans:
        marks = [flow[0] for flow in flows] + [i[0] for i in impulses]
        for bolus in boluses:
            marks.append(bolus[0])
            marks.append(bolus[1])
        for mark in marks:
            for start in (mark, mark - DAY_MS):
                if now - DAY_MS <= start <= now + DAY_MS:
                    starts.add(start)
    return sorted(starts)


def windows(plan: tuple[list, list], impulses: list, starts: list[int]) -> list[int]:
    """Drug in [start, start + 24 h] for each of `starts` (ascending), rounded up."""
    before = cumulated(plan[0], starts)
    after = cumulated(plan[0], [start + DAY_MS for start in starts])
    found = [after[i] - before[i] for i in range(len(starts))]
    for bolus in plan[1]:
        for i in range(len(starts)):
            overlap = min(bolus[1], starts[i] + DAY_MS) - max(bolus[0], starts[i])
            if overlap > 0:
                found[i] += -(-bolus[-1] * DAY_MS * overlap // (bolus[1] - bolus[0]))
    for impulse in impulses:
        for i in range(len(starts)):
            if starts[i] <= impulse[0] <= starts[i] + DAY_MS:
                found[i] += impulse[1] * DAY_MS
    return found


def judge(cap_ng: int, old: tuple[list, list], new: tuple[list, list], impulses: list, now: int) -> tuple[int, int | None]:
    """(the fullest 24 h of plan `new`, the fullest to which going there from `old` adds drug and which exceeds cap_ng or None), in ng.

    A window that was too full before (the cap was lowered, a rate is being reduced) is no reason to refuse what does not add to it.
    """
    recent = now - DAY_MS
    old = (old[0], [b for b in old[1] if b[1] > recent])
    new = (new[0], [b for b in new[1] if b[1] > recent])
    impulses = [i for i in impulses if i[0] >= recent]
    starts = edges((old, new), impulses, now)
    after = windows(new, impulses, starts)
    cap = cap_ng * DAY_MS
    most = max(after)
    if most <= cap:
        return -(-most // DAY_MS), None
    before = windows(old, impulses, starts)
    worst = 0
    for i in range(len(starts)):
        if after[i] > cap and after[i] > before[i]:
            worst = max(worst, after[i])
        if i:  # inside, the impulse at the left edge has left, and the one at the right end has not come
            left, right = _at(impulses, starts[i - 1]), _at(impulses, starts[i] + DAY_MS)
            a, b, old_a, old_b = after[i - 1] - left, after[i] - right, before[i - 1] - left, before[i] - right
            worst = max(worst, _between(a, b, old_a, old_b, cap), _between(b, a, old_b, old_a, cap))
    return -(-most // DAY_MS), -(-worst // DAY_MS) if worst else None


def _at(impulses: list, t: int) -> int:
    return sum([impulse[1] for impulse in impulses if impulse[0] == t]) * DAY_MS


def judge_change(
    therapy: "Therapy", runs: int, cap_ng: int, d: int, bolus: list[int] | None, profile: "Profile", at: int
) -> tuple[int, int | None]:
    """judge for D (now `runs`) from now on, by `profile`, and a bolus [start, end, dose] given at `at` instead of now; windows reach two
    days beyond."""
    history, now = therapy.history, therapy.now
    until = at + 2 * DAY_MS
    old = (history.flows + therapy.profile.ahead(now, until, runs), history.boluses)
    boluses = history.boluses
    if bolus is not None:
        boluses = boluses + [[bolus[0] + at - now, bolus[1] + at - now, bolus[2]]]
    return judge(cap_ng, old, (history.flows + profile.ahead(now, until, d), boluses), history.impulses, at)


def _between(a: int, b: int, old_a: int, old_b: int, cap: int) -> int:
    """The fullest window between two edges, if there are too full ones to which drug is added though at neither edge; else 0.

    At edge a the cap is exceeded but nothing added, at edge b something is added within the cap; in between both lines are straight.
    """
    less, more = old_a - a, b - old_b
    if a <= cap or b > cap or less < 0 or more <= 0 or less * (cap - b) >= (a - cap) * more:
        return 0
    return a - (a - b) * less // (less + more)
