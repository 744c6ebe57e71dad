"""The typed records hold exactly the schema's fields, optional ones as None."""

from dataclasses import MISSING, fields

import pytest

from tapir import messages
from tapir.wire import codec

REQ = ("host",)

_CLASSES = {
    "HELLO": messages.Hello,
    "STATUS": messages.Status,
    "BOOKS": messages.Books,
    "LEVEL": messages.Level,
    "REVIEW": messages.Review,
    "ALARMS": messages.Alarm,
    "EVENT": messages.Event,
    "PROPOSED": messages.Proposed,
    "DONE": messages.Done,
}


@pytest.mark.parametrize("verb", _CLASSES)
def test_a_record_has_the_fields_of_its_reply(verb: str) -> None:
    row = codec.reply(verb)[1]
    have = {f.name: f.default is MISSING for f in fields(_CLASSES[verb])}
    assert have == {name: required for name, _, _, _, required in row}
