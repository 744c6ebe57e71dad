"""Any sequence of saves, appends, restarts and power cuts: the store is what its model says. CPython, littlefs on NOR flash."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sim.nor import TEARS, NorFlash
from tests.property.store_model import Action, Model
from tests.property.store_rig import NAMES, SIZE, Store

REQ = ("store",)

_WHOLE = st.integers(0, (1 << 53) - 1)
_VALUES = st.recursive(st.integers() | st.text(max_size=20), lambda inner: st.lists(inner, max_size=6), max_leaves=30)


class Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.store = Store(NorFlash(SIZE), Model(), make=True)

    def act(self, action: Action) -> None:
        if not self.store.act(action):
            self.restart()

    @rule(name=st.sampled_from(NAMES), values=st.lists(_VALUES, max_size=5), stuffing=st.sampled_from([0, 0, 0, 500, 4200]))
    def save(self, name: str, values: list, stuffing: int) -> None:
        self.act(("save", name, [*values, "s" * stuffing]))

    @rule(at_ms=_WHOLE, event=st.integers(1, 999), a=st.integers(), b=st.integers(), known=_WHOLE, most=_WHOLE, note=st.text(max_size=64))
    def append(self, at_ms: int, event: int, a: int, b: int, known: int, most: int, note: str) -> None:
        self.act(("append", (at_ms, event, a, b, known, most, note)))

    @rule(count=st.integers(1, 120))
    def append_many(self, count: int) -> None:
        for number in range(count):
            self.act(("append", (number, 1, 2, 3, 4, 5, "")))

    @rule(operation=st.integers(1, 30), tear=st.integers(0, len(TEARS) - 1))
    def arm(self, operation: int, tear: int) -> None:
        """The power will fail in one of the next operations."""
        self.store.flash.cut_after(operation, tear)

    @rule()
    def tidy(self) -> None:
        try:
            self.store.log.tidy()
        except OSError:
            assert self.store.flash.dead
            self.restart()

    @rule()
    def restart(self) -> None:
        self.store = Store(self.store.flash, self.store.model)
        self.store.check()

    @invariant()
    def ends_agree(self) -> None:
        assert self.store.log.last == len(self.store.model.records)

    def teardown(self) -> None:
        self.restart()
        self.store.check(everything=True)


Machine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestStore = Machine.TestCase
