"""[flex], [periodic] and mode = "minimum" in a prescription file: what is understood, and errors that name file, line and row."""

from datetime import datetime

import pytest

from tapir import forecast, prescription, schedule
from tapir.errors import PrescriptionError
from tapir.wire import schema

HOUR = 3_600_000
FLEX, PERIODIC = prescription.EXAMPLES["flex"], prescription.EXAMPLES["periodic"]


@pytest.mark.req("profiles", "R12")
def test_the_flex_example_is_rows_from_midnight_and_their_total() -> None:
    rx = prescription.parse(FLEX)
    assert rx.schedule is not None
    assert rx.schedule.rows == ((0, 80_000), (7 * HOUR, 120_000), (19 * HOUR, 80_000))
    assert rx.basal_ng_per_day == 100_000  # (7 x 80 + 12 x 120 + 5 x 80) / 24
    values = rx.values()
    assert (values["mode"], values["basal_ng_per_day"]) == (schema.FLEX, 100_000)
    assert values["rows_hash"] == "77316a17476c069b"  # sha256sum of "ROWS 0:80000 25200000:120000 68400000:80000"
    assert rx.schedule.lines() == [("00:00", 80_000), ("07:00", 120_000), ("19:00", 80_000)]


@pytest.mark.req("profiles")
def test_the_periodic_example_is_doses_on_basal() -> None:
    rx = prescription.parse(PERIODIC)
    assert rx.schedule is not None
    assert rx.basal_ng_per_day == 100_000  # 80 + 4 x 5
    assert rx.schedule.rows[:4] == ((0, 1_280_000), (360_000, 80_000), (6 * HOUR, 1_280_000), (6 * HOUR + 360_000, 80_000))
    assert rx.schedule.dose() == (5_000, 360_000, 6 * HOUR) and len(rx.schedule.rows) == 8
    assert rx.schedule.words() == "5 mcg over 6 min every 6 h, first 08:00, on 80 mcg/day"
    assert rx.schedule.lines()[:2] == [("02:00", 1_280_000), ("02:06", 80_000)]


@pytest.mark.req("profiles")
def test_minimum_is_a_mode() -> None:
    rx = prescription.parse('mode = "minimum"\n' + prescription.EXAMPLE.replace("100 mcg/day", "27 mcg/day"))
    assert rx.values()["mode"] == schema.MINIMUM and rx.schedule is None


@pytest.mark.req("profiles")
def test_the_place_in_the_cycle_follows_the_clock_on_the_wall() -> None:
    rx = prescription.parse(PERIODIC).schedule
    assert rx is not None
    assert rx.phase_ms(datetime(2026, 3, 1, 8, 0)) == 0
    assert rx.phase_ms(datetime(2026, 3, 1, 7, 59, 59)) == 24 * HOUR - 1000
    assert schedule.start_of(2 * HOUR, datetime(2026, 3, 1, 10, 0, 20)) == 8 * HOUR, "20 s between two clocks are not a schedule"


@pytest.mark.req("profiles")
def test_the_reservoir_lasts_by_the_total() -> None:
    plain, flex = prescription.parse(prescription.EXAMPLE), prescription.parse(FLEX)
    assert forecast.low_in_ms(plain, 3_000_000, 3_000_000, 3) == forecast.low_in_ms(flex, 3_000_000, 3_000_000, 3)


def _refused(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    with pytest.raises(PrescriptionError) as caught:
        prescription.parse(text, "rx.toml")
    return str(caught.value)


@pytest.mark.req("R12")
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"00:00" = ', '"01:00" = ', ['rx.toml, line 10: flex."01:00"', "nothing is said for the time from 00:00 to 01:00"]),
        ('"19:00" = ', '"06:00" = ', ['rx.toml, line 12: flex."06:00"', "out of order, after 07:00"]),
        ('"19:00" = ', '"24:00" = ', ['flex."24:00"', "not a time of day", '"00:00" to "23:59"']),
        ('"19:00" = ', '"7pm" = ', ["7pm is not a time of day"]),
        ('"120 mcg/day"', "120", ['line 11: flex."07:00" = 120', "without a unit", '"100 mcg/day"']),
        ('"120 mcg/day"', '"120 ug/day"', ['flex."07:00"', "write mcg"]),
        ("[flex]", '[basal]\nrate = "80 mcg/day"\n[flex]', ["[basal] beside [flex]"]),
        ('"00:00" = "80 mcg/day"\n"07:00" = "120 mcg/day"\n"19:00" = "80 mcg/day"\n', "", ["[flex] has no rows"]),
    ],
)
def test_a_bad_row_is_named(old: str, new: str, said: list[str]) -> None:
    problem = _refused(FLEX, (old, new))
    assert all(part in problem for part in said), problem


@pytest.mark.req("R12")
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"6 h"                       #', '"5 h" #', ["periodic.every", "must divide 24 h"]),
        ('"6 h"                       #', '"1 h" #', ["periodic.every", "2 h or more"]),
        ('duration = "6 min"\n', "", ["rx.toml, line 11: periodic.duration is missing", 'duration = "6 min"']),
        ('"6 min"', '"7 min"', ["periodic.duration", "no rate of whole ng a day", '"6 min 40 s"', '"7 min 12 s"']),
        ('"6 min"', '"6 h"', ["periodic.duration", "shorter than the interval"]),
        ('first = "08:00"', 'first = "8"', ["periodic.first", "not a time of day"]),
        ('first = "08:00"', 'fist = "08:00"', ["Did you mean periodic.first?"]),
        ("[periodic]", "x = 1\n[periodic]", ["basal.x is not a key"]),
    ],
)
def test_a_bad_dose_is_named(old: str, new: str, said: list[str]) -> None:
    problem = _refused(PERIODIC, (old, new))
    assert all(part in problem for part in said), problem


@pytest.mark.req("R1", "R12")
def test_more_than_24_rows_and_other_modes_are_refused() -> None:
    rows = "".join(f'"{n // 2:02}:{n % 2 * 30:02}" = "100 mcg/day"\n' for n in range(25))
    assert "at most 24 rows" in _refused(FLEX, ('"00:00" = "80 mcg/day"\n"07:00" = "120 mcg/day"\n"19:00" = "80 mcg/day"\n', rows))
    assert "not a mode" in _refused('mode = "fast"\n' + prescription.EXAMPLE)
    assert "[flex] is the mode" in _refused('mode = "minimum"\n' + FLEX)
