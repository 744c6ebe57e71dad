"""`tapir resume`: after a suspension or a hold, at the rate before or a lower one."""

from typing import Annotated

import typer

from .. import words
from ..messages import state_name
from ..wire import units
from .common import JsonOption, PortOption, ReasonOption, RoleOption, YesOption, job, quantity


def resume(
    ctx: typer.Context,
    rate: Annotated[str | None, typer.Option("--rate", metavar="RATE", help='Lower, "80 mcg/day"; else as before.')] = None,
    reason: ReasonOption = None,
    yes: YesOption = False,
    port: PortOption = None,
    as_role: RoleOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let basal flow again after a suspension or a hold.

    After a stop that was longer than the library's limit it is a new start: --as clinician --reason TEXT.
    """
    with job(ctx, port, as_role, as_json) as run:
        lower = quantity("--rate", rate, units.NG_PER_DAY) if rate else None
        if rate:
            run.written["basal_ng_per_day"] = rate
        pump = run.connect("RESUME")
        proposal = pump.resume(lower, reason)
        now, seen = pump.status(), proposal.seen
        run.say(f"Stopped for {words.stopped(now.stopped_ms)} at {run.measure.rate(seen.old_ng_per_day or 0)}.")
        for line in words.soft(seen.soft or 0):
            run.say(f"Crosses: {line}.", "yellow")
        run.ask(f"Resume at {run.measure.rate(seen.new_ng_per_day or 0)}?", yes)
        done = proposal.commit()
        after = pump.status()
        run.emit({"proposed": seen.as_dict(), "done": done.as_dict(), "state_name": state_name(after.state), "status": after.as_dict()})
        run.say(
            f"{state_name(after.state)} at {run.measure.rate(after.basal_ng_per_day)}, #{done.event}, {words.head(done.head)}.",
            "green",
        )
