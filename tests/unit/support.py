"""What the portable unit tests share: `req` names the rule a test shows, `raises` expects a refusal. For all three interpreters."""

import sys

if sys.implementation.name == "cpython":
    import pytest

    req = pytest.mark.req
else:

    def req(*rules):
        """A mark for pytest; elsewhere the test as it is."""
        return lambda test: test


class raises:
    """`with raises(WireError, code=5, field="id") as caught:` the block must raise this, with these attributes."""

    def __init__(self, kind, **attributes):
        self.kind = kind
        self.attributes = attributes
        self.value = None

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        assert kind is not None, "nothing was raised, %s was expected" % self.kind.__name__
        if not issubclass(kind, self.kind):
            return False
        self.value = value
        for name in self.attributes:
            seen = getattr(value, name)
            assert seen == self.attributes[name], "%s is %r, expected %r, in %s" % (name, seen, self.attributes[name], value)
        return True
