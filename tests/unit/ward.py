"""A therapy for tests of the core: orders go straight to pump/core/orders, time is handed in, nothing is stored. For all three interpreters.

`started()` gives a `Ward` with RX of peer.py running on the sim board's numbers and a 3 mL syringe. Rates in mcg/day where a name
ends in _mcg. `refusal(...)` runs an order that must be refused and gives the Reject.
"""

from contract import check_note, check_reading, check_refusal, check_whole
from peer import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, rx
from pump.core import orders, power
from pump.core.reject import Reject
from pump.core.therapy import Therapy
from wire import schema as s

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["CLINICIAN", "DAY", "HOUR", "MINUTE", "OPERATOR", "Ward", "dump", "ready", "started"]


def dump(therapy: Therapy) -> str:
    """All a therapy knows, to compare."""
    return repr(therapy.dump())


class Ward:
    """One therapy and what people do to it."""

    def __init__(self) -> None:
        self.therapy = Therapy(1000000, 3200, 2000)
        self.gave = 0  # what the last order gave back: ms or a count

    def order(self, verb: str, role: int = CLINICIAN, **values: "Any") -> "dict[str, Any]":
        """Check and carry out; gives the pump's reading."""
        check, do = orders.find(verb)
        read: dict[str, Any] = check(self.therapy, values, role) or {}
        check_reading(read)
        check_note(self.therapy, verb, values, do, role)
        self.gave = do(self.therapy, values, role)
        check_whole(self.therapy)
        return read

    def check(self, verb: str, role: int = CLINICIAN, **values: "Any") -> "dict[str, Any]":
        """Check only; nothing may change."""
        before = dump(self.therapy)
        try:
            read: dict[str, Any] = orders.find(verb)[0](self.therapy, values, role) or {}
            check_reading(read)
        except Reject as reject:
            check_refusal(reject, values)
            raise
        finally:
            assert dump(self.therapy) == before, verb
        return read

    def refusal(self, verb: str, role: int = CLINICIAN, **values: "Any") -> Reject:
        """The Reject of an order that must be refused."""
        try:
            read = self.check(verb, role, **values)
        except Reject as reject:
            return reject
        raise AssertionError("%s was not refused: %r" % (verb, read))

    def refuses(self, role: int, *rows: "Any") -> None:
        """Each row's order must be refused just so: (verb, values, error, rule, field, value, low, high, in_ms, text)."""
        for row in rows:
            it = self.refusal(row[0], role, **row[1])
            said = (it.error, it.rule, it.field, it.value, it.low, it.high, it.in_ms, it.text)
            assert said == row[2:], (row, said)

    def rule(self, verb: str, role: int = CLINICIAN, **values: "Any") -> "int | None":
        """The rule that refuses it as a limit, None if it is possible."""
        try:
            self.check(verb, role, **values)
        except Reject as reject:
            assert reject.error == s.LIMIT, (verb, reject.error, reject.field, reject.text)
            return reject.rule
        return None

    def prescribe(self, **changes: "Any") -> "dict[str, Any]":
        """PRESCRIBE RX with changes."""
        return self.order("PRESCRIBE", **rx(**changes))

    def basal(self, mcg: int, **changes: "Any") -> "int | None":
        """The rule that refuses a change to mcg/day (with the library's widest cap), None if it is possible."""
        return self.rule("PRESCRIBE", **rx(basal_ng_per_day=mcg * 1000, max_24h_ng=1000000, **changes))

    def set_basal(self, mcg: int, **changes: "Any") -> None:
        """Change D to mcg/day."""
        self.order("PRESCRIBE", **rx(basal_ng_per_day=mcg * 1000, max_24h_ng=1000000, **changes))

    def go(self, ms: int) -> None:
        """Let time pass; from a quarter of an hour on a step has left, at any D there is."""
        if ms >= 15 * MINUTE and self.therapy.basal():
            self.therapy.runs()
        self.therapy.advance(self.therapy.now + ms)
        check_whole(self.therapy)

    def cut(self, off_ms: int = 0, lost_steps: int = 0) -> None:
        """A power cut after which lost_steps may have left or not."""
        emitted = self.therapy.plan.emitted
        values = self.therapy.dump()
        self.therapy.restore(values)
        power.lost(self.therapy, emitted, emitted + lost_steps, off_ms)
        check_whole(self.therapy)

    @property
    def state(self) -> int:
        return self.therapy.state

    @property
    def d_mcg(self) -> int:
        """D in mcg/day, which the tests use whole ones of."""
        return self.therapy.d() // 1000


def ready() -> Ward:
    """Provisioned, nothing prescribed."""
    ward = Ward()
    ward.order("PROVISION", library="baclofen-itb", syringe="bd-3ml")
    return ward


def started(**changes: "Any") -> Ward:
    """RX with changes runs since now."""
    ward = ready()
    ward.go(HOUR)
    ward.prescribe(**changes)
    return ward
