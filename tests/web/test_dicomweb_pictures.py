"""WADO-RS: frames, rendered pictures and thumbnails; and viewers of other origins.

Covered: negotiation, several frames, colours, polarity, windows, viewports, what has no picture.
Not covered: the decoders themselves (tests/imaging).
"""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset
from pydicom.uid import EncapsulatedPDFStorage, JPEGLSLossless, RLELossless, generate_uid
from starlette.testclient import TestClient

from core.accounts import AccountRole
from tests.gateway.objects import film
from tests.web.films import store_film, store_object
from tests.web.multipart import pieces
from tests.web.room import Room, open_room
from tests.web.test_dicomweb_retrieve import address


@pytest.fixture(scope="module")
def onlooker(room_of_module: Room) -> TestClient:
    return room_of_module.visitor(AccountRole.RADIOLOGIST)


def ramp(**values: Any) -> Dataset:
    """Make a film that grows brighter from left to right, 0 to 4095 on 256 columns."""
    row = (np.arange(256, dtype=np.uint32) * 4095 // 255).astype(np.uint16)
    pixels = np.tile(row, (128, 1)).tobytes()
    return film(**{"Rows": 128, "Columns": 256, "PixelData": pixels, **values})


def shown(client: TestClient, path: str, **parameters: str) -> NDArray[np.uint8]:
    answer = client.get(path, params=parameters, headers={"accept": "image/png"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/png"
    return np.asarray(Image.open(BytesIO(answer.content)))


@pytest.mark.parametrize(
    ("stored", "accept", "media_type"),
    [
        (RLELossless, "", "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1"),
        (
            RLELossless,
            'multipart/related; type="application/octet-stream"; transfer-syntax=*',
            "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1",
        ),
        (
            RLELossless,
            'multipart/related; type="image/dicom-rle"',
            f"image/dicom-rle; transfer-syntax={RLELossless}",
        ),
        (
            JPEGLSLossless,
            f'multipart/related; type="image/jls"; transfer-syntax={JPEGLSLossless}',
            f"image/jls; transfer-syntax={JPEGLSLossless}",
        ),
        (
            JPEGLSLossless,
            f'multipart/related; type="application/octet-stream"; transfer-syntax={JPEGLSLossless}',
            f"image/jls; transfer-syntax={JPEGLSLossless}",
        ),
        (JPEGLSLossless, 'multipart/related; type="image/jp2"', ""),
        (
            JPEGLSLossless,
            "application/octet-stream",
            "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1",
        ),
    ],
)
def test_the_form_of_a_frame(
    room_of_module: Room, onlooker: TestClient, stored: str, accept: str, media_type: str
) -> None:
    made = film()
    plain = made.PixelData
    made.compress(stored)
    store_object(room_of_module, made)
    answer = onlooker.get(f"{address(made)}/frames/1", headers={"accept": accept})
    if not media_type:
        assert answer.status_code == 406
        return
    if "multipart" in accept or not accept:
        (piece,) = pieces(answer)
        found, content = piece.media_type, piece.content
    else:
        found, content = answer.headers["content-type"], answer.content
    assert found == media_type
    assert (content == plain) is media_type.startswith("application/octet-stream")


@pytest.mark.parametrize(
    ("frames", "status"),
    [("1", 200), ("1,1", 200), ("2", 404), ("0", 400), ("x", 400), ("1,", 400)],
)
def test_numbers_of_frames(
    room_of_module: Room, onlooker: TestClient, frames: str, status: int
) -> None:
    made = store_film(room_of_module)
    answer = onlooker.get(f"{address(made)}/frames/{frames}")
    assert answer.status_code == status
    if status == 200:
        assert [piece.content for piece in pieces(answer)] == [made.PixelData] * len(
            frames.split(",")
        )


def test_the_matrix_is_kept_as_the_header_says(room_of_module: Room, onlooker: TestClient) -> None:
    # Twelve bits that lie on top of their cells, and a colour picture plane by plane.
    cells = (np.arange(64 * 48, dtype=np.uint16).reshape(64, 48) << 4).tobytes()
    high = film(HighBit=15, PixelData=cells)
    colours = np.random.default_rng(1).integers(0, 256, (3, 64, 48), dtype=np.uint8)
    planes = film(
        SamplesPerPixel=3,
        PhotometricInterpretation="RGB",
        PlanarConfiguration=1,
        BitsAllocated=8,
        BitsStored=8,
        HighBit=7,
        PixelData=colours.tobytes(),
    )
    # pydicom would take planes that it is to compress for pixels.
    for made, values in ((high, None), (planes, np.moveaxis(colours, 0, -1))):
        plain = made.PixelData
        for compressed in (False, True):
            if compressed:
                made.compress(RLELossless, arr=values, generate_instance_uid=False)
                made.SOPInstanceUID = generate_uid()
                made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
            store_object(room_of_module, made)
            (piece,) = pieces(onlooker.get(f"{address(made)}/frames/1"))
            assert piece.content == plain
    grey = shown(onlooker, f"{address(planes)}/rendered")
    assert np.array_equal(grey, np.moveaxis(colours, 0, -1))


def test_polarity_and_windows(room_of_module: Room, onlooker: TestClient) -> None:
    values = {"WindowCenter": 2048, "WindowWidth": 4096}
    plain = ramp(**values)
    negative = ramp(PhotometricInterpretation="MONOCHROME1", **values)
    for made in (plain, negative):
        store_object(room_of_module, made)
    levels = shown(onlooker, f"{address(plain)}/rendered")
    assert (levels.shape, levels[0, 0], levels[0, -1]) == ((128, 256), 0, 255)
    assert np.array_equal(shown(onlooker, f"{address(negative)}/rendered"), 255 - levels)
    narrow = shown(onlooker, f"{address(plain)}/rendered", window="2048,2,linear")
    assert set(np.unique(narrow)) <= {0, 255}
    inverse = shown(onlooker, f"{address(negative)}/rendered", window="2048,2,linear")
    assert np.array_equal(inverse, 255 - narrow)


def test_sizes(room_of_module: Room, onlooker: TestClient) -> None:
    made = ramp(WindowCenter=2048, WindowWidth=4096)
    tall = ramp(PixelAspectRatio=["2", "1"], WindowCenter=2048, WindowWidth=4096)
    for one in (made, tall):
        store_object(room_of_module, one)
    path = f"{address(made)}/rendered"
    assert shown(onlooker, path, viewport="64,64").shape == (32, 64)
    part = shown(onlooker, path, viewport="64,64,128,0,128,128")
    assert part.shape == (64, 64)
    assert part.min() > 100
    turned = shown(onlooker, path, viewport="256,128,,,-256,128")
    assert turned[0, 0] > turned[0, -1]
    assert shown(onlooker, f"{address(tall)}/rendered").shape == (256, 256)
    thumbnail = onlooker.get(f"{address(made)}/thumbnail")
    assert thumbnail.headers["content-type"] == "image/jpeg"
    assert Image.open(BytesIO(thumbnail.content)).size == (128, 64)
    series = f"/dicom-web/studies/{made.StudyInstanceUID}/series/{made.SeriesInstanceUID}"
    for above in (f"/dicom-web/studies/{made.StudyInstanceUID}", series):
        assert onlooker.get(f"{above}/thumbnail").status_code == 200
        assert len(pieces(onlooker.get(f"{above}/rendered", headers=_SEVERAL))) == 1
    assert onlooker.get(f"{address(made)}/frames/1/rendered").status_code == 200
    assert onlooker.get(f"{address(made)}/frames/2/rendered").status_code == 404
    assert onlooker.get(f"{address(made)}/frames/1/thumbnail").status_code == 200


_SEVERAL = {"accept": 'multipart/related; type="image/jpeg"'}


@pytest.mark.parametrize(
    "parameters",
    [
        "window=1,2",
        "window=a,b,linear",
        "window=1,0,linear",
        "window=nan,1,linear",
        "window=1,2,round",
        "viewport=0,1",
        "viewport=9999,1",
        "viewport=1",
        "viewport=a,b",
        "viewport=1,1,0,0,0,1",
        "quality=0",
        "quality=101",
        "quality=x",
        "quality=9999999999",
    ],
)
def test_a_wish_that_cannot_be_understood(
    room_of_module: Room, onlooker: TestClient, parameters: str
) -> None:
    made = store_film(room_of_module)
    assert onlooker.get(f"{address(made)}/rendered?{parameters}").status_code == 400


def test_what_has_no_effect_is_told(room_of_module: Room, onlooker: TestClient) -> None:
    made = store_film(room_of_module)
    answer = onlooker.get(f"{address(made)}/rendered?annotation=patient&quality=50")
    assert answer.status_code == 200
    assert "annotation has no effect" in answer.headers["warning"]
    outside = onlooker.get(f"{address(made)}/rendered?viewport=10,10,9000,0,10,10")
    assert outside.status_code == 406
    assert onlooker.get(f"{address(made)}/rendered?accept=image/gif").status_code == 406


def test_frames_that_are_only_announced(room_of_module: Room, onlooker: TestClient) -> None:
    study = str(generate_uid())
    tiny = {"Rows": 1, "Columns": 1, "StudyInstanceUID": study}
    endless = store_film(room_of_module, NumberOfFrames="1000000", **tiny)
    for way in ("rendered", "thumbnail"):
        answer = onlooker.get(f"{address(endless)}/{way}", headers=_SEVERAL)
        assert (answer.status_code, "too many frames" in answer.text) == (406, True)
    store_film(room_of_module, StudyInstanceUID=study)
    path = f"/dicom-web/studies/{study}"
    assert onlooker.get(f"{path}/thumbnail").status_code == 200
    assert len(pieces(onlooker.get(f"{path}/rendered", headers=_SEVERAL))) == 1
    many = store_film(room_of_module, NumberOfFrames="1001", PixelData=bytes(2002), **tiny)
    assert onlooker.get(f"{address(many)}/rendered", headers=_SEVERAL).status_code == 406
    assert onlooker.get(f"{address(many)}/thumbnail").status_code == 200
    assert onlooker.get(f"{address(many)}/frames/1001/rendered").status_code == 200


def test_a_constant_picture_is_shown_black(room_of_module: Room, onlooker: TestClient) -> None:
    made = film(PixelData=bytes(64 * 48 * 2))
    store_object(room_of_module, made)
    assert not shown(onlooker, f"{address(made)}/rendered").any()


def test_a_document(room_of_module: Room, onlooker: TestClient) -> None:
    pixels: dict[str, Any] = dict.fromkeys(("Rows", "Columns", "PixelData", "BitsAllocated"))
    made = film(
        SOPClassUID=EncapsulatedPDFStorage,
        Modality="DOC",
        EncapsulatedDocument=b"%PDF-1.7 " + b"x" * 2001,
        MIMETypeOfEncapsulatedDocument="application/pdf",
        **pixels,
    )
    store_object(room_of_module, made)
    page = onlooker.get(f"{address(made)}/rendered?accept=application/pdf")
    assert (page.headers["content-type"], page.content) == (
        "application/pdf",
        made.EncapsulatedDocument,
    )
    assert page.headers["content-disposition"] == "attachment"
    (document,) = onlooker.get(f"{address(made)}/metadata").json()
    value = onlooker.get(document["00420011"]["BulkDataURI"], headers={"accept": "application/pdf"})
    assert value.content == made.EncapsulatedDocument
    assert onlooker.get(f"{address(made)}/rendered?accept=image/png").status_code == 406
    assert onlooker.get(f"{address(made)}/thumbnail").status_code == 406
    assert onlooker.get(f"{address(made)}/frames/1").status_code == 406


def test_other_origins(migrated_room: Path, tmp_path: Path, room_of_module: Room) -> None:
    closed = room_of_module.stranger().get(
        "/dicom-web/studies", headers={"origin": "https://a.example"}
    )
    assert "access-control-allow-origin" not in closed.headers
    path = tmp_path / "firstread.db"
    path.write_bytes(migrated_room.read_bytes())
    room = open_room(tmp_path, f"sqlite:///{path}", dicomweb_origins=("https://viewer.example",))
    client = room.visitor(AccountRole.RADIOLOGIST)
    ours, theirs = {"origin": "https://viewer.example"}, {"origin": "https://evil.example"}
    asks = {"access-control-request-method": "GET"}
    allowed = client.options("/dicom-web/studies", headers={**ours, **asks})
    assert allowed.status_code == 204
    assert allowed.headers["access-control-allow-origin"] == "https://viewer.example"
    assert "authorization" in allowed.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in allowed.headers
    refused = client.options("/dicom-web/studies", headers={**theirs, **asks})
    assert "access-control-allow-origin" not in refused.headers
    answer = client.get("/dicom-web/studies", headers=ours)
    assert answer.headers["access-control-allow-origin"] == "https://viewer.example"
    assert answer.headers["vary"] == "origin"
    for headers, at in ((theirs, "/dicom-web/studies"), (ours, "/api"), (ours, "/api/v1/readings")):
        answer = client.get(at, headers=headers)
        assert "access-control-allow-origin" not in answer.headers
    room.db.close()
