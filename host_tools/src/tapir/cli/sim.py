"""`tapir sim`: a simulated pump that runs the real firmware. `start` in the foreground, `ctl` from another terminal, `run` for files."""

import signal
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from .. import running, scenario, simulator
from ..errors import LinkError, UsageError
from ..wire import units
from .common import Job, JsonOption, job, quantity

app = typer.Typer(help="A simulated pump: the very firmware, on this computer.", no_args_is_help=True)

PROFILE = Path("tapir-sim")
ProfileOption = Annotated[Path | None, typer.Option("--profile", metavar="DIR", help=f"Folder of the pump's flash; else ./{PROFILE}.")]

# control word -> (words before its quantity, the quantity); all others go as they are
_QUANTITIES = {"advance": (1, units.MS), "cut": (1, units.MS), "press": (2, units.MS), "refill": (1, units.NL)}


@app.command("start")
def start(
    ctx: typer.Context,
    profile: ProfileOption = None,
    speed: Annotated[str, typer.Option("--speed", metavar="N|max|frozen", help="Times real time; max: as fast as it goes.")] = "1",
    syringe: Annotated[str | None, typer.Option("--syringe", metavar="NAME", help="Of a new profile; bd-3ml if nothing is said.")] = None,
    serial: Annotated[str | None, typer.Option("--serial", metavar="NAME", help="Of a new profile; SIM-0001 if nothing is said.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Of a new profile: what is random in it.")] = None,
    tcp_port: Annotated[int, typer.Option("--tcp", metavar="PORT", help="TCP port on 127.0.0.1; 0 for any.")] = 0,
    interpreter: Annotated[str, typer.Option("--interpreter", help="micropython, cpython or auto.")] = "auto",
    as_json: JsonOption = False,
) -> None:
    """Start a simulated pump and keep it running until Ctrl-C. Its profile folder keeps it in between.

    With --json one object with its ports is printed when it is ready.
    """
    with job(ctx, None, None, as_json) as run:
        folder = profile or PROFILE
        sim = simulator.Simulator(folder, speed, interpreter, seed, serial, syringe, tcp_port)
        signal.signal(signal.SIGTERM, _as_ctrl_c)
        try:
            with sim:
                known = sim.ask("info")
                run.emit({"port": sim.port, "url": sim.url, "profile": str(sim.profile), **_plain(known)})
                _greet(run, sim, str(known["firmware"]), folder, speed)
                sim.wait()
                raise LinkError("The simulated pump ended by itself.", f"See {sim.profile}/device.log")
        except KeyboardInterrupt:
            run.say(f"\nStopped. {folder} keeps the pump: tapir sim start goes on with it.")


def _as_ctrl_c(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _plain(known: dict[str, object]) -> dict[str, object]:
    return {name: known[name] for name in ("serial", "firmware", "board", "seed", "speed") if name in known}


def _greet(run: Job, sim: simulator.Simulator, firmware: str, folder: Path, speed: str) -> None:
    kind = {"micropython": "unix port", "cpython": "CPython"}[sim.interpreter]
    shown = folder if folder.is_absolute() else f"./{folder}"
    pace = "real time" if speed == "1" else f"{speed} x real time" if speed.isdecimal() else speed
    run.say(f"Simulated pump {sim.serial} (firmware {firmware}, {kind}, board sim, profile {shown})", "green")
    run.say(f"  port    {sim.port}   (also {sim.url})")
    run.say(f"  speed   {pace:<12} (tapir sim ctl speed 3600 | max)")
    run.say(f"Ctrl-C stops it; the profile keeps its flash. In another terminal: export TAPIR_PORT={sim.port}")
    run.out.file.flush()


@app.command("ctl", context_settings={"ignore_unknown_options": True})
def ctl(
    ctx: typer.Context,
    line: Annotated[
        list[str],
        typer.Argument(metavar="WORD...", help="advance 6h | speed max | cut 3h | truth | ...", show_default=False),
    ],
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Control a running simulator: time, buttons, faults, power, and what really happened.

    tapir sim ctl advance 6h, tapir sim ctl speed max, tapir sim ctl press SUSPEND 3s, tapir sim ctl cut 3h,
    tapir sim ctl refill "3 mL", tapir sim ctl truth. Faults: tapir sim ctl fault occlusion 1; also stall, slip, seat, end_empty,
    end_back, force, force_stale, encoder, supply, temperature, driver and more (docs/simulator.md), 0 to end one.
    Without one of its own options the simulator is the one that runs.
    """
    with job(ctx, None, None, as_json) as run:
        asked = _canonical(line)
        with simulator.attached(_which(profile)) as remote:
            if asked.startswith("advance "):
                answer = _advance(run, remote, int(asked.split()[1]))
            else:
                answer = remote.ask(asked)
        run.emit(answer)
        rest = {name: value for name, value in answer.items() if name != "ok"}
        run.say("  ".join(f"{name} {value}" for name, value in rest.items()) or "ok")


def _which(profile: Path | None) -> Path:
    """The profile named, else the only simulator that runs."""
    if profile:
        return profile
    alive = running.running()
    if len(alive) == 1:
        return Path(alive[0].profile)
    if alive:
        raise UsageError(f"{len(alive)} simulators run.", "Name one: " + ", ".join(f"--profile {sim.profile}" for sim in alive))
    return PROFILE


def _canonical(line: list[str]) -> str:
    """advance 6h -> advance 21600000: a quantity becomes the control channel's integer; a bare integer stays as it is."""
    words = " ".join(line).split()
    if words[0] not in _QUANTITIES:
        return " ".join(words)
    before, unit = _QUANTITIES[words[0]]
    front, rest = words[:before], words[before:]
    end = rest.index("at") if "at" in rest else len(rest)
    text = " ".join(rest[:end])
    value = text if text.isdecimal() or not text else str(quantity(words[0], text, unit))
    return " ".join([*front, value, *rest[end:]])


def _advance(run: Job, remote: simulator.Remote, ms: int) -> dict[str, object]:
    from rich.progress import BarColumn, Progress, TimeRemainingColumn

    ended: list[object] = []
    show = run.out.is_terminal and not run.json
    with Progress(
        "advancing", BarColumn(), "{task.percentage:.0f} %", TimeRemainingColumn(), console=run.out, transient=True, disable=not show
    ) as bar:
        task = bar.add_task("", total=ms)
        for left, end in remote.advancing(ms):
            bar.update(task, completed=ms - left)
            if end:
                ended.append(end)
    return {"ok": True, "advanced_ms": ms, "ended": ended} if ended else {"ok": True, "advanced_ms": ms}


@app.command("run")
def run_scenarios(
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Scenarios, as in sim/scenarios/.", show_default=False)],
    interpreter: Annotated[str, typer.Option("--interpreter", help="micropython, cpython or auto.")] = "auto",
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Also what each command said.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Play scenarios in virtual time, each on a new simulated pump, and check what they expect.

    tapir sim run sim/scenarios/first_day.txt. Exits with 1 if an expectation does not hold.
    """
    with job(ctx, None, None, as_json) as run:
        stories = [scenario.load(path) for path in files]  # all of them are read before the first is played
        results = [_play(run, story, interpreter, verbose) for story in stories]
        run.emit({"scenarios": results})
        failed = [result["file"] for result in results if not result["ok"]]
        if failed:
            run.say(f"{len(failed)} of {len(results)} failed: {', '.join(str(name) for name in failed)}", "red")
            raise typer.Exit(1)


def _play(run: Job, story: scenario.Scenario, interpreter: str, verbose: bool) -> dict[str, object]:
    lines = []
    run.say(str(story.path))
    for line in scenario.play(story, interpreter):
        lines.append(line)
        run.say(f"  {line.number:>3}  {'ok    ' if line.ok else 'FAILED'}  {line.text}", None if line.ok else "red")
        if not line.ok:
            run.say(f"       {line.why}", "red")
        if line.output and (verbose or not line.ok):
            run.say("".join(f"       | {said}\n" for said in line.output.splitlines()).rstrip("\n"))
    failed = sum(not line.ok for line in lines)
    run.say(
        f"  {len(lines)} actions, {failed} failed" if failed else f"  {len(lines)} actions, all as expected", "red" if failed else "green"
    )
    return {"file": str(story.path), "ok": not failed, "lines": [asdict(line) for line in lines]}
