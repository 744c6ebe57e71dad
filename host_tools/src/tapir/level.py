"""The drug in the cerebrospinal fluid against time: one compartment, first-order loss. A model for pictures, never for a limit.

What flows in at a constant rate r from a to b and is lost with k = ln 2 / half-life leaves at time t
    r / k * (exp(-k * max(0, t - b)) - exp(-k * max(0, t - a)));
a schedule is the sum over its pieces. Amounts in mcg (drug in the compartment, no volume is assumed), times in ms, rates in
ng/day, doses in ng; floats, because nothing here steers a pump. Three half-lives are drawn as a band: 4.5 h is reported for
baclofen, 1.5 and 5 h are the range that the literature leaves. Needs numpy (extra `plot`). Used by plots.py and report/.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from .library_words import WORDS
from .wire import limits


def half_lives_ms(library: str) -> tuple[int, ...]:
    """The half-lives to draw for a drug of the library, shortest first; those of the model drug if it is not known here."""
    _, _, _, minutes = WORDS.get(library) or WORDS["baclofen-itb"]
    return tuple(sorted(each * 60_000 for each in minutes))


HALF_LIVES_MS = half_lives_ms("baclofen-itb")

Array = Any  # numpy's, which is not there without the extra


@dataclass(frozen=True)
class Flow:
    """`ng_per_day` from `start_ms` up to `end_ms`."""

    start_ms: int
    end_ms: int
    ng_per_day: float


def bolus(start_ms: int, duration_ms: int, dose_ng: int) -> Flow:
    """A bolus as a flow: the dose spread evenly over its duration."""
    return Flow(start_ms, start_ms + duration_ms, dose_ng * limits.DAY_MS / duration_ms)


def steps(changes: Sequence[tuple[int, int]], end_ms: int) -> list[Flow]:
    """Flows from (ms, ng/day from then on), in order of time; the last one runs to `end_ms`."""
    ends = [at for at, _ in changes[1:]] + [end_ms]
    return [Flow(at, end, rate) for (at, rate), end in zip(changes, ends, strict=True) if end > at and rate]


def steady_mcg(ng_per_day: int, half_life_ms: int) -> float:
    """The amount at which a constant rate settles: what flows in during half-life / ln 2."""
    return ng_per_day * half_life_ms / log(2) / limits.DAY_MS / 1000


def curve(flows: Sequence[Flow], times_ms: Array, half_life_ms: int, first_mcg: float = 0.0) -> Array:
    """The amount in mcg at each of `times_ms`, of which the smallest finds `first_mcg` there already."""
    import numpy as np

    k = log(2) / half_life_ms
    times = np.asarray(times_ms, dtype=float)
    amount = first_mcg * np.exp(-k * (times - times.min())) if times.size else times.copy()
    for flow in flows:
        size = flow.ng_per_day / limits.DAY_MS / k / 1000
        amount += size * (np.exp(-k * np.maximum(0.0, times - flow.end_ms)) - np.exp(-k * np.maximum(0.0, times - flow.start_ms)))
    return amount


def grid(start_ms: int, end_ms: int, edges: Sequence[int] = (), count: int = 1500) -> Array:
    """`count` even times from start to end, with every edge between them and the moment before it: corners stay corners."""
    import numpy as np

    inside = [at for edge in edges for at in (edge - 1, edge, edge + 1) if start_ms <= at <= end_ms]
    return np.unique(np.concatenate([np.linspace(start_ms, end_ms, count), np.asarray(inside, dtype=float)]))
