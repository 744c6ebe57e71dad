"""A Story of a period in integers, their units in the keys: what `tapir report --json` prints and the sums in sections.py are made from.

None where nothing can be said. Pure.
"""

from typing import Any

from ..wire import names
from .figures import date
from .story import Story


def facts(story: Story, start_ms: int, end_ms: int) -> dict[str, Any]:
    """For --json, and for the sums in words. Delivered drug is known at records: the interval used is from `delivered_from_ms` on."""
    begin, end = story.delivered(start_ms), story.delivered(end_ms)
    if story.drug and begin is None and story.drug[0].at_ms <= end_ms:
        begin = story.drug[0]
    known = most = since = due_then = None
    note = ""
    if begin and end:
        known, most = end.known_ng - begin.known_ng, end.most_ng - begin.most_ng
        due_then = story.due_ng(begin.at_ms, end.at_ms)
        since = begin.at_ms
        if begin.at_ms < start_ms or end.at_ms < end_ms:
            note = f"Delivered drug is known at records only: from {date(begin.at_ms)} to {date(end.at_ms)}."
    if story.shaped():
        note += (
            " The flow followed a profile within the day: prescribed and due are reckoned with D, its sum over 24 h, so compare whole days."
        )
    chain = story.chain
    inside = [m for m in story.moments if start_ms <= m.at_ms <= end_ms]
    count = {code: sum(m.event.event == code for m in inside) for code, *_ in names.EVENTS}
    return {
        "start_ms": start_ms,
        "end_ms": end_ms,
        "chain": {"records": chain.records, "broken_at": chain.broken_at, "not_shown": chain.dropped, "head_matches": chain.head_matches},
        "prescribed_ng": story.prescribed_ng(start_ms, end_ms),
        "bolus_ng": story.bolus_ng(start_ms, end_ms),
        "due_ng": story.due_ng(start_ms, end_ms),
        "known_ng": known,
        "most_ng": most,
        "delivered_from_ms": since,
        "due_then_ng": due_then,
        "note": note.strip(),
        "events": {str(row[1]): count[row[0]] for row in names.EVENTS if count[row[0]]},
    }
