"""Whatever comes over the wire: what is written is read back, and what is not canonical raises WireError and nothing else.

Strategies for messages are made from the schema's rows, so a new message is fuzzed as soon as it stands there.
"""

import hashlib
import hmac
import re
import zlib
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from wire import auth, codec, framing, units
from wire import schema as s
from wire.codec import WireError

MESSAGES: list[tuple[str, "s.Fields"]] = [(row[0], row[3]) for row in s.REQUESTS] + list(s.REPLIES)
OPEN_END = 10**s.DIGITS_MAX - 1
HEX = "0123456789abcdef"
# Text as people type it: any character but controls and halves of surrogate pairs.
TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=s.TEXT_MAX)


def wire_length(text: str) -> int:
    """Characters on the wire, by the documented rule and not by the code under test."""
    return sum(1 if 0x20 < byte < 0x7F and byte not in b"%=~*" else 3 for byte in text.encode())


def value(field: "s.Field") -> st.SearchStrategy[int | str]:
    """Any value that a field takes."""
    _, kind, low, high, _ = field
    if kind == s.INT:
        lowest = -(OPEN_END // 10) if low is None else low
        return st.integers(lowest, OPEN_END if high is None else high) | st.sampled_from([lowest, OPEN_END if high is None else high])
    assert low is not None and high is not None
    if kind == s.HEX:
        return st.text(HEX, min_size=low, max_size=high)
    return TEXT.filter(lambda text: low <= wire_length(text) <= high)


@st.composite
def messages(draw: st.DrawFn) -> tuple[str, "s.Fields", dict[str, Any]]:
    """A message of the schema with values for all it must have and some it may have."""
    verb, fields = draw(st.sampled_from(MESSAGES))
    return verb, fields, {field[0]: draw(value(field)) for field in fields if field[4] or draw(st.booleans())}


@st.composite
def lines(draw: st.DrawFn) -> tuple[bytes, bytes | None]:
    """A valid frame and its key."""
    verb, fields, values = draw(messages())
    key = draw(st.none() | st.binary(min_size=32, max_size=32))
    session = framing.ANONYMOUS if key is None else draw(st.text(HEX, min_size=8, max_size=8))
    seq = draw(st.integers(0, framing.SEQ_MAX))
    return framing.seal(draw(st.sampled_from("<>")), verb, session, seq, codec.encode(fields, values), key), key


# --- round trips ------------------------------------------------------------------------------------------------------------


@pytest.mark.req("wire")
@given(messages())
def test_a_message_is_read_back(message: tuple[str, "s.Fields", dict[str, Any]]) -> None:
    _, fields, values = message
    body = codec.encode(fields, values)
    assert codec.decode(fields, body) == values
    # The order in which the values are handed in does not matter.
    assert codec.encode(fields, dict(reversed(values.items()))) == body
    assert all(0x20 <= ord(char) < 0x7F and char not in "~*" for char in body)


@pytest.mark.req("wire")
@given(lines())
def test_a_frame_is_read_back_and_its_check_words_are_right(sealed: tuple[bytes, bytes | None]) -> None:
    line, key = sealed
    frame = framing.unseal(line)
    assert framing.seal(frame.direction, frame.verb, frame.session, frame.seq, frame.body, key) == line
    covered, _, crc = line.strip().rpartition(b"*")
    assert int(crc, 16) == zlib.crc32(covered)
    signed, _, mac = covered.rpartition(b" ~")
    if key is None:
        assert mac == b"-"
        assert not framing.check_mac(frame, bytes(32))
    else:
        assert mac.decode() == hmac.new(key, signed, hashlib.sha256).hexdigest()[:32]
        assert framing.check_mac(frame, key)
        assert not framing.check_mac(frame, bytes([key[0] ^ 1]) + key[1:])


@pytest.mark.req("wire")
@given(st.binary(max_size=200), st.binary(max_size=300))
def test_hmac_is_the_standard_library_s(key: bytes, data: bytes) -> None:
    assert auth.hmac_sha256(key, data) == hmac.new(key, data, hashlib.sha256).digest()


@pytest.mark.req("wire")
@given(TEXT)
def test_text_is_read_back(text: str) -> None:
    raw = codec.escape(text)
    assert codec.unescape(raw) == text
    assert len(raw) == wire_length(text)
    assert bytes.fromhex("".join(part[1:] if part[0] == "%" else f"{ord(part):02x}" for part in re.findall("%..|.", raw))) == text.encode()


# --- damage ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.req("wire")
@given(lines())
def test_no_single_bit_flip_passes(sealed: tuple[bytes, bytes | None]) -> None:
    line, _ = sealed
    for at in range(len(line) * 8):
        hurt = bytearray(line)
        hurt[at >> 3] ^= 1 << (at & 7)
        for part in framing.LineReader().feed(bytes(hurt) + b"\n"):
            assert part is not None
            with pytest.raises(WireError):
                framing.unseal(part)


@pytest.mark.req("wire")
@given(lines(), st.data())
def test_a_change_with_a_right_crc_does_not_pass_the_mac(sealed: tuple[bytes, bytes | None], data: st.DataObject) -> None:
    line, key = sealed
    assume(key is not None)
    covered = bytearray(line.strip().rpartition(b"*")[0])
    at = data.draw(st.integers(0, len(covered) - 1))
    covered[at] = data.draw(st.integers(0x20, 0x7E).filter(lambda byte: byte != covered[at]))
    forged = bytes(covered) + b"*%08x\n" % zlib.crc32(covered)
    try:
        frame = framing.unseal(forged)
    except WireError:
        return
    assert key is not None and not framing.check_mac(frame, key)


@pytest.mark.req("wire")
@given(messages(), st.data())
def test_a_changed_body_is_refused_or_is_another_message(message: tuple[str, "s.Fields", dict[str, Any]], data: st.DataObject) -> None:
    """No two bodies mean the same: whatever still decodes after a change encodes to just that."""
    _, fields, values = message
    body = codec.encode(fields, values)
    at = data.draw(st.integers(0, len(body)))
    cut = data.draw(st.integers(0, 3))
    hurt = body[:at] + data.draw(st.text(HEX + " =%-+AZ0._~*", max_size=3)) + body[at + cut :]
    assume(hurt != body)
    try:
        other = codec.decode(fields, hurt)
    except WireError as e:
        assert e.code in (s.BAD_FIELD, s.OUT_OF_RANGE) and e.field is not None
        codec.encode(codec.reply("ERR")[1], codec.error_values(e))
        return
    assert other != values
    assert codec.encode(fields, other) == hurt


@pytest.mark.req("wire")
@given(messages(), st.data())
def test_fields_missing_doubled_or_moved_are_named(message: tuple[str, "s.Fields", dict[str, Any]], data: st.DataObject) -> None:
    _, fields, values = message
    assume(values)
    parts = codec.encode(fields, values).split(" ")
    at = data.draw(st.integers(0, len(parts) - 1))
    name = parts[at].split("=")[0]
    with pytest.raises(WireError) as caught:
        codec.decode(fields, " ".join([*parts[: at + 1], *parts[at:]]))
    assert (caught.value.code, caught.value.field, caught.value.text) == (s.BAD_FIELD, name, "repeated")
    without = " ".join(parts[:at] + parts[at + 1 :])
    if next(field[4] for field in fields if field[0] == name):
        with pytest.raises(WireError) as caught:
            codec.decode(fields, without)
        assert (caught.value.code, caught.value.field, caught.value.text) == (s.BAD_FIELD, name, "missing")
    else:
        assert name not in codec.decode(fields, without)
    if len(parts) > 1:
        with pytest.raises(WireError) as caught:
            codec.decode(fields, " ".join(reversed(parts)))
        assert caught.value.code == s.BAD_FIELD


# --- hostile bytes -----------------------------------------------------------------------------------------------------------------


@pytest.mark.req("wire")
@given(st.binary(max_size=600) | st.text(HEX + ">< ~*-=%AZ\r\n", max_size=600).map(str.encode))
@example(b"~-*" + b"0" * 8)
@example(b">" + b"A" * 520)
def test_hostile_bytes_raise_only_wire_errors(data: bytes) -> None:
    for line in (data, data + b" ~-*%08x" % zlib.crc32(data + b" ~-")):
        try:
            frame = framing.unseal(line)
            codec.decode(codec.request(frame.verb)[3], frame.body)
        except WireError as e:
            codec.encode(codec.reply("ERR")[1], codec.error_values(e))  # it can always be told
            str(e)


@pytest.mark.req("wire")
@given(st.sampled_from(MESSAGES), st.text(max_size=600))
def test_hostile_bodies_raise_only_wire_errors(message: tuple[str, "s.Fields"], body: str) -> None:
    _, fields = message
    try:
        assert codec.encode(fields, codec.decode(fields, body)) == body
    except WireError as e:
        codec.encode(codec.reply("ERR")[1], codec.error_values(e))


@pytest.mark.req("wire")
@given(st.sampled_from(MESSAGES), st.data())
def test_hostile_values_raise_only_wire_errors(message: tuple[str, "s.Fields"], data: st.DataObject) -> None:
    """Values as a program might hand them in by mistake."""
    _, fields = message
    anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.lists(st.integers())
    names = st.sampled_from([*(field[0] for field in fields), "other"])
    try:
        body = codec.encode(fields, data.draw(st.dictionaries(names, anything)))
    except WireError as e:
        codec.encode(codec.reply("ERR")[1], codec.error_values(e))
    else:
        codec.decode(fields, body)


@pytest.mark.req("wire")
@given(st.text(max_size=200), st.integers(0, 80))
def test_clip_always_fits(text: str, room: int) -> None:
    short = codec.clip(text, room)
    assert wire_length(short) <= room
    codec.escape(short)


# --- lines ---------------------------------------------------------------------------------------------------------------------------


def reference_lines(stream: bytes, limit: int) -> list[bytes | None]:
    """What a reader with the whole stream in hand would say."""
    found: list[bytes | None] = []
    for line in stream.split(b"\n")[:-1]:
        line = line.removesuffix(b"\r")
        if len(line) >= limit:
            found.append(None)
        elif line:
            found.append(line)
    return found


@pytest.mark.req("wire")
@given(
    st.lists(st.binary(max_size=40) | st.sampled_from([b"\n", b"\r\n", b"x" * 15 + b"\n", b"x" * 16 + b"\n", b"\r"])),
    st.integers(1, 20),
)
def test_lines_do_not_depend_on_the_pieces(pieces: list[bytes], limit: int) -> None:
    reader = framing.LineReader(limit)
    found: list[bytes | None] = []
    for piece in pieces:
        found += reader.feed(piece)
        assert len(reader._held) <= limit
    assert found == reference_lines(b"".join(pieces), limit)


@pytest.mark.req("wire")
def test_a_line_without_end_is_held_in_bounded_memory() -> None:
    reader = framing.LineReader()
    for _ in range(2000):
        assert reader.feed(b"\x00" * 1000) == []
        assert len(reader._held) <= s.LINE_MAX
    assert reader.feed(b"\n>ok\n") == [None, b">ok"]


# --- units ---------------------------------------------------------------------------------------------------------------------------

# From the definitions: how much of the canonical unit is in one of what a person writes.
SIZES = [
    (units.NG, "mcg", Fraction(1000)),
    (units.NG, "mg", Fraction(10**6)),
    (units.NG_PER_DAY, "mcg/day", Fraction(1000)),
    (units.NG_PER_DAY, "mcg/h", Fraction(24 * 1000)),
    (units.NG_PER_DAY, "mg/day", Fraction(10**6)),
    (units.NG_PER_ML, "mcg/mL", Fraction(1000)),
    (units.NG_PER_ML, "mg/mL", Fraction(10**6)),
    (units.NL, "mL", Fraction(10**6)),
    (units.NL, "uL", Fraction(1000)),
    (units.MS, "s", Fraction(1000)),
    (units.MS, "min", Fraction(60 * 1000)),
    (units.MS, "h", Fraction(3600 * 1000)),
    (units.MS, "days", Fraction(24 * 3600 * 1000)),
]


@pytest.mark.req("R12")
@given(st.sampled_from(SIZES), st.from_regex(r"\A(0|[1-9][0-9]{0,11})(\.[0-9]{1,9})?\Z"), st.sampled_from(["", " ", "  "]))
def test_parse_is_exact_or_refuses(size: tuple[str, str, Fraction], number: str, gap: str) -> None:
    quantity, unit, factor = size
    exact = Fraction(number) * factor
    try:
        assert units.parse(number + gap + unit, quantity) == exact
    except units.UnitError:
        assert exact.denominator > 1


@pytest.mark.req("R12")
@given(st.integers(0, 10**15))
def test_what_is_shown_is_read_back(amount: int) -> None:
    for show, quantity in (
        (units.format_ng, units.NG),
        (units.format_ng_per_day, units.NG_PER_DAY),
        (units.format_ng_per_ml, units.NG_PER_ML),
        (units.format_nl, units.NL),
        (units.format_ms, units.MS),
    ):
        assert units.parse(show(amount), quantity) == amount


@pytest.mark.req("R12")
@given(st.text(max_size=30) | st.from_regex(r"\A[0-9.,' -]{0,6} ?(mcg|mg|ug|mL|h|min|s|day)?(/day|/h|/mL)?\Z"), st.sampled_from(SIZES))
def test_hostile_text_raises_only_unit_errors(text: str, size: tuple[str, str, Fraction]) -> None:
    try:
        assert units.parse(text, size[0]) >= 0
    except units.UnitError as e:
        assert e.forms and str(e)


@pytest.mark.req("R12")
@given(st.integers(-(10**12), 10**12), st.integers(1, 10**9), st.integers(0, 6))
def test_rounding_is_half_away_from_zero(num: int, den: int, places: int) -> None:
    shown = units.format_ratio(num, den, places)
    error = Fraction(shown) - Fraction(num, den)
    assert abs(error) <= Fraction(1, 2 * 10**places)
    if abs(error) == Fraction(1, 2 * 10**places):
        assert abs(Fraction(shown)) > abs(Fraction(num, den))
    assert len(shown.partition(".")[2]) == places


@pytest.mark.req("R12")
@given(st.integers(0, 10**11))
def test_a_promised_time_errs_to_the_safe_side(ms: int) -> None:
    wait = units.parse(units.format_wait(ms), units.MS)
    assert ms <= wait < ms + 3600000
    lasts = Fraction(units.format_days(ms).removesuffix(" days")) * 86400000
    assert ms - 8640000 < lasts <= ms
