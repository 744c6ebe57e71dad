"""`tapir calibrate`: what was pushed out, weighed or measured, against what the pump meant to push out (R17)."""

from fractions import Fraction
from typing import Annotated

import typer

from .. import gravimetry, words
from ..errors import UsageError
from ..wire import units
from .common import JsonOption, PortOption, RoleOption, YesOption, job, quantity

_CALIBRATED = 29


def calibrate(
    ctx: typer.Context,
    expected: Annotated[str, typer.Option("--expected", metavar="VOLUME", help='What the pump meant, "1 mL".', show_default=False)],
    weighed: Annotated[str | None, typer.Option("--weighed", metavar="MASS", help='What the scale says, "0.987 g".')] = None,
    density: Annotated[str, typer.Option("--density", metavar="DENSITY", help="Of what was weighed; water at 20 C unless said.")] = (
        gravimetry.WATER
    ),
    found: Annotated[str | None, typer.Option("--found", metavar="VOLUME", help='Instead of a mass: the volume, "0.989 mL".')] = None,
    yes: YesOption = False,
    port: PortOption = None,
    as_role: RoleOption = None,
    as_json: JsonOption = False,
) -> None:
    """Correct the steps per volume by what was weighed.

    tapir calibrate --expected "1 mL" --weighed "0.987 g"

    Prime onto a scale first. The correction is a ratio of whole numbers, goes into the journal, and holds until the pump is provisioned
    anew. Service's key; only while no therapy runs.
    """
    with job(ctx, port, as_role, as_json) as run:
        expected_nl = quantity("--expected", expected, units.NL)
        if (weighed is None) == (found is None):
            raise UsageError("Either the mass or the volume that was found.", '--weighed "0.987 g" or --found "0.989 mL"')
        if weighed is not None:
            found_nl = gravimetry.found_nl(weighed, density)
            run.say(f"{weighed} / {density} = {units.format_nl(found_nl)}")
        else:
            found_nl = quantity("--found", found or "", units.NL)
        if not found_nl or not expected_nl:
            raise UsageError("Nothing was found, or expected; that is no calibration.", "Is air in the line? Prime again.")
        pump = run.connect("CALIBRATE")
        proposal = pump.calibrate(expected_nl, found_nl)
        ratio = Fraction(expected_nl, found_nl)
        exact = f"{ratio.numerator}/{ratio.denominator}"
        percent = gravimetry.correction_percent(expected_nl, found_nl)
        run.say(f"{units.format_nl(expected_nl)} expected, {units.format_nl(found_nl)} found.")
        run.say(f"Steps per volume x {exact} ({percent}).", "yellow")
        run.ask("Correct it so?", yes)
        done = proposal.commit()
        event = next((event for event in pump.log(done.event, done.event) if event.event == _CALIBRATED), None)
        total = (event.a, event.b) if event else None
        run.emit(
            {
                "expected_nl": expected_nl,
                "found_nl": found_nl,
                "correction_num": ratio.numerator,
                "correction_den": ratio.denominator,
                "total_num": total and total[0],
                "total_den": total and total[1],
                "done": done.as_dict(),
            }
        )
        alone = f"; with those before it: {total[0]}/{total[1]} of the geometry" if total and total != ratio.as_integer_ratio() else ""
        run.say(f"Calibrated{alone}. #{done.event}, {words.head(done.head)}.", "green")
