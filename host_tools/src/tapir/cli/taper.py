"""`tapir taper`: the only way down. To a rate to hold, or (without --to) to the library's floor and then the end."""

from typing import Annotated

import typer

from .. import plan, words
from ..errors import UsageError
from ..library_words import WORDS
from ..messages import Done, Status, state_name
from ..pump import Proposal, Pump
from ..wire import limits, names, units
from .common import Job, JsonOption, PortOption, ReasonOption, RoleOption, YesOption, job, quantity

PRESETS: dict[str, int] = {str(row[1]): row[0] for row in names.TAPERS}
ToOption = Annotated[str | None, typer.Option("--to", metavar="RATE", help='A rate to reach and hold, "50 mcg/day"; left out: to the end.')]
PresetOption = Annotated[str, typer.Option("--preset", metavar="NAME", help=f"How steep: {', '.join(PRESETS)}.")]


def taper(
    ctx: typer.Context,
    to: ToOption = None,
    preset: PresetOption = "label",
    hold: Annotated[bool, typer.Option("--hold/--continue", help="Let the taper wait, or go on.", show_default=False)] = None,  # type: ignore[assignment]
    reason: ReasonOption = None,
    yes: YesOption = False,
    port: PortOption = None,
    as_role: RoleOption = None,
    as_json: JsonOption = False,
) -> None:
    """Step down, to a rate to hold or to the end.

    tapir plan taper shows the same steps without a pump. --hold lets the taper wait at its present step, --continue lets
    it go on. It can be replaced by a prescription at any time. The presets explant and infected are steeper than the
    library's limit: they need a clinician's --reason, which stays in tapir status while the taper runs.
    """
    with job(ctx, port, as_role, as_json) as run:
        number = preset_number(preset)
        if hold is not None:
            if to:
                raise UsageError("--hold and --continue take no --to.")
            pause(run, "taper", hold, yes)
            return
        to_ng_per_day = quantity("--to", to, units.NG_PER_DAY) if to else 0
        if to:
            run.written["to_ng_per_day"] = to
        pump = run.connect("TAPER")
        proposal = pump.taper(to_ng_per_day, number, reason)
        now, seen = pump.status(), proposal.seen
        if not run.json:
            _show(
                run,
                seen.old_ng_per_day or now.set_ng_per_day,
                to_ng_per_day,
                number,
                now.conc_ng_per_ml,
                now.reservoir_nl,
                pump.identity.library or "",
            )
        for crossed in words.soft(seen.soft or 0):
            run.say(f"Soft limit: {crossed}. Reason: {reason}", "yellow")
        for line in words.ends(seen.ends):
            run.say(line, "yellow")
        begin(run, pump, proposal, "taper", "tapir taper", yes)


def preset_number(name: str) -> int:
    """The schema's number of a preset."""
    if name not in PRESETS:
        raise UsageError(f"There is no taper preset {name}.", f"Presets: {', '.join(PRESETS)}")
    return PRESETS[name]


def rule_text(steps: plan.Plan, preset: int, library: str) -> str:
    """Rule: label, 20 % of the current dose per 48 h (reported: Japanese label ...)."""
    name = words.name_of(names.TAPERS, preset)
    source = WORDS[library][1][preset] if library in WORDS else "of a library not known here"
    hours, rest = divmod(steps.hold_ms, limits.HOUR_MS)
    hold = units.format_ms(steps.hold_ms) if rest else f"{hours} h"
    return f"Rule: {name}, {steps.percent} % of the current dose per {hold} ({source})."


def _show(run: Job, from_ng_per_day: int, to_ng_per_day: int, preset: int, conc: int, reservoir_nl: int, library: str) -> None:
    row = limits.drug(library)
    if row is None or from_ng_per_day <= (to_ng_per_day or row[limits.BASAL_MIN_NG_PER_DAY]):
        return  # at the floor already: nothing to list, the pump holds it for a step and ends
    steps = plan.taper(from_ng_per_day, to_ng_per_day, preset, library)
    rates = " ".join(run.measure.rate(rung.ng_per_day, 1).split()[0] for rung in steps.rungs)
    unit = run.measure.rate(0).split()[1]
    end = "then ENDED" if steps.discontinues else "then held"
    run.say(
        f"From {run.measure.rate(from_ng_per_day)}: {rates} {unit}, {end}. "
        f"{words.count(len(steps.rungs), 'step')}, {words.lasts(steps.total_ms)}."
    )
    run.say(rule_text(steps, preset, library))
    if conc:
        refill = steps.refill_day(conc, reservoir_nl)
        volume = units.format_nl(steps.volume_nl(conc), 1)
        run.say(
            f"It needs {volume}: " + ("no refill needed." if refill is None else f"refill by day {refill}."),
            None if refill is None else "yellow",
        )


def begin(run: Job, pump: Pump, proposal: Proposal, plan_name: str, command: str, yes: bool) -> None:
    """Ask, then start the plan that was shown: a taper or a titration."""
    run.ask(f"Start this {plan_name}?", yes)
    done = proposal.commit()
    after = _settled(run, pump, proposal, done)
    run.say(
        f"{state_name(after.state)} from {run.measure.rate(after.set_ng_per_day)}, #{done.event}, "
        f"{words.count(done.value, 'step')} to come. "
        f"{command} --hold lets it wait.",
        "green",
    )


def pause(run: Job, plan_name: str, on: bool, yes: bool) -> None:
    """Let the plan that runs wait, or go on."""
    pump = run.connect("PAUSE")
    proposal = pump.pause(on)
    rate = run.measure.rate(proposal.seen.old_ng_per_day or 0)
    run.ask(f"Let the {plan_name} wait at {rate}?" if on else f"Go on with the {plan_name} from {rate}?", yes)
    done = proposal.commit()
    after = _settled(run, pump, proposal, done)
    run.say(f"{state_name(after.state)} at {run.measure.rate(after.basal_ng_per_day)}, #{done.event}.", "green")


def _settled(run: Job, pump: Pump, proposal: Proposal, done: Done) -> Status:
    """What the pump does after it, emitted for machines too."""
    after = pump.status()
    run.emit(
        {"proposed": proposal.seen.as_dict(), "done": done.as_dict(), "state_name": state_name(after.state), "status": after.as_dict()}
    )
    return after
