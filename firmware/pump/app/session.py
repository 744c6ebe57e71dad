"""Who is speaking: opens sessions, checks MACs and sequence numbers, decides which role may send what. Frames in, frames out.

A session is pending until its first good MAC, so that an anonymous line can not push a person out. Nothing here acts.
"""

from wire import auth, codec, framing, limits
from wire import schema as s
from wire.codec import WireError

_MOST = 4


class Session:
    """One open session: its key, the last sequence number and when it last spoke."""

    def __init__(self, name: str, role: int, key: bytes, now: int) -> None:
        self.name = name
        self.role = role
        self.key: bytes | None = key
        self.seq = -1
        self.seen = now
        self.rows: list = []  # of a flex schedule, staged for a PRESCRIBE of this session; None where one is missing


class Sessions:
    """`keys` holds the 32-byte key of each role, by role number."""

    def __init__(self, entropy: object) -> None:
        self._entropy = entropy
        self.keys: dict[int, bytes] = {}
        self._open: list[Session] = []
        self._pending: Session | None = None
        self.anonymous = Session(framing.ANONYMOUS, s.OBSERVER, b"", 0)
        self.anonymous.key = None

    def hex(self, digits: int) -> str:
        """Random hex digits."""
        data = self._entropy((digits + 1) // 2)  # type: ignore[operator]
        return "".join(["%02x" % b for b in data])[:digits]

    def open(self, role: int, host_nonce: str, now: int) -> tuple[Session, str]:
        """Begin a session; gives it and the pump's nonce."""
        if role not in self.keys:
            raise WireError(s.NOT_AUTHORISED, "role", role, text="no keys yet")
        nonce = self.hex(32)
        session = Session(self.hex(8), role, auth.session_key(self.keys[role], role, host_nonce, nonce), now)
        self._pending = session
        return session, nonce

    def forget(self) -> None:
        """Close all: the keys have changed."""
        self._open = []
        self._pending = None

    def find(self, frame: framing.Frame, now: int) -> Session:
        """The session a frame belongs to, with its MAC and sequence checked."""
        if frame.session == framing.ANONYMOUS:
            if frame.mac != framing.NO_MAC:
                raise WireError(s.BAD_MAC)
            return self.anonymous
        session = self._pending
        if session is None or session.name != frame.session:
            session = None
            for each in self._open:
                if each.name == frame.session:
                    session = each
        if session is None or now - session.seen > limits.IDLE_MS:
            raise WireError(s.STALE_SESSION, "session", text=frame.session)
        if session.key is None or not framing.check_mac(frame, session.key):
            raise WireError(s.BAD_MAC)
        if frame.seq <= session.seq:
            raise WireError(s.REPLAY, "seq", frame.seq, session.seq + 1)
        if session is self._pending:
            self._pending = None
            self._open = [each for each in self._open if now - each.seen <= limits.IDLE_MS][-_MOST + 1 :] + [session]
        session.seq = frame.seq
        session.seen = now
        return session

    def may(self, session: Session, request: tuple) -> None:
        """Refuse a message its role may not send."""
        if not request[1] >> session.role & 1:
            raise WireError(s.NOT_AUTHORISED, "role", session.role, text=request[0])


def read(frame: framing.Frame) -> tuple[tuple, dict]:
    """The schema's row of a request and its fields."""
    if frame.direction != framing.TO_PUMP:
        raise WireError(s.BAD_FRAME, text="not for the pump")
    request = codec.request(frame.verb)
    return request, codec.decode(request[3], frame.body)


def answer(session: Session, seq: int, verb: str, values: dict) -> bytes:
    """A reply's line."""
    return framing.seal(framing.TO_HOST, verb, session.name, seq, codec.encode(codec.reply(verb)[1], values), session.key)
