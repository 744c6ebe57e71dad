"""Who is speaking: HMAC-SHA256 over frames, and session keys made from a role's key and both nonces.

Keys are 32 bytes, nonces and MACs are lower-case hex text as on the wire. The pump and the host derive the same session
key, so neither sends a key after provisioning; MicroPython has no hmac module, hence the few lines here.
"""

import hashlib
from binascii import hexlify

from . import schema as s

_BLOCK = 64  # bytes: SHA-256's block, which HMAC pads the key to
MAC_DIGITS = 32  # 128 bits of the HMAC


def hmac_sha256(key: bytes, data: bytes) -> bytes:
    """RFC 2104 with SHA-256: 32 bytes."""
    if len(key) > _BLOCK:
        key = hashlib.sha256(key).digest()
    key = key + bytes(_BLOCK - len(key))
    inner = hashlib.sha256(bytes([b ^ 0x36 for b in key]))
    inner.update(data)
    outer = hashlib.sha256(bytes([b ^ 0x5C for b in key]))
    outer.update(inner.digest())
    return outer.digest()


def mac(key: bytes, data: bytes) -> str:
    """The MAC of a frame: 32 hex digits."""
    return hexlify(hmac_sha256(key, data)).decode()[:MAC_DIGITS]


def session_key(role_key: bytes, role: int, host_nonce: str, pump_nonce: str) -> bytes:
    """32 bytes that only the two holders of the role's key can make; the nonces make each session's its own."""
    said = "tapir session %d role %d host %s pump %s" % (s.VERSION, role, host_nonce, pump_nonce)
    return hmac_sha256(role_key, said.encode())


def same(a: str, b: str) -> bool:
    """Whether two MACs or codes are equal, in a time that does not tell how far they agree."""
    if len(a) != len(b):
        return False
    differ = 0
    for i in range(len(a)):
        differ |= ord(a[i]) ^ ord(b[i])
    return differ == 0
