"""`tapir clock`: sets the clock of a pump's board, which is what bounds a time without power."""

from datetime import UTC, datetime

import typer

from .common import JsonOption, PortOption, RoleOption, job


def clock(ctx: typer.Context, port: PortOption = None, as_role: RoleOption = None, as_json: JsonOption = False) -> None:
    """Set the board's clock to this computer's time.

    A board with a clock of its own (a DS3231 with its cell) knows how long the power was off: after an hour at most, basal goes on by
    itself (R7). Once, when the board is new or its cell was changed; only while no therapy runs, is suspended or held (R17).
    """
    with job(ctx, port, as_role, as_json) as run:
        pump = run.connect("CLOCK")
        now = datetime.now(UTC)
        done = pump.set_clock(now)
        run.emit({"done": done.as_dict(), "set_to": now.isoformat(timespec="seconds")})
        run.say(f"The clock of {pump.identity.serial} is set to {now:%Y-%m-%d %H:%M:%S} UTC, #{done.event}.", "green")
