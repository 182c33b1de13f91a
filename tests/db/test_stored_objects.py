"""Which films and results of a study are given away over DICOMweb, and readings without patients.

Covered: quarantined films, results that do not stand, drafts that a person overruled, what
retention removed, order, several studies; verdicts and acts that count. Not covered: what clients
are told (tests/web).
"""

from sqlalchemy import update

from core.accounts import AccountRole
from core.clock import now
from core.labels import Label
from core.reading import Reading
from core.states import REVIEWED_KINDS, FilmState, ResultKind, Verdict
from db.accounts import add_account
from db.engine import Database
from db.models import Instance, ReadingRow, ResultObject
from db.readings_abroad import readings_abroad
from db.spool import Spool
from db.stored_objects import SHOWN_KINDS, stored_objects
from db.verdicts import judge
from tests.db.builders import built, film, peer, publish, read_next, reading
from tests.db.reviewing import edited


def uids_of(db: Database, study_id: int = 1) -> list[str]:
    """Give the UIDs of the objects of a study that stand."""
    with db.read() as session:
        found = stored_objects(session, [study_id]).get(study_id, ())
    return [one.uid for one in found]


def published(db: Database, spool: Spool, *wanted: ResultKind) -> tuple[Reading, dict[str, str]]:
    """Read a film and publish results; give the reading, and each kind's UID."""
    film(db, spool)
    said = reading(Label.PNEUMOTHORAX)
    version = read_next(db, said)
    number = peer(db)
    objects = [built(spool, said, version, number, kind=kind) for kind in wanted]
    publish(db, *objects)
    return said, {one.kind.value: one.uid for one in objects}


def test_messages_and_notes_are_no_documents(db: Database, spool: Spool) -> None:
    said, uids = published(db, spool, *ResultKind)
    assert said.id
    shown = uids_of(db)[1:]
    assert shown == [uids[kind.value] for kind in ResultKind if kind in SHOWN_KINDS]
    assert not {uids["oru"], uids["rejection"]} & set(shown)


def test_results_that_do_not_stand(db: Database, spool: Spool) -> None:
    said, uids = published(db, spool, ResultKind.REPORT_SR, ResultKind.GSPS)
    reading_row = update(ReadingRow).where(ReadingRow.id == said.id)
    result_row = update(ResultObject).where(ResultObject.uid == uids["gsps"])
    for change, back, left in (
        (reading_row.values(current=False), reading_row.values(current=True), 0),
        (reading_row.values(shadow=True), reading_row.values(shadow=False), 0),
        (
            reading_row.values(withdrawn_code="113001"),
            reading_row.values(withdrawn_code=None),
            0,
        ),
        (result_row.values(removed_at=now()), result_row.values(removed_at=None), 1),
        (
            result_row.values(predecessor_uid=uids["report_sr"]),
            result_row.values(predecessor_uid=None),
            1,
        ),
    ):
        for statement, count in ((change, left), (back, 2)):
            with db.write() as session:
                session.execute(statement)
            assert len(uids_of(db)) == 1 + count


def test_a_draft_that_a_person_overruled_does_not_stand(db: Database, spool: Spool) -> None:
    said, uids = published(db, spool, *SHOWN_KINDS)
    of_the_model = [uids[kind.value] for kind in SHOWN_KINDS if kind not in REVIEWED_KINDS]
    written = edited(db, "No pneumothorax.")
    # Nobody had the draft, so that nothing names it; and the person's own may never be built.
    assert uids_of(db)[1:] == of_the_model
    reports = [
        built(spool, said, written.id, kind=kind) for kind in (ResultKind.REPORT_SR, ResultKind.PDF)
    ]
    publish(db, *reports)
    assert uids_of(db)[1:] == of_the_model + [one.uid for one in reports]


def test_films_that_were_kept_aside_or_removed(db: Database, spool: Spool) -> None:
    first, second = film(db, spool), film(db, spool)
    with db.write() as session:
        session.execute(
            update(Instance).where(Instance.id == first).values(state=FilmState.QUARANTINED)
        )
        session.execute(update(Instance).where(Instance.id == second).values(removed_at=now()))
    with db.read() as session:
        (one,) = stored_objects(session, [1])[1]
        uid = session.get_one(Instance, second).uid
    assert (one.uid, one.pixels_removed) == (uid, True)


def test_several_studies(db: Database, spool: Spool) -> None:
    for study in ("1.2", "1.3"):
        film(db, spool, study=study)
    with db.read() as session:
        found = stored_objects(session, [1, 2, 3])
    assert {study: len(objects) for study, objects in found.items()} == {1: 1, 2: 1}


def test_verdicts_that_count(db: Database, spool: Spool) -> None:
    film(db, spool)
    said = reading(Label.PNEUMOTHORAX, Label.EDEMA)
    read_next(db, said)
    first, second = said.findings
    with db.write() as session:
        account = add_account(
            session, "reader", person="Reader^A", roles=(AccountRole.RADIOLOGIST,)
        )
        for finding, verdict in (
            (first, Verdict.WRONG),
            (first, Verdict.RIGHT),
            (second, Verdict.WRONG),
            (second, None),
        ):
            judge(session, said.id, account, verdict, finding_id=finding.id)
    with db.read() as session:
        (abroad,) = readings_abroad(session, offset=0, limit=10)
        assert readings_abroad(session, offset=1, limit=10) == []
        assert readings_abroad(session, offset=0, limit=10, model_uid="another") == []
    assert [(row.finding_id, row.verdict) for row in abroad.verdicts] == [(first.id, Verdict.RIGHT)]
    assert abroad.reading.id == said.id
