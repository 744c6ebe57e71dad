"""`tapir prescribe FILE`: a prescription to the pump. The concentration is retyped from the vial, before anything else is
shown, so that it is a second reading and no copy; then the pump's own reading, old and new side by side; then the question.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from .. import forecast, prescription, schedule, words
from ..errors import LinkError, Refused, UsageError
from ..messages import Proposed, Review, Status, state_name
from ..prescription import Prescription
from ..pump import Pump
from ..wire import limits, names, schema, units
from .common import ClockOption, Job, JsonOption, PortOption, ReasonOption, RoleOption, YesOption, job, quantity, time_there

ConcentrationOption = Annotated[
    str | None, typer.Option("--concentration", metavar="CONC", help='As on the vial, "500 mcg/mL"; must agree with the file. For scripts.')
]


def prescribe(
    ctx: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="FILE.toml", help="The prescription.", show_default=False)] = None,
    concentration: ConcentrationOption = None,
    example: Annotated[bool, typer.Option("--example", help="Print a prescription to start from; also flex, periodic, saline.")] = False,
    clock: ClockOption = None,
    reason: ReasonOption = None,
    yes: YesOption = False,
    port: PortOption = None,
    as_role: RoleOption = None,
    as_json: JsonOption = False,
) -> None:
    """Start a therapy from a TOML file, or change it.

    Asks for the concentration on the vial and shows what the pump makes of it, old and new side by side, before anything
    changes. In a script: --concentration "500 mcg/mL" --yes. A file to start from: tapir prescribe --example > first.toml
    """
    with job(ctx, port, as_role, as_json) as run:
        if example:
            kind = str(file) if file is not None else "simple"
            if kind not in prescription.EXAMPLES:
                raise UsageError(f"There is no example called {kind}.", f"Examples: {', '.join(prescription.EXAMPLES)}")
            run.out.file.write(prescription.EXAMPLES[kind])
            return
        if file is None:
            raise UsageError("Which prescription? Name a TOML file.", "tapir prescribe --example prints one to start from.")
        rx = prescription.load(file)
        run.written.update(rx.written)
        moment = time_there(clock)
        again = _vial(run, rx, concentration)
        pump = run.connect("PRESCRIBE")
        old, before = pump.review(), pump.status()
        proposal = pump.prescribe(rx, again, reason, moment)
        _same(rx, proposal.seen)
        if not run.json:
            _table(run, pump, rx, old, before, proposal.seen)
        starts = not proposal.seen.old_ng_per_day
        run.ask("Start this therapy?" if starts else "Change the therapy to this?", yes)
        done = proposal.commit()
        after = pump.status()
        run.emit(
            {"proposed": proposal.seen.as_dict(), "done": done.as_dict(), "state_name": state_name(after.state), "status": after.as_dict()}
        )
        run.say(
            f"Committed. {state_name(after.state)} at {run.measure.rate(after.basal_ng_per_day)}. "
            f"Pump's own record: #{done.event}, {words.head(done.head)}.",
            "green",
        )


def _vial(run: Job, rx: Prescription, given: str | None) -> int:
    """The concentration a second time, from a person or --concentration; never from the file or --yes."""
    if given is None:
        if not run.interactive:
            raise UsageError(
                "The concentration must come a second time, from the vial.",
                'Without a keyboard: --concentration "..." as read from the vial; --yes does not answer it.',
            )
        given = run.prompt(f"Retype the concentration on the vial of {rx.drug} (not from the file): ")
    value = quantity("Concentration", given.strip(), units.NG_PER_ML)
    if value != rx.conc_ng_per_ml:
        refusal: dict[str, int | str] = {"error": schema.LIMIT, "rule": 9, "field": "conc_again_ng_per_ml", "value": value}
        raise Refused("PRESCRIBE", {**refusal, "low": rx.conc_ng_per_ml, "high": rx.conc_ng_per_ml, "text": ""})
    return value


def _same(rx: Prescription, seen: Proposed) -> None:
    """The pump's reading against the file: a difference means that the two do not understand each other."""
    peak = max(rate for _, rate in rx.schedule.rows) if rx.schedule else 0
    for name, ours, theirs in (
        ("basal", rx.basal_ng_per_day, seen.new_ng_per_day),
        ("max_24h", rx.max_24h_ng, seen.new_max_24h_ng),
        ("concentration", rx.conc_ng_per_ml, seen.conc_ng_per_ml),
        ("the highest rate", peak, seen.peak_ng_per_day if rx.schedule else None),
    ):
        if theirs is not None and ours != theirs:
            raise LinkError(f"The pump read {name} as {theirs}, the file says {ours}. Nothing has changed.", "Please report this.")


def _table(run: Job, pump: Pump, rx: Prescription, old: Review, before: Status, seen: Proposed) -> None:
    m = run.measure
    running = bool(seen.old_ng_per_day)
    bridge = seen.old_conc_ng_per_ml
    table = Table(box=None, pad_edge=False, show_edge=False)
    for title in ("", "now", "new"):
        table.add_column(title, no_wrap=True)
    table.add_column("", overflow="fold")  # on a narrow screen the remarks wrap: no figure is cut off
    before_conc = units.format_ng_per_ml(old.conc_ng_per_ml) if running else "-"
    nominal = "nominal: shown by volume" if m.by_volume else ""
    table.add_row("Concentration", before_conc, units.format_ng_per_ml(rx.conc_ng_per_ml), nominal)
    if bridge:
        wait = f"in {units.format_wait(seen.bridge_ms)}" if seen.bridge_ms else "at once: the line is primed with it"
        table.add_row(
            "At the tip", units.format_ng_per_ml(bridge), wait, f"{units.format_nl(rx.dead_nl or 0)} to push through; no bolus until then"
        )
    rate = seen.new_ng_per_day if seen.new_ng_per_day is not None else rx.basal_ng_per_day
    change = f"{units.format_permille(seen.change_permille)}  " if running and seen.change_permille is not None else ""
    if rx.mode:
        table.add_row("Mode", words.name_of(names.MODES, old.mode) if running else "-", words.name_of(names.MODES, rx.mode))
    table.add_row(
        "In 24 h" if rx.schedule else "Basal",
        m.rate(seen.old_ng_per_day or 0) if running else "-",
        m.rate(rate),
        f"{change}{_also(m, rate, rx)}",
    )
    if rx.schedule and rx.schedule.mode == schema.PERIODIC:
        between = rx.schedule.rows[1][1]
        share = _also(m, between, rx)
        table.add_row("  Basal between", "", m.rate(between), share)
        dose, duration, every = rx.schedule.dose()
        given = f"{m.dose(dose)} over {units.format_ms(duration)}"
        begins = f"first {schedule.clock(rx.schedule.start_ms)}, {limits.DAY_MS // every} a day"
        table.add_row("  Periodic dose", "", given, f"every {units.format_ms(every)}, {begins}")
    elif rx.schedule:
        for at, flow in rx.schedule.lines():
            share = _also(m, flow, rx)
            table.add_row(f"  from {at}", "", m.rate(flow), share)
    if rx.screen_ng:
        by = "given by this pump" if seen.tested else "not given by this pump"
        table.add_row("Test dose", m.dose(old.screen_ng) if old.screen_ng else "-", m.dose(rx.screen_ng), by)
    table.add_row("Patient bolus", _bolus(m, old.pb_dose_ng, old.pb_duration_ms) if running else "-", *_new_bolus(m, rx))
    table.add_row("Most in any 24 h", m.dose(old.max_24h_ng) if running else "-", m.dose(rx.max_24h_ng))
    if seen.total_24h_ng is not None:
        table.add_row("Fullest 24 h", "", m.dose(seen.total_24h_ng), "without further boluses")
    first = _first_change(m, pump, rx, seen)
    if first:
        table.add_row("First raise allowed", "", *first)
    table.add_row("Runs until", "", *_lasts(pump, rx, before))
    for line in words.ends(seen.ends):
        table.add_row("Ends", "", line, style="yellow")
    for line in words.soft(seen.soft or 0):
        table.add_row("Crosses", "", line, style="yellow")
    run.out.print(table)


def _also(m: words.Measure, ng_per_day: int, rx: Prescription) -> str:
    """The same rate in other units."""
    if m.by_volume:
        return f"= {m.dose(ng_per_day)} in 24 h"
    return f"= {units.format_per_hour(ng_per_day)} = {units.format_flow(ng_per_day, rx.conc_ng_per_ml)}"


def _bolus(m: words.Measure, dose_ng: int, duration_ms: int) -> str:
    return f"{m.dose(dose_ng)} over {units.format_ms(duration_ms)}" if dose_ng else "none"


def _new_bolus(m: words.Measure, rx: Prescription) -> tuple[str, str]:
    if rx.pb_dose_ng is None:
        return "none", ""
    return _bolus(m, rx.pb_dose_ng, rx.pb_duration_ms or 0), f"lockout {units.format_ms(rx.pb_lockout_ms or 0)}, at most {rx.pb_max} a day"


def _first_change(m: words.Measure, pump: Pump, rx: Prescription, seen: Proposed) -> tuple[str, str] | None:
    """After a start or a raise the next raise is 24 h away (R2); a reduction says nothing about raises."""
    row = limits.drug(pump.identity.library or "")
    if row is None or (seen.old_ng_per_day or 0) >= rx.basal_ng_per_day:
        return None
    percent = limits.origin_raise_percent(row, rx.origin)
    if percent > 1000:  # a library without such a limit
        return None
    most = min(int(row[limits.BASAL_MAX_NG_PER_DAY]), rx.basal_ng_per_day * (100 + percent) // 100)
    origin = words.name_of(names.ORIGINS, rx.origin)
    return "in 24 h", f"up to {m.rate(most)} (+{percent} %, {origin})"


def _lasts(pump: Pump, rx: Prescription, before: Status) -> tuple[str, str]:
    row = limits.syringe(pump.identity.syringe or "")
    if not before.reservoir_nl:
        return "the syringe is empty by the books", "first: tapir refill"
    entry = limits.drug(pump.identity.library or "")
    if row is None or entry is None:
        return "", ""
    plain, worst = forecast.low_in_ms(rx, before.reservoir_nl, int(row[2]), int(entry[limits.LOW_DAYS]))
    also = f"if every bolus is used {words.lasts(worst)}" if rx.pb_max else ""
    return f"reservoir low in {words.lasts(plain)}", also
