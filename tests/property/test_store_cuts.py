"""The store loses power in every flash operation, in four ways, and goes on. CPython, littlefs on a model of the NOR flash.

Going on matters: a bit that is half-way shows itself only when something is programmed next to it."""

import random
from functools import cache

import pytest

from pump.store.log import KEPT, Log
from sim.files import LfsFiles
from sim.nor import DONE, HALF, NOTHING, TEARS, WEAK, NorFlash
from tests.property.store_model import Model
from tests.property.store_rig import SIZE, Store, fields, state, workload

REQ = ("store",)

_ACTIONS = workload(1, 46)  # passes a shelf from both bases, and every kind of save
_AFTER = workload(100, 14)
_YOUNG, _OLD = 30, KEPT + 48 - 10  # records: before the first shelf, and before the ring of shelves is overwritten


@cache
def base(records: int) -> tuple[NorFlash, Model]:
    """A pump that has run for so many records."""
    store = Store(NorFlash(SIZE), Model(), make=True)
    for seq in range(1, records + 1):
        assert store.act(("append", fields(seq)))
    for name in store.slots:
        for number in (1, 2):
            assert store.act(("save", name, state(name, number)))
    return store.flash, store.model


def run(store: Store, actions: list[tuple]) -> bool:
    """False when the power fails in one."""
    return all(store.act(action) for action in actions)


def operations(records: int) -> int:
    flash, model = base(records)
    store = Store(flash, model.copy())
    assert run(store, _ACTIONS)
    return store.flash.operations


def survives(records: int, cuts: list[tuple[int, int]]) -> None:
    """Cut at these operations of successive power-ons, then go on and look again."""
    flash, model = base(records)
    model = model.copy()
    store = Store(flash, model)
    for operation, tear in cuts:
        store.flash.cut_after(operation, tear)
        run(store, _ACTIONS)
        store = Store(store.flash, model)
        store.check()
    assert run(store, _AFTER)
    Store(store.flash, model).check()


@pytest.mark.req("power cut")
@pytest.mark.parametrize("tear", [NOTHING, HALF, WEAK, DONE], ids=TEARS)
@pytest.mark.parametrize("records", [_YOUNG, _OLD])
def test_one_cut_anywhere(records: int, tear: int) -> None:
    total = operations(records)
    assert total > 120
    for operation in range(1, total + 1):
        survives(records, [(operation, tear)])


@pytest.mark.req("power cut")
@pytest.mark.parametrize("seed", range(4))
def test_two_and_three_cuts(seed: int) -> None:
    """The second one early, while what the first has left is being repaired."""
    draw = random.Random(seed)
    total = operations(_YOUNG)
    for _ in range(60):
        cuts = [(draw.randint(1, total), draw.randrange(4))]
        cuts += [(draw.randint(1, 12), draw.randrange(4)) for _ in range(draw.randint(1, 2))]
        survives(_YOUNG, cuts)


@pytest.mark.req("power cut")
@pytest.mark.parametrize("tear", [NOTHING, HALF, WEAK, DONE], ids=TEARS)
def test_a_cut_while_the_journal_is_made(tear: int) -> None:
    whole = NorFlash(SIZE)
    files = LfsFiles(whole, make=True)
    blank, before = whole.copy(), whole.operations
    Log(files).format()
    for operation in range(1, whole.operations - before + 1):
        flash = blank.copy()
        flash.cut_after(operation, tear)
        with pytest.raises(OSError):
            Log(LfsFiles(flash)).format()
        flash = flash.copy()
        Log(LfsFiles(flash)).format()
        store = Store(flash, Model())
        store.check()
        assert run(store, _AFTER)
        Store(store.flash, store.model).check()


def test_the_whole_ring_after_a_long_life() -> None:
    store = Store(NorFlash(SIZE), Model(), make=True)
    for round_ in range(4):
        for seq in range(1, 701):
            assert store.act(("append", fields(round_ * 1000 + seq)))
            if seq % 10 == 0:
                assert store.act(("save", "state", state("state", seq)))
        store = Store(store.flash, store.model)
        store.check(everything=True)


def test_rot_in_a_data_block_gives_the_state_before() -> None:
    """littlefs has no CRC over the blocks of a big file: it hands out what is there. The line's CRC and the other slot are for that."""
    flash, model = base(_YOUNG)
    newest = bytes(str(state("state", 2)[2][-5:])[1:-1].replace(" ", ""), "ascii")
    flash = flash.copy()
    hit = [(number, block.find(newest)) for number, block in enumerate(flash._blocks) if block is not None and newest in block]
    assert len(hit) == 1
    block = flash._blocks[hit[0][0]]
    assert block is not None
    block[hit[0][1]] &= 0xFE if block[hit[0][1]] & 1 else 0xEF
    store = Store(flash, model.copy())
    assert store.slots["state"].load() == state("state", 1)
    assert not store.slots["state"].broken


def test_a_full_flash_fails_cleanly() -> None:
    """What cannot be written did not happen: the next boot finds what was reported, and small states and events may still go on."""
    store = Store(base(_YOUNG)[0], base(_YOUNG)[1].copy())
    with pytest.raises(OSError):
        for number in range(SIZE):
            store.files.write(f"filler{number}", bytes(4000))
    done = {"state": 2, "intent": 2}
    failed = 0
    for number in range(3, 40):
        for name in done:
            try:
                store.slots[name].save(state(name, number))
                done[name] = number
            except OSError:
                failed += 1
            assert store.slots[name].load() == state(name, done[name])
    assert failed
    again = Store(store.flash, store.model)
    for name, number in done.items():
        assert again.slots[name].load() == state(name, number)
