"""A host for tests: speaks the wire with the app on a rig (sim/rig.py), with real frames, keys and codes. For all three interpreters.

`Peer(rig)` asks; `pump()` gives one whose pump is provisioned and `infusing()` one whose therapy runs. An answer is (verb, fields);
`ok` and `refused` check the common ones. Sessions are opened when they are missing, idle or the pump has booted since.
"""

from sim.rig import Rig
from wire import auth, codec, framing, limits
from wire import schema as s

MINUTE, HOUR, DAY = 60000, 3600000, 86400000
NOBODY, OPERATOR, CLINICIAN, SERVICE = 0, 1, 2, 3
KEYS = {role: bytes(range(role, role + 32)) for role in (OPERATOR, CLINICIAN, SERVICE)}
# 100 mcg/day of 500 mcg/mL; 5 mcg over 5 min at most three times a day, 6 h apart
RX = {
    "drug": "baclofen",
    "conc_ng_per_ml": 500000,
    "conc_again_ng_per_ml": 500000,
    "basal_ng_per_day": 100000,
    "max_24h_ng": 115000,
    "origin": s.ORIGIN_CHILD,
    "screen_ng": 50000,
    "screen_long": 0,
    "pb_dose_ng": 5000,
    "pb_duration_ms": 5 * MINUTE,
    "pb_lockout_ms": 6 * HOUR,
    "pb_max": 3,
}
_NONCE = "%032x" % 7

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Answer = tuple[str, dict[str, Any]]


class Peer:
    """One host with every role's key."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.events: list[dict[str, Any]] = []  # EVENT lines of the last `ask`
        self.keys = dict(KEYS)
        self._sessions: dict[int, list[Any]] = {}  # role: [name, key, seq, boot, us of the last word]
        self._ids = 0

    # --- frames --------------------------------------------------------------------------------------------------------
    def id(self) -> str:
        """A new command id."""
        self._ids += 1
        return "%015x" % (self._ids * 7919)

    def line(self, verb: str, role: int, **values: "Any") -> bytes:
        """The next frame of a role, ready to send."""
        return self.frame(verb, role, codec.encode(codec.request(verb)[3], values))

    def frame(self, verb: str, role: int, body: str) -> bytes:
        """The same with a body of any kind."""
        if not role:
            return framing.seal(framing.TO_PUMP, verb, framing.ANONYMOUS, 1, body, None)
        session = self.session(role)
        session[2] += 1
        session[4] = self.rig.hw.clock.us
        return framing.seal(framing.TO_PUMP, verb, session[0], session[2], body, session[1])

    def send(self, line: bytes) -> "Answer":
        """Send a frame; the answer that ends it. Its MAC must be right."""
        self.events = []
        answer: Answer = ("", {})
        for text in self.rig.send(line):
            frame = framing.unseal(text.encode())
            if frame.session != framing.ANONYMOUS:
                assert framing.check_mac(frame, self._key(frame.session)), text
            answer = (frame.verb, codec.decode(codec.reply(frame.verb)[1], frame.body))
            if frame.verb == "EVENT":
                self.events.append(answer[1])
        return answer

    def _key(self, name: str) -> bytes:
        for session in self._sessions.values():
            if session[0] == name:
                key: bytes = session[1]
                return key
        raise ValueError("no session " + name)

    def session(self, role: int) -> "list[Any]":
        """The role's session, opened if need be."""
        old = self._sessions.get(role)
        now = self.rig.hw.clock.us
        if old and old[3] == self.rig.hw.boot and now - old[4] <= limits.IDLE_MS * 1000:
            return old
        return self.open(role)

    def open(self, role: int) -> "list[Any]":
        """Open a session; the pump must know the role's key."""
        body = codec.encode(codec.request("OPEN")[3], {"role": role, "nonce": _NONCE})
        frame = framing.unseal(self.rig.send(framing.seal(framing.TO_PUMP, "OPEN", framing.ANONYMOUS, 1, body, None))[0].encode())
        assert frame.verb == "OPEN", frame.body
        said = codec.decode(codec.reply("OPEN")[1], frame.body)
        key = auth.session_key(self.keys[role], role, _NONCE, said["nonce"])
        assert framing.check_mac(frame, key)
        session = [said["session"], key, 0, self.rig.hw.boot, self.rig.hw.clock.us]
        self._sessions[role] = session
        return session

    # --- messages ------------------------------------------------------------------------------------------------------
    def ask(self, verb: str, role: int = NOBODY, **values: "Any") -> "Answer":
        """One message, its answer."""
        return self.send(self.line(verb, role, **values))

    def do(self, verb: str, role: int, **values: "Any") -> "Answer":
        """An order through both phases, or the refusal of the first."""
        id = values.pop("id", None) or self.id()
        answer = self.ask(verb, role, id=id, **values)
        if answer[0] != "PROPOSED":
            return answer
        return self.ask("COMMIT", role, id=id, code=answer[1]["code"])

    def ok(self, verb: str, role: int, **values: "Any") -> "dict[str, Any]":
        """An order that must be carried out; the DONE's fields."""
        answer = self.do(verb, role, **values)
        assert answer[0] == "DONE", answer
        return answer[1]

    def refused(self, rule: int, verb: str, role: int, **values: "Any") -> "dict[str, Any]":
        """An order that rule `rule` must refuse as a limit; the ERR's fields."""
        answer = self.do(verb, role, **values)
        assert answer[0] == "ERR" and answer[1]["error"] == s.LIMIT and answer[1].get("rule") == rule, answer
        return answer[1]

    def status(self) -> "dict[str, Any]":
        return self.ask("STATUS")[1]

    def books(self) -> "dict[str, Any]":
        return self.ask("BOOKS")[1]

    def provision(self, role: int = NOBODY, **values: "Any") -> "Answer":
        """The baclofen entry, a 3 mL syringe and this peer's keys."""
        fields = {"library": "baclofen-itb", "syringe": "bd-3ml"}
        for name, key in (("operator_key", OPERATOR), ("clinician_key", CLINICIAN), ("service_key", SERVICE)):
            fields[name] = "".join(["%02x" % b for b in KEYS[key]])
        fields.update(values)
        answer = self.do("PROVISION", role, **fields)
        if answer[0] == "DONE":
            self._sessions = {}  # the pump has closed them: their keys are gone
        return answer

    def log(self, first: int = 1) -> "list[tuple[int, int, int]]":
        """(event, a, b) of the 16 events from `first` on."""
        self.ask("LOG", OPERATOR, first=first, count=16)
        return [(e["event"], e["a"], e["b"]) for e in self.events]


def rx(**changes: "Any") -> "dict[str, Any]":
    """RX with changes; None leaves a field out."""
    fields = dict(RX)
    fields.update(changes)
    return {name: fields[name] for name in fields if fields[name] is not None}


def pump(**rig: "Any") -> Peer:
    """A provisioned pump."""
    peer = Peer(Rig(**rig))
    answer = peer.provision()
    assert answer[0] == "DONE", answer
    return peer


def infusing(changes: "dict[str, Any] | None" = None, **rig: "Any") -> Peer:
    """A pump on which RX (with changes) was started just now."""
    peer = pump(**rig)
    peer.ok("PRESCRIBE", CLINICIAN, **rx(**(changes or {})))
    return peer
