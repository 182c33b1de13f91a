"""What a result replaces: what a peer has of the very same film, and of no other.

Covered on both databases (the long list on SQLite alone): re-readings and corrected films, each
peer by itself, and headers that say of others what is not so.
"""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import StaleResultsError
from core.reading import Reading
from core.states import DRAFT_KINDS, DeliveryState, JobKind, ResultKind
from db.deliveries import begin, mark_retry, mark_sent
from db.due import take_peer
from db.engine import Database
from db.jobs import add_job, claim
from db.models import Delivery, Instance, Peer, ResultObject
from db.obsolete import SUPERSEDED
from db.predecessors import SentResult
from db.publishable import Publishable, unpublished
from db.publishing import BuiltObject, store_results
from db.spool import Spool
from tests.db.builders import built, film, peer, publish, read_next, reading, reject
from tests.db.reviewing import accepted


def begun(session: Session, delivery_id: int) -> bool:
    """Let a delivery begin to leave, its peer being held for that."""
    peer_id = session.get_one(Delivery, delivery_id).peer_id
    assert take_peer(session, peer_id, worker="deliver-1", seconds=60)
    return begin(session, delivery_id, worker="deliver-1")


def read_again(db: Database, instance_id: int, said: Reading) -> str:
    with db.write() as session:
        add_job(session, JobKind.DRAFT, instance_id=instance_id, study_id=1)
    return read_next(db, said)


def publish_all(db: Database, spool: Spool, said: Reading, version: str, *peers: int) -> None:
    """Publish the three results of a version."""
    publish(db, *objects(spool, said, version, *peers))


def objects(spool: Spool, said: Reading, version: str, *peers: int) -> list[BuiltObject]:
    return [built(spool, said, version, *peers, kind=kind) for kind in DRAFT_KINDS]


def all_sent(db: Database, peer_id: int) -> None:
    with db.write() as session:
        for number in session.scalars(select(Delivery.id).where(Delivery.peer_id == peer_id)):
            mark_sent(session, number, 0, "success")


def sent_before(db: Database) -> list[tuple[int, ResultKind, str]]:
    """Give what the one version that is to be built finds at its peers: whom, what, which film."""
    with db.read() as session:
        (item,) = unpublished(session, 1)
        return sorted((one.peer_id, one.kind, film_of(db, one)) for one in item.sent)


def film_of(db: Database, one: SentResult) -> str:
    with db.read() as session:
        return session.scalars(
            select(Instance.uid)
            .join(ResultObject, ResultObject.instance_id == Instance.id)
            .where(ResultObject.uid == one.uid)
        ).one()


DOCUMENTS = (ResultKind.FINDINGS_SR, ResultKind.REPORT_SR)


def test_a_second_reading_finds_what_each_peer_has_of_the_film(db: Database, spool: Spool) -> None:
    number = film(db, spool, uid="1.2.3.1")
    has, down = peer(db, "has"), peer(db, "down")
    first = reading()
    publish_all(db, spool, first, read_next(db, first), has, down)
    all_sent(db, has)
    read_again(db, number, reading())
    assert sent_before(db) == [(has, kind, "1.2.3.1") for kind in DOCUMENTS]


def test_the_last_one_that_was_sent_is_replaced(db: Database, spool: Spool) -> None:
    number = film(db, spool)
    pacs = peer(db)
    first, second, third = reading(), reading(), reading()
    publish_all(db, spool, first, read_next(db, first), pacs)
    all_sent(db, pacs)
    publish_all(db, spool, second, read_again(db, number, second), pacs)
    # The second one never left.
    read_again(db, number, third)
    with db.read() as session:
        (item,) = unpublished(session, 1)
        readings = session.scalars(
            select(ResultObject.reading_id).where(
                ResultObject.uid.in_([one.uid for one in item.sent])
            )
        ).all()
    assert readings == [first.id, first.id]


def test_what_got_no_answer_may_be_there(db: Database, spool: Spool) -> None:
    number = film(db, spool)
    first = reading()
    publish_all(db, spool, first, read_next(db, first), peer(db))
    with db.write() as session:
        mark_retry(session, 1, None, "no answer")
        mark_retry(session, 2, 0xA700, "full")
    read_again(db, number, reading())
    assert [kind for _, kind, _ in sent_before(db)] == [ResultKind.FINDINGS_SR]


def test_a_busy_peer_holds_up_no_results(db: Database, spool: Spool) -> None:
    """A reporting system that is down is taken and left again and again while others' are built."""
    number = film(db, spool)
    ris = message_peer(db)
    first, second = reading(), reading()
    publish(db, built(spool, first, read_next(db, first), ris, kind=ResultKind.ORU))
    version = read_again(db, number, second)
    with db.read() as session:
        items = unpublished(session, 1)
    assert [item.messages for item in items] == [()]
    with db.write() as session:
        assert take_peer(session, ris, worker="one", seconds=60)
    publish_of(db, [built(spool, second, version, ris, kind=ResultKind.ORU)], items)
    assert states(db) == [DeliveryState.OBSOLETE, DeliveryState.WAITING]


def test_a_message_that_began_to_leave_is_known_to_the_next(db: Database, spool: Spool) -> None:
    number = film(db, spool)
    ris = message_peer(db)
    first, second = reading(), reading()
    publish(db, built(spool, first, read_next(db, first), ris, kind=ResultKind.ORU))
    version = read_again(db, number, second)
    with db.read() as session:
        items = unpublished(session, 1)
    with db.write() as session:
        assert begun(session, 1)
    with pytest.raises(StaleResultsError):
        publish_of(db, [built(spool, second, version, ris, kind=ResultKind.ORU)], items)
    with db.read() as session:
        (item,) = unpublished(session, 1)
    assert len(item.messages) == 1
    with db.write() as session:
        mark_retry(session, 1, 207, "busy")
    with db.read() as session:
        (item,) = unpublished(session, 1)
    assert item.messages == ()


def test_what_was_superseded_does_not_begin_to_leave(db: Database, spool: Spool) -> None:
    number = film(db, spool)
    ris = message_peer(db)
    first, second = reading(), reading()
    publish(db, built(spool, first, read_next(db, first), ris, kind=ResultKind.ORU))
    publish(db, built(spool, second, read_again(db, number, second), ris, kind=ResultKind.ORU))
    with db.write() as session:
        assert not begun(session, 1)
        assert begun(session, 2)


def test_what_comes_out_as_it_was_when_it_is_built_anew_leaves(db: Database, spool: Spool) -> None:
    """The earlier message was under way, and known, when the later one was made."""
    number = film(db, spool)
    ris = message_peer(db)
    first, second = reading(), reading()
    publish(db, built(spool, first, read_next(db, first), ris, kind=ResultKind.ORU))
    with db.write() as session:
        assert begun(session, 1)
    later = built(spool, second, read_again(db, number, second), ris, kind=ResultKind.ORU)
    publish(db, later)
    with db.write() as session:
        mark_sent(session, 1, 0, "AA")
    publish(db, later)
    assert states(db) == [DeliveryState.SENT, DeliveryState.WAITING]


def message_peer(db: Database) -> int:
    number = peer(db, "ris")
    with db.write() as session:
        session.get_one(Peer, number).protocol = "hl7"
    return number


def publish_of(db: Database, objects: list[BuiltObject], items: list[Publishable]) -> None:
    held = claim(db, [JobKind.PUBLISH], worker="deliver", lease_seconds=60)
    assert held is not None
    store_results(db, held, objects, of=items)


def states(db: Database) -> list[DeliveryState]:
    with db.read() as session:
        return list(session.scalars(select(Delivery.state).order_by(Delivery.id)))


def test_another_film_of_the_study_replaces_nothing(db: Database, spool: Spool) -> None:
    film(db, spool)
    pacs = peer(db)
    first = reading()
    publish_all(db, spool, first, read_next(db, first), pacs)
    all_sent(db, pacs)
    film(db, spool)
    read_next(db, reading())
    assert sent_before(db) == []


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("said", "rejected", "replaces"),
    [
        ({"corrects_uid": "1.2.3.1"}, False, True),
        ({"corrects_uid": "1.2.3.1"}, True, True),
        ({"derived_from_uid": "1.2.3.1"}, True, True),
        # A bone-suppressed companion is made from a film, too, and replaces nothing.
        ({"derived_from_uid": "1.2.3.1"}, False, False),
        ({}, True, False),
        ({"corrects_uid": "1.2.3.2", "derived_from_uid": "1.2.3.2"}, True, False),
        ({"corrects_uid": "9.9"}, True, False),
    ],
)
def test_a_corrected_film_replaces_the_earlier_one(
    db: Database, spool: Spool, *, said: dict[str, Any], rejected: bool, replaces: bool
) -> None:
    wrong = film(db, spool, uid="1.2.3.1")
    pacs = peer(db)
    first = reading()
    publish_all(db, spool, first, read_next(db, first), pacs)
    all_sent(db, pacs)
    if rejected:
        reject(db, spool, wrong)
        publish(db)
    film(db, spool, uid="1.2.3.2", **said)
    read_next(db, reading())
    expected = [(pacs, kind, "1.2.3.1") for kind in DOCUMENTS] if replaces else []
    assert sent_before(db) == expected


def test_a_correction_of_another_study_is_none(db: Database, spool: Spool) -> None:
    film(db, spool, uid="1.2.3.1", study="1.2.4")
    pacs = peer(db)
    first = reading()
    publish_all(db, spool, first, read_next(db, first), pacs)
    all_sent(db, pacs)
    film(db, spool, uid="1.2.3.2", corrects_uid="1.2.3.1")
    read_next(db, reading())
    with db.read() as session:
        (item,) = unpublished(session, 2)
    assert item.sent == ()


def test_films_that_correct_each_other_end(db: Database, spool: Spool) -> None:
    pacs = peer(db)
    film(db, spool, uid="1.2.3.1", corrects_uid="1.2.3.2")
    film(db, spool, uid="1.2.3.2", corrects_uid="1.2.3.1")
    first, second = reading(), reading()
    publish_all(db, spool, first, read_next(db, first), pacs)
    all_sent(db, pacs)
    read_next(db, second)
    assert {uid for _, _, uid in sent_before(db)} == {"1.2.3.1"}


def deliveries(db: Database) -> list[tuple[str, DeliveryState, str]]:
    with db.read() as session:
        return [
            (film, state, words)
            for film, state, words in session.execute(
                select(Instance.uid, Delivery.state, Delivery.words)
                .join(Delivery.result)
                .join(Instance, Instance.id == ResultObject.instance_id)
                .order_by(Instance.uid, Delivery.id)
            )
        ]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("came_first", ["the film", "its correction", "each corrects the other"])
def test_of_a_film_that_was_corrected_before_it_was_built_nothing_leaves(
    db: Database, spool: Spool, order: tuple[int, int], came_first: str
) -> None:
    pacs = peer(db)
    circle = came_first == "each corrects the other"
    headers = [("1.2.3.1", "1.2.3.2" if circle else None), ("1.2.3.2", "1.2.3.1")]
    said = {}
    for uid, corrects in reversed(headers) if came_first == "its correction" else headers:
        film(db, spool, uid=uid, corrects_uid=corrects)
        said[uid] = reading()
    versions = {uid: read_next(db, one) for uid, one in said.items()}
    built_objects = [objects(spool, said[uid], versions[uid], pacs) for uid in sorted(said)]
    publish(db, *built_objects[order[0]], *built_objects[order[1]])
    assert deliveries(db) == [
        *[("1.2.3.1", DeliveryState.OBSOLETE, SUPERSEDED)] * 3,
        *[("1.2.3.2", DeliveryState.WAITING, "")] * 3,
    ]


def test_a_corrected_film_that_is_read_again_stays_silent(db: Database, spool: Spool) -> None:
    pacs = peer(db)
    first, second, again = reading(), reading(), reading()
    wrong = film(db, spool, uid="1.2.3.1")
    read_next(db, first)
    film(db, spool, uid="1.2.3.2", corrects_uid="1.2.3.1")
    publish_all(db, spool, second, read_next(db, second), pacs)
    publish_all(db, spool, again, read_again(db, wrong, again), pacs)
    assert [state for _, state, _ in deliveries(db)] == [
        *[DeliveryState.OBSOLETE] * 3,
        *[DeliveryState.WAITING] * 3,
    ]


def test_what_a_person_accepted_of_a_corrected_film_leaves(db: Database, spool: Spool) -> None:
    pacs = peer(db)
    said = reading()
    film(db, spool, uid="1.2.3.1")
    read_next(db, said)
    version = accepted(db)
    film(db, spool, uid="1.2.3.2", corrects_uid="1.2.3.1")
    read_next(db, reading())
    publish(db, built(spool, said, version.id, pacs, kind=ResultKind.REPORT_SR))
    assert deliveries(db) == [("1.2.3.1", DeliveryState.WAITING, "")]


def test_a_correction_without_a_whole_reading_stops_nothing(db: Database, spool: Spool) -> None:
    pacs = peer(db)
    said = reading()
    film(db, spool, uid="1.2.3.1")
    version = read_next(db, said)
    film(db, spool, uid="1.2.3.2", corrects_uid="1.2.3.1")
    publish_all(db, spool, said, version, pacs)
    assert {state for _, state, _ in deliveries(db)} == {DeliveryState.WAITING}


def test_what_a_corrected_film_replaces_does_not_leave_any_more(db: Database, spool: Spool) -> None:
    pacs = peer(db)
    film(db, spool, uid="1.2.3.1")
    first, second = reading(), reading()
    publish_all(db, spool, first, read_next(db, first), pacs)
    film(db, spool, uid="1.2.3.2", corrects_uid="1.2.3.1")
    publish_all(db, spool, second, read_next(db, second), pacs)
    with db.read() as session:
        states = [
            (one.state, one.words)
            for one in session.scalars(select(Delivery).order_by(Delivery.id))
        ]
    assert states == [(DeliveryState.OBSOLETE, SUPERSEDED)] * 3 + [(DeliveryState.WAITING, "")] * 3
