"""One pump, blocking and typed: the public API.

    with Pump.open("/dev/pts/4", role="operator") as pump:
        print(pump.status().known_ng)
        pump.bolus(dose_ng=5000).commit()

Numbers are integers in the units their names say: _ng drug, _ng_per_day, _ng_per_ml, _nl volume, _ms, _steps. Whatever can
deliver drug or change a therapy is a `Proposal` first: the pump's own reading of it, nothing done until `.commit()`.
`suspend`, `cancel` and `ack` act at once. Every method may raise LinkError (port, silence, wrong proof) and Refused (coded
answer; nothing changed); those that act also OutcomeUnknown. See errors.py for all and words/ for sentences.
"""

import secrets
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from . import ports, words
from .errors import ForeignLibrary, ForeignSchema, LinkError, Locked, Refused, TapirError, UsageError, Value, Values, WrongProof
from .keys import KeyStore
from .link import TIMEOUT_S, Link
from .messages import Alarm, Books, Course, Done, Event, Hello, Level, Proposed, Review, Row, SelfTest, Status
from .prescription import Prescription
from .transport import SerialTransport
from .wire import chain, codec, limits, names, schema

ROLES: dict[str, int] = {str(row[1]): row[0] for row in names.ROLES}
_LOG_CHUNK = 16  # records a LOG request may ask for
_TESTING = "the self test runs"  # how a pump refuses orders in its first seconds
_TESTING_S, _LOOK_S = 60.0, 0.05
_BY_LIBRARY = ("PRESCRIBE", "BOLUS", "TAPER")  # what the library's numbers give a meaning; suspend, resume and all reading stay possible


def new_id() -> str:
    """A random 60-bit id for one command."""
    return secrets.token_hex(8)[:15]


def least_role(verb: str) -> int:
    """The role with the fewest rights that may send `verb`."""
    allowed = codec.request(verb)[1]
    return next(int(row[0]) for row in names.ROLES if allowed >> row[0] & 1)


class Proposal:
    """A command the pump has read and not carried out. `.seen` is its reading; `.commit()` carries it out, once."""

    def __init__(self, link: Link, seen: Proposed) -> None:
        self.seen = seen
        self._link = link

    def commit(self) -> Done:
        """Quote the pump's code back. Raises CodeExpired after `seen.expires_ms`, Refused, NotExecuted, OutcomeUnknown."""
        reply = self._link.execute("COMMIT", {"id": self.seen.id, "code": self.seen.code})
        return Done.of(reply.values)


class Pump:
    """A connection to one pump in one role. Close it, or use it as a context manager."""

    def __init__(self, link: Link, hello: Hello, role: int = schema.OBSERVER) -> None:
        self.link = link
        self.identity = hello  # as of the opening
        self.role = role

    @classmethod
    def open(
        cls, port: str | None = None, *, role: str | int = "observer", keys: KeyStore | None = None, timeout_s: float = TIMEOUT_S
    ) -> Self:
        """Connect, check that it is a Tapir pump of our schema, and open a session.

        port: /dev/ttyACM0, a pty, socket://host:port; None takes the only pump found. role: observer (no key), operator,
        clinician, service. timeout_s: for one answer, asked for up to three
        times. Raises PortError, NoPump, NoAnswer, ForeignSchema, NoKeys, WrongProof, Refused.
        """
        url = port or ports.only_one()
        return cls.over(Link(lambda: SerialTransport(url), timeout_s=timeout_s), role=role, keys=keys)

    @classmethod
    def over(cls, link: Link, *, role: str | int = "observer", keys: KeyStore | None = None) -> Self:
        """The same over a link that is there already. Closes it if this is not a pump to talk to."""
        number = ROLES[role] if isinstance(role, str) else role
        try:
            pump = cls(link, _greet(link))
            if number != schema.OBSERVER:
                pump._log_in(number, keys or KeyStore())
        except BaseException:
            link.close()
            raise
        return pump

    def _log_in(self, role: int, keys: KeyStore) -> None:
        """With the stored key; or with a pending one, which a pump that accepts it proves to be the key."""
        serial = self.identity.serial
        if self.identity.state == schema.UNPROVISIONED:
            raise UsageError(
                f"{serial} is not provisioned: it has no keys and delivers nothing.",
                "tapir provision --library baclofen-itb --syringe bd-3ml",
            )
        if self.identity.state == schema.LOCKED:
            raise Locked(
                f"{serial} is LOCKED: {self.identity.why}.",
                "\n".join(words.locked(self.identity.why)),
            )
        pending = keys.path(serial, pending=True).exists()
        try:
            self.link.login(role, keys.key(serial, role))
        except TapirError as error:
            if not pending:
                if isinstance(error, WrongProof):
                    error.hint = f"It was provisioned elsewhere since: copy {keys.path(serial)} from there."
                raise
            self.link.login(role, keys.key(serial, role, pending=True))
            keys.promote(serial)
        self.role = role

    def close(self) -> None:
        """Let the port go; the pump closes an idle session by itself."""
        self.link.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # --- reading: changes nothing -------------------------------------------------------------------------------------
    def hello(self) -> Hello:
        """Serial number, firmware, board, library, syringe, state."""
        return Hello.of(self.link.read("HELLO", {"version": schema.VERSION}).values)

    def status(self) -> Status:
        """Rates, doses, waiting times, reservoir, most urgent alarm; any role."""
        return Status.of(self.link.read("STATUS").values)

    def books(self) -> Books:
        """Microsteps emitted against the exact plan, and the taper's next step; any role."""
        return Books.of(self.link.read("BOOKS").values)

    def course(self) -> Course:
        """What is under way by itself: the bridge to another concentration (nL and ms left), how the taper or titration
        steps (per cent, ms), the last test dose; any role."""
        return Course.of(self.link.read("COURSE").values)

    def level(self) -> Level:
        """The drug in the CSF by the pump's model, at least and at most (ng, thousandths of what D keeps); any role."""
        return Level.of(self.link.read("LEVEL").values)

    def self_test(self) -> SelfTest:
        """What the power-on self test and the periodic tests found; any role."""
        return SelfTest.of(self.link.read("SELFTEST").values)

    def rows(self) -> list[Row]:
        """The flow profile's rows as prescribed, and as they flow at the D programmed now. Roles: operator, clinician, service."""
        first = Row.of(self.link.read("ROWS", {"index": 0}).values)
        return [first, *(Row.of(self.link.read("ROWS", {"index": i}).values) for i in range(1, first.count))]

    def review(self) -> Review:
        """The prescription as the pump keeps it. Roles: operator, clinician, service."""
        return Review.of(self.link.read("REVIEW").values)

    def alarms(self) -> list[Alarm]:
        """Alarms that stand or are latched; any role."""
        first = Alarm.of(self.link.read("ALARMS", {"index": 0}).values)
        if not first.count:
            return []
        return [first, *(Alarm.of(self.link.read("ALARMS", {"index": i}).values) for i in range(1, first.count))]

    def log(self, first: int = 1, last: int | None = None) -> Iterator[Event]:
        """Records `first`..`last` of the journal (None: to the end), oldest first. What the ring has overwritten is left out.

        Roles: operator, clinician, service.
        """
        end = self.status().events if last is None else last
        at = max(first, 1)
        while at <= end:
            reply = self.link.read("LOG", {"first": at, "count": min(_LOG_CHUNK, end - at + 1)})
            events = [Event.of(values) for values in reply.events]
            yield from events
            at = events[-1].seq + 1 if events else at + _LOG_CHUNK

    def query(self, command_id: str) -> Done:
        """What became of a command: `result` unknown, pending or done. Any role."""
        return Done.of(self.link.query(command_id).values)

    # --- proposals: nothing changes before .commit() ------------------------------------------------------------------
    def provision(self, library: str, syringe: str, keys: Mapping[str, str], reason: str | None = None) -> Proposal:
        """Give a pump its drug library, syringe and the three role keys (64 hex digits each). Observer on an
        unprovisioned pump, else service and only without a running therapy (R17)."""
        return self._propose(
            "PROVISION",
            {
                "library": library,
                "syringe": syringe,
                "operator_key": keys["operator"],
                "clinician_key": keys["clinician"],
                "service_key": keys["service"],
            },
            reason,
        )

    def prescribe(
        self, prescription: Prescription, conc_again_ng_per_ml: int, reason: str | None = None, moment: datetime | None = None
    ) -> Proposal:
        """Start or change a therapy. The concentration comes a second time, from the vial and not from the file (R9).
        A schedule is staged row by row before, and its cycle set by `moment`, by default this computer's time of day. Role: clinician."""
        values = {**prescription.values(), "conc_again_ng_per_ml": conc_again_ng_per_ml}
        plan = prescription.schedule
        if plan is None:
            return self._propose("PRESCRIBE", values, reason)
        for index, (offset_ms, ng_per_day) in enumerate(plan.rows):
            row = {"index": index, "count": len(plan.rows), "offset_ms": offset_ms, "ng_per_day": ng_per_day}
            self.link.read("STAGE", row)
        return self._propose("PRESCRIBE", {**values, "phase_ms": plan.phase_ms(moment or datetime.now())}, reason)

    def align(self, phase_ms: int) -> Proposal:
        """The schedule's cycle of 24 h is `phase_ms` old now; judged like a new schedule (R6). Roles: operator, clinician."""
        return self._propose("ALIGN", {"phase_ms": phase_ms})

    def bolus(self, dose_ng: int, duration_ms: int | None = None, reason: str | None = None) -> Proposal:
        """A bolus beside the basal rate. An operator gives the prescription's dose, a clinician any within R16."""
        return self._propose("BOLUS", {"dose_ng": dose_ng, "duration_ms": duration_ms}, reason)

    def screen(
        self, dose_ng: int, conc_ng_per_ml: int, conc_again_ng_per_ml: int, duration_ms: int | None = None, reason: str | None = None
    ) -> Proposal:
        """A test dose before a therapy, without basal: one a day, in READY or ENDED. The concentration comes twice (R9); `cancel`
        ends it, and it counts as given. Role: clinician."""
        values = {"dose_ng": dose_ng, "duration_ms": duration_ms, "conc_ng_per_ml": conc_ng_per_ml}
        return self._propose("SCREEN", {**values, "conc_again_ng_per_ml": conc_again_ng_per_ml}, reason)

    def taper(self, to_ng_per_day: int = 0, preset: int = schema.TAPER_LABEL, reason: str | None = None) -> Proposal:
        """Step down by the preset to `to_ng_per_day` and hold it; 0 goes to the library's floor and then ends the
        therapy. A preset steeper than R3 needs a reason. Role: clinician."""
        return self._propose("TAPER", {"to_ng_per_day": to_ng_per_day, "preset": preset}, reason)

    def titrate(self, to_ng_per_day: int, percent: int, hold_ms: int, reason: str | None = None) -> Proposal:
        """Step up by `percent` of the rate then, each step held `hold_ms` of delivery (>= 24 h), to `to_ng_per_day`, and hold it.
        A step that R2, R6 or an alarm forbids waits (alarm PLAN_BLOCKED). Role: clinician."""
        return self._propose("TITRATE", {"to_ng_per_day": to_ng_per_day, "percent": percent, "hold_ms": hold_ms}, reason)

    def pause(self, on: bool) -> Proposal:
        """Let a running taper or titration wait on its present step, or go on. Role: clinician."""
        return self._propose("PAUSE", {"on": int(on)})

    def resume(self, basal_ng_per_day: int | None = None, reason: str | None = None) -> Proposal:
        """After SUSPENDED or HELD: at the rate before, or a lower one within R3. Roles: operator, clinician."""
        return self._propose("RESUME", {"basal_ng_per_day": basal_ng_per_day}, reason)

    def change_syringe(self, reason: str | None = None) -> Proposal:
        """Basal stops for a change of syringe, for another one of the kind provisioned; `refill` ends the change and basal goes on
        (R13). The pump reminds after 5 min. Roles: operator, clinician."""
        return self._propose("CHANGE", {}, reason)

    def refill(self, residual_nl: int, volume_nl: int, reason: str | None = None) -> Proposal:
        """The syringe held `residual_nl` and now holds `volume_nl`; a difference from the books needs a reason (R13).
        It ends a change of syringe: `seen.new_ng_per_day` flows then, 0 if a person has to resume."""
        return self._propose("REFILL", {"residual_nl": residual_nl, "volume_nl": volume_nl}, reason)

    def prime(self, volume_nl: int, disconnected: bool) -> Proposal:
        """Fill the line. `disconnected`: somebody says that it is not connected to a patient; without that it is refused, as it is
        beyond 1 mL and while a therapy runs (R10). Any role with a key; `cancel` ends it."""
        return self._propose("PRIME", {"volume_nl": volume_nl, "disconnected": int(disconnected)})

    def calibrate(self, expected_nl: int, found_nl: int) -> Proposal:
        """`expected_nl` was meant and `found_nl` came out: the steps per volume are multiplied by the ratio, exactly. Role: service,
        and only without a running therapy (R17)."""
        return self._propose("CALIBRATE", {"expected_nl": expected_nl, "found_nl": found_nl})

    def service(self, reason: str | None = None) -> Proposal:
        """The pump resets into MicroPython's prompt, motion impossible, until it is reset or switched off. Role: service, and only
        without a therapy (R17); a simulated pump has no prompt."""
        return self._propose("SERVICE", {}, reason)

    def set_clock(self, moment: datetime | None = None) -> Done:
        """Set the board's clock, by default to this computer's time, so that it bounds the time without power (R7). Role: service, and
        only without a therapy (R17); refused as NOT_NOW by a board without a clock."""
        seconds = int(((moment or datetime.now(UTC)) - datetime(2000, 1, 1, tzinfo=UTC)).total_seconds())
        return self._act("CLOCK", {"seconds": seconds})

    def close_therapy(self, reason: str) -> Proposal:
        """End a therapy that has been suspended beyond the library's limit (explant). Role: clinician."""
        return self._propose("CLOSE", {}, reason)

    def try_alarms(self) -> int:
        """Let the pump sound and light each alarm pattern once; the ms it takes. Refused while an alarm stands. Any role with a key."""
        return Done.of(self.link.read("SOUND").values).value

    # --- at once ------------------------------------------------------------------------------------------------------
    def suspend(self, reason: str | None = None) -> Done:
        """Stop at once, in an emergency (R7): HIGH alarm, the withdrawal clock runs. Any role with a key."""
        return self._act("SUSPEND", {"reason": reason})

    def cancel(self) -> Done:
        """End the running bolus; basal goes on, and it counts as given (R5). While PRIMING: end that."""
        return self._act("CANCEL", {})

    def ack(self, alarm: int) -> Done:
        """Acknowledge an alarm: silence it, and clear it once its cause is gone."""
        return self._act("ACK", {"alarm": alarm})

    # ------------------------------------------------------------------------------------------------------------------
    def _propose(self, verb: str, values: Mapping[str, Value | None], reason: str | None = None) -> Proposal:
        if verb in _BY_LIBRARY:
            differs = foreign_library(self.identity)
            if differs:
                raise ForeignLibrary(differs, LIBRARY_HINT)
        given = _given({"id": new_id(), **values, "reason": reason})
        try:
            reply = self.link.propose(verb, given)
        except Refused as error:
            if error.text != _TESTING:
                raise
            self._await_self_test()
            reply = self.link.propose(verb, given)
        if reply.verb != "PROPOSED":
            raise LinkError(f"The pump answered {verb} with {reply.verb}, not with PROPOSED.")
        return Proposal(self.link, Proposed.of(reply.values))

    def _await_self_test(self) -> None:
        """A pump that was just switched on takes no orders for some seconds; what comes of it the next answer says. One that answers
        slowly (an emulated one) tests itself as slowly, and each question keeps it from that."""
        slow = max(1.0, self.link.timeout_s / TIMEOUT_S)
        end = time.monotonic() + _TESTING_S * slow
        while self.self_test().result == schema.TESTS_RUNNING and time.monotonic() < end:
            time.sleep(_LOOK_S * slow)

    def _act(self, verb: str, values: Mapping[str, Value | None]) -> Done:
        return Done.of(self.link.execute(verb, _given({"id": new_id(), **values})).values)


def _greet(link: Link) -> Hello:
    """HELLO, and whether both sides speak the same schema."""
    try:
        hello = Hello.of(link.read("HELLO", {"version": schema.VERSION}).values)
    except Refused as error:
        raise ForeignSchema(f"The pump at {link.name} does not speak wire version {schema.VERSION} ({error}).") from error
    if hello.schema != names.schema_hash():
        raise ForeignSchema(
            f"The pump at {link.name} (firmware {hello.firmware}) speaks schema {hello.schema}, this tapir {names.schema_hash()}.",
            "Use the tapir that came with the pump's firmware, or flash the firmware that came with this one.",
        )
    return hello


LIBRARY_HINT = (
    "Use the tapir that came with the pump's firmware; or, once no therapy runs, flash the firmware that came with this one and provision "
    "anew. Resuming, suspending and status need no library."
)


def foreign_library(hello: Hello) -> str:
    """What is wrong if the pump's drug library entry is not the one this host knows; empty if they agree or there is none."""
    if hello.library is None:
        return ""
    row = limits.drug(hello.library)
    if row is None:
        known = ", ".join(str(each[limits.NAME]) for each in limits.LIBRARY)
        return f"The pump's drug library {hello.library} ({hello.library_hash}) is not known here; known: {known}."
    here = codec.table_hash(row)
    if here == hello.library_hash:
        return ""
    return f"The pump's drug library {hello.library} is {hello.library_hash}, the one here is {here}: their limits differ."


def _given(values: Mapping[str, Value | None]) -> Values:
    return {name: value for name, value in values.items() if value is not None}


def verify(events: list[Event]) -> int | None:
    """Check the hash chain of consecutive records: None if intact, else the number of the first record that does not fit.

    The record before the first is known only at the journal's beginning; elsewhere the check starts with the second.
    """
    before = chain.GENESIS if events and events[0].seq == 1 else None
    for event in events:
        made = before and chain.link(
            before, event.seq, event.at_ms, event.event, event.a, event.b, event.known_steps, event.most_steps, event.note
        )
        if made and made != event.chain:
            return event.seq
        before = event.chain
    return None
