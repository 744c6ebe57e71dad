"""`tapir stop`: does not exist, and says so."""

import typer

from ..errors import UsageError
from .common import JsonOption, PortOption, RoleOption, job


def stop(ctx: typer.Context, port: PortOption = None, as_role: RoleOption = None, as_json: JsonOption = False) -> None:
    """There is no stop."""
    with job(ctx, port, as_role, as_json):
        raise UsageError(
            "There is no stop: ending this drug abruptly harms. To end the therapy: tapir taper. In an emergency: tapir suspend,",
            "or hold SUSPEND on the pump for 3 s.",
        )
