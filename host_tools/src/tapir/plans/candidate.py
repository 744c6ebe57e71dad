"""The checklist for intrathecal baclofen from the seed article: what is said, what the article says, why. It decides nothing.

A point is met (True), not met (False) or open (None: not said, or the article is not certain). Used by cli/plan/candidate.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..errors import UsageError
from .person import format_months

EARLIEST_MONTHS, USUAL_MONTHS = 3, 6

SPASTICITY = ("severe", "moderate", "mild")
ORAL = ("refractory", "not-tolerated", "working", "not-tried")
MOVEMENT = ("spastic", "athetosis", "dyskinetic", "dystonia", "mixed")
GROUP = ("ambulatory", "severe-four-limbs", "other")


@dataclass(frozen=True)
class Point:
    """One line: the article's question, the answer given (empty: none), whether it is met, and the reason."""

    name: str
    given: str
    met: bool | None
    reason: str


_OPEN = "not said"

# answer -> (met, reason)
_SPASTICITY = {
    "severe": (True, "intrathecal baclofen is for severe spasticity only"),
    "moderate": (False, "for severe spasticity only: oral drugs, therapy and casting come first"),
    "mild": (False, "for severe spasticity only"),
}
_ORAL = {
    "refractory": (True, "the oral schedule was carried to its end and was not enough"),
    "not-tolerated": (True, "side effects came before a sufficient dose: refractory in effect; note the dose reached"),
    "working": (False, "spasticity that oral drugs hold is not refractory"),
    "not-tried": (False, "an oral trial comes first: tapir plan oral"),
}
_MOVEMENT = {
    "spastic": (True, "spasticity is what it acts on"),
    "mixed": (None, "spasticity must be the part that disables: judge what would remain without it"),
    "dystonia": (None, "generalised dystonia: preliminary reports only"),
    "athetosis": (False, "not for athetosis without spasticity"),
    "dyskinetic": (False, "not for dyskinetic cerebral palsy without spasticity"),
}
_GROUP = {
    "ambulatory": (True, "older, walking, with too little strength in the legs: tone may carry the weight, so titrate on function"),
    "severe-four-limbs": (True, "severe spasticity of arms and legs: comfort, care and contractures are the goal"),
    "other": (None, "neither of the two groups that the article describes: say why it would help"),
}


def candidate(
    spasticity: str | None = None,
    oral: str | None = None,
    movement: str | None = None,
    injury_months: int | None = None,
    group: str | None = None,
) -> tuple[Point, ...]:
    """The points in the article's order. Raises UsageError for an answer that is not one of those named, or answers that contradict."""
    if spasticity == "severe" and movement in ("athetosis", "dyskinetic"):
        raise UsageError(
            f"--spasticity severe and --movement {movement} (without spasticity) contradict each other.",
            "With both: --movement mixed",
        )
    return (
        _point("severe spasticity", "--spasticity", spasticity, SPASTICITY, _SPASTICITY),
        _point("refractory to oral drugs", "--oral", oral, ORAL, _ORAL),
        _point("kind of movement disorder", "--movement", movement, MOVEMENT, _MOVEMENT),
        _since(injury_months),
        _point("one of the two groups", "--group", group, GROUP, _GROUP),
    )


def _point(name: str, option: str, given: str | None, known: tuple[str, ...], table: Mapping[str, tuple[bool | None, str]]) -> Point:
    if given is None:
        return Point(name, "", None, f"{_OPEN}: {option} {'|'.join(known)}")
    if given not in table:
        raise UsageError(f"{option} {given} is not one of the answers.", f"Answers: {', '.join(known)}")
    met, reason = table[given]
    return Point(name, given, met, reason)


def _since(months: int | None) -> Point:
    name = "3 to 6 months after the injury"
    if months is None:
        return Point(name, "", None, f'{_OPEN}: --since-injury "5 months"')
    if months < EARLIEST_MONTHS:
        return Point(name, format_months(months), False, "too early: tone still changes by itself")
    if months <= USUAL_MONTHS:
        return Point(name, format_months(months), True, "the time at which the article considers it")
    return Point(name, format_months(months), True, "later than the 3 to 6 months at which the article considers it: not a reason against")


MARKS: Callable[[bool | None], str] = {True: "yes", False: "NO", None: "open"}.__getitem__
