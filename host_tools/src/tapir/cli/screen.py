"""`tapir screen [DOSE]`: a test dose before a therapy; `--cancel` ends it. The concentration is entered twice, from the vial."""

from typing import Annotated

import typer

from .. import words
from ..errors import Refused, UsageError
from ..messages import state_name
from ..wire import schema, units
from .common import Job, JsonOption, PortOption, ReasonOption, RoleOption, YesOption, job, quantity

USUAL = "25 mcg"  # most often used, of 12.5 to 50 mcg: the article this project started from
ConcentrationOption = Annotated[
    list[str] | None,
    typer.Option("--concentration", metavar="CONC", help='As on the vial, "50 mcg/mL"; for scripts: say it twice.', show_default=False),
]


def screen(
    ctx: typer.Context,
    dose: Annotated[str, typer.Argument(metavar="DOSE", help="12.5 to 50 mcg.")] = USUAL,
    concentration: ConcentrationOption = None,
    over: Annotated[str | None, typer.Option("--over", metavar="TIME", help='"5 min"; left out: as fast as allowed, 1 min.')] = None,
    cancel: Annotated[bool, typer.Option("--cancel", help="End the test dose that runs.")] = False,
    reason: ReasonOption = None,
    yes: YesOption = False,
    port: PortOption = None,
    as_role: RoleOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a test dose before a therapy.

    tapir screen 25mcg --concentration "50 mcg/mL"

    One dose, no basal, at least 24 h between two. It counts as given even when cancelled. What worked goes into the
    prescription, [screening] effective_dose: it bounds the first rate (R8).
    """
    with job(ctx, port, as_role, as_json) as run:
        if cancel:
            _cancel(run)
            return
        run.written["dose_ng"] = dose
        dose_ng = quantity("Dose", dose, units.NG)
        duration_ms = quantity("--over", over, units.MS) if over else None
        conc, again = _twice(run, concentration or [])
        pump = run.connect("SCREEN")
        proposal = pump.screen(dose_ng, conc, again, duration_ms, reason)
        seen = proposal.seen
        given = f"{units.format_ng(seen.dose_ng or 0)} over {units.format_ms(seen.duration_ms or 0)}"
        run.say(f"Test dose: {given}, of {units.format_ng_per_ml(seen.conc_ng_per_ml or 0)}; no basal.")
        run.ask("Give it?", yes)
        done = proposal.commit()
        after = pump.status()
        run.emit({"proposed": seen.as_dict(), "done": done.as_dict(), "state_name": state_name(after.state), "status": after.as_dict()})
        wait = units.format_wait(done.value)
        run.say(f"{state_name(after.state)}: {given}, #{done.event} (tapir screen --cancel ends it). Another not before {wait}.", "green")


def _twice(run: Job, given: list[str]) -> tuple[int, int]:
    """The concentration twice (R9): from --concentration, or from a person; never by --yes."""
    if len(given) > 2:
        raise UsageError("--concentration stands at most twice.")
    if len(given) < 2 and not run.interactive:
        raise UsageError(
            "The concentration must come twice, from the vial.",
            'Without a keyboard: --concentration "..." twice; --yes does not answer it.',
        )
    texts = list(given)
    for question in ("Concentration on the vial: ", "Retype the concentration on the vial: ")[len(texts) :]:
        texts.append(run.prompt(question))
    first, second = (quantity("Concentration", text.strip(), units.NG_PER_ML) for text in texts)
    if first != second:
        refusal: dict[str, int | str] = {"error": schema.LIMIT, "rule": 9, "field": "conc_again_ng_per_ml", "value": second}
        raise Refused("SCREEN", {**refusal, "low": first, "high": first, "text": ""})
    return first, second


def _cancel(run: Job) -> None:
    pump = run.connect("CANCEL")
    if pump.status().state != schema.SCREENING:
        raise UsageError("No test dose runs; there is nothing to cancel.", "tapir status says what does.")
    done = pump.cancel()
    run.emit({"done": done.as_dict()})
    run.say(f"Test dose ended, #{done.event}, {words.head(done.head)}. It counts as given.", "green")
