"""The picture of a film as a screen gets it: values, how to look at them, and who is refused.

How headers become windows and values is tested in tests/imaging/test_display.py.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless

from core.accounts import AccountRole
from core.clock import now
from db.models import Instance
from tests.db.builders import film as film_row
from tests.imaging import making
from tests.web.room import Room

UID = "1.2.3.4.100"
ADDRESS = f"/api/v1/studies/1.2.3/films/{UID}"
RADIOLOGIST = AccountRole.RADIOLOGIST


@pytest.fixture
def picture() -> making.Pixels:
    """A film with sides that a preview's blocks do not divide."""
    return making.smooth(1203, 1027)


def take_in(room: Room, path: Path, uid: str = UID) -> None:
    """Take in the film of a file."""
    film_row(room.db, room.spool, uid=uid, content=path.read_bytes())


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, JPEG2000Lossless])
def test_all_values_arrive(room: Room, tmp_path: Path, picture: making.Pixels, syntax: str) -> None:
    take_in(room, making.film(tmp_path / "film.dcm", picture, syntax))
    visitor = room.visitor(RADIOLOGIST)
    told = visitor.get(f"{ADDRESS}/display").json()
    answer = visitor.get(f"{ADDRESS}/pixels")
    assert told["whole"] == {"rows": 1203, "columns": 1027}
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["cache-control"] == "no-store"
    arrived = np.frombuffer(answer.content, "<u2").reshape(1203, 1027)
    np.testing.assert_array_equal(arrived, picture)


def test_a_preview_is_the_film_in_few_pixels(
    room: Room, tmp_path: Path, picture: making.Pixels
) -> None:
    take_in(room, making.film(tmp_path / "film.dcm", picture))
    visitor = room.visitor(RADIOLOGIST)
    told = visitor.get(f"{ADDRESS}/display").json()
    assert (told["factor"], told["preview"]) == (3, {"rows": 401, "columns": 343})
    answer = visitor.get(f"{ADDRESS}/preview")
    arrived = np.frombuffer(answer.content, "<u2").reshape(401, 343)
    assert arrived[7, 11] == round(float(picture[21:24, 33:36].mean()))
    assert arrived[7, 342] == round(float(picture[21:24, 1026:].mean()))


def test_a_thumbnail_is_a_small_picture(room: Room, tmp_path: Path) -> None:
    take_in(room, making.film(tmp_path / "film.dcm"))
    answer = room.visitor(RADIOLOGIST).get(f"{ADDRESS}/thumbnail")
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")


def test_a_film_that_retention_removed_says_so(room: Room, tmp_path: Path) -> None:
    take_in(room, making.film(tmp_path / "film.dcm"))
    visitor = room.visitor(RADIOLOGIST)
    assert visitor.get(f"{ADDRESS}/pixels").status_code == 200
    with room.db.write() as session:
        session.query(Instance).one().removed_at = now()
    answer = visitor.get(f"{ADDRESS}/pixels")
    assert answer.status_code == 410
    assert "removed by retention" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"NumberOfFrames": 2, "Rows": 48}, "several frames"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "in colour"),
        ({"Rows": 4000}, "pixels"),
    ],
)
def test_what_cannot_be_shown_says_why(
    room: Room, tmp_path: Path, values: dict[str, Any], words: str
) -> None:
    take_in(room, making.film(tmp_path / "film.dcm", **values))
    answer = room.visitor(RADIOLOGIST).get(f"{ADDRESS}/display")
    assert answer.status_code == 422
    assert words in answer.json()["detail"]


def test_a_file_that_is_gone_is_told(room: Room, tmp_path: Path) -> None:
    take_in(room, making.film(tmp_path / "film.dcm"))
    with room.db.read() as session:
        Path(session.query(Instance).one().path).unlink()
    answer = room.visitor(RADIOLOGIST).get(f"{ADDRESS}/display")
    assert (answer.status_code, answer.json()["detail"]) == (
        422,
        "its file cannot be read: No such file or directory",
    )


def test_a_film_is_found_in_its_own_study_alone(room: Room, tmp_path: Path) -> None:
    take_in(room, making.film(tmp_path / "film.dcm"))
    film_row(room.db, room.spool, uid="1.2.3.4.200", study="1.2.9")
    answer = room.visitor(RADIOLOGIST).get(f"/api/v1/studies/1.2.9/films/{UID}/pixels")
    assert answer.status_code == 404


@pytest.mark.parametrize("role", sorted(set(AccountRole) - {RADIOLOGIST}))
def test_no_other_role_sees_pixels(room: Room, tmp_path: Path, role: AccountRole) -> None:
    take_in(room, making.film(tmp_path / "film.dcm"))
    visitor = room.visitor(role)
    for part in ("display", "pixels", "preview", "thumbnail"):
        assert visitor.get(f"{ADDRESS}/{part}").status_code == 403
