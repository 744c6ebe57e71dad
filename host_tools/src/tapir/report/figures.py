"""The report's two pictures, for a period of a Story: delivered against prescribed, and D over the level. Readable in black and white.

As bytes, SVG for the page and PNG for the PDF. Needs matplotlib (extra `report`). Called by html.py and pdf.py.
"""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from .. import plots
from ..notes import ASHWORTH, Note
from ..wire import events as codes
from ..wire import limits
from .story import Moment, Story

Figure = Any
_DAY = limits.DAY_MS

# event: marker, name; what is worth a mark on the curve
_MARKS = {
    codes.BOLUS_STARTED: ("^", "bolus"),
    codes.BOLUS_DENIED: ("v", "bolus denied"),
    codes.REFUSED: ("x", "refused"),
    codes.ALARM: ("s", "alarm"),
    codes.POWER_ON: ("D", "power cut"),
    codes.SUSPENDED: ("*", "suspended"),
}


def png(figure: Figure) -> bytes:
    """A picture for the PDF."""
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=170)
    return out.getvalue()


def svg(figure: Figure) -> bytes:
    """A picture for the page; the same data gives the same bytes."""
    import matplotlib

    out = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "tapir", "svg.fonttype": "path"}):
        figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()


def delivered(story: Story, start_ms: int, end_ms: int) -> Figure:
    """Cumulative drug since the period's beginning, or since the therapy's if that is later."""
    figure = plots.new(8.6, 4.2)
    axes = figure.subplots()
    since = _since(story, start_ms)
    drug = [d for d in story.drug if since <= d.at_ms <= end_ms]
    edges = sorted(
        {since, end_ms, *(s.start_ms for s in story.stretches), *(b.start.at_ms + t for b in story.boluses for t in (0, b.ran_ms))}
    )
    times = [at for at in edges if since <= at <= end_ms]
    axes.plot(
        [_days(at, since) for at in times],
        [story.prescribed_ng(since, at) / 1000 for at in times],
        color="0.65",
        linewidth=5,
        label="prescribed",
    )
    base = story.delivered(since)
    if drug and base:
        x = [_days(d.at_ms, since) for d in drug]
        known, most = (
            [(value - first) / 1000 for value in values]
            for values, first in ((_col(drug, "known_ng"), base.known_ng), (_col(drug, "most_ng"), base.most_ng))
        )
        axes.fill_between(x, known, most, color="0.3", linewidth=0)
        axes.plot(x, known, color="black", linewidth=1.2, label="delivered, known to at most")
    for code, (marker, name) in _MARKS.items():
        at = [m.at_ms for m in story.moments if m.event.event == code and since <= m.at_ms <= end_ms]
        if at:
            y = [story.prescribed_ng(since, t) / 1000 for t in at]
            face = "white" if marker in "sD" else "black"
            axes.scatter(
                [_days(t, since) for t in at],
                y,
                marker=marker,
                s=42,
                facecolor=face if marker != "x" else "black",
                edgecolor="black" if marker != "x" else None,
                zorder=3,
                label=name,
            )
    plots.tidy(axes, "drug (mcg)", f"days since {date(since)}")
    axes.set_xlim(left=0)
    axes.legend(frameon=False, fontsize=8, loc="upper left")
    return figure


def levels(story: Story, start_ms: int, end_ms: int, half_lives_ms: tuple[int, ...]) -> Figure:
    """D as steps over the modelled level; the level begins where the records do, empty or settled at the D before them."""
    figure = plots.new(8.6, 5.0)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(1, 1))
    for name, style, width in (
        ("ng_per_day", {"color": "0.65", "label": "D programmed"}, 4.0),
        ("flow_ng_per_day", {"color": "black", "label": "basal that ran"}, 1.2),
    ):
        x, y = _steps(story, name, start_ms, end_ms)
        upper.plot([_days(at, start_ms) for at in x], [rate / 1000 for rate in y], linewidth=width, **style)
    plots.tidy(upper, "D (mcg/day)")
    upper.legend(frameon=False, fontsize=8, loc="best")
    first = story.stretches[0].ng_per_day if story.stretches and not story.chain.from_start else 0
    _level(lower, story, start_ms, end_ms, first, half_lives_ms)
    lower.set_xlabel(f"days since {date(start_ms)}")
    lower.set_xlim(0, max(_days(end_ms, start_ms), 1 / 24))
    return figure


def ashworth(story: Story, seen: Sequence[Note]) -> Figure:
    """Score against the D of its time, in the order of the notes. The scale is an order: its steps are not equal."""
    figure = plots.new(8.6, 3.6)
    axes = figure.subplots()
    points = [(story.programmed(n.at_ms) / 1000, n.rank, n.at[5:10]) for n in seen if n.rank is not None]
    axes.plot(
        [p[0] for p in points], [p[1] for p in points], color="0.6", linewidth=0.8, linestyle=":", marker="o", markerfacecolor="black"
    )
    for dose, rank, day in points:
        axes.annotate(day, (dose, rank), textcoords="offset points", xytext=(5, 5), fontsize=7)
    plots.tidy(axes, "Modified Ashworth Scale", "D at that time (mcg/day)")
    axes.set_yticks(range(len(ASHWORTH)), ASHWORTH)
    axes.set_ylim(-0.4, len(ASHWORTH) - 0.4)
    axes.margins(x=0.1)
    return figure


def _level(axes: Any, story: Story, start_ms: int, end_ms: int, first: int, half_lives_ms: tuple[int, ...]) -> None:
    """From the records' beginning, shown from the period's."""
    plots.draw_level(axes, story.flows(), min(start_ms, story.start_ms), end_ms, first, half_lives_ms, zero_ms=start_ms)


def _steps(story: Story, name: str, start_ms: int, end_ms: int) -> tuple[list[int], list[int]]:
    x, y = [], []
    for each in story.stretches:
        if each.end_ms > start_ms and each.start_ms < end_ms:
            x += [max(start_ms, each.start_ms), min(end_ms, each.end_ms)]
            y += [getattr(each, name)] * 2
    return x, y


def _since(story: Story, start_ms: int) -> int:
    starts = [m.at_ms for m in story.moments if m.event.seq == story.therapy_from]
    return max([start_ms, *starts])


def _col(rows: list[Any], name: str) -> list[int]:
    return [getattr(row, name) for row in rows]


def _days(at_ms: int, since_ms: int) -> float:
    return (at_ms - since_ms) / _DAY


def date(at_ms: int) -> str:
    """2026-11-09 01:42"""
    return datetime.fromtimestamp(at_ms / 1000).strftime("%Y-%m-%d %H:%M")


def label(moment: Moment) -> str:
    """Date and minute, "?" where a power-off of unknown length lies in between."""
    return date(moment.at_ms) + ("" if moment.certain else "?")
