"""A DICOMweb client of somebody else (dicomweb-client) over real HTTP, with a bearer token.

Covered: everything that it can ask, over a film and all kinds of results as the deliverer made
them; which results stand. What OHIF asks is tested by its addresses alone, without OHIF.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import requests
from dicomweb_client.api import DICOMwebClient
from dicomweb_client.session_utils import create_session_from_auth
from PIL import Image
from pydicom import Dataset, dcmread
from requests.auth import AuthBase
from sqlalchemy import select, update

from core.accounts import AccountRole
from core.labels import Label
from core.states import DRAFT_KINDS, EXTRA_KINDS, DeliveryState, ResultKind
from db.accounts import add_account
from db.api_tokens import make_token
from db.models import ReadingRow, ResultObject
from tests.db.builders import read_next, reading
from tests.gateway.edge import add_peer
from tests.gateway.outgoing import ResultPeer, deliveries, results, running
from tests.integration.reviewed_hospital import picture
from tests.waiting import wait_until
from tests.web.films import store_film
from tests.web.room import Room, open_room
from tests.web.served import served

KINDS = (*DRAFT_KINDS, *EXTRA_KINDS)


class Bearer(AuthBase):
    """Brings a token along."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add it to a request."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


@dataclass
class Served:
    """A served room with a film and its results, and a client of it."""

    room: Room
    film: Dataset
    client: DICOMwebClient
    address: str
    token: str

    def get(self, path: str, **headers: str) -> requests.Response:
        """Ask by hand."""
        headers = {"Authorization": f"Bearer {self.token}", **headers}
        return requests.get(f"{self.address}/dicom-web{path}", headers=headers, timeout=30)

    def result(self, kind: ResultKind) -> ResultObject:
        """Give the result of a kind."""
        (found,) = (row for row in results(self.room.db) if row.kind is kind)
        return found


@pytest.fixture(scope="module")
def house(migrated_room: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One film that was read, with every kind of result."""
    folder = tmp_path_factory.mktemp("served")
    path = folder / "firstread.db"
    shutil.copy(migrated_room, path)
    room = open_room(folder, f"sqlite:///{path}", public_url=None)
    film = store_film(room, StudyDate="20260301", AccessionNumber="A-1", **picture(1))
    with ResultPeer() as pacs:
        add_peer(
            room.db,
            "pacs",
            port=pacs.port,
            takes_results=True,
            result_kinds=[kind.value for kind in KINDS],
        )
        read_next(room.db, reading(Label.PLEURAL_EFFUSION))
        with running(room.settings, room.db, room.spool):
            wait_until(
                lambda: len(deliveries(room.db, DeliveryState.SENT)) == len(KINDS),
                60.0,
                "the results",
            )
    with room.db.write() as session:
        account = add_account(
            session, "viewer", person="Viewer^A", roles=(AccountRole.RADIOLOGIST,)
        )
        token = make_token(session, account, "a viewer", actor="admin")
    with served(room) as address:
        client = DICOMwebClient(
            f"{address}/dicom-web", session=create_session_from_auth(Bearer(token))
        )
        yield Served(room, film, client, address, token)
    room.db.close()


def test_without_a_token_nothing_is_told(house: Served) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}):
        answer = requests.get(f"{house.address}/dicom-web/studies", headers=headers, timeout=30)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_searches(house: Served) -> None:
    (found,) = house.client.search_for_studies(search_filters={"PatientName": "Testfrau*"})
    study = Dataset.from_json(found)
    assert study.StudyInstanceUID == house.film.StudyInstanceUID
    assert set(study.ModalitiesInStudy) == {"CR", "SR", "PR", "KO", "DOC", "OT"}
    assert study.NumberOfStudyRelatedInstances == 1 + len(KINDS)
    series = house.client.search_for_series(study.StudyInstanceUID)
    assert len(series) == study.NumberOfStudyRelatedSeries
    instances = house.client.search_for_instances(study.StudyInstanceUID)
    assert len(instances) == 1 + len(KINDS)
    assert len(house.client.search_for_instances(search_filters={"Modality": "SR"})) == 2
    assert house.client.search_for_studies(limit=1, offset=1) == []


def test_the_film_comes_back_as_it_was(house: Served) -> None:
    film = house.film
    uids = (film.StudyInstanceUID, film.SeriesInstanceUID, film.SOPInstanceUID)
    assert house.client.retrieve_instance(*uids) == film
    document = house.client.retrieve_instance_metadata(*uids)
    header = Dataset.from_json(document, bulk_data_uri_handler=lambda _uri: None)
    assert header.PatientName == film.PatientName
    (frame,) = house.client.retrieve_instance_frames(*uids, frame_numbers=[1])
    assert frame == film.PixelData
    rendered = house.client.retrieve_instance_rendered(*uids, media_types=("image/png",))
    assert Image.open(BytesIO(rendered)).size == (film.Columns, film.Rows)
    (pixels,) = house.client.retrieve_bulkdata(document["7FE00010"]["BulkDataURI"])
    assert pixels == film.PixelData
    series = house.client.retrieve_series(*uids[:2])
    assert [one.SOPInstanceUID for one in series] == [film.SOPInstanceUID]


def test_every_result_can_be_opened(house: Served) -> None:
    study = house.film.StudyInstanceUID
    objects = {str(one.SOPInstanceUID): one for one in house.client.retrieve_study(study)}
    assert len(objects) == 1 + len(KINDS)
    for kind in KINDS:
        row = house.result(kind)
        assert objects[row.uid] == dcmread(row.path)
    told = {
        one["00080018"]["Value"][0]: Dataset.from_json(one, bulk_data_uri_handler=lambda _uri: None)
        for one in house.client.retrieve_study_metadata(study)
    }
    findings = told[house.result(ResultKind.FINDINGS_SR).uid]
    # What OHIF looks for in a report that it shows.
    titles = {item.ConceptNameCodeSequence[0].CodeValue for item in findings.ContentSequence}
    assert {"111028", "126010"} <= titles
    assert told[house.result(ResultKind.GSPS).uid].GraphicAnnotationSequence
    row = house.result(ResultKind.PDF)
    page = house.client.retrieve_instance_rendered(
        study, row.series_uid, row.uid, media_types=("application/pdf",)
    )
    assert page.startswith(b"%PDF-")
    row = house.result(ResultKind.SECONDARY_CAPTURE)
    shown = house.client.retrieve_instance_rendered(
        study, row.series_uid, row.uid, media_types=("image/png",)
    )
    assert np.asarray(Image.open(BytesIO(shown))).any()


def test_what_ohif_asks(house: Served) -> None:
    study = house.film.StudyInstanceUID
    listed = house.get(
        "/studies?limit=101&offset=0&fuzzymatching=true&includefield=00081030%2C00080060"
        "&PatientName=*testfrau*&StudyDate=20260101-20261231",
        Accept="application/dicom+json",
    )
    assert len(listed.json()) == 1
    series = house.get(f"/studies/{study}/series?includefield=0008103E,00080060").json()
    for one in series:
        uid = one["0020000E"]["Value"][0]
        assert house.get(f"/studies/{study}/series/{uid}/metadata").status_code == 200
    uids = f"{study}/series/{house.film.SeriesInstanceUID}/instances/{house.film.SOPInstanceUID}"
    frame = house.get(
        f"/studies/{uids}/frames/1",
        Accept="multipart/related; type=application/octet-stream; transfer-syntax=*",
    )
    assert 'type="application/octet-stream"' in frame.headers["content-type"]


def test_results_that_do_not_stand_are_not_given(house: Served) -> None:
    row = house.result(ResultKind.REPORT_SR)
    path = f"/studies/{house.film.StudyInstanceUID}/series/{row.series_uid}/instances/{row.uid}"
    assert house.get(path).status_code == 200
    hidden: tuple[tuple[str, object, object], ...] = (
        ("current", False, True),
        ("shadow", True, False),
        ("withdrawn_code", "113001", None),
    )
    for name, value, before in hidden:
        for now, status in ((value, 404), (before, 200)):
            with house.room.db.write() as session:
                session.execute(update(ReadingRow).values(**{name: now}))
            assert house.get(path).status_code == status, name
    other = house.result(ResultKind.FINDINGS_SR).id
    for uid, status in ((row.uid, 404), (None, 200)):
        with house.room.db.write() as session:
            session.scalars(
                select(ResultObject).where(ResultObject.id == other)
            ).one().predecessor_uid = uid
        assert house.get(path).status_code == status
