"""`tapir accuracy`: how exactly the pump delivers, by the method of IEC 60601-2-24, on simulated pumps or from a scale's file."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer

from .. import accuracy as method
from .. import accuracy_plot, accuracy_run, gravimetry, plots, scale_csv
from ..accuracy import BOLUSES, FAMILIES, MIN_MS, Boluses, Family, Record, Result
from ..errors import UsageError
from ..wire import limits, units
from ..words import NOT_A_DEVICE
from .common import Job, JsonOption, job, quantity
from .plan.common import table

BOLUS = "bolus"
NAMES = (*FAMILIES, BOLUS)
SETTINGS = ("2 uL", "100 uL")
BASAL = "1 uL/h"  # beside boluses
PPM = 10_000  # in a per cent


@dataclass(frozen=True)
class Out:
    """Files that are wanted."""

    plot: Path | None
    save: Path | None


def accuracy(
    ctx: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[CSV]...", help="What a scale wrote; left out: simulated pumps.", show_default=False)
    ] = None,
    family: Annotated[str, typer.Option("--family", metavar="|".join(NAMES), help="Which test.")] = "ambulatory",
    rate: Annotated[
        str | None, typer.Option("--rate", metavar="RATE", help='"1 mL/h", or "100 mcg/day" with --concentration.', show_default=False)
    ] = None,
    concentration: Annotated[str | None, typer.Option("--concentration", metavar="CONC", help='"500 mcg/mL"; else it is saline.')] = None,
    bolus: Annotated[
        list[str] | None, typer.Option("--bolus", metavar="VOLUME", help=f"Settings; {' and '.join(SETTINGS)} unless said.")
    ] = None,
    runs: Annotated[int, typer.Option("--runs", metavar="N", min=1, max=100, help="Simulated pumps, each of other parts.")] = 5,
    settle: Annotated[str | None, typer.Option("--settle", metavar="TIME", help="Before the analysis; 1 h or 1 day unless said.")] = None,
    syringe: Annotated[str, typer.Option("--syringe", metavar="NAME", help="Of the simulated pumps.")] = "bd-3ml",
    density: Annotated[str, typer.Option("--density", metavar="DENSITY", help="Of what was weighed; water at 20 C.")] = gravimetry.WATER,
    time_unit: Annotated[str, typer.Option("--time-unit", metavar="s|min|h", help="If the file's header has none.")] = "",
    weight_unit: Annotated[str, typer.Option("--weight-unit", metavar="g|mg", help="If the file's header has none.")] = "",
    plot: Annotated[Path | None, typer.Option("--plot", metavar="FILE", help="Start-up and trumpet curves: a.png or a.svg.")] = None,
    save: Annotated[Path | None, typer.Option("--save", metavar="FILE", help="The figures of --json into a file, too.")] = None,
    interpreter: Annotated[str, typer.Option("--interpreter", help="micropython, cpython or auto.")] = "auto",
    as_json: JsonOption = False,
) -> None:
    """How exactly the pump delivers: tapir accuracy --family syringe --rate "1 mL/h" --plot trumpet.png

    The firmware itself runs on simulated pumps, in virtual time: one with ideal parts, and N whose parts have small faults (each seed
    others). What counts is the envelope of those N, not one good run. Or from the files of a scale: tapir accuracy weights.csv
    --rate "1 mL/h"; each begins with a line like time_min,weight_g. For boluses the rows are the weights after each.
    """
    with job(ctx, None, None, as_json) as run:
        if plot is not None:
            plots.check(plot)
        if save is not None and not save.parent.is_dir():
            raise UsageError(f"--save {save}: there is no folder {save.parent}.")
        out = Out(plot, save)
        if family not in NAMES:
            raise UsageError(f"There is no test {family}.", f"Tests: {', '.join(NAMES)}")
        if bolus and family != BOLUS:
            raise UsageError("--bolus belongs to --family bolus.")
        per_ml = gravimetry.per_ml(density)
        setting = _setting(rate, concentration, syringe, interpreter, BASAL if family == BOLUS else FAMILIES[family].flow)
        if family == BOLUS:
            volumes = [quantity("--bolus", text, units.NL) for text in bolus or SETTINGS]
            if 0 in volumes:
                raise UsageError("--bolus: nothing is no bolus.")
            if files:
                _weighed_boluses(run, files, volumes if bolus else [], per_ml, weight_unit, out)
            else:
                _simulated_boluses(run, setting, volumes, runs, out)
            return
        kind = FAMILIES[family]
        if settle is not None:
            kind = replace(kind, settle_ms=_settle(settle, kind))
        if files:
            if rate is None:
                raise UsageError("What was the pump set to? A scale's file does not say.", '--rate "1 mL/h"')
            _weighed(run, kind, setting, [_record(path, setting, kind, per_ml, time_unit, weight_unit) for path in files], out)
        else:
            _simulated(run, kind, setting, runs, out)


def _setting(rate: str | None, concentration: str | None, syringe: str, interpreter: str, usual: str) -> accuracy_run.Setting:
    """What the pump is told, from a flow or from drug a day at a concentration."""
    text = rate or usual
    if concentration is None:
        try:
            flow = units.parse(text, units.NL_PER_DAY)
        except units.UnitError as error:
            hint = 'A rate of drug needs its concentration: --concentration "500 mcg/mL"'
            raise UsageError(f"--rate {text}: {error.why}.", f"Accepted: {', '.join(error.forms)}. {hint}") from error
        if not flow:
            raise UsageError(f"--rate {text}: nothing flows.")
        return accuracy_run.Setting(flow, syringe=syringe, interpreter=interpreter)
    if rate is None:
        raise UsageError("--concentration needs a --rate of drug.", '--rate "100 mcg/day"')
    drug, conc = quantity("--rate", rate, units.NG_PER_DAY), quantity("--concentration", concentration, units.NG_PER_ML)
    known = next(row for row in limits.LIBRARY if row[limits.NAME] == "baclofen-itb")[limits.CONC_NG_PER_ML]
    if conc not in known or not drug:
        raise UsageError(f"{rate} at {concentration}: no setting of this pump.", f"Known: {', '.join(map(units.format_ng_per_ml, known))}")
    flow, rest = divmod(drug * 1_000_000, conc)
    if rest:
        raise UsageError(f"{rate} at {concentration} is no whole number of nL a day.", "Another rate.")
    return accuracy_run.Setting(flow, drug, conc, syringe, interpreter)


def _settle(text: str, family: Family) -> int:
    ms = quantity("--settle", text, units.MS)
    if ms % family.sample_ms:
        raise UsageError(f"--settle {text}: no multiple of the sample interval, {units.format_ms(family.sample_ms)}.")
    if ms > 30 * method.DAY_MS:
        raise UsageError(f"--settle {text}: 30 days at most.")
    return ms


def _record(path: Path, setting: accuracy_run.Setting, family: Family, per_ml: Fraction, time_unit: str, weight_unit: str) -> Record:
    return scale_csv.samples(path, setting.nl_per_day, family.sample_ms, per_ml, time_unit, weight_unit)


# --- flow --------------------------------------------------------------------------------------------------------------------
def _simulated(run: Job, family: Family, setting: accuracy_run.Setting, runs: int, out: Out) -> None:
    with _progress(run, family.total_ms * (runs + 1)) as tick:
        (ideal, step_pl), *others = [accuracy_run.measure(family, setting, seed, tick) for seed in range(runs + 1)]
    records = [record for record, _ in others]
    results = [method.analyse(record, family) for record in records]
    best, found = method.analyse(ideal, family), method.envelope(results)
    bounds = [method.bound(step_pl, setting.nl_per_day, p) for p in family.windows_ms]
    whole = method.bound(step_pl, setting.nl_per_day, family.analysis_ms)
    label = f"{runs} pumps of ordinary parts" if runs > 1 else "a pump of ordinary parts"
    _emit(
        run,
        out,
        {
            **_head(family, setting.nl_per_day),
            "syringe": setting.syringe,
            "step_pl": round(step_pl),
            "ideal": _result(best, [*bounds, whole]),
            "runs": [_result(result) for result in results],
            "envelope": _envelope(found),
            "statement": NOT_A_DEVICE,
        },
    )
    run.say(f"{family.described}: {_flow(setting)}, {setting.syringe}, a sample every {units.format_ms(family.sample_ms)}")
    rows = [
        (_minutes(w.ms), _span(b.lowest, b.highest), f"± {_percent(limit, False)}", _span(w.lowest, w.highest))
        for w, b, limit in zip(found.windows, best.windows, bounds, strict=True)
    ]
    rows.append(("mean error A", _percent(best.mean), f"± {_percent(whole, False)}", _span(found.mean[1], found.mean[0])))
    rows.append(("90 % of it after", _onset([best]), "", _onset(results)))
    table(run, ("window P", "ideal plant", "bound", label), rows)
    run.say(f"Bound: a microstep of {float(step_pl) / 1000:.1f} nL more or less. Errors of the flow, E_p(min) .. E_p(max).", "dim")
    _finish(run, family, out, lambda: accuracy_plot.trumpet(family, records, found, label, (ideal, best), bounds))


def _weighed(run: Job, family: Family, setting: accuracy_run.Setting, records: list[Record], out: Out) -> None:
    results = [method.analyse(record, family) for record in records]
    found = method.envelope(results)
    label = records[0].name if len(records) == 1 else f"{len(records)} files"
    _emit(run, out, {**_head(family, setting.nl_per_day), "runs": [_result(r) for r in results], "envelope": _envelope(found)})
    run.say(f"{family.described}: {_flow(setting)}, a sample every {units.format_ms(family.sample_ms)}")
    rows = [(_minutes(w.ms), _span(w.lowest, w.highest)) for w in found.windows]
    rows.append(("mean error A", _percent(found.mean[0]) if len(records) == 1 else _span(found.mean[1], found.mean[0])))
    rows.append(("90 % of it after", _onset(results)))
    table(run, ("window P", label), rows)
    _finish(run, family, out, lambda: accuracy_plot.trumpet(family, records, found, label))


def _finish(run: Job, family: Family, out: Out, draw: Callable[[], Any]) -> None:
    reported = method.reference_text(family.name)
    if reported:
        run.say(reported, "dim")
    _picture(run, out, draw)


# --- boluses -----------------------------------------------------------------------------------------------------------------
def _simulated_boluses(run: Job, setting: accuracy_run.Setting, volumes: list[int], runs: int, out: Out) -> None:
    shown: list[tuple[list[Boluses], Boluses | None, Fraction | None]] = []
    total = sum((BOLUSES + 1) * accuracy_run.bolus_spacing_ms(volume) for volume in volumes) * (runs + 1)
    with _progress(run, total) as tick:
        for volume in volumes:
            (ideal, step_pl), *others = [accuracy_run.boluses(setting, volume, seed, tick=tick) for seed in range(runs + 1)]
            shown.append(([found for found, _ in others], ideal, ideal.bound(step_pl)))
    label = f"{runs} pumps of ordinary parts" if runs > 1 else "a pump of ordinary parts"
    _tell_boluses(run, shown, label, out)


def _weighed_boluses(run: Job, files: list[Path], volumes: list[int], per_ml: Fraction, weight_unit: str, out: Out) -> None:
    if len(volumes) != 1:
        raise UsageError("What was the bolus set to? A scale's file does not say.", '--bolus "10 uL"')
    found = [Boluses(path.name, volumes[0], tuple(scale_csv.weighings(path, per_ml, weight_unit))) for path in files]
    for made in found:
        if len(made.pl) != BOLUSES:
            raise UsageError(f"{made.name}: {len(made.pl)} boluses; the test has {BOLUSES}.", f"{BOLUSES + 1} rows: the tare, then each.")
    _tell_boluses(run, [(found, None, None)], found[0].name if len(found) == 1 else f"{len(found)} files", out)


def _tell_boluses(run: Job, shown: list[tuple[list[Boluses], Boluses | None, Fraction | None]], label: str, out: Out) -> None:
    rows, data = [], []
    for runs, ideal, bound in shown:
        errors = [made.errors() for made in runs]
        low, high = min(e[2] for e in errors), max(e[1] for e in errors)
        means = [e[0] for e in errors]
        best = ideal.errors() if ideal else None
        rows.append(
            (
                method.volume_text(runs[0].set_nl),
                _span(best[2], best[1]) if best else "",
                f"± {_percent(bound, False)}" if bound is not None else "",
                _span(low, high),
                _span(min(means), max(means)) if len(means) > 1 else _percent(means[0]),
            )
        )
        data.append(
            {
                "set_nl": runs[0].set_nl,
                "count": len(runs[0].pl),
                "bound_ppm": _ppm(bound) if bound is not None else None,
                "ideal": _bolus(ideal) if ideal else None,
                "runs": [_bolus(made) for made in runs],
                "envelope": {
                    "mean_max_ppm": _ppm(max(means)),
                    "mean_min_ppm": _ppm(min(means)),
                    "max_ppm": _ppm(high),
                    "min_ppm": _ppm(low),
                },
            }
        )
    _emit(run, out, {"family": BOLUS, "settings": data, "statement": NOT_A_DEVICE})
    run.say(f"{BOLUSES} successive boluses of each setting: error of a bolus, smallest .. largest")
    columns = ("bolus", "ideal plant", "bound", label, "their mean errors")
    simulated = shown[0][1] is not None
    table(
        run,
        [c for i, c in enumerate(columns) if simulated or i not in (1, 2)],
        [[c for i, c in enumerate(row) if simulated or i not in (1, 2)] for row in rows],
    )
    _picture(run, out, lambda: accuracy_plot.boluses(shown, label))


# --- what all share ------------------------------------------------------------------------------------------------------------
def _emit(run: Job, out: Out, data: dict[str, object]) -> None:
    run.emit(data)
    if out.save is not None:
        try:
            out.save.write_text(json.dumps(data, indent=1) + "\n")
        except OSError as error:
            raise UsageError(f"{out.save} cannot be written ({error.strerror}).") from error


def _picture(run: Job, out: Out, draw: Callable[[], Any]) -> None:
    if out.plot is not None:
        plots.save(draw(), out.plot)
        run.say(f"Picture: {out.plot}")
    if out.save is not None:
        run.say(f"Figures: {out.save}")


class _progress:
    """A bar on a terminal; gives the function that moves it on."""

    def __init__(self, run: Job, total: int) -> None:
        from rich.progress import BarColumn, Progress, TimeRemainingColumn

        hidden = run.json or not run.out.is_terminal
        parts = ("simulated pumps", BarColumn(), "{task.percentage:.0f} %", TimeRemainingColumn())
        self._bar = Progress(*parts, console=run.out, transient=True, disable=hidden)
        self._total = total

    def __enter__(self) -> Callable[[int], None]:
        self._bar.start()
        task = self._bar.add_task("", total=self._total)
        return lambda ms: self._bar.advance(task, ms)

    def __exit__(self, *error: object) -> None:
        self._bar.stop()


def _flow(setting: accuracy_run.Setting) -> str:
    flow = method.flow_text(setting.nl_per_day)
    if not setting.conc_ng_per_ml:
        return flow
    return f"{units.format_ng_per_day(setting.ng_per_day)} at {units.format_ng_per_ml(setting.conc_ng_per_ml)}, {flow}"


def _head(family: Family, nl_per_day: int) -> dict[str, object]:
    return {
        "family": family.name,
        "set_nl_per_day": nl_per_day,
        "sample_ms": family.sample_ms,
        "settle_ms": family.settle_ms,
        "analysis_ms": family.analysis_ms,
    }


def _result(result: Result, bounds: Sequence[Fraction] = ()) -> dict[str, object]:
    windows: list[dict[str, object]] = [{"window_ms": w.ms, "max_ppm": _ppm(w.highest), "min_ppm": _ppm(w.lowest)} for w in result.windows]
    for window, bound in zip(windows, bounds, strict=False):
        window["bound_ppm"] = _ppm(bound)
    whole = {"mean_bound_ppm": _ppm(bounds[-1])} if bounds else {}
    return {"name": result.name, "mean_ppm": _ppm(result.mean), **whole, "onset_ms": result.onset_ms, "windows": windows}


def _envelope(found: method.Envelope) -> dict[str, object]:
    windows = [{"window_ms": w.ms, "max_ppm": _ppm(w.highest), "min_ppm": _ppm(w.lowest)} for w in found.windows]
    return {"mean_max_ppm": _ppm(found.mean[0]), "mean_min_ppm": _ppm(found.mean[1]), "windows": windows}


def _bolus(made: Boluses) -> dict[str, object]:
    mean, high, low = made.errors()
    return {"name": made.name, "mean_ppm": _ppm(mean), "max_ppm": _ppm(high), "min_ppm": _ppm(low), "pl": [round(pl) for pl in made.pl]}


def _ppm(percent: Fraction) -> int:
    return round(percent * PPM)


def _percent(percent: Fraction, signed: bool = True) -> str:
    """Three digits where they say something: +0.012 %, -2.41 %, +45.7 %."""
    size = abs(percent)
    places = 3 if size < Fraction(1, 10) else 2 if size < 10 else 1
    text = units.format_ratio(percent.numerator, percent.denominator, places)
    return f"{'+' if signed and not text.startswith('-') else ''}{text} %"


def _span(low: Fraction, high: Fraction) -> str:
    return f"{_percent(low)[:-2]} .. {_percent(high)}"


def _minutes(ms: int) -> str:
    return f"{ms // MIN_MS} min"


def _onset(results: Sequence[Result]) -> str:
    times = [result.onset_ms for result in results]
    known = sorted(ms for ms in times if ms is not None)
    if len(known) < len(times):
        return "not reached"
    first, last = (units.format_ms(known[i]) for i in (0, -1))
    return first if first == last else f"{first} .. {last}"
