"""`tapir plan candidate`: the article's checklist for intrathecal baclofen, with reasons. No decision."""

from typing import Annotated

import typer

from ... import plots
from ...plans import candidate as planning
from ...plans import person
from ..common import JsonOption, job
from .common import ADVICE, PlotOption, finish, table

_NO_DECISION = "A checklist with its reasons, no decision: that is made by the people who know the patient."


def candidate(
    ctx: typer.Context,
    spasticity: Annotated[str | None, typer.Option("--spasticity", metavar="WORD", help=", ".join(planning.SPASTICITY))] = None,
    oral: Annotated[str | None, typer.Option("--oral", metavar="WORD", help="Oral drugs: " + ", ".join(planning.ORAL))] = None,
    movement: Annotated[str | None, typer.Option("--movement", metavar="WORD", help=", ".join(planning.MOVEMENT))] = None,
    injury: Annotated[str | None, typer.Option("--since-injury", metavar="TIME", help='"5 months"')] = None,
    group: Annotated[str | None, typer.Option("--group", metavar="WORD", help=", ".join(planning.GROUP))] = None,
    plot: PlotOption = None,
    as_json: JsonOption = False,
) -> None:
    """The checklist: tapir plan candidate --spasticity severe --oral refractory --movement spastic --since-injury "5 months"

    What is left out stays open and is asked for. It gives reasons and decides nothing.
    """
    with job(ctx, None, None, as_json) as run:
        if plot is not None:
            plots.check(plot)
        points = planning.candidate(spasticity, oral, movement, person.months("--since-injury", injury) if injury else None, group)
        run.emit({"points": [vars(point) for point in points], "decision": None, "statement": f"{_NO_DECISION} {ADVICE}"})
        rows = [(planning.MARKS(point.met), point.name, point.given, point.reason) for point in points]
        table(run, ("met", "point", "said", "why"), rows, left=("met", "point", "said", "why"))
        run.say(_NO_DECISION)
        finish(run, plot, lambda: plots.candidate(points))
