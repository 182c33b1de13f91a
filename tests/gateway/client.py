"""A Storage SCU that can be made to misbehave."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import build_context
from pynetdicom.association import Association

from gateway.sockets import ClientEntity
from gateway.tls.client import Tls, secure
from tests.gateway.objects import CR, DX


@contextmanager
def association(
    port: int,
    *,
    calling: str = "DCMTK",
    called: str = "FIRSTREAD",
    classes: Sequence[str] = (CR, DX),
    syntax: str = ExplicitVRLittleEndian,
    tls: Tls | None = None,
) -> Iterator[Association]:
    """Open an association, whatever becomes of it."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    if tls is not None:
        connection = secure(connection, "127.0.0.1", port, tls, 20)
    entity = ClientEntity(calling, connection)
    for timeout in ("acse_timeout", "dimse_timeout", "network_timeout", "connection_timeout"):
        setattr(entity, timeout, 20)
    opened = entity.associate(
        "127.0.0.1",
        port,
        contexts=[build_context(uid, syntax) for uid in classes],
        ae_title=called,
    )
    try:
        yield opened
    finally:
        if opened.is_established:
            opened.release()


def store(
    port: int, item: Dataset | Path, *, calling: str = "DCMTK", tls: Tls | None = None
) -> tuple[int, str]:
    """Send one object, a file as its bytes are; give the status and the comment."""
    classes = [item.SOPClassUID] if isinstance(item, Dataset) else [CR, DX]
    with association(port, calling=calling, classes=classes, tls=tls) as opened:
        assert opened.is_established
        answer = opened.send_c_store(item)
        return int(answer.Status), str(answer.get("ErrorComment", ""))
