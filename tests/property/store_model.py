"""The store as one can imagine it: some values and a list of records. What the real one may look like after a power cut.

`acted(action)` is told when an action was reported done, `cut(action)` when the power failed in it: then it happened or it did not.
An action is ("save", name, values) or ("append", fields)."""

from hashlib import sha256
from typing import Any

Action = tuple[Any, ...]


class Model:
    def __init__(self) -> None:
        self.saved: dict[str, list[Any]] = {}  # name -> the states that `load` may give
        self.records: list[tuple[Any, ...]] = []  # every record ever appended, with its chain
        self.doubt: tuple[Any, ...] | None = None  # a record that may be there as well

    def acted(self, action: Action) -> None:
        if action[0] == "save":
            self.saved[action[1]] = [action[2]]
        else:
            self.records.append(self.record(action[1]))

    def cut(self, action: Action) -> None:
        if action[0] == "save":
            self.saved[action[1]] = [*self.saved.get(action[1], [None]), action[2]]
        else:
            self.doubt = self.record(action[1])

    def record(self, fields: tuple[Any, ...]) -> tuple[Any, ...]:
        """The record that these fields become if appended now."""
        before = bytes.fromhex(self.records[-1][8]) if self.records else bytes(8)
        text = " ".join(str(field) for field in (len(self.records) + 1, *fields))
        return (len(self.records) + 1, *fields, sha256(before + text.encode()).digest()[:8].hex())

    def settle(self, loaded: dict[str, Any], last: int) -> None:
        """After a restart: what was found must be possible, and is certain from now on."""
        for name, values in loaded.items():
            assert values in self.saved.get(name, [None]), (name, values)
            self.saved[name] = [values]
        if self.doubt is not None and last == len(self.records) + 1:
            self.records.append(self.doubt)
        self.doubt = None
        assert last == len(self.records), (last, len(self.records))

    def copy(self) -> "Model":
        other = Model()
        other.saved = {name: list(states) for name, states in self.saved.items()}
        other.records, other.doubt = list(self.records), self.doubt
        return other
