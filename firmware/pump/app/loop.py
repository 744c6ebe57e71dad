"""The one loop. `step` does everything that is due, in a fixed order, and says when it next must run.

Order: what the therapy does by itself, what the evidence says, what people ask for (link, buttons), making it durable, then motion.
Three kinds of failure end differently: a Reject or WireError is an answer, a Fault an alarm that stops delivery, anything else a bug that
reaches main.py.
"""

import json

from pump.app import handlers, session
from pump.app.backoff import Backoff
from pump.app.clock import Clock
from pump.app.commands import Commands
from pump.app.delivery import IDLE_MS, Delivery
from pump.app.evidence import Evidence
from pump.app.panel import Panel
from pump.app.ports import BOLUS, SUSPEND, Hw
from pump.app.selftest import SelfTest
from pump.app.tasks import ALL, DELIVERY, LATE_MS, THERAPY, Tasks
from pump.app.telemetry import line as readable
from pump.core import backoff, orders, prescription, states
from pump.core.orders.suspend import do_suspend
from pump.core.reject import Fault, Reject
from pump.core.therapy import Therapy
from pump.store.journal import FORMAT, Journal
from pump.store.log import KEPT
from wire import alarms, codec, events, framing, limits
from wire import schema as s
from wire.codec import WireError

_NOTE_MS = 60000  # what a reset may lose of the withdrawal clock
_RETRY_MS = 3600000  # between two tries to write a log that fails: each costs a checkpoint
_OWED = 40  # events kept for a log that can not be written
_LINES = 8  # dealt with in one step, so that motion is never kept waiting


class App:
    """Built by wiring.build; boot.py fills it from the journal. `why` says what LOCKED it."""

    def __init__(self, hw: Hw, therapy: Therapy, journal: Journal | None, firmware: str) -> None:
        self.hw = hw
        self.firmware = firmware
        self.therapy = therapy
        self.journal = journal
        self.clock = Clock(hw.clock.ticks_ms)
        self.sessions = session.Sessions(hw.entropy)
        self.commands = Commands()
        self.delivery: Delivery | None = None if journal is None else Delivery(hw, therapy, journal)
        self.why = ""
        self.settings_id = ""  # id of the PROVISION command that wrote the settings in force
        self.resets = 0
        self.cuts = 0
        self.extra: list[tuple[str, dict]] = []  # EVENT lines that go out before the reply
        self.reply_as: session.Session | None = None
        self.post = SelfTest(hw)
        self.leave_at = -1  # when the pump gives way to the prompt (SERVICE)
        self._tasks = Tasks(hw)
        self._evidence = Evidence(hw, therapy)
        self._backoff = Backoff(hw, therapy)
        self._panel = Panel(hw)
        self._reader = framing.LineReader()
        self._lines: list[bytes | None] = []
        self._event_at: int | None = None
        self._log_at = 0  # not before is the log tried again
        self._enabled = False

    def boot(self) -> None:
        """Find out what happened while nobody looked, then be ready to step."""
        from pump.app.boot import boot

        boot(self)

    # --- the loop ----------------------------------------------------------------------------------------------------------

    def step(self) -> int:
        """Do what is due; the ms until this must be called again."""
        now = self.clock.now()
        if self.post.running:
            return self._test(now)
        therapy = self.therapy
        delivery = self.delivery
        if delivery is not None:
            delivery.note(max(now, therapy.now))
        if self._event_at is not None and self._event_at <= now:
            therapy.advance(now)
            self.save()
        therapy.now = max(now, therapy.now)
        if delivery is not None:
            for alarm, on in self._evidence.look(now):
                self._judge(delivery, alarm, on)
        self._listen()
        self._touch(now)
        wait = IDLE_MS
        if delivery is not None:
            wait = min(self._deliver(delivery, now), self._evidence.next_at - now)
        if self._event_at is not None:
            wait = min(wait, self._event_at - now)
        if therapy.state in states.STOPPED:
            wait = min(wait, _NOTE_MS)
        here = ALL
        if self._event_at is not None and now - self._event_at >= LATE_MS:
            here &= ~THERAPY
        if delivery is not None and not delivery.on_time(now, LATE_MS):
            here &= ~DELIVERY
        wait = self._tasks.checked(here, now, wait)
        if self.leave_at >= 0:
            wait = min(wait, self._leave(now))
        if self._lines:
            return 0
        return max(0, min(wait, self._panel.next(now), IDLE_MS))

    def _test(self, now: int) -> int:
        """The power-on self test, a slice a step: the link is served meanwhile, and nothing moves."""
        therapy, post = self.therapy, self.post
        therapy.now = max(now, therapy.now)
        self._listen()
        wait = post.run(now)
        if not post.running:
            if post.failed:
                if not self.why:  # LOCKED has an alarm, and a reason, of its own
                    therapy.alarm(alarms.SELF_TEST)
                    self.save()
            elif therapy.alarms.find(alarms.SELF_TEST) or therapy.alarms.find(alarms.MEMORY):
                therapy.alarm(alarms.SELF_TEST, False)
                therapy.alarm(alarms.MEMORY, False)
                self.save()
            self.changed()
        return 0 if self._lines else wait

    def _leave(self, now: int) -> int:
        """SERVICE was answered: outputs off, and the prompt. Nothing moves here, so there is nothing to wait for but the answer."""
        if now < self.leave_at:
            return self.leave_at - now
        self.leave_at = -1
        self.hw.stepper.enable(False)
        self.hw.service()
        return IDLE_MS

    def try_alarms(self) -> int:
        """Sound and light each pattern for a moment; the ms it takes."""
        return self._panel.test(self.therapy.now)

    def _deliver(self, delivery: Delivery, now: int) -> int:
        """Motion, and what it may have to say."""
        try:
            wait = delivery.run(now)
            wait = min(wait, self.post.idle(now, delivery.quiet(now)))
        except Fault as fault:
            self._stop(delivery, fault.alarm)
            if fault.alarm in (alarms.GOVERNOR, alarms.MOTOR):  # over once nothing moves; latched until somebody has looked
                self.therapy.alarm(fault.alarm, False)
            self.save()
            wait = IDLE_MS
        if self.therapy.news and now >= self._log_at and delivery.quiet(now):
            self._tell()
        if self._backoff.on or self.therapy.back_left:
            return min(wait, self._back_off(now))
        if self._enabled and self.therapy.state not in states.MOVING:
            busy_us = self.hw.stepper.busy_us()
            if busy_us:  # the stroke is completed: steps that are granted count as given
                return min(wait, busy_us // 1000 + 1)
            self._enabled = False
            self.hw.stepper.enable(False)
        return wait

    def _stop(self, delivery: Delivery, alarm: int) -> None:
        """Mid-stroke, at once: steps that did not leave are not counted (GIP 1.6)."""
        self.hw.stepper.halt()
        self.therapy.alarm(alarm)
        delivery.halted()

    def _judge(self, delivery: Delivery, alarm: int, on: int) -> None:
        """What the evidence says. Evidence against motion stops it; an occlusion is backed off from."""
        therapy = self.therapy
        if on and therapy.state in states.MOVING and alarms.row(alarm)[alarms.ACTION] == alarms.STOP:
            self._stop(delivery, alarm)
            if alarm == alarms.OCCLUSION and therapy.state == s.HELD:
                backoff.begin(therapy, self._evidence.rise())
            self.save()
            return
        therapy.alarm(alarm, bool(on))
        self._panel.sound(therapy.alarms.sound(therapy.now))

    def _back_off(self, now: int) -> int:
        """Pull the plunger back, each portion made durable before it moves; ms until this must run again."""
        back = self._backoff
        if not self._enabled:
            self._enabled = True
            self.hw.stepper.enable(True)
        wait = back.run(now)
        if back.owed:
            try:
                self._save()
            except OSError:
                self.therapy.alarm(alarms.STORE)
                self.changed()
                back.give_up()
            back.owed = False
        self._evidence.backing = back.on
        return wait

    # --- people ------------------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        """Bytes from the link, a few lines a step."""
        if not self._lines:  # else what is there waits in the link's own buffer, which is bounded
            data = self.hw.link.read()
            if not data:
                return
            self._lines = self._reader.feed(data)
        for line in self._lines[:_LINES]:
            if line == b"?":
                self.hw.link.write(readable(self.therapy, self.hw.serial, self.why or self.post.why()).encode() + b"\n")
            else:
                self._answer(line)
        del self._lines[:_LINES]

    def _answer(self, line: bytes | None) -> None:
        """One frame in, its reply out."""
        who, seq = self.sessions.anonymous, 0
        self.extra = []
        self.reply_as = None
        try:
            if line is None:
                raise WireError(s.BAD_FRAME, None, None, 1, s.LINE_MAX, "too long")
            frame = framing.unseal(line)
            seq = frame.seq
            who = self.sessions.find(frame, self.therapy.now)
            request, values = session.read(frame)
            self.sessions.may(who, request)
            verb, said = self._handle(who, request, values, frame.body)
        except Reject as refusal:
            verb, said = "ERR", _refusal(refusal)
            if who is not self.sessions.anonymous:
                self.therapy.tell(events.REFUSED, refusal.error, refusal.rule or 0, frame.verb)
                if refusal.rule == 13 and refusal.field == "residual_nl":  # nothing is booked, but it is known from here on
                    self.therapy.alarm(alarms.RESIDUAL)
                    self.save()
        except WireError as error:
            verb, said = "ERR", codec.error_values(error)
        for extra in self.extra:
            self.hw.link.write(session.answer(who, seq, extra[0], extra[1]))
        who = self.reply_as or who
        try:
            reply = session.answer(who, seq, verb, said)
        except WireError as error:  # a figure that its field can not hold is no reason to stop
            reply = session.answer(who, seq, "ERR", codec.error_values(error))
        self.hw.link.write(reply)

    def _handle(self, who: session.Session, request: tuple, values: dict, body: str) -> tuple[str, dict]:
        read = handlers.READS.get(request[0])
        if read is not None:
            return read(self, who, values)
        return handlers.order(self, who, request[0], request[2], values, body)

    def _touch(self, now: int) -> None:
        """The pump's own buttons."""
        asked = self._panel.poll(now)
        therapy = self.therapy
        if self._panel.stuck != (therapy.alarms.find(alarms.STUCK_BUTTON) is not None):
            therapy.alarm(alarms.STUCK_BUTTON, self._panel.stuck)
            self._panel.sound(therapy.alarms.sound(therapy.now))
        if asked & SUSPEND and (therapy.state, "suspend") in states.TABLE:
            do_suspend(therapy, {}, s.OBSERVER)
            self.save()
        if asked & BOLUS and therapy.rx:
            values = {"dose_ng": therapy.rx[prescription.PB_DOSE]}
            try:
                check_bolus, do_bolus = orders.find("BOLUS")  # flash and heap may fail it: basal goes on
                check_bolus(therapy, values, s.OPERATOR)
            except (Reject, OSError, MemoryError) as refusal:
                therapy.tell(events.BOLUS_DENIED, values["dose_ng"], getattr(refusal, "rule", 0) or 0)
                return
            if self.delivery is not None:
                self.delivery.top_up(now)
            do_bolus(therapy, values, s.OPERATOR)
            self.save()

    # --- memory ------------------------------------------------------------------------------------------------------------

    def head(self) -> str:
        """The event chain's head."""
        return "0" * 16 if self.journal is None else self.journal.log.head

    def last_event(self) -> int:
        """Number of the newest event."""
        return 0 if self.journal is None else self.journal.log.last

    def snapshot(self) -> str:
        """The therapy and the answers as they are, to go back to if they can not be made durable."""
        return json.dumps([self.therapy.dump(), self.commands.kept, self.therapy.news])

    def make_durable(self, before: str) -> None:
        """Save what an order did; if that fails the order did not happen."""
        try:
            self._save()
        except OSError:
            values = json.loads(before)
            self.therapy.restore(values[0])
            self.commands.kept = values[1]
            self.therapy.news = [tuple(item) for item in values[2]]
            self.therapy.alarm(alarms.STORE)
            self.changed()
            raise WireError(s.STORE_FAILED)

    def save(self) -> None:
        """Save what happened by itself; if that fails nothing may move."""
        try:
            self._save()
        except OSError:
            self.therapy.alarm(alarms.STORE)
            self.changed()

    def _save(self) -> None:
        journal, delivery, therapy = self.journal, self.delivery, self.therapy
        if journal is None or delivery is None or not therapy.row:
            return
        self.changed()
        news = [list(item) for item in therapy.news]
        intent = delivery.authorised(therapy.now)
        journal.save_checkpoint(
            [therapy.dump(), intent, self.commands.kept, journal.log.last, news, self.resets, self.cuts, self.settings_id, FORMAT]
        )
        if not self.post.running:  # its mark is in the same words
            delivery.note(therapy.now)
        self._log()
        therapy.alarm(alarms.STORE, False)

    def known_steps(self) -> int:
        """Steps of this therapy that are known to have left: what the stepper still has is granted, not given."""
        return int(max(0, self.therapy.known_steps() - self.hw.stepper.left()))

    def _tell(self) -> None:
        """Refusals changed nothing, so they go into the log alone: no checkpoint is worn for them. Anything else is saved."""
        journal, therapy = self.journal, self.therapy
        if journal is None or [item for item in therapy.news if item[0] not in events.UNSAVED]:
            self.save()
            return
        self._log()

    def _log(self) -> None:
        """Write the news. If that fails the checkpoint owes them to the log, and the therapy goes on (R14)."""
        journal, therapy = self.journal, self.therapy
        if journal is None:
            return
        try:
            journal.append(therapy.now, therapy.news, self.known_steps(), therapy.plan.emitted)
        except OSError:
            self._log_at = therapy.now + _RETRY_MS
            del therapy.news[:-_OWED]
            therapy.alarm(alarms.LOG)
            self._panel.sound(therapy.alarms.sound(therapy.now))
            return
        self._log_at = 0
        therapy.alarm(alarms.LOG, False)
        self._watch_log(journal)

    def read_to(self, seq: int) -> None:
        """Somebody has read the log up to record `seq`."""
        if self.journal is not None:
            self.therapy.log_read = max(self.therapy.log_read, min(seq, self.journal.log.last))
            self._watch_log(self.journal)

    def _watch_log(self, journal: Journal) -> None:
        """The ring goes on over records that nobody has read; that is said before."""
        self.therapy.alarm(alarms.LOG_FULL, journal.log.last - self.therapy.log_read > KEPT * 9 // 10)

    def changed(self) -> None:
        """The therapy may have changed: deadlines, sound and enable follow."""
        therapy = self.therapy
        if self.delivery is not None:
            self.delivery.replan()
            self._evidence.changed(self.delivery.fast)
        at = therapy.next_event() if therapy.row else None
        loud = therapy.alarms.loud_at(therapy.now)
        self._event_at = loud if at is None or loud is not None and loud < at else at
        self._panel.sound(therapy.alarms.sound(therapy.now))
        if therapy.state in states.MOVING and not self._enabled and not self.post.running:
            self._enabled = True
            self.hw.stepper.enable(True)

    def provision(self, values: dict, digest: str) -> None:
        """Keys, library and syringe become settings, with the command's id: a cut from here on is rolled forward at boot."""
        journal = self.journal
        if journal is None:
            raise WireError(s.STORE_FAILED)
        row = limits.drug(values["library"])
        try:
            journal.format()
            journal.settings.save(
                [values["library"], codec.table_hash(row), values["syringe"]]
                + [values[name] for name in ("operator_key", "clinician_key", "service_key")]
                + [values["id"], digest]
            )
        except OSError:
            raise WireError(s.STORE_FAILED)
        self.sessions.forget()
        self.sessions.keys = handlers.keys_of(values)
        self.settings_id = values["id"]


def _refusal(refusal: Reject) -> dict:
    """A Reject as the fields of an ERR reply."""
    return {
        "error": refusal.error,
        "field": refusal.field,
        "value": refusal.value,
        "low": refusal.low,
        "high": refusal.high,
        "rule": refusal.rule,
        "in_ms": refusal.in_ms,
        "text": refusal.text,
    }
