"""`tapir plan refill`: the day the reservoir is low and empty, from a prescription file or from the pump itself."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from ... import plots, prescription
from ...errors import UsageError
from ...plans import refill as planning
from ...plans.library import row_of
from ...wire import limits, schema, units
from ..common import Job, JsonOption, PortOption, RoleOption, job, quantity
from .common import ADVICE, LibraryOption, PlotOption, StartOption, after, day, finish, midnight, moment, table


def refill(
    ctx: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE.toml]", help="A prescription; left out: ask the pump.", show_default=False)
    ] = None,
    reservoir: Annotated[str | None, typer.Option("--reservoir", metavar="VOLUME", help='In it now, "3 mL" (with a file).')] = None,
    full: Annotated[str | None, typer.Option("--full", metavar="VOLUME", help="After the last refill; left out: the same.")] = None,
    first: StartOption = None,
    library: LibraryOption = "baclofen-itb",
    plot: PlotOption = None,
    port: PortOption = None,
    as_role: RoleOption = None,
    as_json: JsonOption = False,
) -> None:
    """The refill date: tapir plan refill first.toml --reservoir "3 mL"  or, of a running pump, tapir plan refill --port /dev/ttyACM0

    Expected: basal alone, at the present rate. Worst case: every allotted bolus is used, as far as the most in 24 h lets them,
    and a titration that runs is at its target.
    """
    with job(ctx, port, as_role, as_json) as run:
        if plot is not None:
            plots.check(plot)
        if file is None:
            if reservoir or full or first:
                raise UsageError("--reservoir, --full and --start go with a prescription file; a pump knows its own.")
            plan, where = _of_pump(run)
            dates = {(name, what): moment(_ms(plan, name, what)) for name in ("expected", "worst") for what in ("low", "empty")}
        else:
            if reservoir is None:
                raise UsageError("How much is in the reservoir?", 'Add --reservoir "3 mL"')
            rx, now_nl = prescription.load(file), quantity("--reservoir", reservoir, units.NL)
            full_nl = quantity("--full", full, units.NL) if full else now_nl
            row = row_of(library)
            if rx.drug != row[limits.DRUG]:
                raise UsageError(
                    f"{file} is for {rx.drug}, the library {library} for {row[limits.DRUG]}.", "Choose the other with --library"
                )
            boluses, days = (rx.pb_max or 0) * (rx.pb_dose_ng or 0), row[limits.LOW_DAYS]
            plan = planning.refill(rx.basal_ng_per_day, boluses, rx.max_24h_ng, rx.conc_ng_per_ml, now_nl, full_nl, days)
            zero, where = day(first), str(file)
            dates = {
                (name, what): midnight(after(zero, _ms(plan, name, what))) for name in ("expected", "worst") for what in ("low", "empty")
            }
        run.emit(_json(plan, dates, where))
        rows = [_row(plan, name, dates) for name in ("expected", "worst")]
        table(run, ("", "a day", "low in", "on", "empty in", "on "), rows)
        run.say(
            f"{units.format_nl(plan.reservoir_nl, 3)} of {units.format_nl(plan.full_nl, 3)} "
            f"at {units.format_ng_per_ml(plan.conc_ng_per_ml)} ({where}); low from {units.format_nl(plan.low_nl, 3)}: "
            f"the earlier of a volume and {plan.low_days} worst days. Refill by {dates['worst', 'low'].date().isoformat()}."
        )
        finish(run, plot, lambda: plots.refill(plan))


def _of_pump(run: Job) -> tuple[planning.Refill, str]:
    pump = run.connect("REVIEW")
    now, rx = pump.status(), pump.review()
    if not rx.drug or not now.set_ng_per_day:
        raise UsageError(
            "Nothing is prescribed on this pump: nothing uses up its reservoir.",
            "With a file: tapir plan refill first.toml --reservoir VOLUME",
        )
    syringe = limits.syringe(pump.identity.syringe or "")
    full_nl = max(now.reservoir_nl, syringe[2] if syringe else now.reservoir_nl)
    row = row_of(pump.identity.library or "")
    in_taper = now.state in (schema.TAPERING, schema.TAPER_PAUSED) and not row[limits.BOLUS_IN_TAPER]
    boluses = 0 if in_taper else rx.pb_max * rx.pb_dose_ng
    rise = max(0, pump.books().taper_to_ng_per_day - now.set_ng_per_day)  # a plan on its way up: at worst it is there already
    plan = planning.refill(
        now.set_ng_per_day,
        boluses + rise,
        rx.max_24h_ng,
        now.conc_ng_per_ml or rx.conc_ng_per_ml,
        now.reservoir_nl,
        full_nl,
        row[limits.LOW_DAYS],
    )
    return plan, pump.identity.serial


def _ms(plan: planning.Refill, name: str, what: str) -> int:
    use: planning.Use = getattr(plan, name)
    return use.low_ms if what == "low" else use.empty_ms


def _row(plan: planning.Refill, name: str, dates: dict[tuple[str, str], datetime]) -> tuple[str, ...]:
    use: planning.Use = getattr(plan, name)
    words = {"expected": "expected: basal alone", "worst": "worst case: all boluses used"}[name]
    cells = [words, units.format_ng(use.day_ng) + " = " + units.format_nl(use.day_nl, 3)]
    for what, ms in (("low", use.low_ms), ("empty", use.empty_ms)):
        cells += [units.format_days(ms) if ms else "now", dates[name, what].date().isoformat()]
    return tuple(cells)


def _json(plan: planning.Refill, dates: dict[tuple[str, str], datetime], where: str) -> dict[str, Any]:
    found: dict[str, Any] = {"source": where, **{k: v for k, v in vars(plan).items() if isinstance(v, int)}}
    for name in ("expected", "worst"):
        days = {f"{what}_date": dates[name, what].date().isoformat() for what in ("low", "empty")}
        found[name] = {**vars(getattr(plan, name)), **days}
    return found | {"statement": ADVICE}
