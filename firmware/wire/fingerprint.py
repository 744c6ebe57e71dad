"""The schema's hash, written by tools/gen_fingerprint.py (`make docs`): HELLO carries it without working it out each time."""

SCHEMA_HASH = "c0355b05"
