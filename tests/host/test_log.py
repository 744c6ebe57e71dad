"""Verifying the journal's chain: any record changed, dropped or swapped is found."""

import pytest

from tapir.messages import Event
from tapir.pump import verify
from tapir.wire import chain

REQ = ("host",)


def _journal(count: int) -> list[Event]:
    before, events = chain.GENESIS, []
    for seq in range(1, count + 1):
        fields = (seq, seq * 1000, 2, seq * 7, -seq, seq * 3, seq * 3, "note %d" % seq)
        before = chain.link(before, *fields)
        events.append(Event(*fields, before))
    return events


def test_an_intact_journal_is_intact_from_any_record_on() -> None:
    events = _journal(20)
    for start in range(20):
        assert verify(events[start:]) is None
    assert verify([]) is None


@pytest.mark.parametrize("field", ["at_ms", "event", "a", "b", "known_steps", "most_steps", "note", "chain"])
def test_a_changed_record_is_found(field: str) -> None:
    events = _journal(9)
    values = events[4].as_dict()
    values[field] = "0" * 16 if field == "chain" else "x" if field == "note" else int(values[field] or 0) + 1
    events[4] = Event(**values)  # type: ignore[arg-type]
    assert verify(events) == 5


def test_a_dropped_record_is_found() -> None:
    events = _journal(9)
    assert verify(events[:3] + events[4:]) == 5


def test_the_first_record_is_checked_against_the_beginning() -> None:
    events = _journal(3)
    values = events[0].as_dict() | {"a": 1000}
    assert verify([Event(**values), *events[1:]]) == 1  # type: ignore[arg-type]
