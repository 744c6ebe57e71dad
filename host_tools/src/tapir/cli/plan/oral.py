"""`tapir plan oral`: the oral schedule that comes before any pump, by weight and age."""

from typing import Annotated

import typer

from ... import plots
from ...plans import oral as planning
from ...plans import person
from ...wire import units
from ..common import JsonOption, job, quantity
from .common import ADVICE, PlotOption, finish, table


def oral(
    ctx: typer.Context,
    weight: Annotated[str, typer.Option("--weight", metavar="WEIGHT", help='"20 kg".', show_default=False)],
    age: Annotated[str, typer.Option("--age", metavar="AGE", help='"7 years" or "30 months": 2 to 17 years.', show_default=False)],
    injury: Annotated[str, typer.Option("--since-injury", metavar="TIME", help='"14 months"; at birth: the age.', show_default=False)],
    other: Annotated[
        list[str] | None,
        typer.Option(
            "--other", metavar="DRUG", help=f"Another antispastic drug (repeat it): {', '.join(planning.OTHERS)}.", show_default=False
        ),
    ] = None,
    target: Annotated[
        str | None, typer.Option("--target", metavar="DOSE", help='"60 mg/day"; left out: 2 mg/kg/day, at most 80 mg/day.')
    ] = None,
    weeks: Annotated[
        int | None, typer.Option("--weeks", metavar="N", help="10 to 12; left out: 10, or 12 with other drugs or a recent injury.")
    ] = None,
    plot: PlotOption = None,
    as_json: JsonOption = False,
) -> None:
    """The oral schedule by weight and age: tapir plan oral --weight "20 kg" --age "7 years" --since-injury "7 years" --other diazepam

    2.5 mg three times a day at first, weekly steps over 10 to 12 weeks, to 2 mg/kg/day (mean 40 mg/day); at most 20 mg four
    times a day, and rarely up to 240 mg/day, marked EXCEPTIONAL. Outside 2 to 17 years it refuses.
    """
    with job(ctx, None, None, as_json) as run:
        if plot is not None:
            plots.check(plot)
        plan = planning.oral(
            person.weight_g("--weight", weight),
            person.months("--age", age),
            person.months("--since-injury", injury),
            tuple(other or ()),
            quantity("--target", target, units.NG_PER_DAY) if target else None,
            weeks,
        )
        run.emit({**vars(plan), "weeks": [vars(week) for week in plan.weeks], "exceptional": plan.exceptional, "statement": ADVICE})
        rows = [
            (
                str(week.week),
                _mg(week.ng_per_day),
                " + ".join(_mg(dose) for dose in week.doses_ng),
                "EXCEPTIONAL" if week.exceptional else "",
            )
            for week in plan.weeks
        ]
        table(run, ("week", "mg/day", "doses (mg)", " "), rows)
        run.say(
            f"{person.format_kg(plan.weight_g)}, {person.format_months(plan.age_months)}: 2 mg/kg/day are "
            f"{_mg(plan.by_weight_ng_per_day)} mg/day, target {_mg(plan.target_ng_per_day)} mg/day (the article's mean is 40)."
        )
        for remark in plan.remarks:
            run.say(f"- {remark}", "yellow" if remark.startswith("EXCEPTIONAL") else None)
        finish(run, plot, lambda: plots.oral(plan))


def _mg(ng: int) -> str:
    return units.format_ratio(ng, planning.MG, 3).rstrip("0").rstrip(".")
