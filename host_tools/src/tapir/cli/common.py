"""What every command shares: the options that go before or after the command, the connection, output, questions, errors.

A command's body runs inside `with job(...)`: whatever it raises is told in words (or JSON) and becomes the exit code.
With --json the only thing on standard output is one JSON object, and no question is asked.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console

from .. import running, schedule, words
from ..errors import EXIT_USAGE, Declined, LinkError, Refused, TapirError, UsageError
from ..link import TIMEOUT_S
from ..messages import Hello, Status
from ..pump import ROLES, Pump, least_role
from ..wire import schema, units
from ..wire.codec import WireError

PortOption = Annotated[
    str | None, typer.Option("--port", metavar="PORT", help="Where the pump is: /dev/ttyACM0, a pty, socket://host:port.")
]
RoleOption = Annotated[str | None, typer.Option("--as", metavar="ROLE", help="Whose key to use: operator, clinician or service.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object: integers, with their units in the keys.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Answer yes to the question. Never answers for a concentration.")]
ReasonOption = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; goes into the pump's journal.")]
ClockOption = Annotated[
    str | None, typer.Option("--clock", metavar="HH:MM", help="Time of day where the pump is, if it is not this computer's; for schedules.")
]


def time_there(clock: str | None) -> datetime:
    """Now, at the time of day that --clock gives. Raises UsageError."""
    now = datetime.now()
    if clock is None:
        return now
    ms = schedule.time_of_day(clock)
    if ms is None:
        raise UsageError(f"--clock {clock}: not a time of day.", 'It looks like "06:30".')
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(milliseconds=ms)


@dataclass
class Globals:
    """The options given before the command."""

    port: str | None = None
    role: str | None = None
    json: bool = False
    timeout_s: float = TIMEOUT_S


@dataclass
class Job:
    """One run of one command."""

    port: str | None
    role: str | None
    json: bool
    timeout_s: float
    out: Console
    err: Console
    written: dict[str, str] = field(default_factory=dict)  # what the person typed, by the schema's field
    pump: Pump | None = None

    def connect(self, verb: str) -> Pump:
        """The pump, in the role that was chosen, else the least one that may send `verb`."""
        if self.role is not None and self.role not in ROLES:
            raise UsageError(f"There is no role {self.role}.", f"Roles: {', '.join(ROLES)}")
        role = ROLES[self.role] if self.role else least_role(verb)
        self.pump = Pump.open(self.port, role=role, timeout_s=self.timeout_s)
        return self.pump

    @property
    def measure(self) -> words.Measure:
        """How amounts of the pump's library entry are said."""
        return words.measure(self.pump.identity.library if self.pump else None)

    def say(self, text: str = "", style: str | None = None) -> None:
        """A line for people."""
        if not self.json:
            self.out.print(text, style=style, markup=False, highlight=False, soft_wrap=True)

    def emit(self, data: Mapping[str, Any]) -> None:
        """The object for machines."""
        if self.json:
            sys.stdout.write(json.dumps(data, indent=1) + "\n")

    def ask(self, question: str, yes: bool) -> None:
        """Go on only after a yes; the default is no."""
        if yes:
            return
        if not self.interactive:
            raise Declined(f"{question} Nobody is there to answer; nothing has changed.", "Say --yes to answer it beforehand.")
        answer = self.prompt(f"{question} [y/N]: ")
        if answer.strip().lower() not in ("y", "yes"):
            raise Declined("Not confirmed. Nothing has changed.")

    def prompt(self, text: str) -> str:
        """One line from the keyboard."""
        self.out.print(text, style="yellow", end="", markup=False, highlight=False, soft_wrap=True)
        try:
            return input()
        except EOFError:
            self.out.print()
            raise Declined("No answer. Nothing has changed.") from None

    @property
    def interactive(self) -> bool:
        """Whether somebody can be asked."""
        return sys.stdin is not None and sys.stdin.isatty() and not self.json  # None: closed


@contextmanager
def job(ctx: typer.Context, port: str | None = None, role: str | None = None, as_json: bool = False) -> Iterator[Job]:
    """Run a command's body; options after the command win over those before it."""
    before = ctx.obj if isinstance(ctx.obj, Globals) else Globals()
    width = None if sys.stdout is not None and sys.stdout.isatty() else 160  # None: closed
    run = Job(
        port or before.port,
        role or before.role,
        as_json or before.json,
        max(before.timeout_s, running.patience_s(port or before.port)),
        Console(width=width),
        Console(stderr=True, width=width),
    )
    try:
        yield run
    except TapirError as error:
        _tell(run, error)
        raise typer.Exit(error.exit_code) from error
    except WireError as error:  # the schema itself does not allow it: nothing was sent
        refusal = _from_wire(error)
        _tell(run, refusal)
        raise typer.Exit(refusal.exit_code) from error
    except KeyboardInterrupt:
        run.err.print("\nInterrupted. No command was under way: the pump goes on as it was.", style="yellow", highlight=False)
        raise typer.Exit(EXIT_USAGE) from None
    finally:
        if run.pump:
            run.pump.close()


def quantity(name: str, text: str, unit: str) -> int:
    """A quantity from the command line, or a UsageError with the forms that work."""
    try:
        return units.parse(text, unit)
    except units.UnitError as error:
        raise UsageError(f"{name} {text}: {error.why}.", f"Accepted: {', '.join(error.forms)}") from error


def flow(status: Status) -> str:
    """8.333 uL/h, or nothing if the concentration is not known."""
    return units.format_flow(status.basal_ng_per_day, status.conc_ng_per_ml) if status.conc_ng_per_ml else ""


def drug(hello: Hello) -> str:
    """The drug of the pump's library entry."""
    from ..wire import limits

    row = limits.drug(hello.library or "")
    return str(row[limits.DRUG]) if row else ""


def _tell(run: Job, error: TapirError) -> None:
    lines = error_lines(run, error)
    if run.json:
        coded = error.values() if isinstance(error, Refused) else {}
        run.emit({"error": {"exit": error.exit_code, "kind": type(error).__name__, "message": lines, **coded}})
        return
    first, *rest = lines
    run.err.print(first, style="yellow" if isinstance(error, Declined) else "red", markup=False, highlight=False, soft_wrap=True)
    for line in rest:
        run.err.print(line, markup=False, highlight=False, soft_wrap=True)


def error_lines(run: Job, error: TapirError) -> list[str]:
    """The sentences of an error; a refusal is explained with what the person wrote and what the pump does now."""
    if not isinstance(error, Refused):
        return [error.problem, *error.hint.splitlines()]
    status = None
    if run.written and run.pump and error.code_is(schema.LIMIT):
        try:
            status = run.pump.status()
        except (LinkError, Refused):
            pass
    return words.explain(error, run.written, status, run.pump.role if run.pump else schema.OBSERVER, run.measure)


def _from_wire(error: WireError) -> UsageError:
    bounds = f" (accepted: {error.low} to {error.high})" if error.low is not None and error.high is not None else ""
    shown = "" if error.value is None else f" {error.value}"
    return UsageError(f"{error.field or 'message'}{shown}: {error.text or 'out of range'}{bounds}.", "Nothing was sent.")
