"""What a journal tells: when things happened, what was prescribed and delivered, boluses, alarms, cuts. Integers; pure.

What an event means is taken from wire/names.py wherever that is enough: `D in ng/day` programs a rate, whatever the event is called;
a new event then needs no line here. Times are ms of the world's clock since 1970, reckoned back from the reading over
power-offs of known length; `certain` is false before a power-off of unknown length, which is counted as no time at all.
Only the intact part of the chain is told. prescribed = the programmed D for all the time, stopped or not, plus boluses as far as they
ran; due = prescribed less what fell into stops and power-offs; delivered = [known, at most], from steps that left.
Called by sections.py and figures.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from ..level import Flow, bolus
from ..messages import Books, Event
from ..pump import verify
from ..wire import alarms, limits, names
from ..wire import events as codes
from .source import Source

_MEANING = {row[0]: (str(row[2]), str(row[3])) for row in names.EVENTS}
_NAME = {row[0]: str(row[1]) for row in names.EVENTS}
_PROGRAMS, _PROGRAMMED_BEFORE = "D in ng/day", "the D before"
_OTHER_NOTES = ("REFUSED", "PROFILE", "CRASHED")  # whose note is a command, a hash or a crash, and no reason
_STOPS = (codes.SUSPENDED, codes.HELD, codes.CHANGE_STARTED)
_ENDS = (codes.THERAPY_ENDED, codes.CLOSED)
_OF_STOPS = (
    alarms.SUSPENDED,
    alarms.POWER_LOST,
    alarms.OVERDUE,
)  # gone without a record of their own once basal runs again or the therapy ends
_GONE_WITH = (codes.RESUMED, codes.RESTARTED, codes.CLOSED, codes.THERAPY_ENDED)
_BOLUS_OVER = (codes.BOLUS_ENDED, codes.BOLUS_CANCELLED, codes.BOLUS_INTERRUPTED)


@dataclass(frozen=True)
class Moment:
    """One record with its time."""

    event: Event
    at_ms: int
    certain: bool

    @property
    def name(self) -> str:
        """BOLUS_STARTED, and so on."""
        return _NAME.get(self.event.event, f"event {self.event.event}")


@dataclass(frozen=True)
class Stretch:
    """From `start_ms` to `end_ms` D was programmed and `flow_ng_per_day` (D or 0) ran. `certain` as in Moment."""

    start_ms: int
    end_ms: int
    ng_per_day: int
    flow_ng_per_day: int


@dataclass(frozen=True)
class Given:
    """A bolus: what was ordered, how it ended ("" while it runs), how long it ran."""

    start: Moment
    dose_ng: int
    duration_ms: int
    ended: str
    ran_ms: int

    @property
    def given_ng(self) -> int:
        """As far as it ran; an interrupted one: at least."""
        return self.dose_ng * self.ran_ms // self.duration_ms if self.duration_ms else self.dose_ng


@dataclass(frozen=True)
class Raised:
    """An alarm: raised, gone, acknowledged."""

    start: Moment
    alarm: int
    ended: Moment | None
    acked: Moment | None


@dataclass(frozen=True)
class Drug:
    """Delivered in the therapy that runs or ran last, up to a record: between known and at most."""

    at_ms: int
    known_ng: int
    most_ng: int


@dataclass(frozen=True)
class Chain:
    """The verdict. `broken_at`: the first record that does not fit; `dropped`: records from there on, which are not told.

    `from_start`: the journal's beginning is there, so the first record is checked too. `head_matches`: None if no pump said its head.
    """

    records: int
    first: int
    broken_at: int | None
    dropped: int
    from_start: bool
    head_matches: bool | None

    @property
    def intact(self) -> bool:
        """Nothing speaks against it."""
        return self.broken_at is None and self.head_matches is not False


class Story:
    """A source's intact records, told. `start_ms`..`end_ms` is all that they span."""

    def __init__(self, source: Source) -> None:
        self.source = source
        broken = verify(source.events)
        told = [event for event in source.events if broken is None or event.seq < broken]
        self.chain = _chain(source, broken, told)
        self.moments = _reckon(source, told)
        self.end_ms = round(source.read_at.timestamp() * 1000)
        self.whole = broken is None and bool(told) and source.status is not None  # what runs now follows from the records
        if self.moments and not self.whole:
            self.end_ms = self.moments[-1].at_ms
        self.start_ms = self.moments[0].at_ms if self.moments else self.end_ms
        self.stretches = list(_stretches(self.moments, self.end_ms))
        self.boluses = list(_boluses(self.moments, self.end_ms))
        self.alarms = list(_alarms(self.moments))
        self.therapy_from = _last_start(self.moments)
        self.drug = self._drug()

    # --- sums ----------------------------------------------------------------------------------------------------------------
    def prescribed_ng(self, start_ms: int, end_ms: int) -> int:
        """Programmed for this time, rounded down."""
        return self._basal(start_ms, end_ms, False) + self.bolus_ng(start_ms, end_ms)

    def due_ng(self, start_ms: int, end_ms: int) -> int:
        """The same without stops and power-offs."""
        return self._basal(start_ms, end_ms, True) + self.bolus_ng(start_ms, end_ms)

    def _basal(self, start_ms: int, end_ms: int, flowing: bool) -> int:
        total = 0
        for each in self.stretches:
            overlap = min(end_ms, each.end_ms) - max(start_ms, each.start_ms)
            total += max(0, overlap) * (each.flow_ng_per_day if flowing else each.ng_per_day)
        return total // limits.DAY_MS

    def bolus_ng(self, start_ms: int, end_ms: int) -> int:
        """Of boluses, as far as they ran in this time."""
        total = Fraction(0)
        for each in self.boluses:
            overlap = min(end_ms, each.start.at_ms + each.ran_ms) - max(start_ms, each.start.at_ms)
            if overlap > 0:
                total += Fraction(each.given_ng * overlap, each.ran_ms)
        return int(total)

    def programmed(self, at_ms: int) -> int:
        """D at a moment, in ng/day; 0 outside what the records span."""
        return next((s.ng_per_day for s in self.stretches if s.start_ms <= at_ms < s.end_ms), 0)

    def flows(self) -> list[Flow]:
        """What flowed, for the level."""
        basal = [Flow(s.start_ms, s.end_ms, s.flow_ng_per_day) for s in self.stretches if s.flow_ng_per_day]
        return basal + [bolus(b.start.at_ms, b.ran_ms, b.given_ng) for b in self.boluses if b.ran_ms]

    def shaped(self) -> bool:
        """Whether the flow may have differed from D within a day (flex, periodic boluses): then sums hold for whole days only."""
        return any(m.name == "PROFILE" and m.event.a for m in self.moments)

    def reasons(self) -> list[Moment]:
        """Records in which somebody gave a reason."""
        return [m for m in self.moments if m.event.note and m.name not in _OTHER_NOTES]

    # --- from steps to drug ------------------------------------------------------------------------------------------------------
    def _drug(self) -> list[Drug]:
        """At each record of the last therapy, and now. Empty if the books are not there, or count another thing by now."""
        status, books = self.source.status, self.source.books
        if not self.whole or status is None or books is None or not books.ratio_num or self.therapy_from is None:
            return []
        records = [m for m in self.moments if m.event.seq >= self.therapy_from]
        known = _Ledger(records, books.known_steps, status.known_ng, books, status.conc_ng_per_ml, 0)
        most = _Ledger(records, books.most_steps, status.most_ng, books, status.conc_ng_per_ml, 1)
        found = [Drug(m.at_ms, known.ng(m.event.known_steps, m.event.seq), most.ng(m.event.most_steps, m.event.seq)) for m in records]
        return [*found, Drug(self.end_ms, status.known_ng, status.most_ng)]

    def delivered(self, at_ms: int) -> Drug | None:
        """Up to the last record at or before a time; None before the therapy."""
        return next((each for each in reversed(self.drug) if each.at_ms <= at_ms), None)


class _Ledger:
    """Drug from steps, backwards from what the pump says now: each concentration that was at the tip has its own ratio."""

    def __init__(self, records: list[Moment], steps: int, ng: int, books: Books, conc: int, most: int) -> None:
        per_step = Fraction(books.ratio_den, books.ratio_num)  # ng now
        self._points: list[tuple[int, int, Fraction, Fraction]] = []  # seq, steps, drug there, ng a step after it
        changes = [m.event for m in records if m.event.event == codes.BRIDGE_ENDED]
        at, drug = steps, Fraction(ng)
        for event in reversed(changes):
            counted = event.most_steps if most else event.known_steps
            slope = per_step * event.a / conc
            drug -= slope * (at - counted)
            at = counted
            self._points.append((event.seq, at, drug, slope))
        first = per_step if not changes else drug / at if at else Fraction(0)
        self._points.append((0, 0, Fraction(ng) - per_step * steps if not changes else Fraction(0), first))

    def ng(self, steps: int, seq: int) -> int:
        """Drug of this therapy at a record, rounded down."""
        for since, at, drug, slope in self._points:
            if seq >= since:
                return max(0, int(drug + slope * (steps - at)))
        return 0


def _chain(source: Source, broken: int | None, told: list[Event]) -> Chain:
    last = source.events[-1] if source.events else None
    matches = None
    if source.status is not None:
        matches = last is None or (last.chain[:8] == source.status.head and last.seq == source.status.events)
    first = source.events[0].seq if source.events else 1
    return Chain(len(source.events), first, broken, len(source.events) - len(told), first == 1, matches)


def _reckon(source: Source, told: list[Event]) -> list[Moment]:
    """Each record's time, backwards from the reading (or from the last record's date) over all records, told or not."""
    if not source.events:
        return []
    last = source.events[-1]
    anchor, now_ms = source.read_at, source.status.now_ms if source.status else last.at_ms
    if source.status is None and source.last_at is not None:
        anchor = source.last_at
    moment, off_ms, certain = round(anchor.timestamp() * 1000), 0, True
    seqs = {event.seq for event in told}
    found = []
    for event in reversed(source.events):
        if event.seq in seqs:
            found.append(Moment(event, moment - (now_ms - event.at_ms) - off_ms, certain))
        if event.event == codes.POWER_ON:
            off_ms += max(0, event.b)
            certain = certain and event.b >= 0
    return found[::-1]


def _stretches(moments: list[Moment], end_ms: int) -> Iterator[Stretch]:
    """One stretch from change to change; a power-off of known length is a stretch without flow."""
    programmed, flow = _before(moments), 0
    flow = programmed
    at = moments[0].at_ms if moments else end_ms
    for moment in moments:
        event = moment.event
        change = _change(event, programmed, flow)
        off = max(0, event.b) if event.event == codes.POWER_ON else 0
        if change == (programmed, flow) and not off:
            continue
        yield from _stretch(at, moment.at_ms - off, programmed, flow)
        yield from _stretch(moment.at_ms - off, moment.at_ms, programmed, 0)
        at = moment.at_ms
        programmed, flow = change
    yield from _stretch(at, end_ms, programmed, flow)


def _stretch(start: int, end: int, programmed: int, flow: int) -> Iterator[Stretch]:
    if end > start:
        yield Stretch(start, end, programmed, flow)


def _change(event: Event, programmed: int, flow: int) -> tuple[int, int]:
    if _MEANING.get(event.event, ("", ""))[0] == _PROGRAMS:
        return event.a, event.a
    if event.event in _ENDS:
        return 0, 0
    return programmed, 0 if event.event in _STOPS else flow


def _before(moments: list[Moment]) -> int:
    """D before the first record that changes it, as that record says; 0 if none does."""
    for moment in moments:
        a, b = _MEANING.get(moment.event.event, ("", ""))
        if a == _PROGRAMS:
            return moment.event.b if b == _PROGRAMMED_BEFORE else moment.event.a
    return 0


def _boluses(moments: list[Moment], end_ms: int) -> Iterator[Given]:
    open_: Moment | None = None
    for moment in moments:
        event = moment.event
        if event.event == codes.BOLUS_STARTED:
            open_ = moment
        elif event.event in _BOLUS_OVER and open_:
            yield Given(open_, open_.event.a, open_.event.b, moment.name.removeprefix("BOLUS_").lower(), min(event.b, open_.event.b))
            open_ = None
    if open_:
        yield Given(open_, open_.event.a, open_.event.b, "", min(open_.event.b, max(0, end_ms - open_.at_ms)))


def _alarms(moments: list[Moment]) -> Iterator[Raised]:
    for index, moment in enumerate(moments):
        if moment.event.event != codes.ALARM:
            continue
        code = moment.event.a
        after = []
        for later in moments[index + 1 :]:
            if later.event.event == codes.ALARM and later.event.a == code:
                break
            if later.event.a == code:
                after.append(later)
        over = _GONE_WITH if code in _OF_STOPS else ()
        ended = next((m for m in moments[index + 1 :] if m.event.event in over or m in after and m.event.event == codes.ALARM_ENDED), None)
        acked = next((m for m in after if m.event.event == codes.ACKNOWLEDGED), None)
        yield Raised(moment, code, ended, acked)


def _last_start(moments: list[Moment]) -> int | None:
    """The record with which the last therapy began."""
    starts = [m.event.seq for m in moments if m.event.event == codes.RESTARTED or m.event.event == codes.PRESCRIBED and not m.event.b]
    return starts[-1] if starts else None
