"""A host for the rig, small enough for every interpreter: sessions, requests, propose and commit over the memory link.

    host = Host(Rig(seed=1))
    host.provision()
    host.open(s.CLINICIAN)
    host.do("PRESCRIBE", **FIRST)          # propose and commit: the values of DONE
    host.ask("STATUS")["state"]
    host.refusal("BOLUS", dose_ng=5000)    # the values of ERR

Ids and nonces are counted, so that the same test gives the same bytes.
"""

from wire import auth, codec, framing
from wire import schema as s

KEYS = {s.OPERATOR: "01" * 32, s.CLINICIAN: "02" * 32, s.SERVICE: "03" * 32}
FIRST = {
    "drug": "baclofen",
    "conc_ng_per_ml": 500000,
    "conc_again_ng_per_ml": 500000,
    "basal_ng_per_day": 100000,
    "max_24h_ng": 115000,
    "origin": s.ORIGIN_CHILD,
    "screen_ng": 50000,
    "screen_long": 0,
    "pb_dose_ng": 5000,
    "pb_duration_ms": 300000,
    "pb_lockout_ms": 21600000,
    "pb_max": 3,
}


class Refusal(Exception):
    """The pump answered ERR."""

    def __init__(self, values):
        super().__init__(str(values))
        self.values = values


class Host:
    def __init__(self, rig):
        self.rig = rig
        self.session = framing.ANONYMOUS
        self.key = None
        self.seq = 0
        self.count = 0

    def open(self, role):
        """A session in this role; the old one is forgotten."""
        self.session, self.key = framing.ANONYMOUS, None
        self.count += 1
        nonce = "%032x" % self.count
        line = framing.seal(">", "OPEN", self.session, 1, codec.encode(codec.request("OPEN")[3], {"role": role, "nonce": nonce}), None)
        frame = framing.unseal(self.rig.send(line)[-1].encode())
        values = codec.decode(codec.reply(frame.verb)[1], frame.body)
        if frame.verb == "ERR":
            raise Refusal(values)
        self.session = values["session"]
        self.key = auth.session_key(bytes([role] * 32), role, nonce, values["nonce"])
        assert framing.check_mac(frame, self.key)
        self.seq = 0

    def close(self):
        """Be anonymous again."""
        self.session, self.key = framing.ANONYMOUS, None

    def line(self, verb, values):
        """The next frame as bytes."""
        self.seq += 1
        return framing.seal(">", verb, self.session, self.seq, codec.encode(codec.request(verb)[3], values), self.key)

    def exchange(self, verb, values):
        """The replies: a list of (verb, values)."""
        answers = []
        for text in self.rig.send(self.line(verb, values)):
            frame = framing.unseal(text.encode())
            answers.append((frame.verb, codec.decode(codec.reply(frame.verb)[1], frame.body)))
        return answers

    def ask(self, verb, **values):
        """The values of the last reply; Refusal if it is ERR."""
        name, said = self.exchange(verb, values)[-1]
        if name == "ERR":
            raise Refusal(said)
        return said

    def refusal(self, verb, **values):
        """The values of the ERR that `do` must meet."""
        try:
            self.do(verb, **values)
        except Refusal as refusal:
            return refusal.values
        raise AssertionError("%s was not refused" % verb)

    def propose(self, verb, **values):
        """PROPOSED, or DONE of a command that acts at once."""
        self.count += 1
        values["id"] = "%015x" % self.count
        return self.ask(verb, **values)

    def do(self, verb, **values):
        """Propose and commit: DONE."""
        said = self.propose(verb, **values)
        if "code" not in said:
            return said
        return self.ask("COMMIT", id=said["id"], code=said["code"])

    def provision(self, syringe="bd-3ml", library="baclofen-itb"):
        """Keys, library and syringe, as observer on a new pump."""
        self.close()
        return self.do(
            "PROVISION",
            library=library,
            syringe=syringe,
            operator_key=KEYS[s.OPERATOR],
            clinician_key=KEYS[s.CLINICIAN],
            service_key=KEYS[s.SERVICE],
        )


def infusing(rig, **changes):
    """A host whose pump has just begun a therapy; a clinician's session is open."""
    host = Host(rig)
    host.provision()
    host.open(s.CLINICIAN)
    prescription = dict(FIRST)
    prescription.update(changes)
    host.do("PRESCRIBE", **prescription)
    return host
