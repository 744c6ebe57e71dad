"""Boot: read the journal, find out how the last life ended, and bring the therapy back or hold it.

Power-on: what may have left counts as left (R5, R6), the clock goes on from the last thing written, and R7 decides whether basal
resumes. Watchdog or soft reset: the scratch words say exactly what left and when; basal goes on at once, a bolus does not.
A provisioned pump whose store can not be read is LOCKED; it never starts fresh.
"""

from binascii import unhexlify

from pump.app.ports import POWER_ON, WATCHDOG
from pump.core import power, states
from pump.store import crash
from pump.store.journal import FORMAT
from wire import alarms, codec, events, limits
from wire import schema as s

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pump.app.loop import App

_ROLES = (s.OPERATOR, s.CLINICIAN, s.SERVICE)
_LOGGED, _OWED = 4, 5  # of a checkpoint as App._save writes it: the last event in the log, those that were to follow


def boot(app: "App") -> None:
    """Called once, before the first step."""
    app.hw.stepper.enable(False)
    why = _recover(app)
    if why:
        app.why = why
        app.journal = None
        app.delivery = None
        app.therapy.row = ()
        app.therapy.state = s.UNPROVISIONED
        app.therapy.fire("lock")
        app.therapy.alarm(alarms.STORE)  # a therapy may have stopped with it: somebody must hear
    else:
        if app.post.failed:  # of a pump that is not provisioned, too
            app.therapy.alarm(alarms.SELF_TEST)
        _tell_crash(app)
    app.changed()


def _tell_crash(app: "App") -> None:
    """A crash that the log does not know yet goes into it, once."""
    files = app.hw.files
    seen = crash.peek(files) if app.therapy.row else None
    if seen is None:
        return
    app.therapy.tell(events.CRASHED, seen[0], app.hw.watchdog.cause(), codec.fit(seen[1]))
    app.save()
    try:
        crash.logged(files)
    except OSError:
        pass  # it may be told twice


def _recover(app: "App") -> str:
    """Take over what the journal holds; the reason if it can not be trusted."""
    journal = app.journal
    if journal is None:
        return "the store can not be mounted"
    settings = journal.settings.load()
    values = journal.load_checkpoint()
    if settings is None:
        return "the settings can not be read" if journal.settings.broken or values is not None or journal.log.last else ""
    row, syringe = limits.drug(settings[0]), limits.syringe(settings[2])
    if row is None or codec.table_hash(row) != settings[1]:
        return "the drug library is not the one provisioned"
    if syringe is None:
        return "the syringe provisioned is not known"
    if values is not None and values[-1] != FORMAT:
        return "journal of another firmware: flash that"
    if values is None and (journal.checkpoint_broken() or journal.log.last):
        return "the checkpoint can not be read"
    if journal.log.damage and not journal.log.last:
        return "the log can not be read"
    if values is not None:
        why = journal.contradiction(values[_LOGGED] + len(values[_OWED]), events.UNSAVED)
        if why:
            return why
    app.sessions.keys = {_ROLES[i]: unhexlify(settings[3 + i]) for i in range(3)}
    app.therapy.row, app.therapy.syringe = row, syringe
    if values is not None:
        _restore(app, values)
    _finish_provisioning(app, settings[6], settings[7])
    if app.post.failed:  # before anything is written: that overwrites the mark which says so
        app.therapy.alarm(alarms.SELF_TEST)
    app.save()
    return ""


def _finish_provisioning(app: "App", id: str, digest: str) -> None:
    """A power cut between settings and checkpoint: the settings hold, so the command that wrote them is carried out to its end."""
    if app.settings_id != id and app.therapy.state in (s.UNPROVISIONED, s.READY, s.ENDED):
        app.settings_id = id
        app.therapy.fire("provision")
        app.commands.keep(id, digest, app.last_event() + len(app.therapy.news), 0)


def _restore(app: "App", values: list) -> None:
    """values: a checkpoint as App.save writes it."""
    journal, therapy, delivery = app.journal, app.therapy, app.delivery
    if journal is None or delivery is None:
        return
    _, dump, intent, kept, log_last, owed, app.resets, app.cuts, app.settings_id, _ = values
    therapy.restore(dump)
    saved = therapy.plan.emitted
    app.commands.kept = kept
    known, auth, seconds, hours = intent
    owed = owed[max(0, journal.log.last - log_last) :]
    try:
        journal.append(therapy.now, owed, max(0, known - therapy.gap_steps), therapy.plan.emitted)
    except OSError:
        therapy.news = [tuple(event) for event in owed]
    steps, since = 0, therapy.now
    later = journal.load_intent()
    if later is not None:
        if therapy.state in states.DELIVERING:
            therapy.runs()  # motion was authorised since
        _, therapy.now, therapy.plan.t, therapy.plan.num, therapy.plan.emitted, known, auth, seconds, steps, since = later
    delivery.replan()
    if journal.intent_lost():  # the other one let a stretch more leave, at most
        auth += delivery.stretch()
    cause = app.hw.watchdog.cause()
    noted = None if cause == POWER_ON else delivery.noted(therapy.plan.emitted, therapy.now)
    if therapy.state != s.PRIMING:
        therapy.governor.went((known if noted is None else noted[0]) - saved)
    if noted is None:
        app.cuts += 1
        # What is lost beyond basal is a bolus, and counts for the governor. Basal does not: the time in which it left is no part of
        # pump time, so counting its steps in a window of pump time would stop basal that may go on.
        lost = max(0, auth - known - delivery.basal_ahead())
        power.lost(therapy, known, auth, _off_ms(app, seconds))
        delivery.restore_governor(hours, steps, since, lost, therapy.now)
    else:
        app.resets += 1
        granted, queued, therapy.now, plan_t = noted
        steps += granted - therapy.plan.emitted
        therapy.plan.settle(plan_t)
        therapy.plan.take(granted - therapy.plan.emitted)
        # a watchdog that bit waited for longer than the queue lasts; any other reset cut it off
        power.reset(therapy, 0 if cause == WATCHDOG else queued)
        therapy.tell(events.RESET, cause)
        delivery.restore_governor(hours, steps, since, 0, therapy.now)
    app.clock.set_base(therapy.now)


def _off_ms(app: "App", seconds: int | None) -> int:
    """How long the power was off, at most, by a board clock that never stopped; -1 if there is none."""
    if not app.post.cold:
        return 0  # the scratch words were of another turn, but power was there
    now = app.hw.rtc.seconds()
    if now is None or seconds is None or now < seconds:
        return -1
    return int(now - seconds + 1) * 1000  # whole seconds: what reads as 3600 may have been up to 3601
