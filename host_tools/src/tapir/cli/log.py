"""`tapir log`: the pump's journal, with the hash chain checked on request."""

import re
from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TimeRemainingColumn

from .. import words
from ..errors import LinkError, UsageError
from ..messages import Done, Event, Status
from ..pump import Pump, verify
from ..report.source import Source
from ..wire import events as codes
from ..wire import names, schema, units
from .common import Job, JsonOption, PortOption, RoleOption, job, quantity

_SHOWN = 20
_PROGRESS_FROM = 100  # records


def log(
    ctx: typer.Context,
    since: Annotated[str | None, typer.Option("--since", metavar="WHEN", help='today, a time ago ("6 h"), or a record ("#12").')] = None,
    count: Annotated[int | None, typer.Option("--last", "-n", min=1, metavar="N", help=f"The last N records (else {_SHOWN}).")] = None,
    check: Annotated[bool, typer.Option("--verify", help="Check the hash chain of all records that the pump still has.")] = False,
    command_id: Annotated[str | None, typer.Option("--id", metavar="ID", help="What became of the command with this id.")] = None,
    port: PortOption = None,
    as_role: RoleOption = None,
    as_json: JsonOption = False,
) -> None:
    """The pump's journal.

    tapir log --since today --verify

    With --json it also holds identity, status, books and prescription: tapir log --since '#1' --json > log.json is what tapir report
    needs where there is no pump.

    The pump counts powered time; dates are this computer's reckoning back from now, "?" where the power was off for an
    unknown time in between.
    """
    with job(ctx, port, as_role, as_json) as run:
        if command_id is not None:
            _outcome(run, run.connect("QUERY").query(_id(command_id)))
            return
        pump = run.connect("LOG")
        now = pump.status()
        start, ago_ms = _start(now, since, count)
        events = _read(run, pump, 1 if check or ago_ms is not None else start, now.events)
        dated = _dates(events, now)
        shown = [pair for pair in dated if pair[0].seq >= start and _within(pair, ago_ms, now, since)]
        if count:
            shown = shown[-count:]
        broken = verify(events) if check else None
        matches = not events or (events[-1].chain[:8] == now.head and events[-1].seq == now.events)
        verdict = {"records": len(events), "broken_at": broken, "head": now.head, "head_matches": matches} if check else None
        if run.json:  # complete enough for tapir report
            whole = Source(pump.link.name, datetime.now(), [], pump.identity, now, pump.books(), pump.review())
            run.emit({"events": [_record(event, label) for event, label in shown], "verify": verdict, "pump": whole.as_dict()})
        for event, label in shown:
            run.say(f"#{event.seq:<5} {label:<17} {words.event_name(event.event):<17} {words.event(event, run.measure)}".rstrip())
        if not shown:
            run.say("No records there.", "yellow")
        if check:
            _verdict(run, events, broken, matches, now)


def _id(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{15}", text):
        raise UsageError(f"{text} is not the id of a command.", "An id has 15 hex digits, as an error message gave it.")
    return text


def _outcome(run: Job, done: Done) -> None:
    meaning = {row[0]: str(row[2]) for row in names.RESULTS}[done.result]
    run.emit({"done": done.as_dict()})
    recorded = f", recorded as #{done.event}" if done.result == schema.RESULT_DONE else ""
    run.say(f"{words.name_of(names.RESULTS, done.result).capitalize()}: {meaning}{recorded}.")


def _start(now: Status, since: str | None, count: int | None) -> tuple[int, int | None]:
    """(first record to show, how far back in ms)"""
    if since is None:
        return max(1, now.events - (count or _SHOWN) + 1), None
    if since.startswith("#"):
        if not since[1:].isdecimal():
            raise UsageError(f"--since {since}: not the number of a record.", "Accepted: #12, today, 6 h")
        return max(1, int(since[1:])), None
    if since == "today":
        midnight = datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)
        return 1, int((datetime.now() - midnight).total_seconds() * 1000)
    return 1, quantity("--since", since, units.MS)


def _read(run: Job, pump: Pump, first: int, last: int) -> list[Event]:
    total = last - first + 1
    if total < _PROGRESS_FROM or run.json or not run.out.is_terminal:
        return list(pump.log(first, last))
    columns = ("reading the journal", BarColumn(), "{task.completed} of {task.total}", TimeRemainingColumn())
    with Progress(*columns, console=run.out, transient=True) as progress:
        return list(progress.track(pump.log(first, last), total=total))


def _dates(events: list[Event], now: Status) -> list[tuple[Event, str]]:
    """Each record with a date, reckoned back from now over power-offs of known length."""
    found = []
    off_ms, certain = 0, True
    moment = datetime.now()
    for event in reversed(events):
        at = moment - timedelta(milliseconds=now.now_ms - event.at_ms + off_ms)
        found.append((event, at.strftime("%Y-%m-%d %H:%M") + ("" if certain else "?")))
        if event.event == codes.POWER_ON:
            off_ms += max(0, event.b)
            certain = certain and event.b >= 0
    return found[::-1]


def _within(pair: tuple[Event, str], ago_ms: int | None, now: Status, since: str | None) -> bool:
    if ago_ms is None:
        return True
    if since == "today":
        return pair[1].startswith(datetime.now().strftime("%Y-%m-%d")) and not pair[1].endswith("?")
    return now.now_ms - pair[0].at_ms <= ago_ms


def _record(event: Event, label: str) -> dict[str, object]:
    return {**event.as_dict(), "event_name": words.event_name(event.event), "date": label}


def _verdict(run: Job, events: list[Event], broken: int | None, matches: bool, now: Status) -> None:
    if broken is not None:
        raise LinkError(
            f"The chain breaks at record #{broken}: the journal was changed, or a record cannot be read.", "Keep the pump as it is."
        )
    if not matches:
        raise LinkError(f"The chain of {len(events)} records does not end in the pump's head {words.head(now.head)}.", "Read it once more.")
    run.say(f"chain intact: {len(events)} records, head {words.head(now.head)} matches the pump", "green")
