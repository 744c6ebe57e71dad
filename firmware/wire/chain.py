"""The hash chain of the journal: the pump makes it, the host verifies it. Pure; called by pump/store/log.py and `tapir log --verify`.

A chain is 16 hex digits. Changing, dropping or swapping any record changes the chain of every later one."""

from binascii import hexlify, unhexlify
from hashlib import sha256

GENESIS = "0000000000000000"


def link(chain: str, seq: int, at_ms: int, event: int, a: int, b: int, known_steps: int, most_steps: int, note: str) -> str:
    """The chain after a record: sha256(chain before it, as 8 bytes + its fields as text), first 8 bytes."""
    text = f"{seq} {at_ms} {event} {a} {b} {known_steps} {most_steps} {note}"
    return hexlify(sha256(unhexlify(chain) + text.encode()).digest()[:8]).decode()
