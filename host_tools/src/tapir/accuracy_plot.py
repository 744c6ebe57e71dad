"""Pictures of accuracy: the start-up curve over the trumpet, and boluses one by one. Style, checks and saving are plots.py's.

The grey band is the envelope of all runs, its edges with markers; the ideal plant is dashed, what an ideal pump of steps may be off
dotted. Axes have units; everything is readable in black and white. Used by cli/accuracy.py.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from . import accuracy, plots
from .accuracy import HOUR_MS, MIN_MS, REFERENCES, Boluses, Envelope, Family, Record, Result


def trumpet(
    family: Family,
    records: Sequence[Record],
    found: Envelope,
    label: str,
    ideal: tuple[Record, Result] | None = None,
    bounds: Sequence[Fraction] = (),
) -> plots.Figure:
    """Two panels: flow against time, error against the window's length. `records` are those of the envelope, called `label`."""
    figure = plots.new(height=7.2)
    upper, lower = figure.subplots(2, 1, height_ratios=(2, 3))
    flow = accuracy.flow_text(records[0].nl_per_day)
    upper.set_title(f"{family.described}, {flow} (method of IEC 60601-2-24)", fontsize=10, loc="left")
    _start_up(upper, family, records, label, ideal[0] if ideal else None)
    _trumpet(lower, family, found, label, ideal[1] if ideal else None, bounds)
    return figure


def _start_up(axes: plots.Axes, family: Family, records: Sequence[Record], label: str, ideal: Record | None) -> None:
    import numpy as np

    unit_ms, unit = (MIN_MS, "min") if family.sample_ms < MIN_MS else (HOUR_MS, "h")
    shown = min(max(family.settle_ms // 3, HOUR_MS), family.total_ms) // family.sample_ms
    flows = [_steps(record, shown) for record in records]
    times = np.arange(len(flows[0])) * family.sample_ms / unit_ms  # the end of each interval, after a zero
    least, most = np.min(flows, axis=0), np.max(flows, axis=0)
    axes.fill_between(times, least, most, step="pre", color="0.82", linewidth=0, label=label)
    for edge in (least, most):
        axes.step(times, edge, where="pre", color="0.6", linewidth=0.7)
    one = _steps(ideal, shown) if ideal else flows[0]
    axes.step(times, one, where="pre", color="black", linewidth=1.1, label="ideal plant" if ideal else records[0].name)
    axes.axhline(records[0].nl_per_day / 24_000, color="black", linestyle="--", linewidth=0.8, label="set flow")
    plots.tidy(axes, "flow Q (uL/h)", f"time since the flow began ({unit})")
    axes.set_xlim(0, times[-1])
    axes.legend(frameon=False, fontsize=8, loc="lower right", ncols=3)


def _steps(record: Record, shown: int) -> list[float]:
    """The flow of each interval, the first one twice: it is drawn up to its end."""
    flows = accuracy.flows_ul_per_h(record)[:shown]
    return flows[:1] + flows


def _trumpet(axes: plots.Axes, family: Family, found: Envelope, label: str, ideal: Result | None, bounds: Sequence[Fraction]) -> None:
    minutes = [window.ms / MIN_MS for window in found.windows]
    high, low = [float(w.highest) for w in found.windows], [float(w.lowest) for w in found.windows]
    axes.fill_between(minutes, low, high, color="0.85", linewidth=0, label=f"envelope of {label}")
    axes.plot(minutes, high, color="black", marker="v", linewidth=1.2, label="E_P(max), E_P(min) of the envelope")
    axes.plot(minutes, low, color="black", marker="^", linewidth=1.2)
    if ideal:
        style: dict[str, Any] = {"color": "black", "linestyle": "--", "linewidth": 1}
        axes.plot(minutes, [float(w.highest) for w in ideal.windows], **style, label="ideal plant")
        axes.plot(minutes, [float(w.lowest) for w in ideal.windows], **style)
    if bounds:
        for sign in (1, -1):
            text = "a step more or less: ±100 v / (r P)" if sign > 0 else None
            axes.plot(minutes, [sign * float(b) for b in bounds], color="black", linestyle=":", linewidth=1.3, label=text)
    axes.axhline(0, color="0.6", linewidth=0.6)
    _beside(axes, family, found, minutes)
    axes.set_ylabel("error of the flow (%)")
    axes.set_xlabel("length P of the observation window (min)")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8, loc="upper right", bbox_to_anchor=(0.8, 1))


def _beside(axes: plots.Axes, family: Family, found: Envelope, minutes: list[float]) -> None:
    """Right of the longest window: the mean error over the whole period, and what is reported of other pumps."""
    axes.set_xscale("log")
    reach = max(abs(float(e)) for w in found.windows for e in (w.highest, w.lowest))
    others = [(name, low, high) for of, name, (low, high) in REFERENCES if of == family.name and max(abs(low), abs(high)) <= 1.2 * reach]
    axes.set_xlim(minutes[0] * 0.9, minutes[-1] * (minutes[-1] / minutes[0]) ** (0.42 if others else 0.2))
    axes.minorticks_off()
    axes.set_xticks(minutes, [f"{m:g}" for m in minutes])
    gap = (minutes[-1] / minutes[0]) ** 0.07
    high, low = (float(value) for value in found.mean)
    axes.plot([minutes[-1] * gap] * 2, [low, high], color="black", linewidth=3, marker="_", solid_capstyle="butt")
    axes.annotate("mean\nerror A", (minutes[-1] * gap, high), xytext=(0, 4), textcoords="offset points", ha="center", fontsize=7)
    at = minutes[-1] * gap**2
    for i, (name, low, high) in enumerate(others):
        axes.plot([at] * 2, [low, high], color="0.35", marker="_", linewidth=1)
        span = f"{low:+g} %" if low == high else f"{low:+g} .. {high:+g} %"
        above = {"va": "bottom", "xytext": (5, 0)} if not i else {"va": "top", "xytext": (5, -1)}
        axes.annotate(f"{name}\n{span} (as reported)", (at, high), textcoords="offset points", fontsize=6.5, color="0.2", **above)


def boluses(rows: Sequence[tuple[Sequence[Boluses], Boluses | None, Fraction | None]], label: str) -> plots.Figure:
    """A panel a setting: (runs, the ideal plant's, a step's bound in per cent)."""
    figure = plots.new(height=2.6 + 2.3 * (len(rows) - 1) + 0.6)
    panels = figure.subplots(len(rows), 1, squeeze=False)[:, 0]
    for axes, (runs, ideal, bound) in zip(panels, rows, strict=True):
        each = [[100 * (float(pl) / (run.set_nl * 1000) - 1) for pl in run.pl] for run in runs]
        numbers = range(1, len(each[0]) + 1)
        for i, errors in enumerate(each):
            axes.plot(numbers, errors, color="0.45", marker="o", markersize=3, linestyle="none", label=label if not i else None)
        if ideal:
            errors = [100 * (float(pl) / (ideal.set_nl * 1000) - 1) for pl in ideal.pl]
            axes.plot(numbers, errors, color="black", linewidth=1.2, label="ideal plant")
        if bound is not None:
            for sign in (1, -1):
                text = "a step more or less: ±100 v / V" if sign > 0 else None
                axes.axhline(sign * float(bound), color="black", linestyle=":", linewidth=1.2, label=text)
        axes.axhline(0, color="0.6", linewidth=0.6)
        axes.set_title(f"{len(each[0])} successive boluses of {accuracy.volume_text(runs[0].set_nl)}", fontsize=10, loc="left")
        axes.set_ylabel("error of the bolus (%)")
        axes.spines[["top", "right"]].set_visible(False)
        axes.margins(y=0.25)
    panels[-1].set_xlabel("bolus")
    panels[0].legend(frameon=False, fontsize=8, loc="upper right", ncols=3)
    return figure
