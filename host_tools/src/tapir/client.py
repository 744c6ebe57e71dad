"""The host's half of the wire as an object without a port: frames out, bytes in, at most one request in flight.

Keeps session, sequence number and session key; matches replies to the request by session, number and MAC; what does not
match is ignored and its reason kept in `ignored`, since a line may carry late answers, noise or somebody else's words.
Knows no time and no retry: link.py drives it. Ids of commands are the caller's.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field

from .errors import Value, Values
from .wire import auth, codec, framing, schema
from .wire.codec import WireError

# Errors that a pump may have to send without a MAC inside a session: it cannot know the session's key, or could not read
# the frame. They are hints only: whoever gets one asks again, by id where something may have changed.
UNSIGNED = (
    schema.BAD_FRAME,
    schema.BAD_CRC,
    schema.BAD_VERSION,
    schema.BAD_VERB,
    schema.STALE_SESSION,
    schema.BAD_MAC,
    schema.REPLAY,
)
_KEPT = 8  # reasons of ignored lines


@dataclass(frozen=True)
class Reply:
    """The end of a request: the last line's verb and values, the EVENT lines before it, and whether its MAC was right."""

    verb: str
    values: dict[str, Value]
    events: tuple[dict[str, Value], ...] = ()
    signed: bool = False


@dataclass
class _Asked:
    verb: str
    session: str
    seq: int
    events: list[dict[str, Value]] = field(default_factory=list)


class Client:
    """One connection to one pump."""

    def __init__(self, entropy: Callable[[int], bytes] = os.urandom) -> None:
        self.ignored: list[str] = []  # why lines since the last request were not its answer
        self.session = framing.ANONYMOUS
        self._entropy = entropy
        self._key: bytes | None = None
        # Anonymous numbers start anywhere, so that an answer meant for an earlier process is not taken for ours.
        self._seq = int.from_bytes(entropy(3), "big")
        self._reader = framing.LineReader()
        self._asked: _Asked | None = None
        self._opening: tuple[int, bytes, str] | None = None

    def ask(self, verb: str, values: Values) -> bytes:
        """The frame of a request in the present session. An earlier request still in flight is given up.

        Raises WireError if the schema does not allow the values.
        """
        body = codec.encode(codec.request(verb)[3], dict(values))
        self._seq += 1
        self._asked = _Asked(verb, self.session, self._seq)
        self.ignored = []
        return framing.seal(framing.TO_PUMP, verb, self.session, self._seq, body, self._key)

    def open(self, role: int, role_key: bytes) -> bytes:
        """The frame that asks for a session of `role`; once answered, `session` is the new one."""
        self.forget()
        nonce = self._entropy(16).hex()
        frame = self.ask("OPEN", {"role": role, "nonce": nonce})
        self._opening = (role, role_key, nonce)
        return frame

    def forget(self) -> None:
        """Back to an anonymous session (port lost, session stale)."""
        if self._key is not None:
            self._seq = int.from_bytes(self._entropy(3), "big")
        self.session, self._key, self._opening, self._asked = framing.ANONYMOUS, None, None, None
        self._reader = framing.LineReader()

    def receive(self, data: bytes) -> Reply | None:
        """Take bytes from the pump; the reply when they complete it."""
        reply = None
        for line in self._reader.feed(data):
            reply = self._line(line) or reply
        return reply

    # --- one line -----------------------------------------------------------------------------------------------------
    def _line(self, line: bytes | None) -> Reply | None:
        if line is None:
            return self._ignore("a line longer than a frame")
        if not line.startswith(framing.TO_HOST.encode()):
            return self._ignore("not a frame: " + line[:60].decode("ascii", "replace"))
        try:
            frame = framing.unseal(line)
            return self._frame(frame)
        except WireError as error:
            return self._ignore(str(error))

    def _frame(self, frame: framing.Frame) -> Reply | None:
        asked = self._asked
        if asked is None:
            return self._ignore(f"{frame.verb} that nobody waits for")
        values = _plain(codec.decode(codec.reply(frame.verb)[1], frame.body))
        if self._opening and frame.verb == "OPEN" and frame.seq == asked.seq:
            return self._opened(frame, values)
        unread = frame.verb == "ERR" and frame.mac == framing.NO_MAC and frame.seq == 0 and values["error"] in UNSIGNED
        if frame.seq != asked.seq and not unread:
            return self._ignore(f"{frame.verb} for request {frame.seq}, not {asked.seq}")
        signed = self._key is not None and framing.check_mac(frame, self._key)
        if self._key is not None and not signed and not self._hint(frame, values):
            return self._ignore(f"{frame.verb} with a wrong MAC")
        if self._key is None and (frame.session != framing.ANONYMOUS or frame.mac != framing.NO_MAC):
            return self._ignore(f"{frame.verb} of session {frame.session}")
        if frame.verb == "EVENT":
            asked.events.append(values)
            return None
        if frame.verb not in (asked.verb, "DONE", "PROPOSED", "ERR"):
            return self._ignore(f"{frame.verb} does not answer {asked.verb}")
        self._asked = None
        return Reply(frame.verb, values, tuple(asked.events), signed)

    def _opened(self, frame: framing.Frame, values: dict[str, Value]) -> Reply:
        """The answer to OPEN. Its MAC is the pump's proof: a wrong one is an answer too, signed=False."""
        assert self._opening is not None
        role, role_key, nonce = self._opening
        session, theirs = str(values["session"]), str(values["nonce"])
        key = auth.session_key(role_key, role, nonce, theirs)
        proven = framing.check_mac(frame, key)
        self._opening = self._asked = None
        if proven:
            self.session, self._key, self._seq = session, key, 0
        return Reply("OPEN", values, (), proven)

    @staticmethod
    def _hint(frame: framing.Frame, values: dict[str, Value]) -> bool:
        return frame.verb == "ERR" and frame.mac == framing.NO_MAC and values["error"] in UNSIGNED

    def _ignore(self, why: str) -> Reply | None:
        self.ignored = [*self.ignored, why][-_KEPT:]
        return None


def _plain(values: "dict[str, int | str | None]") -> dict[str, Value]:
    return {name: value for name, value in values.items() if value is not None}
