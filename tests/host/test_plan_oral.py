"""The oral schedule and the checklist, against the article's sentences."""

import itertools

import pytest

from tapir.errors import QuantityError, UsageError
from tapir.plans import candidate, person
from tapir.plans.oral import oral, split

REQ = ("planning",)

MG = 1_000_000
YEARS = 12


@pytest.mark.parametrize("weight_g", [6_000, 12_345, 20_000, 40_000, 41_000, 120_000])
@pytest.mark.parametrize("weeks", [10, 11, 12])
def test_the_article(weight_g: int, weeks: int) -> None:
    """2.5 mg three times a day, weekly steps, 2 mg/kg/day, at most 20 mg four times a day."""
    plan = oral(weight_g, 7 * YEARS, 7 * YEARS, weeks=weeks)
    assert plan.weeks[0].doses_ng == (5 * MG // 2,) * 3 and len(plan.weeks) == weeks
    for before, week in itertools.pairwise(plan.weeks):
        assert before.ng_per_day <= week.ng_per_day
    for week in plan.weeks:
        assert sum(week.doses_ng) == week.ng_per_day and max(week.doses_ng) <= 20 * MG and len(week.doses_ng) in (3, 4)
        assert all(dose % (MG * 5 // 2) == 0 for dose in week.doses_ng)
    last, wanted = plan.weeks[-1].ng_per_day, min(2 * MG * weight_g // 1000, 80 * MG)
    assert 0 <= wanted - last < 5 * MG // 2 and not plan.exceptional


def test_20_kg_reach_the_articles_mean_of_40_mg() -> None:
    assert oral(20_000, 84, 84).weeks[-1].ng_per_day == 40 * MG


def test_80_mg_are_20_mg_four_times_and_60_are_three_times() -> None:
    assert split(80 * MG) == (20 * MG,) * 4 and split(60 * MG) == (20 * MG,) * 3


def test_above_80_is_exceptional_and_above_240_refused() -> None:
    plan = oral(60_000, 15 * YEARS, 15 * YEARS, target_ng_per_day=240 * MG)
    assert plan.exceptional and plan.weeks[-1].exceptional and plan.remarks[0].startswith("EXCEPTIONAL")
    assert any("above 2 mg/kg/day, which are 120 mg/day" in remark for remark in plan.remarks)
    assert [week.exceptional for week in plan.weeks] == [week.ng_per_day > 80 * MG for week in plan.weeks]
    with pytest.raises(UsageError, match="240 mg/day, the most that is reported"):
        oral(60_000, 15 * YEARS, 15 * YEARS, target_ng_per_day=240 * MG + 1)


def test_other_drugs_and_a_recent_injury_slow_it_down_and_say_so() -> None:
    assert len(oral(20_000, 84, 84).weeks) == 10
    assert len(oral(20_000, 84, 84, ("diazepam",)).weeks) == 12
    plan = oral(20_000, 84, 2)
    assert len(plan.weeks) == 12 and any("recent" in remark for remark in plan.remarks)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((20_000, 23, 12), "outside 2 to 17 years"),
        ((20_000, 216, 12), "--age 18 years"),
        ((0, 84, 84), "--weight 0 kg is outside 6 kg to 120 kg"),
        ((5_999, 84, 84), "--weight 5.999 kg"),
        ((120_001, 84, 84), "mistyped"),
        ((20_000, 84, 85), "longer than --age"),
        ((20_000, 84, 84, ("baclofen",)), "the drug this plan is for"),
        ((20_000, 84, 84, ("diazepan",)), "Did you mean diazepam"),
        ((20_000, 84, 84, ("diazepam", "diazepam")), "twice"),
        ((20_000, 84, 84, (), 5 * MG), "outside 7.5 mg/day"),
        ((20_000, 84, 84, (), None, 9), "outside 10 to 12"),
    ],
)
def test_outside_the_article_it_refuses(values: tuple, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        oral(*values)
    assert said in str(caught.value)


def test_the_ends_of_the_ages_are_inside() -> None:
    assert oral(12_000, 24, 24).weeks and oral(60_000, 215, 215).weeks


@pytest.mark.parametrize(("text", "grams"), [("20 kg", 20_000), ("20.5 kg", 20_500), ("7500 g", 7_500), ("0.001kg", 1), ("0 kg", 0)])
def test_weights(text: str, grams: int) -> None:
    assert person.weight_g("--weight", text) == grams


@pytest.mark.parametrize(("text", "months"), [("7 years", 84), ("7 y", 84), ("1 year", 12), ("30 months", 30), ("2.5 years", 30)])
def test_ages(text: str, months: int) -> None:
    assert person.months("--age", text) == months


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("20", "the unit is missing"),
        ("1,000 g", "without separators"),
        ("20 lb", "the unit lb is not known"),
        ("-20 kg", "not a number with a unit"),
        ("020 kg", "not a number with a unit"),
        ("", "not a number with a unit"),
        ("20.0001 kg", "finer than 1 g"),
    ],
)
def test_ambiguous_weights_are_refused_with_what_works(text: str, why: str) -> None:
    with pytest.raises(QuantityError) as caught:
        person.weight_g("--weight", text)
    assert why in str(caught.value) and "20 kg" in str(caught.value)


def test_words_for_ages_and_weights() -> None:
    assert person.format_months(84) == "7 years" and person.format_months(13) == "1 year 1 month" and person.format_months(0) == "0 months"
    assert person.format_kg(20_500) == "20.5 kg" and person.format_kg(20_000) == "20 kg" and person.format_kg(5) == "0.005 kg"


# --- the checklist --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("field", "value", "met"),
    [
        ("spasticity", "severe", True),
        ("spasticity", "moderate", False),
        ("oral", "refractory", True),
        ("oral", "not-tried", False),
        ("movement", "spastic", True),
        ("movement", "athetosis", False),
        ("movement", "dyskinetic", False),
        ("movement", "dystonia", None),
        ("injury_months", 2, False),
        ("injury_months", 3, True),
        ("injury_months", 6, True),
        ("group", "ambulatory", True),
        ("group", "severe-four-limbs", True),
        ("group", "other", None),
    ],
)
def test_each_point_as_the_article_has_it(field: str, value: str | int, met: bool | None) -> None:
    points = candidate.candidate(**{field: value})  # type: ignore[arg-type]
    (point,) = [point for point in points if point.given]
    assert point.met is met and point.reason


def test_what_is_not_said_is_open_and_asked_for() -> None:
    points = candidate.candidate()
    assert [point.met for point in points] == [None] * 5 and all(point.reason.startswith("not said: --") for point in points)


def test_answers_that_contradict_or_are_unknown_are_refused() -> None:
    with pytest.raises(UsageError, match="contradict"):
        candidate.candidate(spasticity="severe", movement="athetosis")
    with pytest.raises(UsageError, match="Answers: severe, moderate, mild"):
        candidate.candidate(spasticity="very")
