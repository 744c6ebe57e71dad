"""`tapir titrate`: the pump raises the rate by itself, step by step, for weeks; it waits rather than break a limit."""

from typing import Annotated

import typer

from .. import words
from ..errors import UsageError
from ..messages import Status
from ..wire import limits, units
from .common import Job, JsonOption, PortOption, ReasonOption, RoleOption, YesOption, job, quantity
from .taper import begin, pause

ToOption = Annotated[str | None, typer.Option("--to", metavar="RATE", help='The rate to reach and hold, "150 mcg/day".')]
ByOption = Annotated[str | None, typer.Option("--by", metavar="PERCENT", help='A step, "10 %" of the rate then; at most what R2 allows.')]
EveryOption = Annotated[str | None, typer.Option("--every", metavar="TIME", help='How long each step is held, "2 days"; at least 24 h.')]


def titrate(
    ctx: typer.Context,
    to: ToOption = None,
    by: ByOption = None,
    every: EveryOption = None,
    hold: Annotated[bool, typer.Option("--hold/--continue", help="Let it wait, or go on.", show_default=False)] = None,  # type: ignore[assignment]
    reason: ReasonOption = None,
    yes: YesOption = False,
    port: PortOption = None,
    as_role: RoleOption = None,
    as_json: JsonOption = False,
) -> None:
    """Step up by itself to a rate, and hold it.

    tapir titrate --to "150 mcg/day" --by "10 %" --every "2 days"

    Each step is taken only where R2 and the prescription's most in 24 h (R6) allow it; else the pump waits, says PLAN_BLOCKED
    and tries again. --hold lets it wait, --continue lets it go on; a taper or a prescription replaces it.
    """
    with job(ctx, port, as_role, as_json) as run:
        if hold is not None:
            if to or by or every:
                raise UsageError("--hold and --continue take no --to, --by and --every.")
            pause(run, "titration", hold, yes)
            return
        if not to or not by or not every:
            raise UsageError(
                "A titration needs a rate to reach, a step and a time.", 'tapir titrate --to "150 mcg/day" --by "10 %" --every "2 days"'
            )
        to_ng_per_day, percent, hold_ms = quantity("--to", to, units.NG_PER_DAY), _percent(by), quantity("--every", every, units.MS)
        run.written.update({"to_ng_per_day": to, "hold_ms": every})
        pump = run.connect("TITRATE")
        proposal = pump.titrate(to_ng_per_day, percent, hold_ms, reason)
        now, seen = pump.status(), proposal.seen
        if not run.json:
            _show(run, now, rungs(seen.old_ng_per_day or now.set_ng_per_day, to_ng_per_day, percent), hold_ms)
            for line in (*words.ends(seen.ends), *(f"Crosses: {text}." for text in words.soft(seen.soft or 0))):
                run.say(line, "yellow")
        begin(run, pump, proposal, "titration", "tapir titrate", yes)


def _percent(text: str) -> int:
    number = text.strip().removesuffix("%").strip()
    if not number.isascii() or not number.isdigit() or not 1 <= int(number) <= 100:
        raise UsageError(f"--by {text}: a step is a whole number of per cent.", 'Accepted: "10 %", 10')
    return int(number)


def rungs(from_ng_per_day: int, to_ng_per_day: int, percent: int) -> list[int]:
    """The rates on the way: `percent` more each, rounded down, the last clipped. tests/host holds it against the pump's arithmetic."""
    found = []
    while from_ng_per_day < to_ng_per_day:
        following = min(to_ng_per_day, from_ng_per_day * (100 + percent) // 100)
        if following <= from_ng_per_day:
            break
        from_ng_per_day = following
        found.append(following)
    return found


def refill_day(now: Status, steps: list[int], hold_ms: int) -> int | None:
    """The first day of the titration that the reservoir does not reach, first step at once; None if it lasts until the target is held."""
    drug_ng = now.reservoir_nl * now.conc_ng_per_ml // 1000000
    at_ms = 0
    for rate in steps:
        need = -(-rate * hold_ms // limits.DAY_MS)
        if need > drug_ng:
            return (at_ms + drug_ng * limits.DAY_MS // rate) // limits.DAY_MS
        drug_ng -= need
        at_ms += hold_ms
    return None


def _show(run: Job, now: Status, steps: list[int], hold_ms: int) -> None:
    shown = [units.format_ng_per_day(rate, 1).removesuffix(" mcg/day") for rate in steps]
    if len(shown) > 12:
        shown = [*shown[:8], "...", *shown[-3:]]
    lasts = words.lasts(hold_ms * max(0, len(steps) - 1))
    when = "now" if not now.raise_in_ms else f"in {units.format_wait(now.raise_in_ms)}"
    run.say(f"From {units.format_ng_per_day(now.set_ng_per_day)}: {' '.join(shown)} mcg/day, then held. {len(steps)} steps, {lasts}.")
    run.say(f"The next raise is possible {when} (R2). Each step waits where R2, R6 or an alarm forbids it.")
    if now.conc_ng_per_ml:
        day = refill_day(now, steps, hold_ms)
        run.say("The reservoir lasts until then." if day is None else f"Refill by day {day}.", None if day is None else "yellow")
