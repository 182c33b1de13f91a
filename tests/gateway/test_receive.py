"""What is kept is what was sent, bit by bit, however it was cut; nothing of what breaks the rules.

Covered: PDU sizes, odd and empty fragments, several in one PDU, command and data together, a
command in parts; orders, contexts and lengths that are wrong; the names of pynetdicom that this
leans on; plain and over TLS. Not covered: what becomes of an object (test_listener).
"""

import tomllib
from importlib.metadata import version
from io import BytesIO
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from pynetdicom import AE
from pynetdicom._globals import MODE_ACCEPTOR
from pynetdicom.association import Association
from pynetdicom.dimse_messages import C_STORE_RQ
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.dul import DULServiceProvider
from pynetdicom.transport import AssociationSocket, RequestHandler

from gateway.statuses import StoreStatus
from tests.gateway.client import association, store
from tests.gateway.edge import Edge
from tests.gateway.objects import film
from tests.gateway.tls_house import Papers, open_tls_edge
from tests.gateway.wire import (
    COMMAND,
    LAST,
    answer_to,
    connection_of,
    context_of,
    item,
    pdata,
    pdu,
    split,
    store_command,
)
from tests.waiting import wait_until

_ROOT = Path(__file__).parents[2]


def _data_set(uid: str = "1.2.3.4", *, pixels: int = 64 * 48 * 2) -> bytes:
    """Encode a film as it goes over the network: explicit VR little endian, no preamble."""
    made = film(SOPInstanceUID=uid)
    made.PixelData = (made.PixelData * (pixels // len(made.PixelData) + 1))[:pixels]
    made.Rows, made.Columns = max(1, pixels // 2_000), min(1_000, pixels // 2)
    written = BytesIO()
    made.save_as(written, enforce_file_format=True)
    return _after_meta(written.getvalue())


def _kept_data_set(path: Path) -> bytes:
    """Give what follows the file meta information of a kept file."""
    return _after_meta(path.read_bytes())


def _after_meta(content: bytes) -> bytes:
    assert content[128:132] == b"DICM"
    length = int.from_bytes(content[140:144], "little")
    return content[144 + length :]


def _fragments(context: int, data: bytes, sizes: list[int]) -> list[bytes]:
    parts = split(data, sizes)
    ends = [0] * (len(parts) - 1) + [LAST]
    return [item(context, end, part) for end, part in zip(ends, parts, strict=True)]


def _sent(opened: Association, data: bytes, sizes: list[int], per_pdu: int) -> bytes:
    context = context_of(opened)
    items = [
        item(context, COMMAND | LAST, store_command()),
        *_fragments(context, data, sizes),
    ]
    return b"".join(pdata(*items[at : at + per_pdu]) for at in range(0, len(items), per_pdu))


@pytest.mark.parametrize(
    ("sizes", "per_pdu", "pixels"),
    [
        ([2], 1, 64),
        ([1], 3, 64),
        ([3, 1, 7], 2, 6_000),
        ([4_096], 1, 50_000),
        ([16_378], 1, 3_000_000),
        ([131_066], 1, 3_000_000),
        ([262_138], 1, 3_000_000),
        ([900_001], 1, 3_000_000),
        ([500, 0, 333], 4, 50_000),
        ([0, 0, 0, 777], 5, 50_000),
        ([1 << 19], 1000, 400_000),
    ],
)
def test_what_is_kept_is_what_was_sent(
    edge: Edge, sizes: list[int], per_pdu: int, pixels: int
) -> None:
    data = _data_set(pixels=pixels)
    with association(edge.port) as opened:
        answer = answer_to(opened, _sent(opened, data, sizes, per_pdu))
    assert answer.Status == StoreStatus.SUCCESS
    (instance,) = edge.instances()
    assert _kept_data_set(Path(instance.path)) == data
    assert edge.leftovers() == []


@pytest.mark.parametrize(
    ("sizes", "per_pdu"), [([16_378], 1), ([131_066], 1), ([500, 0, 333], 40), ([900_001], 1)]
)
def test_what_is_kept_of_tls_is_what_was_sent(
    tmp_path: Path, papers: Papers, sizes: list[int], per_pdu: int
) -> None:
    data = _data_set(pixels=400_000 if per_pdu > 1 else 3_000_000)
    with open_tls_edge(tmp_path, papers) as edge:
        port, shown = edge.listener.tls_port, papers.shown(papers.room)
        with association(port, tls=shown) as opened:
            answer = answer_to(opened, _sent(opened, data, sizes, per_pdu))
        assert answer.Status == StoreStatus.SUCCESS
        (instance,) = edge.instances()
        assert _kept_data_set(Path(instance.path)) == data


def test_a_data_set_may_end_with_an_empty_fragment(edge: Edge) -> None:
    data = _data_set()
    with association(edge.port) as opened:
        context = context_of(opened)
        items = [
            item(context, COMMAND | LAST, store_command()),
            item(context, 0, data),
            item(context, LAST, b""),
        ]
        answer = answer_to(opened, b"".join(map(pdata, items)))
    assert answer.Status == StoreStatus.SUCCESS
    assert _kept_data_set(Path(edge.instances()[0].path)) == data


def test_a_command_may_come_in_parts(edge: Edge) -> None:
    data, command = _data_set(), store_command()
    with association(edge.port) as opened:
        context = context_of(opened)
        parts = split(command, [5])
        ends = [COMMAND] * (len(parts) - 1) + [COMMAND | LAST]
        items = [item(context, end, part) for end, part in zip(ends, parts, strict=True)]
        answer = answer_to(opened, b"".join(map(pdata, [*items, item(context, LAST, data)])))
    assert answer.Status == StoreStatus.SUCCESS
    assert _kept_data_set(Path(edge.instances()[0].path)) == data


def test_objects_of_one_association_are_kept_apart(edge: Edge) -> None:
    sent = {f"1.2.3.{number}": _data_set(f"1.2.3.{number}") for number in range(5)}
    with association(edge.port) as opened:
        context = context_of(opened)
        for uid, data in sent.items():
            begun = item(context, COMMAND | LAST, store_command(uid=uid))
            rest = _fragments(context, data, [1_001])
            answer = answer_to(opened, pdata(begun, *rest[:2]) + b"".join(map(pdata, rest[2:])))
            assert answer.Status == StoreStatus.SUCCESS
    assert {one.uid: _kept_data_set(Path(one.path)) for one in edge.instances()} == sent


def test_a_second_object_may_be_on_its_way_before_the_first_is_answered(edge: Edge) -> None:
    sent = {f"1.2.3.{number}": _data_set(f"1.2.3.{number}") for number in range(9)}
    with association(edge.port) as opened:
        context = context_of(opened)
        connection_of(opened).sendall(
            b"".join(
                pdata(
                    item(context, COMMAND | LAST, store_command(uid=uid)),
                    item(context, LAST, data),
                )
                for uid, data in sent.items()
            )
        )
        wait_until(lambda: len(edge.instances()) == len(sent), 20.0, "all objects")
    assert {one.uid: _kept_data_set(Path(one.path)) for one in edge.instances()} == sent


_WHOLE = COMMAND | LAST


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(lambda c: pdata(item(c, 0, b"ab")), id="data-before-command"),
        pytest.param(lambda c: pdata(item(c, LAST, b"ab")), id="last-data-before-command"),
        pytest.param(
            lambda c: pdata(
                item(c, _WHOLE, store_command()), item(c, 0, b"ab"), item(c, COMMAND, b"ab")
            ),
            id="command-within-data",
        ),
        pytest.param(
            lambda c: pdata(item(c, _WHOLE, store_command()), item(c, _WHOLE, store_command())),
            id="command-after-command",
        ),
        pytest.param(
            lambda c: pdata(item(c, COMMAND, store_command()[:20]), item(c, 0, b"ab")),
            id="data-within-command",
        ),
        pytest.param(
            lambda c: pdata(item(c, _WHOLE, store_command()), item(c + 2, 0, b"ab")),
            id="another-context",
        ),
        pytest.param(lambda _: pdata(item(99, _WHOLE, store_command())), id="unknown-context"),
        pytest.param(lambda c: pdata(item(c, _WHOLE, b"\xff" * 60)), id="garbage-command"),
        pytest.param(lambda c: pdata(item(c, _WHOLE, b"")), id="empty-command"),
        pytest.param(lambda _: pdata(), id="no-item"),
        pytest.param(lambda _: pdata(b"\x00\x00\x00\x00"), id="item-of-nothing"),
        pytest.param(lambda _: pdata(b"\x7f\xff\xff\xff\x01\x00ab"), id="item-beyond-its-pdu"),
        pytest.param(lambda _: pdu(4, b"ab", length=0xFFFFFFFF), id="pdu-of-four-gigabytes"),
        pytest.param(
            lambda c: b"".join(pdata(item(c, COMMAND, b"\x00" * 60_000)) for _ in range(40)),
            id="endless-command",
        ),
        pytest.param(lambda _: pdu(9, b"abcd"), id="unknown-kind"),
        pytest.param(lambda _: pdu(2, b"\x00" * 80), id="acceptance"),
    ],
)
def test_what_breaks_the_rules_ends_its_association_alone(edge: Edge, broken: object) -> None:
    assert callable(broken)
    with association(edge.port) as other, association(edge.port) as opened:
        connection_of(opened).sendall(broken(context_of(opened)))
        wait_until(lambda: not opened.is_established, 10.0, "the association to be ended")
        assert edge.instances() == []
        wait_until(lambda: not edge.leftovers(), 10.0, "what it left to be removed")
        assert other.is_established
        assert other.send_c_store(film()).Status == StoreStatus.SUCCESS
    assert store(edge.port, film())[0] == StoreStatus.SUCCESS


def test_the_version_is_the_one_that_was_read() -> None:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (pinned,) = [
        requirement
        for requirement in map(Requirement, project["optional-dependencies"]["gateway"])
        if requirement.name == "pynetdicom"
    ]
    assert str(pinned.specifier) == f"=={version('pynetdicom')}"


def test_the_private_names_are_there() -> None:
    opened = Association(AE(), MODE_ACCEPTOR)
    provider = opened.dul
    for owner, names in (
        (opened, ("_accepted_cx",)),
        (provider, ("_run_loop_delay", "_kill_thread", "_idle_timer")),
        (DULServiceProvider, ("_is_transport_event", "_read_pdu_data")),
        (AssociationSocket, ("_shutdown_socket",)),
        (RequestHandler, ("_create_association",)),
        (C_STORE_RQ(), ("_data_set_file", "_data_set_path")),
    ):
        assert [name for name in names if not hasattr(owner, name)] == []
    message = C_STORE_RQ()
    message.command_set.clear()
    message._data_set_file = object()  # type: ignore[assignment]
    request = message.message_to_primitive()
    assert isinstance(request, C_STORE)
    assert request._dataset_file is message._data_set_file
