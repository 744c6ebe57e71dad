"""Message bodies: `key=value key=value` in schema order, and nothing else.

There is one way to write a message. `decode` refuses whatever would not be written the same way again: leading zeros,
signs, upper-case hex, needless percent escapes, another order. So a digest of the text is a digest of the content.
Integers are unbounded, lengths count characters on the wire. Called by the session on both sides; pure.
"""

import hashlib
from binascii import hexlify

from . import schema as s

TYPE_CHECKING = False  # mypy takes the name for true; MicroPython has no typing module
if TYPE_CHECKING:
    from .schema import Fields, Reply, Request, Values

_STRUCTURAL = b"%=~*"  # printable, but with a meaning of their own in a frame: always escaped in text


class WireError(Exception):
    """A message that is refused: `code` of schema.ERRORS, and what of field, value, low, high and text applies.

    Of HEX and TEXT, value, low and high are lengths on the wire. `text` is the offending word, or which rule of form it breaks.
    """

    def __init__(
        self,
        code: int,
        field: str | None = None,
        value: int | None = None,
        low: int | None = None,
        high: int | None = None,
        text: str | None = None,
    ) -> None:
        super().__init__(code, field, value, low, high, text)
        self.code = code
        self.field = field
        self.value = value
        self.low = low
        self.high = high
        self.text = text

    def __str__(self) -> str:
        said = ["error %d" % self.code]
        for name, value in (("field", self.field), ("value", self.value), ("low", self.low), ("high", self.high), ("text", self.text)):
            if value is not None:
                said.append(name + "=" + str(value))
        return " ".join(said)


def request(verb: str) -> "Request":
    """The row of schema.REQUESTS with this verb."""
    for row in s.REQUESTS:
        if row[0] == verb:
            return row
    raise WireError(s.BAD_VERB, text=clip(verb))


def reply(verb: str) -> "Reply":
    """The row of schema.REPLIES with this verb."""
    for row in s.REPLIES:
        if row[0] == verb:
            return row
    raise WireError(s.BAD_VERB, text=clip(verb))


# --- text values -------------------------------------------------------------------------------------------------------


def escape(text: str) -> str:
    """Text as it stands on the wire: UTF-8, and %xx for whatever is not a plain printable character."""
    try:
        data = text.encode()
    except UnicodeError:  # CPython: half a surrogate pair
        raise WireError(s.BAD_FIELD, text="not text") from None
    if not _is_text(data):
        raise WireError(s.BAD_FIELD, text="not text")
    return "".join([chr(b) if 0x20 < b < 0x7F and b not in _STRUCTURAL else "%%%02x" % b for b in data])


def fit(text: str) -> str:
    """As much of a text of ASCII as goes over the wire; what is not printable becomes `?`."""
    fitted, used = "", 0
    for c in text:
        c = c if " " <= c <= "~" else "?"
        used += len(escape(c))
        if used > s.TEXT_MAX:
            break
        fitted += c
    return fitted


def unescape(raw: str) -> str:
    """The text that `escape` wrote as `raw`; anything `escape` would not write is refused."""
    data = bytearray()
    i = 0
    while i < len(raw):
        if raw[i] == "%":
            digits = raw[i + 1 : i + 3]
            if len(digits) < 2 or not is_hex(digits):
                raise WireError(s.BAD_FIELD, text="not escaped: " + clip(raw))
            data.append(int(digits, 16))
            i += 3
        else:
            if not "!" <= raw[i] <= "~":
                raise WireError(s.BAD_FIELD, text="not escaped: " + clip(raw))
            data.append(ord(raw[i]))
            i += 1
    if not _is_text(data):
        raise WireError(s.BAD_FIELD, text="not text: " + clip(raw))
    text = bytes(data).decode()
    if escape(text) != raw:
        raise WireError(s.BAD_FIELD, text="not canonical: " + clip(raw))
    return text


def clip(text: str, room: int = s.TEXT_MAX) -> str:
    """The beginning of any text, control characters as `?`, that fits `room` characters on the wire."""
    out = ""
    used = 0
    for char in text:
        try:
            width = len(escape(char))
        except WireError:
            char = "?"
            width = 1
        if used + width > room:
            break
        out += char
        used += width
    return out


def _is_text(data: bytes | bytearray) -> bool:
    """Strict UTF-8 without control characters. Checked here because the interpreters differ in what `decode` lets pass.

    A character cut short by the end of the data is below its lowest code point as well, so it needs no check of its own.
    """
    i = 0
    while i < len(data):
        lead = data[i]
        if lead < 0x80:
            more, mask, low = 0, 0x7F, 0x20
        elif 0xC2 <= lead < 0xE0:
            more, mask, low = 1, 0x1F, 0xA0  # below U+00A0: control characters again
        elif 0xE0 <= lead < 0xF0:
            more, mask, low = 2, 0x0F, 0x800
        elif 0xF0 <= lead < 0xF5:
            more, mask, low = 3, 0x07, 0x10000
        else:
            return False
        point = lead & mask
        i += 1
        for byte in data[i : i + more]:
            if byte & 0xC0 != 0x80:
                return False
            point = point << 6 | byte & 0x3F
        i += more
        if point < low or point == 0x7F or 0xD800 <= point < 0xE000 or point > 0x10FFFF:
            return False
    return True


def is_hex(text: str) -> bool:
    """Whether all of it is lower-case hex digits."""
    for char in text:
        if char not in "0123456789abcdef":
            return False
    return True


# --- values --------------------------------------------------------------------------------------------------------------


def _check(name: str, value: int, low: int | None, high: int | None) -> None:
    if (low is not None and value < low) or (high is not None and value > high):
        raise WireError(s.OUT_OF_RANGE, name, value, low, high)


def _write(name: str, kind: str, low: int | None, high: int | None, value: object) -> str:
    """The wire form of one value, checked."""
    if kind == s.INT:
        if type(value) is not int:
            raise WireError(s.BAD_FIELD, name, text="not an integer")
        _check(name, value, low, high)
        raw = str(value)
        if len(raw) > s.DIGITS_MAX:
            raise WireError(s.BAD_FIELD, name, text="too many digits")
        return raw
    if type(value) is not str:
        raise WireError(s.BAD_FIELD, name, text="not text")
    if kind == s.HEX:
        raw = value
        if not is_hex(raw):
            raise WireError(s.BAD_FIELD, name, text="not hex: " + clip(raw))
    else:
        try:
            raw = escape(value)
        except WireError as e:
            e.field = name
            raise
    _check(name, len(raw), low, high)
    return raw


def _read(name: str, kind: str, low: int | None, high: int | None, raw: str) -> int | str:
    """The value that `_write` wrote as `raw`."""
    if kind == s.INT:
        if len(raw) > s.DIGITS_MAX:
            raise WireError(s.BAD_FIELD, name, text="too many digits")
        try:
            number = int(raw)
        except ValueError:
            raise WireError(s.BAD_FIELD, name, text="not an integer: " + clip(raw)) from None
        if str(number) != raw:
            raise WireError(s.BAD_FIELD, name, text="not canonical: " + clip(raw))
        _check(name, number, low, high)
        return number
    _check(name, len(raw), low, high)
    if kind == s.HEX:
        if not is_hex(raw):
            raise WireError(s.BAD_FIELD, name, text="not hex: " + clip(raw))
        return raw
    try:
        return unescape(raw)
    except WireError as e:
        e.field = name
        raise


# --- bodies --------------------------------------------------------------------------------------------------------------


def encode(fields: "Fields", values: "Values") -> str:
    """The canonical body of a message. Values of None count as absent."""
    for key in values:
        if not _has(fields, key):
            raise WireError(s.BAD_FIELD, key, text="unknown")
    parts = []
    for name, kind, low, high, required in fields:
        value = values.get(name)
        if value is not None:
            parts.append(name + "=" + _write(name, kind, low, high, value))
        elif required:
            raise WireError(s.BAD_FIELD, name, text="missing")
    return " ".join(parts)


def decode(fields: "Fields", body: str) -> "Values":
    """The values of a canonical body; absent optional fields are absent from the dict."""
    values: Values = {}
    parts = body.split(" ") if body else []
    at = 0
    for name, kind, low, high, required in fields:
        if at < len(parts) and parts[at].startswith(name + "="):
            values[name] = _read(name, kind, low, high, parts[at][len(name) + 1 :])
            at += 1
        elif required:
            if at < len(parts):
                _refuse_stranger(fields, values, parts[at])
            raise WireError(s.BAD_FIELD, name, text="missing")
    if at < len(parts):
        _refuse_stranger(fields, values, parts[at])
        raise WireError(s.BAD_FIELD, parts[at].split("=")[0], text="out of order")
    return values


def _has(fields: "Fields", name: str) -> bool:
    for field in fields:
        if field[0] == name:
            return True
    return False


def _refuse_stranger(fields: "Fields", values: "Values", part: str) -> None:
    """Raise if `part` does not belong here whatever comes next; return if it is a field that came too early or too late."""
    name = clip(part.split("=")[0], 32)
    if "=" not in part:
        raise WireError(s.BAD_FIELD, name, text="not key=value")
    if name in values:
        raise WireError(s.BAD_FIELD, name, text="repeated")
    if not _has(fields, name):
        raise WireError(s.BAD_FIELD, name, text="unknown")


def error_values(error: WireError) -> "Values":
    """A WireError as the fields of an ERR reply. Always encodes, whatever hostile words the error quotes."""
    return {
        "error": error.code,
        "field": None if error.field is None else clip(error.field, 32),
        "value": error.value,
        "low": error.low,
        "high": error.high,
        "text": None if error.text is None else clip(error.text),
    }


# --- digests -------------------------------------------------------------------------------------------------------------


def digest(verb: str, body: str) -> str:
    """16 hex digits that stand for a command's content: the same id with another digest is refused."""
    return hexlify(hashlib.sha256((verb + " " + body).encode()).digest()[:8]).decode()


def _render(item: object) -> str:
    """A table as text, the same on every interpreter (repr is not)."""
    if isinstance(item, tuple):
        return "(" + ",".join([_render(x) for x in item]) + ")"
    if item is None:
        return "-"
    if item is True or item is False:
        return "yes" if item else "no"
    return str(item)


def table_hash(rows: tuple[object, ...]) -> str:
    """8 hex digits that change with any entry of a table of tuples, ints, strings, bools and None."""
    sha = hashlib.sha256()
    for row in rows:
        sha.update((_render(row) + "\n").encode())
    return hexlify(sha.digest()[:4]).decode()
