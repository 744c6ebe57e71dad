"""What the pump remembers: settings, checkpoint, intent, the governor's hours, and the log of events.

settings    who may speak and what is mounted; written when provisioned
checkpoint  everything the therapy knows, with the answers to the last commands and the events they owe the log: one atomic save
intent      how far the motor may go before the next save: written before motion. It belongs to the checkpoint with the same turn
hours       the governor's minute buckets, one small file an hour
Order of a command: checkpoint, then log, then answer. A cut in between is repaired at boot: events owed are appended.
"""

from pump.store.files import Files
from pump.store.line import from_line, to_line
from pump.store.log import Log
from pump.store.slots import Slots

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pump.store.line import Values

_HOURS = 25
FORMAT = 3  # of a checkpoint: one more whenever what a dump holds changes; an older one is not guessed at


class Journal:
    """Opened at boot. `turn` numbers the checkpoints."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self.settings = Slots(files, "settings")
        self._checkpoint = Slots(files, "state")
        self._intent = Slots(files, "intent")
        self.log = Log(files)
        self.turn = 0

    def load_checkpoint(self) -> "Values | None":
        """The last checkpoint's values, None if there is none."""
        values = self._checkpoint.load()
        if values is not None:
            self.turn = values[0]
        return values

    def checkpoint_broken(self) -> bool:
        """A checkpoint was written once and none can be read."""
        return self._checkpoint.broken

    def save_checkpoint(self, values: "Values") -> None:
        """A new turn. OSError if the store fails."""
        self._checkpoint.save([self.turn + 1] + values)
        self.turn += 1

    def load_intent(self) -> "Values | None":
        """The intent written since the last checkpoint, None if there is none (see `contradiction`)."""
        values = self._intent.load()
        return values if values is not None and values[0] == self.turn else None

    def intent_lost(self) -> bool:
        """One of the two intents can not be read: it may have been the newer one."""
        return self._intent.damaged

    def contradiction(self, logged: int, harmless: tuple) -> str:
        """Why the checkpoint is not the newest that was saved, or "". It knows events up to `logged`; `harmless` ones need none.

        A slot that rotted gives the state before, and an order in between would be forgotten: the intent and the log remember it.
        """
        intent = self._intent.load()
        if self._intent.broken:
            return "no intent can be read"
        if intent is not None and intent[0] > self.turn:
            return "the newest checkpoint is lost"
        for seq in range(logged + 1, self.log.last + 1):
            record = self.log.read(seq)
            if record is not None and record[2] not in harmless:
                return "the newest checkpoint is lost"
        return ""

    def save_intent(self, values: "Values") -> None:
        """Durable on return: then the motor may move that far. OSError if the store fails."""
        self._intent.save([self.turn] + values)

    def format(self) -> None:
        """Make the files of a pump that has none."""
        self._files.make_dir("gov")
        self.log.format()

    def save_hour(self, hour: list[int]) -> None:
        """The governor's buckets of an hour, its number first."""
        self._files.write("gov/%d" % (hour[0] % _HOURS), to_line(hour))

    def load_hours(self) -> "list[Values]":
        """All hours kept; one that cannot be read is left out."""
        hours = []
        for i in range(_HOURS):
            try:
                data = self._files.read("gov/%d" % i)
            except OSError:
                continue
            values = from_line(data) if data else None
            if values:
                hours.append(values)
        return hours

    def append(self, at_ms: int, news: list, known_steps: int, most_steps: int) -> None:
        """Put events into the log."""
        while news:
            event, a, b, note = news[0]
            self.log.append(at_ms, event, a, b, known_steps, most_steps, note)
            del news[0]
