"""`tapir plan`: plans computed without a pump (`refill` may ask one). One file a plan; the arithmetic is in tapir/plans/ and plan.py."""

import typer

from .bridge import bridge
from .candidate import candidate
from .oral import oral
from .refill import refill
from .taper import taper
from .titration import titration

app = typer.Typer(
    help="Plans, computed without a pump, with the pump's own arithmetic. Bench and research model, not medical advice.",
    epilog='Begin with: tapir plan titration --from "50 mcg/day" --to "120 mcg/day" --origin child --plot titration.png',
    no_args_is_help=True,
)
for _command in (titration, taper, bridge, refill, oral, candidate):
    app.command(_command.__name__)(_command)
