"""Runs on the unix port: the store on VfsLfs2 on a NorFlash. `micropython store_on_unix.py ROOT IMAGE records OPERATION TEAR`.

Appends and saves until there are `records` of them, or until the power is cut in that operation (0: never); then prints
`last head state` as found, or `cut`. Started again on the same image it goes on. With OPERATION "all" it does not use the file but
cuts in each operation of a short run in turn, in the same process, and prints `survived N`."""

import os
import sys

sys.path[:0] = [sys.argv[1] + "/firmware", sys.argv[1]]

from pump.store.files import OsFiles  # noqa: E402
from pump.store.log import Log  # noqa: E402
from pump.store.slots import Slots  # noqa: E402
from sim.nor import TEARS, NorFlash, PowerCut  # noqa: E402

_SIZE = 96 * 4096


class Store:
    """One power-on."""

    def __init__(self, flash, make=False):
        if make:
            os.VfsLfs2.mkfs(flash, progsize=256)
        os.mount(os.VfsLfs2(flash, progsize=256), "/flash")
        files = OsFiles("/flash")
        self.flash = flash
        self.log = Log(files)
        if make:
            self.log.format()
        self.state = Slots(files, "state")
        self.values = self.state.load() or [0]

    def go_on(self, records):
        """True when there are so many records, False after a power cut."""
        try:
            while self.log.last < records:
                seq = self.log.append(self.log.last * 1000, 3, 100000, 60000, self.log.last, self.log.last + 1, "")
                self.state.save([seq, "x" * 100])
        except (OSError, PowerCut):
            if not self.flash.dead:
                raise
            return False
        return True

    def off(self):
        os.umount("/flash")


def once(path, records, operation, tear):
    new = path not in os.listdir(".")
    store = Store(NorFlash(_SIZE, path), new)
    store.flash.cut_after(operation, tear)
    if not store.go_on(records):
        print("cut")
        return
    log = store.log
    print(log.last, log.head, store.state.load()[0], log.damage, len([s for s in range(1, log.last + 1) if log.read(s) is None]))


def everywhere():
    store = Store(NorFlash(_SIZE), True)
    store.go_on(40)
    store.off()
    base, survived = store.flash, 0
    for tear in range(len(TEARS)):
        operation = 0
        while True:
            operation += 1
            store = Store(base.copy())
            store.flash.cut_after(operation, tear)
            whole = store.go_on(52)
            promised = store.log.last
            store.off()
            if whole:
                break
            for records in (56, 60):
                store = Store(store.flash.copy())
                log = store.log
                if log.damage or log.last not in (promised, promised + 1) or store.values[0] not in (log.last, log.last - 1):
                    raise ValueError(f"cut in {operation} {TEARS[tear]}: {promised}, {log.last}, {store.values}")
                if None in [log.read(seq) for seq in range(log.last - 6, log.last + 1)]:
                    raise ValueError(f"cut in {operation} {TEARS[tear]}: records lost")
                if not store.go_on(records):
                    raise ValueError("no power")
                promised = records
                store.off()
            survived += 1
    print("survived", survived)


if sys.argv[4] == "all":
    everywhere()
else:
    once(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
