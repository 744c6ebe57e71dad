"""What a report is made from: journal, identity, prescription and books of one pump at one moment.

Read from a pump over its port, from the object that `tapir log --json` prints, or from the profile folder of a simulated pump that is
not running: then a copy of it is started, which sees the time since as a power cut; the report says so. Read-only in all cases.
"""

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self, TypeVar

from ..errors import UsageError
from ..keys import KeyStore
from ..messages import Books, Event, Hello, Message, Review, Status
from ..pump import Pump


@dataclass(frozen=True)
class Source:
    """`read_at`: when, by this computer's clock. Without `status` and `books` nothing can be said in mcg, only in microsteps."""

    where: str
    read_at: datetime
    events: list[Event]
    hello: Hello | None = None
    status: Status | None = None
    books: Books | None = None
    review: Review | None = None
    last_at: datetime | None = None  # of the last record, where there is no status to reckon from

    @classmethod
    def of_pump(cls, pump: Pump, where: str) -> Self:
        """Read everything; takes a round trip for every 16 records."""
        status = pump.status()
        events = list(pump.log(1, status.events))
        return cls(where, datetime.now(), events, pump.identity, status, pump.books(), pump.review())

    def as_dict(self) -> dict[str, Any]:
        """What `tapir log --json` adds to its records, so that `of_file` needs no pump."""
        parts = {name: part and part.as_dict() for name in _PARTS for part in [getattr(self, name)]}
        return {"read_at": self.read_at.isoformat(timespec="milliseconds"), **parts}


_PARTS: Mapping[str, type[Message]] = {"hello": Hello, "status": Status, "books": Books, "review": Review}


def of_file(path: Path) -> Source:
    """From what `tapir log --json` printed. Raises UsageError that names file and place."""
    try:
        tree = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}).", _HOW) from error
    except ValueError as error:
        raise UsageError(f"{path} is not JSON: {error}.", _HOW) from error
    if not isinstance(tree, dict) or not isinstance(tree.get("events"), list):
        raise UsageError(f"{path} is not a saved log: it has no list of events.", _HOW)
    events = []
    for number, record in enumerate(tree["events"], 1):
        events.append(_message(Event, record, f"{path}, record {number}"))
    pump = tree.get("pump") or {}
    parts: dict[str, Any] = {name: _message(kind, pump[name], f"{path}, {name}") for name, kind in _PARTS.items() if pump.get(name)}
    last = tree["events"][-1].get("date") if tree["events"] else None
    try:
        last_at = datetime.fromisoformat(str(last).rstrip("?")) if last else None
        read_at = datetime.fromisoformat(pump["read_at"]) if "read_at" in pump else last_at or datetime.now()
    except ValueError as error:
        raise UsageError(f"{path}: {error}.", _HOW) from error
    return Source(str(path), read_at, events, last_at=last_at, **parts)


def of_profile(folder: Path, keys: KeyStore) -> Source:
    """From a simulated pump at rest: a copy of its profile is started in frozen time. Raises UsageError, SimulatorError, NoKeys."""
    from ..simulator import Simulator

    if not (folder / "flash.bin").is_file():
        raise UsageError(
            f"{folder} is not a simulator's profile: it has no flash.bin.", "A profile is what tapir sim start --profile made."
        )
    with tempfile.TemporaryDirectory(prefix="tapir-report-") as scratch:
        copy = Path(scratch) / "profile"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*.lock"))
        with Simulator(copy, "frozen") as sim, Pump.open(sim.port, role="operator", keys=keys) as pump:
            return Source.of_pump(pump, f"{folder} (started from a copy: its last power cut is this reading)")


M = TypeVar("M", bound=Message)
_HOW = "Save one: tapir log --since '#1' --json > log.json"


def _message(kind: type[M], values: object, place: str) -> M:
    if not isinstance(values, dict):
        raise UsageError(f"{place}: not an object.", _HOW)
    try:
        made = kind.of(values)
    except TypeError as error:
        raise UsageError(f"{place}: {error}.", "Saved by another version of tapir, or by hand.") from error
    for name, value in made.as_dict().items():
        wanted = str(kind.__annotations__[name])
        if value is not None and isinstance(value, bool) or not isinstance(value, int if "int" in wanted else str) and value is not None:
            raise UsageError(f"{place}: {name} is {value!r}.", _HOW)
    return made
