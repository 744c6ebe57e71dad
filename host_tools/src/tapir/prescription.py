"""A prescription file (TOML, quantities as text with units) to canonical integers. Pure apart from `load`.

Rates and doses that are delivered may also be written as a flow or a volume of what is in the syringe; they are converted exactly
through the file's own concentration. A test dose may not: it may have come from another vial.
Every error names file, line, key and value, and the forms that would be accepted; unknown keys are refused with the
nearest known one. Nothing has a default that could matter: what is left out is left out. Bounds are the pump's business.
Called by cli/prescribe.py; `Prescription` is what `Pump.prescribe` takes.
"""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from . import schedule, words
from .errors import PrescriptionError, Value
from .schedule import Schedule
from .wire import limits, names, schema, units
from .wire.units import UnitError

EXAMPLE = """\
drug = "baclofen"
concentration = "500 mcg/mL"        # read from the vial
max_24h = "115 mcg"
[patient]
origin = "child"                    # spinal | cerebral | child; strictest when left out
[screening]
effective_dose = "50 mcg"           # the test bolus that worked
lasted_over_8h = false
[basal]
rate = "100 mcg/day"
[patient_bolus]
dose = "5 mcg"
duration = "5 min"
lockout = "6 h"
max_per_day = 3
"""

_BASAL = """\
[basal]
rate = "100 mcg/day"
"""
# by what --example may be followed with; the totals are 100 mcg in 24 h each
SALINE_EXAMPLE = """\
drug = "saline"                     # a plain syringe pump: tapir provision --library saline
concentration = "1 mg/mL"           # by name only: 1 mcg stands for 1 uL
max_24h = "30 mL"
[basal]
rate = "1 mL/h"                     # or "20 uL/min", "24 mL/day"
"""
EXAMPLES = {
    "simple": EXAMPLE,
    "flex": EXAMPLE.replace(_BASAL, schedule.FLEX_EXAMPLE),
    "periodic": EXAMPLE.replace(_BASAL, schedule.PERIODIC_EXAMPLE),
    "saline": SALINE_EXAMPLE,
}

_ORIGINS: dict[str, int] = {str(row[1]): row[0] for row in names.ORIGINS if row[0] != schema.ORIGIN_UNSTATED}

# (table, key, wire field, kind, required): kind is a quantity of wire/units, or one of these
_WORD, _ORIGIN, _FLAG, _COUNT, _MODE = "word", "origin", "flag", "count", "mode"
_KEYS = (
    ("", "drug", "drug", _WORD, True),
    ("", "concentration", "conc_ng_per_ml", units.NG_PER_ML, True),
    ("", "max_24h", "max_24h_ng", units.NG, True),
    ("", "dead_volume", "dead_nl", units.NL, False),
    ("", "mode", "mode", _MODE, False),
    ("patient", "origin", "origin", _ORIGIN, False),
    ("screening", "effective_dose", "screen_ng", units.NG, False),
    ("screening", "lasted_over_8h", "screen_long", _FLAG, False),
    ("basal", "rate", "basal_ng_per_day", units.NG_PER_DAY, True),
    ("patient_bolus", "dose", "pb_dose_ng", units.NG, True),  # required once the table is there
    ("patient_bolus", "duration", "pb_duration_ms", units.MS, True),
    ("patient_bolus", "lockout", "pb_lockout_ms", units.MS, True),
    ("patient_bolus", "max_per_day", "pb_max", _COUNT, True),
)
_AS_VOLUME = {units.NG: units.NL, units.NG_PER_DAY: units.NL_PER_DAY}  # a dose as a volume, a rate as a flow
_OPTIONAL_TABLES = ("patient", "screening", "patient_bolus")
_SCHEDULES = ("flex", "periodic")
_BOUNDS = {row[0]: (row[2], row[3]) for row in next(r for r in schema.REQUESTS if r[0] == "PRESCRIBE")[3]}


@dataclass(frozen=True)
class Prescription:
    """Canonical integers; None where the file says nothing. `written` has each field's text as typed, for messages."""

    drug: str
    conc_ng_per_ml: int
    basal_ng_per_day: int
    max_24h_ng: int
    origin: int = schema.ORIGIN_UNSTATED
    screen_ng: int | None = None
    screen_long: int | None = None
    pb_dose_ng: int | None = None
    pb_duration_ms: int | None = None
    pb_lockout_ms: int | None = None
    pb_max: int | None = None
    dead_nl: int | None = None  # syringe to tip; only with another concentration than before
    mode: int | None = None
    schedule: Schedule | None = None  # then basal_ng_per_day is its total
    written: Mapping[str, str] = field(default_factory=dict, compare=False)

    def values(self) -> dict[str, Value]:
        """The fields of PRESCRIBE that the file gives."""
        found: dict[str, Value | None] = {row[2]: getattr(self, row[2]) for row in _KEYS}
        if self.schedule is not None:
            found["rows_hash"] = self.schedule.hash
        return {name: value for name, value in found.items() if value is not None}


def load(path: Path) -> Prescription:
    """Read a file. Raises PrescriptionError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PrescriptionError(
            f"{path} cannot be read ({error.strerror}).", "tapir prescribe --example prints a file to start from."
        ) from error
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PrescriptionError(f"{path}: not UTF-8 text (byte {error.start}).", "TOML files are UTF-8.") from error
    return parse(text, str(path))


def parse(text: str, name: str = "prescription") -> Prescription:
    """Read TOML text; `name` is the file's in messages."""
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        hint = 'Quantities are text with a unit: rate = "100 mcg/day"'
        if "overwrite a value" in str(error):
            hint = "A name, or a time of day, stands twice."
        raise PrescriptionError(f"{name}: not TOML: {error}.", hint) from error
    return _Reader(text, name).read(tree)


class _Reader:
    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name

    def read(self, tree: dict[str, object]) -> Prescription:
        found: dict[str, Value] = {}
        written: dict[str, str] = {}
        self._strangers(tree)
        if "flex" in tree and ("basal" in tree or "periodic" in tree):
            other = "basal" if "basal" in tree else "periodic"
            raise PrescriptionError(
                f"{self._at('', other)}: [{other}] beside [flex].", "The rows of [flex] are all that flows: leave out the other."
            )
        for table, key, wire_field, kind, required in _KEYS:
            place = tree.get(table) if table else tree
            if place is None and table in _OPTIONAL_TABLES:
                continue
            if not isinstance(place, dict) or key not in place:
                if wire_field == "basal_ng_per_day" and found.get("mode") == schema.MINIMUM:
                    found[wire_field] = self._minimum(str(found["drug"]))
                elif required and not (table == "basal" and "flex" in tree):
                    raise self._missing(table, key, kind)
                continue
            number = self._of_volume(table, key, wire_field, kind, place[key], found)
            found[wire_field] = self._value(table, key, wire_field, kind, place[key]) if number is None else number
            written[wire_field] = str(place[key])
        plan = self._schedule(tree, found, written)
        return Prescription(**found, schedule=plan, written=written)  # type: ignore[arg-type]  # names and kinds are the table's

    def _schedule(self, tree: dict[str, object], found: dict[str, Value], written: dict[str, str]) -> Schedule | None:
        """[flex] or [periodic], whose total becomes basal_ng_per_day."""
        for name in _SCHEDULES:
            table = tree.get(name)
            if not isinstance(table, dict):
                continue
            if "mode" in found:
                raise PrescriptionError(f"{self._at('', 'mode')}: mode beside [{name}].", f"Leave it out: [{name}] is the mode.")
            try:
                basal = int(found.get("basal_ng_per_day", 0))
                plan = schedule.flex(table, self._wrong) if name == "flex" else schedule.periodic(table, basal, self._wrong)
            except PrescriptionError as error:
                if not error.problem.startswith(self.name):
                    error = PrescriptionError(f"{self._at('', name)}: {error.problem}", error.hint)
                raise error from None
            found["mode"] = plan.mode
            found["basal_ng_per_day"] = plan.total_ng
            written["basal_ng_per_day"] = f"the rows of [{name}]" if name == "flex" else "[basal] and [periodic]"
            hourly = [f'"{at}" = "{rate}"' for at, rate in table.items() if str(rate).replace(" ", "").endswith("mcg/h")]
            if hourly:
                written["hourly"] = hourly[0]
            return plan
        return None

    def _minimum(self, drug: str) -> int:
        """The rate of mode = "minimum" need not be written: it is the library's lowest. Written, it must be just that, says the pump."""
        rates = {int(row[limits.BASAL_MIN_NG_PER_DAY]) for row in limits.LIBRARY if row[limits.DRUG] == drug}
        if len(rates) != 1:
            hint = 'Add [basal] rate = "27 mcg/day", the lowest of the library'
            raise PrescriptionError(f"{self.name}: the lowest rate of {drug} is not known here.", hint)
        return rates.pop()

    def _strangers(self, tree: dict[str, object]) -> None:
        """Refuse keys and tables that are not in the table above: a misspelt limit must not silently be no limit."""
        tables = sorted({row[0] for row in _KEYS if row[0]} | set(_SCHEDULES))
        top = [row[1] for row in _KEYS if not row[0]]
        for key, value in tree.items():
            if key not in tables and key not in top:
                raise self._unknown("", key, [*top, *tables])
            if key in tables:
                if not isinstance(value, dict):
                    raise PrescriptionError(
                        f"{self._at('', key)}: {key} is a table, not a value.", f"Write [{key}] on a line of its own, its keys below."
                    )
                known = [row[1] for row in _KEYS if row[0] == key] + list(schedule.PERIODIC_KEYS if key == "periodic" else ())
                for inner in value:
                    if inner not in known and key != "flex":
                        raise self._unknown(key, inner, known)
            elif isinstance(value, dict):
                raise PrescriptionError(
                    f"{self._at('', key)}: {key} is a value, not a table.", f"Write {key} = ... above the first [table]."
                )

    def _of_volume(self, table: str, key: str, wire_field: str, kind: str, value: object, found: dict[str, Value]) -> int | None:
        """The drug in a volume or a flow; None if `value` is none, or may not be one."""
        if kind not in _AS_VOLUME or table == "screening" or not isinstance(value, str):
            return None
        conc = found["conc_ng_per_ml"]
        try:
            drug = drug_in(value, _AS_VOLUME[kind], int(conc))
        except UnitError:
            return None
        low, high = _BOUNDS[wire_field]
        if drug is None:
            raise self._wrong(table, key, value, "no whole number of ng at this concentration", _forms(kind))
        if not (low or 0) <= drug <= (high or 0):
            raise self._wrong(table, key, value, _out_of(wire_field), _forms(kind))
        return drug

    def _value(self, table: str, key: str, wire_field: str, kind: str, value: object) -> Value:
        forms = _forms(kind)
        if kind == _FLAG:
            if not isinstance(value, bool):
                raise self._wrong(table, key, value, "neither true nor false", forms)
            return int(value)
        if kind == _COUNT:
            low, high = _BOUNDS[wire_field]
            if not isinstance(value, int) or isinstance(value, bool):
                raise self._wrong(table, key, value, "not a whole number", forms)
            if not (low or 0) <= value <= (high or 0):
                raise self._wrong(table, key, value, f"outside {low} to {high}", forms)
            return value
        if not isinstance(value, str):
            why = "a number without a unit" if isinstance(value, int | float) and not isinstance(value, bool) else "not text"
            raise self._wrong(table, key, value, why, forms)
        if kind == _WORD:
            if not value or len(value) > (_BOUNDS[wire_field][1] or 0):
                raise self._wrong(table, key, value, "empty or too long", forms)
            return value
        if kind == _MODE:
            if value != "minimum":
                raise self._wrong(table, key, value, "not a mode", forms)
            return schema.MINIMUM
        if kind == _ORIGIN:
            if value not in _ORIGINS:
                near = difflib.get_close_matches(value, _ORIGINS, 1)
                raise self._wrong(table, key, value, "not an origin" + (f", did you mean {near[0]}?" if near else ""), forms)
            return _ORIGINS[value]
        try:
            number = units.parse(value, kind)
        except UnitError as error:
            raise self._wrong(table, key, value, error.why, forms) from error
        low, high = _BOUNDS[wire_field]
        if number < (low or 0) or (high is not None and number > high):
            raise self._wrong(table, key, value, _out_of(wire_field), forms)
        return number

    # --- sentences ----------------------------------------------------------------------------------------------------
    def _at(self, table: str, key: str) -> str:
        line = line_of(self.text, table, key)
        return self.name + (f", line {line}" if line else "")

    def _wrong(self, table: str, key: str, value: object, why: str, forms: tuple[str, ...]) -> PrescriptionError:
        shown = _toml(value)
        return PrescriptionError(f"{self._at(table, key)}: {_dotted(table, key)} = {shown}: {why}.", f"Accepted: {', '.join(forms)}")

    def _missing(self, table: str, key: str, kind: str) -> PrescriptionError:
        where = f"[{table}] " if table else ""
        return PrescriptionError(f"{self.name}: {_dotted(table, key)} is missing.", f"Add {where}{key} = {_forms(kind)[0]}")

    def _unknown(self, table: str, key: str, known: list[str]) -> PrescriptionError:
        near = difflib.get_close_matches(key, known, 1, 0.5)
        hint = f"Did you mean {_dotted(table, near[0])}? " if near else ""
        where = f"in [{table}]" if table else "at the top"
        return PrescriptionError(
            f"{self._at(table, key)}: {_dotted(table, key)} is not a key of a prescription.", f"{hint}Known {where}: {', '.join(known)}"
        )


def drug_in(text: str, quantity: str, conc_ng_per_ml: int) -> int | None:
    """The drug in a volume (or a flow) as typed, in ng (ng/day); None if that is not a whole number. Raises UnitError."""
    drug, rest = divmod(units.parse(text, quantity) * conc_ng_per_ml, 1000000)
    return None if rest else drug


def _out_of(wire_field: str) -> str:
    """What no pump and no library can mean; the limits proper are the pump's."""
    low, high = _BOUNDS[wire_field]
    return f"out of all proportion, {words.show(wire_field, low or 0)} to {words.show(wire_field, high or 0)} can be sent at all"


def _forms(kind: str) -> tuple[str, ...]:
    if kind == _WORD:
        return ('"baclofen"',)
    if kind == _ORIGIN:
        return tuple(f'"{name}"' for name in _ORIGINS)
    if kind == _MODE:
        return ('"minimum"', "nothing: a rate, [flex] or [periodic] say it themselves")
    if kind == _FLAG:
        return ("true", "false")
    if kind == _COUNT:
        return ("3", "a whole number without quotes")
    return tuple(f'"{form}"' for form in UnitError("", kind, "").forms)


def _dotted(table: str, key: str) -> str:
    return f"{table}.{key}" if table and ":" not in key else f'{table}."{key}"' if table else key


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def line_of(text: str, table: str, key: str) -> int | None:
    """The line (from 1) where `key` of `[table]`, or the table `key` itself, stands; None if written in another style."""
    inside = ""
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[\s*([\w.-]+)\s*\]", line)
        if header:
            inside = header[1]
            if not table and inside == key:
                return number
        elif inside == table and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
            return number
    return None
