"""A pump's store on littlefs on a NOR flash, next to its model: act, lose power, come back, compare. For the store's property tests."""

from typing import Any

from pump.store.log import KEPT, Log
from pump.store.slots import Slots
from sim.files import LfsFiles
from sim.nor import NorFlash
from tests.property.store_model import Action, Model

NAMES = ("settings", "state", "intent", "apart/intent")
SIZE = 96 * 4096  # small enough that blocks are used again soon


def fields(seq: int) -> tuple[Any, ...]:
    """A record's fields: the n-th is unlike all others, every seventh has a long note."""
    note = "" if seq % 7 else f"reason {seq} " + "x" * (seq % 50)
    return (86400000 + seq * 61000, 1 + seq % 26, seq * 90001, -seq, 1200000 + seq, 1200002 + seq, note)


def state(name: str, number: int) -> list[Any]:
    """Contents of the sizes that the app has: a checkpoint of 4 KB, an intent of 150 bytes, settings of 400."""
    length = {"settings": 30, "state": 370}.get(name, 10)
    return [number, name, [(number * 7919 + i) * 104729 % 1000003 for i in range(length)]]


class Store:
    """One power-on. `flash` is copied first: littlefs's finalisers still write to the old one."""

    def __init__(self, flash: NorFlash, model: Model, make: bool = False) -> None:
        self.flash = flash if make else flash.copy()
        self.model = model
        self.files = LfsFiles(self.flash, make)
        self.slots = {name: Slots(self.files, name) for name in NAMES}
        self.log = Log(self.files)
        if make:
            self.log.format()

    def act(self, action: Action) -> bool:
        """False if the power failed in it."""
        try:
            if action[0] == "save":
                self.slots[action[1]].save(action[2])
            else:
                seq = self.log.append(*action[1])
                assert seq == len(self.model.records) + 1
        except OSError:
            assert self.flash.dead
            self.model.cut(action)
            return False
        self.model.acted(action)
        return True

    def check(self, everything: bool = False) -> None:
        """After a restart: all that was reported done is there, and nothing else."""
        log, records = self.log, self.model.records
        assert not any(slots.broken for slots in self.slots.values())
        self.model.settle({name: slots.load() for name, slots in self.slots.items()}, log.last)
        assert (log.missing, log.damage) == (0, 0)
        assert log.head == (records[-1][8] if records else "0" * 16)
        assert log.last - log.first + 1 >= min(KEPT, log.last)
        for seq in range(log.first, log.last + 1):
            if everything or seq < log.first + 3 or seq > log.last - 60 or seq % 97 == 0:
                assert log.read(seq) == records[seq - 1]


def workload(start: int, count: int) -> list[Action]:
    """What a pump does: intents often, events now and then, checkpoints less, settings rarely."""
    actions: list[Action] = []
    for number in range(start, start + count):
        actions.append(("save", "intent", state("intent", number)))
        if number % 2:
            actions.append(("append", fields(number)))
        if number % 4 == 0:
            actions.append(("save", "apart/intent", state("apart/intent", number)))
        if number % 11 == 0:
            actions.append(("save", "state", state("state", number)))
        if number % 23 == 0:
            actions.append(("save", "settings", state("settings", number)))
    return actions
