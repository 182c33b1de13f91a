"""What answers, silence and refusals do to stored results: never more than they may.

On both databases. The reports' own form is in tests/gateway/test_commitment_reports.py.
"""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from core.clock import now
from core.states import CommitmentState, CommitmentWay, DeliveryState
from db.commitment_answers import (
    Taken,
    note_refused,
    note_unanswered,
    outstanding,
    unanswered,
)
from db.engine import Database
from db.models import AuditAction, AuditEvent, Commitment, Delivery, Instance, Peer, ResultObject
from db.spool import Spool
from tests.db.stored_results import (
    RULES,
    asked,
    asked_peer,
    hurry,
    open_for,
    rows,
    store,
    stored_again,
    told,
    ways,
)

SENT, WAITING, COMMITTED, FAILED, OBSOLETE = (
    DeliveryState.SENT,
    DeliveryState.WAITING,
    DeliveryState.COMMITTED,
    DeliveryState.FAILED,
    DeliveryState.OBSOLETE,
)
GONE = 0x0112


def states(db: Database) -> list[DeliveryState]:
    return [one.state for one in ways(db)]


def lost_events(db: Database) -> list[str]:
    """What became of each loss, as the audit has it."""
    lost = select(AuditEvent).where(AuditEvent.action == AuditAction.RESULT_LOST)
    with db.read() as session:
        return [one.details["then"] for one in session.scalars(lost.order_by(AuditEvent.id))]


def time_out(db: Database, commitment_id: int) -> bool:
    with db.write() as session:
        session.get_one(Commitment, commitment_id).due_at = now()
    with db.read() as session:
        assert commitment_id in unanswered(session, now())
    with db.write() as session:
        return note_unanswered(session, commitment_id, RULES)


def test_all_of_a_request_is_committed(db: Database, spool: Spool) -> None:
    pacs = asked_peer(db)
    request = asked(db, pacs, store(db, spool, pacs))
    assert told(db, request, request.objects) is Taken.NOTED
    assert states(db) == [COMMITTED] * 3
    assert all(one.committed_at is not None for one in ways(db))
    (row,) = rows(db)
    assert (row.state, row.words) == (CommitmentState.ANSWERED, "3 committed")
    assert row.answered_at is not None
    with db.read() as session:
        assert not outstanding(session, [request.commitment_id])


def test_what_is_gone_is_sent_again_under_a_bound(db: Database, spool: Spool) -> None:
    pacs = asked_peer(db)
    study = store(db, spool, pacs)
    request = asked(db, pacs, study)
    lost, *kept = request.objects
    assert told(db, request, kept, {lost: GONE}) is Taken.NOTED
    assert states(db) == [WAITING, COMMITTED, COMMITTED]
    for times in (2, 3):
        stored_again(db, lost.delivery_id)
        again = asked(db, pacs, study)
        assert [one.uid for one in again.objects] == [lost.uid]
        assert again.transaction_uid != request.transaction_uid
        told(db, again, failed={again.objects[0]: GONE})
        assert ways(db)[0].lost == times
    assert lost_events(db) == ["waiting", "waiting", "failed"]
    assert states(db) == [FAILED, COMMITTED, COMMITTED]
    assert ways(db)[0].words == (
        "stored 3 times, and lost each time: not committed: 0x0112 No such object instance"
    )


@pytest.mark.parametrize("reason", [0x0110, 0x0213, 0x0131, 0xC001])
def test_what_the_peer_cannot_say_is_asked_again(db: Database, spool: Spool, reason: int) -> None:
    pacs = asked_peer(db)
    study = store(db, spool, pacs)
    transactions = set()
    for _ in range(RULES.maximum_requests):
        request = asked(db, pacs, study)
        transactions.add(request.transaction_uid)
        told(db, request, failed=dict.fromkeys(request.objects, reason))
        assert open_for(db, pacs, study) is None  # not before a pause
        hurry(db)
    assert len(transactions) == RULES.maximum_requests
    assert open_for(db, pacs, study) is None
    assert states(db) == [SENT] * 3
    assert f"stored, not committed: not committed: 0x{reason:04X}" in ways(db)[0].words


def test_another_class_under_our_uid_fails_for_good(db: Database, spool: Spool) -> None:
    pacs = asked_peer(db)
    request = asked(db, pacs, store(db, spool, pacs))
    told(db, request, request.objects[1:], {request.objects[0]: 0x0119})
    assert states(db) == [FAILED, COMMITTED, COMMITTED]
    assert ways(db)[0].words == "not committed: 0x0119 Class/Instance conflict"


def test_a_class_that_is_not_committed_stays_stored(db: Database, spool: Spool) -> None:
    pacs = asked_peer(db)
    study = store(db, spool, pacs)
    request = asked(db, pacs, study)
    told(db, request, request.objects[1:], {request.objects[0]: 0x0122})
    assert states(db) == [SENT, COMMITTED, COMMITTED]
    first = ways(db)[0]
    assert first.ask_at is not None
    assert (first.ask_at - now()).total_seconds() > 3600 * 11


def test_silence_is_asked_again_and_then_left(db: Database, spool: Spool) -> None:
    pacs = asked_peer(db)
    study = store(db, spool, pacs)
    for _ in range(RULES.maximum_requests):
        request = asked(db, pacs, study)
        assert time_out(db, request.commitment_id)
        assert open_for(db, pacs, study) is None  # not before a pause
        hurry(db)
    assert open_for(db, pacs, study) is None
    assert states(db) == [SENT] * 3
    assert ways(db)[0].words == "stored, not committed: never answered; asked 3 times"
    assert [row.state for row in rows(db)] == [CommitmentState.TIMED_OUT] * 3
    assert len({row.transaction_uid for row in rows(db)}) == 3


def test_a_late_answer_counts_until_the_next_request(db: Database, spool: Spool) -> None:
    pacs = asked_peer(db)
    study = store(db, spool, pacs)
    late = asked(db, pacs, study)
    time_out(db, late.commitment_id)
    assert told(db, late, late.objects[:1]) is Taken.NOTED
    assert states(db) == [COMMITTED, SENT, SENT]
    hurry(db)
    asked(db, pacs, study)
    assert told(db, late, failed=dict.fromkeys(late.objects, GONE)) is Taken.REPEATED
    assert states(db) == [COMMITTED, SENT, SENT]
    assert [row.state for row in rows(db)] == [CommitmentState.TIMED_OUT, CommitmentState.ASKED]


def test_what_was_sent_again_since_is_not_touched(db: Database, spool: Spool) -> None:
    pacs = asked_peer(db)
    request = asked(db, pacs, store(db, spool, pacs))
    stored_again(db, request.objects[0].delivery_id)
    told(db, request, request.objects[1:], {request.objects[0]: GONE})
    assert states(db) == [SENT, COMMITTED, COMMITTED]
    assert ways(db)[0].lost == 0


@pytest.mark.parametrize("by", ["OTHER", "STRANGER", "pacs", ""])
def test_nobody_answers_for_another(db: Database, spool: Spool, by: str) -> None:
    pacs, _other = asked_peer(db), asked_peer(db, "other")
    request = asked(db, pacs, store(db, spool, pacs))
    assert told(db, request, request.objects, by=by) is Taken.UNKNOWN
    assert told(db, request, failed=dict.fromkeys(request.objects, GONE), by=by) is Taken.UNKNOWN
    assert states(db) == [SENT] * 3


def test_the_same_again_changes_nothing(db: Database, spool: Spool) -> None:
    pacs = asked_peer(db)
    request = asked(db, pacs, store(db, spool, pacs))
    lost, *kept = request.objects
    told(db, request, kept, {lost: GONE})
    stored_again(db, lost.delivery_id)
    assert told(db, request, kept, {lost: GONE}) is Taken.REPEATED
    assert states(db) == [SENT, COMMITTED, COMMITTED]
    assert ways(db)[0].lost == 1


def test_nothing_is_taken_back_by_a_second_report(db: Database, spool: Spool) -> None:
    pacs = asked_peer(db)
    request = asked(db, pacs, store(db, spool, pacs))
    told(db, request, request.objects)
    gone = dict.fromkeys(request.objects, GONE)
    assert told(db, request, failed=gone) is Taken.CONTRADICTED
    assert states(db) == [COMMITTED] * 3


def test_a_partial_report_leaves_the_rest_open(db: Database, spool: Spool) -> None:
    pacs = asked_peer(db)
    study = store(db, spool, pacs)
    request = asked(db, pacs, study)
    assert told(db, request, request.objects[:1]) is Taken.NOTED
    assert states(db) == [COMMITTED, SENT, SENT]
    assert rows(db)[0].state is CommitmentState.ASKED
    time_out(db, request.commitment_id)
    hurry(db)
    rest = asked(db, pacs, study)
    assert rest.objects == request.objects[1:]
    told(db, rest, rest.objects)
    assert states(db) == [COMMITTED] * 3


def test_what_was_not_asked_about_is_not_touched(db: Database, spool: Spool) -> None:
    """Neither another study's results, nor ours under another class."""
    pacs = asked_peer(db)
    first, second = store(db, spool, pacs), store(db, spool, pacs, study="1.2.4")
    request, other = asked(db, pacs, first), asked(db, pacs, second)
    assert told(db, request, failed=dict.fromkeys(other.objects, GONE)) is Taken.REPEATED
    images = "1.2.840.10008.5.1.4.1.1.2"
    swapped = tuple(replace(one, sop_class_uid=images) for one in request.objects)
    assert told(db, request, swapped) is Taken.REPEATED
    assert states(db) == [SENT] * 6


def test_what_was_overtaken_is_not_sent_again(db: Database, spool: Spool) -> None:
    pacs = asked_peer(db)
    request = asked(db, pacs, store(db, spool, pacs))
    with db.write() as session:
        session.get_one(Instance, ways(db)[0].result.instance_id).rejection_code = "113001"
    told(db, request, failed=dict.fromkeys(request.objects, GONE))
    assert states(db) == [OBSOLETE] * 3
    assert lost_events(db) == ["obsolete"] * 3
    assert "not sent again: it was overtaken" in ways(db)[0].words


def test_a_refused_request_counts_where_it_was_about_the_objects(
    db: Database, spool: Spool
) -> None:
    pacs = asked_peer(db)
    study = store(db, spool, pacs)
    for counts, tried in ((False, 0), (True, 1)):
        request = asked(db, pacs, study)
        with db.write() as session:
            note_refused(session, request.commitment_id, "no", RULES, counts=counts)
        assert {one.asks for one in ways(db)} == {tried}
    assert [row.state for row in rows(db)] == [CommitmentState.REFUSED] * 2
    assert told(db, request, request.objects) is Taken.UNKNOWN
    assert states(db) == [SENT] * 3


def test_an_answer_at_the_last_moment_is_no_silence(db: Database, spool: Spool) -> None:
    pacs = asked_peer(db)
    request = asked(db, pacs, store(db, spool, pacs))
    told(db, request, request.objects)
    with db.write() as session:
        assert not note_unanswered(session, request.commitment_id, RULES)
    assert states(db) == [COMMITTED] * 3


def test_what_failed_meanwhile_stays_so(db: Database, spool: Spool) -> None:
    pacs = asked_peer(db)
    request = asked(db, pacs, store(db, spool, pacs))
    with db.write() as session:
        session.get_one(Delivery, request.objects[0].delivery_id).state = FAILED
    told(db, request, request.objects)
    assert states(db) == [FAILED, COMMITTED, COMMITTED]


def test_what_was_removed_here_cannot_be_sent_again(db: Database, spool: Spool) -> None:
    pacs = asked_peer(db)
    request = asked(db, pacs, store(db, spool, pacs))
    with db.write() as session:
        session.execute(update(ResultObject).values(removed_at=now()))
    told(db, request, failed=dict.fromkeys(request.objects, GONE))
    assert states(db) == [FAILED] * 3
    assert "after its file was removed here" in ways(db)[0].words


def test_silence_of_a_peer_that_is_asked_no_more_says_nothing(db: Database, spool: Spool) -> None:
    pacs = asked_peer(db)
    request = asked(db, pacs, store(db, spool, pacs))
    with db.write() as session:
        session.execute(update(Peer).values(commitment=CommitmentWay.NONE))
    assert time_out(db, request.commitment_id)
    assert {one.words for one in ways(db)} == {"0x0000 Success"}
