"""`tapir alarms`: what stands or is latched, what to do about it; `--ack` acknowledges, `--test` tries sound and light."""

from typing import Annotated

import typer

from .. import words
from ..errors import EXIT_ALARM, UsageError
from ..messages import Alarm
from ..wire import units
from ..wire.alarms import ALARMS
from .common import JsonOption, PortOption, RoleOption, job


def alarms(
    ctx: typer.Context,
    ack: Annotated[str | None, typer.Option("--ack", metavar="ALARM", help="Acknowledge one, by name or number.")] = None,
    test: Annotated[bool, typer.Option("--test", help="Sound and light each pattern once; not while one stands.")] = False,
    port: PortOption = None,
    as_role: RoleOption = None,
    as_json: JsonOption = False,
) -> None:
    """What alarms, and what to do about it.

    Alarms that stand or wait to be acknowledged; tapir alarms --ack DEFICIT. Exits with 5 while one stands.
    """
    with job(ctx, port, as_role, as_json) as run:
        if ack is not None:
            number = _number(ack)
            done = run.connect("ACK").ack(number)
            run.emit({"alarm": number, "alarm_name": words.alarm(number), "done": done.as_dict()})
            run.say(f"Acknowledged: {words.alarm(number)}, #{done.event}.", "green")
            return
        if test:
            ms = run.connect("SOUND").try_alarms()
            run.emit({"test_ms": ms})
            run.say(f"The pump sounds and lights LOW, MEDIUM and HIGH, {units.format_ms(ms)} in all. Did you hear three?", "green")
            return
        pump = run.connect("ALARMS")
        found = pump.alarms()
        run.emit({"alarms": [{"alarm_name": words.alarm(entry.alarm), **entry.as_dict()} for entry in found]})
        if not found:
            run.say("No alarm stands.", "green")
        for entry in found:
            what, todo = words.ALARMS.get(entry.alarm, ("not known to this tapir", "install a matching one"))
            state = _state(entry)
            run.say(f"{entry.alarm:>2} {words.alarm(entry.alarm):<16} {state}, for {words.elapsed(entry.since_ms)}", "red")
            run.say(f"   {what[:1].upper()}{what[1:]}. To do: {todo}.")
        if any(entry.standing for entry in found):
            raise typer.Exit(EXIT_ALARM)


def _state(entry: Alarm) -> str:
    return ("stands" if entry.standing else "cause gone, waits for --ack") + (", acknowledged" if entry.acked else "")


def _number(text: str) -> int:
    names: dict[str, int] = {row[1]: row[0] for row in ALARMS}
    if text.isdecimal() and 1 <= int(text) <= 63:
        return int(text)
    if text.upper().replace("-", "_") in names:
        return names[text.upper().replace("-", "_")]
    raise UsageError(f"There is no alarm {text}.", f"Alarms: {', '.join(names)}")
