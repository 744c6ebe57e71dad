"""Request and answer over a port, and what to do when an answer does not come. Times in seconds.

Three manners, after the phases of the schema. `read` changes nothing and is simply asked again. `propose` is sent again
with the same id and content, which moves nothing. `execute` (COMMIT, SUSPEND, CANCEL, ACK) is resolved by QUERY of its
id and never sent under another one: what QUERY cannot answer is OutcomeUnknown. A stale session is reopened, a port that
vanished is reopened. Used by pump.py only.
"""

import time
from collections.abc import Callable

from .client import Client, Reply
from .errors import (
    BadCode,
    Garbled,
    LinkError,
    NoAnswer,
    NotExecuted,
    OutcomeUnknown,
    PortVanished,
    Refused,
    Values,
    WrongProof,
    refused,
)
from .transport import Transport
from .wire import schema

TIMEOUT_S = 2.0  # for one answer: a pump may be writing flash, an emulated one is 20 times slower
TRIES = 3  # of anything that may be asked again
_PAUSE_S = 0.5  # before a port is opened again: USB needs a moment to come back

_NOISE = (schema.BAD_FRAME, schema.BAD_CRC)
_ANOTHER_SESSION = (schema.STALE_SESSION, schema.BAD_MAC, schema.REPLAY)


class Link:
    """Talks to the pump behind `connect()`, which is called again when the port vanishes."""

    def __init__(
        self,
        connect: Callable[[], Transport],
        *,
        client: Client | None = None,
        timeout_s: float = TIMEOUT_S,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connect = connect
        self._client = client or Client()
        self.timeout_s = timeout_s
        self._sleep = sleep
        self._login: tuple[int, bytes] | None = None
        self._port: Transport | None = connect()
        self.name = self._port.name

    def close(self) -> None:
        """Let the port go."""
        if self._port:
            self._port.close()
        self._port = None

    # --- sessions -----------------------------------------------------------------------------------------------------
    def login(self, role: int, key: bytes) -> None:
        """Open a session of `role`, and again whenever it goes stale. WrongProof if the pump does not have the key."""
        self._login = None
        for _ in range(TRIES):
            reply = self._exchange(self._client.open(role, key))
            if reply is None or (reply.verb == "ERR" and reply.values["error"] in _NOISE):
                continue
            if reply.verb == "ERR":
                raise refused("OPEN", reply.values)
            if not reply.signed:
                raise WrongProof(f"The pump at {self.name} does not have the key that is stored here for it.")
            self._login = (role, key)
            return
        raise self._silence("OPEN")

    def _again(self) -> None:
        """A fresh session after the old one went stale."""
        self._client.forget()
        if self._login:
            role, key = self._login
            self.login(role, key)
            self._login = (role, key)

    def _reconnect(self) -> None:
        """The port once more, then the session."""
        login = self._login
        self.close()
        self._sleep(_PAUSE_S)
        self._port = self._connect()
        self._client.forget()
        if login:
            self.login(*login)

    # --- the three manners --------------------------------------------------------------------------------------------
    def read(self, verb: str, values: Values | None = None) -> Reply:
        """Ask for something that changes nothing. Raises Refused, or a LinkError after TRIES silences."""
        return self._patiently(verb, values or {})

    def propose(self, verb: str, values: Values) -> Reply:
        """PROPOSED for a command with an id. Sent again unchanged if need be: the pump gives its stored answer."""
        return self._patiently(verb, values)

    def execute(self, verb: str, values: Values) -> Reply:
        """DONE for something that acts. Raises Refused, NotExecuted, or OutcomeUnknown."""
        try:
            reply = self._once(verb, values)
        except KeyboardInterrupt:
            return self._resolve(verb, values, "interrupted at the keyboard", again=False)
        except LinkError as error:
            return self._resolve(verb, values, error.problem)
        if reply is None:
            return self._resolve(verb, values, self._silence(verb).problem)
        return reply

    def query(self, command_id: str) -> Reply:
        """DONE with what became of a command: result unknown, pending or done."""
        return self.read("QUERY", {"id": command_id})

    # --- below --------------------------------------------------------------------------------------------------------
    def _patiently(self, verb: str, values: Values) -> Reply:
        vanished: PortVanished | None = None
        for _ in range(TRIES):
            try:
                if vanished:
                    self._reconnect()
                vanished = None
                reply = self._once(verb, values)
            except PortVanished as error:
                vanished = error
                continue
            if reply:
                return reply
        raise vanished or self._silence(verb)

    def _once(self, verb: str, values: Values) -> Reply | None:
        """One attempt, noise and stale sessions mended; None for silence; raises Refused."""
        for _ in range(TRIES):
            reply = self._exchange(self._client.ask(verb, values))
            if reply is None or reply.verb != "ERR":
                return reply
            error = reply.values["error"]
            if reply.signed or (self._login is None and error not in _NOISE):
                raise refused(verb, reply.values)
            # Without its MAC an ERR proves nothing; what it suggests is safe to try, since ids make commands happen once.
            if error in _ANOTHER_SESSION:
                self._again()
        raise Garbled(
            f"{self.name}: the pump could not read {verb}, {TRIES} times running.",
            "Is another program writing to the port, or the cable bad?",
        )

    def _resolve(self, verb: str, values: Values, cause: str, again: bool = True) -> Reply:
        """What became of a command whose answer was lost. Only ever sent again under its own id, and only when QUERY
        says that it was not executed."""
        command_id = str(values["id"])
        for attempt in range(TRIES):
            try:
                if attempt or self._port is None:
                    self._reconnect()
                reply = self._query(command_id)
                result = reply.values["result"]
                if result == schema.RESULT_DONE:
                    return reply
                if not again or (result == schema.RESULT_UNKNOWN and verb == "COMMIT"):
                    raise NotExecuted(
                        f"{verb} was not carried out, and will not be: {cause}", "Nothing has changed. Start again when the link is back."
                    )
                done = self._once(verb, values)
                if done:
                    return done
            except NotExecuted:
                raise
            except BadCode as error:  # the pump knows the proposal no more: another session, or it was confirmed too late
                raise NotExecuted(f"{verb} was not carried out: {cause}", "Nothing has changed. Give the command again.") from error
            except LinkError as error:
                cause = error.problem
        raise OutcomeUnknown(command_id, verb, cause)

    def _query(self, command_id: str) -> Reply:
        """QUERY, where a refusal to answer is one more failure of the link and not a refusal of the command."""
        try:
            return self.query(command_id)
        except Refused as error:
            raise NoAnswer(f"{self.name}: QUERY was refused ({error})") from error

    def _exchange(self, frame: bytes) -> Reply | None:
        """Send a frame and wait for its reply; None for silence."""
        port = self._port
        if port is None:
            raise PortVanished(f"Port {self.name} is closed.")
        try:
            return self._wait(port, frame)
        except PortVanished:
            self.close()
            raise

    def _wait(self, port: Transport, frame: bytes) -> Reply | None:
        port.write(frame)
        end = port.now() + self.timeout_s
        while True:
            left = end - port.now()
            if left <= 0:
                return None
            data = port.read(left)
            reply = self._client.receive(data) if data else None
            if reply:
                return reply

    def _silence(self, verb: str) -> NoAnswer:
        heard = [why for why in self._client.ignored if why.startswith("not a frame: ")]
        if heard:
            said = heard[-1].removeprefix("not a frame: ")
            return NoAnswer(f"{self.name} answers, but is not a Tapir pump: it said {said!r}.", "tapir ports shows what is where.")
        if self._client.ignored:
            return NoAnswer(f"{self.name}: no valid answer to {verb} in {self.timeout_s:g} s; ignored: {self._client.ignored[-1]}.")
        return NoAnswer(
            f"{self.name}: no answer to {verb} in {self.timeout_s:g} s.", "Is it a Tapir pump, powered and not in a debugger? tapir ports"
        )
