"""The oral schedule of the seed article on baclofen in children with cerebral palsy, week by week. Integers: ng, ng/day, g, months.

From the article: 2.5 mg three times a day at first (2 to 17 years), weekly steps over 10 to 12 weeks, target 2 mg/kg/day (mean
40 mg/day), at most 20 mg four times a day (80 mg/day), rarely up to 240 mg/day. Weight is the main driver of clearance; age, time
since injury and other antispastic drugs matter too, without numbers: they change the remarks and the number of weeks, never a dose.
Ours: even steps in quarters of a 10 mg tablet, rounded down; four doses a day above 60 mg; the larger doses in the evening; the
weight's range.
Used by cli/plan/oral.py.
"""

import difflib
from dataclasses import dataclass

from ..errors import UsageError
from ..wire import units
from .person import format_kg, format_months

MG = 1_000_000  # ng
QUARTER_NG = 5 * MG // 2  # 2.5 mg
FIRST_NG_PER_DAY = 3 * QUARTER_NG
PER_KG_NG_PER_DAY = 2 * MG
USUAL_NG_PER_DAY = 40 * MG
MOST_NG_PER_DAY = 80 * MG
RARELY_NG_PER_DAY = 240 * MG
THREE_DOSES_UP_TO_NG = 60 * MG
AGE_MONTHS = (24, 18 * 12 - 1)  # 2 to 17 years
WEIGHT_G = (6_000, 120_000)  # ours: outside, it was probably mistyped
WEEKS = (10, 12)
RECENT_MONTHS = 3

OTHERS = (
    "botulinum",
    "clonazepam",
    "clonidine",
    "dantrolene",
    "diazepam",
    "gabapentin",
    "tizanidine",
)


@dataclass(frozen=True)
class Week:
    """One week's daily dose in its parts; `exceptional`: above 80 mg/day."""

    week: int
    ng_per_day: int
    doses_ng: tuple[int, ...]
    exceptional: bool


@dataclass(frozen=True)
class Oral:
    """The schedule and what it was made from. `remarks`: what the inputs change that has no number."""

    weight_g: int
    age_months: int
    injury_months: int
    others: tuple[str, ...]
    target_ng_per_day: int
    by_weight_ng_per_day: int
    weeks: tuple[Week, ...]
    remarks: tuple[str, ...]

    @property
    def exceptional(self) -> bool:
        """Whether it goes above 80 mg/day."""
        return self.target_ng_per_day > MOST_NG_PER_DAY


def oral(
    weight_g: int,
    age_months: int,
    injury_months: int,
    others: tuple[str, ...] = (),
    target_ng_per_day: int | None = None,
    weeks: int | None = None,
) -> Oral:
    """The schedule. Raises UsageError for inputs outside the article's range, or that contradict each other."""
    _check(weight_g, age_months, injury_months, others)
    by_weight = PER_KG_NG_PER_DAY * weight_g // 1000
    wanted = min(by_weight, MOST_NG_PER_DAY) if target_ng_per_day is None else target_ng_per_day
    target = wanted // QUARTER_NG * QUARTER_NG
    if wanted > RARELY_NG_PER_DAY or target < FIRST_NG_PER_DAY:
        raise UsageError(
            f"--target {_mg(wanted)} is outside {_mg(FIRST_NG_PER_DAY)} (the first week's) "
            f"to {_mg(RARELY_NG_PER_DAY)}, the most that is reported.",
            f"Usual: up to {_mg(MOST_NG_PER_DAY)}; 2 mg/kg/day are {_mg(by_weight)} here.",
        )
    careful = bool(others) or injury_months < RECENT_MONTHS
    count = weeks if weeks is not None else WEEKS[1] if careful else WEEKS[0]
    if not WEEKS[0] <= count <= WEEKS[1]:
        raise UsageError(f"--weeks {count} is outside {WEEKS[0]} to {WEEKS[1]}, the time the article gives the rise.")
    rows = []
    for index in range(count):
        day_ng = FIRST_NG_PER_DAY + (target - FIRST_NG_PER_DAY) * index // (count - 1)
        day_ng = day_ng // QUARTER_NG * QUARTER_NG
        rows.append(Week(index + 1, day_ng, split(day_ng), day_ng > MOST_NG_PER_DAY))
    remarks = _remarks(injury_months, age_months, others, target, wanted, by_weight)
    return Oral(weight_g, age_months, injury_months, others, target, by_weight, tuple(rows), remarks)


def split(day_ng: int) -> tuple[int, ...]:
    """A day's dose in three, or above 60 mg four, parts of whole quarters; the larger ones last."""
    parts = 3 if day_ng <= THREE_DOSES_UP_TO_NG else 4
    quarters, more = divmod(day_ng // QUARTER_NG, parts)
    return tuple((quarters + (index >= parts - more)) * QUARTER_NG for index in range(parts))


def _check(weight_g: int, age_months: int, injury_months: int, others: tuple[str, ...]) -> None:
    low, high = AGE_MONTHS
    if not low <= age_months <= high:
        raise UsageError(f"--age {format_months(age_months)} is outside 2 to 17 years, for whom this schedule is described.")
    if not WEIGHT_G[0] <= weight_g <= WEIGHT_G[1]:
        raise UsageError(
            f"--weight {format_kg(weight_g)} is outside {format_kg(WEIGHT_G[0])} to {format_kg(WEIGHT_G[1])} (ours): "
            "mistyped, or not for this schedule."
        )
    if injury_months > age_months:
        raise UsageError(
            f"--since-injury {format_months(injury_months)} is longer than --age {format_months(age_months)}.",
            "For an injury at birth both are the same.",
        )
    for name in others:
        if name == "baclofen":
            raise UsageError("--other baclofen: that is the drug this plan is for.", "Two schedules of it at once are never added up.")
        if name not in OTHERS:
            near = difflib.get_close_matches(name, OTHERS, 1)
            hint = f"Did you mean {near[0]}? " if near else ""
            raise UsageError(f"--other {name}: not an antispastic drug known here.", f"{hint}Known: {', '.join(OTHERS)}")
    if len(set(others)) != len(others):
        raise UsageError(f"--other names a drug twice: {', '.join(others)}.")


def _remarks(injury: int, age: int, others: tuple[str, ...], target: int, wanted: int, by_weight: int) -> tuple[str, ...]:
    found = []
    if target > MOST_NG_PER_DAY:
        found.append(
            f"EXCEPTIONAL: above {_mg(MOST_NG_PER_DAY)} (20 mg four times a day); up to {_mg(RARELY_NG_PER_DAY)} is reported, rarely."
        )
    if wanted > by_weight:
        found.append(f"The target is above 2 mg/kg/day, which are {_mg(by_weight)}.")
    if by_weight > MOST_NG_PER_DAY and target <= MOST_NG_PER_DAY:
        found.append(f"2 mg/kg/day would be {_mg(by_weight)}: kept at {_mg(MOST_NG_PER_DAY)}, the usual most.")
    if target != wanted:
        found.append(f"{_mg(wanted)} rounded down to whole quarters of a 10 mg tablet: {_mg(target)}.")
    if others:
        found.append(
            f"With {', '.join(others)}: sedation adds up and less may be needed; judge before every step. "
            "The slower end of the range is used."
        )
    if injury < RECENT_MONTHS:
        found.append("The injury is recent: tone still changes by itself, so the need may fall again. The slower end of the range is used.")
    if age < 6 * 12:
        found.append("Young: clearance per weight is less certain than at school age; weigh again before every step.")
    found.append("Sedation follows the dose: start low, go slowly; stay at the dose that is enough. Never stop abruptly, go down in steps.")
    return tuple(found)


def _mg(ng_per_day: int) -> str:
    return units.format_ratio(ng_per_day, MG, 6).rstrip("0").rstrip(".") + " mg/day"
