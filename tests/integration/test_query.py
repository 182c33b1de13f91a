"""Queries and fetches against real archives of two makes: Orthanc and dcmtk's dcmqrscp.

Covered: studies by date, modality and patient, series, whole studies and single series, a study
that is not there, a destination that is not known. Not covered: archives that lie (tests/gateway).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from pydicom.uid import generate_uid

from core.errors import PeerUnavailableError
from core.states import Purpose
from db.retrievals import Wish, ask
from gateway.address import PeerAddress
from gateway.find import StudyQuery, find_series, find_studies
from gateway.move import Moved, move
from tests.gateway.edge import Edge, add_peer, open_edge
from tests.gateway.objects import film_file
from tests.peers.dcmqrscp import dcmqrscp
from tests.peers.dcmtk import storescu
from tests.peers.orthanc import Orthanc

pytestmark = pytest.mark.slow
SECOND = "FIRSTREAD_RTRV"


@dataclass(frozen=True, slots=True)
class Place:
    """An archive, an installation that it knows, and what it holds."""

    address: PeerAddress
    edge: Edge
    studies: tuple[str, ...]
    """One study of each of three days; the last is of another patient, and the first has two
    series."""


def films(folder: Path) -> tuple[list[Path], tuple[str, ...]]:
    """Make the films, and give their studies."""
    studies = tuple(generate_uid() for _ in range(3))
    made = [
        film_file(
            folder,
            seed=number,
            StudyInstanceUID=uid,
            StudyDate=f"2001020{number + 1}",
            PatientID="Q-1" if number < 2 else "Q-11",
            PatientName="Größe^Ä",
            SpecificCharacterSet="ISO_IR 192",
            StudyDescription="Thorax für später",
            AccessionNumber=f"A{number}",
        )
        for number, uid in enumerate(studies)
    ]
    made.append(
        film_file(
            folder, seed=9, StudyInstanceUID=studies[0], StudyDate="20010201", PatientID="Q-1"
        )
    )
    return made, studies


@pytest.fixture(params=["orthanc", "dcmqrscp"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    made, studies = films(tmp_path / "films")
    with open_edge(tmp_path / "edge") as edge:
        if request.param == "orthanc":
            orthanc: Orthanc = request.getfixturevalue("orthanc")
            orthanc.add_modality("second", SECOND, edge.port)
            sent = storescu(made, orthanc.dicom_port, called=orthanc.ae_title)
            assert sent.statuses == [0] * len(made)
            yield _placed(edge, orthanc.ae_title, orthanc.dicom_port, studies)
            return
        with dcmqrscp(tmp_path / "qr", made, {SECOND: edge.port}) as archive:
            yield _placed(edge, archive.ae_title, archive.port, studies)


def _placed(edge: Edge, title: str, port: int, studies: tuple[str, ...]) -> Place:
    add_peer(edge.db, "archive", ae_title=title, port=port)
    return Place(PeerAddress("127.0.0.1", port, title, "FIRSTREAD", 10.0), edge, studies)


def _found(place: Place, query: StudyQuery) -> set[str]:
    return {study.study_uid for study in find_studies(place.address, query)} & set(place.studies)


def test_studies_of_days_by_modality(place: Place) -> None:
    first, second, _ = place.studies
    days = StudyQuery(first=date(2001, 2, 1), last=date(2001, 2, 2), modalities=("CR", "DX"))
    assert _found(place, days) == {first, second}
    ct = StudyQuery(first=date(2001, 2, 1), last=date(2001, 2, 2), modalities=("CT",))
    assert _found(place, ct) == set()


def test_studies_of_a_patient_and_nobody_else(place: Place) -> None:
    first, second, third = place.studies
    assert _found(place, StudyQuery(patient_id="Q-1")) == {first, second}
    assert _found(place, StudyQuery(patient_id="Q-11")) == {third}
    assert _found(place, StudyQuery(patient_id="Q-1*")) == set()


def test_what_is_told_of_a_study(place: Place) -> None:
    (study,) = find_studies(place.address, StudyQuery(study_uid=place.studies[1]))
    assert (study.patient_id, study.study_date, study.accession) == ("Q-1", "20010202", "A1")
    assert study.description == "Thorax für später"
    assert set(study.modalities) <= {"CR"}


def test_series_and_fetches(place: Place) -> None:
    first, second, _ = place.studies
    for uid in (first, second):
        with place.edge.db.write() as session:
            ask(session, Wish(1, uid, Purpose.AUDIT, "test"), actor="test")
    series = find_series(place.address, first)
    assert [one.modality for one in series] == ["CR", "CR"]
    one = move(place.address, SECOND, first, [series[0].series_uid])
    assert (one.completed, one.whole) == (1, True)
    assert [row.series_uid for row in place.edge.instances()] == [series[0].series_uid]
    assert move(place.address, SECOND, first) == Moved(completed=2)
    assert move(place.address, SECOND, second) == Moved(completed=1)
    assert {row.purpose for row in place.edge.instances()} == {Purpose.AUDIT}
    assert len(place.edge.instances()) == 3


def test_what_nobody_asked_for_is_told_as_failed(place: Place) -> None:
    moved = move(place.address, SECOND, place.studies[2])
    assert not moved.whole
    assert place.edge.empty


def test_a_study_that_is_not_there(place: Place) -> None:
    assert not move(place.address, SECOND, generate_uid()).whole


def test_a_destination_that_is_not_known(place: Place) -> None:
    if place.address.called_ae == "ORTHANC":
        # It does not say why.
        assert move(place.address, "NOBODY", place.studies[0]).words == "0xC000 Unable to process"
        return
    with pytest.raises(PeerUnavailableError, match="register it there"):
        move(place.address, "NOBODY", place.studies[0])
