"""The journal: the last thousand and more events, each with its CRC and its place in the hash chain.

A page is a small file of two records under a line with the first one's number and the chain before it. Pages are fixed files,
rewritten in turn (a round); before a new round begins the full one is copied into a shelf, a bigger file, also rewritten in turn. Hence
- an append rewrites one page, which littlefs keeps in its metadata: about 0.1 erases, where appending to a growing file costs 1.05;
- the end is found by reading the pages alone: _PAGES small files, whatever the shelves hold;
- no file is made or removed after `format`, and the space is bounded: _SHELVES shelves of one block, two if notes are long.
Invariants: a record is durable when `append` returns; a power cut loses at most the one being appended; the shelf being written
holds the oldest records only; numbers never repeat, and a page that cannot be read leaves a gap in them, never a guess.
Times in ms of powered time, steps in microsteps. Called by app/; the host reads records through LOG and checks them with wire/chain.py."""

from pump.store.files import Files, put
from pump.store.line import from_line, to_line
from wire.chain import GENESIS, link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Record = tuple[Any, ...]  # seq, at_ms, event, a, b, known_steps, most_steps, note, chain

# Measured (tools/bench_store.py): what keeps most page writes in one 256-byte program and a round in one 4 KiB block.
_PER_PAGE = 2  # records
_PER_DIR = 4  # pages in a directory: the less lives in a metadata block, the rarer it is compacted
_PAGES = 24
_ROUND = _PER_PAGE * _PAGES  # records
_SHELVES = 24
KEPT = _SHELVES * _ROUND  # records that are always there, once there were as many: 1152
NOTE_CHARS = 64  # as on the wire
_UNREADABLE = b"?\n"


def _page_of(seq: int) -> int:
    return (seq - 1) // _PER_PAGE % _PAGES


def _page_name(page: int) -> str:
    return f"log{page // _PER_DIR}/{page % _PER_DIR}"


def _shelf_name(turn: int) -> str:
    return f"log/{turn % _SHELVES:02d}"


def _heading(first: int) -> bytes:
    """How the page whose first record is number `first` begins; the chain before it follows."""
    return b"#%d " % first


def _records(page: bytes) -> "list[Record]":
    """(seq, at_ms, event, a, b, known_steps, most_steps, note, chain) of a page's records, up to the first that is not sound."""
    found: list[Record] = []
    lines = page.split(b"\n")
    number, _, digits = lines[0].partition(b" ")
    if not (number.startswith(b"#") and number[1:].isdigit() and len(digits) == len(GENESIS)):
        return found
    seq, chain = int(number[1:]), digits.decode()
    for line in lines[1:-1]:
        values = from_line(line + b"\n", chain)
        if values is None or values[0] != seq:
            break
        chain = link(chain, *values)
        found.append(tuple(values + [chain]))
        seq += 1
    return found


class Log:
    """The journal on a Files port. Opening reads all pages; `damage` counts what could not be read."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._chain = GENESIS
        self._last = 0
        self._shelved = 0  # rounds on the shelves, or overwritten there: all before this one
        self._page = b""  # the page that `last` is in
        self.missing = 0  # pages that had no file when opened: format() was never done, or was cut
        self.damage = 0  # pages that held something unreadable when opened
        self._open()

    @property
    def last(self) -> int:
        """Number of the newest record; 0 if there is none."""
        return self._last

    @property
    def first(self) -> int:
        """Number of the oldest record kept; 1 if nothing was overwritten yet."""
        return max(0, self._shelved - _SHELVES) * _ROUND + 1

    @property
    def head(self) -> str:
        """The chain after the newest record, 16 hex digits."""
        return self._chain

    def format(self) -> None:
        """Make the files that are missing; keeps what is there. Takes seconds on flash; may be repeated after a cut."""
        made: list[str] = []
        for number in range(_SHELVES + _PAGES):  # the pages last: when none is missing, nothing is
            name = _shelf_name(number) if number < _SHELVES else _page_name(number - _SHELVES)
            directory = name.split("/")[0]
            if directory not in made:
                self._files.make_dir(directory)
                made.append(directory)
            if self._files.read(name) is None:
                self._files.write(name, b"")
        self._open()

    def append(self, at_ms: int, event: int, a: int, b: int, known_steps: int, most_steps: int, note: str) -> int:
        """Record an event; durable on return, its number is the result. A note is cut at 64 characters. OSError if the store fails."""
        self.tidy()
        seq = self._last + 1
        note = note[:NOTE_CHARS]
        page = self._page if (seq - 1) % _PER_PAGE else _heading(seq) + self._chain.encode() + b"\n"
        page += to_line([seq, at_ms, event, a, b, known_steps, most_steps, note], self._chain)
        put(self._files, _page_name(_page_of(seq)), page)
        self._page, self._last = page, seq
        self._chain = link(self._chain, seq, at_ms, event, a, b, known_steps, most_steps, note)
        return seq

    def tidy(self) -> bool:
        """Shelve a full round now rather than in the next append; True if there was one. For idle moments: it takes an erase or three."""
        turn = self._last // _ROUND
        if turn == self._shelved:
            return False
        put(self._files, _shelf_name(turn - 1), b"".join([self._load(page) for page in range(_PAGES)]))
        self._shelved = turn
        return True

    def read(self, seq: int) -> "Record | None":
        """(seq, at_ms, event, a, b, known_steps, most_steps, note, chain); None if it is not kept or cannot be read."""
        if not self.first <= seq <= self._last:
            return None
        first = seq - (seq - 1) % _PER_PAGE
        on_shelf = (seq - 1) // _ROUND < self._shelved
        for record in _records(self._from_shelf(first) if on_shelf else self._load(_page_of(seq))):
            if record[0] == seq:
                return record
        return None

    def _from_shelf(self, first: int) -> bytes:
        """The page whose first record is number `first`; empty if its shelf does not hold it."""
        try:
            shelf = self._files.read(_shelf_name((first - 1) // _ROUND)) or b""
        except OSError:
            return b""
        mark = _heading(first)
        start = 0 if shelf.startswith(mark) else shelf.find(b"\n" + mark) + 1
        if not shelf.startswith(mark, start):
            return b""
        end = shelf.find(b"\n#", start)
        return shelf[start : end + 1 if end >= 0 else len(shelf)]

    def _load(self, page: int) -> bytes:
        """A page's file: empty if nothing was ever written to it, _UNREADABLE if it cannot be read."""
        try:
            data = self._files.read(_page_name(page))
        except OSError:
            return _UNREADABLE
        if data is None:
            self.missing += 1
            return b""
        return data

    def _open(self) -> None:
        """Find the end: the page with the highest sound record."""
        self._chain, self._last, self._page, self._shelved, self.missing = GENESIS, 0, b"", 0, 0
        bad = []
        for page in range(_PAGES):
            data = self._load(page)
            found = [record for record in _records(data) if _page_of(record[0]) == page]
            if found and found[-1][0] > self._last:
                self._last, self._chain, self._page = found[-1][0], found[-1][-1], data
            if data and not (found and data.endswith(b"\n") and data.count(b"\n") == len(found) + 1):
                bad.append(page)
        self.damage = len(bad)
        if self._last:
            self._shelved = self._rounds_shelved()
            self._skip(bad)

    def _rounds_shelved(self) -> int:
        """All rounds before that of `last`; that one too if it is full and was shelved before the power went."""
        turn = (self._last - 1) // _ROUND
        full = self._last % _ROUND == 0
        return turn + 1 if full and _records(self._from_shelf(self._last - _PER_PAGE + 1)) else turn

    def _skip(self, bad: list[int]) -> None:
        """Unreadable pages from `last` on may have held newer records: go on behind them, so that no number is given twice."""
        if _page_of(self._last) in bad:
            self._last += -self._last % _PER_PAGE
        while self._last % _PER_PAGE == 0 and _page_of(self._last + 1) in bad:
            bad.remove(_page_of(self._last + 1))
            self._last += _PER_PAGE
