"""`tapir ports`: where pumps are."""

import typer
from rich.table import Table

from .. import ports as places
from ..errors import TapirError
from ..link import Link
from ..messages import Hello, state_name
from ..running import patience_s
from ..transport import SerialTransport
from ..wire import schema
from .common import JsonOption, job

_PROBE_S = 0.7
_SLOW_S = 10.0  # an emulated one


def ports(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """Where pumps are.

    Simulators on this computer and USB boards are asked who they are; ports of other makers are listed, never written to.
    """
    with job(ctx, None, None, as_json) as run:
        rows = []
        found = places.candidates()
        for place in found:
            hello, problem = _ask(place)
            rows.append((place, hello, problem))
        run.emit({"ports": [_record(*row) for row in rows]})
        if run.json:
            return
        if not rows:
            run.say("No port was found. A simulated pump: tapir sim start", "yellow")
            return
        table = Table(box=None, pad_edge=False, show_edge=False)
        for title in ("PORT", "DEVICE", "FIRMWARE", "STATE"):
            table.add_column(title, no_wrap=True)
        for place, hello, problem in rows:
            name = f"Tapir {hello.serial}" if hello and not place.device.startswith("Tapir") else place.device
            table.add_row(place.url, name, hello.firmware if hello else "-", state_name(hello.state).lower() if hello else problem)
        run.out.print(table, soft_wrap=True)


def _ask(place: places.Port) -> tuple[Hello | None, str]:
    """Who is there, or why that is not known."""
    if not place.probe:
        return None, "not asked: not a Raspberry Pi device"
    try:
        link = Link(lambda: SerialTransport(place.url), timeout_s=max(_PROBE_S, min(patience_s(place.url), _SLOW_S)))
        try:
            return Hello.of(link.read("HELLO", {"version": schema.VERSION}).values), ""
        finally:
            link.close()
    except TapirError as error:
        silent = type(error).__name__ == "NoAnswer"
        return None, f"no Tapir firmware: tapir flash --port {place.url}" if silent else error.problem


def _record(place: places.Port, hello: Hello | None, problem: str) -> dict[str, object]:
    known = (
        {"serial": hello.serial, "firmware": hello.firmware, "state": hello.state, "state_name": state_name(hello.state)} if hello else {}
    )
    return {"port": place.url, "device": place.device, "problem": problem or None, **known}
