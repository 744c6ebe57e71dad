"""What a file of library/ must say: each number's place in the file, its unit, and its column in the pump's table.

`read` makes an Entry of a parsed file or raises LibraryError. The columns' names are those of firmware/wire/limits.py, in its
order (a test compares). Called by gen_library.py; canonical units as everywhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wire import names, units

SOURCES = ("seed", "reported", "ours")
PERCENT, DAYS, MINUTES, FLAG = "percent", "days", "minutes", "flag"  # beside the quantities of wire/units
_DAY_MS = 86400000


class LibraryError(ValueError):
    """A library file that does not hold: key, and what is wrong with it."""


@dataclass(frozen=True)
class Column:
    """A place in the pump's row: its name there, and where its number stands in the file (one key, or several for a tuple)."""

    name: str
    kind: str
    keys: tuple[str, ...]
    many: bool = False  # the number itself is a list


COLUMNS = (
    Column("NAME", "", ("name",)),
    Column("DRUG", "", ("drug",)),
    Column("CONC_NG_PER_ML", units.NG_PER_ML, ("concentration.known",), many=True),
    Column("BASAL_MIN_NG_PER_DAY", units.NG_PER_DAY, ("basal.lowest",)),
    Column("BASAL_MAX_NG_PER_DAY", units.NG_PER_DAY, ("basal.highest",)),
    Column("MAX_24H_NG", units.NG, ("basal.max_24h_highest",)),
    Column("START_MAX_NG_PER_DAY", units.NG_PER_DAY, ("basal.start_highest",)),
    Column("SCREEN_MIN_NG", units.NG, ("screening.lowest",)),
    Column("SCREEN_MAX_NG", units.NG, ("screening.highest",)),
    Column("BOLUS_MAX_NG", units.NG, ("bolus.highest",)),
    Column("BOLUS_MIN_MS", units.MS, ("bolus.shortest",)),
    Column("BOLUS_MAX_MS", units.MS, ("bolus.longest",)),
    Column("LOCKOUT_MIN_MS", units.MS, ("bolus.shortest_lockout",)),
    Column("RAISE_PERCENT", PERCENT, ("", "titration.spinal", "titration.cerebral", "titration.child")),  # "": the strictest of them
    Column("RAISE_SOFT_PERCENT", PERCENT, ("titration.soft_raise",)),
    Column("RAISE_SOFT_ABOVE_NG_PER_DAY", units.NG_PER_DAY, ("titration.soft_above",)),
    Column("LOWER_PERCENT", PERCENT, ("reduction.at_most",)),
    Column("RUNG_BACK_MS", units.MS, ("reduction.back_within",)),
    Column("TAPER_PRESETS", "", ("taper",)),
    Column("SUSPEND_MAX_MS", units.MS, ("stop.longest",)),
    Column("OFF_AUTO_MS", units.MS, ("stop.resumes_by_itself",)),
    Column("REFILL_SHARE_PERCENT", PERCENT, ("reservoir.residual_share",)),
    Column("BOLUS_IN_TAPER", FLAG, ("bolus.in_taper",)),
    Column("BASAL_SOFT_MAX_NG_PER_DAY", units.NG_PER_DAY, ("basal.soft_highest",)),
    Column("BOLUS_SOFT_MAX_NG", units.NG, ("bolus.soft_highest",)),
    Column("RAISE_WAIT_MS", units.MS, ("titration.first_raise",)),
    Column("SCREEN_SPACING_MS", units.MS, ("screening.spacing",)),
    Column("FLEX_MIN_PERCENT", PERCENT, ("flex.lowest",)),
    Column("FLEX_MAX_PERCENT", PERCENT, ("flex.highest",)),
    Column("DEAD_MIN_NL", units.NL, ("dead_volume.least",)),
    Column("DEAD_MAX_NL", units.NL, ("dead_volume.most",)),
    Column("HALF_LIFE_MIN", MINUTES, ("level.half_life",)),
    Column("PAUSE_REMIND_MS", units.MS, ("reminders.taper_paused",)),
    Column("LOW_DAYS", DAYS, ("reservoir.low_days",)),
    Column("REFILL_DAYS", DAYS, ("reservoir.refill_days",)),
    Column("LOWER_WINDOW_MS", units.MS, ("reduction.window",)),
)
_HOST_ONLY = (("screening.usual", units.NG), ("level.half_life_range", MINUTES))

# low <= high, by the columns' names: what a row must satisfy whoever wrote it
ORDER = (
    ("BASAL_MIN_NG_PER_DAY", "START_MAX_NG_PER_DAY"),
    ("START_MAX_NG_PER_DAY", "BASAL_MAX_NG_PER_DAY"),
    ("BASAL_SOFT_MAX_NG_PER_DAY", "BASAL_MAX_NG_PER_DAY"),
    ("BASAL_MAX_NG_PER_DAY", "MAX_24H_NG"),
    ("SCREEN_MIN_NG", "SCREEN_MAX_NG"),
    ("BOLUS_SOFT_MAX_NG", "BOLUS_MAX_NG"),
    ("BOLUS_MIN_MS", "BOLUS_MAX_MS"),
    ("FLEX_MIN_PERCENT", "FLEX_MAX_PERCENT"),
    ("DEAD_MIN_NL", "DEAD_MAX_NL"),
)
# where 0 would switch a rule off
POSITIVE = (
    "BASAL_MIN_NG_PER_DAY",
    "BOLUS_MIN_MS",
    "LOCKOUT_MIN_MS",
    "LOWER_PERCENT",
    "LOWER_WINDOW_MS",
    "SUSPEND_MAX_MS",
    "DEAD_MIN_NL",
    "HALF_LIFE_MIN",
)


@dataclass(frozen=True)
class Entry:
    """One file: the pump's row, the host's words, and (key, as written, source, why) for the page."""

    name: str
    drug: str
    title: str
    row: tuple[Any, ...]
    preset_words: tuple[str, ...]
    usual_ng: int
    half_lives: tuple[int, ...]
    cited: tuple[tuple[str, str, str, str], ...]


def read(tree: dict[str, Any], stem: str) -> Entry:
    """The entry in a parsed file called stem.toml. Raises LibraryError."""
    if tree.get("name") != stem:
        raise LibraryError(f"name = {tree.get('name')!r} must be the file's own, {stem!r}")
    for key in ("drug", "title"):
        if not isinstance(tree.get(key), str):
            raise LibraryError(f"{key} is missing")
    file = _File(tree)
    row = tuple(_column(file, column) for column in COLUMNS)
    usual, around = (file.number(key, kind) for key, kind in _HOST_ONLY)
    presets = tuple(f"{file.source(f'taper.{name}.percent')}: {file.why(f'taper.{name}.percent')}" for _, name in names.TAPERS)
    file.leftovers()
    values = {column.name: value for column, value in zip(COLUMNS, row, strict=True)}
    _sound(values)
    half_lives = tuple(sorted({values["HALF_LIFE_MIN"], *around}))
    return Entry(stem, tree["drug"], tree["title"], row, presets, usual, half_lives, tuple(file.cited()))


def _column(file: "_File", column: Column) -> Any:
    if column.name in ("NAME", "DRUG"):
        return file.tree[column.keys[0]]
    if column.name == "TAPER_PRESETS":
        called = [f"taper.{name}" for _, name in names.TAPERS]
        return tuple((file.number(f"{key}.percent", PERCENT), file.number(f"{key}.hold", units.MS)) for key in called)
    if len(column.keys) == 1:
        return file.number(column.keys[0], column.kind, column.many)
    given = [file.number(key, column.kind) for key in column.keys if key]
    return tuple(min(given) if not key else file.number(key, column.kind) for key in column.keys)


def _sound(values: dict[str, Any]) -> None:
    for low, high in ORDER:
        if values[low] > values[high]:
            raise LibraryError(f"{low} = {values[low]} is above {high} = {values[high]}")
    for name in POSITIVE:
        if values[name] < 1:
            raise LibraryError(f"{name} must not be 0")
    for percent, hold in values["TAPER_PRESETS"]:
        if not 0 < percent <= 100 or hold < 1:
            raise LibraryError(f"a taper step of {percent} % held for {hold} ms")
    for name in ("LOWER_WINDOW_MS", "RUNG_BACK_MS"):
        if values[name] > 3 * _DAY_MS:
            raise LibraryError(f"{name}: the pump remembers 72 h")
    if not 0 < values["LOWER_PERCENT"] <= 100:
        raise LibraryError("a reduction is by more than 0 and at most 100 %")


class _File:
    """Numbers by dotted key; remembers which were asked for."""

    def __init__(self, tree: dict[str, Any]) -> None:
        self.tree = tree
        self.asked: set[str] = set()

    def _cell(self, key: str) -> dict[str, Any]:
        at: Any = self.tree
        for part in key.split("."):
            at = at.get(part) if isinstance(at, dict) else None
        if not isinstance(at, dict):
            raise LibraryError(f'{key} is missing; write {key.rsplit(".")[-1]} = {{ is = "...", source = "ours", why = "..." }}')
        if set(at) != {"is", "source", "why"}:
            raise LibraryError(f"{key} needs is, source and why, and nothing else")
        if at["source"] not in SOURCES:
            raise LibraryError(f"{key}: source {at['source']!r} is not one of {', '.join(SOURCES)}")
        self.asked.add(key)
        return at

    def number(self, key: str, kind: str, many: bool = False) -> Any:
        said = self._cell(key)["is"]
        if isinstance(said, list) or many:
            if not isinstance(said, list) or not said:
                raise LibraryError(f"{key} must be a list")
            return tuple(_integer(key, item, kind) for item in said)
        return _integer(key, said, kind)

    def source(self, key: str) -> str:
        return str(self._cell(key)["source"])

    def why(self, key: str) -> str:
        return str(self._cell(key)["why"])

    def leftovers(self) -> None:
        """A number nobody asked for is a misspelt limit."""
        for key in self._keys(self.tree, ""):
            if key not in self.asked and key not in ("name", "drug", "title"):
                raise LibraryError(f"{key} is not known here")

    def _keys(self, tree: dict[str, Any], prefix: str) -> Iterator[str]:
        for key, value in tree.items():
            if isinstance(value, dict) and "is" not in value:
                yield from self._keys(value, f"{prefix}{key}.")
            else:
                yield prefix + key

    def cited(self) -> Iterator[tuple[str, str, str, str]]:
        for key in self._keys(self.tree, ""):
            if key in self.asked:
                cell = self._cell(key)
                said = cell["is"]
                shown = ", ".join(said) if isinstance(said, list) else {True: "yes", False: "no"}.get(said, str(said))
                yield key.replace(".", " ").replace("_", " "), shown, cell["source"], cell["why"]


def _integer(key: str, said: object, kind: str) -> int:
    if kind == FLAG:
        if not isinstance(said, bool):
            raise LibraryError(f"{key} is true or false")
        return int(said)
    if not isinstance(said, str):
        raise LibraryError(f"{key}: a quantity is text with its unit")
    if kind == PERCENT:
        number, _, unit = said.partition(" ")
        if unit != "%" or not number.isdecimal():
            raise LibraryError(f"{key} = {said!r}: per cent look like 20 %")
        return int(number)
    size = {DAYS: _DAY_MS, MINUTES: 60000}.get(kind, 1)
    try:
        value = units.parse(said, units.MS if size > 1 else kind)
    except units.UnitError as error:
        raise LibraryError(f"{key}: {error}") from error
    if value % size:
        raise LibraryError(f"{key} = {said!r}: not whole {kind}")
    return value // size
