"""Orders are loaded by name when they come: every name must lead somewhere."""

from pump.core import orders
from support import req
from wire import schema as s


@req("wire")
def test_every_order_has_a_check_and_a_do():
    for verb in orders.ORDERS:
        check, do = orders.find(verb)
        assert callable(check) and callable(do), verb


@req("wire")
def test_every_order_is_a_message():
    assert set(orders.ORDERS) <= {row[0] for row in s.REQUESTS if row[2] != s.READ}
