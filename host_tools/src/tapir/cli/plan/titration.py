"""`tapir plan titration`: how a rate may rise, step by step, under R2."""

import difflib
from typing import Annotated

import typer

from ... import plots, words
from ...errors import UsageError
from ...plans import titration as planning
from ...wire import limits, names, units
from ..common import JsonOption, job, quantity
from .common import ADVICE, LibraryOption, PlotOption, StartOption, after, day, finish, table

ORIGINS: dict[str, int] = {str(row[1]): row[0] for row in names.ORIGINS}


def titration(
    ctx: typer.Context,
    start: Annotated[str, typer.Option("--from", metavar="RATE", help='The rate that runs or starts, "50 mcg/day".', show_default=False)],
    to: Annotated[str, typer.Option("--to", metavar="RATE", help='The rate to reach, "120 mcg/day".', show_default=False)],
    origin: Annotated[
        str, typer.Option("--origin", metavar="NAME", help=f"{', '.join(ORIGINS)}; the strictest when left out.")
    ] = "unstated",
    percent: Annotated[
        int | None, typer.Option("--percent", metavar="P", help="Per step, at most the origin's; left out: the origin's.")
    ] = None,
    hold: Annotated[str, typer.Option("--hold", metavar="TIME", help='Each step\'s time, "24 h" or longer.')] = "24 h",
    first: StartOption = None,
    library: LibraryOption = "baclofen-itb",
    plot: PlotOption = None,
    as_json: JsonOption = False,
) -> None:
    """The steps of a titration: tapir plan titration --from "50 mcg/day" --to "120 mcg/day" --origin child

    The same arithmetic as in the pump: no raise in the first 24 h, then at most +30 % (spinal) or +15 % (cerebral, child) of
    the smallest rate of the last 24 h. Steps marked * are above the soft limit of 500 mcg/day, those marked **
    also rise by more than 20 %: the pump asks for a reason.
    """
    with job(ctx, None, None, as_json) as run:
        if plot is not None:
            plots.check(plot)
        plan = planning.titration(
            quantity("--from", start, units.NG_PER_DAY),
            quantity("--to", to, units.NG_PER_DAY),
            _origin(origin),
            percent,
            quantity("--hold", hold, units.MS),
            library,
        )
        zero = day(first)
        rises = [{**vars(rise), "date": after(zero, rise.at_ms).isoformat()} for rise in plan.rises]
        values = {name: value for name, value in vars(plan).items() if name not in ("rises", "origin")}
        run.emit({**values, "origin": origin, "start_date": zero.isoformat(), "rises": rises, "statement": ADVICE})
        rows: list[tuple[str, ...]] = [("0", "0", zero.isoformat(), units.format_ratio(plan.start_ng_per_day, 1000, 1), "", "0", "")]
        rows += [_row(rise, after(zero, rise.at_ms).isoformat()) for rise in plan.rises]
        table(run, ("step", "day", "date", "mcg/day", "change", "mcg so far", " "), rows)
        run.say(_summary(plan))
        finish(run, plot, lambda: plots.titration(plan))


def _origin(name: str) -> int:
    if name not in ORIGINS:
        near = difflib.get_close_matches(name, ORIGINS, 1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise UsageError(f"--origin {name} is not an origin.", f"{hint}Known: {', '.join(ORIGINS)}")
    return ORIGINS[name]


def _row(rise: planning.Rise, date: str) -> tuple[str, ...]:
    days = units.format_ratio(rise.at_ms, limits.DAY_MS, 0 if rise.at_ms % limits.DAY_MS == 0 else 1)
    rate, given = units.format_ratio(rise.ng_per_day, 1000, 1), units.format_ratio(rise.before_ng, 1000, 0)
    return str(rise.step), days, date, rate, units.format_permille(rise.change_permille), given, _mark(rise.soft)


def _mark(soft: int) -> str:
    return "**" if soft & limits.SOFT_RAISE_HIGH else "*" if soft else ""


def _summary(plan: planning.Titration) -> str:
    count = len(plan.rises)
    day = units.format_ratio(plan.rises[-1].at_ms, limits.DAY_MS, 1).removesuffix(".0")
    text = (
        f"Rule: R2, +{plan.percent} % at most per {units.format_ms(plan.hold_ms)} "
        f"(reported: {plan.allowed_percent} % in 24 h for this origin). {count} step{'s' if count > 1 else ''}, "
        f"there on day {day}. Drug {units.format_ratio(plan.total_ng, 1_000_000, 1)} mg."
    )
    for mark in ("*", "**"):
        crossed = sorted({rise.soft for rise in plan.rises if _mark(rise.soft) == mark})
        if crossed:
            text += f"\n{mark} soft limit, each needs a reason: {'; '.join(words.soft(crossed[-1]))}."
    return text
