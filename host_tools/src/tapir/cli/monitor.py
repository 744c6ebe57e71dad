"""`tapir monitor`: the screen of `tapir status`, read again once a second, until Ctrl-C. Only reads; needs no key.

A link that fails does not end it: the last screen stays, with its age, and the pump is looked for again every second.
"""

import json
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

from .. import words
from ..errors import EXIT_ALARM, LinkError, TapirError
from ..messages import Alarm, Status, state_name
from ..pump import Pump
from .common import Job, JsonOption, PortOption, RoleOption, job
from .status import Line, facts, more, screen

_EVERY_S = 1.0


@dataclass
class View:
    """What is on the screen: the last that was read, and how the link is."""

    lines: list[Line] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    where: str = ""
    now: Status | None = None
    read_at: datetime | None = None
    took_ms: int = 0
    trouble: str = ""
    measure: words.Measure = words.MASS

    def read(self, pump: Pump) -> None:
        """Ask the pump everything that is shown."""
        begun = time.monotonic()
        now = pump.status()
        self.took_ms = round((time.monotonic() - begun) * 1000)
        books, course, level = more(pump, now)
        found = pump.alarms() if now.alarm else []
        self.now, self.read_at, self.trouble, self.where = now, datetime.now(), "", f"{pump.identity.serial} at {pump.link.name}"
        self.measure = words.measure(pump.identity.library)
        self.lines = [*screen(pump.identity, now, books, course, level), *_alarms(now, found)]
        self.facts = {
            "at": self.read_at.isoformat(timespec="milliseconds"),
            "link_ms": self.took_ms,
            **facts(pump, now, course),
            "alarms": [{"alarm_name": words.alarm(entry.alarm), **entry.as_dict()} for entry in found],
        }

    def panel(self) -> Panel:
        """For a terminal."""
        lines = [Text(text, style=style or "") for text, style in self.lines]
        colour = "red" if self.trouble or self.now and self.now.alarm else "green"
        return Panel(
            Group(*lines, *self._link()), title=self.where or "no pump", subtitle="Ctrl-C leaves; the pump goes on", border_style=colour
        )

    def _link(self) -> list[Text]:
        if not self.trouble:
            at = f"{self.read_at:%H:%M:%S}" if self.read_at else "-"
            return [Text(f"  {'link':<13} answers in {self.took_ms} ms, read {at}")]
        age = "never read" if self.read_at is None else f"what is above was read at {self.read_at:%H:%M:%S}"
        return [Text(f"  {'LINK LOST':<13} {self.trouble}", style="red"), Text(f"  {'':<13} {age}; trying again", style="red")]


def monitor(
    ctx: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Print it once and end; 5 while an alarm stands.")] = False,
    port: PortOption = None,
    as_role: RoleOption = None,
    as_json: JsonOption = False,
) -> None:
    """Watch a pump: the screen of tapir status, once a second, until Ctrl-C.

    Needs no key and changes nothing. With --json one object a line, with the link's time and all alarms. Without a terminal the screen
    is printed once.
    """
    with job(ctx, port, as_role, as_json) as run:
        pump = run.connect("STATUS")
        view = View()
        view.read(pump)
        if once or not (run.json or run.out.is_terminal):
            _print(run, view)
            if view.now and view.now.alarm:
                raise typer.Exit(EXIT_ALARM)
            return
        try:
            _watch(run, view)
        except KeyboardInterrupt:  # how it is meant to end
            pass
        if view.now:
            seen = "It was last seen" if view.trouble else "The pump is as it was:"
            run.say(f"Left. {seen} {state_name(view.now.state)}, {view.measure.rate(view.now.basal_ng_per_day, 1)}.")


def _watch(run: Job, view: View) -> None:
    """Once a second, for ever."""
    if run.json:
        while True:
            _print(run, view)
            _next(run, view)
    with Live(view.panel(), console=run.out, auto_refresh=False) as live:
        while True:
            _next(run, view)
            live.update(view.panel(), refresh=True)


def _next(run: Job, view: View) -> None:
    """Wait for the next second, then read; a pump that is not there is looked for again."""
    time.sleep(_EVERY_S)
    try:
        if run.pump is None:
            run.connect("STATUS")
        if run.pump:
            view.read(run.pump)
    except LinkError as error:
        view.trouble = error.problem
        view.facts = {"at": datetime.now().isoformat(timespec="milliseconds"), "error": _error(error)}
        if run.pump:
            run.pump.close()
            run.pump = None


def _error(error: TapirError) -> dict[str, object]:
    return {"exit": error.exit_code, "kind": type(error).__name__, "message": [error.problem]}


def _print(run: Job, view: View) -> None:
    for text, style in view.lines:
        run.say(text, style)
    if run.json:
        sys.stdout.write(json.dumps(view.facts) + "\n")
        sys.stdout.flush()


def _alarms(now: Status, found: list[Alarm]) -> list[Line]:
    """The others besides the most urgent, which the screen shows."""
    return [
        (f"  {'also':<13} {words.alarm(each.alarm)}: {words.ALARMS.get(each.alarm, ('', ''))[0]}", "red" if each.standing else "yellow")
        for each in found
        if each.alarm != now.alarm
    ]
