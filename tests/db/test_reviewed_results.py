"""What leaves, and what does not any more, once a person reviewed a draft, on both databases.

Covered: versions and their kinds, predecessors, obsolete and late results, what is taken back, and
signed reports. Not covered: the acts themselves (test_reviews.py).
"""

import pytest
from sqlalchemy import select

from core.errors import StaleResultsError
from core.labels import Label
from core.report import ReportKind
from core.states import (
    DRAFT_KINDS,
    EXTRA_KINDS,
    REVIEWED_KINDS,
    JobKind,
    ResultKind,
    StudyState,
)
from db.deliveries import mark_failed, mark_retry, mark_sent
from db.engine import Database
from db.jobs import add_job, claim
from db.models import (
    AuditAction,
    Delivery,
    Job,
    ReadingRow,
    ReportVersionRow,
    ResultObject,
)
from db.publishable import unpublished
from db.publishing import store_results
from db.readings import film_for, store_reading
from db.retractions import left_behind
from db.reviews import HARMFUL, UNFIT
from db.signed_reports import AFTER_REPORT
from db.spool import Spool
from db.withdrawals import DRAFT_REJECTED
from tests.db.builders import (
    built,
    claim_draft,
    film,
    peer,
    publish,
    read_next,
    reading,
    sign,
)
from tests.db.builders import (
    reject as reject_film,
)
from tests.db.reviewing import (
    DOC,
    OBSOLETE,
    OTHER,
    SENT,
    WAITING,
    accepted,
    all_sent,
    deliveries,
    edited,
    events,
    listed,
    publish_draft,
    read_again,
    rejected,
    retractions,
    row,
)


def test_what_the_model_marked_leaves_though_a_person_was_faster(
    db: Database, spool: Spool
) -> None:
    film(db, spool)
    draft = read_next(db, reading(Label.EDEMA))
    first = edited(db)
    second = edited(db, "More words.")
    reports = {*REVIEWED_KINDS}
    # The edit that was followed at once is built no more.
    assert first.id not in listed(db)
    assert listed(db) == {
        draft: {*DRAFT_KINDS, *EXTRA_KINDS, ResultKind.ORU} - reports,
        second.id: reports,
    }


def test_a_report_that_had_not_left_is_obsolete_and_the_marks_leave(
    db: Database, spool: Spool
) -> None:
    film(db, spool)
    said = reading(Label.EDEMA)
    publish_draft(db, spool, said, read_next(db, said), peer(db))
    version = accepted(db)
    assert {kind: state for kind, state, _ in deliveries(db)} == {
        ResultKind.FINDINGS_SR: WAITING,
        ResultKind.REPORT_SR: OBSOLETE,
        ResultKind.GSPS: WAITING,
    }
    publish(db, built(spool, said, version.id, 1))
    assert deliveries(db)[-1] == (ResultKind.REPORT_SR, WAITING, "")
    assert listed(db) == {}


def test_a_report_names_the_one_that_its_peer_has(db: Database, spool: Spool) -> None:
    film(db, spool)
    said = reading(Label.EDEMA)
    publish_draft(db, spool, said, read_next(db, said), peer(db))
    all_sent(db)
    version = accepted(db)
    with db.read() as session:
        (item,) = unpublished(session, 1)
    before = {one.kind: one for one in item.sent}[ResultKind.REPORT_SR]
    assert before.of is ReportKind.DRAFT
    publish(db, built(spool, said, version.id, 1))
    all_sent(db)
    edited(db)
    with db.read() as session:
        (item,) = unpublished(session, 1)
    after = {one.kind: one for one in item.sent}
    assert after[ResultKind.REPORT_SR].of is ReportKind.ACCEPTED
    assert after[ResultKind.FINDINGS_SR].of is ReportKind.DRAFT


def test_what_left_while_its_successor_was_built_has_to_be_named(
    db: Database, spool: Spool
) -> None:
    film(db, spool)
    said = reading(Label.EDEMA)
    publish_draft(db, spool, said, read_next(db, said), peer(db))
    version = accepted(db)
    with db.read() as session:
        items = unpublished(session, 1)
        report = session.scalars(
            select(Delivery.id)
            .join(Delivery.result)
            .where(ResultObject.kind == ResultKind.REPORT_SR)
        ).one()
    with db.write() as session:
        # It was on the wire.
        mark_sent(session, report, 0, "success")
    held = claim(db, [JobKind.PUBLISH], worker="deliver", lease_seconds=60)
    assert held is not None
    with pytest.raises(StaleResultsError):
        store_results(db, held, [built(spool, said, version.id, 1)], of=items)
    assert listed(db) == {version.id: {*REVIEWED_KINDS}}


def test_a_version_that_nobody_wants_is_done_all_the_same(db: Database, spool: Spool) -> None:
    film(db, spool)
    read_next(db, reading())
    with db.read() as session:
        items = unpublished(session, 1)
    held = claim(db, [JobKind.PUBLISH], worker="deliver", lease_seconds=60)
    assert held is not None
    store_results(db, held, [], of=items, failures=["no picture"])
    assert listed(db) == {}
    with db.read() as session:
        assert session.get_one(Job, held.job_id).error == "no picture"


@pytest.mark.parametrize("code", [UNFIT, HARMFUL])
def test_a_rejected_draft_never_leaves_any_more(db: Database, spool: Spool, code: str) -> None:
    film(db, spool)
    said = reading(Label.PNEUMOTHORAX)
    draft = read_next(db, said)
    publish_draft(db, spool, said, draft, peer(db))
    rejected(db, code)
    assert {(state, words) for _, state, words in deliveries(db)} == {(OBSOLETE, DRAFT_REJECTED)}
    assert listed(db) == {}
    # A builder that was under way comes too late.
    publish(db, built(spool, said, draft, 1, kind=ResultKind.SECONDARY_CAPTURE))
    assert deliveries(db)[-1] == (ResultKind.SECONDARY_CAPTURE, OBSOLETE, DRAFT_REJECTED)
    with db.read() as session:
        assert session.get_one(ReadingRow, said.id).withdrawn_code == code
    (event,) = events(db, AuditAction.DRAFT_REJECTED)
    assert (event.actor, event.details["reason"]) == (DOC, "Wrong side.")


def test_what_had_left_of_a_rejected_draft_is_taken_back_where_notes_are_taken(
    db: Database, spool: Spool
) -> None:
    film(db, spool)
    takes, deaf = peer(db, "takes", takes_rejections=True), peer(db, "deaf")
    said = reading(Label.EDEMA)
    publish_draft(db, spool, said, read_next(db, said), takes, deaf)
    all_sent(db)
    version = accepted(db)
    publish(db, built(spool, said, version.id, takes, deaf))
    all_sent(db)
    rejected(db, HARMFUL)
    (one,) = retractions(db)
    assert (one.peer_ids, one.code, one.reason, one.author) == (
        (takes,),
        HARMFUL,
        "Wrong side.",
        DOC,
    )
    # Four objects: the draft's three and the accepted report.
    assert [left.kind for left in one.objects] == [*DRAFT_KINDS, ResultKind.REPORT_SR]
    with db.read() as session:
        assert left_behind(session, [1]) == {1: ("deaf", "takes")}


def test_what_was_refused_for_good_or_never_left_is_not_taken_back(
    db: Database, spool: Spool
) -> None:
    film(db, spool)
    said = reading()
    publish_draft(db, spool, said, read_next(db, said), peer(db, takes_rejections=True))
    with db.write() as session:
        mark_failed(session, 1, 0xC000, "no")
    rejected(db)
    assert retractions(db) == []


def test_what_was_under_way_when_its_draft_was_rejected_is_taken_back(
    db: Database, spool: Spool
) -> None:
    film(db, spool)
    said = reading()
    publish(db, built(spool, said, read_next(db, said), peer(db, takes_rejections=True)))
    rejected(db)
    publish(db)
    with db.write() as session:
        mark_sent(session, 1, 0, "success")
    assert len(retractions(db)) == 1
    held = claim(db, [JobKind.PUBLISH], worker="deliver", lease_seconds=60)
    assert held is not None


def test_of_two_rejected_readings_each_is_taken_back_by_itself(db: Database, spool: Spool) -> None:
    number = film(db, spool)
    pacs = peer(db, takes_rejections=True)
    first, second = reading(), reading()
    publish_draft(db, spool, first, read_next(db, first), pacs)
    all_sent(db)
    rejected(db)
    publish_draft(db, spool, second, read_again(db, number, second), pacs)
    all_sent(db)
    rejected(db, HARMFUL)
    assert [(one.code, one.reading.id) for one in retractions(db)] == [
        (UNFIT, first.id),
        (HARMFUL, second.id),
    ]
    # The department's own rejection of the film is one note on all of it.
    reject_film(db, spool, number)
    (one,) = retractions(db)
    assert (one.code, one.author, len(one.objects)) == ("113001", None, 6)


def test_a_film_whose_draft_was_rejected_can_be_read_again(db: Database, spool: Spool) -> None:
    number = film(db, spool)
    first, second = reading(Label.EDEMA), reading()
    publish_draft(db, spool, first, read_next(db, first), peer(db))
    all_sent(db)
    rejected(db)
    assert row(db).state is StudyState.REJECTED
    with db.write() as session:
        add_job(session, JobKind.DRAFT, instance_id=number, study_id=1)
    held = claim_draft(db)
    film_for(db, held)
    assert row(db).state is StudyState.READING
    version = store_reading(db, held, second, idle_seconds=0.0)
    found = row(db)
    assert (found.state, found.preferred_reading_id) == (StudyState.DRAFT_READY, second.id)
    with db.read() as session:
        (item,) = unpublished(session, 1)
    assert item.version.id == version.id
    assert {one.kind for one in item.sent} == {ResultKind.FINDINGS_SR, ResultKind.REPORT_SR}


def test_after_a_signed_report_only_final_versions_leave(db: Database, spool: Spool) -> None:
    film(db, spool)
    said = reading()
    draft = read_next(db, said)
    pacs = peer(db)
    publish_draft(db, spool, said, draft, pacs)
    preliminary = accepted(db)
    publish(db, built(spool, said, preliminary.id, pacs))
    sign(db, spool)
    assert {words for _, state, words in deliveries(db) if state is OBSOLETE} >= {AFTER_REPORT}
    edited(db)
    assert listed(db) == {}
    final = accepted(db, OTHER, final=True)
    assert listed(db) == {final.id: {*REVIEWED_KINDS}}
    publish(db, built(spool, said, final.id, pacs))
    assert deliveries(db)[-1] == (ResultKind.REPORT_SR, WAITING, "")
    # Another signed report does not stop it either.
    sign(db, spool)
    assert deliveries(db)[-1] == (ResultKind.REPORT_SR, WAITING, "")


def test_a_person_is_not_overtaken_by_a_corrected_film(db: Database, spool: Spool) -> None:
    film(db, spool, uid="1.1")
    said = reading()
    read_next(db, said)
    version = accepted(db)
    pacs = peer(db)
    publish(db, built(spool, said, version.id, pacs))
    film(db, spool, uid="1.2", corrects_uid="1.1")
    other = reading()
    publish_draft(db, spool, other, read_next(db, other), pacs)
    assert deliveries(db)[0] == (ResultKind.REPORT_SR, WAITING, "")


def test_nothing_of_a_superseded_reading_leaves_whatever_its_kind(
    db: Database, spool: Spool
) -> None:
    number = film(db, spool)
    first, second = reading(Label.EDEMA), reading()
    pacs = peer(db)
    kinds = (*DRAFT_KINDS, ResultKind.KEY_OBJECTS)
    draft = read_next(db, first)
    publish(db, *(built(spool, first, draft, pacs, kind=kind) for kind in kinds))
    # The second reading flags nothing, so it has no key objects.
    publish_draft(db, spool, second, read_again(db, number, second), pacs)
    assert [state for _, state, _ in deliveries(db)] == [OBSOLETE] * 4 + [WAITING] * 3


@pytest.mark.parametrize("answered", [True, False])
def test_what_was_on_the_wire_is_named_by_what_waits_behind_it(
    db: Database, spool: Spool, *, answered: bool
) -> None:
    film(db, spool)
    said = reading()
    pacs = peer(db)
    publish(db, built(spool, said, read_next(db, said), pacs))
    version = accepted(db)
    publish(db, built(spool, said, version.id, pacs))
    assert listed(db) == {}
    with db.write() as session:
        if answered:
            mark_sent(session, 1, 0, "success")
        else:
            mark_retry(session, 1, None, "no answer")
    assert [state for _, state, _ in deliveries(db)] == [SENT if answered else OBSOLETE, OBSOLETE]
    with db.read() as session:
        (item,) = unpublished(session, 1)
    assert (item.version.id, [one.of for one in item.sent]) == (version.id, [ReportKind.DRAFT])
    assert claim(db, [JobKind.PUBLISH], worker="deliver", lease_seconds=60) is not None


def test_an_edit_that_was_followed_at_once_counts_as_published(db: Database, spool: Spool) -> None:
    film(db, spool)
    said = reading()
    publish_draft(db, spool, said, read_next(db, said), peer(db))
    first = edited(db)
    second = edited(db, "More words.")
    with db.read() as session:
        items = unpublished(session, 1)
    assert [item.version.id for item in items] == [second.id]
    held = claim(db, [JobKind.PUBLISH], worker="deliver", lease_seconds=60)
    assert held is not None
    store_results(db, held, [built(spool, said, second.id, 1)], of=items)
    with db.read() as session:
        for version in (first, second):
            assert session.get_one(ReportVersionRow, version.id).published_at is not None
