"""`tapir provision`: new keys, a drug library and a syringe for a pump."""

from typing import Annotated

import typer

from .. import keys as keystore
from .. import words
from ..errors import KeysExist, NoKeys, NotExecuted, Refused, UsageError
from ..messages import Hello, state_name
from ..pump import Pump
from ..wire import limits, schema
from .common import Job, JsonOption, PortOption, ReasonOption, RoleOption, YesOption, job

LIBRARIES = [str(row[limits.NAME]) for row in limits.LIBRARY]
SYRINGES = [str(row[0]) for row in limits.SYRINGES]


def provision(
    ctx: typer.Context,
    library: Annotated[str, typer.Option("--library", metavar="NAME", help=f"Drug library: {', '.join(LIBRARIES)}.", show_default=False)],
    syringe: Annotated[str, typer.Option("--syringe", metavar="NAME", help=f"Syringe: {', '.join(SYRINGES)}.", show_default=False)],
    replace: Annotated[bool, typer.Option("--replace", help="Although keys for this serial number are held here. Needs --reason.")] = False,
    lost: Annotated[
        bool,
        typer.Option(
            "--lost-keys", help="Without the service key: somebody holds CONFIRM on the pump meanwhile. Only where no therapy is."
        ),
    ] = False,
    reason: ReasonOption = None,
    yes: YesOption = False,
    port: PortOption = None,
    as_role: RoleOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a pump its keys, drug library and syringe.

    tapir provision --library baclofen-itb --syringe bd-3ml

    The keys are stored on this computer, readable by you alone; whoever programs the pump needs them. A pump that is
    provisioned already is provisioned anew by the service role, while no therapy runs.
    """
    with job(ctx, port, as_role, as_json) as run:
        for name, known, what in ((library, LIBRARIES, "drug library"), (syringe, SYRINGES, "syringe")):
            if name not in known:
                raise UsageError(f"There is no {what} {name}.", f"Known: {', '.join(known)}")
        store = keystore.KeyStore()
        pump = _by_hand(run, yes) if lost else _pump(run, store, replace, reason)
        serial = pump.identity.serial
        fresh = keystore.fresh()
        try:
            proposal = pump.provision(library, syringe, fresh, reason)
        except Refused as error:
            if lost and error.code_is(schema.NOT_AUTHORISED):
                raise NoKeys(
                    f"CONFIRM is not held on {serial}.", "Hold it until tapir says that new keys are stored, and say the same again."
                ) from error
            raise
        if pump.identity.state != schema.UNPROVISIONED:
            run.ask(f"Replace keys, library and syringe of {serial}?", yes)
        store.save_pending(serial, fresh)
        try:
            done = proposal.commit()
        except (Refused, NotExecuted):
            store.drop_pending(serial)
            raise
        store.promote(serial)
        after = pump.hello()
        run.emit(
            {
                "serial": serial,
                "keys_file": str(store.path(serial)),
                "done": done.as_dict(),
                "state_name": state_name(after.state),
                **after.as_dict(),
            }
        )
        run.say(f"Keys for operator, clinician and service made and stored for {serial} in the config directory (0600).")
        run.say(f"Library {after.library}, syringe {after.syringe}. State: {state_name(after.state)}, nothing prescribed.", "green")
        run.say(f"Self test {words.self_test(pump.self_test())}.")
        row = limits.syringe(syringe)
        if row:
            run.say(f"The books assume a full syringe ({row[3]}); if it is not: tapir refill", "dim")


def _lost(store: keystore.KeyStore, hello: Hello) -> NoKeys:
    """New keys are a matter of the service key; who has lost it hears what is left."""
    name = state_name(hello.state)
    problem = f"{hello.serial} is provisioned ({name}), and its service key is not in {store.directory}: only that gives it new ones."
    if hello.state not in (schema.READY, schema.ENDED):
        return NoKeys(
            f"{problem} While it is {name} not even that may (R17).",
            "Copy the key file from where it was provisioned. Holding SUSPEND on the pump for 3 s needs no key, nor does tapir status.",
        )
    return NoKeys(
        problem,
        "Copy the key file from where it was provisioned. If it is lost: tapir provision --lost-keys, with a hand on the pump's CONFIRM.",
    )


def _by_hand(run: Job, yes: bool) -> Pump:
    """The pump, as an observer, with somebody at it: whoever can hold its button could open it, too."""
    run.role = None
    pump = run.connect("HELLO")
    hello = pump.identity
    if hello.state not in (schema.UNPROVISIONED, schema.READY, schema.ENDED):
        raise NoKeys(
            f"{hello.serial} is {state_name(hello.state)}: new keys are for a pump without a therapy (R17), whoever asks.",
            "Holding SUSPEND on the pump for 3 s needs no key, nor does tapir status.",
        )
    run.ask(f"Hold CONFIRM on {hello.serial} now, and keep holding. Is it held?", yes)
    return pump


def _pump(run: Job, store: keystore.KeyStore, replace: bool, reason: str | None) -> Pump:
    """The pump, as an observer if it has no keys yet, else as service."""
    pump = run.connect("HELLO") if run.role is None else run.connect("PROVISION")
    hello = pump.identity
    if hello.state == schema.UNPROVISIONED:
        if store.holds(hello.serial) and not (replace and reason):
            raise KeysExist(
                f"{hello.serial} calls itself unprovisioned, but its keys are held here: its flash may have been wiped, and with it "
                "what it knows of a therapy.",
                'If that is so: --replace --reason "..."; else find out first what happened.',
            )
        return pump
    if run.role is None:
        pump.close()
        run.role = "service"
        try:
            pump = run.connect("PROVISION")
        except NoKeys as error:
            raise _lost(store, hello) from error
    return pump
