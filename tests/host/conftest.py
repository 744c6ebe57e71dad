"""A scripted pump for the host's tests: bytes in, bytes out, its own clock, and faults on request. No firmware, no port.

`FakePump` is a Transport. It keeps what it executed by id, as the real pump does, so that a test can ask how often
something really happened. Faults are armed per verb and used up one by one.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tapir.errors import PortVanished
from tapir.keys import KeyStore
from tapir.link import Link
from tapir.pump import Pump
from tapir.wire import auth, codec, framing, limits, names, schema

STATUS = {
    "state": schema.INFUSING,
    "now_ms": 20400000,
    "basal_ng_per_day": 100000,
    "set_ng_per_day": 100000,
    "conc_ng_per_ml": 500000,
    "therapy_ms": 20400000,
    "known_ng": 28600,
    "most_ng": 28600,
    "bolus_ng": 0,
    "bolus_left_ms": 0,
    "bolus_count": 1,
    "bolus_max": 3,
    "bolus_in_ms": 20460000,
    "reservoir_nl": 2943000,
    "low_in_ms": 976320000,
    "raise_in_ms": 66000000,
    "raise_to_ng_per_day": 115000,
    "stopped_ms": 0,
    "alarm": 0,
    "events": 12,
    "head": "a1f309c2",
}


class FakePump:
    """`faults`: (verb, what) with what in lost (the reply), deaf (the request), mac, crc, vanish, stale."""

    def __init__(self) -> None:
        self.name = "fake"
        self.time = 0.0
        self.keys = {role: bytes([role]) * 32 for role in (schema.OPERATOR, schema.CLINICIAN, schema.SERVICE)}
        self.faults: list[tuple[str, str]] = []
        self.heard: list[tuple[str, dict[str, object]]] = []  # every request that was understood
        self.done: dict[str, str] = {}  # id -> verb, what was really carried out
        self.times_done = 0
        self.proposed: dict[str, str] = {}
        self.refusals: dict[str, dict[str, object]] = {}  # verb -> ERR
        self.state = schema.INFUSING
        self.noise = b""
        self.connects = 0
        self.down = 0  # how many connects fail
        self._out = b""
        self._reader = framing.LineReader()
        self._session = framing.ANONYMOUS
        self._key: bytes | None = None

    # --- Transport ------------------------------------------------------------------------------------------------------
    def connect(self) -> "FakePump":
        self.connects += 1
        if self.down:
            self.down -= 1
            raise PortVanished("Port fake vanished")
        self._out, self._reader = b"", framing.LineReader()
        return self

    def write(self, data: bytes) -> None:
        for line in self._reader.feed(data):
            assert line is not None
            self._answer(line)

    def read(self, timeout_s: float) -> bytes:
        if self._fault("*", "vanish"):
            raise PortVanished("Port fake vanished")
        if not self._out:
            self.time += timeout_s
            return b""
        data, self._out = self._out, b""
        return data

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    def close(self) -> None:
        self._out = b""

    # --- the pump -------------------------------------------------------------------------------------------------------
    def reboot(self) -> None:
        """Forget sessions and proposals, keep what was done."""
        self._session, self._key, self.proposed = framing.ANONYMOUS, None, {}

    def _fault(self, verb: str, what: str) -> bool:
        if (verb, what) in self.faults:
            self.faults.remove((verb, what))
            return True
        return False

    def _answer(self, line: bytes) -> None:
        frame = framing.unseal(line)
        if self._fault(frame.verb, "deaf"):
            return
        if self._fault(frame.verb, "crc"):
            self._say("ERR", {"error": schema.BAD_CRC}, framing.ANONYMOUS, 0, None)
            return
        if self._fault(frame.verb, "stale"):
            self.reboot()
        if frame.session != self._session and frame.session != framing.ANONYMOUS:
            self._say("ERR", {"error": schema.STALE_SESSION}, framing.ANONYMOUS, frame.seq, None)
            return
        key = self._key if frame.session != framing.ANONYMOUS else None
        if key and not framing.check_mac(frame, key):
            self._say("ERR", {"error": schema.BAD_MAC}, framing.ANONYMOUS, frame.seq, None)
            return
        values = codec.decode(codec.request(frame.verb)[3], frame.body)
        self.heard.append((frame.verb, values))
        verb, said, session, key = self._do(frame, values, frame.session, key)
        if self._fault(frame.verb, "vanish"):
            self.faults.append(("*", "vanish"))
            return
        if not self._fault(frame.verb, "lost"):
            bad = b"x" * 32 if self._fault(frame.verb, "mac") else None
            self._say(verb, said, session, frame.seq, bad or key)

    def _do(self, frame: framing.Frame, values: dict, session: str, key: bytes | None) -> tuple[str, dict, str, bytes | None]:
        verb = frame.verb
        id = values.get("id")
        if verb in self.refusals and (verb == "QUERY" or id not in self.done):
            return "ERR", self.refusals[verb], session, key
        if verb == "OPEN":
            self._session = f"{len(self.heard):08x}"
            self._key = auth.session_key(self.keys[values["role"]], values["role"], values["nonce"], "b" * 32)
            return "OPEN", {"session": self._session, "nonce": "b" * 32}, self._session, self._key
        if verb == "HELLO":
            return "HELLO", self.hello(), session, key
        if verb == "STATUS":
            return "STATUS", {**STATUS, "state": self.state}, session, key
        if verb == "QUERY":
            result = schema.RESULT_DONE if id in self.done else schema.RESULT_PENDING if id in self.proposed else schema.RESULT_UNKNOWN
            return "DONE", self.result(id, result), session, key
        if codec.request(verb)[2] == schema.TWO and id not in self.done:
            self.proposed[id] = verb
            return "PROPOSED", {"id": id, "code": "c0ffee", "expires_ms": 120000, "what": verb, "dose_ng": 5000}, session, key
        if verb == "COMMIT" and id not in self.done and id not in self.proposed:
            return "ERR", {"error": schema.BAD_CODE, "field": "id", "text": "nothing proposed with this id"}, session, key
        if id not in self.done:
            self.done[id] = self.proposed.pop(id, verb)
            self.times_done += 1
        return "DONE", self.result(id, schema.RESULT_DONE), session, key

    def result(self, id: str, result: int) -> dict[str, object]:
        return {"id": id, "result": result, "event": 12, "head": "a1f309c2", "value": 21900000}

    def hello(self) -> dict[str, object]:
        return {
            "version": schema.VERSION,
            "firmware": "0.1.0",
            "serial": "FAKE-1",
            "board": "fake",
            "schema": names.schema_hash(),
            "state": self.state,
            "library": "baclofen-itb",
            "library_hash": codec.table_hash(limits.LIBRARY[0]),
            "syringe": "bd-3ml",
        }

    def _say(self, verb: str, values: dict, session: str, seq: int, key: bytes | None) -> None:
        body = codec.encode(codec.reply(verb)[1], values)
        self._out += self.noise + framing.seal(framing.TO_HOST, verb, session, seq, body, key)


@pytest.fixture
def fake() -> FakePump:
    return FakePump()


@pytest.fixture
def store(tmp_path: Path, fake: FakePump) -> KeyStore:
    """The fake's keys, stored."""
    found = KeyStore(tmp_path)
    names = {schema.OPERATOR: "operator", schema.CLINICIAN: "clinician", schema.SERVICE: "service"}
    found.save_pending("FAKE-1", {name: fake.keys[role].hex() for role, name in names.items()})
    found.promote("FAKE-1")
    return found


@pytest.fixture
def opened(fake: FakePump, store: KeyStore) -> Callable[..., Pump]:
    """Opens a Pump on the fake."""

    def do(role: str = "operator") -> Pump:
        pump = Pump.over(Link(fake.connect, sleep=fake.sleep), role=role, keys=store)
        fake.connects = 0
        return pump

    return do
