"""The table of states is whole: known states, names that exist, every state reachable, and the picture shows every row."""

import re

from pump.core import states
from tools import state_graph, state_svg
from wire import names, schema

REQ = ("states",)

KNOWN = {code for code, _, _ in names.STATES}


def test_every_row_names_known_states() -> None:
    for (state, event), (guard, to, actions) in states.TABLE.items():
        assert state in KNOWN and to in KNOWN
        assert event and isinstance(guard, str) and isinstance(actions, tuple)


def test_every_state_is_reachable_and_only_locked_is_a_dead_end() -> None:
    reached, edge = set(), {schema.UNPROVISIONED}
    while edge:
        reached |= edge
        edge = {to for (state, _), (_, to, _) in states.TABLE.items() if state in reached} - reached
    assert reached == KNOWN
    assert KNOWN - {state for state, _ in states.TABLE} == {schema.LOCKED}


def test_there_is_no_stop() -> None:
    """R4: nothing that delivers reaches ENDED but the end of a taper."""
    ways = {event for (state, event), (_, to, _) in states.TABLE.items() if state in states.DELIVERING and to == schema.ENDED}
    assert ways == {"taper_end"}
    assert "stop" not in {event for _, event in states.TABLE}


def test_the_picture_shows_every_row() -> None:
    """Each row is in one arrow of the chart, its own or its group's, and each label is drawn."""
    members = {name: {name} for name in state_graph.NAMES.values()}
    members |= {group: {state_graph.NAMES[code] for code in codes} for group, codes in state_graph.GROUPS}
    shown = {
        (source, label, arrow.target)
        for arrow in state_graph.grouped()
        for source in members[arrow.source]
        for label in arrow.label.split(", ")
    }
    assert shown == {(source, state_graph.label(event, guard), to) for source, event, guard, to, _ in state_graph.rows()}
    drawn = set(re.findall(r"<tspan[^>]*>([^<]*)</tspan>", state_svg.svg()))
    assert {label for _, label, _ in shown} | set(state_graph.NAMES.values()) <= drawn
