"""`tapir flash`: the firmware onto a Pico that runs MicroPython, the journal kept."""

import time
from typing import Annotated

import typer
from rich.progress import Progress

from .. import dragdrop, flashing, keys, payload, ports
from ..errors import LinkError, NotFlashable, Refused
from ..messages import state_name
from ..pump import Pump
from ..repl import Knocked, Repl, knock
from ..transport import SerialTransport
from ..wire import schema
from .common import Job, JsonOption, PortOption, job

_TRIES, _PAUSE_S = 20, 0.5
_LEAST_S = 10.0  # for one answer of the prompt: an erase of flash, a sum of 90 KB


def flash(
    ctx: typer.Context,
    port: PortOption = None,
    board: Annotated[
        str | None, typer.Option("--board", metavar="NAME", help="Which of boards/ it is; else what it was, else pico_a4988.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Delete another program that is on the Pico.")] = False,
    locked: Annotated[bool, typer.Option("--locked", help="Flash a pump whose journal can not be read.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Put the firmware on a Pico; keep what the pump remembers.

    Copies what changed, verifies every file on the Pico, refuses while a therapy is not over. A pump that has firmware already opens
    its prompt if the service key is held here, else GP22 must be held to ground at power-on. A blank Pico without MicroPython: tapir uf2.

    Example: tapir flash --port /dev/ttyACM0
    """
    with job(ctx, port, None, as_json) as run:
        url = run.port or ports.only_one()
        who = _knock(url, run.timeout_s)
        if not _by_order(run, url, who):
            _open_prompt(url, who, locked)
        with Repl(url, max(run.timeout_s, _LEAST_S)) as repl:
            seen = flashing.survey(repl)
            flashing.admit(seen, locked=locked, replace=replace)
            name = board or seen.board or payload.DEFAULT_BOARD
            plan = flashing.Plan.of(seen, payload.files(name))
            run.say(_found(url, seen, name))
            if not f"v{seen.version}.".startswith(dragdrop.TARGET):
                run.say(f"  The pump is made for MicroPython {dragdrop.TARGET}x: with another release it is untested.", "yellow")
            _copy(run, repl, plan, seen.free)
            if not seen.strapped:
                repl.reset()
        run.emit(
            {"port": url, "machine": seen.machine, "micropython": seen.version, "board": name, "strapped": seen.strapped}
            | {"state": seen.state, "state_name": None if seen.state is None else state_name(seen.state)}
            | {"written": plan.write, "removed": plan.remove, "unchanged": len(plan.same)}
        )
        _after(run, seen, plan)


def _knock(url: str, timeout_s: float) -> Knocked:
    port = SerialTransport(url)
    try:
        return knock(port, timeout_s)
    finally:
        port.close()


def _by_order(run: Job, url: str, who: Knocked) -> bool:
    """True if the pump there opened its prompt because the service key is held here, and no therapy is under way (R17)."""
    hello, store = who.hello, keys.KeyStore()
    if hello is None or hello.state not in (schema.READY, schema.ENDED) or not store.holds(hello.serial):
        return False
    try:
        with Pump.open(url, role="service", keys=store, timeout_s=run.timeout_s) as pump:
            pump.service("tapir flash").commit()
    except (LinkError, Refused):  # another schema, other keys: there is still the strap
        return False
    run.say(f"{hello.serial} opens its prompt, by order of the service key; motion is impossible meanwhile.")
    for _ in range(_TRIES):  # it resets, and its port goes and comes
        time.sleep(_PAUSE_S)
        try:
            if _knock(url, run.timeout_s).repl:
                return True
        except LinkError:
            pass
    return False


def _open_prompt(url: str, who: Knocked, locked: bool) -> None:
    """NotFlashable if a pump is at work there: it says its state, and keeps its prompt closed."""
    hello = who.hello
    if hello is not None:
        flashing.admit_state(hello.state)
        name = state_name(hello.state)
        why = f": {hello.why}" if hello.why else ""
        again = " Then say --locked too." if hello.state == schema.LOCKED and not locked else ""
        found = f"{hello.serial} at {url} runs firmware {hello.firmware}, {name}{why}."
        raise NotFlashable(f"{found} Nothing was written.", flashing.STRAP + again)
    if who.tapir:
        raise NotFlashable(f"A Tapir pump is at {url}, but does not tell its state: {who.said!r}. Nothing was written.", flashing.STRAP)


def _found(url: str, seen: flashing.Seen, board: str) -> str:
    what = f"{seen.machine}, MicroPython {seen.version}, at {url}"
    if seen.state == schema.UNPROVISIONED and not seen.tapir:
        return f"{what}: new, it becomes a pump with board {board}."
    state = "can not be read" if seen.state is None else state_name(seen.state)
    moved = f" (it was {seen.board})" if seen.board not in (None, board) else ""
    return f"{what}: board {board}{moved}, journal {state}: kept as it is."


def _copy(run: Job, repl: Repl, plan: flashing.Plan, free: int) -> None:
    if not plan.write and not plan.remove:
        return
    run.say(f"Copying {len(plan.write)} of {len(plan.content)} files, {plan.bytes:,} bytes; {len(plan.remove)} go.")
    with Progress(console=run.err, transient=True, disable=run.json or not run.err.is_terminal) as progress:
        task = progress.add_task("", total=plan.bytes)

        def told(path: str, size: int) -> None:
            progress.update(task, advance=size, description=path)

        flashing.carry_out(repl, plan, free, told)


def _after(run: Job, seen: flashing.Seen, plan: flashing.Plan) -> None:
    if plan.write or plan.remove:
        run.say(f"Done: all {len(plan.content)} files verified on the Pico by SHA-256.", "green")
    else:
        run.say(f"Nothing to copy: all {len(plan.content)} files are as they should be.", "green")
    if seen.strapped:
        run.say("Now switch it off, take the wire off GP22, and switch it on: tapir info")
    else:
        run.say("It starts now: tapir info")
