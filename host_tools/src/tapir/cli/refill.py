"""`tapir refill`: book what was found in the syringe and what is in it now."""

from typing import Annotated

import typer

from .. import words
from ..messages import state_name
from ..wire import schema, units
from .common import JsonOption, PortOption, ReasonOption, RoleOption, YesOption, job, quantity


def refill(
    ctx: typer.Context,
    volume: Annotated[str, typer.Option("--volume", metavar="VOLUME", help='What the syringe holds now, "3 mL".', show_default=False)],
    residual: Annotated[
        str, typer.Option("--residual", metavar="VOLUME", help='What was left, in the old syringe too, "0.4 mL".', show_default=False)
    ],
    reason: ReasonOption = None,
    yes: YesOption = False,
    port: PortOption = None,
    as_role: RoleOption = None,
    as_json: JsonOption = False,
) -> None:
    """Book a refill.

    tapir refill --residual "0.4 mL" --volume "3 mL"

    What was left is compared with the pump's books; a large difference means too much or too little was given, and needs
    a clinician's reason. After tapir syringe it ends the change, and basal goes on.
    """
    with job(ctx, port, as_role, as_json) as run:
        volume_nl, residual_nl = quantity("--volume", volume, units.NL), quantity("--residual", residual, units.NL)
        run.written.update({"volume_nl": volume, "residual_nl": residual})
        pump = run.connect("REFILL")
        before = pump.status()
        proposal = pump.refill(residual_nl, volume_nl, reason)
        run.say(f"Left: {units.format_nl(residual_nl)} found, {units.format_nl(before.reservoir_nl, 3)} by the books.")
        for line in words.soft(proposal.seen.soft or 0):
            run.say(f"Crosses: {line}.", "yellow")
        then = ""
        if before.state == schema.CHANGING:
            flows = proposal.seen.new_ng_per_day
            then = f" {run.measure.rate(flows)} goes on then." if flows else " Nothing flows then: tapir resume, and it says why."
        run.ask(f"Book {units.format_nl(volume_nl)} in the syringe?{then}", yes)
        done = proposal.commit()
        after = pump.status()
        run.emit({"proposed": proposal.seen.as_dict(), "done": done.as_dict(), "status": after.as_dict()})
        low = f", low in {words.lasts(after.low_in_ms)}" if after.basal_ng_per_day else ""
        if before.state == schema.CHANGING:
            low = f". {state_name(after.state)} at {run.measure.rate(after.basal_ng_per_day)}{low}"
        run.say(f"Booked: {units.format_nl(after.reservoir_nl, 3)}{low}. #{done.event}, {words.head(done.head)}.", "green")
