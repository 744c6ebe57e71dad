"""One short function a message: the decoded fields in, (verb, fields) of the reply out. READS holds those that change nothing.

Orders (PROVISION, PRESCRIBE, BOLUS ...) share propose, commit and act_now; what they do is in pump/core/orders/.
"""

from binascii import unhexlify

from pump.app import telemetry
from pump.app.commands import EVENT, VALUE, Proposal, same_reading
from pump.app.ports import CONFIRM, UNSEATED
from pump.app.session import Session
from pump.core import orders
from pump.core.reject import Reject
from wire import alarms, codec, events, limits
from wire import schema as s
from wire.codec import WireError
from wire.fingerprint import SCHEMA_HASH
from wire.rows import rows_hash

_LEAVE_MS = 500  # for the answer to get out
_LESS = ("SUSPEND", "CHANGE", "CANCEL")  # immediate: nothing more is granted before they act

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pump.app.loop import App

    Reply = tuple[str, dict]


def hello(app: "App", who: Session, values: dict) -> "Reply":
    if values["version"] != s.VERSION:
        raise WireError(s.BAD_VERSION, "version", values["version"], s.VERSION, s.VERSION)
    therapy = app.therapy
    said = {
        "version": s.VERSION,
        "firmware": app.firmware,
        "serial": app.hw.serial,
        "board": app.hw.board.NAME,
        "schema": SCHEMA_HASH,
        "state": therapy.state,
    }
    if therapy.row:
        said["library"] = therapy.row[limits.NAME]
        said["library_hash"] = codec.table_hash(therapy.row)
        said["syringe"] = therapy.syringe[0]
    why = app.why or app.post.why()
    if why:
        said["why"] = why
    return "HELLO", said


def open_session(app: "App", who: Session, values: dict) -> "Reply":
    session, nonce = app.sessions.open(values["role"], values["nonce"], app.therapy.now)
    app.reply_as = session
    return "OPEN", {"session": session.name, "nonce": nonce}


def status(app: "App", who: Session, values: dict) -> "Reply":
    return "STATUS", telemetry.status(app.therapy, app.known_steps(), app.head(), app.last_event())


def books(app: "App", who: Session, values: dict) -> "Reply":
    return "BOOKS", telemetry.books(app.therapy, app.known_steps(), app.resets, app.cuts)


def course(app: "App", who: Session, values: dict) -> "Reply":
    return "COURSE", telemetry.course(app.therapy)


def selftest(app: "App", who: Session, values: dict) -> "Reply":
    post = app.post
    said = {"result": post.result, "passed": post.passed, "total": post.total, "failed": post.failed, "ms": post.ms, "rounds": post.rounds}
    return "SELFTEST", said


def level(app: "App", who: Session, values: dict) -> "Reply":
    return "LEVEL", telemetry.level(app.therapy)


def stage(app: "App", who: Session, values: dict) -> "Reply":
    """One row of a flex schedule, kept for this session. The same again changes nothing; another count begins anew."""
    if len(who.rows) != values["count"]:
        who.rows = [None] * values["count"]
    if values["index"] >= values["count"]:
        raise WireError(s.OUT_OF_RANGE, "index", values["index"], 0, values["count"] - 1)
    who.rows[values["index"]] = [values["offset_ms"], values["ng_per_day"]]
    held = len([row for row in who.rows if row])
    said = {"index": values["index"], "held": held}
    if held == values["count"]:
        said["rows_hash"] = rows_hash(who.rows)
    return "STAGE", said


def rows(app: "App", who: Session, values: dict) -> "Reply":
    return "ROWS", telemetry.row(app.therapy, values["index"])


def review(app: "App", who: Session, values: dict) -> "Reply":
    return "REVIEW", telemetry.review(app.therapy)


def alarm(app: "App", who: Session, values: dict) -> "Reply":
    return "ALARMS", telemetry.alarm(app.therapy, values["index"])


def sound(app: "App", who: Session, values: dict) -> "Reply":
    """The alarms' self-test; not while one stands, whose sound it would hide."""
    top = app.therapy.alarms.top()
    if top:
        raise Reject(s.NOT_NOW, None, "alarm", top, text="alarm")
    return "DONE", done(app, None, s.RESULT_DONE, app.last_event(), app.try_alarms())


def log(app: "App", who: Session, values: dict) -> "Reply":
    """EVENT lines go out one by one; the DONE after them tells the end of the log."""
    if app.journal is not None:
        app.read_to(values["first"] + values["count"] - 1)
        first = max(values["first"], app.journal.log.first)
        for seq in range(first, min(first + values["count"], app.journal.log.last + 1)):
            record = app.journal.log.read(seq)
            if record is not None:
                names = ("seq", "at_ms", "event", "a", "b", "known_steps", "most_steps", "note", "chain")
                app.extra.append(("EVENT", {names[i]: record[i] for i in range(9)}))
    return "DONE", done(app, None, s.RESULT_DONE, app.last_event(), 0)


def query(app: "App", who: Session, values: dict) -> "Reply":
    id = values["id"]
    entry = app.commands.stored(id, None)
    if entry is not None:
        return "DONE", done(app, id, s.RESULT_DONE, entry[EVENT], entry[VALUE])
    result = s.RESULT_UNKNOWN if app.commands.pending(id) is None else s.RESULT_PENDING
    return "DONE", done(app, id, result, 0, 0)


def commit(app: "App", who: Session, values: dict) -> "Reply":
    id = values["id"]
    entry = app.commands.stored(id, None)
    if entry is not None:
        return "DONE", done(app, id, s.RESULT_DONE, entry[EVENT], entry[VALUE])
    proposal = app.commands.take(who.name, id, values["code"], app.therapy.now)
    app.post.refuse(proposal.verb, app.therapy.alarms, app.why)
    return "DONE", carry_out(app, who, proposal.verb, proposal.values, proposal.digest, proposal.reading)


def propose(app: "App", who: Session, verb: str, values: dict, digest: str) -> "Reply":
    """First phase of an order: the pump's own reading, and a code."""
    need_seat(app, verb)
    check, _ = orders.find(verb)
    values["read_ms"] = app.therapy.now
    if values.get("rows_hash"):
        values["rows"] = _staged(who, values)
    reading = check(app.therapy, values, acting(app, who, verb))
    code = app.sessions.hex(6)
    app.commands.propose(Proposal(who.name, verb, values, digest, code, app.therapy.now + limits.CODE_MS, reading))
    said = dict(reading)
    said["id"] = values["id"]
    said["code"] = code
    said["expires_ms"] = limits.CODE_MS
    said["what"] = verb
    return "PROPOSED", said


def _staged(who: Session, values: dict) -> list:
    """The rows that a PRESCRIBE quotes the hash of."""
    if not who.rows or None in who.rows or rows_hash(who.rows) != values["rows_hash"]:
        raise WireError(s.BAD_FIELD, "rows_hash", text="not what this session has staged")
    return list(who.rows)


def need_seat(app: "App", verb: str) -> None:
    """R13: a change of syringe ends with one in the seat, where the board can tell."""
    ends = getattr(app.hw, "ends", None)
    if verb == "REFILL" and app.therapy.state == s.CHANGING and ends is not None and ends.state() & UNSEATED:
        raise Reject(s.NOT_NOW, 13, text="no syringe in the seat")


def acting(app: "App", who: Session, verb: str) -> int:
    """The role an order is judged by. For new keys a hand on CONFIRM at the pump stands for the service key, which may be lost."""
    if verb == "PROVISION" and who.role == s.OBSERVER and app.hw.switches.pressed() & CONFIRM:
        if app.therapy.alarms.find(alarms.STUCK_BUTTON) is None:  # shorted, it would be a hand for ever
            return s.SERVICE
    return who.role


def act_now(app: "App", who: Session, verb: str, values: dict, digest: str) -> "Reply":
    """An order in one phase."""
    return "DONE", carry_out(app, who, verb, values, digest, None)


def order(app: "App", who: Session, verb: str, phase: int, values: dict, body: str) -> "Reply":
    """Any order: an id that was carried out already answers as it did then."""
    digest = codec.digest(verb, body)
    entry = app.commands.stored(values["id"], digest)
    if entry is not None:
        return "DONE", done(app, values["id"], s.RESULT_DONE, entry[EVENT], entry[VALUE])
    proposal = app.commands.pending(values["id"])
    if proposal is not None and proposal.digest != digest:
        raise WireError(s.ID_REUSED, "id", text=values["id"])
    app.post.refuse(verb, app.therapy.alarms, app.why)
    if verb == "SERVICE" and getattr(app.hw, "service", None) is None:
        raise WireError(s.NOT_NOW, text="no prompt")
    if verb == "CLOCK" and getattr(app.hw.rtc, "set", None) is None:
        raise WireError(s.NOT_NOW, text="no clock")
    return (propose if phase == s.TWO else act_now)(app, who, verb, values, digest)


def carry_out(app: "App", who: Session, verb: str, values: dict, digest: str, reading: dict | None) -> dict:
    """Check once more, do it, and make it durable together with its answer. `reading` is what was proposed and confirmed, if it was."""
    need_seat(app, verb)
    check, do = orders.find(verb)
    again = check(app.therapy, values, acting(app, who, verb))
    if reading is not None:
        same_reading(reading, again)
    if app.delivery is not None and verb not in _LESS and not app.post.running:
        app.delivery.top_up(app.therapy.now)
    before = app.snapshot()
    if verb == "PROVISION":
        app.provision(values, digest)
    elif verb == "CLOCK":
        set_clock(app, values["seconds"])
    value = do(app.therapy, values, who.role)
    event = app.last_event() + len(app.therapy.news)
    if verb == "PRESCRIBE":
        app.therapy.rx_event = event
    if again and again.get("soft"):
        app.therapy.tell(events.OVERRIDDEN, again["soft"], who.role, values.get("reason") or "")
    app.commands.keep(values["id"], digest, event, value)
    if verb == "PROVISION":
        app.save()  # the settings are durable and hold; without a checkpoint of them the next boot carries it out once more
    else:
        app.make_durable(before)
    if verb == "SERVICE":
        app.leave_at = app.therapy.now + _LEAVE_MS
    return done(app, values["id"], s.RESULT_DONE, event, value)


def set_clock(app: "App", seconds: int) -> None:
    """Before it is journaled: the checkpoint then holds the new time to count from."""
    try:
        app.hw.rtc.set(seconds)
    except OSError:
        raise WireError(s.NOT_NOW, text="no clock")


def done(app: "App", id: str | None, result: int, event: int, value: int) -> dict:
    """A DONE reply: `head` is the chain as it was at `event`."""
    head = app.head()
    if event and app.journal is not None and event != app.journal.log.last:
        record = app.journal.log.read(event)
        if record is not None:
            head = record[8]
    said = {"result": result, "event": event, "head": head[:8], "value": value}
    if id is not None:
        said["id"] = id
    return said


def keys_of(values: dict) -> dict[int, bytes]:
    """The roles' keys in a PROVISION message."""
    return {
        s.OPERATOR: unhexlify(values["operator_key"]),
        s.CLINICIAN: unhexlify(values["clinician_key"]),
        s.SERVICE: unhexlify(values["service_key"]),
    }


READS = {
    "HELLO": hello,
    "OPEN": open_session,
    "STATUS": status,
    "BOOKS": books,
    "COURSE": course,
    "LEVEL": level,
    "SELFTEST": selftest,
    "REVIEW": review,
    "ROWS": rows,
    "STAGE": stage,
    "ALARMS": alarm,
    "SOUND": sound,
    "LOG": log,
    "QUERY": query,
    "COMMIT": commit,
}
