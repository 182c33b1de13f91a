"""Hostile objects, from the STOW-RS door through the database to pages, JSON API and DICOMweb.

Covered: markup, paths, header lines, huge and malformed values, sequences without measure, pixels
that cannot be decoded. Whatever the door lets in is shown as text, or said not to be there, and is
never an error of ours. What it refuses is tested at the door (tests/gateway), what a browser makes
of a page by tests/browser.
"""

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from pydicom import Dataset
from pydicom.uid import ImplicitVRLittleEndian, JPEGBaseline8Bit, generate_uid
from starlette.testclient import TestClient

from core.accounts import AccountRole
from core.settings import WebSettings
from tests.gateway.objects import film
from tests.gateway.stow_client import HttpEdge, body, file_bytes, open_http_edge, post
from tests.web.room import HOST, Room

MARKUP = "<script>alert(1)</script>"
ATTRIBUTE = '"><img src=x onerror=alert(2)>'
LINES = "x\r\nSet-Cookie: evil=1\r\n\r\n<b>"
PATH = "../../../../etc/passwd"


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpEdge]:
    with open_http_edge(tmp_path_factory.mktemp("edge")) as opened:
        yield opened


@pytest.fixture(scope="module")
def reader(edge: HttpEdge) -> TestClient:
    web = WebSettings(port=0, public_url=f"https://{HOST}")  # type: ignore[arg-type]
    room = Room(edge.settings.model_copy(update={"web": web}), edge.db, edge.spool)
    return room.visitor(AccountRole.RADIOLOGIST)


def sent(edge: HttpEdge, folder: Path, made: Dataset, content: bytes | None = None) -> Dataset:
    """Send an object through the door, which takes it."""
    status, _headers, answer = post(edge.port, body([content or file_bytes(made, folder)]))
    assert status == 200, answer
    return made


def addresses(made: Dataset) -> list[str]:
    """Give everything that can be asked of an object."""
    study = f"studies/{made.StudyInstanceUID}"
    instance = f"{study}/series/{made.SeriesInstanceUID}/instances/{made.SOPInstanceUID}"
    return [
        "/worklist",
        f"/{study}",
        f"/{study}/films/{made.SOPInstanceUID}/review",
        "/api/v1/worklist",
        f"/api/v1/{study}",
        "/dicom-web/studies?includefield=all",
        f"/dicom-web/{study}/series?includefield=all",
        f"/dicom-web/{study}/instances?includefield=all",
        f"/dicom-web/{study}/metadata",
        f"/dicom-web/{instance}",
        f"/dicom-web/{instance}/frames/1",
        f"/dicom-web/{instance}/rendered",
        f"/dicom-web/{instance}/thumbnail",
    ]


def ask_everything(client: TestClient, made: Dataset) -> None:
    """Ask, and hold that every answer is a safe one."""
    for address in addresses(made):
        answer = client.get(address)
        assert answer.status_code in {200, 406}, (address, answer.status_code)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in answer.headers
        kind = answer.headers["content-type"]
        if "json" in kind:
            answer_is_json(answer.text)
        elif kind.startswith("text/html"):
            assert MARKUP not in answer.text
            assert "<img src=x" not in answer.text
            assert "<b>" not in answer.text
        else:
            assert kind.startswith(("multipart/related", "image/", "application/problem")), kind


def answer_is_json(text: str) -> Any:
    """Hold a text to what JSON is, which Python's own parser is not strict about."""

    def refuse(constant: str) -> NoReturn:
        message = f"{constant} is no JSON"
        raise AssertionError(message)

    return json.loads(text, parse_constant=refuse)


def test_markup_paths_and_lines(edge: HttpEdge, reader: TestClient, tmp_path: Path) -> None:
    made = film(
        PatientName=f"{MARKUP}^{ATTRIBUTE}",
        PatientID=PATH,
        StudyDescription=f"{ATTRIBUTE}{MARKUP}",
        SeriesDescription=LINES,
        AccessionNumber="'><svg/onload=1>",
        InstitutionName=MARKUP,
        ReferringPhysicianName=f"{MARKUP}^x",
        ViewPosition="PA",
        PatientSex="<b>",
        PatientBirthDate="<script>",
        StudyDate="<script>",
        StationName=PATH,
    )
    sent(edge, tmp_path, made)
    ask_everything(reader, made)
    (document,) = reader.get(f"/dicom-web/studies/{made.StudyInstanceUID}/metadata").json()
    # In JSON it stays what it is: text.
    assert document["00080080"]["Value"] == [MARKUP]
    found = reader.get("/dicom-web/studies", params={"PatientID": PATH}).json()
    assert found[0]["0020000D"]["Value"] == [made.StudyInstanceUID]


def test_huge_texts(edge: HttpEdge, reader: TestClient, tmp_path: Path) -> None:
    made = film(
        transfer_syntax=ImplicitVRLittleEndian,
        StudyDescription="D" * 60_000,
        PatientName="N" * 60_000,
        AccessionNumber="A" * 60_000,
        ImageComments="<b>" * 400_000,
    )
    sent(edge, tmp_path, made)
    ask_everything(reader, made)
    answer = reader.get(f"/dicom-web/studies/{made.StudyInstanceUID}/metadata")
    assert len(answer.content) < 1_000_000
    (document,) = answer.json()
    whole = reader.get(
        document["00204000"]["BulkDataURI"], headers={"accept": "application/octet-stream"}
    )
    assert whole.content == b"<b>" * 400_000


def test_values_that_are_none(edge: HttpEdge, reader: TestClient, tmp_path: Path) -> None:
    made = film(InstanceNumber="1", SeriesNumber="2", WindowCenter="1", PatientSize="1")
    content = file_bytes(made, tmp_path)
    for right, wrong in (
        (_element(0x00200013, b"IS", b"1 "), _element(0x00200013, b"IS", b"x ")),
        (_element(0x00200011, b"IS", b"2 "), _element(0x00200011, b"IS", b"\xff\xfe")),
        (_element(0x00281050, b"DS", b"1 "), _element(0x00281050, b"DS", b"1e999 ")),
        (_element(0x00101020, b"DS", b"1 "), _element(0x00101020, b"DS", b"NaN ")),
        (_element(0x00100040, b"CS", b"F "), _element(0x00100040, b"ZZ", b"F ")),
        (_element(0x00180015, b"CS", b"CHEST "), _element(0x00180015, b"CS", b"CHE\0T\x1b")),
    ):
        assert right in content
        content = content.replace(right, wrong)
    status, _headers, _answer = post(edge.port, body([content]))
    if status == 200:
        ask_everything(reader, made)
    else:
        assert status == 409


def _element(tag: int, vr: bytes, value: bytes) -> bytes:
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value)) + value


@pytest.mark.parametrize("characters", ["ISO_IR 999", "ISO 2022 IR 87\\nonsense", "ISO_IR 192"])
def test_letters_that_cannot_be_told(
    edge: HttpEdge, reader: TestClient, tmp_path: Path, characters: str
) -> None:
    made = film(PatientName="Name^Plain", StudyDescription="Thorax", PatientID="P-7")
    made.SpecificCharacterSet = "ISO_IR 100"
    content = file_bytes(made, tmp_path)
    before = _element(0x00080005, b"CS", b"ISO_IR 100")
    written = characters.encode() + b" " * (len(characters) % 2)
    content = content.replace(before, _element(0x00080005, b"CS", written))
    content = content.replace(b"Thorax", b"\xff\xfe\x1b$B\x80")
    status, _headers, _answer = post(edge.port, body([content]))
    assert status in {200, 409}
    if status == 200:
        ask_everything(reader, made)


def test_sequences_without_measure(edge: HttpEdge, reader: TestClient, tmp_path: Path) -> None:
    made = film()
    deep = Dataset()
    for _level in range(40):
        above = Dataset()
        above.ReferencedStudySequence = [deep]
        deep = above
    made.ReferencedStudySequence = [deep]
    made.RequestAttributesSequence = [Dataset() for _item in range(5_000)]
    sent(edge, tmp_path, made)
    ask_everything(reader, made)


def test_pixels_that_are_none(edge: HttpEdge, reader: TestClient, tmp_path: Path) -> None:
    made = film()
    content = file_bytes(made, tmp_path)
    fragments = b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0\x08\0\0\0\xff\xd8\xff\xe0junk"
    at = content.index(b"\xe0\x7f\x10\x00OW")
    pixels = b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff" + fragments + b"\xfe\xff\xdd\xe0\0\0\0\0"
    syntax = b"1.2.840.10008.1.2.1\0"
    compressed = JPEGBaseline8Bit.encode() + b"\0" * (len(JPEGBaseline8Bit) % 2)
    head = content[:at].replace(
        _element(0x00020010, b"UI", syntax), _element(0x00020010, b"UI", compressed)
    )
    length = struct.unpack("<I", head[140:144])[0] + len(compressed) - len(syntax)
    head = head[:140] + struct.pack("<I", length) + head[144:]
    sent(edge, tmp_path, made, head + pixels)
    ask_everything(reader, made)
    instance = addresses(made)[9]
    for rest in ("", "/frames/1", "/rendered"):
        answer = reader.get(f"{instance}{rest}")
        assert answer.status_code == 406
        assert answer.headers["content-type"] == "application/problem+json"
    stored = reader.get(
        instance,
        headers={"accept": 'multipart/related; type="application/dicom"; transfer-syntax=*'},
    )
    assert stored.status_code == 200


def test_one_study_with_two_faces(edge: HttpEdge, reader: TestClient, tmp_path: Path) -> None:
    study = generate_uid()
    first = sent(edge, tmp_path, film(StudyInstanceUID=study, PatientID="P-8"))
    other = film(StudyInstanceUID=study, PatientID="P-9", seed=1)
    assert post(edge.port, body([file_bytes(other, tmp_path)]))[0] in {200, 409}
    told = {
        one["00100020"]["Value"][0]
        for one in reader.get(f"/dicom-web/studies/{study}/metadata").json()
    }
    assert told == {first.PatientID}
    missing = addresses(other)[9]
    assert reader.get(missing).status_code == 404
