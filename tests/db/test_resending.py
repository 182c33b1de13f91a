"""What a peer refused for good is sent again at an administrator's word, on both databases.

Covered: what is put back and what was overtaken since. Not covered: the bytes, which are the kept
file's whatever happens (tests/gateway/test_deliver_hl7.py).
"""

from dataclasses import replace

import pytest
from sqlalchemy import select

from core.errors import WrongArgumentError
from core.labels import Label
from core.states import DRAFT_KINDS, DeliveryState, ResultKind
from db.deliveries import mark_failed
from db.engine import Database
from db.models import AuditAction, Delivery, Peer
from db.publishing import BuiltObject
from db.resending import refused_studies, resend
from db.spool import Spool
from tests.db.builders import built, film, peer, publish, read_next, reading, reject, sign
from tests.db.reviewing import accepted, events, publish_draft, read_again, rejected

FAILED, WAITING = DeliveryState.FAILED, DeliveryState.WAITING
NAME = "pacs"


def refused(db: Database) -> None:
    """Let the peer refuse all that waits."""
    with db.write() as session:
        for number in session.scalars(select(Delivery.id).where(Delivery.state == WAITING)):
            mark_failed(session, number, 0xC000, "no")


def again(db: Database) -> tuple[int, int]:
    with db.write() as session:
        done = resend(session, NAME, 1, actor="alice")
        return done.again, done.overtaken


def states(db: Database) -> list[DeliveryState]:
    with db.read() as session:
        return list(session.scalars(select(Delivery.state).order_by(Delivery.id)))


def test_what_was_refused_is_sent_again(db: Database, spool: Spool) -> None:
    film(db, spool)
    said = reading(Label.EDEMA)
    publish_draft(db, spool, said, read_next(db, said), peer(db), peer(db, "other"))
    refused(db)
    with db.read() as session:
        assert refused_studies(session, NAME) == refused_studies(session, NAME, "1.2.3") == [1]
    assert again(db) == (3, 0)
    with db.read() as session:
        rows = session.execute(select(Peer.name, Delivery.state).join(Delivery.peer)).all()
        assert refused_studies(session, NAME) == []
    assert {(name, state) for name, state in rows} == {(NAME, WAITING), ("other", FAILED)}
    (event,) = events(db, AuditAction.DELIVERIES_RESENT)
    assert (event.details["peer"], len(event.details["uids"]), event.study_id) == (NAME, 3, 1)
    assert again(db) == (0, 0)


@pytest.mark.parametrize(
    ("since", "count"),
    [("accepted", 2), ("rejected", 0), ("film rejected", 0), ("read again", 0), ("signed", 0)],
)
def test_what_was_overtaken_since_is_not(
    db: Database, spool: Spool, since: str, count: int
) -> None:
    number = film(db, spool)
    said = reading(Label.EDEMA)
    publish_draft(db, spool, said, read_next(db, said), peer(db))
    refused(db)
    if since == "accepted":
        accepted(db)
    elif since == "rejected":
        rejected(db)
    elif since == "film rejected":
        reject(db, spool, number)
    elif since == "read again":
        read_again(db, number, reading())
    else:
        sign(db, spool)
    assert again(db) == (count, len(DRAFT_KINDS) - count)
    assert states(db).count(WAITING) == count


def test_a_corrected_films_results_stand_in_the_place_of_what_was_refused(
    db: Database, spool: Spool
) -> None:
    film(db, spool, uid="1.1")
    said = reading()
    publish_draft(db, spool, said, read_next(db, said), peer(db))
    refused(db)
    film(db, spool, uid="1.2", corrects_uid="1.1")
    read_next(db, reading())
    assert again(db) == (0, 3)


@pytest.mark.parametrize("followed", [False, True])
def test_a_refused_note_is_sent_again_and_a_message_that_another_followed_is_not(
    db: Database, spool: Spool, *, followed: bool
) -> None:
    number, pacs = film(db, spool), peer(db)
    first, second = reading(), reading()
    version = read_next(db, first)
    rejected(db)
    message = built(spool, first, version, pacs, kind=ResultKind.REJECTION)
    publish(db, message_of(message))
    refused(db)
    if followed:
        later = built(spool, second, read_again(db, number, second), pacs, kind=ResultKind.ORU)
        publish(db, message_of(later))
    assert again(db) == ((0, 1) if followed else (1, 0))


def message_of(built_object: BuiltObject) -> BuiltObject:
    return replace(built_object, sop_class_uid="", series_uid="")


@pytest.mark.parametrize(("name", "study"), [("nobody", None), (NAME, "9.9")])
def test_who_and_what_is_not_known(db: Database, name: str, study: str | None) -> None:
    peer(db)
    with db.read() as session, pytest.raises(WrongArgumentError):
        refused_studies(session, name, study)
