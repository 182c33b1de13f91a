"""WADO-RS: whole objects, metadata and long values.

Covered: as stored and uncompressed, in every sort of transfer syntax; several objects; what
retention removed; files that are gone; who may ask. Frames and pictures are tested beside it.
"""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)
from sqlalchemy import select, update
from starlette.testclient import TestClient

from core.accounts import AccountRole
from db.models import AuditAction, AuditEvent, Instance
from tests.gateway.objects import film
from tests.web.films import store_film, store_object
from tests.web.multipart import pieces
from tests.web.room import Room

ANY = 'multipart/related; type="application/dicom"; transfer-syntax=*'
PLAIN = 'multipart/related; type="application/dicom"'
PART = f"application/dicom; transfer-syntax={ExplicitVRLittleEndian}"


@pytest.fixture
def reader(room: Room) -> TestClient:
    return room.visitor(AccountRole.RADIOLOGIST)


@pytest.fixture(scope="module")
def onlooker(room_of_module: Room) -> TestClient:
    """Somebody in a room whose studies do not disturb each other."""
    return room_of_module.visitor(AccountRole.RADIOLOGIST)


def address(of: Dataset) -> str:
    series = f"/dicom-web/studies/{of.StudyInstanceUID}/series/{of.SeriesInstanceUID}"
    return f"{series}/instances/{of.SOPInstanceUID}"


def in_syntax(syntax: str, **values: Any) -> Dataset:
    """Make a film in a transfer syntax."""
    made = film(**values)
    if syntax == ExplicitVRBigEndian:
        pixels = np.frombuffer(made.PixelData, dtype=np.uint16).byteswap()
        made = film(transfer_syntax=syntax, **{**values, "PixelData": pixels.tobytes()})
        made["PixelData"].VR = "OW"
    elif syntax in {RLELossless, JPEGLSLossless, JPEG2000Lossless}:
        made.compress(syntax)
    else:
        made.file_meta.TransferSyntaxUID = UID(syntax)
    return made


@pytest.mark.parametrize(
    "syntax",
    [
        ImplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
        RLELossless,
        JPEGLSLossless,
        JPEG2000Lossless,
    ],
)
def test_an_object_as_stored_and_uncompressed(
    room_of_module: Room, onlooker: TestClient, syntax: str
) -> None:
    plain = film()
    made = in_syntax(syntax, SOPInstanceUID=plain.SOPInstanceUID)
    store_object(room_of_module, made)
    with room_of_module.db.read() as session:
        query = select(Instance.path).where(Instance.uid == made.SOPInstanceUID)
        path = Path(session.scalars(query).one())
    (stored,) = pieces(onlooker.get(address(made), headers={"accept": ANY}))
    assert stored.media_type == f"application/dicom; transfer-syntax={syntax}"
    assert stored.content == path.read_bytes()
    assert stored.location == f"https://firstread.test{address(made)}"
    (piece,) = pieces(onlooker.get(address(made), headers={"accept": PLAIN}))
    assert piece.media_type == PART
    read = dcmread(BytesIO(piece.content))
    assert read.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert np.array_equal(read.pixel_array, plain.pixel_array)
    assert read.PatientName == "Testfrau^Erika"
    (frame,) = pieces(onlooker.get(f"{address(made)}/frames/1"))
    assert frame.content == plain.PixelData


@pytest.mark.parametrize(
    ("accept", "status", "media_type"),
    [
        ("", 200, 'multipart/related; type="application/dicom"'),
        ("*/*", 200, 'multipart/related; type="application/dicom"'),
        ("application/dicom", 200, PART),
        (f"application/dicom; transfer-syntax={ImplicitVRLittleEndian}", 406, ""),
        (f"{PLAIN}; transfer-syntax={RLELossless}, {PLAIN};q=0.1", 200, "multipart/related"),
        ("application/dicom+json", 406, ""),
        ("image/png", 406, ""),
    ],
)
def test_what_the_client_takes(
    room_of_module: Room, onlooker: TestClient, accept: str, status: int, media_type: str
) -> None:
    made = store_film(room_of_module)
    answer = onlooker.get(address(made), headers={"accept": accept})
    assert answer.status_code == status
    if status == 200:
        assert answer.headers["content-type"].startswith(media_type)
        assert answer.headers["cache-control"] == "no-store"


def test_a_whole_study(room: Room, reader: TestClient) -> None:
    films = [store_film(room, StudyInstanceUID="1.2.3", seed=seed) for seed in range(3)]
    found = pieces(reader.get("/dicom-web/studies/1.2.3", headers={"accept": ANY}))
    read = [dcmread(BytesIO(piece.content)) for piece in found]
    assert [one.SOPInstanceUID for one in read] == [one.SOPInstanceUID for one in films]
    series = f"/dicom-web/studies/1.2.3/series/{films[1].SeriesInstanceUID}"
    assert len(pieces(reader.get(series))) == 1
    assert reader.get(series, headers={"accept": "application/dicom"}).status_code == 200
    alone = reader.get("/dicom-web/studies/1.2.3", headers={"accept": "application/dicom"})
    assert alone.status_code == 406


def test_what_is_not_there(room_of_module: Room, onlooker: TestClient) -> None:
    made = store_film(room_of_module)
    other = store_film(room_of_module, PatientID="P-2", seed=1)
    study = f"/dicom-web/studies/{made.StudyInstanceUID}"
    assert onlooker.get("/dicom-web/studies/1.2.3").status_code == 404
    assert onlooker.get(f"{study}/series/1.2.3").status_code == 404
    path = f"{study}/series/{made.SeriesInstanceUID}/instances/{other.SOPInstanceUID}"
    assert onlooker.get(path).status_code == 404
    assert onlooker.get(f"{path}/bulkdata/7FE00010").status_code == 404
    assert onlooker.get(f"{study}/series/x/instances/1.2").status_code == 400


def removed(room: Room, of: Dataset) -> None:
    """Let retention have left nothing of a film but its header."""
    with room.db.write() as session:
        query = select(Instance).where(Instance.uid == of.SOPInstanceUID)
        row = session.scalars(query).one()
        read = dcmread(row.path)
        del read.PixelData
        read.save_as(row.path)
        session.execute(
            update(Instance)
            .where(Instance.id == row.id)
            .values(removed_at=datetime(2026, 1, 1, tzinfo=UTC))
        )


def test_what_retention_removed(room: Room, reader: TestClient) -> None:
    kept, gone = (store_film(room, StudyInstanceUID="1.2.3", seed=seed) for seed in range(2))
    removed(room, gone)
    study = reader.get("/dicom-web/studies/1.2.3")
    assert (study.status_code, len(pieces(study))) == (206, 1)
    for rest in ("", "/frames/1", "/rendered", "/thumbnail", "/bulkdata/7FE00010"):
        assert reader.get(f"{address(gone)}{rest}").status_code == 410
    (document,) = reader.get(f"{address(gone)}/metadata").json()
    assert document["00100010"]["Value"] == [{"Alphabetic": "Testfrau^Erika"}]
    assert "7FE00010" not in document
    (found,) = reader.get("/dicom-web/studies").json()
    assert found["00080056"]["Value"] == ["UNAVAILABLE"]
    assert reader.get(f"{address(kept)}/frames/1").status_code == 200


def test_a_file_that_is_gone(room: Room, reader: TestClient) -> None:
    made = store_film(room)
    with room.db.read() as session:
        Path(session.scalars(select(Instance.path)).one()).unlink()
    for rest in ("", "/metadata", "/frames/1", "/rendered"):
        answer = reader.get(f"{address(made)}{rest}", headers={"accept": "*/*"})
        assert answer.status_code == 410, rest
    assert reader.get("/dicom-web/studies").status_code == 200


def test_a_damaged_object_hides_no_other(room: Room, reader: TestClient) -> None:
    damaged, whole = (store_film(room, StudyInstanceUID="1.2.3", seed=seed) for seed in range(2))
    with room.db.read() as session:
        query = select(Instance.path).where(Instance.uid == damaged.SOPInstanceUID)
        Path(session.scalars(query).one()).write_bytes(b"no DICOM")
    metadata = reader.get("/dicom-web/studies/1.2.3/metadata")
    assert metadata.status_code == 206
    assert [one["00080018"]["Value"] for one in metadata.json()] == [[whole.SOPInstanceUID]]
    assert reader.get("/dicom-web/studies/1.2.3/thumbnail").status_code == 200
    assert reader.get(f"{address(damaged)}/metadata").status_code == 406
    assert reader.get(f"{address(damaged)}/thumbnail").status_code == 406
    assert len(reader.get("/dicom-web/studies/1.2.3/instances").json()) == 2
    with room.db.read() as session:
        Path(session.scalars(query).one()).unlink()
    study = reader.get("/dicom-web/studies/1.2.3", headers={"accept": ANY})
    assert (study.status_code, len(pieces(study))) == (206, 1)


def test_metadata_and_long_values(room_of_module: Room, onlooker: TestClient) -> None:
    table = np.arange(4096, dtype=np.uint16).tobytes()
    item = Dataset()
    item.LUTDescriptor = [4096, 0, 12]
    item.add_new("LUTData", "OW", table)
    made = film(
        StudyDescription="Thorax in zwei Ebenen, Größe",
        SpecificCharacterSet="ISO_IR 100",
        WindowCenter=["2048", "1000"],
        WindowWidth=["4096", "500"],
        VOILUTSequence=[item],
        OtherPatientIDsSequence=[],
    )
    store_object(room_of_module, made)
    (document,) = onlooker.get(f"{address(made)}/metadata").json()
    assert document["00080005"] == {"vr": "CS", "Value": ["ISO_IR 192"]}
    assert document["00081030"] == {"vr": "LO", "Value": ["Thorax in zwei Ebenen, Größe"]}
    assert document["00281050"] == {"vr": "DS", "Value": [2048.0, 1000.0]}
    assert document["00280010"] == {"vr": "US", "Value": [64]}
    at = f"https://firstread.test{address(made)}/bulkdata"
    assert document["7FE00010"] == {"vr": "OW", "BulkDataURI": f"{at}/7FE00010"}
    (lut,) = document["00283010"]["Value"]
    assert lut["00283006"] == {"vr": "OW", "BulkDataURI": f"{at}/00283010/1/00283006"}
    (piece,) = pieces(onlooker.get(lut["00283006"]["BulkDataURI"]))
    assert (piece.media_type, piece.content) == ("application/octet-stream", table)
    alone = onlooker.get(
        document["7FE00010"]["BulkDataURI"], headers={"accept": "application/octet-stream"}
    )
    assert (alone.headers["content-type"], alone.content) == (
        "application/octet-stream",
        made.PixelData,
    )
    assert len(onlooker.get(f"/dicom-web/studies/{made.StudyInstanceUID}/metadata").json()) == 1
    for place, status in {
        "00283010": 404,
        "00283010/2/00283006": 404,
        "00990099": 404,
        "00283010/0/00283006": 400,
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd": 400,
        "x": 400,
    }.items():
        assert onlooker.get(f"{at}/{place}").status_code == status, place


def test_only_radiologists_retrieve(room_of_module: Room) -> None:
    made = store_film(room_of_module)
    others = room_of_module.visitor(*(set(AccountRole) - {AccountRole.RADIOLOGIST}))
    for rest in ("", "/metadata", "/frames/1", "/rendered", "/thumbnail", "/bulkdata/7FE00010"):
        assert others.get(f"{address(made)}{rest}").status_code == 403
        assert room_of_module.stranger().get(f"{address(made)}{rest}").status_code == 401


def test_a_viewing_is_an_event(room: Room, reader: TestClient) -> None:
    made = store_film(room)
    for _again in range(2):
        reader.get(f"{address(made)}/metadata")
    with room.db.read() as session:
        query = select(AuditEvent).where(AuditEvent.action == AuditAction.STUDY_VIEWED)
        (event,) = session.scalars(query)
    assert (event.actor, event.study_id) == ("person1", 1)
