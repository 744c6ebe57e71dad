"""`tapir info`: which pump this is, what it knows, and how exactly it has counted."""

import typer

from .. import keys, words
from ..messages import state_name
from ..pump import LIBRARY_HINT, foreign_library
from ..wire import limits, units
from .common import JsonOption, PortOption, RoleOption, job


def info(ctx: typer.Context, port: PortOption = None, as_role: RoleOption = None, as_json: JsonOption = False) -> None:
    """Which pump this is, and how it has counted.

    Serial number, firmware, library, syringe, where its keys are, power-ons, microsteps against the exact plan. Needs no key.
    """
    with job(ctx, port, as_role, as_json) as run:
        pump = run.connect("BOOKS")
        hello, books, tested = pump.identity, pump.books(), pump.self_test()
        store = keys.KeyStore()
        held = store.holds(hello.serial)
        run.emit(
            {
                **hello.as_dict(),
                "port": pump.link.name,
                "state_name": state_name(hello.state),
                "keys_held": held,
                "books": books.as_dict(),
                "self_test": tested.as_dict(),
            }
        )
        syringe = limits.syringe(hello.syringe or "")
        rows = [
            ("Pump", f"Tapir {hello.serial}, board {hello.board}, firmware {hello.firmware}"),
            ("Port", pump.link.name),
            ("State", state_name(hello.state) + (f": {hello.why}" if hello.why else "")),
            ("Library", f"{hello.library} ({hello.library_hash})" if hello.library else "none"),
            ("Syringe", str(syringe[3]) if syringe else "none"),
            ("Keys", f"stored in {store.path(hello.serial)}" if held else "none stored here"),
            ("Wire", f"version {hello.version}, schema {hello.schema}"),
            ("Self test", words.self_test(tested)),
            ("Starts", f"{books.cuts} power-ons, {books.resets} resets since provisioning"),
        ]
        if books.ratio_num:
            rows.append(("Steps", _steps(books.known_steps, books.most_steps, books.plan_steps, books.plan_num, books.plan_den)))
            rows.append(("Ratio", f"{books.ratio_num} / {books.ratio_den} steps per ng"))
        differs = foreign_library(hello)
        if differs:
            rows.append(("Differs", f"{differs} {LIBRARY_HINT}"))
        for name, text in rows:
            alarming = name == "Differs" or (name == "State" and hello.why) or (name == "Self test" and tested.failed)
            run.say(f"{name:<10}{text}", "red" if alarming else None)
        run.say(words.NOT_A_DEVICE, "dim")


def _steps(known: int, most: int, plan: int, num: int, den: int) -> str:
    given = str(known) if known == most else f"{known} to {most}"
    return f"{given}; the exact plan is at {units.format_ratio(plan * den + num, den, 3)}"
