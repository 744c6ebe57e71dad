"""`tapir note`: an observation, with an Ashworth score if there is one; kept on this computer, shown by `tapir report`."""

from datetime import datetime
from typing import Annotated

import typer

from .. import notes
from ..errors import UsageError
from .common import JsonOption, PortOption, job


def note(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="What was seen.", show_default=False)] = "",
    ashworth: Annotated[
        str | None, typer.Option("--ashworth", metavar="SCORE", help=f"Modified Ashworth Scale: {', '.join(notes.ASHWORTH)}.")
    ] = None,
    at: Annotated[str | None, typer.Option("--at", metavar="WHEN", help='"2026-12-01 14:30"; left out: now.')] = None,
    serial: Annotated[str | None, typer.Option("--serial", metavar="SERIAL", help="Of which pump, if it is not connected.")] = None,
    port: PortOption = None,
    as_json: JsonOption = False,
) -> None:
    """Note what was seen: tapir note --ashworth 1+ "left knee, relaxed"

    The pump's journal holds only what the pump did; notes stay on this computer, in a file that only you can read. tapir report
    shows them beside the dose of that time. Ashworth scores of the same muscle compare; note which one.
    """
    with job(ctx, port, None, as_json) as run:
        made = notes.make(_moment(at), ashworth, text)
        name = serial or run.connect("HELLO").identity.serial
        file = notes.add(name, made)
        run.emit({"serial": name, "note": vars(made), "file": str(file)})
        score = f"Ashworth {made.ashworth}, " if made.ashworth else ""
        run.say(f"Noted for {name}, {made.at}: {score}{made.text}".rstrip(", "), "green")


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--at {text} is not a date with a time.", 'Accepted: "2026-12-01 14:30"') from error
    if moment.tzinfo is not None:
        raise UsageError(f"--at {text}: write local time, without a zone.", 'Accepted: "2026-12-01 14:30"')
    if moment > datetime.now():
        raise UsageError(f"--at {text} lies in the future.")
    return moment
