"""What the store costs on 1 MiB of NOR flash: erases and programs a record, the most erases in one call, time a record.

    micropython -X heapsize=16M tools/bench_store.py        (VfsLfs2; with python: littlefs-python)

Erases and programs are the same on every machine; times are this interpreter's, without the flash's own 45 ms an erase.
The page and shelf sizes in pump/store/log.py were chosen by these numbers; two designs that lost are shown below ours."""

import os
import sys
import time

_ROOT = "/".join(__file__.split("/")[:-2]) or "."
sys.path[:0] = [_ROOT + "/firmware", _ROOT]

from pump.store.files import Files, OsFiles  # noqa: E402
from pump.store.line import to_line  # noqa: E402
from pump.store.log import KEPT, Log  # noqa: E402
from pump.store.slots import Slots  # noqa: E402
from sim.nor import NorFlash  # noqa: E402

_SIZE = 1 << 20


def now_us() -> int:
    """A clock that both interpreters have."""
    return time.time_ns() // 1000


class Bench:
    """A fresh flash with a store on it."""

    def __init__(self) -> None:
        self.flash = NorFlash(_SIZE)
        if sys.implementation.name == "micropython":
            try:
                os.umount("/bench")
            except OSError:
                pass
            os.VfsLfs2.mkfs(self.flash, progsize=256)
            os.mount(os.VfsLfs2(self.flash, progsize=256), "/bench")
            self.files: Files = OsFiles("/bench")
        else:
            from sim.files import LfsFiles

            self.files = LfsFiles(self.flash, make=True)

    def blocks(self) -> int:
        """Blocks in use; MicroPython's littlefs counts each directory's two twice."""
        if sys.implementation.name == "micropython":
            total, free = os.statvfs("/bench")[2:4]
            return total - free
        return self.files.used_blocks()

    def run(self, name: str, count: int, act) -> None:
        """Act for each number; one line of results."""
        flash, most, longest = self.flash, 0, 0
        erases, programs, start = flash.erases, flash.programs, now_us()
        for number in range(count):
            before, began = flash.erases, now_us()
            act(number)
            longest = max(longest, now_us() - began)
            most = max(most, flash.erases - before)
        spent = now_us() - start
        erases, programs = flash.erases - erases, flash.programs - programs
        milli, centi = erases * 1000 // count, programs * 100 // count
        cells = (name, milli // 1000, milli % 1000, centi // 100, centi % 100, most, spent // count, longest, self.blocks())
        print("%-46s %5d.%03d %8d.%02d %8d %8d us %8d us %7d" % cells)


def event(number: int, note: str = "") -> tuple:
    """A record of a pump that has run for some weeks."""
    return (1728000000 + number * 600000, 9, 91000000, 100000000, 1234567 + number, 1234569 + number, note)


def slots(size: int, name: str, text: str, count: int = 1000) -> None:
    """Save a state of that size again and again."""
    bench = Bench()
    Log(bench.files).format()
    state = Slots(bench.files, name)
    stuffing = size - len(to_line([100, [100, ""]]))
    bench.run(text, count, lambda number: state.save([100 + number % 900, "x" * stuffing]))


def log(notes: int, length: int, text: str) -> None:
    """Append three times as many records as are kept, every `notes`-th with a note, and then open and read."""
    bench = Bench()
    journal = Log(bench.files)
    journal.format()

    def append(number: int) -> None:
        journal.append(*event(number, "n" * length if number % notes == 0 else ""))

    bench.run(text, 3 * KEPT, append)
    if notes == 1:
        return
    bench.run("  opening it at boot", 20, lambda number: Log(bench.files))
    bench.run("  reading the oldest record", 20, lambda number: journal.read(journal.first))
    bench.run("  reading one of the last", 20, lambda number: journal.read(journal.last - number))


def ring(text: str) -> None:
    """Four records a file of at most 512 bytes, 32 directories of 8 such files, no shelves: keeps 1024."""
    bench, page = Bench(), [b""]
    for directory in range(32):
        bench.files.make_dir("d%d" % directory)

    def append(number: int) -> None:
        page[0] = (page[0] if number % 4 else b"") + to_line([number] + list(event(number, "n" * 30 if number % 9 == 0 else "")))
        file = number // 4 % 256
        bench.files.write("d%d/%d" % (file // 8, file % 8), page[0])

    bench.run(text, 3 * KEPT, append)


def growing(text: str) -> None:
    """One file that grows to 4 KB and is begun again."""
    bench, data = Bench(), [b""]

    def append(number: int) -> None:
        line = to_line([number] + list(event(number)))
        data[0] = line if len(data[0]) + len(line) > 4096 else data[0] + line
        bench.files.write("log", data[0])

    bench.run(text, 1000, append)


print("%-46s %9s %11s %8s %11s %11s %7s" % (sys.implementation.name, "erases", "programs", "most", "time", "longest", "blocks"))
slots(150, "intent", "intent, 150 bytes, in the root")
slots(150, "state/intent", "intent, 150 bytes, in its own directory")
slots(220, "state/intent", "220 bytes, in its own directory")
slots(500, "state/intent", "500 bytes, in its own directory")
slots(600, "state/intent", "600 bytes")
slots(4000, "state", "checkpoint, 4000 bytes")
slots(4200, "state", "checkpoint, 4200 bytes")
log(9, 30, "log, every ninth with a note of 30")
log(1, 64, "log, every one with a note of 64")
ring("instead: a plain ring of files of four")
growing("instead: one file rewritten with each record")
