"""Objects that were kept aside and are taken in after all, by the gateway's thread.

Covered: what may be overridden and what not; that what still stands against an object is told and
counts nowhere; that what was fetched stays what it was fetched for; that a step done twice after a
crash enters nothing twice. How it is asked for is in `tests/db/test_releases.py`.
"""

from pathlib import Path

from pydicom.uid import generate_uid
from sqlalchemy import func, select, update

from core.states import FilmState, JobKind, JobState, Purpose, QuarantineDecision
from db.errands import Told
from db.fetched import STRAGGLERS
from db.intake import OTHER_CONTENT, OTHER_PATIENT
from db.jobs import Claim
from db.models import Instance, Job, Quarantine, Retrieval, Study
from db.releases import ask_release, last_releases
from gateway.releases import Releases
from tests.gateway.client import store
from tests.gateway.edge import Edge, add_peer
from tests.gateway.objects import film
from tests.gateway.test_second_title import asked
from tests.gateway.test_second_title import store as fetched


class Killed(Releases):
    """A thread whose process is killed before it can say what it did."""

    def end(self, held: Claim, told: Told) -> None:
        """Say nothing."""


def released(edge: Edge, number: int = 1) -> tuple[bool, str]:
    """Have an object taken in; give whether that came to nothing, and what is told."""
    with edge.db.write() as session:
        ask_release(session, number, actor="ada")
    thread = Releases(edge.settings, edge.db, edge.spool, edge.rung.set)
    assert thread.step()
    with edge.db.read() as session:
        last = last_releases(session)[number]
    assert last.finished_at is not None
    return last.failed, last.outcome


def of_another_patient(edge: Edge) -> None:
    """Let a film come in, and one of another patient in the same study be kept aside."""
    study = generate_uid()
    store(edge.port, film(StudyInstanceUID=study))
    store(edge.port, film(StudyInstanceUID=study, PatientID="P-2"))
    assert edge.quarantine()[0].reason == OTHER_PATIENT


def test_another_patients_film_stays_out_whoever_wants_it_in(edge: Edge) -> None:
    of_another_patient(edge)
    assert released(edge) == (True, f"it still cannot be taken in: {OTHER_PATIENT}")
    (row,) = edge.quarantine()
    assert (row.decision, row.removed_at, row.times) == (None, None, 1)
    assert Path(row.path).exists()
    assert len(edge.instances()) == 1
    assert edge.leftovers() == []


def test_once_what_stood_against_it_is_gone_it_is_taken_in_and_read(edge: Edge) -> None:
    of_another_patient(edge)
    with edge.db.write() as session:
        session.execute(update(Study).values(patient_id="P-2"))
    edge.rung.clear()
    assert released(edge) == (False, "taken in")
    assert [one.state for one in edge.instances()] == [FilmState.QUEUED] * 2
    assert edge.rung.is_set()
    (row,) = edge.quarantine()
    assert (row.decision, row.decided_by) == (QuarantineDecision.RELEASED, "ada")
    # The thread removes the file of what was decided on by itself.
    assert Releases(edge.settings, edge.db, edge.spool, edge.rung.set).step()
    assert not Path(row.path).exists()


def test_doing_it_twice_enters_nothing_twice(edge: Edge) -> None:
    of_another_patient(edge)
    with edge.db.write() as session:
        session.execute(update(Study).values(patient_id="P-2"))
        # As a gateway that is killed behind the commit of the film leaves it.
        ask_release(session, 1, actor="ada")
    assert Killed(edge.settings, edge.db, edge.spool, edge.rung.set).step()
    with edge.db.write() as session:
        session.execute(
            update(Job).where(Job.kind == JobKind.RELEASE).values(state=JobState.WAITING)
        )
    assert Releases(edge.settings, edge.db, edge.spool, edge.rung.set).step()
    with edge.db.read() as session:
        last = last_releases(session)[1]
    assert (last.failed, last.outcome) == (False, "the same was here already")
    assert len(edge.instances()) == 2


def with_other_content(edge: Edge, state: FilmState) -> str:
    """Let a film end in a state, and another picture under its UID be kept aside; give the UID."""
    uid, study, series = generate_uid(), generate_uid(), generate_uid()
    same = {"SOPInstanceUID": uid, "StudyInstanceUID": study, "SeriesInstanceUID": series}
    store(edge.port, film(seed=1, **same))
    with edge.db.write() as session:
        session.execute(update(Instance).values(state=state, reason="a test"))
        session.execute(update(Job).values(state=JobState.FAILED))
    store(edge.port, film(seed=2, **same))
    assert edge.quarantine()[0].reason == OTHER_CONTENT
    return uid


def test_a_film_that_was_never_read_gives_way_to_another_picture(edge: Edge) -> None:
    uid = with_other_content(edge, FilmState.FAILED)
    (before,) = edge.instances()
    told = "took the place of the picture that was here, which is kept aside"
    assert released(edge) == (False, told)
    (after,) = edge.instances()
    assert (after.uid, after.state) == (uid, FilmState.QUEUED)
    assert after.path != before.path
    aside = edge.quarantine()[-1]
    assert (aside.path, aside.decision) == (before.path, None)
    assert Path(aside.path).exists()


def test_a_film_that_was_read_keeps_its_picture(edge: Edge) -> None:
    with_other_content(edge, FilmState.READ)
    (before,) = edge.instances()
    assert released(edge) == (True, f"it still cannot be taken in: {OTHER_CONTENT}")
    assert edge.instances()[0].path == before.path


def test_a_rejected_film_does_not_come_back_by_another_picture(edge: Edge) -> None:
    with_other_content(edge, FilmState.NOT_READ)
    with edge.db.write() as session:
        session.execute(update(Instance).values(rejection_code="113001"))
    assert released(edge)[0]


def test_a_sender_who_may_send_no_more_is_told(edge: Edge) -> None:
    of_another_patient(edge)
    with edge.db.write() as session:
        session.execute(update(Quarantine).values(calling_ae="GONE"))
    assert released(edge) == (True, "its sender GONE is known no more")


def test_what_cannot_be_understood_is_told_and_not_counted_again(edge: Edge) -> None:
    store(edge.port, film(PatientID=""))
    assert released(edge) == (True, "it still cannot be taken in: PatientID is empty")
    (row,) = edge.quarantine()
    assert row.times == 1


def test_a_file_that_is_missing_is_told(edge: Edge) -> None:
    of_another_patient(edge)
    Path(edge.quarantine()[0].path).unlink()
    assert released(edge) == (True, "its file is missing from the spool")


def test_what_was_fetched_is_taken_in_as_what_it_was_fetched_for(edge: Edge) -> None:
    add_peer(edge.db, "pacs")
    item = film()
    asked(edge, item.StudyInstanceUID, Purpose.AUDIT)
    fetched(edge, film(StudyInstanceUID=item.StudyInstanceUID, PatientID=""))
    with edge.db.write() as session:
        # A sender of an earlier release, of which no title was noted.
        session.execute(update(Quarantine).values(called_ae=""))
        session.execute(update(Quarantine).values(study_uid=item.StudyInstanceUID))
    path = Path(edge.quarantine()[0].path)
    mended = film(StudyInstanceUID=item.StudyInstanceUID)
    mended.save_as(path, enforce_file_format=True)
    assert released(edge) == (False, "taken in")
    (instance,) = edge.instances()
    assert (instance.purpose, instance.retrieval_id) == (Purpose.AUDIT, 1)


def test_what_was_fetched_long_ago_is_not_taken_in(edge: Edge) -> None:
    add_peer(edge.db, "pacs")
    item = film()
    asked(edge, item.StudyInstanceUID, Purpose.AUDIT)
    fetched(edge, film(StudyInstanceUID=item.StudyInstanceUID, PatientID=""))
    with edge.db.write() as session:
        at = func.coalesce(Retrieval.finished_at, Retrieval.requested_at)
        started = session.scalars(select(at)).one()
        session.execute(
            update(Retrieval).values(state=JobState.DONE, finished_at=started - 2 * STRAGGLERS)
        )
    mended = film(StudyInstanceUID=item.StudyInstanceUID)
    mended.save_as(Path(edge.quarantine()[0].path), enforce_file_format=True)
    assert released(edge) == (True, "it still cannot be taken in: nobody asked for this study")
    assert edge.instances() == []
