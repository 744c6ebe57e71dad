"""The two ways in which the core says no.

Reject: a coded answer to whoever asked; nothing has changed. Fault: motion must stop; latched as an alarm.
(The third kind of failure, a Bug, is any other exception: the loop stops safely, leaves a crash record and resets.)
"""

from wire import schema as s


class Reject(Exception):
    """A refusal with its four parts: rule, value, limit (low, high), and when it would be allowed."""

    def __init__(
        self,
        error: int,
        rule: int | None = None,
        field: str | None = None,
        value: int | None = None,
        low: int | None = None,
        high: int | None = None,
        in_ms: int | None = None,
        text: str | None = None,
    ) -> None:
        super().__init__(error, rule, field, value)
        self.error = error
        self.rule = rule
        self.field = field
        self.value = value
        self.low = low
        self.high = high
        self.in_ms = in_ms
        self.text = text


class Fault(Exception):
    """Delivery cannot go on: `alarm` is its code in wire/alarms.py."""

    def __init__(self, alarm: int) -> None:
        super().__init__(alarm)
        self.alarm = alarm


def limit(
    rule: int,
    field: str,
    value: int,
    low: int | None = None,
    high: int | None = None,
    in_ms: int | None = None,
) -> Reject:
    """A refusal by safety rule `rule` (1..17 of the rules in docs/safety.md)."""
    return Reject(s.LIMIT, rule, field, value, low, high, in_ms)


def within(rule: int, field: str, value: int, low: int, high: int) -> None:
    """Refuse `value` outside low..high. Never clamps."""
    if value < low or value > high:
        raise limit(rule, field, value, low, high)
