"""PROPOSE, COMMIT, QUERY: how an order becomes a deed exactly once.

An order carries an id the host chose. Its first phase answers with the pump's own reading and a code; only COMMIT with that code carries
it out. The answers to the last 64 ids are kept with the checkpoint, in the same atomic save as the deed itself: the same id and content
again gives the stored answer and moves nothing. Suspend, cancel and acknowledge act in one phase, and are remembered alike.
"""

from wire import auth, limits
from wire import schema as s
from wire.codec import WireError

ID, DIGEST, EVENT, VALUE = range(4)
_MOVING = ("total_24h_ng", "steps")  # of a reading: change while drug flows


class Proposal:
    """An order that was read and answered, not carried out."""

    def __init__(self, session: str, verb: str, values: dict, digest: str, code: str, expires: int, reading: dict) -> None:
        self.session = session
        self.verb = verb
        self.values = values
        self.digest = digest
        self.code = code
        self.expires = expires
        self.reading = reading


def same_reading(proposed: dict, now: dict) -> None:
    """What was confirmed is what is carried out: refuse if it would be read differently by now. Figures that move by themselves may."""
    for name in now:
        if name == "soft":
            if now[name] & ~proposed[name]:
                raise WireError(s.CODE_EXPIRED, name, now[name], text="read differently by now")
        elif name not in _MOVING and now[name] != proposed[name]:
            raise WireError(s.CODE_EXPIRED, name, now[name], text="read differently by now")


class Commands:
    """`kept`: [id, digest, event, value] of the last commands carried out, oldest first; saved with the checkpoint."""

    def __init__(self) -> None:
        self.kept: list[list] = []
        self._proposals: list[Proposal] = []

    def stored(self, id: str, digest: str | None) -> list | None:
        """The stored answer to an id, None if it was not carried out. The id with other content is refused."""
        for entry in self.kept:
            if entry[ID] == id:
                if digest is not None and entry[DIGEST] != digest:
                    raise WireError(s.ID_REUSED, "id", text=id)
                return entry
        return None

    def keep(self, id: str, digest: str, event: int, value: int) -> None:
        """Remember what was carried out."""
        self.kept.append([id, digest, event, value])
        del self.kept[: -limits.IDS_KEPT]

    def propose(self, proposal: Proposal) -> None:
        """Each session has one proposal; a new one replaces it."""
        self._proposals = [p for p in self._proposals if p.session != proposal.session][-3:] + [proposal]

    def pending(self, id: str) -> Proposal | None:
        """The proposal with this id."""
        for proposal in self._proposals:
            if proposal.values["id"] == id:
                return proposal
        return None

    def take(self, session: str, id: str, code: str, now: int) -> Proposal:
        """The proposal that a COMMIT confirms; it is gone then, whatever comes of it. A wrong code ends it too: codes are not guessed."""
        proposal = self.pending(id)
        if proposal is None or proposal.session != session:
            raise WireError(s.BAD_CODE, "id", text="nothing proposed with this id")
        self._proposals.remove(proposal)
        if not auth.same(proposal.code, code):
            raise WireError(s.BAD_CODE, "code", text=code)
        if now > proposal.expires:
            raise WireError(s.CODE_EXPIRED, "code", now - proposal.expires + limits.CODE_MS, None, limits.CODE_MS)
        return proposal
