"""What is looked for at peers by C-FIND, and what finding or missing it does.

On both databases; the queries themselves are gateway's.
"""

from sqlalchemy import update

from core.states import CommitmentWay, DeliveryState
from db.commitments import StoredObject
from db.engine import Database
from db.models import Delivery, Peer
from db.searches import note_search, take_for_search
from db.spool import Spool
from tests.db.stored_results import RULES, asked_peer, hurry, store, stored_again, ways

SENT, WAITING, COMMITTED = DeliveryState.SENT, DeliveryState.WAITING, DeliveryState.COMMITTED


def searched_peer(db: Database) -> int:
    return asked_peer(db, commitment=CommitmentWay.FIND)


def taken(db: Database, peer_id: int, study_id: int) -> tuple[StoredObject, ...]:
    with db.write() as session:
        return take_for_search(
            session, peer_id, study_id, maximum_requests=RULES.maximum_requests, seconds=60.0
        )


def seen(db: Database, stored: StoredObject, *, found: bool) -> DeliveryState | None:
    with db.write() as session:
        return note_search(session, stored, RULES, found=found)


def test_found_is_committed_and_missing_is_sent_again(db: Database, spool: Spool) -> None:
    pacs = searched_peer(db)
    first, *others = taken(db, pacs, store(db, spool, pacs))
    assert (first.study_uid, first.series_uid) == ("1.2.3", ways(db)[0].result.series_uid)
    assert seen(db, first, found=False) is WAITING
    assert [seen(db, other, found=True) for other in others] == [COMMITTED] * 2
    assert [one.words for one in ways(db)] == [
        "sent again, since the peer had lost it: not found by C-FIND",
        "found by C-FIND",
        "found by C-FIND",
    ]


def test_what_one_looks_for_the_other_leaves(db: Database, spool: Spool) -> None:
    pacs = searched_peer(db)
    study = store(db, spool, pacs)
    assert len(taken(db, pacs, study)) == 3
    assert taken(db, pacs, study) == ()
    hurry(db)  # whoever took it was killed
    assert len(taken(db, pacs, study)) == 3


def test_what_was_sent_again_since_is_left_alone(db: Database, spool: Spool) -> None:
    """A slow search says nothing of what was stored after it."""
    pacs = searched_peer(db)
    old, *_others = taken(db, pacs, store(db, spool, pacs))
    seen(db, old, found=False)
    assert seen(db, old, found=False) is None
    stored_again(db, old.delivery_id)
    assert seen(db, old, found=False) is None
    assert seen(db, old, found=True) is None
    assert (ways(db)[0].state, ways(db)[0].lost) == (SENT, 1)


def test_a_row_that_changed_meanwhile_is_not_searched(db: Database, spool: Spool) -> None:
    pacs = searched_peer(db)
    study = store(db, spool, pacs)
    with db.write() as session:
        session.execute(update(Peer).values(commitment=CommitmentWay.ASK))
    assert taken(db, pacs, study) == ()
    with db.write() as session:
        session.execute(update(Peer).values(commitment=CommitmentWay.FIND))
        session.execute(update(Delivery).values(rejection_uid="1.2.3.4"))
    assert taken(db, pacs, study) == ()
