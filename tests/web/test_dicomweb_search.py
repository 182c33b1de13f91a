"""QIDO-RS: what is found, what of it is told, and what a bad question is answered.

Covered: matching of every kind at every level, paging, attributes asked for, warnings, restricted
studies, who may ask, the audit. Not covered: a client of somebody else (test_dicomweb_client).
"""

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from starlette.testclient import TestClient

from core.accounts import AccountRole
from db.models import AuditAction, AuditEvent
from db.restrictions import restrict_study
from tests.web.films import store_film
from tests.web.room import Room
from web.dicomweb.matching import is_like

STUDIES = "/dicom-web/studies"


@pytest.fixture(scope="module")
def known(room_of_module: Room) -> TestClient:
    """Somebody who searches where one film is, and nothing changes."""
    store_film(
        room_of_module,
        StudyInstanceUID="1.2.3",
        SeriesInstanceUID="1.2.3.1",
        SOPInstanceUID="1.2.3.1.1",
        StudyDate="20260301",
        StudyTime="101500",
        AccessionNumber="A-1",
        StudyDescription="Chest PA",
        ReferringPhysicianName="House^Gregory",
    )
    return room_of_module.visitor(AccountRole.RADIOLOGIST)


@pytest.fixture
def reader(room: Room) -> TestClient:
    return room.visitor(AccountRole.RADIOLOGIST)


def found(client: TestClient, path: str, **parameters: str) -> list[dict[str, Any]]:
    answer = client.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/dicom+json"
    results: list[dict[str, Any]] = answer.json()
    return results


def value(document: dict[str, Any], tag: str) -> Any:
    return document[tag]["Value"][0]


def test_a_study_is_told_with_its_patient(room: Room, reader: TestClient) -> None:
    film = store_film(
        room,
        StudyDate="20260301",
        StudyTime="101500",
        AccessionNumber="A-1",
        StudyDescription="Chest",
        StudyID="7",
        ReferringPhysicianName="House^Gregory",
    )
    (study,) = found(reader, STUDIES)
    told = {tag: element.get("Value", [None])[0] for tag, element in study.items()}
    assert told == {
        "00080005": "ISO_IR 192",
        "00080020": "20260301",
        "00080030": "101500",
        "00080050": "A-1",
        "00080056": "ONLINE",
        "00080061": "CR",
        "00080090": {"Alphabetic": "House^Gregory"},
        "00081030": "Chest",
        "00081190": f"https://firstread.test/dicom-web/studies/{film.StudyInstanceUID}",
        "00100010": {"Alphabetic": "Testfrau^Erika"},
        "00100020": "P-1",
        "00100021": None,
        "00100030": "19500101",
        "00100040": "F",
        "0020000D": film.StudyInstanceUID,
        "00200010": "7",
        "00201206": 1,
        "00201208": 1,
    }


@pytest.mark.parametrize(
    ("asked", "is_found"),
    [
        ({"PatientName": "Testfrau^Erika"}, True),
        ({"PatientName": "testfrau*"}, True),
        ({"PatientName": "*ERIKA*"}, True),
        ({"PatientName": "Testfrau"}, False),
        ({"PatientName": "Testfr?u^E*"}, True),
        ({"00100010": "Testfrau^Erika^"}, True),
        ({"PatientName": "*%*"}, False),
        ({"PatientName": ""}, True),
        ({"PatientName": "*"}, True),
        ({"PatientID": "P-1"}, True),
        ({"PatientID": "p-1"}, False),
        ({"PatientID": "P-*"}, True),
        ({"PatientID": "P"}, False),
        ({"AccessionNumber": "A-1"}, True),
        ({"AccessionNumber": "A-2"}, False),
        ({"StudyDate": "20260301"}, True),
        ({"StudyDate": "20260302"}, False),
        ({"StudyDate": "20260201-20260301"}, True),
        ({"StudyDate": "20260302-"}, False),
        ({"StudyDate": "-20260301"}, True),
        ({"StudyTime": "1000-1100"}, True),
        ({"StudyTime": "1030-"}, False),
        ({"ModalitiesInStudy": "CR"}, True),
        ({"ModalitiesInStudy": "DX,CR"}, True),
        ({"ModalitiesInStudy": "DX\\CR"}, True),
        ({"ModalitiesInStudy": "C*"}, True),
        ({"ModalitiesInStudy": "MR"}, False),
        ({"StudyDescription": "Chest*"}, True),
        ({"ReferringPhysicianName": "house*"}, True),
        ({"StudyInstanceUID": "1.2.3,9.9"}, True),
        ({"StudyInstanceUID": "1.2.3\\9.9"}, True),
        ({"StudyInstanceUID": "9.9"}, False),
        ({"SeriesInstanceUID": "1.2.3.1"}, True),
        ({"SOPInstanceUID": "1.2.3.1.1"}, True),
        ({"SOPInstanceUID": "1.2.3.1.2"}, False),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.1"}, True),
        ({"BodyPartExamined": "CHEST"}, True),
        ({"BodyPartExamined": "HAND"}, False),
        ({"PatientID": "P-1", "AccessionNumber": "A-2"}, False),
    ],
)
def test_matching(known: TestClient, asked: dict[str, str], *, is_found: bool) -> None:
    assert bool(found(known, STUDIES, **asked)) is is_found


def test_a_name_in_other_letters(room: Room, reader: TestClient) -> None:
    store_film(room, PatientName="Yamada^Tarou=山田^太郎", SpecificCharacterSet="ISO_IR 192")
    (study,) = found(reader, STUDIES, PatientName="山田*")
    assert study["00100010"]["Value"] == [
        {"Alphabetic": "Yamada^Tarou", "Ideographic": "山田^太郎"}
    ]
    assert found(reader, STUDIES, PatientName="YAMADA^*")
    store_film(room, PatientName="Ärzt^Öl", PatientID="P-2", SpecificCharacterSet="ISO_IR 192")
    assert len(found(reader, STUDIES, PatientName="ärzt^*")) == 1


def test_series_and_instances(room: Room, reader: TestClient) -> None:
    first = store_film(room, StudyInstanceUID="1.2.3", SeriesNumber=4, InstanceNumber=9)
    second = store_film(room, StudyInstanceUID="1.2.3", seed=1, SeriesNumber=5)
    store_film(room, PatientID="P-2")
    series = found(reader, f"{STUDIES}/1.2.3/series")
    assert [value(one, "0020000E") for one in series] == [
        first.SeriesInstanceUID,
        second.SeriesInstanceUID,
    ]
    assert [value(one, "00200011") for one in series] == [4, 5]
    assert all("00100010" not in one for one in series)
    assert len(found(reader, f"{STUDIES}/1.2.3/series", SeriesNumber="5")) == 1
    assert len(found(reader, f"{STUDIES}/1.2.3/series", SOPInstanceUID=first.SOPInstanceUID)) == 1
    path = f"{STUDIES}/1.2.3/series/{first.SeriesInstanceUID}/instances"
    (instance,) = found(reader, path)
    assert value(instance, "00080018") == first.SOPInstanceUID
    assert (value(instance, "00280010"), value(instance, "00200013")) == (64, 9)
    assert value(instance, "00081190").endswith(f"/instances/{first.SOPInstanceUID}")
    assert len(found(reader, f"{STUDIES}/1.2.3/instances")) == 2
    assert len(found(reader, "/dicom-web/series")) == 3
    everything = found(reader, "/dicom-web/instances", PatientID="P-1")
    assert len(everything) == 2
    assert value(everything[0], "00100010") == {"Alphabetic": "Testfrau^Erika"}


def test_paging_goes_through_all_of_it_newest_first(room: Room, reader: TestClient) -> None:
    films = [store_film(room, PatientID=f"P-{number}", seed=number) for number in range(5)]
    told = []
    for offset in range(0, 6, 2):
        answer = reader.get(STUDIES, params={"limit": "2", "offset": str(offset)})
        assert ("additional results" in answer.headers.get("warning", "")) is (offset < 4)
        told += [value(study, "0020000D") for study in answer.json()]
    assert told == [film.StudyInstanceUID for film in reversed(films)]
    assert found(reader, STUDIES, limit="0") == []


def test_attributes_that_were_asked_for(room: Room, reader: TestClient) -> None:
    store_film(room, InstitutionName="Hospital", StudyInstanceUID="1.2.3")
    (plain,) = found(reader, STUDIES)
    assert "00080080" not in plain
    (study,) = found(reader, STUDIES, includefield="InstitutionName,00101020")
    assert value(study, "00080080") == "Hospital"
    assert study["00101020"] == {"vr": "DS"}
    (instance,) = found(reader, f"{STUDIES}/1.2.3/instances", includefield="all")
    assert value(instance, "00185101") == "PA"
    (study,) = found(reader, STUDIES, includefield="all")
    assert value(study, "00101010") == "070Y"
    assert "00185101" not in study


def test_what_a_search_cannot_do_is_told(known: TestClient) -> None:
    answer = known.get(STUDIES, params={"fuzzymatching": "true"})
    assert "fuzzymatching parameter is not supported" in answer.headers["warning"]


@pytest.mark.parametrize(
    "query",
    [
        "NoSuchAttribute=1",
        "0010002=1",
        "limit=-1",
        "limit=x",
        "limit=1&limit=2",
        "offset=99999999999",
        "offset=" + "0" * 20 + "9" * 30,
        "fuzzymatching=perhaps",
        "StudyDate=yesterday",
        "StudyDate=20260101-20260102-20260103",
        "StudyDate=-",
        "PatientID=1&PatientID=2",
        "PatientID=1&00100020=2",
        "PixelData=1",
        "RequestAttributesSequence=1",
        "SeriesNumber=one",
        "includefield=Nonsense",
        "&".join(["PatientID=1"] * 100),
        "PatientID=" + "x" * 5000,
    ],
)
def test_a_malformed_question(known: TestClient, query: str) -> None:
    answer = known.get(f"{STUDIES}?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/dicom+json", 200),
        ("application/json", 200),
        ("*/*", 200),
        ("application/*;q=0.2", 200),
        ('multipart/related; type="application/dicom+xml"', 406),
        ("application/dicom+xml, application/dicom+json;q=0.5", 200),
        ("application/dicom+json;q=0", 406),
        ("text/html", 406),
        ("nonsense", 400),
    ],
)
def test_what_the_client_takes(known: TestClient, accept: str, status: int) -> None:
    assert known.get(STUDIES, headers={"accept": accept}).status_code == status


@pytest.mark.parametrize(
    "path", ["/dicom-web/studies/1.2.x/series", f"{STUDIES}/{'1' * 65}/instances"]
)
def test_a_study_that_is_none(known: TestClient, path: str) -> None:
    assert known.get(path).status_code == 400


def test_a_study_that_is_not_here(known: TestClient) -> None:
    assert known.get(f"{STUDIES}/1.2.4/series").status_code == 404


@pytest.mark.parametrize(
    "path", [STUDIES, "/dicom-web/series", "/dicom-web/instances", f"{STUDIES}/1.2.3/series"]
)
def test_only_radiologists_search(room_of_module: Room, path: str) -> None:
    assert room_of_module.stranger().get(path).status_code == 401
    others = set(AccountRole) - {AccountRole.RADIOLOGIST}
    assert room_of_module.visitor(*others).get(path).status_code == 403


def test_nobody_learns_of_a_restricted_study(room: Room, reader: TestClient) -> None:
    film = store_film(room)
    chosen = room.visitor(AccountRole.RADIOLOGIST, name="chosen")
    with room.db.write() as session:
        restrict_study(
            session, film.StudyInstanceUID, ["chosen"], "a member of staff", actor="admin"
        )
    study = f"{STUDIES}/{film.StudyInstanceUID}"
    for path in (STUDIES, "/dicom-web/series", "/dicom-web/instances"):
        assert found(reader, path) == []
        assert len(found(chosen, path)) == 1
    assert reader.get(f"{study}/series").status_code == 403
    assert len(found(chosen, f"{study}/series")) == 1


def test_a_search_is_an_event(room: Room, reader: TestClient) -> None:
    store_film(room)
    found(reader, STUDIES, PatientName="testfrau*")
    with room.db.read() as session:
        query = select(AuditEvent).where(AuditEvent.action == AuditAction.STUDIES_SEARCHED)
        (event,) = session.scalars(query)
    assert event.actor == "person1"
    assert event.details == {"by": ["00100010"], "studies": [1]}


def test_a_search_that_would_open_too_many_headers_says_so(
    room: Room, reader: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        store_film(room, PatientID=f"P-{number}", seed=number)
    monkeypatch.setattr("web.dicomweb.find.MOST_EXAMINED", 2)
    answer = reader.get(STUDIES, params={"BodyPartExamined": "HAND"})
    assert answer.json() == []
    assert "Not every study was looked at" in answer.headers["warning"]
    # Where no header decides, a search goes through to the end.
    assert len(found(reader, STUDIES, PatientName="Testfrau*", offset="1")) == 2


@given(
    text=st.text("ab?*\n", max_size=12),
    pattern=st.text("ab?*\n", max_size=8),
)
def test_patterns(text: str, pattern: str) -> None:
    assert is_like(text, pattern) is _plainly_like(text, pattern)


def _plainly_like(text: str, pattern: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(_plainly_like(text[at:], pattern[1:]) for at in range(len(text) + 1))
    return bool(text) and pattern[0] in {"?", text[0]} and _plainly_like(text[1:], pattern[1:])


_NAMES = st.sampled_from(
    ["PatientName", "StudyDate", "limit", "offset", "includefield", "00100020", "SeriesNumber"]
)
_WORDS = st.one_of(
    st.text(max_size=20), st.sampled_from(["*", "a*", "1-2", "20260101-", "5", "all"])
)


@settings(max_examples=60, deadline=None)
@given(parameters=st.lists(st.tuples(st.one_of(_NAMES, st.text(max_size=12)), _WORDS), max_size=5))
def test_no_question_is_an_error_of_ours(
    known: TestClient, parameters: list[tuple[str, str]]
) -> None:
    answer = known.get(f"/dicom-web/instances?{urlencode(parameters)}")
    assert answer.status_code in {200, 400}
