"""The walk along the items of a P-DATA-TF, with lengths that do and do not add up."""

import pytest

from gateway.fragments import MalformedPduError, fragments
from tests.gateway.wire import COMMAND, LAST, item


def test_items_are_given_in_their_order() -> None:
    body = item(1, COMMAND | LAST, b"ab") + item(3, 0, b"") + item(5, LAST, b"c")
    found = [
        (one.context_id, one.is_command, one.is_last, bytes(one.data))
        for one in fragments(memoryview(body))
    ]
    assert found == [(1, True, True, b"ab"), (3, False, False, b""), (5, False, True, b"c")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00",
        b"\x00\x00\x00",
        b"\x00\x00\x00\x00",
        b"\x00\x00\x00\x01\x01",
        b"\x00\x00\x00\x02\x01",
        b"\x00\x00\x00\x03\x01\x00",
        b"\xff\xff\xff\xff\x01\x00ab",
        item(1, 0, b"ab") + b"\x00",
        item(1, 0, b"ab") + b"\x00\x00\x00\x09\x01\x00",
    ],
    ids=lambda body: body.hex() or "nothing",
)
def test_lengths_that_do_not_add_up_are_refused(body: bytes) -> None:
    with pytest.raises(MalformedPduError):
        list(fragments(memoryview(body)))
