r"""Frames: `>VERB session seq body ~MAC*CRC32\n`, `<` from the pump; printable ASCII, at most schema.LINE_MAX bytes.

session: 8 hex digits, ANONYMOUS without a key; seq: decimal; MAC: 32 hex digits over all before ` ~`, or `-`; CRC32: 8 hex
digits over all before `*`. An empty body leaves one space between seq and `~`. The CRC finds noise, the MAC finds people.
Sans-I/O: bytes in, lines and frames out. Called by the session on both sides.
"""

from binascii import crc32

from . import auth
from . import schema as s
from .codec import WireError, clip, is_hex

TO_PUMP, TO_HOST = ">", "<"
ANONYMOUS = "00000000"
NO_MAC = "-"
SEQ_MAX = (1 << 31) - 1
_CRC_DIGITS = 8
_SESSION_DIGITS = 8
_VERB_MAX = 16


class Frame:
    """A frame taken apart. `signed` holds the bytes its MAC covers; whether the MAC is right is `check_mac`'s question."""

    __slots__ = ("body", "direction", "mac", "seq", "session", "signed", "verb")

    def __init__(self, direction: str, verb: str, session: str, seq: int, body: str, mac: str, signed: bytes) -> None:
        self.direction = direction
        self.verb = verb
        self.session = session
        self.seq = seq
        self.body = body
        self.mac = mac
        self.signed = signed


def crc(data: bytes) -> str:
    """CRC-32 (IEEE 802.3, as in zlib): 8 hex digits."""
    return "%08x" % (crc32(data) & 0xFFFFFFFF)


def seal(direction: str, verb: str, session: str, seq: int, body: str, key: bytes | None) -> bytes:
    """The frame as bytes, newline included; without a key it is anonymous. Refuses what `unseal` would refuse."""
    head = direction + verb + " " + session + " " + str(seq) + (" " + body if body else "")
    _take_apart(head)
    signed = head.encode()
    covered = signed + b" ~" + (NO_MAC if key is None else auth.mac(key, signed)).encode()
    line = covered + b"*" + crc(covered).encode() + b"\n"
    if len(line) > s.LINE_MAX:
        raise WireError(s.BAD_FRAME, None, len(line), 1, s.LINE_MAX, "too long")
    return line


def unseal(line: bytes) -> Frame:
    """The frame in a line (its newline may be there). Form and CRC are checked, the MAC is not."""
    if line[-1:] == b"\n":
        line = line[:-1]
    if len(line) >= s.LINE_MAX:
        raise WireError(s.BAD_FRAME, None, len(line) + 1, 1, s.LINE_MAX, "too long")
    for byte in line:
        if not 0x20 <= byte < 0x7F:
            raise WireError(s.BAD_FRAME, text="not printable ASCII")
    text = bytes(line).decode()
    at = len(text) - _CRC_DIGITS - 1
    if at < 0 or text[at] != "*" or not is_hex(text[at + 1 :]):
        raise WireError(s.BAD_FRAME, text="no *CRC32 at the end")
    if text[at + 1 :] != crc(bytes(line[:at])):
        raise WireError(s.BAD_CRC)
    if text[:at].endswith(" ~" + NO_MAC):
        end = at - 3
    else:
        end = at - auth.MAC_DIGITS - 2
        if end < 0 or text[end : end + 2] != " ~" or not is_hex(text[end + 2 : at]):
            raise WireError(s.BAD_FRAME, text="no ~MAC before the CRC")
    direction, verb, session, seq, body = _take_apart(text[:end])
    return Frame(direction, verb, session, seq, body, text[end + 2 : at], bytes(line[:end]))


def check_mac(frame: Frame, key: bytes) -> bool:
    """Whether the frame was made with this key."""
    return auth.same(frame.mac, auth.mac(key, frame.signed))


def _take_apart(head: str) -> tuple[str, str, str, int, str]:
    """`>VERB session seq body` in its parts, or BAD_FRAME."""
    parts = head.split(" ", 3)
    if len(parts) < 3 or head[:1] not in (TO_PUMP, TO_HOST):
        raise WireError(s.BAD_FRAME, text="not >VERB session seq ...")
    verb = parts[0][1:]
    if not 0 < len(verb) <= _VERB_MAX:
        raise WireError(s.BAD_FRAME, text="verb: " + clip(verb))
    for char in verb:
        if not "A" <= char <= "Z":
            raise WireError(s.BAD_FRAME, text="verb: " + clip(verb))
    if len(parts[1]) != _SESSION_DIGITS or not is_hex(parts[1]):
        raise WireError(s.BAD_FRAME, text="session: " + clip(parts[1]))
    seq = _seq(parts[2])
    body = parts[3] if len(parts) > 3 else ""
    if len(parts) > 3 and not body:
        raise WireError(s.BAD_FRAME, text="a space too many")
    for char in body:
        if not " " <= char < "~" or char == "*":
            raise WireError(s.BAD_FRAME, text="not allowed in a body: " + clip(char))
    return head[0], verb, parts[1], seq, body


def _seq(raw: str) -> int:
    try:
        seq = int(raw) if len(raw) <= 10 else -1
    except ValueError:
        seq = -1
    if str(seq) != raw or not 0 <= seq <= SEQ_MAX:
        raise WireError(s.BAD_FRAME, text="seq: " + clip(raw))
    return seq


class LineReader:
    """Bytes to lines. Holds at most one line, whatever comes."""

    def __init__(self, limit: int = s.LINE_MAX) -> None:
        self._limit = limit  # bytes of a line, its newline included
        self._held = b""
        self._skipping = False

    def feed(self, data: bytes) -> list[bytes | None]:
        """The lines that `data` completes, without newline; None for one that was too long. Empty lines are dropped."""
        lines: list[bytes | None] = []
        start = 0
        while start < len(data):
            end = data.find(b"\n", start)
            stop = len(data) if end < 0 else end
            self._hold(data, start, stop)
            start = stop + 1
            if end >= 0:
                self._finish(lines)
        return lines

    def _hold(self, data: bytes, start: int, stop: int) -> None:
        # One byte more than fits is kept: a carriage return may be among them.
        if self._skipping or len(self._held) + stop - start > self._limit:
            self._held = b""
            self._skipping = True
        else:
            self._held += data[start:stop]

    def _finish(self, lines: list[bytes | None]) -> None:
        line = self._held[:-1] if self._held[-1:] == b"\r" else self._held
        if self._skipping or len(line) >= self._limit:
            lines.append(None)
        elif line:
            lines.append(line)
        self._held = b""
        self._skipping = False
