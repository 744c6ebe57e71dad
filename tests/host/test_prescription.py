"""Prescription files: what is understood, and that every error names file, key, value and what would be accepted."""

from pathlib import Path

import pytest

from tapir import prescription
from tapir.errors import PrescriptionError
from tapir.wire import schema

REQ = ("host",)


def test_the_example_reads_as_its_canonical_integers() -> None:
    rx = prescription.parse(prescription.EXAMPLE)
    assert rx.values() == {
        "drug": "baclofen",
        "conc_ng_per_ml": 500_000,
        "basal_ng_per_day": 100_000,
        "max_24h_ng": 115_000,
        "origin": schema.ORIGIN_CHILD,
        "screen_ng": 50_000,
        "screen_long": 0,
        "pb_dose_ng": 5_000,
        "pb_duration_ms": 300_000,
        "pb_lockout_ms": 21_600_000,
        "pb_max": 3,
    }
    assert rx.written["basal_ng_per_day"] == "100 mcg/day"


def test_what_is_left_out_is_left_out() -> None:
    rx = prescription.parse('drug = "baclofen"\nconcentration = "0.5 mg/mL"\nmax_24h = "0.1 mg"\n[basal]\nrate = "4.5 mcg/h"\n')
    assert rx.values() == {
        "drug": "baclofen",
        "conc_ng_per_ml": 500_000,
        "basal_ng_per_day": 108_000,
        "max_24h_ng": 100_000,
        "origin": schema.ORIGIN_UNSTATED,
    }


def _broken(old: str, new: str) -> PrescriptionError:
    assert old in prescription.EXAMPLE
    with pytest.raises(PrescriptionError) as caught:
        prescription.parse(prescription.EXAMPLE.replace(old, new), "rx.toml")
    assert caught.value.exit_code == 2
    return caught.value


@pytest.mark.req("R12")
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"100 mcg/day"', '"100 ug/day"', ["rx.toml, line 10", "basal.rate", '"100 ug/day"', "write mcg", '"100 mcg/day"']),
        ('"100 mcg/day"', '"100 \u00b5g/day"', ["basal.rate", "write mcg"]),
        ('"100 mcg/day"', "100", ["rx.toml, line 10", "basal.rate = 100", "without a unit", '"4.5 mcg/h"']),
        ('"100 mcg/day"', "1.5", ["basal.rate = 1.5", "without a unit"]),
        ('"100 mcg/day"', '"100"', ['basal.rate = "100"', "unit is missing"]),
        ('"100 mcg/day"', '"1,000 mcg/day"', ["without separators"]),
        ('"100 mcg/day"', '"100 mcg"', ["a rate is wanted"]),
        ('"100 mcg/day"', '"0.0001 mcg/day"', ["smallest step"]),
        ('"115 mcg"', '"115000000 mg"', ["max_24h", "out of all proportion"]),
        ('"6 h"', '"6 hours"', ["rx.toml, line 14", "patient_bolus.lockout", '"6 hours"', '"6 h"']),
        ("max_per_day = 3", "max_per_day = 3.5", ["max_per_day = 3.5", "not a whole number"]),
        ("max_per_day = 3", "max_per_day = 0", ["outside 1 to 99"]),
        ("max_per_day = 3", "max_per_day = true", ["max_per_day = true", "not a whole number"]),
        ("lasted_over_8h = false", 'lasted_over_8h = "no"', ["screening.lasted_over_8h", "neither true nor false"]),
        ('"child"', '"spinall"', ["patient.origin", "did you mean spinal?", '"cerebral"']),
        ('drug = "baclofen"', 'drug = ""', ["drug", "empty"]),
    ],
)
def test_a_wrong_value_is_named_with_its_place_and_the_forms_that_work(old: str, new: str, said: list[str]) -> None:
    error = _broken(old, new)
    for word in said:
        assert word in str(error)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("max_24h =", "max_24 =", ["line 3", "max_24 is not a key", "Did you mean max_24h?"]),
        ("rate =", "ratte =", ["basal.ratte is not a key", "Did you mean basal.rate?"]),
        ("[patient_bolus]", "[patient_boluses]", ["patient_boluses is not a key", "Did you mean patient_bolus?"]),
        ("[basal]\n", "", ["screening.rate is not a key"]),
        ('concentration = "500 mcg/mL"', "", ["concentration is missing", "Add concentration ="]),
        ('dose = "5 mcg"', "", ["patient_bolus.dose is missing", "[patient_bolus]"]),
        ("[patient]\norigin", "patient", ["patient is a table"]),
    ],
)
def test_unknown_and_missing_keys_are_refused_with_a_suggestion(old: str, new: str, said: list[str]) -> None:
    error = _broken(old, new)
    for word in said:
        assert word in str(error)


def test_broken_toml_names_the_file_and_line() -> None:
    error = _broken('drug = "baclofen"', "drug = baclofen")
    assert "rx.toml" in str(error) and "line 1" in str(error)


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(PrescriptionError, match="none.toml"):
        prescription.load(tmp_path / "none.toml")
    binary = tmp_path / "b.toml"
    binary.write_bytes(b"drug = \xff\xfe")
    with pytest.raises(PrescriptionError, match=r"b\.toml: not UTF-8"):
        prescription.load(binary)


SALINE = """\
drug = "saline"
concentration = "1 mg/mL"
max_24h = "30 mL"
[basal]
rate = "1 mL/h"
"""


@pytest.mark.req("R12")
@pytest.mark.parametrize(
    ("flow", "ng_per_day"),
    [("1 mL/h", 24_000_000), ("20 uL/min", 28_800_000), ("24 mL/day", 24_000_000), ("0.5 mL/min", 720_000_000), ("1 uL/h", 24_000)],
)
def test_a_rate_may_be_a_flow(flow: str, ng_per_day: int) -> None:
    """At 1 mg/mL a nL is a ng; 24 h are 1440 min."""
    found = prescription.parse(SALINE.replace("1 mL/h", flow))
    assert (found.basal_ng_per_day, found.max_24h_ng) == (ng_per_day, 30_000_000)
    assert found.written["basal_ng_per_day"] == flow


@pytest.mark.req("R12")
def test_a_flow_of_any_drug_goes_through_its_concentration() -> None:
    """1 mL/h at 500 mcg/mL is 12,000 mcg a day: what no keep-open rate may be."""
    text = prescription.EXAMPLE.replace("100 mcg/day", "1 mL/h").replace('dose = "5 mcg"', 'dose = "10 uL"')
    found = prescription.parse(text)
    assert (found.basal_ng_per_day, found.pb_dose_ng) == (12_000_000, 5_000)


@pytest.mark.req("R9", "R12")
def test_a_test_dose_is_no_volume_and_a_volume_is_exact() -> None:
    text = prescription.EXAMPLE.replace('effective_dose = "50 mcg"', 'effective_dose = "0.1 mL"')
    with pytest.raises(PrescriptionError, match="measures a volume"):
        prescription.parse(text)
    with pytest.raises(PrescriptionError, match="no whole number of ng"):
        prescription.parse(prescription.EXAMPLE.replace("100 mcg/day", "0.000001 mL/day"))
    with pytest.raises(PrescriptionError, match="out of all proportion"):
        prescription.parse(SALINE.replace("1 mL/h", "1 mL/min"))


def test_the_minimum_rate_need_not_be_written() -> None:
    text = 'drug = "baclofen"\nconcentration = "500 mcg/mL"\nmax_24h = "115 mcg"\nmode = "minimum"\n'
    assert prescription.parse(text).basal_ng_per_day == 27_000
    with pytest.raises(PrescriptionError, match="lowest rate of water is not known"):
        prescription.parse(text.replace("baclofen", "water"))
    with pytest.raises(PrescriptionError, match="basal.rate is missing"):
        prescription.parse(text.replace('mode = "minimum"\n', ""))
