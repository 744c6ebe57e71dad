"""Simulated and emulated pumps running on this computer: one small JSON file each in the state directory, gone when they stop.

TAPIR_STATE_DIR overrides the directory. A file whose process has died is cleared away when it is read. simulator.py
announces, ports.py and `tapir sim ctl` look.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import platformdirs


@dataclass(frozen=True)
class RunningSim:
    """One simulator: its process, where its pump can be reached, and its control channel (host:port)."""

    pid: int
    serial: str
    firmware: str
    pty: str
    tcp: str
    control: str
    profile: str
    patience_s: float = 0.0  # what one answer may take, if that is longer than of a pump


def state_dir() -> Path:
    """Where running simulators are announced."""
    return Path(os.environ.get("TAPIR_STATE_DIR") or platformdirs.user_state_path("tapir")) / "sims"


def announce(sim: RunningSim) -> Path:
    """Say that a simulator runs; the file to remove when it stops."""
    directory = state_dir()
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{sim.pid}-{sim.control.rpartition(':')[2]}.json"  # a process may run several
    part = path.with_suffix(".part")
    part.write_text(json.dumps(asdict(sim), indent=1), "utf-8")
    part.replace(path)
    return path


def running() -> list[RunningSim]:
    """All simulators that are alive, oldest announcement first."""
    found = []
    for path in sorted(state_dir().glob("*.json"), key=lambda p: p.name):
        try:
            sim = RunningSim(**json.loads(path.read_text("utf-8")))
            os.kill(sim.pid, 0)
        except ProcessLookupError:
            path.unlink(missing_ok=True)
        except (OSError, ValueError, TypeError):
            continue
        else:
            found.append(sim)
    return found


def patience_s(url: str | None) -> float:
    """How long an answer of the pump at this port may take, as far as it is known here; None: of the only one."""
    return max((sim.patience_s for sim in running() if url is None or url in (sim.pty, f"socket://{sim.tcp}")), default=0.0)
