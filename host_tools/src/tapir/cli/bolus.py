"""`tapir bolus [DOSE]`: the patient's bolus as an operator, another one as a clinician; `--cancel` ends it."""

from typing import Annotated

import typer

from .. import words
from ..errors import UsageError
from ..prescription import drug_in
from ..pump import Pump
from ..wire import schema, units
from .common import JsonOption, PortOption, ReasonOption, RoleOption, YesOption, job, quantity


def bolus(
    ctx: typer.Context,
    dose: Annotated[str | None, typer.Argument(metavar="DOSE", help='"5 mcg" or "0.2 mL"; else as prescribed.', show_default=False)] = None,
    over: Annotated[str | None, typer.Option("--over", metavar="TIME", help='"5 min"; left out: as prescribed.')] = None,
    cancel: Annotated[bool, typer.Option("--cancel", help="End the bolus that runs; basal goes on.")] = False,
    reason: ReasonOption = None,
    yes: YesOption = False,
    port: PortOption = None,
    as_role: RoleOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a bolus beside the basal rate, or end it.

    tapir bolus 5mcg

    As operator (the default) it is the one prescribed. Another dose, or one inside the lockout, is the clinician's:
    tapir bolus "10 mcg" --over "10 min" --as clinician --reason "test dose". It counts as given even when cancelled.
    """
    with job(ctx, port, as_role, as_json) as run:
        if cancel and (dose or over):
            raise UsageError("--cancel ends the running bolus; it takes no dose.")
        if dose:
            run.written["dose_ng"] = dose
        duration_ms = quantity("--over", over, units.MS) if over else None
        pump = run.connect("BOLUS")
        if cancel:
            if pump.status().state == schema.PRIMING:
                raise UsageError("No bolus runs: the line is being primed.", "That ends by tapir prime --cancel.")
            done = pump.cancel()
            run.emit({"done": done.as_dict()})
            run.say(f"Bolus ended, #{done.event}; basal goes on. It counts as given.{_next(done.value)}", "green")
            return
        if dose:
            dose_ng = _dose(dose, pump)
        else:
            dose_ng = pump.review().pb_dose_ng
            if not dose_ng:
                raise UsageError("No patient bolus is prescribed, and no dose was named.", 'tapir bolus "5 mcg" --as clinician')
        proposal = pump.bolus(dose_ng, duration_ms, reason)
        seen = proposal.seen
        given = f"{run.measure.dose(seen.dose_ng or 0)} over {units.format_ms(seen.duration_ms or 0)}"
        if pump.role == schema.CLINICIAN:
            total = f"; the fullest 24 h then hold {run.measure.dose(seen.total_24h_ng)}" if seen.total_24h_ng is not None else ""
            run.say(f"Clinician's bolus: {given}{total}.")
            for line in words.soft(seen.soft or 0):
                run.say(f"Crosses: {line}.", "yellow")
            run.ask("Give it?", yes)
        done = proposal.commit()
        run.emit({"proposed": seen.as_dict(), "done": done.as_dict()})
        run.say(f"Started: {given}, #{done.event} (tapir bolus --cancel ends it; basal goes on).{_next(done.value)}", "green")


def _next(wait_ms: int) -> str:
    return f" Next patient bolus not before {units.format_wait(wait_ms)} from now." if wait_ms else ""


def _dose(text: str, pump: Pump) -> int:
    """A dose, or a volume of what is at the tip."""
    conc = 0
    try:
        units.parse(text, units.NL)
        conc = pump.status().conc_ng_per_ml
    except units.UnitError:
        pass
    drug = drug_in(text, units.NL, conc) if conc else None
    return quantity("Dose", text, units.NG) if drug is None else drug
