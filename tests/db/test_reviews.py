"""What a person makes of a draft, on both databases.

Covered: each act and its trace, what cannot be reviewed, two persons at once, study states, and
a film that is read again. Not covered: what leaves (test_reviewed_results.py), what the objects say
(tests/dicom_sr) and an archive that gets them (tests/integration).
"""

from collections.abc import Callable
from dataclasses import replace
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from core.clock import now
from core.errors import ReviewConflictError, ReviewRefusedError
from core.labels import Label
from core.report import ReportKind, ReportVersion
from core.states import (
    JobKind,
    Purpose,
    ReviewState,
    StudyState,
)
from core.triage import Tier
from db.engine import Database
from db.jobs import add_job
from db.models import (
    AuditAction,
    Instance,
    Job,
    ReadingRow,
    ReportVersionRow,
    ReviewRow,
    Study,
)
from db.readings import film_failed, film_for
from db.reviews import LONGEST_SECTION, UNFIT, accept, edit, latest_draft, reject
from db.spool import Spool
from dicom_sr.context import BuildContext
from dicom_sr.report_sr import build_report_sr
from tests.db.builders import (
    claim_draft,
    film,
    read_next,
    reading,
)
from tests.db.builders import (
    reject as reject_film,
)
from tests.db.reviewing import (
    DOC,
    OTHER,
    STUDY,
    accepted,
    edited,
    events,
    listed,
    read_again,
    rejected,
    row,
    seen,
)
from tests.dicom_sr.headers import film_header


def test_an_accepted_draft_is_a_version_of_its_own(db: Database, spool: Spool) -> None:
    film(db, spool)
    said = reading(Label.EDEMA)
    draft = read_next(db, said, idle_seconds=3600)
    version = accepted(db)
    assert (version.number, version.kind, version.author, version.final) == (
        2,
        ReportKind.ACCEPTED,
        DOC,
        False,
    )
    assert (version.findings, version.impression) == ("Findings.", "Impression.")
    with db.read() as session:
        (review,) = session.scalars(select(ReviewRow))
        (job,) = session.scalars(select(Job).where(Job.kind == JobKind.PUBLISH))
        draft_row = session.get_one(ReportVersionRow, draft)
    assert (review.act, review.author, review.version_id, review.reading_id) == (
        ReviewState.ACCEPTED,
        DOC,
        version.id,
        said.id,
    )
    # Nobody waits for the study to be idle once a person has spoken.
    assert job.due_at <= now()
    assert (draft_row.findings, draft_row.author) == ("Findings.", None)
    (event,) = events(db, AuditAction.DRAFT_ACCEPTED)
    assert (event.actor, event.details["version"]) == (DOC, 2)
    found = row(db)
    assert (found.state, found.review) == (StudyState.ACCEPTED, ReviewState.ACCEPTED)


def test_an_edit_is_that_persons_words(db: Database, spool: Spool) -> None:
    film(db, spool)
    read_next(db, reading(Label.EDEMA))
    with db.write() as session:
        version = edit(
            session,
            latest_draft(session, STUDY),
            findings="  Heart is normal.  \r\nLungs clear.\n",
            impression="Normal.",
            author=f" {DOC} ",
            final=True,
        )
    assert version.kind is ReportKind.EDITED
    assert (version.findings, version.impression) == ("Heart is normal.\nLungs clear.", "Normal.")
    assert (version.author, version.final) == (DOC, True)
    assert row(db).state is StudyState.EDITED
    assert len(events(db, AuditAction.DRAFT_EDITED)) == 1


@pytest.mark.parametrize("final", [False, True])
def test_who_owns_the_report_says_whether_it_is_final(
    db: Database, spool: Spool, *, final: bool
) -> None:
    film(db, spool)
    read_next(db, reading(demo=True))
    assert accepted(db, final=final).final is final


def test_what_follows_a_final_version_is_final_whoever_owns_reports_by_then(
    db: Database, spool: Spool
) -> None:
    film(db, spool)
    said = reading()
    read_next(db, said)
    accepted(db, final=True)
    with pytest.raises(ReviewRefusedError, match="version 2 is that person's already"):
        accepted(db, final=False)
    versions = [edited(db), accepted(db, OTHER, final=False), edited(db, "More words.")]
    assert [(one.number, one.final) for one in versions] == [(3, True), (4, True), (5, True)]
    report = build_report_sr(said, versions[-1], film_header(), BuildContext())
    assert (report.VerificationFlag, report.PreliminaryFlag) == ("VERIFIED", "FINAL")


def test_a_rejected_draft_is_no_normal_one(db: Database, spool: Spool) -> None:
    film(db, spool)
    read_next(db, reading(Label.PNEUMOTHORAX))
    rejected(db)
    found = row(db)
    assert (found.state, found.review) == (StudyState.REJECTED, ReviewState.REJECTED)
    assert (found.answered, found.preferred_reading_id) == (False, None)
    # What was flagged stays, and so does the place in the worklist.
    assert (found.flagged, found.tier) == ((Label.PNEUMOTHORAX,), Tier.URGENT)


def test_a_second_pass_that_fails_leaves_a_rejected_draft_rejected(
    db: Database, spool: Spool
) -> None:
    number = film(db, spool)
    read_next(db, reading())
    rejected(db)
    with db.write() as session:
        add_job(session, JobKind.DRAFT, instance_id=number, study_id=1)
    held = claim_draft(db)
    film_for(db, held)
    film_failed(db, held, "no sense")
    assert row(db).state is StudyState.REJECTED


@pytest.mark.parametrize("act", [accepted, edited])
def test_what_a_person_accepted_stands_though_the_film_is_read_again(
    db: Database, spool: Spool, act: Callable[[Database], ReportVersion]
) -> None:
    number = film(db, spool)
    said = reading()
    read_next(db, said)
    version = act(db)
    later = reading(Label.PNEUMOTHORAX)
    read_again(db, number, later)
    with db.read() as session:
        assert session.get_one(ReadingRow, said.id).current
        assert not session.get_one(ReadingRow, later.id).current
    assert version.id in listed(db)
    assert len(listed(db)) == 2
    found = row(db)
    assert found.state in {StudyState.ACCEPTED, StudyState.EDITED}
    # Somebody may have missed it: flagged, and higher in the worklist, all the same.
    assert (found.flagged, found.tier) == ((Label.PNEUMOTHORAX,), Tier.URGENT)
    assert found.later_readings == 1
    (event,) = events(db, AuditAction.READING_KEPT_BESIDE)
    assert event.details == {"reading": later.id, "by": said.id}


def test_each_film_has_its_own_review(db: Database, spool: Spool) -> None:
    film(db, spool, uid="1.1", view="PA")
    film(db, spool, uid="1.2", view="AP")
    read_next(db, reading())
    read_next(db, reading())
    accepted(db)
    assert seen(db).film_uid == "1.1"
    # The other draft still waits for a person.
    assert (row(db).state, row(db).reviews) == (
        StudyState.DRAFT_READY,
        (ReviewState.ACCEPTED, ReviewState.NONE),
    )
    with db.write() as session:
        other = latest_draft(session, STUDY, "1.2")
        assert other.films == 2
        reject(session, other, author=DOC, reason="Duplicate.", code=UNFIT)
    assert row(db).state is StudyState.REJECTED
    assert row(db).reviews == (ReviewState.ACCEPTED, ReviewState.REJECTED)
    # One more draft waits for a person, whatever became of the others.
    film(db, spool, uid="1.3", view="AP")
    read_next(db, reading())
    assert row(db).state is StudyState.DRAFT_READY


def test_a_film_that_comes_after_the_review_is_not_reviewed(db: Database, spool: Spool) -> None:
    film(db, spool)
    read_next(db, reading())
    accepted(db)
    film(db, spool)
    assert row(db).state is StudyState.WAITING
    read_next(db, reading())
    assert row(db).state is StudyState.DRAFT_READY


def test_the_second_of_two_never_overwrites_the_first(db: Database, spool: Spool) -> None:
    film(db, spool)
    read_next(db, reading())
    looked = seen(db)
    edited(db, by=OTHER)
    for act in (
        lambda session: accept(session, looked, author=DOC, final=False),
        lambda session: edit(
            session, looked, findings="X.", impression="", author=DOC, final=False
        ),
        lambda session: reject(session, looked, author=DOC, reason="no", code=UNFIT),
    ):
        with (
            pytest.raises(ReviewConflictError, match=r"version 2 \(edited\) was made"),
            db.write() as session,
        ):
            act(session)
    assert seen(db).version.author == OTHER


def test_two_at_the_same_moment_make_one_version(db: Database, spool: Spool) -> None:
    film(db, spool)
    read_next(db, reading())
    looked = seen(db)
    both = Barrier(2)
    refused: list[Exception] = []

    def run(name: str) -> None:
        both.wait()
        try:
            with db.write() as session:
                accept(session, looked, author=name, final=False)
        except ReviewConflictError as error:
            refused.append(error)

    threads = [Thread(target=run, args=(name,)) for name in (DOC, OTHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert seen(db).version.number == 2


def test_the_same_twice_is_refused_and_another_persons_is_not(db: Database, spool: Spool) -> None:
    film(db, spool)
    read_next(db, reading())
    accepted(db)
    with pytest.raises(ReviewRefusedError, match="version 2 is that person's already"):
        accepted(db)
    assert accepted(db, OTHER).number == 3
    # Signed again where FirstRead became the reporting system.
    assert accepted(db, OTHER, final=True).number == 4


def test_what_cannot_be_reviewed(db: Database, spool: Spool) -> None:
    with pytest.raises(ReviewRefusedError, match=r"nothing of study 1\.2\.3 ever came in"):
        seen(db)
    film(db, spool, uid="1.1")
    with pytest.raises(ReviewRefusedError, match="it is waiting"):
        seen(db)
    film_failed(db, claim_draft(db), "no sense")
    with pytest.raises(ReviewRefusedError, match=r"film 1\.1 has no draft: it is failed: no sense"):
        seen(db, "1.1")
    with pytest.raises(ReviewRefusedError, match=r"the study has no film 9\.9"):
        seen(db, "9.9")
    film(db, spool, uid="1.2", purpose=Purpose.AUDIT)
    read_next(db, reading())
    with pytest.raises(ReviewRefusedError, match="came in for audit"):
        seen(db, "1.2")
    film(db, spool, uid="1.3")
    read_next(db, reading())
    rejected(db)
    with pytest.raises(ReviewRefusedError, match=r"draft of film 1\.3 was rejected"):
        seen(db, "1.3")


def test_a_film_that_is_rejected_while_somebody_reads_its_draft(db: Database, spool: Spool) -> None:
    number = film(db, spool)
    read_next(db, reading())
    looked = seen(db)
    reject_film(db, spool, number)
    with db.write() as session, pytest.raises(ReviewRefusedError, match="film was rejected"):
        accept(session, looked, author=DOC, final=False)


def test_a_draft_that_is_replaced_or_rejected_while_somebody_reads_it(
    db: Database, spool: Spool
) -> None:
    number = film(db, spool)
    read_next(db, reading())
    first = seen(db)
    read_again(db, number, reading())
    assert row(db).later_readings == 0
    second = seen(db)
    with db.write() as session, pytest.raises(ReviewConflictError, match="another reading"):
        accept(session, first, author=DOC, final=False)
    rejected(db)
    with db.write() as session, pytest.raises(ReviewConflictError, match="rejected, and stays so"):
        accept(session, second, author=DOC, final=False)


@pytest.mark.parametrize(
    ("findings", "words"),
    [
        (" \n ", "needs a findings section"),
        ("x" * (LONGEST_SECTION + 1), "20001 characters, more than 20000"),
        ("Heart\x1b[2J normal.", "control characters"),
        ("Findings. ", "accept it instead"),
    ],
)
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_texts_that_are_no_report(db: Database, spool: Spool, findings: str, words: str) -> None:
    film(db, spool)
    read_next(db, reading())
    looked = seen(db)
    with db.write() as session, pytest.raises(ReviewRefusedError, match=words):
        edit(session, looked, findings=findings, impression="Impression.", author=DOC, final=False)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("reason", "code", "by"),
    [
        ("  ", UNFIT, DOC),
        ("x" * 501, UNFIT, DOC),
        ("two\nlines", UNFIT, DOC),
        ("why", "113039", DOC),
        ("why", UNFIT, "^ ^"),
    ],
)
def test_rejections_that_are_none(
    db: Database, spool: Spool, reason: str, code: str, by: str
) -> None:
    film(db, spool)
    read_next(db, reading())
    looked = seen(db)
    with db.write() as session, pytest.raises(ReviewRefusedError):
        reject(session, looked, author=by, reason=reason, code=code)
    assert row(db).state is StudyState.DRAFT_READY


def test_studies_without_a_review_have_none(db: Database, spool: Spool) -> None:
    number = film(db, spool)
    read_next(db, reading())
    assert row(db).reviews == (ReviewState.NONE,)
    accepted(db)
    reject_film(db, spool, number)
    found = row(db)
    assert (found.review, found.state, found.reviews) == (
        ReviewState.NONE,
        StudyState.NOT_READ,
        (),
    )
    with db.read() as session:
        assert session.get_one(Instance, number).rejection_code == "113001"
        assert session.scalars(select(Study.review)).one() is ReviewState.NONE


def test_a_seen_version_of_another_reading_is_no_other_draft(db: Database, spool: Spool) -> None:
    film(db, spool)
    read_next(db, reading())
    looked = seen(db)
    other = replace(looked, version=replace(looked.version, id="0" * 32))
    with db.write() as session, pytest.raises(ReviewConflictError):
        accept(session, other, author=DOC, final=False)
