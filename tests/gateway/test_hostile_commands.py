"""Commands of C-STORE in whose UIDs other things stand, as a patient's name: none gets anywhere.

Covered: the log of the listener, the answer and the row of what was kept aside, where the data set
cannot be understood and where it can. Not covered: values of data sets (tests/integration/
test_privacy.py).
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from gateway.statuses import StoreStatus
from tests.gateway.client import association
from tests.gateway.edge import Edge, open_edge
from tests.gateway.objects import film
from tests.gateway.wire import COMMAND, LAST, answer_to, context_of, item, pdata, store_command

ODD = ["DOE^JANE 19500101", "1.2.3\nJANE born 1950\x1b[2J"]


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Edge]:
    with open_edge(tmp_path / "edge") as opened:
        yield opened


def _film_bytes() -> bytes:
    written = DicomBytesIO()
    written.is_little_endian, written.is_implicit_VR = True, False
    write_dataset(written, film())
    return written.getvalue()


@pytest.mark.parametrize("uid", ODD)
@pytest.mark.parametrize(
    ("data_set", "status"),
    [
        (b"no data set at all, as it seems", StoreStatus.NOT_UNDERSTOOD),
        (_film_bytes(), StoreStatus.INSTANCE_MISMATCH),
    ],
)
def test_what_is_no_uid_is_told_nobody(
    edge: Edge, uid: str, data_set: bytes, status: StoreStatus
) -> None:
    with structlog.testing.capture_logs() as logs, association(edge.port) as opened:
        context = context_of(opened)
        begun = pdata(item(context, COMMAND | LAST, store_command(uid=uid)))
        answer = answer_to(opened, begun + pdata(item(context, LAST, data_set)))
    assert answer.Status == status
    assert [one["sop_instance_uid"] for one in logs if one["event"] == "store_refused"] == [""]
    assert "JANE" not in str(logs) + str(answer.ErrorComment)
    rows = edge.quarantine()
    assert [row.sop_instance_uid for row in rows] == [""] * (status == StoreStatus.NOT_UNDERSTOOD)
