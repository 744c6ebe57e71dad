"""Pictures of the plans: axes with units, readable in black and white. PNG or SVG by the file's name. Needs matplotlib (extra `plot`).

Each function draws one plan onto a new Figure; `save` writes it. No global state of pyplot is touched. Used by cli/plan/ and report/.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import level
from .errors import UsageError
from .plan import Plan
from .plans.bridge import Bridge
from .plans.candidate import MARKS, Point
from .plans.oral import MG, MOST_NG_PER_DAY, PER_KG_NG_PER_DAY, Oral
from .plans.refill import Refill
from .plans.titration import Titration
from .wire import limits, units
from .words import NOT_A_DEVICE

Figure = Any  # matplotlib's, which is not there without the extra
Axes = Any

SUFFIXES = (".png", ".svg")
_DAY = limits.DAY_MS


def check(path: Path) -> None:
    """Before any work: can a picture be written there? Raises UsageError."""
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"--plot {path}: a picture is a .png or an .svg.", "Accepted: plan.png, plan.svg")
    if not path.parent.is_dir():
        raise UsageError(f"--plot {path}: there is no folder {path.parent}.")
    try:
        import matplotlib  # noqa: F401  # only whether it is there
    except ImportError as error:
        raise UsageError("Pictures need matplotlib, which is not installed.", 'pip install "tapir-pump[plot]"') from error


def new(width: float = 8.5, height: float = 4.6) -> Figure:
    """An empty figure."""
    from matplotlib.figure import Figure as Made

    figure = Made(figsize=(width, height), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0.035, 1, 0.965))  # type: ignore[union-attr, call-arg]  # room for the line that `save` adds
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write it, with what this is not in the corner. Raises UsageError if the file cannot be written."""
    figure.text(0.995, 0.002, NOT_A_DEVICE, ha="right", va="bottom", fontsize=6, color="0.35")
    try:
        import matplotlib

        with matplotlib.rc_context({"svg.hashsalt": "tapir", "svg.fonttype": "path"}):
            figure.savefig(path, dpi=130, metadata={"Date": None} if path.suffix.lower() == ".svg" else None)
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}).") from error


def tidy(axes: Axes, left: str, below: str = "") -> None:
    """Names of the axes, no frame on top and right, from zero up."""
    axes.set_ylabel(left)
    if below:
        axes.set_xlabel(below)
    top = axes.dataLim.ymax
    axes.set_ylim(0, 1.06 * top if 0 < top < float("inf") else 1)  # nothing drawn: no data, no limits
    axes.spines[["top", "right"]].set_visible(False)


def draw_level(
    axes: Axes,
    flows: Sequence[level.Flow],
    start_ms: int,
    end_ms: int,
    first_ng_per_day: int = 0,
    half_lives_ms: Sequence[int] = level.HALF_LIVES_MS,
    zero_ms: int | None = None,
) -> None:
    """The level over days since `zero_ms` (else `start_ms`): a band of the half-lives, the middle one as a line.

    Reckoned from `start_ms` on, settled at `first_ng_per_day` then.
    """
    import numpy as np

    times = level.grid(start_ms, end_ms, [at for flow in flows for at in (flow.start_ms, flow.end_ms)])
    curves = [level.curve(flows, times, half, level.steady_mcg(first_ng_per_day, half)) for half in half_lives_ms]
    names = [f"{units.format_ratio(half, limits.HOUR_MS, 1)} h" for half in half_lives_ms]
    days, middle = (times - (start_ms if zero_ms is None else zero_ms)) / _DAY, len(curves) // 2
    if len(curves) > 1:
        label = f"half-life {names[0]} to {names[-1]}"
        axes.fill_between(days, np.min(curves, axis=0), np.max(curves, axis=0), color="0.82", linewidth=0, label=label)
    axes.plot(days, curves[middle], color="black", linewidth=1.2, linestyle="--", label=f"half-life {names[middle]}")
    tidy(axes, "drug in the CSF\n(mcg, model)")
    axes.legend(loc="best", frameon=False, fontsize=8)


def _over_level(changes: list[tuple[int, int]], total_ms: int, first_ng_per_day: int, title: str) -> tuple[Figure, Axes]:
    figure = new(height=5.6)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    days = [at / _DAY for at, _ in changes] + [total_ms / _DAY]
    rates = [rate / 1000 for _, rate in changes]
    upper.step(days, rates + rates[-1:], where="post", color="black", linewidth=1.6)
    tidy(upper, "D (mcg/day)")
    upper.set_title(title, fontsize=10, loc="left")
    draw_level(lower, level.steps(changes, total_ms), 0, total_ms, first_ng_per_day)
    lower.set_xlabel("days")
    lower.set_xlim(0, total_ms / _DAY)
    return figure, upper


def taper(plan: Plan, refill_day: int | None = None) -> Figure:
    """The steps over the level; drug that is in the compartment at first is that of the rate before."""
    rungs = plan.rungs
    changes = [(rung.day * _DAY, rung.ng_per_day) for rung in rungs]
    total = plan.total_ms
    if plan.discontinues:
        changes, total = [*changes, (plan.total_ms, 0)], plan.total_ms + _DAY
    end = "then ENDED" if plan.discontinues else "then held"
    title = f"Taper from {units.format_ng_per_day(plan.start_ng_per_day)}, {plan.percent} % per {plan.hold_ms // limits.HOUR_MS} h, {end}"
    figure, axes = _over_level(changes, total, plan.start_ng_per_day, title)
    axes.plot([0, 0], [plan.start_ng_per_day / 1000, rungs[0].ng_per_day / 1000], color="black", linewidth=1.6)
    axes.plot(0, plan.start_ng_per_day / 1000, marker="o", color="black", label="before", linestyle="none", clip_on=False)
    tidy(axes, "D (mcg/day)")
    if refill_day is not None:
        axes.axvline(refill_day, color="black", linestyle=":", label="refill by")
    axes.legend(frameon=False, fontsize=8)
    return figure


def titration(plan: Titration) -> Figure:
    """The steps over the level; soft limits marked."""
    target = units.format_ng_per_day(plan.rises[-1].ng_per_day)
    title = f"Titration of a therapy that begins on day 0, to {target}, +{plan.percent} % per {units.format_ms(plan.hold_ms)}"
    figure, axes = _over_level(plan.changes(), plan.total_ms, 0, title)
    for bit, marker, name in ((limits.SOFT_BASAL_HIGH, "o", "above the soft limit"), (limits.SOFT_RAISE_HIGH, "^", "by more than 20 %")):
        soft = [rise for rise in plan.rises if rise.soft & bit and not (rise.soft & ~bit and marker == "o")]
        if soft:
            marks = {"marker": marker, "color": "black", "linestyle": "none", "label": f"{name}: a reason is asked for"}
            axes.plot([rise.at_ms / _DAY for rise in soft], [rise.ng_per_day / 1000 for rise in soft], **marks)
    if any(rise.soft for rise in plan.rises):
        axes.legend(frameon=False, fontsize=8, loc="upper left")
    return figure


def bridge(plan: Bridge) -> Figure:
    """The flow over the drug that arrives at the tip, with and without the bridge."""
    figure = new(height=5.2)
    upper, lower = figure.subplots(2, 1, sharex=True)
    early = plan.dead_nl * plan.new_ng_per_ml * _DAY // (plan.ng_per_day * 1_000_000)  # the new drug's time in the line at its own flow
    span = max(2 * plan.bridge_ms, min(6 * plan.bridge_ms, early * 5 // 4))
    ends, hours = (0, plan.bridge_ms, span), limits.HOUR_MS
    flows = [plan.ng_per_day * 1000 / conc / 24 for conc in (plan.old_ng_per_ml, plan.new_ng_per_ml)]
    x = [at / hours for at in (-span // 8, *ends[1:])]
    upper.step(x, [flows[0], flows[1], flows[1]], where="post", color="black", linewidth=1.6)
    upper.axvspan(0, plan.bridge_ms / hours, color="0.88", label="bridge: old drug at the tip, no bolus")
    tidy(upper, "flow (uL/h)")
    upper.legend(frameon=False, fontsize=8)
    names = [units.format_ng_per_ml(conc) for conc in (plan.old_ng_per_ml, plan.new_ng_per_ml)]
    upper.set_title(f"From {names[0]} to {names[1]} at {units.format_ng_per_day(plan.ng_per_day)}", fontsize=10, loc="left")
    lower.plot([x[0], x[2]], [plan.ng_per_day / 1000] * 2, color="black", linewidth=1.6, label="with the bridge")
    wrong = [plan.ng_per_day / 1000, plan.wrong_ng_per_day / 1000, plan.ng_per_day / 1000, plan.ng_per_day / 1000]
    marks = [x[0], 0, early / hours, (early + span) / hours]
    lower.step(marks, wrong, where="post", color="black", linestyle=":", label="without it: the flow changed at once")
    lower.set_xlim(x[0], span / hours)
    tidy(lower, "drug at the tip (mcg/day)", "hours since the new concentration was in the syringe")
    lower.legend(frameon=False, fontsize=8)
    return figure


def refill(plan: Refill) -> Figure:
    """The reservoir's volume, expected and at worst, down to empty."""
    figure = new(height=4.2)
    axes = figure.subplots()
    for use, style, name in ((plan.expected, "-", "expected: basal alone"), (plan.worst, "--", "worst case: all boluses used")):
        days = [0, use.empty_ms / _DAY]
        axes.plot(days, [plan.reservoir_nl / 1e6, 0], style, color="black", linewidth=1.5, label=name)
        axes.plot(use.low_ms / _DAY, min(plan.low_nl, plan.reservoir_nl) / 1e6, marker="o", color="black")
    axes.axhline(plan.low_nl / 1e6, color="0.45", linestyle=":", label=f"low: {units.format_nl(plan.low_nl, 3)}")
    axes.set_xlim(left=0)
    axes.set_title("Reservoir until low and empty", fontsize=10, loc="left")
    tidy(axes, "volume (mL)", "days from now")
    axes.legend(frameon=False, fontsize=8)
    return figure


def oral(plan: Oral) -> Figure:
    """Dose by week, with 2 mg/kg and 80 mg/day."""
    figure = new(height=4.2)
    axes = figure.subplots()
    for week in plan.weeks:
        bottom = 0.0
        for dose in week.doses_ng:  # each part of the day a block
            axes.bar(
                week.week,
                dose / MG,
                bottom=bottom,
                width=0.75,
                facecolor="0.85",
                edgecolor="black",
                linewidth=0.7,
                hatch="//" if week.exceptional else "",
            )
            bottom += dose / MG
    axes.axhline(PER_KG_NG_PER_DAY * plan.weight_g / 1000 / MG, color="black", linestyle="--", linewidth=1, label="2 mg/kg/day")
    axes.axhline(MOST_NG_PER_DAY / MG, color="black", linestyle=":", linewidth=1, label="80 mg/day: 20 mg four times")
    axes.set_xticks([week.week for week in plan.weeks])
    axes.set_title("Oral schedule, a block a dose" + (", hatched: EXCEPTIONAL" if plan.exceptional else ""), fontsize=10, loc="left")
    tidy(axes, "dose (mg/day)", "week")
    axes.set_ylim(top=1.25 * axes.get_ylim()[1])
    axes.legend(frameon=False, fontsize=8, loc="upper left")
    return figure


def candidate(points: Sequence[Point]) -> Figure:
    """The checklist as a picture: filled met, crossed not met, empty open."""
    import textwrap

    figure = new(height=3.2)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(-len(points), 0.9)
    axes.set_title("Intrathecal baclofen: the article's checklist. It decides nothing.", fontsize=10, loc="left")
    marks = {True: ("s", "black"), False: ("X", "black"), None: ("s", "white")}
    for row, point in enumerate(points):
        marker, fill = marks[point.met]
        axes.plot(0.012, -row, marker=marker, markerfacecolor=fill, markeredgecolor="black", markersize=9, clip_on=False)
        axes.text(0.04, -row, f"{MARKS(point.met):5}", va="center", fontsize=9, weight="bold")
        axes.text(0.1, -row, f"{point.name}\n{point.given or '-'}", va="center", fontsize=8.5)
        axes.text(0.4, -row, "\n".join(textwrap.wrap(point.reason, 70)), va="center", fontsize=8.5)
    return figure
