"""`tapir prime VOLUME`: fill the line, which is disconnected from the patient; `--cancel` ends it."""

import time
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn

from .. import words
from ..errors import EXIT_ALARM, EXIT_USAGE, Declined, UsageError
from ..messages import Status, state_name
from ..pump import Proposal, Pump
from ..wire import schema, units
from .common import Job, JsonOption, PortOption, RoleOption, job, quantity

_LOOK_S = 0.5
_ENDED = 28  # PRIME_ENDED


def prime(
    ctx: typer.Context,
    volume: Annotated[str | None, typer.Argument(metavar="VOLUME", help='What to push out, "0.5 mL".', show_default=False)] = None,
    line_disconnected: Annotated[
        bool, typer.Option("--line-disconnected", help="Say beforehand that the line is not connected to a patient.")
    ] = False,
    wait: Annotated[
        bool | None, typer.Option("--wait/--no-wait", help="Show progress until it is done; in a terminal unless said.")
    ] = None,
    cancel: Annotated[bool, typer.Option("--cancel", help="End the priming that runs.")] = False,
    port: PortOption = None,
    as_role: RoleOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fill the line, disconnected from the patient.

    tapir prime "0.5 mL"

    Only while no therapy runs, and at most 1 mL in one go (R10). What is primed leaves the reservoir and is no dose. For a calibration:
    prime onto a scale, then tapir calibrate.
    """
    with job(ctx, port, as_role, as_json) as run:
        if cancel:
            if volume:
                raise UsageError("--cancel ends priming; it takes no volume.")
            _cancel(run)
            return
        if volume is None:
            raise UsageError("How much? A volume is missing.", 'tapir prime "0.5 mL"')
        volume_nl = quantity("Volume", volume, units.NL)
        run.written["volume_nl"] = volume
        shown = units.format_nl(volume_nl)
        if run.interactive and not line_disconnected:
            if _no(run.prompt(f"Is the line disconnected from the patient, and may {shown} run out of its end? [y/N]: ")):
                raise Declined("Not confirmed. Nothing has moved.", "Disconnect the line first.")
            line_disconnected = True
        pump = run.connect("PRIME")
        proposal = pump.prime(volume_nl, line_disconnected)  # without the word it is the pump that refuses
        done = proposal.commit()
        length = units.format_wait(proposal.seen.duration_ms or 0)
        run.emit({"proposed": proposal.seen.as_dict(), "done": done.as_dict()})
        try:
            run.say(f"PRIMING {shown}, {length}, #{done.event} (tapir prime --cancel ends it).", "green")
            if wait or wait is None and run.out.is_terminal and not run.json:
                _ended(run, pump, proposal, done.event, _watch(run, pump, proposal))
        except KeyboardInterrupt:  # ends the watching, not the priming
            run.err.print("\nPriming goes on. tapir prime --cancel ends it.", style="yellow", highlight=False)
            raise typer.Exit(EXIT_USAGE) from None


def _no(answer: str) -> bool:
    return answer.strip().lower() not in ("y", "yes")


def _cancel(run: Job) -> None:
    """Never another thing's end: CANCEL would also end a bolus."""
    pump = run.connect("CANCEL")
    state = pump.status().state
    if state != schema.PRIMING:
        raise UsageError(f"Nothing is being primed: the pump is {state_name(state)}.", "A bolus ends by tapir bolus --cancel.")
    done = pump.cancel()
    now = pump.status()
    run.emit({"done": done.as_dict(), "state_name": state_name(now.state)})
    run.say(f"Priming ended, #{done.event}. {state_name(now.state)}, reservoir {units.format_nl(now.reservoir_nl, 3)}.", "green")


def _watch(run: Job, pump: Pump, proposal: Proposal) -> Status:
    """Until the pump primes no longer; gives what it is then."""
    length_ms = proposal.seen.duration_ms or 0
    with Progress(TextColumn("  {task.description}"), BarColumn(), console=run.out, transient=True, disable=run.json) as bar:
        task = bar.add_task("priming", total=length_ms)
        while (now := pump.status()).state == schema.PRIMING:
            left = now.bolus_left_ms
            bar.update(task, completed=length_ms - left, description=f"{units.format_wait(left)} left")
            time.sleep(min(_LOOK_S, left / 1000 + 0.05))
    return now


def _ended(run: Job, pump: Pump, proposal: Proposal, started: int, now: Status) -> None:
    steps = next((event.a for event in pump.log(started) if event.event == _ENDED), 0)
    whole = (proposal.seen.steps or 1) - 1  # the pump announces them rounded up
    did = f"Primed, {steps} microsteps" if steps >= whole else f"Ended early, {steps} of {whole} microsteps"
    run.say(f"{did}. {state_name(now.state)}, reservoir {units.format_nl(now.reservoir_nl, 3)}.")
    if now.alarm:
        run.say(f"ALARM {words.alarm(now.alarm)}: tapir alarms", "red")
        raise typer.Exit(EXIT_ALARM)
