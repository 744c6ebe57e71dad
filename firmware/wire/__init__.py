"""The contract between host and pump: units, schema, codec, framing, auth, limits.

Pure and integer only: no I/O, no clock, no float, and nothing happens at import. The firmware imports it as `wire`, the
host as `tapir.wire` (the same folder), so imports inside are relative.
"""
