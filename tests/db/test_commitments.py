"""Which peers are asked about which stored results, and requests as they leave.

On both databases. Answers are in test_commitment_answers; the network is gateway's.
"""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.clock import now
from core.states import CommitmentState, CommitmentWay, DeliveryState, SendingMode
from db.commitment_requests import note_asked, put_off_asking
from db.commitment_status import commitment_counts
from db.commitments import ask_all_anew, awaits_commitment, peers_to_ask, studies_to_ask
from db.deliveries import put_back
from db.engine import Database
from db.models import Delivery, Peer
from db.spool import Spool
from tests.db.stored_results import RULES, asked, asked_peer, open_for, rows, store, ways


def peers(db: Database, *, later: float = 0.0) -> list[str]:
    at = now() + timedelta(seconds=later)
    with db.read() as session:
        found = peers_to_ask(session, at, maximum_requests=RULES.maximum_requests)
        return [one.name for one in found]


def studies(db: Database, peer_id: int, *, quiet: float = 0.0) -> list[int]:
    with db.read() as session:
        return studies_to_ask(
            session,
            peer_id,
            now(),
            quiet_seconds=quiet,
            maximum_requests=RULES.maximum_requests,
        )


def awaited(db: Database) -> int:
    with db.read() as session:
        return len(session.scalars(select(Delivery.id).where(awaits_commitment())).all())


def change(db: Database, peer_id: int, **values: object) -> None:
    with db.write() as session:
        session.execute(update(Peer).where(Peer.id == peer_id).values(**values))


def test_a_peer_is_asked_about_what_it_stored(db: Database, spool: Spool) -> None:
    pacs = asked_peer(db)
    assert (peers(db), studies(db, pacs), awaited(db)) == ([], [], 0)
    study = store(db, spool, pacs)
    assert (peers(db), studies(db, pacs), awaited(db)) == (["pacs"], [study], 3)
    request = asked(db, pacs, study)
    assert (peers(db), studies(db, pacs), awaited(db)) == ([], [], 3)
    (row,) = rows(db)
    assert (row.state, row.transaction_uid) == (CommitmentState.ASKED, request.transaction_uid)
    assert {one.commitment_id for one in ways(db)} == {request.commitment_id}
    assert [one.uid for one in request.objects] == [one.result.uid for one in ways(db)]
    assert open_for(db, pacs, study) is None


def test_a_request_is_of_one_study_at_one_peer(db: Database, spool: Spool) -> None:
    pacs, other = asked_peer(db), asked_peer(db, "other")
    first, second = store(db, spool, pacs, other), store(db, spool, pacs, study="1.2.4")
    assert studies(db, pacs) == [first, second]
    assert len(asked(db, pacs, first).objects) == 3
    assert studies(db, pacs) == [second]
    assert studies(db, other) == [first]


@pytest.mark.parametrize(
    "values",
    [
        {"enabled": False},
        {"commitment": CommitmentWay.NONE},
        {"mode": SendingMode.PAUSE},
        {"mode": SendingMode.DRY_RUN},
        {"commitment_at": now() + timedelta(days=1)},
    ],
    ids=lambda values: next(iter(values)),
)
def test_a_peer_is_left_alone(db: Database, spool: Spool, values: dict[str, object]) -> None:
    pacs = asked_peer(db)
    store(db, spool, pacs)
    change(db, pacs, **values)
    assert peers(db) == []


def test_what_awaits_nothing_is_told(db: Database, spool: Spool) -> None:
    """Retention keeps what awaits; a peer that is not asked keeps nothing waiting."""
    pacs = asked_peer(db, enabled=False)
    store(db, spool, pacs)
    assert awaited(db) == 3
    change(db, pacs, commitment=CommitmentWay.NONE)
    assert awaited(db) == 0


def test_a_study_is_gathered_first(db: Database, spool: Spool) -> None:
    pacs = asked_peer(db)
    study = store(db, spool, pacs)
    with db.write() as session:
        session.get_one(Delivery, ways(db)[2].id).sent_at = now()
    assert studies(db, pacs, quiet=30.0) == []
    assert studies(db, pacs) == [study]


def test_what_was_taken_back_is_not_asked_about(db: Database, spool: Spool) -> None:
    pacs = asked_peer(db)
    study = store(db, spool, pacs)
    with db.write() as session:
        session.get_one(Delivery, ways(db)[0].id).rejection_uid = "1.2.3.9"
    assert len(asked(db, pacs, study).objects) == awaited(db) == 2
    with db.read() as session:
        (counts,) = commitment_counts(session)
    assert (counts["stored"], counts["left"]) == (2, 0)


def test_a_row_that_changed_meanwhile_gets_no_request(db: Database, spool: Spool) -> None:
    pacs = asked_peer(db)
    study = store(db, spool, pacs)
    change(db, pacs, commitment=CommitmentWay.FIND)
    assert open_for(db, pacs, study) is None
    assert rows(db) == []


def test_a_peer_that_cannot_be_asked_is_put_off(db: Database, spool: Spool) -> None:
    pacs = asked_peer(db)
    store(db, spool, pacs)
    with db.write() as session:
        put_off_asking(session, pacs, "it is away", 60.0)
    assert (peers(db), peers(db, later=61.0)) == ([], ["pacs"])
    with db.read() as session:
        row = session.get_one(Peer, pacs)
        assert (row.commitment_failures, row.commitment_error) == (1, "it is away")
    with db.write() as session:
        note_asked(session, pacs)
    assert peers(db) == ["pacs"]


def test_what_is_sent_again_begins_anew(db: Database, spool: Spool) -> None:
    pacs = asked_peer(db)
    study = store(db, spool, pacs)
    asked(db, pacs, study)
    with db.write() as session:
        delivery = session.get_one(Delivery, ways(db)[0].id)
        put_back(delivery)
    again = ways(db)[0]
    assert (again.state, again.commitment_id, again.asks) == (DeliveryState.WAITING, None, 0)


def test_a_changed_peer_is_asked_about_what_was_given_up(db: Database, spool: Spool) -> None:
    pacs = asked_peer(db)
    study = store(db, spool, pacs)
    with db.write() as session:
        session.execute(update(Delivery).values(asks=RULES.maximum_requests))
    assert (peers(db), studies(db, pacs)) == ([], [])
    with db.write() as session:
        ask_all_anew(session, pacs)
    assert (peers(db), studies(db, pacs)) == (["pacs"], [study])
