"""Sentences: every refusal has rule, value, limit and when or what instead; every code of the schema has words."""

import pytest

from tapir import prescription, words
from tapir.errors import refused
from tapir.messages import Event, Status
from tapir.wire import alarms, names, schema
from tapir.words import rules

REQ = ("host",)

HOUR_MS = 3_600_000


def _status(set_ng_per_day: int) -> Status:
    names = {name: 0 for name in Status.__dataclass_fields__}
    return Status(**{**names, "set_ng_per_day": set_ng_per_day, "head": "a1f309c2"})  # type: ignore[arg-type]


def _said(written: dict[str, str] | None = None, now: int = 100_000, **values: int | str) -> str:
    verb = str(values.pop("verb", "PRESCRIBE"))
    return "\n".join(words.explain(refused(verb, {"error": schema.LIMIT, **values}), written, _status(now)))


@pytest.mark.req("R1", "R12")
def test_sixty_an_hour_for_sixty_a_day_is_asked_about() -> None:
    said = _said({"basal_ng_per_day": "60 mcg/h"}, rule=1, field="basal_ng_per_day", value=1_440_000, low=27_000, high=800_000)
    assert said == (
        "Refused (R1 range): 1440 mcg/day is above the library's 800 mcg/day.\n"
        "You wrote 60 mcg/h, that is 1440 mcg in 24 h, +1340 % of now. Did you mean 60 mcg/day?"
    )


def test_a_larger_amount_is_never_suggested() -> None:
    said = _said({"basal_ng_per_day": "70 mcg/day"}, rule=3, field="basal_ng_per_day", value=70_000, low=80_000, in_ms=26 * HOUR_MS)
    assert "70 mcg/day is below 80 mcg/day" in said and "Possible in 1 day 2 h." in said and "tapir taper" in said
    assert "Did you mean" not in said


@pytest.mark.req("R5")
def test_the_lockout_says_when() -> None:
    said = _said(
        verb="BOLUS",
        error=schema.NOT_NOW,
        rule=5,
        field="bolus_left_ms",
        value=120_000,
        in_ms=6 * HOUR_MS + 120_000,
        text="bolus_runs",
    )
    assert said == "Refused (R5 lockout): the last bolus ends in 2 min; the next is possible in 6 h 2 min."


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        ({"rule": 1, "field": "basal_ng_per_day", "value": 26_000, "low": 27_000, "high": 800_000}, ["26 mcg/day", "below", "27 mcg/day"]),
        (
            {"rule": 2, "field": "basal_ng_per_day", "value": 120_000, "high": 115_000, "in_ms": HOUR_MS},
            ["120", "115 mcg/day", "next raise", "1 h"],
        ),
        (
            {"rule": 4, "field": "to_ng_per_day", "value": 20_000, "low": 27_000, "high": 99_999},
            ["20 mcg/day", "27 mcg/day", "99.999 mcg/day"],
        ),
        (
            {"rule": 4, "field": "basal_ng_per_day", "value": 27_000, "low": 100_000},
            ["minimum rate 27 mcg/day", "100 mcg/day runs now", 'tapir taper --to "27 mcg/day"'],
        ),
        ({"rule": 5, "field": "lockout_ms", "value": 60_000, "high": 6 * HOUR_MS, "in_ms": 60_000}, ["6 h", "possible in 1 min"]),
        ({"rule": 5, "field": "bolus_count", "value": 3, "high": 3, "in_ms": HOUR_MS}, ["3 boluses", "3 is the most", "possible in 1 h"]),
        (
            {"rule": 6, "field": "dose_ng", "value": 116_000, "high": 115_000, "in_ms": HOUR_MS},
            ["24 h would hold 116 mcg", "115 mcg", "Possible in 1 h"],
        ),
        ({"rule": 6, "field": "basal_ng_per_day", "value": 116_000, "high": 115_000}, ["24 h would hold 116 mcg", "115 mcg"]),
        ({"rule": 6, "field": "max_24h_ng", "value": 90_000, "low": 100_000, "high": 1_000_000}, ["90 mcg", "100 mcg", "1000 mcg"]),
        ({"rule": 7, "field": "basal_ng_per_day", "value": 90_000, "low": 27_000, "high": 80_000}, ["90 mcg/day is above", "80 mcg/day"]),
        (
            {"rule": 8, "field": "basal_ng_per_day", "value": 110_000, "low": 27_000, "high": 100_000},
            ["110 mcg/day", "100 mcg/day", "start"],
        ),
        ({"rule": 8, "field": "screen_ng", "value": 60_000, "low": 12_500, "high": 50_000}, ["60 mcg", "50 mcg"]),
        (
            {"rule": 9, "field": "conc_ng_per_ml", "value": 250_000, "low": 50_000, "high": 2_000_000, "text": "50000,500000"},
            ["250 mcg/mL", "500 mcg/mL"],
        ),
        ({"rule": 9, "field": "conc_again_ng_per_ml", "value": 50_000, "low": 500_000, "high": 500_000}, ["50 mcg/mL", "500 mcg/mL"]),
        ({"rule": 9, "field": "conc_ng_per_ml", "value": 50_000, "low": 500_000, "high": 500_000}, ["50 mcg/mL", "500 mcg/mL"]),
        (
            {"rule": 13, "field": "residual_nl", "value": 900_000, "high": 400_000, "text": "a clinician may, with a reason"},
            ["0.9 mL", "0.4 mL", "--reason"],
        ),
        ({"rule": 10, "field": "disconnected", "value": 0, "low": 1, "high": 1}, ["disconnected from the patient", "--line-disconnected"]),
        ({"rule": 10, "field": "volume_nl", "value": 1_200_000, "low": 1, "high": 1_000_000}, ["1.2 mL", "1 mL", "in one go"]),
        (
            {"rule": 17, "field": "found_nl", "value": 300_000, "low": 400_000, "high": 600_000},
            ["0.3 mL", "from 0.4 mL to 0.6 mL", "another syringe"],
        ),
        ({"rule": 16, "field": "dose_ng", "value": 60_000, "low": 1, "high": 50_000}, ["60 mcg", "50 mcg"]),
        ({"rule": 16, "field": "dose_ng", "value": 5_000, "high": 0, "text": "no patient bolus is prescribed"}, ["no patient bolus"]),
        ({"rule": 16, "field": "duration_ms", "value": 60_000, "low": 300_000, "high": 300_000}, ["1 min", "5 min"]),
    ],
)
def test_a_limit_shows_value_and_limit_with_units(values: dict[str, int | str], parts: list[str]) -> None:
    said = _said(**values)
    assert said.startswith(f"Refused ({words.rule(int(values['rule']))}): ")
    for part in parts:
        assert part in said


@pytest.mark.parametrize("state", [row[0] for row in names.STATES if row[0] != schema.INFUSING])
def test_not_now_names_the_state_and_what_instead(state: int) -> None:
    lines = words.explain(refused("BOLUS", {"error": schema.NOT_NOW, "field": "state", "value": state, "text": "bolus"}))
    assert names.STATES[state][1] in lines[0] and len(lines) == 2


def test_a_standing_alarm_is_named_with_what_to_do() -> None:
    lines = words.explain(refused("BOLUS", {"error": schema.NOT_NOW, "field": "alarm", "value": alarms.EMPTY, "text": "alarm"}))
    assert "EMPTY" in lines[0] and "tapir refill" in lines[1]


@pytest.mark.parametrize(("verb", "what"), [("PRIME", "priming"), ("BOLUS", "bolus")])
def test_an_almost_empty_syringe_is_named_for_what_was_wanted(verb: str, what: str) -> None:
    values = {"error": schema.NOT_NOW, "rule": 13, "field": "reservoir_nl", "value": 200_000, "text": "reservoir"}
    lines = words.explain(refused(verb, values))
    assert "0.200 mL" in lines[0] and f"too little for this {what}" in lines[0] and lines[1] == "tapir refill"


@pytest.mark.parametrize("row", names.ERRORS, ids=lambda row: row[1])
def test_every_error_has_a_sentence(row: tuple[int, str, str, str]) -> None:
    first = words.explain(refused("BOLUS", {"error": row[0]}))[0]
    assert first.startswith("Refused (") and len(first) > 25


def test_a_role_that_may_not_is_told_who_may() -> None:
    lines = words.explain(refused("TAPER", {"error": schema.NOT_AUTHORISED, "field": "role", "value": 1, "text": "TAPER"}))
    assert "clinician" in lines[0] and "--as" in lines[1]


def test_every_alarm_of_the_pump_has_words_and_a_name() -> None:
    assert sorted(words.ALARMS) == [row[alarms.CODE] for row in alarms.ALARMS]
    assert words.alarm(alarms.LOW_RESERVOIR) == "LOW_RESERVOIR"


def test_every_event_of_the_schema_reads_without_a_code() -> None:
    for code, name, a, b in names.EVENTS:
        said = words.event(Event(1, 0, code, 1 if a else 0, 1 if b else 0, 0, 0, "note", "0" * 16))
        assert words.event_name(code) == name and "{" not in said and "note" in said


@pytest.mark.parametrize(
    ("ms", "said"),
    [
        (0, "0 s"),
        (59_999, "59 s"),
        (3_599_999, "59 min 59 s"),
        (5 * HOUR_MS + 40 * 60_000 + 59_000, "5 h 40 min"),
        (90 * HOUR_MS, "3 days 18 h"),
    ],
)
def test_elapsed_time_is_rounded_down(ms: int, said: str) -> None:
    assert words.elapsed(ms) == said


def test_no_row_of_the_rules_words_hides_behind_another() -> None:
    """A row for any field, or under any condition, stands after the rows that are more special."""
    seen: set[tuple[int, str | None]] = set()
    for number, field, fits, sentence in rules.LIMITS:
        assert (number, field) not in seen and (number, None) not in seen, sentence
        if fits is rules._always:
            seen.add((number, field))


def test_a_journal_of_another_firmware_is_not_lost() -> None:
    said = " ".join(words.locked("journal of another firmware: flash that"))
    for part in ("Nothing is lost", "tapir flash --locked", "tapir log", "tapir report", "tapir taper", "another pump"):
        assert part in said
    assert "Switch it off and on" in " ".join(words.locked("the store can not be mounted"))


@pytest.mark.req("R1")
def test_a_bolus_faster_than_the_motor_says_so() -> None:
    said = _said(verb="BOLUS", rule=1, field="dose_ng", value=200_000, high=103_039)
    assert "200 mcg in that time is above 103.039 mcg" in said and "board and syringe" in said and "--over" in said


def test_where_a_ng_stands_for_a_nl_amounts_are_volumes() -> None:
    """24 mg/day at 1 mg/mL is 24 mL a day, 1 mL/h; library/saline.toml."""
    saline, baclofen = words.measure("saline"), words.measure("baclofen-itb")
    assert (saline.rate(24_000_000), saline.rate(24_000), saline.dose(50_000), saline.dose(30_000_000)) == (
        "1 mL/h",
        "0.001 mL/h",
        "0.05 mL",
        "30 mL",
    )
    assert baclofen == words.measure(None) == words.MASS and baclofen.rate(100_000) == "100 mcg/day"


@pytest.mark.req("R6", "R12")
def test_a_row_per_hour_where_per_day_was_meant_is_named() -> None:
    text = prescription.EXAMPLES["flex"].replace('"07:00" = "120 mcg/day"', '"07:00" = "60 mcg/h"')
    rx = prescription.parse(text)
    said = _said(rx.written, rule=6, field="max_24h_ng", value=115_000, low=760_000, high=1_000_000)
    assert 'You wrote "07:00" = "60 mcg/h", that is 1440 mcg/day. Did you mean 60 mcg/day?' in said
    assert "Did you mean" not in _said(
        prescription.parse(prescription.EXAMPLES["flex"]).written, rule=6, field="max_24h_ng", value=1, low=2
    )
