"""`tapir suspend`: stop at once, in an emergency. One phase, no question."""

import typer

from .. import words
from ..messages import state_name
from .common import JsonOption, PortOption, ReasonOption, RoleOption, YesOption, job


def suspend(
    ctx: typer.Context,
    reason: ReasonOption = None,
    yes: YesOption = False,
    port: PortOption = None,
    as_role: RoleOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop at once, in an emergency.

    Withdrawal begins, and the pump alarms until it is resumed.
    Asks nothing (--yes is accepted and changes nothing). The same as holding SUSPEND on the pump for 3 s. To end a therapy: tapir taper
    """
    with job(ctx, port, as_role, as_json) as run:
        pump = run.connect("SUSPEND")
        done = pump.suspend(reason)
        after = pump.status()
        run.emit({"done": done.as_dict(), "state_name": state_name(after.state), "status": after.as_dict()})
        was = run.measure.rate(after.set_ng_per_day)
        run.say(f"{state_name(after.state)}: nothing flows (was {was}). #{done.event}, {words.head(done.head)}.", "red")
        run.say("The withdrawal clock runs. tapir resume lets basal flow again.")
