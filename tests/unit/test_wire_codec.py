"""Bodies: one way to write a message, and a refusal that names the field for every other."""

from support import raises, req
from wire import codec, framing, names
from wire import schema as s
from wire.codec import WireError

ID = "id=0123456789abcde"
BOLUS = codec.request("BOLUS")[3]
HELLO = codec.reply("HELLO")[1]
MESSAGES = [(row[0], row[3]) for row in s.REQUESTS] + [(row[0], row[1]) for row in s.REPLIES]


def widest(field):
    """A value that takes the most characters."""
    name, kind, low, high, required = field
    if kind == s.INT:
        if high is None:
            return int("9" * s.DIGITS_MAX)
        return low if low is not None and len(str(low)) > len(str(high)) else high
    return "f" * high


# --- encode and decode ---------------------------------------------------------------------------------------------------


@req("wire")
def test_a_body_is_written_in_schema_order():
    values = {"reason": "too stiff", "dose_ng": 5000, "id": "0123456789abcde"}
    body = ID + " dose_ng=5000 reason=too%20stiff"
    assert codec.encode(BOLUS, values) == body
    assert codec.decode(BOLUS, body) == values
    values["duration_ms"] = None
    assert codec.encode(BOLUS, values) == body
    values["duration_ms"] = 300000
    assert codec.encode(BOLUS, values) == ID + " dose_ng=5000 duration_ms=300000 reason=too%20stiff"
    assert codec.encode(codec.request("STATUS")[3], {}) == ""
    assert codec.decode(codec.request("STATUS")[3], "") == {}


@req("wire")
def test_decode_names_what_is_wrong():
    for body, code, field, text in (
        ("", s.BAD_FIELD, "id", "missing"),
        (ID, s.BAD_FIELD, "dose_ng", "missing"),
        ("dose_ng=5000", s.BAD_FIELD, "id", "missing"),
        (ID + " dose_ng=5000 colour=red", s.BAD_FIELD, "colour", "unknown"),
        (ID + " colour=red dose_ng=5000", s.BAD_FIELD, "colour", "unknown"),
        (ID + " dose_ng=5000 dose_ng=5000", s.BAD_FIELD, "dose_ng", "repeated"),
        (ID + " " + ID + " dose_ng=5000", s.BAD_FIELD, "id", "repeated"),
        (ID + " dose_ng=5000 reason=x duration_ms=5", s.BAD_FIELD, "duration_ms", "out of order"),
        (ID + " dose_ng=5000 reason", s.BAD_FIELD, "reason", "not key=value"),
        (ID + " dose_ng=5000 ", s.BAD_FIELD, "", "not key=value"),
        (ID + "  dose_ng=5000", s.BAD_FIELD, "", "not key=value"),
        (" " + ID + " dose_ng=5000", s.BAD_FIELD, "", "not key=value"),
        (ID + " Dose_ng=5000", s.BAD_FIELD, "Dose_ng", "unknown"),
        (ID + " dose_ng=", s.BAD_FIELD, "dose_ng", "not an integer: "),
        (ID + " dose_ng=five", s.BAD_FIELD, "dose_ng", "not an integer: five"),
        (ID + " dose_ng=5.0", s.BAD_FIELD, "dose_ng", "not an integer: 5.0"),
        (ID + " dose_ng=0x10", s.BAD_FIELD, "dose_ng", "not an integer: 0x10"),
        (ID + " dose_ng=" + "9" * 41, s.BAD_FIELD, "dose_ng", "too many digits"),
        (ID + " dose_ng=05", s.BAD_FIELD, "dose_ng", "not canonical: 05"),
        (ID + " dose_ng=+5", s.BAD_FIELD, "dose_ng", "not canonical: +5"),
        (ID + " dose_ng=-0", s.BAD_FIELD, "dose_ng", "not canonical: -0"),
        (ID + " dose_ng=5000 reason=caf\u00e9", s.BAD_FIELD, "reason", "not escaped: caf\u00e9"),
        ("id=0123456789ABCDE dose_ng=5000", s.BAD_FIELD, "id", "not hex: 0123456789ABCDE"),
        ("id=0123456789abcdg dose_ng=5000", s.BAD_FIELD, "id", "not hex: 0123456789abcdg"),
    ):
        with raises(WireError, code=code, field=field, text=text):
            codec.decode(BOLUS, body)
    # int() of some interpreters lets an underscore pass.
    with raises(WireError, code=s.BAD_FIELD, field="dose_ng"):
        codec.decode(BOLUS, ID + " dose_ng=5_0")


@req("wire")
def test_decode_says_the_range():
    for body, field, value, low, high in (
        (ID + " dose_ng=0", "dose_ng", 0, 1, 1000000000),
        (ID + " dose_ng=-7", "dose_ng", -7, 1, 1000000000),
        (ID + " dose_ng=1000000001", "dose_ng", 1000000001, 1, 1000000000),
        ("id=0123456789abcd dose_ng=5", "id", 14, 15, 15),
        ("id=0123456789abcdef dose_ng=5", "id", 16, 15, 15),
        (ID + " dose_ng=5 reason=", "reason", 0, 1, 64),
        (ID + " dose_ng=5 reason=" + "x" * 65, "reason", 65, 1, 64),
    ):
        with raises(WireError, code=s.OUT_OF_RANGE, field=field, value=value, low=low, high=high):
            codec.decode(BOLUS, body)


@req("wire")
def test_encode_refuses_what_decode_would():
    good = {"id": "0123456789abcde", "dose_ng": 5000}
    for name, value, code in (
        ("dose_ng", 0, s.OUT_OF_RANGE),
        ("dose_ng", 1000000001, s.OUT_OF_RANGE),
        ("dose_ng", None, s.BAD_FIELD),
        ("dose_ng", "5000", s.BAD_FIELD),
        ("dose_ng", True, s.BAD_FIELD),
        ("dose_ng", b"5000", s.BAD_FIELD),
        ("id", 5, s.BAD_FIELD),
        ("id", "0123456789ABCDE", s.BAD_FIELD),
        ("id", "0123456789abcd", s.OUT_OF_RANGE),
        ("reason", "", s.OUT_OF_RANGE),
        ("reason", "x" * 65, s.OUT_OF_RANGE),
        ("reason", " " * 22, s.OUT_OF_RANGE),  # 66 characters on the wire
        ("reason", "a\nb", s.BAD_FIELD),
        ("colour", "red", s.BAD_FIELD),
        ("colour", None, s.BAD_FIELD),
    ):
        values = dict(good)
        values[name] = value
        with raises(WireError, code=code, field=name):
            codec.encode(BOLUS, values)


@req("wire")
def test_every_range_of_the_schema_holds_on_both_sides():
    tried = 0
    for _, fields in MESSAGES:
        for name, kind, low, high, _ in fields:
            one = ((name, kind, low, high, True),)
            if kind == s.INT:
                inside = [x for x in (low, high) if x is not None]
                outside = ([low - 1] if low is not None else []) + ([high + 1] if high is not None else [])
            else:
                inside = ["a" * low, "a" * high]
                outside = ["a" * (high + 1)] + (["a" * (low - 1)] if low else [])
            for value in inside:
                assert codec.decode(one, codec.encode(one, {name: value})) == {name: value}
                tried += 1
            for value in outside:
                with raises(WireError, code=s.OUT_OF_RANGE, field=name, low=low, high=high):
                    codec.encode(one, {name: value})
                with raises(WireError, code=s.OUT_OF_RANGE, field=name, low=low, high=high):
                    codec.decode(one, name + "=" + str(value))
                tried += 1
    assert tried > 300


# --- text ------------------------------------------------------------------------------------------------------------------


@req("wire")
def test_text_is_percent_escaped_utf_8():
    for text, raw in (
        ("plain-text_1.0/x:y,(z)?!", "plain-text_1.0/x:y,(z)?!"),
        ("a b", "a%20b"),
        ("100%", "100%25"),
        ("a=b~c*d", "a%3db%7ec%2ad"),
        ("\u00e4", "%c3%a4"),  # the examples of RFC 3629 and RFC 3986 style
        ("\u00a2\u20ac", "%c2%a2%e2%82%ac"),
        ("\u65e5\u672c", "%e6%97%a5%e6%9c%ac"),
        ("\U0001d11e", "%f0%9d%84%9e"),
        ("\U0010ffff", "%f4%8f%bf%bf"),
        ("\u00a0", "%c2%a0"),
        ("", ""),
    ):
        assert codec.escape(text) == raw
        assert codec.unescape(raw) == text


@req("wire")
def test_text_that_is_not_canonical_is_refused():
    for raw in (
        "%C3%A4",  # upper case
        "%41",  # needless
        "%",
        "%2",
        "%2g",
        "%%25",
        "a b",
        "a=b",
        "a~",
        "a*",
        "a\n",
        "\u00e4",
        "%0a",  # control characters
        "%00",
        "%1b[31m",
        "%7f",
        "%c2%80",
        "%c2%9f",
        "%c0%80",  # overlong, RFC 3629 section 10
        "%c1%bf",
        "%e0%80%af",
        "%e0%9f%bf",
        "%f0%80%80%af",
        "%f0%8f%bf%bf",
        "%ed%a0%80",  # half a surrogate pair
        "%ed%bf%bf",
        "%f4%90%80%80",  # beyond U+10FFFF
        "%f8%88%80%80%80",
        "%ff",
        "%80",  # a continuation alone
        "%c3",  # cut short
        "%e2%82",
        "%f0%9d%84",
        "%c3a",
        "%e2%82a",
    ):
        with raises(WireError, code=s.BAD_FIELD):
            codec.unescape(raw)
    for text in ("a\nb", "\x00", "\x7f", "\x85", chr(0xD800), "a" + chr(0xDFFF)):
        with raises(WireError, code=s.BAD_FIELD):
            codec.escape(text)


@req("wire")
def test_clip_fits_any_text():
    assert codec.clip("short") == "short"
    assert codec.clip("x" * 100) == "x" * 64
    assert codec.clip("a\nb\x00") == "a?b?"
    assert codec.clip(" " * 100, 10) == "   "
    assert codec.clip("\u00e4\u00e4", 11) == "\u00e4"
    assert codec.clip(chr(0xD800) + "%") == "?%"


# --- errors ------------------------------------------------------------------------------------------------------------------


@req("wire")
def test_an_unknown_verb_is_named():
    assert codec.request("BOLUS")[0] == "BOLUS"
    assert codec.reply("STATUS")[0] == "STATUS"
    for lookup in (codec.request, codec.reply):
        with raises(WireError, code=s.BAD_VERB, text="STOP"):
            lookup("STOP")
    with raises(WireError, code=s.BAD_VERB):
        codec.request("EVENT")  # only a reply


@req("wire")
def test_any_error_can_be_sent():
    err = codec.reply("ERR")[1]
    for error, body in (
        (WireError(s.BAD_CRC), "error=2"),
        (WireError(s.OUT_OF_RANGE, "dose_ng", 0, 1, 1000), "error=6 field=dose_ng value=0 low=1 high=1000"),
        (WireError(s.BAD_FIELD, "a b\n", text="not hex: \n"), "error=5 field=a%20b? text=not%20hex:%20?"),
        (WireError(s.BAD_FIELD, "x" * 99, text=" " * 99), "error=5 field=" + "x" * 32 + " text=" + "%20" * 21),
    ):
        assert codec.encode(err, codec.error_values(error)) == body


@req("wire")
def test_an_error_reads_well():
    assert str(WireError(s.OUT_OF_RANGE, "dose_ng", 0, 1, 1000)) == "error 6 field=dose_ng value=0 low=1 high=1000"
    assert str(WireError(s.BAD_CRC)) == "error 2"


# --- digests -----------------------------------------------------------------------------------------------------------------


@req("wire")
def test_digest_is_the_documented_sha_256():
    # printf '%s' 'BOLUS id=0123456789abcde dose_ng=5000' | sha256sum
    assert codec.digest("BOLUS", ID + " dose_ng=5000") == "968d4bbbc26b24d7"
    assert codec.digest("STATUS", "") == "d553aebdff7dc7e9"


@req("wire")
def test_table_hash_changes_with_any_entry():
    # printf '(a,1,(-,b))\n(2,yes)\n' | sha256sum
    assert codec.table_hash((("a", 1, (None, "b")), (2, True))) == "351a0a57"
    hashes = [
        codec.table_hash(rows)
        for rows in (
            ((1, "a"), (2, "b")),
            ((2, "b"), (1, "a")),
            ((1, "a"), (2, "c")),
            ((1, "a"), (2, None)),
            ((1, "a"),),
            ((1, "a"), (2, ("b",))),
            (),
        )
    ]
    assert len(set(hashes)) == len(hashes)
    assert len(names.schema_hash()) == 8


# --- the table itself ----------------------------------------------------------------------------------------------------------


@req("wire")
def test_every_message_fits_a_line_at_its_widest():
    for verb, fields in MESSAGES:
        values = {}
        for field in fields:
            values[field[0]] = widest(field)
        line = framing.seal("<", verb, "ffffffff", framing.SEQ_MAX, codec.encode(fields, values), bytes(32))
        assert len(line) <= 512
        assert codec.decode(fields, framing.unseal(line).body) == values


@req("wire")
def test_the_tables_are_sound():
    for rows in (s.REQUESTS, s.REPLIES, names.ROLES, names.STATES, names.RESULTS, names.ORIGINS, names.TAPERS, names.ERRORS, names.EVENTS):
        keys = [row[0] for row in rows]
        assert len(set(keys)) == len(keys)
    for rows in (names.ROLES, names.STATES, names.RESULTS, names.ORIGINS, names.TAPERS, names.ERRORS, names.EVENTS):
        said = [row[1] for row in rows]
        assert len(set(said)) == len(said)
    assert [row[:2] for row in names.STATES] == list(enumerate(s.STATE_NAMES))
    for _, roles, phases, fields in s.REQUESTS:
        assert 0 < roles < 1 << len(names.ROLES)
        assert phases in (s.READ, s.ONE, s.TWO)
        if phases != s.READ:
            assert fields[0] == ("id", s.HEX, 15, 15, True)  # 60 bits, remembered
    for _, fields in MESSAGES:
        said = [field[0] for field in fields]
        assert len(set(said)) == len(said)
        for name, kind, low, high, _ in fields:
            assert kind in (s.INT, s.HEX, s.TEXT)
            assert kind == s.INT or 0 <= low <= high
            assert kind != s.TEXT or high <= s.TEXT_MAX
            assert len(name) <= 32  # ERR names it
