"""Results that an administrator takes back, at one peer or at all, on both databases.

Covered: what is taken back and what is not, what is told to whom, and what never leaves. Not
covered: the note itself and its way (tests/gateway/test_modes.py).
"""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from core.errors import WrongArgumentError
from core.labels import Label
from core.states import DRAFT_KINDS, DeliveryState, ResultKind
from db.engine import Database
from db.jobs import ask_publish
from db.models import AuditAction, Delivery, Peer, ReportVersionRow
from db.recalls import RECALLED, Recalled, recall
from db.resending import DONE, Resent, resend
from db.retractions import left_behind, to_take_back
from db.sending_modes import locked_peer
from db.spool import Spool
from tests.db.builders import built, film, peer, publish, read_next, reading
from tests.db.reviewing import SENT, accepted, all_sent, events, publish_draft, read_again

WAITING, OBSOLETE = DeliveryState.WAITING, DeliveryState.OBSOLETE


def take_back(db: Database, reason: str = "wrong archive", name: str = "pacs") -> Recalled:
    with db.write() as session:
        return recall(session, 1, locked_peer(session, name), reason=reason, actor="alice")


def states(db: Database, peer_id: int) -> list[DeliveryState]:
    with db.read() as session:
        query = select(Delivery.state).where(Delivery.peer_id == peer_id).order_by(Delivery.id)
        return list(session.scalars(query))


def test_one_peers_results_are_taken_back_and_the_others_stay(db: Database, spool: Spool) -> None:
    film(db, spool)
    said = reading(Label.EDEMA)
    pacs, other = peer(db, takes_rejections=True), peer(db, "other", takes_rejections=True)
    publish_draft(db, spool, said, read_next(db, said), pacs, other)
    all_sent(db)
    assert take_back(db) == Recalled(there=3)
    assert take_back(db) == Recalled(there=3)
    with db.read() as session:
        (item,) = to_take_back(session, 1)
        assert left_behind(session, [1]) == {1: ("pacs",)}
    assert (item.peer_ids, item.code, item.author) == ((pacs,), "113001", None)
    assert (item.reason, len(item.objects)) == ("wrong archive", 3)
    (event,) = events(db, AuditAction.RESULTS_RECALLED)
    assert (event.details["peer"], len(event.details["uids"])) == ("pacs", 3)
    assert states(db, pacs) == states(db, other) == [SENT] * 3


def test_peers_that_are_told_other_reasons_get_other_notes(db: Database, spool: Spool) -> None:
    film(db, spool)
    said = reading(Label.EDEMA)
    peers = [peer(db, name, takes_rejections=True) for name in ("pacs", "other", "third")]
    publish_draft(db, spool, said, read_next(db, said), *peers)
    all_sent(db)
    take_back(db, "here twice")
    take_back(db, "not theirs", "other")
    take_back(db, "not theirs", "third")
    with db.read() as session:
        told = {item.reason: item.peer_ids for item in to_take_back(session, 1)}
    assert told == {"here twice": (peers[0],), "not theirs": (peers[1], peers[2])}


def test_what_had_not_left_does_not_nor_what_is_built_later(db: Database, spool: Spool) -> None:
    number, pacs = film(db, spool), peer(db)
    said, again = reading(Label.EDEMA), reading()
    version = read_next(db, said)
    assert take_back(db) == Recalled()
    publish(db, *(built(spool, said, version, pacs, kind=kind) for kind in DRAFT_KINDS))
    assert states(db, pacs) == [OBSOLETE] * 3
    with db.read() as session:
        assert set(session.scalars(select(Delivery.words))) == {RECALLED}
    with db.write() as session:
        assert resend(session, "pacs", 1, actor="alice", states=[*DONE, OBSOLETE]) == Resent(
            overtaken=3
        )
    # A later reading is another draft, of which nobody said anything.
    publish_draft(db, spool, again, read_again(db, number, again), pacs)
    assert states(db, pacs)[3:] == [WAITING] * 3


def test_what_a_person_wrote_afterwards_goes_its_way(db: Database, spool: Spool) -> None:
    film(db, spool)
    said, pacs = reading(Label.EDEMA), peer(db)
    publish_draft(db, spool, said, read_next(db, said), pacs)
    all_sent(db)
    take_back(db)
    version = accepted(db)
    publish(db, built(spool, said, version.id, pacs, kind=ResultKind.REPORT_SR))
    assert states(db, pacs) == [SENT] * 3 + [WAITING]
    assert take_back(db) == Recalled(kept_back=1, there=3)
    assert states(db, pacs)[3:] == [OBSOLETE]


def test_final_reports_stay(db: Database, spool: Spool) -> None:
    film(db, spool)
    said, pacs = reading(Label.EDEMA), peer(db)
    publish_draft(db, spool, said, read_next(db, said), pacs)
    all_sent(db)
    with db.write() as session:
        session.execute(update(ReportVersionRow).values(final=True))
    assert take_back(db) == Recalled()
    with db.read() as session:
        assert to_take_back(session, 1) == []


def test_what_remains_is_asked_back_whenever_it_is_said_again(db: Database, spool: Spool) -> None:
    film(db, spool)
    said, pacs = reading(Label.EDEMA), peer(db)
    publish_draft(db, spool, said, read_next(db, said), pacs)
    all_sent(db)
    assert take_back(db) == Recalled(there=3)
    publish(db)
    with db.write() as session:
        session.execute(update(Peer).values(takes_rejections=True))
    assert take_back(db) == Recalled(there=3)
    publish(db)


@pytest.mark.parametrize("reason", ["", "  ", "two\nlines", "x" * 501])
def test_a_reason_is_one_line(db: Database, reason: str) -> None:
    peer(db)
    with pytest.raises(WrongArgumentError, match="needs a reason"):
        take_back(db, reason)


def test_a_peer_never_gets_a_result_in_two_variants(db: Database, spool: Spool) -> None:
    """A version is built anew for one peer's sake, or a peer's wishes changed meanwhile."""
    film(db, spool)
    said, pacs, other = reading(Label.EDEMA), peer(db), peer(db, "other")
    version = read_next(db, said)
    first = built(spool, said, version, pacs, kind=ResultKind.FINDINGS_SR)
    publish(db, first)
    with db.write() as session:
        session.execute(update(ReportVersionRow).values(published_at=None))
    second = replace(first, uid="2.25.7", path=spool.keep_bytes(b"x", "x.dcm"), variant_key="b")
    with db.write() as session:
        ask_publish(session, 1)
    publish(db, replace(second, peer_ids=(pacs, other)))
    assert (states(db, pacs), states(db, other)) == ([WAITING], [WAITING])
    with db.read() as session:
        uids = session.execute(select(Delivery.peer_id, Delivery.id).order_by(Delivery.id)).all()
    assert [peer_id for peer_id, _ in uids] == [pacs, other]
