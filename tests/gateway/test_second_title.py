"""What comes in by the second AE title, over real associations.

Covered: who is let in there, what was asked for and what was not, priors of another patient,
films for an audit of any age, classes that are kept though never read, and that the first title
stays what it was. Not covered: how a fetch is made (test_retriever, tests/integration).
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ComprehensiveSRStorage, CTImageStorage, generate_uid
from sqlalchemy import update

from core.clock import now
from core.policy_toml import built_in
from core.states import FilmState, JobState, Purpose
from db.fetched import STRAGGLERS
from db.models import Retrieval
from db.policies import import_policy
from db.retrievals import Wish, ask
from gateway.scu import echo
from gateway.statuses import StoreStatus
from tests.gateway.client import association
from tests.gateway.edge import Edge, add_peer, open_edge
from tests.gateway.objects import film

SECOND = "FIRSTREAD_RTRV"


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Edge]:
    with open_edge(tmp_path / "edge") as opened:
        with opened.db.write() as session:
            import_policy(session, built_in().policy)
        add_peer(opened.db, "pacs")
        yield opened


def asked(
    edge: Edge, study_uid: str, purpose: Purpose, *, patient_id: str = "", issuer: str = ""
) -> None:
    """Enter a fetch of a study."""
    wish = Wish(1, study_uid, purpose, "campaign", patient_id=patient_id, issuer=issuer)
    with edge.db.write() as session:
        assert ask(session, wish, actor="test")


def store(
    edge: Edge, item: Dataset, *, calling: str = "PACS", called: str = SECOND
) -> tuple[int, str]:
    """Send one object; give the status and the comment."""
    classes = [item.SOPClassUID]
    with association(edge.port, calling=calling, called=called, classes=classes) as opened:
        assert opened.is_established
        answer = opened.send_c_store(item)
        return int(answer.Status), str(answer.get("ErrorComment", ""))


def test_nobody_asked_for_it(edge: Edge) -> None:
    asked(edge, generate_uid(), Purpose.AUDIT)
    expected = (StoreStatus.NOT_AUTHORISED, "nobody asked for this study")
    assert store(edge, film()) == expected
    assert edge.empty
    assert edge.quarantine() == []


def test_a_film_for_an_audit_is_queued_however_old_it_is(edge: Edge) -> None:
    item = film(StudyDate="20120101", StudyTime="120000")
    asked(edge, item.StudyInstanceUID, Purpose.AUDIT)
    assert store(edge, item) == (StoreStatus.SUCCESS, "")
    (instance,) = edge.instances()
    assert (instance.state, instance.purpose) == (FilmState.QUEUED, Purpose.AUDIT)
    assert (instance.retrieval_id, instance.called_ae) == (1, SECOND)
    (job,) = edge.jobs()
    assert job.urgency < 0


def test_a_film_of_today_is_claimed_before_all_those_of_an_audit(edge: Edge) -> None:
    old, new = film(), film()
    asked(edge, old.StudyInstanceUID, Purpose.AUDIT)
    assert store(edge, old)[0] == StoreStatus.SUCCESS
    assert store(edge, new, calling="DCMTK", called="FIRSTREAD")[0] == StoreStatus.SUCCESS
    audit, today = edge.jobs()
    assert audit.created_at <= today.created_at
    assert audit.urgency < today.urgency


def test_an_old_film_at_the_first_title_is_not_read_though_an_audit_asked_for_it(
    edge: Edge,
) -> None:
    item = film(StudyDate="20120101", StudyTime="120000")
    asked(edge, item.StudyInstanceUID, Purpose.AUDIT)
    assert store(edge, item, calling="DCMTK", called="FIRSTREAD")[0] == StoreStatus.SUCCESS
    (instance,) = edge.instances()
    assert (instance.state, instance.purpose) == (FilmState.NOT_READ, Purpose.READ)
    assert instance.retrieval_id is None


def test_a_prior_is_kept_and_never_read(edge: Edge) -> None:
    item = film(IssuerOfPatientID="H")
    asked(edge, item.StudyInstanceUID, Purpose.PRIOR, patient_id="P-1", issuer="H")
    assert store(edge, item) == (StoreStatus.SUCCESS, "")
    (instance,) = edge.instances()
    assert (instance.state, instance.purpose) == (FilmState.RECEIVED, Purpose.PRIOR)
    assert edge.jobs() == []


@pytest.mark.parametrize(
    ("patient_id", "issuer"), [("P-2", ""), ("P-1", "H"), ("P-1", "G"), ("p-1", "")]
)
def test_a_prior_of_another_patient_is_refused(edge: Edge, patient_id: str, issuer: str) -> None:
    item = film(PatientID=patient_id, IssuerOfPatientID=issuer or None)
    asked(edge, item.StudyInstanceUID, Purpose.PRIOR, patient_id="P-1")
    expected = (StoreStatus.NOT_AUTHORISED, "of another patient than was asked for")
    assert store(edge, item) == expected
    assert edge.empty
    assert edge.quarantine() == []


@pytest.mark.parametrize("sop_class", [CTImageStorage, ComprehensiveSRStorage])
def test_a_whole_study_comes_in_whatever_it_holds(edge: Edge, sop_class: str) -> None:
    item = film(SOPClassUID=sop_class, Modality="CT")
    asked(edge, item.StudyInstanceUID, Purpose.AUDIT)
    assert store(edge, item) == (StoreStatus.SUCCESS, "")
    (instance,) = edge.instances()
    assert (instance.state, instance.purpose) == (FilmState.RECEIVED, Purpose.AUDIT)
    assert edge.jobs() == []


def test_the_first_title_negotiates_no_more_than_before(edge: Edge) -> None:
    with association(edge.port, classes=[CTImageStorage]) as opened:
        assert not opened.accepted_contexts


def test_another_title_is_turned_away(edge: Edge) -> None:
    with association(edge.port, calling="PACS", called="FIRSTREAD_RTR") as opened:
        assert opened.is_rejected
        answer = opened.acceptor.primitive
        assert answer is not None
        assert (answer.result, answer.result_source, answer.diagnostic) == (1, 1, 7)


def test_a_stranger_is_turned_away_at_the_second_title_too(edge: Edge) -> None:
    with association(edge.port, calling="STRANGER", called=SECOND) as opened:
        assert opened.is_rejected


def test_the_second_title_answers_an_echo(edge: Edge) -> None:
    echo("127.0.0.1", edge.port, called_ae=SECOND, calling_ae="PACS")


def test_a_peer_that_was_not_asked_may_not_send(edge: Edge) -> None:
    item = film()
    here = ["127.0.0.1/32"]
    add_peer(edge.db, "other", host="127.0.0.2", calling_networks=here, sends_films=True)
    asked(edge, item.StudyInstanceUID, Purpose.AUDIT)
    assert store(edge, item, calling="OTHER")[0] == StoreStatus.NOT_AUTHORISED
    assert store(edge, item, calling="DCMTK")[0] == StoreStatus.NOT_AUTHORISED
    assert edge.empty


def test_an_archive_may_send_under_another_title_of_its_host(edge: Edge) -> None:
    item = film()
    add_peer(edge.db, "pacs-sender")
    asked(edge, item.StudyInstanceUID, Purpose.AUDIT)
    assert store(edge, item, calling="PACS-SENDER")[0] == StoreStatus.SUCCESS


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED])
def test_stragglers_are_taken_for_a_while(edge: Edge, state: JobState) -> None:
    early, late = film(), film()
    for item, ago in ((early, STRAGGLERS / 2), (late, STRAGGLERS * 2)):
        asked(edge, item.StudyInstanceUID, Purpose.AUDIT)
        with edge.db.write() as session:
            session.execute(
                update(Retrieval)
                .where(Retrieval.study_uid == item.StudyInstanceUID)
                .values(state=state, finished_at=now() - ago)
            )
    assert store(edge, early)[0] == StoreStatus.SUCCESS
    assert store(edge, late)[0] == StoreStatus.NOT_AUTHORISED


def test_the_same_study_for_two_purposes_takes_that_of_the_fetch_under_way(edge: Edge) -> None:
    item = film()
    for purpose in (Purpose.PRIOR, Purpose.AUDIT):
        asked(edge, item.StudyInstanceUID, purpose, patient_id="P-1")
    with edge.db.write() as session:
        session.execute(
            update(Retrieval)
            .where(Retrieval.purpose == Purpose.PRIOR)
            .values(state=JobState.CLAIMED)
        )
    assert store(edge, item)[0] == StoreStatus.SUCCESS
    (instance,) = edge.instances()
    assert instance.purpose is Purpose.PRIOR
