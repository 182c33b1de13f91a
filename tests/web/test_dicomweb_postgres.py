"""Searches over DICOMweb on PostgreSQL, whose patterns, unions and times are its own.

Covered: each condition that the database itself looks at. The rest is tested on SQLite.
"""

from pathlib import Path

from core.accounts import AccountRole
from db.upgrade import upgrade
from tests.peers.postgres import PostgresServer
from tests.web.films import store_film
from tests.web.room import open_room


def test_what_the_database_looks_at(postgres_server: PostgresServer, tmp_path: Path) -> None:
    url = postgres_server.new_database()
    upgrade(url)
    room = open_room(tmp_path, url)
    reader = room.visitor(AccountRole.RADIOLOGIST)
    film = store_film(
        room,
        PatientName="Müller^Jörg=山田^太郎",
        SpecificCharacterSet="ISO_IR 192",
        StudyDate="20260301",
        AccessionNumber="A_1",
    )
    for asked, count in (
        ({"PatientName": "müller^*"}, 1),
        ({"PatientName": "山田*"}, 1),
        ({"PatientName": "M_ller*"}, 0),
        ({"PatientName": "M?ller*"}, 1),
        ({"PatientID": "P-1"}, 1),
        ({"PatientID": "P-2"}, 0),
        ({"AccessionNumber": "A_1"}, 1),
        ({"StudyDate": "20260301-20260301"}, 1),
        ({"StudyDate": "20260401-"}, 0),
        ({"StudyInstanceUID": film.StudyInstanceUID}, 1),
        ({"SeriesInstanceUID": film.SeriesInstanceUID}, 1),
        ({"SOPInstanceUID": film.SOPInstanceUID}, 1),
        ({"SOPInstanceUID": "1.2.3"}, 0),
        ({"PatientName": "a\0b"}, 0),
    ):
        answer = reader.get("/dicom-web/studies", params=asked)
        assert answer.status_code == 200, (asked, answer.text)
        assert len(answer.json()) == count, asked
    researcher = room.visitor(AccountRole.RESEARCHER)
    assert researcher.get("/api/v1/readings?model_uid=a%00b").status_code in {200, 422}
    room.db.close()
