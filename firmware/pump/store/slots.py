"""Two alternating files for a state that is replaced as a whole: settings, checkpoint, intent.

Invariant: a save touches only the file that is not the newest valid one, so whatever happens to it, the last saved state stays.
A save that raises OSError did not happen, as far as the store can still be read; if the power failed in it, the next boot finds the
old or the new state, never a mixture.
Called by journal.py. littlefs keeps files of up to 512 bytes in its metadata:
such a save costs a tenth of the erases of a bigger one (tools/bench_store.py)."""

from pump.store.files import Files, put
from pump.store.line import from_line, to_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pump.store.line import Values


class Slots:
    """`name`.a and `name`.b on a Files port; `name` may hold a directory, which the first save makes."""

    def __init__(self, files: Files, name: str) -> None:
        self._files = files
        self._name = name
        self._known = False  # the fields below mirror the files
        self._generation = 0  # of the newest valid state, 0 if there is none
        self._next = "a"  # the slot to overwrite
        self._found = False  # a file exists, valid or not
        self._damaged = False  # one that is not valid exists

    def load(self) -> "Values | None":
        """The newest valid state, None if there is none (see `broken`)."""
        newest = None
        self._generation, self._next, self._found, self._damaged, self._known = 0, "a", False, False, True
        for slot in ("a", "b"):
            state = self._read(slot)
            if state is not None and state[0] > self._generation:
                self._generation, newest = state[0], state[1]
                self._next = "b" if slot == "a" else "a"
        return newest

    def save(self, values: "Values") -> None:
        """Make this the state; durable on return. A list of ints, strs and such lists. OSError if the store fails."""
        if not self._known:
            self.load()
        if not self._found and "/" in self._name:
            self._files.make_dir(self._name.split("/")[0])
        generation = self._generation + 1
        put(self._files, self._path(self._next), to_line([generation, values], self._name))
        self._generation, self._found = generation, True
        self._next = "b" if self._next == "a" else "a"

    @property
    def broken(self) -> bool:
        """Files exist but none is valid: something was saved and cannot be read."""
        if not self._known:
            self.load()
        return self._found and self._generation == 0

    @property
    def damaged(self) -> bool:
        """Something was saved and cannot be read; it may have been newer than what `load` gives."""
        if not self._known:
            self.load()
        return self._damaged

    def _path(self, slot: str) -> str:
        return self._name + "." + slot

    def _read(self, slot: str) -> "Values | None":
        try:
            data = self._files.read(self._path(slot))
        except OSError:
            self._found = self._damaged = True
            return None
        if not data:  # a cut in the very first save leaves an empty file: nothing was ever saved in it
            return None
        self._found = True
        state = from_line(data, self._name)
        if state is None or len(state) != 2:
            self._damaged = True
            return None
        return state
