"""Units: exact both ways, and a refusal that teaches for everything ambiguous."""

from support import raises, req
from wire import units
from wire.units import UnitError


@req("R12")
def test_parse_is_exact():
    for text, quantity, expected in (
        ("5 mcg", units.NG, 5000),
        ("5mcg", units.NG, 5000),
        ("  12.5 mcg ", units.NG, 12500),
        ("0.001 mcg", units.NG, 1),
        ("0.05 mg", units.NG, 50000),
        ("0 mcg", units.NG, 0),
        ("5.000 mcg", units.NG, 5000),
        ("100 mcg/day", units.NG_PER_DAY, 100000),
        ("60 mcg/h", units.NG_PER_DAY, 1440000),  # the overdose of R12 as it reads per day
        ("1.3 mcg/h", units.NG_PER_DAY, 31200),
        ("0.125 mcg/h", units.NG_PER_DAY, 3000),
        ("0.8 mg/day", units.NG_PER_DAY, 800000),
        ("500 mcg/mL", units.NG_PER_ML, 500000),
        ("2 mg/mL", units.NG_PER_ML, 2000000),
        ("2.943 mL", units.NL, 2943000),
        ("0.000001 mL", units.NL, 1),
        ("250 uL", units.NL, 250000),
        ("1.5 s", units.MS, 1500),
        ("5 min", units.MS, 300000),
        ("6 h", units.MS, 21600000),
        ("1 day", units.MS, 86400000),
        ("2 days", units.MS, 172800000),
        ("6 h 30 min", units.MS, 23400000),
        ("6h30min", units.MS, 23400000),
        ("1 day 2 h 3 min 4.005 s", units.MS, 93784005),
        ("999999999999999999 mcg", units.NG, 999999999999999999000),
    ):
        assert units.parse(text, quantity) == expected, text


@req("R12")
def test_ambiguity_is_refused_with_the_reason():
    for text, quantity, why in (
        ("5", units.NG, "the unit is missing"),
        (5, units.NG, "the unit is missing"),
        ("", units.NG, "a number is missing"),
        ("mcg", units.NG, "a number is missing"),
        ("five mcg", units.NG, "a number is missing"),
        ("1,000 mcg", units.NG, "write digits without separators, and a point for decimals"),
        ("1,5 mcg", units.NG, "write digits without separators, and a point for decimals"),
        ("1'000 mcg", units.NG, "write digits without separators, and a point for decimals"),
        ("1_000 mcg", units.NG, "write digits without separators, and a point for decimals"),
        ("1 000 mcg", units.NG, "the unit is missing"),
        ("1.5.2 mcg", units.NG, "write one number, with one point at most"),
        ("5 ug", units.NG, "ug is misread as mg: write mcg"),
        ("5 \u00b5g", units.NG, "\u00b5g is misread as mg: write mcg"),  # micro sign
        ("5 \u03bcg", units.NG, "\u03bcg is misread as mg: write mcg"),  # Greek mu
        ("5 ug/day", units.NG_PER_DAY, "ug is misread as mg: write mcg"),
        (".5 mcg", units.NG, "a digit must stand before the point"),
        ("5. mcg", units.NG, "a digit must stand after the point"),
        ("05 mcg", units.NG, "leading zeros are not understood"),
        ("-5 mcg", units.NG, "no sign is possible here"),
        ("+5 mcg", units.NG, "no sign is possible here"),
        ("5 MCG", units.NG, "the unit is written mcg"),
        ("5 ml", units.NL, "the unit is written mL"),
        ("5 mcg/ml", units.NG_PER_ML, "the unit is written mcg/mL"),
        ("5 mL", units.NG, "mL measures a volume, and a dose is wanted"),
        ("5 mcg", units.NG_PER_DAY, "mcg measures a dose, and a rate is wanted"),
        ("5 mcg/day", units.NG, "mcg/day measures a rate, and a dose is wanted"),
        ("5 units", units.NG, "the unit units is not known here"),
        ("1e3 mcg", units.NG, "the unit e is not known here"),
        ("5 m", units.MS, "the unit m is not known here"),  # minutes, months, milli
        ("5 mcg 5 mcg", units.NG, "one number and one unit, nothing after them"),
        ("5 mcg x", units.NG, "one number and one unit, nothing after them"),
        ("30 min 6 h", units.MS, "the parts must go from large to small"),
        ("6 h 6 h", units.MS, "the parts must go from large to small"),
        ("1 day 1 days", units.MS, "the parts must go from large to small"),
        ("6 h 30", units.MS, "the unit is missing"),
        ("0.0001 mcg", units.NG, "finer than 1 ng, which is the smallest step"),
        ("1.00001 mcg/h", units.NG_PER_DAY, "finer than 1 ng/day, which is the smallest step"),
        ("0.0001 uL", units.NL, "finer than 1 nL, which is the smallest step"),
        ("0.0001 s", units.MS, "finer than 1 ms, which is the smallest step"),
        ("1" * 19 + " mcg", units.NG, "too many digits"),
        ("0." + "1" * 19 + " mcg", units.NG, "too many digits"),
        ("\u0665 mcg", units.NG, "a number is missing"),  # an Arabic-Indic 5, a digit to str.isdigit
    ):
        with raises(UnitError, text=str(text), quantity=quantity, why=why):
            units.parse(text, quantity)


@req("R12")
def test_a_refusal_shows_forms_that_work():
    with raises(UnitError) as caught:
        units.parse("5 ug", units.NG)
    assert str(caught.value) == "`5 ug`: ug is misread as mg: write mcg. A dose looks like 5 mcg, 0.5 mg"
    for quantity in (units.NG, units.NG_PER_DAY, units.NG_PER_ML, units.NL, units.MS):
        with raises(UnitError) as caught:
            units.parse("x", quantity)
        assert caught.value.forms
        for form in caught.value.forms:
            assert units.parse(form, quantity) > 0


@req("R12")
def test_format_is_exact_without_places():
    for seen, expected in (
        (units.format_ng(12500), "12.5 mcg"),
        (units.format_ng(1), "0.001 mcg"),
        (units.format_ng(0), "0 mcg"),
        (units.format_ng(1000000), "1000 mcg"),  # a trailing zero of the whole number stays
        (units.format_ng_per_day(100000), "100 mcg/day"),
        (units.format_ng_per_day(1440000), "1440 mcg/day"),
        (units.format_ng_per_ml(500000), "500 mcg/mL"),
        (units.format_nl(2943000), "2.943 mL"),
        (units.format_nl(-250000), "-0.25 mL"),
        (units.format_nl(1), "0.000001 mL"),
        (units.format_ms(0), "0 s"),
        (units.format_ms(1), "0.001 s"),
        (units.format_ms(21900000), "6 h 5 min"),
        (units.format_ms(86400000), "1 day"),
        (units.format_ms(172800000), "2 days"),
        (units.format_ms(93784005), "1 day 2 h 3 min 4.005 s"),
    ):
        assert seen == expected


@req("R12")
def test_format_rounds_half_up_to_places():
    for seen, expected in (
        (units.format_ng(28639, 1), "28.6 mcg"),
        (units.format_ng(28650, 1), "28.7 mcg"),
        (units.format_ng(28649, 1), "28.6 mcg"),
        (units.format_ng_per_day(100000, 1), "100.0 mcg/day"),
        (units.format_ng(999, 0), "1 mcg"),
        (units.format_per_hour(100000), "4.167 mcg/h"),  # by hand: 100 / 24
        (units.format_flow(100000, 500000), "8.333 uL/h"),  # 100 mcg/day / 500 mcg/mL / 24
        (units.format_flow(27000, 2000000), "0.563 uL/h"),
        (units.format_flow(800000, 500000), "66.667 uL/h"),
        (units.format_permille(150), "+15 %"),
        (units.format_permille(-200), "-20 %"),
        (units.format_permille(13400), "+1340 %"),
        (units.format_permille(5), "+0.5 %"),
        (units.format_permille(0), "0 %"),
        (units.format_ratio(-1, 1000, 2), "0.00"),
        (units.format_ratio(-5, 1000, 2), "-0.01"),
    ):
        assert seen == expected


@req("R12")
def test_a_promised_time_is_never_too_short():
    for ms, wait, days in (
        (0, "0 s", "0.0 days"),
        (1, "1 s", "0.0 days"),
        (59001, "1 min", "0.0 days"),
        (60001, "1 min 1 s", "0.0 days"),
        (21720001, "6 h 3 min", "0.2 days"),
        (21720000, "6 h 2 min", "0.2 days"),
        (86399999, "1 day", "0.9 days"),
        (86400001, "1 day 1 h", "1.0 days"),
        (993600000, "11 days 12 h", "11.5 days"),
        (1002239999, "11 days 15 h", "11.5 days"),
    ):
        assert units.format_wait(ms) == wait
        assert units.format_days(ms) == days
