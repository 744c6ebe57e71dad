"""`tapir status`: what the pump does now, in one screen. Exit 5 while an alarm stands."""

import typer

from .. import schedule, words
from ..errors import EXIT_ALARM
from ..messages import Books, Course, Hello, Level, Status, state_name
from ..pump import LIBRARY_HINT, Pump, foreign_library
from ..wire import limits, names, schema, units
from .common import JsonOption, PortOption, RoleOption, drug, flow, job

_COLOUR = {
    schema.INFUSING: "green",
    schema.TAPERING: "green",
    schema.TAPER_PAUSED: "yellow",
    schema.TITRATING: "green",
    schema.TITRATION_PAUSED: "yellow",
    schema.SCREENING: "green",
    schema.PRIMING: "yellow",
    schema.SUSPENDED: "red",
    schema.HELD: "red",
    schema.CHANGING: "yellow",
}
_TAPER = (schema.TAPERING, schema.TAPER_PAUSED)
_STOPPED = (schema.SUSPENDED, schema.HELD, schema.CHANGING)
_FIRST = {  # what comes first
    schema.UNPROVISIONED: "tapir provision --library baclofen-itb --syringe bd-3ml",
    schema.READY: "tapir prescribe FILE.toml; tapir prescribe --example prints one to start from",
}


def status(ctx: typer.Context, port: PortOption = None, as_role: RoleOption = None, as_json: JsonOption = False) -> None:
    """What the pump does now.

    Rate, drug given, boluses, reservoir, alarms. Needs no key. Exits with 5 while an alarm stands.
    """
    with job(ctx, port, as_role, as_json) as run:
        pump = run.connect("STATUS")
        now = pump.status()
        books, course, level = more(pump, now)
        run.emit(facts(pump, now, course))
        for line, colour in screen(pump.identity, now, books, course, level):
            run.say(line, colour)
        differs = foreign_library(pump.identity)
        if differs:
            run.say(f"{differs} {LIBRARY_HINT}", "red")
        if now.alarm:
            raise typer.Exit(EXIT_ALARM)


def more(pump: Pump, now: Status) -> tuple[Books | None, Course | None, Level | None]:
    """What else the screen needs in this state."""
    books = pump.books() if now.state in (*_TAPER, *words.IN_TITRATION, *_STOPPED) else None
    course = pump.course() if now.state not in (schema.UNPROVISIONED, schema.LOCKED) else None
    return books, course, pump.level() if now.state in _STOPPED else None


def facts(pump: Pump, now: Status, course: Course | None) -> dict[str, object]:
    """The same for machines."""
    who = {"serial": pump.identity.serial, "state_name": state_name(now.state), "alarm_name": _alarm(now)}
    return {**who, **now.as_dict(), **_soft(course), **_place(course)}


def _soft(course: Course | None) -> dict[str, object]:
    overridden = words.overridden(course.soft, course.reason, course.taper_reason) if course else []
    return {"soft": course.soft if course else 0, "overridden": [{"limit": what, "reason": why} for what, why in overridden]}


def _place(course: Course | None) -> dict[str, object]:
    """Where the schedule is, if there is one."""
    if course is None or not course.mode:
        return {}
    mode = {"mode": course.mode, "mode_name": words.name_of(names.MODES, course.mode)}
    fields = ("phase_ms", "unsure", "next_in_ms", "next_ng_per_day")
    return {**mode, **{name: getattr(course, name) for name in fields}}


def _alarm(now: Status) -> str:
    return words.alarm(now.alarm) if now.alarm else "none"


Line = tuple[str, str | None]  # a line and its colour


def screen(hello: Hello, now: Status, books: Books | None = None, course: Course | None = None, level: Level | None = None) -> list[Line]:
    """The screen, also of `tapir monitor`."""
    found: list[Line] = []
    m = words.measure(hello.library)
    title = f"{state_name(now.state)}  {m.rate(now.basal_ng_per_day, 1)}"
    if now.conc_ng_per_ml and not m.by_volume:
        title += f"  ({flow(now)})"
    if now.state in (schema.PRIMING, schema.SCREENING) or not now.set_ng_per_day and not now.conc_ng_per_ml:
        title = state_name(now.state)
    what = f"{units.format_ng_per_ml(now.conc_ng_per_ml)} {drug(hello)}" if now.conc_ng_per_ml and not m.by_volume else drug(hello)
    found.append((f"{title:<50}{hello.serial}  {what}".rstrip(), _COLOUR.get(now.state)))
    if hello.why:
        found.append((f"  {'why':<13} {hello.why}", "red"))
    if now.state == schema.LOCKED:
        found += [(f"  {'to do' if not i else '':<13} {line}", None) for i, line in enumerate(words.locked(hello.why))]
    for left, right in _lines(m, now, books, course, level):
        found.append((f"  {left:<46}  {right}".rstrip(), None))
    if now.state in _FIRST and not now.bolus_ng:
        found.append((f"  {'next':<13} {_FIRST[now.state]}", None))
    if course and course.mode:
        found += _schedule(m, now, course)
    if books and books.change_ms is not None:
        found.append((_change(books.change_ms), "yellow"))
    if course and course.coming_ng_per_ml:
        found.append((_bridge(course), "yellow"))
    for what, why in words.overridden(course.soft, course.reason, course.taper_reason) if course else ():
        found.append((f"  {'overridden':<13} {what}: {why}", "yellow"))
    if now.alarm:
        what, todo = words.ALARMS.get(now.alarm, ("", ""))
        found.append((f"  ALARM {words.alarm(now.alarm)}: {what}. To do: {todo}.", "red"))
    return found


def _lines(m: words.Measure, now: Status, books: Books | None, course: Course | None, level: Level | None) -> list[tuple[str, str]]:
    lines = []
    if now.conc_ng_per_ml and now.state not in (schema.PRIMING, schema.SCREENING):
        given = m.dose(now.known_ng, 1)
        if now.most_ng != now.known_ng:
            places = 1 if m.dose(now.known_ng, 1) != m.dose(now.most_ng, 1) else 3  # never "429.0 to 429.0"
            given = f"{m.dose(now.known_ng, places).split()[0]} to {m.dose(now.most_ng, places)}"
        lines.append((f"{'given':<13} {given} in {words.elapsed(now.therapy_ms)}", _boluses(now)))
    if now.state == schema.PRIMING:
        left = f"ends in {units.format_wait(now.bolus_left_ms)}; the line is disconnected"
        lines.append((f"{'priming':<13} {left}", "tapir prime --cancel"))
    if now.bolus_ng:
        name, cancel = ("test dose", "tapir screen --cancel") if now.state == schema.SCREENING else ("bolus", "")
        lines.append((f"{name:<13} {m.dose(now.bolus_ng)}, ends in {units.format_wait(now.bolus_left_ms)}", cancel))
    elif course and course.screen_ng and now.state in (schema.READY, schema.ENDED):
        lines.append(_screened(m, course))
    if now.state not in (schema.UNPROVISIONED, schema.LOCKED):
        low = f"   low in {words.lasts(now.low_in_ms)}" if now.basal_ng_per_day else ""
        lines.append((f"{'reservoir':<13} {units.format_nl(now.reservoir_nl, 3)}{low}", "" if now.alarm else "alarm none"))
    if now.state in _STOPPED:
        lines.append(
            (
                f"{'stopped':<13} for {words.stopped(now.stopped_ms)}, was {m.rate(now.set_ng_per_day)}",
                "" if now.state == schema.CHANGING else "tapir resume",
            )
        )
        if level and level.level_permille is not None:
            lines.append((_level(m, now, level), ""))
    elif now.state in _TAPER and books:
        lines.append(_taper(m, now, books))
    elif now.state in words.IN_TITRATION and books:
        lines.append(_titration(m, now, books, course))
    elif now.state == schema.INFUSING:
        raise_to = words.percent(now.set_ng_per_day, now.raise_to_ng_per_day)
        when = f"in {units.format_wait(now.raise_in_ms)}" if now.raise_in_ms else "now"
        lines.append((f"{'next allowed':<13} {raise_to} {when}, taper any time", ""))
    return lines


def _schedule(m: words.Measure, now: Status, course: Course) -> list[Line]:
    """D beside what flows now, and when that changes."""
    mode = words.name_of(names.MODES, course.mode)
    following = schedule.next_words(course, now.basal_ng_per_day, m.rate)
    found: list[Line] = [(f"  {mode:<13} {m.rate(now.set_ng_per_day)} in 24 h. {following}".rstrip(), None)]
    if course.unsure:
        found.append((f"  {'uncertain':<13} the power was off: the schedule may be late against the day. tapir align", "yellow"))
    return found


def _change(since_ms: int) -> str:
    left = limits.CHANGE_MS - since_ms
    when = f"{units.format_wait(left)} left" if left > 0 else f"{words.elapsed(-left)} longer than it should take"
    return f"  {'syringe':<13} is being changed, {when}; then tapir refill"


def _bridge(course: Course) -> str:
    when = f" in {units.format_wait(course.bridge_ms)}" if course.bridge_ms is not None else ", which waits: nothing flows"
    left = units.format_nl(course.bridge_nl, 3)
    return f"  {'bridge':<13} {units.format_ng_per_ml(course.coming_ng_per_ml)} reaches the tip after {left}{when}; no bolus until then"


def _boluses(now: Status) -> str:
    if not now.bolus_max:
        return f"boluses {now.bolus_count} in 24 h" if now.bolus_count else ""
    count = f"boluses {now.bolus_count} of {now.bolus_max}"
    if now.state in _TAPER:
        return f"{count}, none in a taper"
    if now.state not in (schema.INFUSING, *words.IN_TITRATION):
        return count
    return f"{count}, next in {units.format_wait(now.bolus_in_ms)}" if now.bolus_in_ms else f"{count}, next possible now"


def _taper(m: words.Measure, now: Status, books: Books) -> tuple[str, str]:
    target = f"to {m.rate(books.taper_to_ng_per_day)}" if books.taper_to_ng_per_day else "to the end"
    if now.state == schema.TAPER_PAUSED:
        return f"{'taper':<13} held here, {target}", "tapir taper --continue"
    step = m.rate(books.taper_next_ng_per_day) if books.taper_next_ng_per_day else "the end"
    return f"{'taper':<13} {target}; next {step} in {units.format_wait(books.taper_in_ms)}", ""


def _titration(m: words.Measure, now: Status, books: Books, course: Course | None) -> tuple[str, str]:
    target = f"to {m.rate(books.taper_to_ng_per_day)}"
    if course and course.plan_percent:
        target += f", +{course.plan_percent} % every {words.lasts(course.plan_hold_ms)}"
    if now.state == schema.TITRATION_PAUSED:
        return f"{'titration':<13} held here, {target}", "tapir titrate --continue"
    step = m.rate(books.taper_next_ng_per_day)
    return f"{'titration':<13} {target}; next {step} in {units.format_wait(books.taper_in_ms)}", ""


def _screened(m: words.Measure, course: Course) -> tuple[str, str]:
    another = f"another in {units.format_wait(course.screen_in_ms)}" if course.screen_in_ms else "another is possible now"
    return f"{'test dose':<13} {m.dose(course.screen_ng)} {words.elapsed(course.screen_ms)} ago; {another}", ""


def _level(m: words.Measure, now: Status, level: Level) -> str:
    """How far a withdrawal may have come, by the model: no measurement."""
    low, high = (round((permille or 0) / 10) for permille in (level.level_permille, level.level_most_permille))
    about = f"about {high} %" if low == high else f"{low} to {high} %"
    half_life = units.format_ratio(level.half_life_ms, limits.HOUR_MS, 1)
    return f"{'level':<13} {about} of what {m.rate(now.set_ng_per_day)} keeps, by the model, half-life {half_life} h"
