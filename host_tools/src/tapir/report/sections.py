"""A Story of a period in words: titles, pairs, tables and pictures, in the order in which a reader asks. html.py and pdf.py show the same.

Tables are made from events by their names and meanings; what no table claims is under `What changed`, so that a new event is never lost.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .. import level, words
from ..errors import error_name
from ..messages import Review, state_name
from ..notes import Note
from ..wire import events as codes
from ..wire import limits, names, units
from . import figures
from .facts import facts as reckon
from .story import Moment, Story

ADVICE = f"{words.NOT_A_DEVICE} Nothing here is medical advice."
GOOD, BAD, PLAIN = "good", "bad", ""


@dataclass(frozen=True)
class Section:
    """A heading and under it: `note` a sentence, `pairs` of name and value, a table of `head` and `rows`, a picture that `figure` draws."""

    title: str
    note: str = ""
    tone: str = PLAIN
    pairs: tuple[tuple[str, str], ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    figure: Callable[[], Any] | None = None


@dataclass(frozen=True)
class Report:
    """All of it. `facts` are the same in integers, for --json."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]
    facts: dict[str, Any] = field(default_factory=dict)


_CLAIMED = {  # by name
    "bolus": ("BOLUS_STARTED", "BOLUS_ENDED", "BOLUS_CANCELLED", "BOLUS_INTERRUPTED", "BOLUS_DENIED"),
    "alarm": ("ALARM", "ALARM_ENDED", "ACKNOWLEDGED"),
    "power": ("POWER_ON", "RESET", "CRASHED"),
    "refused": ("REFUSED",),
}


def build(story: Story, start_ms: int, end_ms: int, notes: Sequence[Note] = ()) -> Report:
    """The report for a period; `notes` are those of this computer, for the same pump."""
    seen = [note for note in notes if start_ms <= note.at_ms <= end_ms]
    inside = [m for m in story.moments if start_ms <= m.at_ms <= end_ms]
    hello = story.source.hello
    sections: tuple[Section, ...] = (
        _chain(story),
        _identity(story),
        _prescription(story.source.review),
        _sums(story, start_ms, end_ms),
        _stretches(story, start_ms, end_ms),
        Section("Delivered against prescribed", figure=lambda: figures.delivered(story, start_ms, end_ms), note=_delivered_note(story)),
        _boluses(story, start_ms, end_ms),
        _denied(inside),
        _reasons(story, start_ms, end_ms),
        _alarms(story, start_ms, end_ms),
        _events("Power cuts and resets", "power", inside, "No power cut and no reset."),
        _refusals(inside),
        _levels(story, start_ms, end_ms, hello.library or "" if hello else ""),
        _observations(story, seen),
        Section("Ashworth score against dose", figure=(lambda: figures.ashworth(story, seen)) if any(n.ashworth for n in seen) else None),
        _events("What changed", None, inside, "Nothing changed."),
        _journal(inside),
    )
    serial = hello.serial if hello else "pump"
    period = f"{figures.date(start_ms)} to {figures.date(end_ms)}"
    subtitle = f"{period}. Read {story.source.read_at.strftime('%Y-%m-%d %H:%M')} from {story.source.where}."
    sections = tuple(each for each in sections if each.note or each.pairs or each.rows or each.figure)
    return Report(f"Tapir report: {serial}", subtitle, sections, reckon(story, start_ms, end_ms))


# --- one function a section ---------------------------------------------------------------------------------------------------
def _chain(story: Story) -> Section:
    chain = story.chain
    title = "Log chain"
    if chain.broken_at is not None:
        text = (
            f"BROKEN at record #{chain.broken_at}: it, or what came before it, was changed, dropped or cannot be read. "
            f"This report shows the {chain.records - chain.dropped} intact records before it; "
            f"{chain.dropped} from there on are not shown and prove nothing."
        )
        return Section(title, text, BAD)
    if chain.head_matches is False:
        return Section(title, "INCOMPLETE: the last record is not the head that the pump stated; records are missing at the end.", BAD)
    if not chain.records:
        return Section(title, "No records.")
    last = story.source.events[-1]
    text = f"Intact: {chain.records} records, #{chain.first} to #{last.seq}, head {words.head(last.chain)}"
    text += ", as the pump stated it." if chain.head_matches else "; compare it with the head noted from the pump."
    if not chain.from_start:
        text += f" Records before #{chain.first} are not part of it; the first one's place in the chain cannot be checked."
    return Section(title, text, GOOD)


def _identity(story: Story) -> Section:
    hello, status = story.source.hello, story.source.status
    if hello is None:
        return Section("Pump", "The saved log does not say which pump it is from.")
    pairs = [
        ("Serial number", hello.serial),
        ("Firmware", f"{hello.firmware}, schema {hello.schema}"),
        ("Board", hello.board),
        ("Drug library", f"{hello.library or '-'} {hello.library_hash or ''}".strip()),
        ("Syringe", hello.syringe or "-"),
    ]
    if status:
        pairs.append(("State when read", state_name(status.state)))
        pairs.append(("Reservoir when read", units.format_nl(status.reservoir_nl, 3)))
    if hello.why:
        pairs.append(("It says", hello.why))
    return Section("Pump", pairs=tuple(pairs))


_FIELDS = {
    "conc_ng_per_ml": "Concentration",
    "basal_ng_per_day": "Basal",
    "max_24h_ng": "Most in any 24 h",
    "screen_ng": "Effective test dose",
    "screen_long": "Effect over 8 h",
    "pb_dose_ng": "Patient bolus",
    "pb_duration_ms": "Its duration",
    "pb_lockout_ms": "Its lockout",
    "pb_max": "At most in 24 h",
    "event": "Recorded as",
}


_NOT_TOLD = ("rows_hash",)  # for machines
_TABLES = {"origin": "ORIGINS", "mode": "MODES"}  # fields that hold a code, and whose names it has


def _prescription(review: Review | None) -> Section:
    """Every field of REVIEW, shown by the unit in its name: a new field needs no line here."""
    if review is None:
        return Section("Prescription in force", "The saved log does not hold it.")
    if not review.drug:
        return Section("Prescription in force", "Nothing is prescribed.")
    told = {name: value for name, value in review.as_dict().items() if name not in _NOT_TOLD and value not in (None, "", 0)}
    pairs = [(_FIELDS.get(name, _spoken(name)), _shown(name, value)) for name, value in told.items()]
    return Section("Prescription in force", pairs=tuple(pairs))


def _shown(name: str, value: int | str | None) -> str:
    if isinstance(value, str) or value is None:
        return value or ""
    if name in _TABLES:
        return words.name_of(getattr(names, _TABLES[name], ()), value)
    if name == "event":
        return f"#{value}"
    if name == "screen_long":
        return "yes" if value else "no"
    return words.show(name, value)


def _spoken(name: str) -> str:
    for unit in ("_ng_per_day", "_ng_per_ml", "_ng", "_nl", "_ms"):
        name = name.removesuffix(unit)
    return name.replace("_", " ").capitalize()


def _sums(story: Story, start_ms: int, end_ms: int) -> Section:
    facts = reckon(story, start_ms, end_ms)
    prescribed, due = facts["prescribed_ng"], facts["due_ng"]
    pairs = [
        ("Prescribed", f"{units.format_ng(prescribed, 1)}, of it boluses {units.format_ng(facts['bolus_ng'], 1)}"),
        ("Not due: stopped or unpowered", units.format_ng(prescribed - due, 1)),
        ("Due", units.format_ng(due, 1)),
    ]
    known, most = facts["known_ng"], facts["most_ng"]
    if known is None:
        pairs.append(("Delivered", "cannot be said in mcg" + ("" if story.source.books else ": the saved log holds no books")))
    else:
        pairs.append(("Delivered", f"{units.format_ratio(known, 1000, 1)} to {units.format_ng(most, 1)} (known to at most)"))
        since = facts["delivered_from_ms"]
        if since > start_ms:
            pairs.append(
                ("", f"since the therapy began, {figures.date(since)}; due since then: {units.format_ng(story.due_ng(since, end_ms), 1)}")
            )
        pairs.append(("Delivered less due", _signed(known - facts["due_then_ng"]) + " to " + _signed(most - facts["due_then_ng"])))
    return Section("Prescribed and delivered", pairs=tuple(pairs), note=facts["note"])


def _stretches(story: Story, start_ms: int, end_ms: int) -> Section:
    rows = []
    for each in story.stretches:
        start, end = max(start_ms, each.start_ms), min(end_ms, each.end_ms)
        if end <= start or not each.ng_per_day:
            continue
        runs = "ran" if each.flow_ng_per_day else "STOPPED"
        ng = each.ng_per_day * (end - start) // limits.DAY_MS
        rows.append(
            (
                figures.date(start),
                figures.date(end),
                words.elapsed(end - start),
                units.format_ng_per_day(each.ng_per_day),
                units.format_ng(ng, 1),
                runs,
            )
        )
    return Section(
        "Basal, stretch by stretch",
        "" if rows else "No basal was programmed.",
        head=("from", "to", "for", "D", "prescribed", ""),
        rows=tuple(rows),
    )


def _delivered_note(story: Story) -> str:
    return (
        ""
        if story.drug
        else "Delivered drug is not drawn: the records before the present therapy count microsteps only, and no books came with them."
    )


def _boluses(story: Story, start_ms: int, end_ms: int) -> Section:
    rows = [
        (
            f"#{b.start.event.seq}",
            figures.label(b.start),
            units.format_ng(b.dose_ng),
            units.format_ms(b.duration_ms),
            b.ended or "runs",
            units.format_ng(b.given_ng, 1),
            b.start.event.note,
        )
        for b in story.boluses
        if start_ms <= b.start.at_ms <= end_ms
    ]
    head = ("record", "at", "dose", "over", "how it ended", "given", "reason")
    return Section("Boluses given", "" if rows else "None.", head=head, rows=tuple(rows))


def _denied(inside: list[Moment]) -> Section:
    rows = [
        (f"#{m.event.seq}", figures.label(m), units.format_ng(m.event.a), words.rule(m.event.b) if m.event.b else "-")
        for m in inside
        if m.event.event == codes.BOLUS_DENIED
    ]
    rows += [
        (f"#{m.event.seq}", figures.label(m), "ordered by a person", words.rule(m.event.b) if m.event.b else error_name(m.event.a))
        for m in inside
        if m.event.event == codes.REFUSED and m.event.note == "BOLUS"
    ]
    return Section(
        "Boluses denied",
        "" if rows else "None.",
        head=("record", "at", "dose", "rule"),
        rows=tuple(sorted(rows, key=lambda row: int(row[0][1:]))),
    )


def _reasons(story: Story, start_ms: int, end_ms: int) -> Section:
    rows = [
        (f"#{m.event.seq}", figures.label(m), m.name, m.event.note, words.event(replace_note(m)))
        for m in story.reasons()
        if start_ms <= m.at_ms <= end_ms
    ]
    head = ("record", "at", "event", "reason given", "what")
    return Section("Limits overridden, and reasons given", "" if rows else "None.", head=head, rows=tuple(rows))


def replace_note(moment: Moment) -> Any:
    """The record without its note, where the note has a column of its own."""
    return replace(moment.event, note="")


def _alarms(story: Story, start_ms: int, end_ms: int) -> Section:
    rows = []
    for each in story.alarms:
        if start_ms <= each.start.at_ms <= end_ms:
            what, todo = words.ALARMS.get(each.alarm, ("", ""))
            gone = figures.label(each.ended) if each.ended else "not recorded"
            acked = figures.label(each.acked) if each.acked else "-"
            rows.append(
                (
                    f"#{each.start.event.seq}",
                    figures.label(each.start),
                    words.alarm(each.alarm),
                    gone,
                    acked,
                    f"{what}: {todo}" if what else "",
                )
            )
    return Section(
        "Alarms", "" if rows else "None.", head=("record", "raised", "alarm", "gone", "acknowledged", "meaning"), rows=tuple(rows)
    )


def _refusals(inside: list[Moment]) -> Section:
    rows = [
        (f"#{m.event.seq}", figures.label(m), m.event.note, error_name(m.event.a), words.rule(m.event.b) if m.event.b else "-")
        for m in inside
        if m.event.event == codes.REFUSED
    ]
    return Section("Refusals", "" if rows else "None.", head=("record", "at", "command", "answer", "rule"), rows=tuple(rows))


def _levels(story: Story, start_ms: int, end_ms: int, library: str) -> Section:
    halves = level.half_lives_ms(library)
    names_ = ", ".join(f"{units.format_ratio(ms, limits.HOUR_MS, 1)} h" for ms in halves)
    begin = "empty at first" if story.chain.from_start else "settled at the first D that the records say"
    note = f"One compartment, half-life {names_}; {begin}. A model for orientation: nothing in the pump follows it."
    if any(not m.certain for m in story.moments):
        note += " The power was off for an unknown time: counted as none, the level after it is at most this."
    return Section("Level in the cerebrospinal fluid", note, figure=lambda: figures.levels(story, start_ms, end_ms, halves))


def _observations(story: Story, seen: list[Note]) -> Section:
    rows = [(n.at, n.ashworth or "-", units.format_ng_per_day(story.programmed(n.at_ms)), n.text) for n in seen]
    note = "Noted on this computer (tapir note); not part of the pump's journal." if rows else ""
    return Section("Observations", note, head=("at", "Ashworth", "D then", "what was seen"), rows=tuple(rows))


def _events(title: str, group: str | None, inside: Iterable[Moment], none: str) -> Section:
    claimed = {name for group_ in _CLAIMED.values() for name in group_}
    rows = [
        (f"#{m.event.seq}", figures.label(m), m.name, words.event(m.event))
        for m in inside
        if (m.name in _CLAIMED[group] if group else m.name not in claimed)
    ]
    return Section(title, "" if rows else none, head=("record", "at", "event", "what"), rows=tuple(rows))


def _journal(inside: list[Moment]) -> Section:
    rows = [
        (
            f"#{m.event.seq}",
            figures.label(m),
            m.name,
            words.event(m.event),
            f"{m.event.known_steps} to {m.event.most_steps}",
            m.event.chain[:8],
        )
        for m in inside
    ]
    return Section(
        "Journal",
        "" if rows else "No records in this period.",
        head=("record", "at", "event", "what", "microsteps", "chain"),
        rows=tuple(rows),
    )


def _signed(ng: int) -> str:
    return ("+" if ng > 0 else "") + units.format_ng(ng, 3)
