"""`tapir syringe`: basal waits while the syringe is changed for another one of the same kind; `tapir refill` ends it."""

import typer

from .. import words
from ..messages import state_name
from ..wire import limits, units
from .common import JsonOption, PortOption, ReasonOption, RoleOption, YesOption, job


def syringe(
    ctx: typer.Context,
    reason: ReasonOption = None,
    yes: YesOption = False,
    port: PortOption = None,
    as_role: RoleOption = None,
    as_json: JsonOption = False,
) -> None:
    """Begin to change the syringe.

    Have the new one ready: nothing flows until tapir refill has booked it. Then basal goes on at the same rate by itself.
    The new syringe is of the kind that the pump was provisioned with (tapir info). With another concentration in it, book it
    first and then at once: tapir prescribe FILE.toml, with the dead volume in the file.
    """
    with job(ctx, port, as_role, as_json) as run:
        pump = run.connect("CHANGE")
        before = pump.status()
        proposal = pump.change_syringe(reason)
        was = run.measure.rate(before.set_ng_per_day)
        kind = f" for another {pump.identity.syringe}" if pump.identity.syringe else ""
        if before.basal_ng_per_day:
            question = f"Stop {was} to change the syringe{kind}?"
        else:
            question = f"Change the syringe{kind}? {state_name(before.state)} at {was}: nothing flows."
        run.ask(question, yes)
        done = proposal.commit()
        after = pump.status()
        run.emit({"done": done.as_dict(), "state_name": state_name(after.state), "status": after.as_dict()})
        run.say(f"{state_name(after.state)}: nothing flows (was {was}). #{done.event}, {words.head(done.head)}.", "yellow")
        run.say(f"Change it within {units.format_ms(limits.CHANGE_MS)}, then say what was left in the old one and what is in the new one:")
        run.say('  tapir refill --residual "VOLUME" --volume "VOLUME"')
