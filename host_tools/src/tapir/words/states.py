"""States and codes in words: names, what a state offers, the self test, soft limits that were overridden. Pure."""

from ..messages import SelfTest
from ..wire import limits, names, schema

IN_TITRATION = (schema.TITRATING, schema.TITRATION_PAUSED)

# What each state offers instead of what was refused.
INSTEAD = {
    schema.UNPROVISIONED: "First: tapir provision",
    schema.READY: "Nothing is prescribed: tapir prescribe FILE.toml",
    schema.INFUSING: "",
    schema.TAPERING: "tapir taper --hold lets the taper wait.",
    schema.TAPER_PAUSED: "tapir taper --continue goes on with the taper.",
    schema.TITRATING: "tapir titrate --hold lets the titration wait; tapir taper ends it.",
    schema.TITRATION_PAUSED: "tapir titrate --continue goes on with the titration.",
    schema.SCREENING: "tapir screen --cancel ends the test dose; it counts as given.",
    schema.SUSPENDED: "tapir resume lets basal flow again.",
    schema.HELD: "tapir resume lets basal flow again.",
    schema.ENDED: "A new therapy: tapir prescribe FILE.toml",
    schema.LOCKED: "Its store cannot be read: tapir info says why.",
    schema.CHANGING: "tapir refill books the new syringe, and basal goes on.",
    schema.PRIMING: "tapir prime --cancel ends it; tapir status says how long it takes.",
}

_EVERY_LOCK = (
    "It moves nothing and knows no keys: the therapy needs another pump now. What its flash holds is kept as it is, and read without it: "
    "of a simulated pump by tapir report PROFILE, of a Pico as docs/safety.md says (LOCKED)."
)
# why a pump is LOCKED, as it says it: what to do then
_LOCKED = {
    "journal of another firmware: flash that": (
        "Another version of the firmware wrote its journal. Nothing is lost: flash that version (tapir flash --locked keeps the journal),",
        "then tapir log --since '#1' --json > log.json and tapir report save what happened, and tapir taper ends the therapy;",
        "a newer version comes on after that.",
    ),
}
_OTHER_LOCK = ("Switch it off and on once: perhaps the store could only not be mounted. If it stays LOCKED, keep it for examination.",)


def locked(why: str | None) -> list[str]:
    """What to do with a LOCKED pump, a line a step; the reason is shown beside it."""
    return [_EVERY_LOCK, *_LOCKED.get(why or "", _OTHER_LOCK)]


NO_THERAPY = "Only before a therapy or after its end: tapir taper leads there."
THERAPY = (
    schema.INFUSING,
    schema.TAPERING,
    schema.TAPER_PAUSED,
    schema.TITRATING,
    schema.TITRATION_PAUSED,
    schema.SUSPENDED,
    schema.HELD,
)


def name_of(table: tuple[tuple[object, ...], ...], code: int) -> str:
    """The name of a code in one of the schema's tables, lower case with spaces."""
    return next((str(row[1]).lower().replace("_", " ") for row in table if row[0] == code), f"code {code}")


def self_test(found: SelfTest) -> str:
    """9 of 9 passed in 0.8 s"""
    failed = f"test {found.failed}, {name_of(names.SELF_TESTS, found.failed)}, FAILED" if found.failed else ""
    if found.result == schema.TESTS_RUNNING:
        return f"runs: {found.passed} passed so far"
    if found.result == schema.TESTS_IDLE:
        return failed or "not since the last reset: it runs at power-on"
    took = f"in {found.ms / 1000:.1f} s" if found.ms >= 50 else "in less than 0.1 s"
    passed = f"{found.passed} of {found.total} passed {took}"
    return passed + (f"; {failed}" if failed else f"; {found.rounds} rounds since" if found.rounds else "")


def ends(state: int | None) -> list[str]:
    """The plan that a proposal ends: one line, or none."""
    return [f"This ends the {'titration' if state in IN_TITRATION else 'taper'} that runs."] if state else []


def soft(bits: int) -> list[str]:
    """The soft limits crossed."""
    return [str(row[1]) for row in names.SOFT if bits & int(row[0])]


def overridden(bits: int, reason: str | None, taper_reason: str | None) -> list[tuple[str, str]]:
    """(limit, reason) of each soft limit that what is in force overrides."""
    return [
        (str(text), (taper_reason if bit == limits.SOFT_STEEP_TAPER else reason) or "no reason kept")
        for bit, text in names.SOFT
        if bits & int(bit)
    ]
