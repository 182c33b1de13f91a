"""The search for priors at peers that are there, away, or answer what was not asked.

Covered: which studies and series are asked for, whose they are, and that a peer that is away is
asked again. Not covered: the fetch itself (test_retriever.py) and Orthanc (tests/integration).
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from sqlalchemy import select

from core.clock import now
from core.settings import PriorsSettings
from core.states import JobKind, JobState, Purpose
from db.models import Job, Retrieval
from evaluation.servers.process import free_port
from gateway.priors import PriorSearcher
from tests.gateway.client import store
from tests.gateway.edge import Edge, add_peer, open_edge
from tests.gateway.objects import film
from tests.gateway.query_peer import QueryPeer, study

PATIENT: dict[str, Any] = {"PatientID": "P-1", "ModalitiesInStudy": "CR"}
TODAY: dict[str, Any] = {"StudyDate": "20260301", "IssuerOfPatientID": None}


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Edge]:
    with open_edge(tmp_path) as opened:
        yield opened


def series(uid: str, modality: str) -> tuple[int, Dataset]:
    answer = Dataset()
    answer.QueryRetrieveLevel = "SERIES"
    answer.SeriesInstanceUID = uid
    answer.Modality = modality
    return 0xFF00, answer


SERIES = [series("2.1", "CR"), series("2.2", "SR"), series("2.3", "KO"), series("2.4", "PR")]


class Archive:
    """Answers with studies, and with the series of each."""

    def __init__(self, *studies: tuple[int, Dataset], of: list[tuple[int, Dataset]]) -> None:
        self._studies = studies
        self._series = of

    def __call__(self, identifier: Dataset) -> Any:
        """Give the answers to one question."""
        return self._studies if identifier.QueryRetrieveLevel == "STUDY" else self._series


def searched(edge: Edge, **limits: Any) -> list[Retrieval]:
    """Do one search, and give what it asked for."""
    settings = edge.settings.model_copy(update={"priors": PriorsSettings(**limits)})
    assert PriorSearcher(settings, edge.db).step()
    with edge.db.read() as session:
        return list(session.scalars(select(Retrieval).order_by(Retrieval.id)))


def job(edge: Edge) -> Job:
    (found,) = [one for one in edge.jobs() if one.kind is JobKind.RETRIEVE]
    return found


def test_the_newest_studies_of_the_patient_are_asked_for(edge: Edge) -> None:
    answers = Archive(
        study("1.1", StudyDate="20240101", **PATIENT),
        study("1.2", StudyDate="20250101", **PATIENT),
        study("1.3", StudyDate="20230101", **PATIENT),
        of=SERIES,
    )
    with QueryPeer(answers) as archive:
        peer_id = add_peer(edge.db, "pacs", port=archive.port, gives_priors=True)
        today = film(**TODAY)
        store(edge.port, today)
        found = searched(edge, most=2)
        assert [one.study_uid for one in found] == ["1.2", "1.1"]
        (asked, *_) = archive.asked
    assert (asked.PatientID, asked.StudyDate) == ("P-1", "20210301-20260301")
    first = found[0]
    assert (first.peer_id, first.purpose, first.series_uids) == (
        peer_id,
        Purpose.PRIOR,
        ["2.1", "2.2", "2.3"],
    )
    assert (first.patient_id, first.issuer, first.study_date) == ("P-1", "", "20250101")
    assert first.campaign == today.StudyInstanceUID
    assert job(edge).state is JobState.DONE


NOT_ASKED: dict[str, dict[str, Any]] = {
    "another patient": {"PatientID": "P-2"},
    "another issuer": {"IssuerOfPatientID": "ELSEWHERE"},
    "without films or reports": {"of": [series("2.3", "KO"), series("2.4", "PR")]},
    "without series": {"of": []},
    "later": {"StudyDate": "20270101"},
}


@pytest.mark.parametrize("values", NOT_ASKED.values(), ids=NOT_ASKED)
def test_what_is_not_asked_for(edge: Edge, values: dict[str, Any]) -> None:
    facts: dict[str, Any] = {"StudyDate": "20250101", **PATIENT} | values
    of = facts.pop("of", SERIES)
    with QueryPeer(Archive(study("1.1", **facts), of=of)) as archive:
        add_peer(edge.db, "pacs", port=archive.port, gives_priors=True)
        store(edge.port, film(**TODAY))
        assert searched(edge) == []


@pytest.mark.parametrize(("answered", "asked"), [("", 1), ("HOSPITAL", 1), ("OTHER", 0)])
def test_an_archive_may_keep_silent_of_the_issuer(edge: Edge, answered: str, asked: int) -> None:
    found = study("1.1", StudyDate="20250101", IssuerOfPatientID=answered, **PATIENT)
    with QueryPeer(Archive(found, of=SERIES)) as archive:
        add_peer(edge.db, "pacs", port=archive.port, gives_priors=True)
        store(edge.port, film(**(TODAY | {"IssuerOfPatientID": "HOSPITAL"})))
        # Its objects must bear the patient's own issuer: what arrives with another is refused.
        assert [one.issuer for one in searched(edge)] == ["HOSPITAL"] * asked


def test_of_a_study_that_is_here_only_the_report_is_asked_for(edge: Edge) -> None:
    earlier = film(StudyDate="20250101", IssuerOfPatientID=None)
    store(edge.port, earlier)
    with QueryPeer(
        Archive(study(earlier.StudyInstanceUID, StudyDate="20250101", **PATIENT), of=SERIES)
    ) as archive:
        add_peer(edge.db, "pacs", port=archive.port, gives_priors=True)
        store(edge.port, film(**TODAY))
        (found,) = searched(edge)
    assert found.series_uids == ["2.2"]


def test_a_peer_that_is_away_is_asked_again_and_the_other_one_at_once(edge: Edge) -> None:
    found = study("1.1", StudyDate="20250101", **PATIENT)
    with QueryPeer(Archive(found, of=SERIES)) as archive:
        add_peer(edge.db, "away", port=free_port(), gives_priors=True)
        add_peer(edge.db, "pacs", port=archive.port, gives_priors=True)
        store(edge.port, film(**TODAY))
        begun = now()
        assert [one.study_uid for one in searched(edge)] == ["1.1"]
    waiting = job(edge)
    assert (waiting.state, waiting.error) == (JobState.WAITING, "a peer is away")
    assert waiting.attempts == 0
    shortest = timedelta(seconds=edge.settings.delivery.first_retry_seconds / 2)
    assert waiting.due_at >= begun + shortest


def test_a_study_that_two_peers_have_is_asked_for_once(edge: Edge) -> None:
    answers = Archive(study("1.1", StudyDate="20250101", **PATIENT), of=SERIES)
    with QueryPeer(answers) as first, QueryPeer(answers) as second:
        one = add_peer(edge.db, "one", port=first.port, gives_priors=True)
        add_peer(edge.db, "two", port=second.port, gives_priors=True)
        store(edge.port, film(**TODAY))
        assert [(found.study_uid, found.peer_id) for found in searched(edge)] == [("1.1", one)]


def test_a_peer_that_refuses_is_not_asked_again(edge: Edge) -> None:
    with QueryPeer(models=()) as archive:
        add_peer(edge.db, "pacs", port=archive.port, gives_priors=True)
        store(edge.port, film(**TODAY))
        assert searched(edge) == []
    assert job(edge).state is JobState.DONE


def test_nothing_is_asked_where_it_is_turned_off(edge: Edge) -> None:
    with QueryPeer() as archive:
        add_peer(edge.db, "pacs", port=archive.port, gives_priors=True)
        store(edge.port, film(**TODAY))
        assert searched(edge, enabled=False) == []
        assert archive.asked == []
    assert job(edge).state is JobState.DONE


def test_twice_is_once(edge: Edge) -> None:
    found = study("1.1", StudyDate="20250101", **PATIENT)
    with QueryPeer(Archive(found, of=SERIES)) as archive:
        add_peer(edge.db, "pacs", port=archive.port, gives_priors=True)
        store(edge.port, film(**TODAY))
        searched(edge)
        with edge.db.write() as session:
            session.get_one(Job, job(edge).id).state = JobState.WAITING
        assert len(searched(edge)) == 1
