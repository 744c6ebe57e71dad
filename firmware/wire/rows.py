"""The hash that stands for the rows of a flex schedule: STAGE sends them one by one, PRESCRIBE quotes it. For host and pump."""

from .codec import digest


def rows_hash(rows: list[list[int]]) -> str:
    """16 hex digits of [offset_ms, ng/day], ..., written as `0:100000 43200000:50000`."""
    return digest("ROWS", " ".join(["%d:%d" % (row[0], row[1]) for row in rows]))
