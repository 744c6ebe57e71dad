"""`tapir plan taper`: the steps of a taper with dates, without a pump."""

from datetime import date
from typing import Annotated

import typer

from ... import plan as planning
from ... import plots, words
from ...errors import UsageError
from ...wire import limits, names, units
from ..common import JsonOption, job, quantity
from ..taper import PresetOption, preset_number, rule_text
from .common import ADVICE, LibraryOption, PlotOption, StartOption, day, finish, table


def taper(
    ctx: typer.Context,
    start: Annotated[str, typer.Option("--from", metavar="RATE", help='The rate that runs, "100 mcg/day".', show_default=False)],
    to: Annotated[str | None, typer.Option("--to", metavar="RATE", help='Where it leads, "50 mcg/day"; left out: to the end.')] = None,
    preset: PresetOption = "label",
    concentration: Annotated[str | None, typer.Option("--concentration", metavar="CONC", help='"500 mcg/mL": adds the volume.')] = None,
    reservoir: Annotated[str | None, typer.Option("--reservoir", metavar="VOLUME", help='"3 mL": says whether it lasts.')] = None,
    first: StartOption = None,
    library: LibraryOption = "baclofen-itb",
    plot: PlotOption = None,
    as_json: JsonOption = False,
) -> None:
    """The steps of a taper: tapir plan taper --from "300 mcg/day" --to "50 mcg/day"

    The same arithmetic as in the pump. Drug and volume are those of the basal rate, up to the end of the last step.
    """
    with job(ctx, None, None, as_json) as run:
        if plot is not None:
            plots.check(plot)
        from_rate = quantity("--from", start, units.NG_PER_DAY)
        to_rate = quantity("--to", to, units.NG_PER_DAY) if to else 0
        conc = quantity("--concentration", concentration, units.NG_PER_ML) if concentration else None
        volume = quantity("--reservoir", reservoir, units.NL) if reservoir else None
        if volume is not None and conc is None:
            raise UsageError("--reservoir needs --concentration to say how much drug it holds.")
        number = preset_number(preset)
        steps = planning.taper(from_rate, to_rate, number, library)
        dates = steps.dates(day(first))
        refill = steps.refill_day(conc, volume) if conc and volume is not None else None
        run.emit(_json(steps, dates, number, conc, refill, volume is not None))
        table(
            run, ("step", "day", "date", "mcg/day", "change", "mcg so far"), [_row(*pair) for pair in zip(steps.rungs, dates, strict=True)]
        )
        run.say(f"{rule_text(steps, number, library)} {_summary(steps, conc, volume, refill)}")
        row = limits.drug(library)
        if row and _steep(row, steps):
            run.say(f"* soft limit, needs a clinician's reason: {'; '.join(words.soft(limits.SOFT_STEEP_TAPER))}.", "yellow")
        finish(run, plot, lambda: plots.taper(steps, refill))


def _row(rung: planning.Rung, when: date) -> tuple[str, ...]:
    rate, given = units.format_ratio(rung.ng_per_day, 1000, 1), units.format_ratio(rung.before_ng, 1000, 0)
    return str(rung.step), str(rung.day), when.isoformat(), rate, units.format_permille(rung.change_permille), given


def _steep(row: "limits.Drug", steps: planning.Plan) -> bool:
    """Whether R3 itself would not allow so steep a way down."""
    return bool(steps.percent > row[limits.LOWER_PERCENT] or steps.hold_ms < row[limits.LOWER_WINDOW_MS])


def _summary(steps: planning.Plan, conc: int | None, volume: int | None, refill: int | None) -> str:
    last = units.format_ng_per_day(steps.rungs[-1].ng_per_day)
    end = "then ENDED" if steps.discontinues else f"then held at {last}"
    count = len(steps.rungs)
    days, drug = steps.total_ms // limits.DAY_MS, units.format_ratio(steps.total_ng, 1000000, 1)
    text = f"{count} step{'s' if count > 1 else ''}, {days} days, {end}. Drug {drug} mg"
    if conc is None:
        return text + "."
    text += f", {units.format_nl(steps.volume_nl(conc), 1)}"
    if volume is None:
        return text + "."
    return text + (": no refill needed." if refill is None else f": refill by day {refill}.")


def _json(steps: planning.Plan, dates: list[date], preset: int, conc: int | None, refill: int | None, asked: bool) -> dict[str, object]:
    rungs = [
        {
            "step": r.step,
            "day": r.day,
            "date": d.isoformat(),
            "ng_per_day": r.ng_per_day,
            "change_permille": r.change_permille,
            "before_ng": r.before_ng,
        }
        for r, d in zip(steps.rungs, dates, strict=True)
    ]
    return {
        "from_ng_per_day": steps.start_ng_per_day,
        "preset": words.name_of(names.TAPERS, preset),
        "percent": steps.percent,
        "hold_ms": steps.hold_ms,
        "ends": steps.discontinues,
        "total_ng": steps.total_ng,
        "total_ms": steps.total_ms,
        "volume_nl": steps.volume_nl(conc) if conc else None,
        "refill_day": refill,
        "refill_known": asked,
        "rungs": rungs,
        "statement": ADVICE,
    }
