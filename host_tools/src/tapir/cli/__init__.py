"""The command `tapir`: one file a command in this folder; this one puts them together."""

import json
import sys
from typing import Annotated, Any

import typer

from .. import __version__, words
from ..errors import EXIT_USAGE
from ..link import TIMEOUT_S
from ..wire import names, schema
from . import (
    accuracy,
    alarms,
    align,
    bolus,
    calibrate,
    clock,
    close,
    emulate,
    flash,
    info,
    log,
    monitor,
    note,
    plan,
    ports,
    prescribe,
    prime,
    provision,
    refill,
    report,
    resume,
    review,
    screen,
    service,
    sim,
    status,
    stop,
    suspend,
    syringe,
    taper,
    titrate,
    uf2,
)
from .common import Globals

app = typer.Typer(
    name="tapir",
    help=f"Program and watch a Tapir infusion pump, real or simulated. {words.NOT_A_DEVICE}",
    epilog="Begin with: tapir sim start, then tapir provision --library baclofen-itb --syringe bd-3ml. "
    "Exit codes: 0 done, 2 usage, 3 link, 4 refused, 5 alarm, 6 outcome unknown.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tapir {__version__}, wire version {schema.VERSION}, schema {names.schema_hash()}\n{words.NOT_A_DEVICE}")
        raise typer.Exit()


@app.callback()
def everything(
    ctx: typer.Context,
    port: Annotated[str | None, typer.Option("--port", envvar="TAPIR_PORT", metavar="PORT", help="Where the pump is.")] = None,
    as_role: Annotated[str | None, typer.Option("--as", metavar="ROLE", help="Whose key to use.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    timeout: Annotated[
        float, typer.Option("--timeout", envvar="TAPIR_TIMEOUT", min=0.1, metavar="SECONDS", help="For one answer of the pump.")
    ] = TIMEOUT_S,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Versions, and what this is not.")] = False,
) -> None:
    """Options that may also stand after the command."""
    ctx.obj = Globals(port, as_role, as_json, timeout)


for _command in (
    ports.ports,
    info.info,
    provision.provision,
    status.status,
    monitor.monitor,
    prescribe.prescribe,
    review.review,
    screen.screen,
    bolus.bolus,
    taper.taper,
    titrate.titrate,
    suspend.suspend,
    align.align,
    resume.resume,
    syringe.syringe,
    refill.refill,
    prime.prime,
    calibrate.calibrate,
    alarms.alarms,
    log.log,
    note.note,
    report.report,
    accuracy.accuracy,
    close.close,
    clock.clock,
    service.service,
    flash.flash,
    uf2.uf2,
    emulate.emulate,
):
    app.command(_command.__name__)(_command)
app.add_typer(plan.app, name="plan")
app.add_typer(sim.app, name="sim")
app.command("stop", hidden=True)(stop.stop)


def _plain(command: Any) -> None:
    """Help for people: no <bool> behind a flag, no <str> behind the name of an argument."""
    of = command.get_params

    def params(ctx: Any) -> Any:
        found = of(ctx)
        for param in found:
            if param.param_type_name == "argument" or getattr(param, "is_flag", False):
                param.display_type = lambda ctx: ""
        return found

    command.get_params = params
    for below in getattr(command, "commands", {}).values():
        _plain(below)


def main() -> None:
    """Entry point."""
    command: Any = typer.main.get_command(app)
    _plain(command)
    if "--json" not in sys.argv[1:]:
        command(prog_name="tapir")
        return
    try:  # what the parser refuses is an object too
        code = command(prog_name="tapir", standalone_mode=False)
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        shown = {"exit": EXIT_USAGE, "kind": type(error).__name__, "message": _parser_says(error)}
        sys.stdout.write(json.dumps({"error": shown}, indent=1) + "\n")
        code = EXIT_USAGE
    sys.exit(code or 0)


def _parser_says(error: Any) -> list[str]:
    """Its sentences, and where the command's help is."""
    where = error.ctx.command_path if getattr(error, "ctx", None) else "tapir"
    return [*error.format_message().splitlines(), f"{where} --help says what is accepted."]
