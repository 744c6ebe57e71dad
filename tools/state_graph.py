"""The therapy's table as the arrows of a state chart: rows that all members of a group share become one arrow of the group.

Pure; called by tools/gen_states.py (Mermaid, page) and tools/state_svg.py (picture).
"""

from dataclasses import dataclass

from pump.core import states
from wire import names, schema

# The groups that the rules speak of; in the picture each is a box around its members.
GROUPS = (
    ("nothing runs", (schema.READY, schema.ENDED)),
    ("delivering", states.DELIVERING),
    ("stopped", (schema.SUSPENDED, schema.HELD)),
)
NAMES = {code: name for code, name, _ in names.STATES}
MEANINGS = {code: meaning for code, _, meaning in names.STATES}


@dataclass(frozen=True)
class Arrow:
    """`source` is a state's or a group's name, `target` a state's; `label` is the event and, in brackets, its guard."""

    source: str
    target: str
    label: str


def label(event: str, guard: str) -> str:
    return f"{event} [{guard}]" if guard else event


def rows() -> list[tuple[str, str, str, str, tuple[str, ...]]]:
    """The table in words: (from, event, guard, to, actions)."""
    return [(NAMES[state], event, guard, NAMES[to], tuple(actions)) for (state, event), (guard, to, actions) in states.TABLE.items()]


def plain() -> list[Arrow]:
    """One arrow for each pair of states, with all its events."""
    labels: dict[tuple[str, str], list[str]] = {}
    for source, event, guard, target, _ in rows():
        labels.setdefault((source, target), []).append(label(event, guard))
    return [Arrow(source, target, ", ".join(events)) for (source, target), events in labels.items()]


def grouped() -> list[Arrow]:
    """As `plain`, but an event that every member of a group answers with the same next state leaves the group once."""
    labels: dict[tuple[str, str], list[str]] = {}
    for (state, event), (guard, target, _) in states.TABLE.items():
        source = NAMES[state]
        for group, members in GROUPS:
            answers = [states.TABLE.get((member, event), ("", None, ()))[:2] for member in members]
            if state in members and all(answer == (guard, target) for answer in answers):
                source = group
        events = labels.setdefault((source, NAMES[target]), [])
        if label(event, guard) not in events:
            events.append(label(event, guard))
    return [Arrow(source, target, ", ".join(events)) for (source, target), events in labels.items()]
