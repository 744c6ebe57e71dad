"""Everything that can go wrong on the host, one exception per fault, each with the exit code the command ends with.

Exit codes: 0 done, 2 usage, 3 link, 4 refused, 5 alarm, 6 outcome unknown. `TapirError.hint` says what to do next; the
sentences about a pump's refusal are made by words/ from the codes and integers kept here. Raised everywhere, caught
in cli/__init__.py.
"""

from collections.abc import Mapping

from .wire import names, schema

EXIT_DONE, EXIT_USAGE, EXIT_LINK, EXIT_REFUSED, EXIT_ALARM, EXIT_UNKNOWN = 0, 2, 3, 4, 5, 6

Value = int | str
Values = Mapping[str, Value]


class TapirError(Exception):
    """Root of all faults this package raises on purpose."""

    exit_code = EXIT_USAGE

    def __init__(self, problem: str, hint: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.problem}\n{self.hint}" if self.hint else self.problem


# --- what the person gave us (exit 2) ---------------------------------------------------------------------------------
class UsageError(TapirError):
    """The command line, a file or an answer cannot be used; nothing was sent."""


class PrescriptionError(UsageError):
    """A prescription file: names file, line, key, value and the accepted forms."""


class QuantityError(UsageError):
    """A number with a unit that is ambiguous, unknown or not exact."""


class Declined(UsageError):
    """A question was answered with no, or could not be asked; nothing has changed."""


class ImageError(UsageError):
    """A UF2 that cannot become a pump's: not a UF2, damaged, for another chip, or no MicroPython."""


class KeyStoreError(UsageError):
    """Root of faults of the key store."""


class NoKeys(KeyStoreError):
    """No keys are stored here for this serial number and role."""


class KeysUnsafe(KeyStoreError):
    """The key file can be read by others, or is damaged."""


class KeysExist(KeyStoreError):
    """Provisioning a pump whose keys are held already: its flash may have been wiped."""


# --- the way to the pump (exit 3) -------------------------------------------------------------------------------------
class LinkError(TapirError):
    """The pump could not be reached or understood. No command that changes something was under way."""

    exit_code = EXIT_LINK


class PortError(LinkError):
    """The port does not exist, is busy or may not be opened."""


class NoPump(LinkError):
    """No port was named and none was found, or several were."""


class PortVanished(LinkError):
    """The port disappeared while it was in use."""


class NoAnswer(LinkError):
    """Nothing came back in time, or nothing that is a Tapir frame."""


class WrongProof(LinkError):
    """The pump could not show that it has the key we hold: another pump, or provisioned elsewhere."""


class Garbled(LinkError):
    """Replies kept failing their checksum."""


class ForeignSchema(LinkError):
    """The firmware speaks another version of the wire format."""


class ForeignLibrary(LinkError):
    """The pump's drug library entry is not the one known here: what a dose or preset means is not agreed."""


class NotExecuted(LinkError):
    """The link failed and QUERY showed that the command was never carried out, nor will be."""


class FlashFailed(LinkError):
    """Copying the firmware did not come to its end; the pump does not start until it has been done again."""


class OutcomeUnknown(TapirError):
    """A command was sent, its answer was lost and QUERY could not be answered either (exit 6)."""

    exit_code = EXIT_UNKNOWN

    def __init__(self, command_id: str, verb: str, cause: str) -> None:
        super().__init__(
            f"It is not known whether {verb} {command_id} was carried out: {cause}",
            f"Do not repeat it. When the pump answers again, ask what became of it: tapir log --id {command_id}",
        )
        self.command_id = command_id
        self.verb = verb


# --- the pump said no (exit 4) ----------------------------------------------------------------------------------------
class Refused(TapirError):
    """An ERR from the pump; nothing was changed. Integers are canonical units of the field concerned."""

    exit_code = EXIT_REFUSED

    def __init__(self, verb: str, values: Values) -> None:
        self.verb = verb
        self.error = _int(values, "error", 0)
        self.field = _text(values, "field")
        self.value = _opt(values, "value")
        self.low = _opt(values, "low")
        self.high = _opt(values, "high")
        self.rule = _opt(values, "rule")
        self.in_ms = _opt(values, "in_ms")
        self.text = _text(values, "text")
        super().__init__(f"{verb} refused: {error_name(self.error)}")

    def code_is(self, code: int) -> bool:
        """Whether the error is this one of names.ERRORS."""
        return self.error == code

    def values(self) -> dict[str, Value]:
        """The coded answer again, absent fields left out."""
        found = {"verb": self.verb, "error": error_name(self.error)}
        rest = {name: getattr(self, name) for name in ("field", "value", "low", "high", "rule", "in_ms", "text")}
        return found | {name: value for name, value in rest.items() if value is not None}


class Locked(TapirError):
    """The pump's store cannot be read: it moves nothing and knows no keys."""

    exit_code = EXIT_REFUSED


class NotFlashable(TapirError):
    """A board that must not or can not be flashed as it is: a therapy, closed REPL, another chip, other firmware. Nothing was written."""

    exit_code = EXIT_REFUSED


class BadFrame(Refused):
    """Not a canonical frame."""


class BadCrc(Refused):
    """Noise on the line."""


class BadVersion(Refused):
    """This wire version is not spoken there."""


class BadVerb(Refused):
    """No such message there."""


class BadField(Refused):
    """A field missing, unknown or of the wrong kind."""


class OutOfRange(Refused):
    """A value outside its range; the range is in low and high."""


class NotAuthorised(Refused):
    """This role may not do that."""


class StaleSession(Refused):
    """The session was closed; the client opens a new one by itself."""


class BadMac(Refused):
    """The pump has another key for this role."""


class Replay(Refused):
    """A sequence number came twice."""


class NotNow(Refused):
    """Not possible in the pump's present state."""


class LimitReached(Refused):
    """A safety rule: rule, value, limit and when it would be allowed."""


class BadCode(Refused):
    """The confirm code does not belong to this proposal."""


class CodeExpired(Refused):
    """The proposal was confirmed too late."""


class IdReused(Refused):
    """The id belongs to another command."""


class Busy(Refused):
    """Another proposal or session is open."""


class StoreFailed(Refused):
    """The pump's journal could not be written."""


_BY_CODE: dict[int, type[Refused]] = {
    schema.BAD_FRAME: BadFrame,
    schema.BAD_CRC: BadCrc,
    schema.BAD_VERSION: BadVersion,
    schema.BAD_VERB: BadVerb,
    schema.BAD_FIELD: BadField,
    schema.OUT_OF_RANGE: OutOfRange,
    schema.NOT_AUTHORISED: NotAuthorised,
    schema.STALE_SESSION: StaleSession,
    schema.BAD_MAC: BadMac,
    schema.REPLAY: Replay,
    schema.NOT_NOW: NotNow,
    schema.LIMIT: LimitReached,
    schema.BAD_CODE: BadCode,
    schema.CODE_EXPIRED: CodeExpired,
    schema.ID_REUSED: IdReused,
    schema.BUSY: Busy,
    schema.STORE_FAILED: StoreFailed,
}


def refused(verb: str, values: Values) -> Refused:
    """The exception for an ERR reply to `verb`."""
    return _BY_CODE.get(_int(values, "error", 0), Refused)(verb, values)


def error_name(code: int) -> str:
    """BAD_CRC for 2, and so on."""
    for row in names.ERRORS:
        if row[0] == code:
            return str(row[1])
    return f"error {code}"


def _opt(values: Values, name: str) -> int | None:
    value = values.get(name)
    return value if isinstance(value, int) else None


def _int(values: Values, name: str, default: int) -> int:
    value = _opt(values, name)
    return default if value is None else value


def _text(values: Values, name: str) -> str | None:
    value = values.get(name)
    return value if isinstance(value, str) else None


# --- the pump is in alarm (exit 5) ------------------------------------------------------------------------------------
class AlarmStands(TapirError):
    """The question was answered, and the answer is that an alarm stands."""

    exit_code = EXIT_ALARM
