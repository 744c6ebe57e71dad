"""HMAC and session keys, against RFC 4231 and openssl."""

from binascii import hexlify, unhexlify

from support import req
from wire import auth

# RFC 4231, section 4: (key, data, HMAC-SHA-256); case 5 is the truncated one.
RFC_4231 = (
    (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    (b"\xaa" * 20, b"\xdd" * 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    (bytes(range(1, 26)), b"\xcd" * 50, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
    (
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
    (
        b"\xaa" * 131,
        b"This is a test using a larger than block-size key and a larger than block-size data. "
        b"The key needs to be hashed before being used by the HMAC algorithm.",
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ),
)
KEY = bytes(range(32))
HOST, PUMP = "00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100"


@req("wire")
def test_hmac_gives_the_vectors_of_rfc_4231():
    for key, data, expected in RFC_4231:
        assert hexlify(auth.hmac_sha256(key, data)).decode() == expected


@req("wire")
def test_mac_is_the_hmac_truncated_to_128_bits_as_in_rfc_4231_case_5():
    assert auth.mac(b"\x0c" * 20, b"Test With Truncation") == "a3b6167473100ee06e0c796c2955552b"


@req("wire")
def test_keys_at_the_block_size():
    # printf x | openssl dgst -sha256 -mac HMAC -macopt hexkey:$(printf '61%.0s' $(seq 63))   (and 64, 65)
    for length, expected in (
        (63, "f59082e484aa11093e04b23f7a9156688bd5536a5a5b7110a72a8d85f4aa0a9e"),
        (64, "b65ca3a3235f948bc0e6bd747532c54a983b54ddad1a4d1bd8b958e065b1cab4"),
        (65, "5c8ad20f6d25c86ccfc9774f1c0ca49d3675f3a112d9905cce286e2636681b75"),
    ):
        assert hexlify(auth.hmac_sha256(b"a" * length, b"x")).decode() == expected


@req("wire")
def test_session_key_is_the_documented_hmac():
    # printf 'tapir session 1 role 2 host 0011..eeff pump ffee..1100' | openssl dgst -sha256 -mac HMAC -macopt hexkey:000102..1f
    expected = "163e2b2a1f99208b2b8f150a9874820e607916f253537949cd4a24a7a212b2c1"
    assert auth.session_key(KEY, 2, HOST, PUMP) == unhexlify(expected)


@req("wire")
def test_session_key_depends_on_everything():
    keys = [
        auth.session_key(KEY, 2, HOST, PUMP),
        auth.session_key(KEY, 1, HOST, PUMP),
        auth.session_key(KEY, 2, PUMP, HOST),
        auth.session_key(KEY, 2, HOST, HOST),
        auth.session_key(bytes(32), 2, HOST, PUMP),
    ]
    assert len(set(keys)) == len(keys)


@req("wire")
def test_same():
    assert auth.same("", "")
    assert auth.same("a1f3", "a1f3")
    for other in ("a1f2", "b1f3", "a1f", "a1f33", "", "A1F3"):
        assert not auth.same("a1f3", other)
        assert not auth.same(other, "a1f3")
