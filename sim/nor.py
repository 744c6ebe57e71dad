"""A NOR flash as littlefs sees it: a MicroPython block device that counts its operations and can lose power in any of them.

Programming only clears bits, erasing a block sets them all. One operation is one page program (256 bytes) or one block erase: what
the chip does between two instants at which the power can fail. `cut_after(n, tear)` lets it fail in the n-th operation from now:
NOTHING  the operation did not begin          HALF  its first half was done
WEAK     some of its bits are marginal: the cells read as if it had not begun (a program) or had ended (an erase), and the bits that
         moved half-way show themselves only when something is programmed next to them
DONE     it was done, but never reported
That call raises PowerCut; every later one fails with an error number, and without an allocation: finalisers of files that were
open come here too. `copy()` still works and gives the chip as it is at the next power-on: always copy before remounting. Runs on
CPython and MicroPython; the same object serves littlefs-python through LfsBlockDevice. `path` keeps the image in a file: each
operation goes there before it returns, or with `late` when `sync` is called; marginal bits as if they had shown themselves."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

NOTHING, HALF, WEAK, DONE = 0, 1, 2, 3
TEARS = ("nothing", "half", "weak", "done")

_IO_ERROR = -5
_COUNT, _SIZE, _ERASE = 4, 5, 6  # ioctl requests of MicroPython's block devices that ask for something


class PowerCut(Exception):
    """The power failed in this operation."""


class NorFlash:
    """`size` bytes in erase blocks of `block` and pages of `program` bytes."""

    def __init__(self, size: int, path: str | None = None, block: int = 4096, program: int = 256) -> None:
        self.block = block
        self.program = program
        self.erases = 0
        self.programs = 0
        self.reads = 0
        self.dead = False
        self._blank: bytes = b"\xff" * program
        self._blocks: list[bytearray | None] = [None] * (size // block)  # None: erased, so that a big empty flash costs nothing
        self._weak: dict[int, bytes] = {}  # page number -> bits that are zero as soon as the page is programmed again
        self._left = -1  # operations until the cut, -1 for none
        self._tear = NOTHING
        self._seed = 1
        self.late = False
        self._waiting: dict[int, bool] = {}  # blocks that `sync` will write
        self._file: BinaryIO | None = None
        if path is not None:
            self._open(path)

    # --- the block device of MicroPython -----------------------------------------------------------------------------
    def readblocks(self, block: int, buf: bytearray, offset: int = 0) -> int:
        """Fill `buf` from there on, within one block or over whole ones."""
        if self.dead:
            return _IO_ERROR
        self.reads += 1
        content = self._blocks[block] if offset < self.block else None
        if content is not None and offset + len(buf) <= self.block:
            buf[:] = memoryview(content)[offset : offset + len(buf)]  # nearly always; the rest is the general case
        else:
            self._read(block, offset, buf)
        return 0

    def writeblocks(self, block: int, buf: bytes, offset: int | None = None) -> int:
        """Program whole pages; without an offset erase the blocks first."""
        if self.dead:
            return _IO_ERROR
        if offset is None:
            for number in range(len(buf) // self.block):
                self._erase(block + number)
        view = memoryview(buf)
        for start in range(0, len(buf), self.program):
            at = (offset or 0) + start
            self._program(block + at // self.block, at % self.block, bytes(view[start : start + self.program]))
        return 0

    def ioctl(self, request: int, argument: int) -> int:
        """Block count, block size, erase; the rest needs nothing."""
        if request == _COUNT:
            return len(self._blocks)
        if request == _SIZE:
            return self.block
        if request == _ERASE:
            if self.dead:
                return _IO_ERROR
            self._erase(argument)
        return 0

    # --- power -------------------------------------------------------------------------------------------------------
    def cut_after(self, operations: int, tear: int) -> None:
        """The power fails in the n-th program or erase from now, n from 1; 0 takes the cut back."""
        self._left, self._tear = operations or -1, tear

    def copy(self) -> "NorFlash":
        """The chip at its next power-on: in memory, counters at 0."""
        other = NorFlash(len(self._blocks) * self.block, None, self.block, self.program)
        other._blocks = [None if content is None else bytearray(content) for content in self._blocks]
        other._weak = dict(self._weak)
        other._seed = self._seed
        return other

    @property
    def unsaved(self) -> bool:
        """There is something for `sync` to write."""
        return bool(self._waiting)

    def sync(self) -> None:
        """Bring the file up to date."""
        for block in sorted(self._waiting):
            self._write(block, 0, self.block)
        self._waiting = {}

    @property
    def operations(self) -> int:
        """Programs and erases so far: where a cut can be."""
        return self.erases + self.programs

    def _begin(self) -> int:
        """The way in which this operation is torn, -1 for not at all."""
        if self._left < 0:
            return -1
        self._left -= 1
        if self._left:
            return -1
        self.dead = True
        return self._tear

    def _random(self, count: int) -> int:
        """`count` bytes as a number: which bits are marginal. A generator of its own, so that every interpreter agrees."""
        value = 0
        for _ in range(count):
            self._seed = (self._seed * 1103515245 + 12345) & 0x7FFFFFFF
            value = value << 8 | (self._seed >> 16 & 0xFF)
        return value

    # --- the cells ---------------------------------------------------------------------------------------------------
    def _read(self, block: int, offset: int, buf: bytearray) -> None:
        done = 0
        while done < len(buf):
            block, offset = block + offset // self.block, offset % self.block
            count = min(len(buf) - done, self.block - offset)
            content = self._blocks[block]
            buf[done : done + count] = b"\xff" * count if content is None else memoryview(content)[offset : offset + count]
            done += count
            offset += count

    def _program(self, block: int, offset: int, data: bytes) -> None:
        if offset % self.program or len(data) != self.program:
            raise ValueError("programs must be whole pages: block %d offset %d length %d" % (block, offset, len(data)))
        torn = self._begin()
        self.programs += 1
        if torn == HALF:
            data = data[: self.program // 2] + self._blank[self.program // 2 :]
        if torn == WEAK:
            self._weaken(block, offset, data)
        elif torn != NOTHING:
            self._clear(block, offset, data)
        if torn >= 0:
            raise PowerCut("in a program of block %d offset %d, %s" % (block, offset, TEARS[torn]))

    def _clear(self, block: int, offset: int, data: bytes) -> None:
        """Program: a bit becomes 0 where `data` has 0."""
        content = self._blocks[block]
        if content is None:
            content = self._blocks[block] = bytearray(self._blank * (self.block // self.program))
        old = bytes(memoryview(content)[offset : offset + self.program])
        weak = self._weak.pop((block * self.block + offset) // self.program, None)
        if weak is not None:
            old = _and(old, weak)
        content[offset : offset + self.program] = data if old == self._blank else _and(old, data)
        self._keep(block, offset, self.program)

    def _weaken(self, block: int, offset: int, data: bytes) -> None:
        """Some of the bits that `data` would clear are now half-way: they read 1 until the page is programmed."""
        page = (block * self.block + offset) // self.program
        some = int.from_bytes(data, "big") | self._random(self.program)
        self._weak[page] = _and(self._weak.get(page, self._blank), some.to_bytes(self.program, "big"))
        self._keep(block, offset, self.program)

    def _erase(self, block: int) -> None:
        torn = self._begin()
        self.erases += 1
        old = self._blocks[block]
        pages = range(block * self.block // self.program, (block + 1) * self.block // self.program)
        if torn == HALF and old is not None:
            old[: self.block // 2] = b"\xff" * (self.block // 2)
        if torn not in (NOTHING, HALF):
            self._blocks[block] = None
        for index, page in enumerate(pages):
            if torn == -1 or torn == DONE or (torn == HALF and index < len(pages) // 2):
                self._weak.pop(page, None)
            elif torn == WEAK and old is not None:
                self._weaken(block, index * self.program, bytes(old[index * self.program : (index + 1) * self.program]))
        self._keep(block, 0, self.block)
        if torn >= 0:
            raise PowerCut("in an erase of block %d, %s" % (block, TEARS[torn]))

    # --- the image in a file -----------------------------------------------------------------------------------------
    def _open(self, path: str) -> None:
        size = len(self._blocks) * self.block
        blank = b"\xff" * self.block
        try:
            file = open(path, "r+b")
        except OSError:
            with open(path, "wb") as new:
                for _ in self._blocks:
                    new.write(blank)
            file = open(path, "r+b")
        if file.seek(0, 2) != size:
            raise ValueError("%s is not the image of a flash of %d bytes" % (path, size))
        file.seek(0)
        for block in range(len(self._blocks)):
            content = file.read(self.block)
            if content != blank:
                self._blocks[block] = bytearray(content)
        self._file = file

    def _keep(self, block: int, offset: int, count: int) -> None:
        """Write these cells through to the file, or remember to."""
        if self.late:
            self._waiting[block] = True
        else:
            self._write(block, offset, count)

    def _write(self, block: int, offset: int, count: int) -> None:
        if self._file is None:
            return
        content = bytearray(count)
        self._read(block, offset, content)
        for page in range(offset // self.program, (offset + count) // self.program):
            weak = self._weak.get(block * self.block // self.program + page)
            if weak is not None:
                at = page * self.program - offset
                content[at : at + self.program] = _and(bytes(content[at : at + self.program]), weak)
        self._file.seek(block * self.block + offset)
        self._file.write(content)
        self._file.flush()


def _and(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one, "big") & int.from_bytes(other, "big")).to_bytes(len(one), "big")


class LfsBlockDevice:
    """The same flash as a user context of littlefs-python, which takes error numbers rather than exceptions."""

    def __init__(self, flash: NorFlash) -> None:
        self.flash = flash

    def read(self, cfg: object, block: int, off: int, size: int) -> bytearray:
        """Also from a dead chip: littlefs-python cannot be told that a read failed, and what it does then is not kept."""
        self.flash.reads += 1
        content = self.flash._blocks[block]
        return bytearray(b"\xff" * size) if content is None else content[off : off + size]

    def prog(self, cfg: object, block: int, off: int, data: bytes) -> int:
        try:
            return self.flash.writeblocks(block, data, off)
        except PowerCut:
            return _IO_ERROR

    def erase(self, cfg: object, block: int) -> int:
        try:
            return self.flash.ioctl(_ERASE, block)
        except PowerCut:
            return _IO_ERROR

    def sync(self, cfg: object) -> int:
        return 0
