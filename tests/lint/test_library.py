"""The drug library's files and the pump's table: one column each, and a file that does not hold is refused. CPython only."""

import copy
import tomllib
from typing import Any

import pytest

from tools import library_rows
from tools.manifest import ROOT
from wire import limits, schema

REQ = ("GIP 6.1",)

FILES = sorted((ROOT / "library").glob("*.toml"))
BACLOFEN: dict[str, Any] = tomllib.loads((ROOT / "library/baclofen-itb.toml").read_text())


def test_each_column_stands_where_limits_names_it() -> None:
    assert [column.name for column in library_rows.COLUMNS] == sorted(
        (column.name for column in library_rows.COLUMNS), key=lambda name: getattr(limits, name)
    )
    assert [getattr(limits, column.name) for column in library_rows.COLUMNS] == list(range(len(limits.LIBRARY[0])))


def test_the_pump_s_table_holds_the_files() -> None:
    assert [row[limits.NAME] for row in limits.LIBRARY] == [path.stem for path in FILES]
    for path, row in zip(FILES, limits.LIBRARY, strict=True):
        assert library_rows.read(tomllib.loads(path.read_text()), path.stem).row == row


@pytest.mark.req("R1", "R8", "R16")
def test_the_model_drug_s_numbers_are_the_article_s() -> None:
    """27 to 800 mcg/day, test doses of 12.5 to 50 mcg, most often 25, half-life 4.5 h: written out here a second time."""
    row = limits.drug("baclofen-itb")
    assert row is not None
    assert (row[limits.BASAL_MIN_NG_PER_DAY], row[limits.BASAL_MAX_NG_PER_DAY]) == (27_000, 800_000)
    assert (row[limits.SCREEN_MIN_NG], row[limits.SCREEN_MAX_NG]) == (12_500, 50_000)
    assert row[limits.HALF_LIFE_MIN] == 270
    assert row[limits.CONC_NG_PER_ML] == (50_000, 500_000, 1_000_000, 2_000_000)
    assert row[limits.RAISE_PERCENT][schema.ORIGIN_SPINAL] == 30
    assert {row[limits.RAISE_PERCENT][origin] for origin in (schema.ORIGIN_UNSTATED, schema.ORIGIN_CEREBRAL, schema.ORIGIN_CHILD)} == {15}
    assert library_rows.read(BACLOFEN, "baclofen-itb").usual_ng == 25_000


def _change(key: str, **cell: object) -> dict[str, Any]:
    tree = copy.deepcopy(BACLOFEN)
    at = tree
    for part in key.split("."):
        at = at[part]
    at.update(cell)
    return tree


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        (_change("basal.lowest", **{"is": "27"}), "the unit is missing"),
        (_change("basal.lowest", **{"is": 27}), "text with its unit"),
        (_change("basal.lowest", **{"is": "27 mcg"}), "measures a dose"),
        (_change("basal.lowest", source="hearsay"), "hearsay"),
        (_change("basal.lowest", **{"is": "900 mcg/day"}), "BASAL_MIN_NG_PER_DAY = 900000 is above"),
        (_change("basal.lowest", **{"is": "0 mcg/day"}), "must not be 0"),
        (_change("bolus.shortest_lockout", **{"is": "0 s"}), "LOCKOUT_MIN_MS must not be 0"),
        (_change("reduction.at_most", **{"is": "0 %"}), "LOWER_PERCENT must not be 0"),
        (_change("reduction.at_most", **{"is": "101 %"}), "at most 100 %"),
        (_change("reduction.at_most", **{"is": "20"}), "look like 20 %"),
        (_change("taper.label.percent", **{"is": "0 %"}), "a taper step of 0 %"),
        (_change("level.half_life", **{"is": "90 s"}), "not whole minutes"),
        (_change("bolus.in_taper", **{"is": "no"}), "true or false"),
        (_change("bolus", hihgest={"is": "1 mcg", "source": "ours", "why": "typo"}), "bolus.hihgest is not known"),
        ({key: value for key, value in BACLOFEN.items() if key != "flex"}, "flex.lowest is missing"),
        ({**BACLOFEN, "name": "other"}, "must be the file's own"),
    ],
)
def test_a_file_that_does_not_hold_is_refused(tree: dict[str, Any], said: str) -> None:
    with pytest.raises(library_rows.LibraryError) as caught:
        library_rows.read(tree, "baclofen-itb")
    assert said in str(caught.value)
