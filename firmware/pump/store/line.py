"""One stored line: a JSON list, a space, its CRC-32 in 8 hex digits, newline. Read by eye, checked by machine. For slots.py and log.py.

Data blocks of littlefs carry no CRC of their own, so each line has one. `salt` goes into the CRC without being stored:
a line that is sound but stands in the wrong place does not pass."""

import json
from binascii import crc32

TYPE_CHECKING = False
if TYPE_CHECKING:  # MicroPython has no typing
    from typing import Any

    Values = list[Any]  # ints, strs and such lists

_TAIL = 10  # bytes after the list: space, 8 digits, newline


def to_line(values: "Values", salt: str = "") -> bytes:
    """The line for a list of ints, strs and such lists."""
    body = json.dumps(values, separators=(",", ":")).encode()
    return body + b" %08x\n" % crc32(salt.encode() + body)


def from_line(line: bytes, salt: str = "") -> "Values | None":
    """The list, or None if the line is torn, damaged or from elsewhere."""
    body = line[:-_TAIL]
    if line[-_TAIL:] != b" %08x\n" % crc32(salt.encode() + body):
        return None
    try:
        values = json.loads(body.decode())
    except ValueError:
        return None
    return values if isinstance(values, list) else None
