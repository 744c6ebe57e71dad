"""Decimal text with a unit <-> canonical integers: ng, ng_per_day, ng_per_ml, nl, ms. Exact, or refused.

A quantity is named by its canonical unit. `parse` takes what a person types and never guesses: `5`, `1,000`, `.5 mcg` and
`5 ug` are refused with forms that work, and so is what is not a whole number of the canonical unit (0.0001 mcg is a tenth
of a ng). `format_*` write it back: without `places` exactly, so that parse(format(x)) == x; with `places` rounded half up,
for display. Micrograms are mcg, never ug or the micro sign (ISMP). Called by the host; pure integers.
"""

NG, NG_PER_DAY, NG_PER_ML, NL, NL_PER_DAY, MS = "ng", "ng_per_day", "ng_per_ml", "nl", "nl_per_day", "ms"

_DIGITS_MAX = 18  # of a typed number, on each side of the point
_HOUR = 3600000
_DAY = 86400000

# (quantity, what a person calls it, forms that work, ((unit, canonical units in one), ...))
_TABLE = (
    (NG, "dose", ("5 mcg", "0.5 mg"), (("mcg", 1000), ("mg", 1000000))),
    (
        NG_PER_DAY,
        "rate",
        ("100 mcg/day", "4.5 mcg/h", "0.1 mg/day"),
        (("mcg/day", 1000), ("mcg/h", 24000), ("mg/day", 1000000)),
    ),
    (NG_PER_ML, "concentration", ("500 mcg/mL", "0.5 mg/mL"), (("mcg/mL", 1000), ("mg/mL", 1000000))),
    (NL, "volume", ("2.5 mL", "250 uL"), (("mL", 1000000), ("uL", 1000))),
    (
        NL_PER_DAY,
        "flow",
        ("1 mL/h", "20 uL/min", "24 mL/day"),
        (("mL/h", 24000000), ("mL/min", 1440000000), ("mL/day", 1000000), ("uL/h", 24000), ("uL/min", 1440000), ("uL/day", 1000)),
    ),
    (
        MS,
        "time",
        ("30 s", "5 min", "6 h", "2 days", "6 h 30 min"),
        (("days", _DAY), ("day", _DAY), ("h", _HOUR), ("min", 60000), ("s", 1000)),
    ),
)


class UnitError(ValueError):
    """Text that is refused: `text` as typed, `why`, and `forms` that work."""

    def __init__(self, text: str, quantity: str, why: str) -> None:
        super().__init__(text, quantity, why)
        self.text = text
        self.quantity = quantity
        self.why = why
        self.forms: tuple[str, ...] = _row(quantity)[2]

    def __str__(self) -> str:
        return "`%s`: %s. A %s looks like %s" % (self.text, self.why, _row(self.quantity)[1], ", ".join(self.forms))


def _row(quantity: str) -> tuple[str, str, tuple[str, ...], tuple[tuple[str, int], ...]]:
    for row in _TABLE:
        if row[0] == quantity:
            return row
    raise KeyError(quantity)


# --- text to integer -----------------------------------------------------------------------------------------------------


def parse(text: str, quantity: str) -> int:
    """The canonical integer that `text` says. A time may have several parts, largest first: 6 h 30 min."""
    units = _row(quantity)[3]
    if type(text) is not str:  # a bare number in a TOML file
        raise UnitError(str(text), quantity, "the unit is missing")
    rest = text.strip()
    total = 0
    below = 0  # the size of the unit before, 0 at first
    while True:
        whole, part, rest = _number(text, quantity, rest)
        unit, rest = _unit(rest)
        size = _size(text, quantity, units, unit)
        if below and size >= below:
            raise UnitError(text, quantity, "the parts must go from large to small")
        below = size
        total += _exact(text, quantity, whole, part, size)
        if not rest:
            return total
        if quantity != MS:
            raise UnitError(text, quantity, "one number and one unit, nothing after them")


def _number(text: str, quantity: str, rest: str) -> tuple[str, str, str]:
    """The digits before and after the point at the beginning of `rest`, and what follows."""
    whole, rest = _digits(rest)
    if not whole:
        if rest[:1] == "-" or rest[:1] == "+":
            raise UnitError(text, quantity, "no sign is possible here")
        if rest[:1] == ".":
            raise UnitError(text, quantity, "a digit must stand before the point")
        raise UnitError(text, quantity, "a number is missing")
    if len(whole) > 1 and whole[0] == "0":
        raise UnitError(text, quantity, "leading zeros are not understood")
    part = ""
    if rest[:1] == ".":
        part, rest = _digits(rest[1:])
        if not part:
            raise UnitError(text, quantity, "a digit must stand after the point")
    if rest[:1] == ".":
        raise UnitError(text, quantity, "write one number, with one point at most")
    if rest[:1] == "," or rest[:1] == "'" or rest[:1] == "_":
        raise UnitError(text, quantity, "write digits without separators, and a point for decimals")
    if len(whole) > _DIGITS_MAX or len(part) > _DIGITS_MAX:
        raise UnitError(text, quantity, "too many digits")
    return whole, part, rest.lstrip()


def _digits(rest: str) -> tuple[str, str]:
    end = 0
    while end < len(rest) and "0" <= rest[end] <= "9":
        end += 1
    return rest[:end], rest[end:]


def _unit(rest: str) -> tuple[str, str]:
    """The word up to the next space or digit, and what follows."""
    end = 0
    while end < len(rest) and rest[end] != " " and not "0" <= rest[end] <= "9":
        end += 1
    return rest[:end], rest[end:].lstrip()


def _size(text: str, quantity: str, units: tuple[tuple[str, int], ...], unit: str) -> int:
    for name, size in units:
        if name == unit:
            return size
    if not unit:
        raise UnitError(text, quantity, "the unit is missing")
    for micro in ("ug", "\u00b5g", "\u03bcg"):
        if unit.startswith(micro):
            raise UnitError(text, quantity, "%s is misread as mg: write mcg" % micro)
    for name, _ in units:
        if name.lower() == unit.lower():
            raise UnitError(text, quantity, "the unit is written %s" % name)
    for row in _TABLE:
        for name, _ in row[3]:
            if name == unit:
                raise UnitError(text, quantity, "%s measures a %s, and a %s is wanted" % (unit, row[1], _row(quantity)[1]))
    raise UnitError(text, quantity, "the unit %s is not known here" % unit)


def _exact(text: str, quantity: str, whole: str, part: str, size: int) -> int:
    scale = int("1" + "0" * len(part))
    total = int(whole + part) * size
    if total % scale:
        raise UnitError(text, quantity, "finer than 1 %s, which is the smallest step" % quantity.replace("_per_", "/").replace("l", "L"))
    return total // scale


# --- integer to text -----------------------------------------------------------------------------------------------------


def format_ratio(num: int, den: int, places: int) -> str:
    """num/den as decimal text, rounded half away from zero to exactly `places` places."""
    sign = "-" if num < 0 else ""
    scale = int("1" + "0" * places)
    units = (2 * abs(num) * scale + den) // (2 * den)
    if not units:
        sign = ""
    whole = str(units // scale)
    return sign + whole + ("." + _pad(units % scale, places) if places else "")


def _pad(part: int, places: int) -> str:
    digits = str(part)
    return "0" * (places - len(digits)) + digits


def _format(value: int, size: int, unit: str, places: int | None) -> str:
    if places is not None:
        return format_ratio(value, size, places) + " " + unit
    text = format_ratio(value, size, len(str(size)) - 1)  # sizes are powers of ten
    return text.rstrip("0").rstrip(".") + " " + unit


def format_ng(ng: int, places: int | None = None) -> str:
    """12500 -> 12.5 mcg"""
    return _format(ng, 1000, "mcg", places)


def format_ng_per_day(ng_per_day: int, places: int | None = None) -> str:
    """100000 -> 100 mcg/day"""
    return _format(ng_per_day, 1000, "mcg/day", places)


def format_ng_per_ml(ng_per_ml: int, places: int | None = None) -> str:
    """500000 -> 500 mcg/mL"""
    return _format(ng_per_ml, 1000, "mcg/mL", places)


def format_nl(nl: int, places: int | None = None) -> str:
    """2943000 -> 2.943 mL"""
    return _format(nl, 1000000, "mL", places)


def format_per_hour(ng_per_day: int, places: int = 3) -> str:
    """100000 -> 4.167 mcg/h: a rounded reading of a daily rate."""
    return format_ratio(ng_per_day, 24000, places) + " mcg/h"


def format_flow(ng_per_day: int, ng_per_ml: int, places: int = 3) -> str:
    """100000 at 500000 ng/mL -> 8.333 uL/h: a rounded reading of the flow."""
    return format_ratio(ng_per_day * 1000, ng_per_ml * 24, places) + " uL/h"


def format_permille(change: int) -> str:
    """150 -> +15 %, -200 -> -20 %, 5 -> +0.5 %"""
    return ("+" if change > 0 else "") + _format(change, 10, "%", None)


def format_ms(ms: int) -> str:
    """21900000 -> 6 h 5 min, exactly: days, h, min and s as far as they are needed."""
    parts = []
    for size, one, many in ((_DAY, " day", " days"), (_HOUR, " h", " h"), (60000, " min", " min")):
        count = ms // size
        if count:
            parts.append(str(count) + (one if count == 1 else many))
        ms %= size
    if ms or not parts:
        parts.append(_format(ms, 1000, "s", None))
    return " ".join(parts)


def format_wait(ms: int) -> str:
    """A time to wait in its two largest units, rounded up: what is promised for then is possible then."""
    for size, step in ((_DAY, _HOUR), (_HOUR, 60000), (60000, 1000)):
        if ms >= size:
            return format_ms(-(-ms // step) * step)
    return format_ms(-(-ms // 1000) * 1000)


def format_days(ms: int, places: int = 1) -> str:
    """993600000 -> 11.5 days, rounded down: what lasts that long lasts at least that long."""
    scale = int("1" + "0" * places)
    return format_ratio(ms * scale // _DAY, scale, places) + " days"
