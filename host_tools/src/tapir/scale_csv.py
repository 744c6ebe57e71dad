"""What a scale wrote, as a CSV file -> records for accuracy.py.

    time_min,weight_g          the units are in the header: time_min, time (s), weight [mg] ..., or come as options
    0,0.0000                   the first row is the moment the flow begins, and the tare
    15,0.0021

Comma, semicolon or tab between the columns; a point for decimals; lines that begin with # are skipped, and so are other columns. Samples
are taken every S from the first row on, on the straight line between two rows that are at most S apart. Numbers are taken as
written (Fractions). Every error names file, line and value, and the forms that work. Called by cli/accuracy.py.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from .accuracy import Record
from .errors import UsageError

TIMES = {"s": 1_000, "min": 60_000, "h": 3_600_000}  # ms
WEIGHTS = {"g": 1_000_000, "mg": 1_000}  # micrograms
FORM = "time_min,weight_g"
_HEADER = re.compile(r"(time|weight)\s*(?:[_\s]\s*\(?|[\[(/])?\s*([A-Za-z]*)\s*[\])]?", re.I)
_NUMBER = re.compile(r"-?\d{1,12}(?:\.\d{1,12})?")


class ScaleError(UsageError):
    """A file of a scale that cannot be used: file, line, value, and what would be accepted."""


@dataclass(frozen=True)
class Row:
    """A line of the file."""

    line: int
    ms: Fraction
    ug: Fraction


def samples(path: Path, nl_per_day: int, sample_ms: int, density: Fraction, time_unit: str = "", weight_unit: str = "") -> Record:
    """The record of a file, as long as the file is. `density` in g/mL; the units where the header has none."""
    rows = read(path, time_unit, weight_unit)
    for before, after in zip(rows, rows[1:], strict=False):
        if after.ms <= before.ms:
            raise ScaleError(f"{path}, line {after.line}: the time does not go on ({_ms(after.ms)} after {_ms(before.ms)}).")
        if after.ms - before.ms > sample_ms:
            raise ScaleError(
                f"{path}, line {after.line}: {_ms(after.ms - before.ms)} without a weight.",
                f"At least one every {_ms(Fraction(sample_ms))}.",
            )
    start, tare, found, i = rows[0].ms, rows[0].ug, [0], 0
    while True:
        at = start + len(found) * sample_ms
        while i < len(rows) and rows[i].ms < at:
            i += 1
        if i == len(rows):
            return Record(path.name, nl_per_day, sample_ms, tuple(found))
        before, after = rows[i - 1], rows[i]
        ug = before.ug + (after.ug - before.ug) * (at - before.ms) / (after.ms - before.ms)
        found.append(round((ug - tare) * 1000 / density))  # 1 ug / (1 g/mL) is 1000 pL


def weighings(path: Path, density: Fraction, weight_unit: str = "") -> list[Fraction]:
    """What each row weighs more than the one before it, in pL: boluses, the first row being the tare."""
    rows = read(path, "", weight_unit, timed=False)
    return [(after.ug - before.ug) * 1000 / density for before, after in zip(rows, rows[1:], strict=False)]


def read(path: Path, time_unit: str = "", weight_unit: str = "", timed: bool = True) -> list[Row]:
    """The rows, at least two."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else f"not UTF-8 text, byte {error.start}"
        raise ScaleError(f"{path} cannot be read ({why}).") from error
    numbered = [(n, text) for n, text in enumerate(lines, 1) if text.strip() and not text.startswith("#")]
    if not numbered:
        raise ScaleError(f"{path} is empty.", f"It begins with a line like {FORM}")
    line, header = numbered[0]
    split = next((mark for mark in ("\t", ";", ",") if mark in header), ",")
    columns = _columns(f"{path}, line {line}", header.split(split), {"time": time_unit, "weight": weight_unit}, timed)
    rows = []
    for line, text in numbered[1:]:
        cells = text.split(split)
        where = f"{path}, line {line}"
        if len(cells) != len(header.split(split)):
            raise ScaleError(f"{where}: {len(cells)} columns, and the header has {len(header.split(split))}: {text.strip()}")
        got = {name: _value(where, name, cells[column]) * size for name, (column, size) in columns.items()}
        rows.append(Row(line, got.get("time", Fraction(0)), got["weight"]))
    if len(rows) < 2:
        raise ScaleError(f"{path} has {len(rows)} rows below its header; two at least are needed.")
    return rows


def _columns(where: str, cells: list[str], units: dict[str, str], timed: bool) -> dict[str, tuple[int, int]]:
    """{"time": (column, ms in its unit), "weight": (column, micrograms in its unit)}"""
    found: dict[str, tuple[int, int]] = {}
    for name, sizes in (("time", TIMES), ("weight", WEIGHTS)):
        if name == "time" and not timed:
            continue
        matches = [(i, match[2]) for i, cell in enumerate(cells) if (match := _HEADER.fullmatch(cell.strip())) and match[1].lower() == name]
        if len(matches) != 1:
            raise ScaleError(
                f"{where}: {'no' if not matches else 'more than one'} column {name}: {', '.join(c.strip() for c in cells)}.", f"Like {FORM}"
            )
        column, unit = matches[0]
        unit = unit or units[name]
        if unit not in sizes:
            why = f"the unit of {name} is missing" if not unit else f"{unit} is no unit of {name} here"
            raise ScaleError(
                f"{where}: {cells[column].strip()}: {why}.", f"One of {', '.join(sizes)}: {name}_{min(sizes)}, or --{name}-unit"
            )
        found[name] = (column, sizes[unit])
    return found


def _value(where: str, name: str, cell: str) -> Fraction:
    text = cell.strip()
    if not _NUMBER.fullmatch(text):
        raise ScaleError(f"{where}: {name} {text or '(empty)'} is not a number.", "Digits and a point: 0.0021")
    return Fraction(text)


def _ms(ms: Fraction) -> str:
    return f"{float(ms / 60_000):g} min"
