"""The picture of the demo: delivered against prescribed drug with what happened, and the taper over the drug's level. Readable in grey."""

from dataclasses import dataclass
from pathlib import Path

HALF_LIFE_H = 4.5  # of baclofen in the CSF, as the seed article reports it; one compartment


@dataclass(frozen=True)
class Point:
    """One sample: days since the start, mcg so far, mcg/day flowing, mcg delivered since the last sample."""

    day: float
    prescribed_mcg: float
    delivered_mcg: float
    rate_mcg_per_day: float


def level(points: list[Point]) -> list[float]:
    """Drug in the compartment (mcg): what came in since the last sample, and exponential decay."""
    import math

    amounts, amount = [0.0], 0.0
    for before, point in zip(points, points[1:], strict=False):
        hours = (point.day - before.day) * 24
        k = math.log(2) / HALF_LIFE_H
        flow = (point.delivered_mcg - before.delivered_mcg) / hours if hours else 0.0
        amount = amount * math.exp(-k * hours) + flow / k * (1 - math.exp(-k * hours))
        amounts.append(amount)
    return amounts


def draw(points: list[Point], marks: list[tuple[float, str]], path: Path) -> None:
    """Write the PNG. marks: (day, what happened): bolus, refused, power cut."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    styles = {"bolus": "^", "refused": "x", "power cut": "D"}
    days = [p.day for p in points]
    figure, (upper, lower) = plt.subplots(2, 1, figsize=(9, 7), sharex=True, height_ratios=(3, 2), layout="constrained")
    upper.plot(days, [p.prescribed_mcg for p in points], color="0.6", linewidth=5, label="prescribed")
    upper.plot(days, [p.delivered_mcg for p in points], color="black", linewidth=1.2, label="delivered (the plant's truth)")
    for what, marker in styles.items():
        at = [day for day, kind in marks if kind == what]
        near = [min(points, key=lambda p, day=day: abs(p.day - day)).delivered_mcg for day in at]  # type: ignore[misc]
        upper.scatter(at, near, marker=marker, s=60, color="black", zorder=3, label=what)
    upper.set_ylabel("drug in this therapy (mcg)")
    upper.legend(loc="upper left", frameon=False)
    upper.set_title("Tapir demo: basal, a bolus, a schedule, refusals, a taper to its end, two power cuts")
    lower.step(days, [p.rate_mcg_per_day for p in points], where="post", color="black", linewidth=1.2, label="basal (mcg/day)")
    lower.set_ylabel("basal (mcg/day)")
    lower.set_xlabel("days since the start of the therapy (simulated)")
    lower.set_ylim(bottom=0)
    right = lower.twinx()
    right.fill_between(days, level(points), color="0.8", label=f"drug in the CSF, half-life {HALF_LIFE_H} h")
    right.set_ylabel("drug in the CSF (mcg, model)")
    right.set_ylim(bottom=0)
    right.set_zorder(lower.get_zorder() - 1)
    lower.patch.set_visible(False)
    lines, names = lower.get_legend_handles_labels()
    more, more_names = right.get_legend_handles_labels()
    lower.legend(lines + more, names + more_names, loc="upper right", frameon=False)
    for axis in (upper, lower):
        axis.spines[["top"]].set_visible(False)
    figure.savefig(path, dpi=120)
    plt.close(figure)
