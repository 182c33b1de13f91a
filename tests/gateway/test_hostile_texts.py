r"""Texts of a header as weapons: paths, SQL, markup, log lines, HL7, control characters.

Covered: every text attribute of a film at once, over a real association: what is answered, what is
kept and where, what the rows hold, that no line of the log repeats any of it, and that the tables
are all still there. UIDs as weapons are refused. What results make of such texts is tested in
tests/dicom_sr, what commands print in tests/commands.
"""

import json
import re
import socket
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import inspect

from core.logs import configure_logs
from core.settings import LogSettings
from db.models import Base, Study
from tests.gateway.client import store
from tests.gateway.edge import Edge, open_edge
from tests.gateway.objects import film, save

_MARK = "Qzx7"
_TEXTS = (
    f"../../../../tmp/{_MARK}",
    f"/etc/{_MARK}",
    f"'; DROP TABLE study; -- {_MARK}",
    f'" OR 1=1 -- {_MARK}',
    f"<script>alert('{_MARK}')</script>",
    f"{{{{ 7 * 7 }}}} ${{jndi:ldap://{_MARK}}}",
    f"x|y~z&{_MARK}|OBX|1|",
    f"{_MARK}\r\nOBX|1|TX|||forged\r\n",
    f'{_MARK}\n{{"event": "forged"}}',
    f"\x1b[2J\x1b]0;{_MARK}\x07",
    f"\u202e{_MARK}\u2066\u200b",
    f"%s%n%x{_MARK}",
    f"=cmd|'/c {_MARK}'!A1",
    f"\x00{_MARK}\x00",
    _MARK * 600,
)
_KEYWORDS = (
    "PatientName",
    "IssuerOfPatientID",
    "AccessionNumber",
    "StudyDescription",
    "SeriesDescription",
    "ProtocolName",
    "StationName",
    "InstitutionName",
    "OperatorsName",
    "ReferringPhysicianName",
    "RequestedProcedureDescription",
    "ReasonForTheRequestedProcedure",
    "StudyID",
    "ImageComments",
    "Manufacturer",
)
_FORMATTED = ("PatientBirthDate", "PatientSex", "PatientAge", "StudyDate", "StudyTime")
"""Attributes that no character set applies to (PS3.5 section 6.1.2.2)."""
_KEPT_NAME = re.compile(r"[a-z]+-[0-9a-f]{32}\.dcm")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[StringIO]:
    """Log as an installation does, into memory."""
    stream = StringIO()
    with monkeypatch.context() as patch:
        patch.setattr("sys.stderr", stream)
        configure_logs(LogSettings(level="DEBUG"))
    yield stream
    structlog.reset_defaults()


@pytest.fixture
def edge(tmp_path: Path, log: StringIO) -> Iterator[Edge]:
    """Give a running listener that logs there."""
    assert not log.getvalue()
    with open_edge(tmp_path / "edge") as opened:
        yield opened


def _hostile(value: str, folder: Path) -> Path:
    keywords = (*_KEYWORDS, *_FORMATTED) if value.isascii() else _KEYWORDS
    texts: dict[str, Any] = dict.fromkeys(keywords, value)
    return save(film(**texts, SpecificCharacterSet="ISO_IR 192"), folder)


def _files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
def test_texts_stay_texts(edge: Edge, tmp_path: Path, log: StringIO) -> None:
    outside = _files(tmp_path)
    sent = tmp_path / "sent"
    for value in _TEXTS:
        status, comment = store(edge.port, _hostile(value, sent))
        assert status == 0, (value, comment)
    lines = log.getvalue().splitlines()
    assert _MARK not in "\n".join(lines)
    assert all(json.loads(line)["event"] != "forged" for line in lines)
    kept = _files(edge.spool.folder)
    assert all(_KEPT_NAME.fullmatch(path.name) for path in kept)
    assert len(kept) == len(_TEXTS)
    # Besides what SQLite keeps beside its database, nothing new lies anywhere.
    assert {path.name for path in _files(tmp_path) - kept - outside - _files(sent)} <= {
        "firstread.db-wal",
        "firstread.db-shm",
    }
    with edge.db.read() as session:
        assert set(inspect(session.connection()).get_table_names()) >= set(Base.metadata.tables)
        studies = session.query(Study).all()
    assert len(studies) == len(_TEXTS)
    for study in studies:
        assert _MARK in study.patient_name
        for column in (study.patient_name, study.description, study.accession, study.issuer):
            assert not _CONTROL.search(column)


@pytest.mark.parametrize("value", ["../../x", "1.2.3/../4", "1.2'--", "<b>", "1" * 65, "1..2", "."])
@pytest.mark.parametrize("keyword", ["StudyInstanceUID", "SeriesInstanceUID"])
def test_a_uid_that_is_none_is_refused_and_kept_aside(
    edge: Edge, keyword: str, value: str, tmp_path: Path
) -> None:
    values: dict[str, Any] = {keyword: value}
    status, comment = store(edge.port, save(film(**values), tmp_path / "sent"))
    assert status == 0xC101
    assert comment == f"{keyword} is malformed"
    (aside,) = edge.quarantine()
    assert _KEPT_NAME.fullmatch(Path(aside.path).name)
    assert edge.instances() == []


def test_a_calling_title_cannot_forge_a_log_line(edge: Edge, log: StringIO) -> None:
    title = b'A\n{"event":"b"}'.ljust(16)
    with socket.create_connection(("127.0.0.1", edge.port), timeout=10) as raw:
        raw.sendall(_associate(title))
        # It is answered: rejected or aborted, and the connection ends.
        assert raw.recv(64)[:1] in {b"\x03", b"\x07"}
    lines = log.getvalue().splitlines()
    assert all(json.loads(line)["event"] != "b" for line in lines)


def _associate(title: bytes) -> bytes:
    """Build an A-ASSOCIATE-RQ (PS3.8 section 9.3.2) for Verification under a calling title."""

    def item(kind: int, content: bytes) -> bytes:
        return bytes([kind, 0]) + len(content).to_bytes(2) + content

    context = item(0x30, b"1.2.840.10008.1.1") + item(0x40, b"1.2.840.10008.1.2")
    body = b"\x00\x01\x00\x00" + b"FIRSTREAD".ljust(16) + title + bytes(32)
    body += item(0x10, b"1.2.840.10008.3.1.1.1") + item(0x20, b"\x01\x00\x00\x00" + context)
    body += item(0x50, item(0x51, (16384).to_bytes(4)) + item(0x52, b"1.2.3"))
    return b"\x01\x00" + len(body).to_bytes(4) + body


def test_the_mark_would_be_seen(log: StringIO) -> None:
    structlog.get_logger().info("probe", value=_MARK)
    assert _MARK in log.getvalue()
