"""`tapir plan bridge`: what a change of concentration takes until the new drug is at the tip."""

from typing import Annotated

import typer

from ... import plots
from ...plans import bridge as planning
from ...wire import limits, units
from ..common import JsonOption, job, quantity
from .common import ADVICE, LibraryOption, PlotOption, finish, table


def bridge(
    ctx: typer.Context,
    rate: Annotated[str, typer.Option("--rate", metavar="RATE", help='D, "100 mcg/day"; it stays the same.', show_default=False)],
    old: Annotated[str, typer.Option("--old", metavar="CONC", help='In the line now, "500 mcg/mL".', show_default=False)],
    new: Annotated[str, typer.Option("--new", metavar="CONC", help='In the syringe after the change, "2000 mcg/mL".', show_default=False)],
    dead: Annotated[str, typer.Option("--dead-volume", metavar="VOLUME", help='From syringe to tip, "0.25 mL".', show_default=False)],
    library: LibraryOption = "baclofen-itb",
    plot: PlotOption = None,
    as_json: JsonOption = False,
) -> None:
    """The bridge: tapir plan bridge --rate "100 mcg/day" --old "500 mcg/mL" --new "2000 mcg/mL" --dead-volume "0.25 mL"

    Until the dead volume has passed, the old drug is at the tip: the flow stays as it was, boluses are refused and no second
    change is possible (R9).
    """
    with job(ctx, None, None, as_json) as run:
        if plot is not None:
            plots.check(plot)
        plan = planning.bridge(
            quantity("--rate", rate, units.NG_PER_DAY),
            quantity("--old", old, units.NG_PER_ML),
            quantity("--new", new, units.NG_PER_ML),
            quantity("--dead-volume", dead, units.NL),
            library,
        )
        until = units.format_wait(plan.bridge_ms)
        run.emit({**vars(plan), "bolus_allowed_meanwhile": False, "second_change_allowed_meanwhile": False, "statement": ADVICE})
        rows = [
            (f"now, for {until}", *_flow(plan.ng_per_day, plan.old_ng_per_ml), "refused"),
            (f"after {until}", *_flow(plan.ng_per_day, plan.new_ng_per_ml), "as prescribed"),
        ]
        table(
            run,
            ("when", "drug at the tip", "flow", "D", "boluses", "second change"),
            [(*row, row[-1]) for row in rows[:1]] + [(*rows[1], "possible")],
        )
        hours = units.format_ratio(plan.bridge_ms, limits.HOUR_MS, 1)
        wrong = units.format_ng_per_day(plan.wrong_ng_per_day, 1)
        run.say(
            f"{units.format_nl(plan.dead_nl)} of the old drug pass first: {hours} h, rounded up. "
            f"Changing the flow at once would give {wrong} ({units.format_permille(plan.wrong_permille)}) meanwhile."
        )
        finish(run, plot, lambda: plots.bridge(plan))


def _flow(ng_per_day: int, conc: int) -> tuple[str, str, str]:
    return units.format_ng_per_ml(conc), units.format_flow(ng_per_day, conc), units.format_ng_per_day(ng_per_day)
