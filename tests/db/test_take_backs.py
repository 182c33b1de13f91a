"""Results of rejected films: what had not left stays, what had is taken back, and what remains.

Covered on both databases: by the department and by a radiologist, over DICOM and HL7, with couriers
under way, peers that refuse, demos and signed reports. Not covered: what a note looks like
(tests/gateway).
"""

import pytest
from sqlalchemy import select

from core.states import DeliveryState, JobKind, ResultKind
from db.deliveries import mark_failed, mark_retry
from db.due import next_deliveries
from db.engine import Database
from db.jobs import claim
from db.models import (
    Delivery,
    Peer,
    ResultObject,
)
from db.peer_entry import PeerEntry
from db.peers import save_peer
from db.publishing import BuiltObject, store_results
from db.rejections import FILM_REJECTED
from db.retractions import (
    Retraction,
    TakeBack,
    remaining,
    take_backs,
)
from db.reviews import UNFIT, latest_draft
from db.reviews import reject as reject_draft
from db.spool import Spool
from db.worklist import worklist
from tests.db.builders import (
    built,
    film,
    peer,
    publish,
    read_next,
    reading,
    reject,
    sign,
)
from tests.db.rejected_films import behind, deliveries, publishes, sent, taken_back


def test_what_had_not_left_is_obsolete_and_what_had_is_taken_back(
    db: Database, spool: Spool
) -> None:
    wrong = film(db, spool)
    said = reading()
    version = read_next(db, said)
    takes, deaf = peer(db, "takes", takes_rejections=True), peer(db, "deaf")
    late = peer(db, "late", takes_rejections=True)
    item = built(spool, said, version, takes, deaf, late)
    publish(db, item)
    sent(db, 1)
    sent(db, 2)
    reject(db, spool, wrong)
    assert deliveries(db) == [
        (DeliveryState.SENT, "success"),
        (DeliveryState.SENT, "success"),
        (DeliveryState.OBSOLETE, FILM_REJECTED),
    ]
    assert publishes(db) == 1
    (retraction,) = taken_back(db)
    assert (retraction.code, retraction.peer_ids) == ("113001", (takes,))
    (left,) = retraction.objects
    assert (left.kind, left.sop_class_uid, left.uid, left.series_uid, left.path) == (
        item.kind,
        item.sop_class_uid,
        item.uid,
        item.series_uid,
        item.path,
    )
    assert behind(db) == ("deaf", "takes")
    publish(db, note_on(spool, retraction))
    assert taken_back(db) == []
    # Until the note is there the draft remains.
    assert behind(db) == ("deaf", "takes")
    with db.read() as session:
        (note,) = session.scalars(
            select(Delivery).join(Delivery.result).where(ResultObject.kind == ResultKind.REJECTION)
        )
    assert (note.peer_id, note.state) == (takes, DeliveryState.WAITING)
    sent(db, note.id)
    # Where no note is taken it remains for good, and the worklist says so.
    with db.read() as session:
        (shown,) = worklist(session)
    assert shown.left_behind == behind(db) == ("deaf",)


@pytest.mark.parametrize("protocol", ["dicom", "hl7"])
@pytest.mark.parametrize("department", [True, False])
def test_what_a_peer_did_not_take_back_remains(
    db: Database, spool: Spool, *, protocol: str, department: bool
) -> None:
    wrong, takes = film(db, spool), peer(db, "takes", takes_rejections=True)
    said = reading()
    kind = ResultKind.ORU if protocol == "hl7" else ResultKind.REPORT_SR
    with db.write() as session:
        session.get_one(Peer, takes).protocol = protocol
    publish(db, built(spool, said, read_next(db, said), takes, kind=kind))
    sent(db, 1)
    if department:
        reject(db, spool, wrong)
    else:
        with db.write() as session:
            seen = latest_draft(session, "1.2.3")
            reject_draft(session, seen, author="Doctor^Dora", reason="no", code=UNFIT)
    assert how_far(db) == (TakeBack.NOT_ASKED, 1)
    (retraction,) = taken_back(db)
    publish(db, note_on(spool, retraction))
    assert taken_back(db) == []
    assert how_far(db) == (TakeBack.ON_ITS_WAY, 1)
    with db.write() as session:
        mark_failed(session, 2, 204, "refused")
    assert how_far(db) == (TakeBack.REFUSED, 1)
    with db.write() as session:
        session.get_one(Delivery, 2).state = DeliveryState.WAITING
    sent(db, 2)
    assert how_far(db) == (None, 0)


def how_far(db: Database) -> tuple[TakeBack | None, int]:
    """Give how far the taking back at the one peer is, and how many studies remain there."""
    with db.read() as session:
        found = take_backs(session, [1]).get(1, {})
        return found.get("takes"), remaining(session).get("takes", 0)


def note_on(spool: Spool, retraction: Retraction) -> BuiltObject:
    """Give the note that takes something back, as the builder would."""
    return BuiltObject(
        uid="2.25.99",
        kind=ResultKind.REJECTION,
        variant_key="default",
        path=spool.keep_bytes(b"note", "rejection.dcm"),
        sha256="00",
        sop_class_uid="1.2.840.10008.5.1.4.1.1.88.59",
        series_uid="2.25.98",
        reading_id=retraction.reading.id,
        version_id=retraction.version.id,
        peer_ids=retraction.peer_ids,
        rejects=tuple(left.uid for left in retraction.objects),
    )


def test_what_was_under_way_is_taken_back_when_it_is_known_to_have_left(
    db: Database, spool: Spool
) -> None:
    wrong = film(db, spool)
    said = reading()
    publish(db, built(spool, said, read_next(db, said), peer(db, takes_rejections=True)))
    reject(db, spool, wrong)
    publish(db)
    assert (taken_back(db), publishes(db)) == ([], 0)
    sent(db, 1)
    assert publishes(db) == 1
    assert len(taken_back(db)) == 1


def test_a_film_rejected_while_its_results_are_built_keeps_them_here(
    db: Database, spool: Spool
) -> None:
    wrong = film(db, spool)
    said = reading()
    version = read_next(db, said)
    held = claim(db, [JobKind.PUBLISH], worker="deliver", lease_seconds=60)
    assert held is not None
    reject(db, spool, wrong)
    store_results(db, held, [built(spool, said, version, peer(db, takes_rejections=True))])
    assert deliveries(db) == [(DeliveryState.OBSOLETE, FILM_REJECTED)]
    assert taken_back(db) == []


def test_what_may_have_arrived_without_an_answer_is_taken_back(db: Database, spool: Spool) -> None:
    wrong = film(db, spool)
    said = reading()
    publish(db, built(spool, said, read_next(db, said), peer(db, takes_rejections=True)))
    with db.write() as session:
        mark_retry(session, 1, None, "no answer")
    reject(db, spool, wrong)
    assert len(taken_back(db)) == 1


@pytest.mark.parametrize(
    ("silenced", "by_a_person"),
    [
        ({"enabled": False}, True),
        ({"takes_rejections": False}, False),
        ({"takes_results": False}, False),
    ],
)
def test_what_was_rejected_while_a_peer_was_silent_is_asked_back_afterwards(
    db: Database, spool: Spool, silenced: dict[str, bool], *, by_a_person: bool
) -> None:
    entry = {"name": "pacs", "ae_title": "PACS", "host": "127.0.0.1", "port": 104}
    told = {"takes_results": True, "takes_rejections": True}
    wrong = film(db, spool)
    said = reading()
    pacs = peer(db, takes_rejections=True)
    publish(db, built(spool, said, read_next(db, said), pacs))
    sent(db, 1)
    with db.write() as session:
        save_peer(session, PeerEntry.model_validate(entry | told | silenced))
    if by_a_person:
        with db.write() as session:
            seen = latest_draft(session, "1.2.3")
            reject_draft(session, seen, author="Doc^Dora", reason="why", code=UNFIT)
    else:
        reject(db, spool, wrong)
    publish(db)
    assert taken_back(db) == []
    with db.write() as session:
        save_peer(session, PeerEntry.model_validate(entry | told | silenced))
    assert claim(db, [JobKind.PUBLISH], worker="d", lease_seconds=60) is None
    with db.write() as session:
        save_peer(session, PeerEntry.model_validate(entry | told))
    assert len(taken_back(db)) == 1
    publish(db, note_on(spool, taken_back(db)[0]))
    with db.write() as session:
        save_peer(session, PeerEntry.model_validate(entry | told))
    assert claim(db, [JobKind.PUBLISH], worker="d", lease_seconds=60) is None


def test_the_note_on_a_demo_leaves_though_demos_are_not_accepted_any_more(
    db: Database, spool: Spool
) -> None:
    wrong = film(db, spool)
    said = reading(demo=True)
    pacs = peer(db, accepts_demo=True, takes_rejections=True)
    publish(db, built(spool, said, read_next(db, said), pacs))
    sent(db, 1)
    reject(db, spool, wrong)
    publish(db, note_on(spool, taken_back(db)[0]))
    entry = PeerEntry(
        name="pacs",
        ae_title="PACS",
        host="127.0.0.1",
        port=104,
        takes_results=True,
        takes_rejections=True,
    )
    with db.write() as session:
        save_peer(session, entry)
    assert deliveries(db)[-1] == (DeliveryState.WAITING, "")
    with db.read() as session:
        (next_one,) = next_deliveries(session, pacs, 10)
        assert next_one.result.kind is ResultKind.REJECTION


def test_the_note_leaves_though_a_report_is_signed(db: Database, spool: Spool) -> None:
    wrong = film(db, spool)
    said = reading()
    publish(db, built(spool, said, read_next(db, said), peer(db, takes_rejections=True)))
    sent(db, 1)
    reject(db, spool, wrong)
    publish(db, note_on(spool, taken_back(db)[0]))
    sign(db, spool)
    assert deliveries(db)[-1] == (DeliveryState.WAITING, "")
