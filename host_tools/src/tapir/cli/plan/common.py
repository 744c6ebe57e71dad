"""What the plans share: options, tables, dates, the picture, and the sentence that this is no advice."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from ... import plots
from ...errors import UsageError
from ...wire import limits
from ..common import Job

ADVICE = "Bench and research model: not medical advice."

PlotOption = Annotated[Path | None, typer.Option("--plot", metavar="FILE", help="A picture too: plan.png or plan.svg.")]
StartOption = Annotated[str | None, typer.Option("--start", metavar="DATE", help="Day 0, 2026-12-01; today if nothing is said.")]
LibraryOption = Annotated[str, typer.Option("--library", metavar="NAME", help="Drug library.")]


def day(text: str | None) -> date:
    """The day 0 of a plan."""
    if text is None:
        return date.today()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--start {text} is not a day.", "Accepted: 2026-12-01") from error


def after(first: date, ms: int) -> date:
    """The calendar day that lies `ms` after the beginning of `first`; what lasts until then lasts at least until then."""
    return first + timedelta(days=ms // limits.DAY_MS)


def moment(ms: int) -> datetime:
    """That long from now."""
    return datetime.now() + timedelta(milliseconds=ms)


def midnight(first: date) -> datetime:
    """The beginning of a day."""
    return datetime.combine(first, time())


def table(run: Job, titles: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[str] = ()) -> None:
    """Right-aligned columns, those in `left` to the left."""
    if run.json:
        return
    made = Table(box=None, pad_edge=False, show_edge=False)
    for title in titles:
        made.add_column(title, justify="left" if title in left else "right", no_wrap=title not in left)
    for row in rows:
        made.add_row(*row)
    run.out.print(made, soft_wrap=not left, markup=False)


def finish(run: Job, plot: Path | None, draw: Callable[[], Any]) -> None:
    """The picture, if one is wanted, and what a plan is not."""
    if plot is not None:
        plots.save(draw(), plot)
        run.say(f"Picture: {plot}")
    run.say(ADVICE, "dim")
