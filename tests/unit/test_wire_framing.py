"""Frames and lines. Expected CRCs and MACs come from gzip and openssl, never from the code under test."""

from support import raises, req
from wire import framing
from wire import schema as s
from wire.codec import WireError

KEY = bytes(range(32))

# printf '%s' '>STATUS 00000000 1 ~-' | gzip -c | tail -c8 | od -An -tx4 --endian=little
ANONYMOUS = b">STATUS 00000000 1 ~-*1e464162\n"
# The same over the whole, with ~ from: printf '%s' '>BOLUS 1a2b3c4d 7 id=0123456789abcde dose_ng=5000' |
#   openssl dgst -sha256 -mac HMAC -macopt hexkey:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f | cut -c1-32
SIGNED = b">BOLUS 1a2b3c4d 7 id=0123456789abcde dose_ng=5000 ~0ce4290982b460594e791b1670b7edd0*8a9dbb87\n"


def framed(head, mac="-"):
    """Any head as a line with a right CRC, so that only its form can be at fault."""
    covered = head + b" ~" + mac.encode()
    return covered + b"*" + framing.crc(covered).encode()


def fits(length):
    """A body of which the anonymous frame `>A 00000000 1 body ~-*CRC32` has `length` bytes with its newline."""
    return "k=" + "x" * (length - len(">A 00000000 1 k= ~-*12345678\n"))


@req("wire")
def test_crc_has_the_published_check_value():
    assert framing.crc(b"123456789") == "cbf43926"  # CRC-32/ISO-HDLC in the RevEng catalogue
    assert framing.crc(b"") == "00000000"


@req("wire")
def test_frames_are_the_documented_bytes():
    assert framing.seal(">", "STATUS", framing.ANONYMOUS, 1, "", None) == ANONYMOUS
    assert framing.seal(">", "BOLUS", "1a2b3c4d", 7, "id=0123456789abcde dose_ng=5000", KEY) == SIGNED


@req("wire")
def test_unseal_takes_the_documented_bytes_apart():
    frame = framing.unseal(SIGNED[:-1])
    assert (frame.direction, frame.verb, frame.session, frame.seq) == (">", "BOLUS", "1a2b3c4d", 7)
    assert frame.body == "id=0123456789abcde dose_ng=5000"
    assert frame.mac == "0ce4290982b460594e791b1670b7edd0"
    assert frame.signed == SIGNED[: SIGNED.index(b" ~")]
    frame = framing.unseal(ANONYMOUS)
    assert (frame.verb, frame.session, frame.body, frame.mac) == ("STATUS", "00000000", "", "-")
    assert frame.signed == b">STATUS 00000000 1"


@req("wire")
def test_mac_is_right_for_one_key_and_one_direction():
    assert framing.check_mac(framing.unseal(SIGNED), KEY)
    assert not framing.check_mac(framing.unseal(SIGNED), bytes(32))
    assert not framing.check_mac(framing.unseal(ANONYMOUS), KEY)
    # A frame sent back to its sender: the direction is under the MAC.
    reflected = framing.unseal(framed(b"<" + SIGNED[1 : SIGNED.index(b" ~")], "0ce4290982b460594e791b1670b7edd0"))
    assert not framing.check_mac(reflected, KEY)


@req("wire")
def test_no_single_bit_flip_passes():
    for line in (ANONYMOUS, SIGNED):
        for at in range(len(line) * 8):
            hurt = bytearray(line)
            hurt[at >> 3] ^= 1 << (at & 7)
            for part in framing.LineReader().feed(bytes(hurt) + b"\n"):
                with raises(WireError):
                    framing.unseal(part)


@req("wire")
def test_a_wrong_crc_is_told_from_a_bad_form():
    with raises(WireError, code=s.BAD_CRC):
        framing.unseal(b">STATUS 00000000 1 ~-*1e464163")
    with raises(WireError, code=s.BAD_CRC):
        framing.unseal(b">STATUX 00000000 1 ~-*1e464162")
    with raises(WireError, code=s.BAD_CRC):
        framing.unseal(b"*1e464162")
    for line in (
        b"",
        b"?",
        b"hello",
        b"*00000000",
        b"~-*" + framing.crc(b"~-").encode(),
        b">STATUS 00000000 1 ~-1e464162",
        b">STATUS 00000000 1 ~-*1E464162",
        b">STATUS 00000000 1 ~-*1e46416",
        b">STATUS 00000000 1 ~-*1e464162 ",
        b">STATUS 00000000 1 ~-*1e464162\n\n",
        b">STATUS 00000000 1 ~-*1e464162\r",
        b">STATUS\x0000000000 1 ~-*1e464162",
        b">STATUS\xff00000000 1 ~-*1e464162",
    ):
        with raises(WireError, code=s.BAD_FRAME):
            framing.unseal(line)


@req("wire")
def test_only_the_canonical_head_passes():
    framing.unseal(framed(b">A 00000000 0"))
    framing.unseal(framed(b"<ABCDEFGHIJKLMNOP ffffffff 2147483647 a=b"))
    for head in (
        b"A 00000000 1",  # no direction
        b"=A 00000000 1",
        b"> 00000000 1",  # no verb
        b">a 00000000 1",
        b">A1 00000000 1",
        b">ABCDEFGHIJKLMNOPQ 00000000 1",
        b">A",
        b">A 00000000",  # no seq
        b">A 0000000 1",  # session too short, too long, not lower-case hex
        b">A 000000000 1",
        b">A 0000000A 1",
        b">A 0000000g 1",
        b">A 00000000 -1",
        b">A 00000000 01",
        b">A 00000000 +1",
        b">A 00000000 1_0",
        b">A 00000000 x",
        b">A 00000000  a=b",  # seq is empty
        b">A 00000000 2147483648",
        b">A 00000000 99999999999999999999",
        b">A 00000000 1 ",  # a space too many
        b">A 00000000 1 a=b ~-",  # a second MAC
        b">A 00000000 1 a=b*12345678",
        b" >A 00000000 1",
    ):
        with raises(WireError, code=s.BAD_FRAME):
            framing.unseal(framed(head))
    for mac in ("", "--", "0" * 31, "0" * 33, "0" * 31 + "A"):
        with raises(WireError, code=s.BAD_FRAME):
            framing.unseal(framed(b">A 00000000 1", mac))


@req("wire")
def test_seal_refuses_what_unseal_would():
    for verb, session, seq, body in (
        ("a", "00000000", 1, ""),
        ("A", "0", 1, ""),
        ("A", "00000000", -1, ""),
        ("A", "00000000", 1 << 31, ""),
        ("A", "00000000", 1, "a=~"),
        ("A", "00000000", 1, "a=*"),
        ("A", "00000000", 1, "a=\n"),
        ("A", "00000000", 1, "a=\u00e4"),
    ):
        with raises(WireError, code=s.BAD_FRAME):
            framing.seal(">", verb, session, seq, body, None)
    with raises(WireError, code=s.BAD_FRAME):
        framing.seal("?", "A", "00000000", 1, "", None)


@req("wire")
def test_longest_line():
    line = framing.seal(">", "A", "00000000", 1, fits(512), None)
    assert len(line) == 512
    assert framing.unseal(line).body == fits(512)
    with raises(WireError, code=s.BAD_FRAME, value=513, high=512):
        framing.seal(">", "A", "00000000", 1, fits(513), None)
    with raises(WireError, code=s.BAD_FRAME, value=513, high=512):
        framing.unseal(framed(b">A 00000000 1 " + fits(513).encode()))
    assert framing.LineReader().feed(line) == [line[:-1]]
    assert framing.LineReader().feed(line[:-1] + b"\r\n") == [line[:-1]]
    assert framing.LineReader().feed(line[:-1] + b"x\n") == [None]
    assert framing.LineReader().feed(line[:-1] + b"xy\n") == [None]


@req("wire")
def test_lines_come_out_however_the_bytes_come_in():
    stream = b"one\ntwo\r\n\n\r\n?\nthree"
    for size in range(1, len(stream) + 1):
        reader = framing.LineReader()
        lines = []
        for at in range(0, len(stream), size):
            lines += reader.feed(stream[at : at + size])
        assert lines == [b"one", b"two", b"?"]
        assert reader.feed(b"") == []
        assert reader.feed(b"\n") == [b"three"]


@req("wire")
def test_a_line_too_long_is_one_marker_and_the_next_is_whole():
    for size in (1, 7, 100, 3000):
        stream = b"ok\n" + b"x" * 2000 + b"\nok\n" + b"y" * 513 + b"\n" + b"z" * 511 + b"\n"
        reader = framing.LineReader()
        lines = []
        for at in range(0, len(stream), size):
            lines += reader.feed(stream[at : at + size])
        assert lines == [b"ok", None, b"ok", None, b"z" * 511]
