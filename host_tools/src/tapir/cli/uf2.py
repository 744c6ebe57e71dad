"""`tapir uf2`: one file to drag onto a blank Pico."""

import os
from pathlib import Path
from typing import Annotated

import typer

from .. import dragdrop, payload
from ..errors import UsageError
from .common import JsonOption, job

_ERASES = "It is for a blank Pico: it erases everything the Pico remembers, a pump's journal, keys and therapy too."


def uf2(
    ctx: typer.Context,
    image: Annotated[Path, typer.Option("--image", metavar="UF2", help="MicroPython's own image, RPI_PICO-...-v1.28.0.uf2.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="What to write.")] = Path("tapir.uf2"),
    board: Annotated[str, typer.Option("--board", metavar="NAME", help="Which of boards/ it will be.")] = payload.DEFAULT_BOARD,
    as_json: JsonOption = False,
) -> None:
    """Make one UF2 for a blank Pico: MicroPython, firmware, board.

    Erases everything the Pico remembers. A pump that is in use keeps its journal with tapir flash.

    Example: tapir uf2 --image RPI_PICO-20260406-v1.28.0.uf2 --out tapir.uf2
    """
    with job(ctx, None, None, as_json) as run:
        if out.exists() and image.exists() and os.path.samefile(out, image):
            raise UsageError(f"{out} is MicroPython's image itself.", "Name another file with --out.")
        made = dragdrop.build(image, board)
        try:
            out.write_bytes(made.uf2)
        except OSError as error:
            raise UsageError(f"{out} can not be written: {error.strerror}.") from error
        run.emit(
            {"out": str(out), "bytes": len(made.uf2), "blocks": made.blocks, "board": board, "micropython": made.version}
            | {"files": {name: len(data) for name, data in made.files.items()}, "erases": True}
        )
        size = sum(map(len, made.files.values()))
        run.say(f"{out}: {made.blocks} blocks, {len(made.uf2):,} bytes")
        run.say(f"  MicroPython {made.version}, {len(made.files)} files of firmware ({size:,} bytes), board {board}")
        if not made.version.startswith(dragdrop.TARGET):
            run.say(f"  The pump is made for MicroPython {dragdrop.TARGET}x: with another release it is untested.", "yellow")
        run.say(_ERASES, "yellow")
        run.say("Hold BOOTSEL while you plug the Pico in, and copy the file onto the drive RPI-RP2. Then: tapir ports")
        run.say("A pump that is in use is updated with tapir flash, which keeps its journal.")
