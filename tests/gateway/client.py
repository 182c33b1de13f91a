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
from tests.gateway.objects import CR, DX


@contextmanager
def association(
    port: int,
    *,
    calling: str = "DCMTK",
    called: str = "FIRSTREAD",
    classes: Sequence[str] = (CR, DX),
    syntax: str = ExplicitVRLittleEndian,
) -> Iterator[Association]:
    """Open an association, whatever becomes of it."""
    entity = ClientEntity(calling, socket.create_connection(("127.0.0.1", port), timeout=20))
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


def store(port: int, item: Dataset | Path, *, calling: str = "DCMTK") -> tuple[int, str]:
    """Send one object, a file as its bytes are; give the status and the comment."""
    classes = [item.SOPClassUID] if isinstance(item, Dataset) else [CR, DX]
    with association(port, calling=calling, classes=classes) as opened:
        assert opened.is_established
        answer = opened.send_c_store(item)
        return int(answer.Status), str(answer.get("ErrorComment", ""))
