"""`tapir align`: say where in its cycle of 24 h the pump's schedule is, after the power was off or the clocks have changed."""

from typing import Annotated

import typer

from .. import schedule
from ..errors import UsageError
from ..messages import Row
from ..wire import schema
from .common import ClockOption, JsonOption, PortOption, RoleOption, YesOption, job, time_there

_NO_SCHEDULE = "The pump's basal does not change over the day: there is nothing to align."


def align(
    ctx: typer.Context,
    first: Annotated[
        str | None, typer.Option("--first", metavar="HH:MM", help="Time of day of the first row or dose; else 00:00 for flex.")
    ] = None,
    clock: ClockOption = None,
    keep: Annotated[bool, typer.Option("--keep", help="Confirm the schedule where it is; nothing moves.")] = False,
    yes: YesOption = False,
    port: PortOption = None,
    as_role: RoleOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put the schedule back to the time of day.

    The pump counts powered time only: after a power cut its schedule is late by as long as the power was off. This sets it by this
    computer's clock, judged like a new schedule: what has flowed already counts (R6).
    """
    with job(ctx, port, as_role, as_json) as run:
        start = schedule.time_of_day(first) if first is not None else 0
        if start is None:
            raise UsageError(f"--first {first}: not a time of day.", 'It looks like "06:30".')
        pump = run.connect("ALIGN")
        course, rows = pump.course(), pump.rows()
        if course.mode not in (schema.FLEX, schema.PERIODIC):
            raise UsageError(_NO_SCHEDULE)
        if course.mode == schema.PERIODIC and first is None and not keep:
            raise UsageError(
                "At which time of day is the first dose?", "tapir align --first 08:00; tapir align --keep leaves it where it is."
            )
        now = time_there(clock)
        old_start = schedule.start_of(course.phase_ms, now)
        phase = course.phase_ms if keep else schedule.phase_at(start, now)
        proposal = pump.align(phase)
        new_start = old_start if keep else start
        run.say(f"Now      {_shown(rows, course.mode, old_start)}" + ("   (uncertain: the power was off)" if course.unsure else ""))
        run.say(f"Aligned  {_shown(rows, course.mode, new_start)}")
        if proposal.seen.total_24h_ng is not None:
            run.say(f"Fullest 24 h with what has flowed already: {run.measure.dose(proposal.seen.total_24h_ng)}")
        run.ask("Confirm the schedule where it is?" if keep else "Move the schedule?", yes)
        done = proposal.commit()
        after = pump.course()
        run.emit({"proposed": proposal.seen.as_dict(), "done": done.as_dict(), "course": after.as_dict()})
        run.say(f"Aligned. {schedule.next_words(after)} #{done.event}.", "green")


def _shown(rows: list[Row], mode: int, start_ms: int) -> str:
    return schedule.rates(tuple((row.offset_ms, row.set_ng_per_day) for row in rows), mode, start_ms)
