"""`tapir service`: the pump gives MicroPython's prompt back, with motion impossible, until it is reset."""

import typer

from .common import JsonOption, PortOption, ReasonOption, RoleOption, YesOption, job


def service(
    ctx: typer.Context,
    reason: ReasonOption = None,
    yes: YesOption = False,
    port: PortOption = None,
    as_role: RoleOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open MicroPython's prompt on a pump, motion impossible.

    For mpremote, and what tapir flash does by itself where the service key is held. Only while no therapy runs, is suspended or held
    (R17). It ends with the next reset or power-on. Without a key: hold GP22 to ground at power-on. A simulated pump has no prompt.

    Example: tapir service --port /dev/ttyACM0 --reason "look at the store"
    """
    with job(ctx, port, as_role, as_json) as run:
        pump = run.connect("SERVICE")
        serial, name = pump.identity.serial, pump.link.name
        proposal = pump.service(reason)
        run.ask(f"Open MicroPython's prompt on {serial}? It is no pump until it is reset.", yes)
        done = proposal.commit()
        run.emit({"done": done.as_dict(), "port": name})
        run.say(f"{serial} resets into MicroPython's prompt: its motor is off and no driver is loaded. #{done.event} in its log.")
        run.say(f"Now, for example: mpremote connect {name} resume ls /tapir")
        run.say(f"Back to a pump: mpremote connect {name} resume reset, or switch it off and on.")
