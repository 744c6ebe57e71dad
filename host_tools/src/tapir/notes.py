"""What people observe and a pump cannot: notes with an Ashworth score, on this computer, one file of lines a serial number, mode 0600.

They are not in the pump's journal and not in its hash chain; a report shows them apart. Dates are this computer's. TAPIR_CONFIG_DIR
overrides the directory. Called by cli/note.py and cli/report.py.
"""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from .errors import UsageError
from .keys import config_dir

ASHWORTH = ("0", "1", "1+", "2", "3", "4")  # the Modified Ashworth Scale, in its order
TEXT_MAX = 200


@dataclass(frozen=True)
class Note:
    """`at` is local time, to the minute; `ashworth` is one of ASHWORTH or empty."""

    at: str
    ashworth: str
    text: str

    @property
    def at_ms(self) -> int:
        """ms since 1970."""
        return round(datetime.fromisoformat(self.at).timestamp() * 1000)

    @property
    def rank(self) -> int | None:
        """The score's place on the scale: it is an order, not a measure."""
        return ASHWORTH.index(self.ashworth) if self.ashworth else None


def path(serial: str) -> Path:
    """The file of a serial number; whatever the pump calls itself cannot leave the directory."""
    return config_dir() / "notes" / f"{quote(serial, safe='').replace('.', '%2E')}.jsonl"


def make(at: datetime, ashworth: str | None, text: str) -> Note:
    """A note that can be kept. Raises UsageError."""
    if ashworth is not None and ashworth not in ASHWORTH:
        raise UsageError(f"--ashworth {ashworth} is not on the Modified Ashworth Scale.", f"Accepted: {', '.join(ASHWORTH)}")
    if not ashworth and not text.strip():
        raise UsageError("There is nothing to note.", 'tapir note --ashworth 2 "left knee, relaxed"')
    if len(text) > TEXT_MAX or not text.isprintable():
        raise UsageError(f"The text is longer than {TEXT_MAX} characters, or not one printable line.")
    return Note(at.strftime("%Y-%m-%d %H:%M"), ashworth or "", text.strip())


def add(serial: str, note: Note) -> Path:
    """Keep it. Raises UsageError if the file cannot be written."""
    file = path(serial)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as out:
            out.write(json.dumps(asdict(note)) + "\n")
    except OSError as error:
        raise UsageError(f"{file} cannot be written ({error.strerror}).") from error
    return file


def load(serial: str) -> list[Note]:
    """All notes, in order of time. Raises UsageError that names file and line."""
    file = path(serial)
    if not file.exists():
        return []
    found = []
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        try:
            note = Note(**json.loads(line))
            found.append((note.at_ms, note.rank, note))  # reading both shows that they can be read
        except (ValueError, TypeError) as error:
            raise UsageError(f"{file}, line {number}: not a note ({error}).", "Correct or remove that line.") from error
    return [note for _, _, note in sorted(found, key=lambda row: row[0])]
