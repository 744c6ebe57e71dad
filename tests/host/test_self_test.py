"""The self test as the host tells it, and orders to a pump that was switched on a moment ago."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tapir import words
from tapir.errors import Refused, refused
from tapir.link import Link
from tapir.messages import Hello, SelfTest
from tapir.pump import Pump
from tapir.wire import names, schema

HELLO = Hello(version=1, firmware="0", serial="S", board="b", schema="0" * 8, state=schema.READY)


class Booting:
    """A link to a pump whose self test runs for so many looks."""

    def __init__(self, looks: int, then: int = schema.TESTS_PASSED) -> None:
        self.looks = looks
        self.then = then
        self.proposed = 0
        self.timeout_s = 2.0

    def read(self, verb: str) -> SimpleNamespace:
        assert verb == "SELFTEST"
        self.looks -= 1
        result = schema.TESTS_RUNNING if self.looks > 0 else self.then
        return SimpleNamespace(values={"result": result, "passed": 3, "total": 3, "failed": 0, "ms": 100, "rounds": 0})

    def propose(self, verb: str, values: Mapping[str, Any]) -> SimpleNamespace:
        self.proposed += 1
        if self.looks > 0:
            raise refused(verb, {"error": schema.NOT_NOW, "text": "the self test runs"})
        if self.then == schema.TESTS_FAILED:
            raise refused(verb, {"error": schema.NOT_NOW, "field": "alarm", "value": 13, "text": "alarm"})
        return SimpleNamespace(verb="PROPOSED", values={"id": values["id"], "code": "0" * 6, "expires_ms": 1, "what": verb})


def _pump(link: Booting) -> Pump:
    return Pump(cast(Link, link), HELLO, schema.SERVICE)


@pytest.mark.req("GIP 3.4")
def test_an_order_waits_for_the_self_test() -> None:
    link = Booting(looks=3)
    assert _pump(link).service().seen.what == "SERVICE"
    assert link.proposed == 2


@pytest.mark.req("GIP 3.4")
def test_an_order_after_a_failed_self_test_is_refused_as_the_pump_does() -> None:
    with pytest.raises(Refused) as caught:
        _pump(Booting(looks=2, then=schema.TESTS_FAILED)).service()
    assert caught.value.text == "alarm" and "self test failed" in "".join(words.explain(caught.value))


@pytest.mark.req("GIP 3.4")
@pytest.mark.parametrize(
    ("report", "said"),
    [
        (SelfTest(schema.TESTS_PASSED, 9, 9, 0, 800, 0), "9 of 9 passed in 0.8 s"),
        (SelfTest(schema.TESTS_PASSED, 9, 9, 0, 0, 2), "9 of 9 passed in less than 0.1 s; 2 rounds since"),
        (SelfTest(schema.TESTS_FAILED, 2, 3, schema.TEST_CODE, 60, 0), "2 of 3 passed in 0.1 s; test 3, code, FAILED"),
        (SelfTest(schema.TESTS_RUNNING, 4, 4, 0, 0, 0), "runs: 4 passed so far"),
        (SelfTest(schema.TESTS_IDLE, 0, 0, 0, 0, 0), "not since the last reset: it runs at power-on"),
    ],
)
def test_what_the_report_says(report: SelfTest, said: str) -> None:
    assert words.self_test(report) == said


@pytest.mark.req("GIP 3.4")
def test_every_test_has_a_name() -> None:
    assert [row[0] for row in names.SELF_TESTS] == list(range(schema.TEST_CPU, schema.TEST_TONE + 1))
