"""`tapir close`: end a therapy that has been stopped for longer than the limit (explant). Not a way to stop one."""

from typing import Annotated

import typer

from .. import words
from ..messages import state_name
from .common import JsonOption, PortOption, RoleOption, YesOption, job


def close(
    ctx: typer.Context,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; goes into the pump's journal.", show_default=False)],
    yes: YesOption = False,
    port: PortOption = None,
    as_role: RoleOption = None,
    as_json: JsonOption = False,
) -> None:
    """Close a therapy that is over (explant).

    Only after it was suspended for longer than the library's limit:
    tapir close --reason "pump explanted". A therapy that runs ends by tapir taper.
    """
    with job(ctx, port, as_role, as_json) as run:
        pump = run.connect("CLOSE")
        proposal = pump.close_therapy(reason)
        run.ask("Close this therapy for good?", yes)
        done = proposal.commit()
        after = pump.status()
        run.emit({"proposed": proposal.seen.as_dict(), "done": done.as_dict(), "state_name": state_name(after.state)})
        run.say(f"{state_name(after.state)}. #{done.event}, {words.head(done.head)}.", "green")
