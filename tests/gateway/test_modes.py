"""A peer that is paused, drained or rehearsed, and what an administrator sends again or takes back.

Covered over real associations, on SQLite, with the commands' own functions of `db`; a race between
a courier and the word of an administrator is `db.deliveries.begin`'s (tests/db/test_deliveries.py).
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom.uid import (
    Comprehensive3DSRStorage,
    ComprehensiveSRStorage,
    CTImageStorage,
    EnhancedSRStorage,
    GrayscaleSoftcopyPresentationStateStorage,
    KeyObjectSelectionDocumentStorage,
)

from core.clock import now
from core.states import DeliveryState, ResultKind, SendingMode
from db.models import AuditAction, Delivery
from db.recalls import RECALLED, Recalled, recall
from db.resending import DONE, Resent, receivers, resend
from db.sending_modes import locked_peer, set_mode
from db.sr_classes import OTHER_CLASS
from gateway.contexts import RESULT_CLASSES
from tests.db.reviewing import events
from tests.gateway.delivering_house import House, delivering_house
from tests.gateway.outgoing import ResultPeer, deliveries, read_film, running
from tests.peers.mllp import MllpPeer
from tests.waiting import wait_until

SENT, WAITING, REHEARSED, OBSOLETE, FAILED = (
    DeliveryState.SENT,
    DeliveryState.WAITING,
    DeliveryState.REHEARSED,
    DeliveryState.OBSOLETE,
    DeliveryState.FAILED,
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with delivering_house(tmp_path / "house") as opened:
        yield opened


def put_into(house: House, mode: SendingMode, name: str = "pacs") -> None:
    with house.db.write() as session:
        set_mode(session, name, mode, actor="alice")


def send_again(house: House, name: str = "pacs", study_id: int = 1) -> Resent:
    with house.db.write() as session:
        return resend(session, name, study_id, actor="alice", states=DONE)


def take_back(house: House, reason: str, name: str = "pacs") -> Recalled:
    with house.db.write() as session:
        return recall(session, 1, locked_peer(session, name), reason=reason, actor="alice")


def words(rows: list[Delivery]) -> set[str]:
    return {row.words for row in rows}


def test_a_paused_peer_gets_nothing_until_it_is_resumed(house: House, pacs: ResultPeer) -> None:
    with ResultPeer() as other:
        house.peer("pacs", pacs.port)
        house.peer("other", other.port)
        put_into(house, SendingMode.PAUSE)
        put_into(house, SendingMode.PAUSE)
        with running(house.settings, house.db, house.spool):
            read_film(house.db, house.spool)
            house.wait_for(3, SENT, peer="other")
            assert (pacs.opened, len(house.of("pacs", WAITING))) == (0, 3)
            put_into(house, SendingMode.SEND)
            house.wait_for(3, SENT, peer="pacs")
    told = [event.details for event in events(house.db, AuditAction.PEER_MODE_CHANGED)]
    assert [(one["before"], one["after"]) for one in told] == [("send", "pause"), ("pause", "send")]


def test_a_pause_in_mid_study_keeps_the_rest_back(house: House) -> None:
    def answer(_event: object) -> int:
        if len(paused.tried) == 1:
            put_into(house, SendingMode.PAUSE)
        return 0

    with ResultPeer(answer) as paused:
        house.peer("pacs", paused.port)
        with running(house.settings, house.db, house.spool):
            read_film(house.db, house.spool)
            house.wait_for(1, SENT)
            wait_until(lambda: house.row("pacs").busy_worker is None, 20.0, "the line to end")
            assert len(paused.tried) == 1
            assert [one.begun_at for one in house.of("pacs", WAITING)] == [None, None]
            put_into(house, SendingMode.SEND)
            house.wait_for(3, SENT)


def test_a_drained_peer_gets_what_waited(house: House) -> None:
    late = ResultPeer()
    house.peer("pacs", late.port)
    with running(house.settings, house.db, house.spool):
        read_film(house.db, house.spool)
        house.wait_for(3, WAITING)
        put_into(house, SendingMode.DRAIN)
        read_film(house.db, house.spool)
        house.wait_for(6, WAITING)
        with late:
            house.wait_for(3, SENT)
            assert {one.result.study_id for one in house.of("pacs", WAITING)} == {2}
            put_into(house, SendingMode.SEND)
            house.wait_for(6, SENT)


def test_a_dry_run_negotiates_and_sends_nothing(house: House) -> None:
    takes = [Comprehensive3DSRStorage, EnhancedSRStorage]
    with ResultPeer(classes=takes) as pacs:
        house.peer("pacs", pacs.port)
        put_into(house, SendingMode.DRY_RUN)
        with running(house.settings, house.db, house.spool):
            read_film(house.db, house.spool)
            house.wait_for(3, REHEARSED)
            assert (pacs.opened, pacs.tried) == (1, [])
            findings, report, marks = (one.words for one in house.of("pacs"))
            assert "would be sent in Explicit VR Little Endian" in findings
            assert "would be sent in Explicit VR Little Endian" in report
            assert "would fail, the peer accepted no presentation context" in marks
            put_into(house, SendingMode.SEND)
            read_film(house.db, house.spool)
            house.wait_for(2, SENT)
            assert {one.result.study_id for one in house.of("pacs", REHEARSED)} == {1}
            assert send_again(house) == Resent(again=3)
            house.wait_for(4, SENT)
    assert len(set(pacs.tried)) == 4


def test_a_dry_run_at_a_peer_that_takes_nothing_fails_nothing(house: House) -> None:
    with ResultPeer(classes=[CTImageStorage], verifies=False) as pacs:
        house.peer("pacs", pacs.port)
        put_into(house, SendingMode.DRY_RUN)
        with running(house.settings, house.db, house.spool):
            read_film(house.db, house.spool)
            house.wait_for(3, REHEARSED, FAILED)
    (said,) = words(house.of("pacs", REHEARSED))
    assert said.startswith("rehearsed: would fail, ")
    assert said.endswith("accepted none of the presentation contexts")


@pytest.mark.slow
def test_a_reporting_system_is_rehearsed_by_a_connection(house: House, tmp_path: Path) -> None:
    with MllpPeer(tmp_path / "ris") as ris:
        house.ris("ris", ris.port)
        put_into(house, SendingMode.DRY_RUN, "ris")
        with running(house.settings, house.db, house.spool):
            read_film(house.db, house.spool)
            house.wait_for(1, REHEARSED)
        assert ris.received == []
    assert words(house.of("ris")) == {
        "rehearsed: the message would be sent unencrypted; the peer takes connections"
    }


def test_what_a_peer_has_is_sent_again_and_counts_as_there_meanwhile(
    house: House, pacs: ResultPeer
) -> None:
    house.peer("pacs", pacs.port, takes_rejections=True)
    with running(house.settings, house.db, house.spool):
        read_film(house.db, house.spool)
        house.wait_for(3, SENT)
        put_into(house, SendingMode.PAUSE)
        assert send_again(house) == Resent(again=3)
        assert send_again(house) == Resent()
        # It left once: taking it back needs a note, though it waits to leave again.
        assert take_back(house, "sent twice by mistake") == Recalled(kept_back=0, there=3)
        put_into(house, SendingMode.SEND)
        house.wait_for(1, SENT)
    (note,) = house.of("pacs", SENT)
    assert note.result.kind is ResultKind.REJECTION
    assert len(pacs.tried) == 4


@pytest.mark.parametrize("takes_rejections", [True, False])
def test_results_are_taken_back_where_a_peer_can_be_told(
    house: House, pacs: ResultPeer, *, takes_rejections: bool
) -> None:
    house.peer("pacs", pacs.port, takes_rejections=takes_rejections)
    with running(house.settings, house.db, house.spool):
        read_film(house.db, house.spool)
        house.wait_for(3, SENT)
        assert take_back(house, "wrong hospital") == Recalled(there=3)
        assert take_back(house, "wrong hospital").kept_back == 0
        if takes_rejections:
            house.wait_for(4, SENT)
        wait_until(lambda: not pending(house), 20.0, "the study to be published")
        assert send_again(house) == Resent(again=int(takes_rejections), overtaken=3)
    if takes_rejections:
        note = pacs.stored[3]
        assert note.SOPClassUID == KeyObjectSelectionDocumentStorage
        assert "wrong hospital" in note.to_json()
        told = note.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence
        named = {
            item.ReferencedSOPInstanceUID for one in told for item in one.ReferencedSOPSequence
        }
        assert named == {item.SOPInstanceUID for item in pacs.stored[:3]}
    (event,) = events(house.db, AuditAction.RESULTS_RECALLED)
    assert (event.actor, event.details["reason"]) == ("alice", "wrong hospital")


def pending(house: House) -> bool:
    return any(job.finished_at is None for job in house.publish_jobs())


def test_what_is_taken_back_before_it_leaves_never_does(house: House, pacs: ResultPeer) -> None:
    with ResultPeer() as other:
        house.peer("pacs", pacs.port, takes_rejections=True)
        house.peer("other", other.port)
        put_into(house, SendingMode.PAUSE)
        with running(house.settings, house.db, house.spool):
            read_film(house.db, house.spool)
            house.wait_for(3, SENT, peer="other")
            assert take_back(house, "not for this archive") == Recalled(kept_back=3)
            put_into(house, SendingMode.SEND)
            read_film(house.db, house.spool)
            house.wait_for(3, SENT, peer="pacs")
            house.wait_for(6, SENT, peer="other")
    assert words(house.of("pacs", OBSOLETE)) == {RECALLED}
    assert len(pacs.tried) == 3
    with house.db.read() as session:
        assert receivers(session, 1) == ["other", "pacs"]


def test_a_peer_without_comprehensive_3d_gets_the_other_variant_by_itself(house: House) -> None:
    takes = [ComprehensiveSRStorage, EnhancedSRStorage, GrayscaleSoftcopyPresentationStateStorage]
    with ResultPeer(classes=takes) as plain, ResultPeer() as modern:
        house.peer("plain", plain.port)
        house.peer("modern", modern.port)
        with running(house.settings, house.db, house.spool):
            read_film(house.db, house.spool)
            house.wait_for(3, SENT, peer="plain")
            house.wait_for(3, SENT, peer="modern")
            assert words(house.of("plain", OBSOLETE)) == {OTHER_CLASS}
            assert house.row("plain").learned_sr_class == "comprehensive"
            # The next study is built right at once.
            read_film(house.db, house.spool)
            house.wait_for(6, SENT, peer="plain")
            house.wait_for(6, SENT, peer="modern")
            assert len(house.of("plain", OBSOLETE)) == 3
    for peer, sr in ((plain, ComprehensiveSRStorage), (modern, Comprehensive3DSRStorage)):
        assert len(peer.tried) == len(set(peer.tried)) == 6
        assert [item.SOPClassUID for item in peer.stored].count(sr) == 2
    assert house.of("plain", FAILED) == house.of("modern", OBSOLETE) == []
    assert len(events(house.db, AuditAction.SR_CLASS_LEARNED)) == 1
    house.peer("plain", plain.port)
    assert house.row("plain").learned_sr_class == ""


@pytest.mark.slow
def test_what_may_be_there_is_not_built_in_the_other_variant(house: House) -> None:
    takes = [ComprehensiveSRStorage, EnhancedSRStorage, GrayscaleSoftcopyPresentationStateStorage]
    late = ResultPeer(classes=takes)
    house.peer("pacs", late.port)
    with running(house.settings, house.db, house.spool):
        read_film(house.db, house.spool)
        house.wait_for(3, WAITING)
        with house.db.write() as session:
            first = session.get_one(Delivery, house.of("pacs")[0].id)
            first.begun_at = now()
        with late:
            house.wait_for(2, SENT)
            house.wait_for(1, FAILED)
    assert ComprehensiveSRStorage not in {item.SOPClassUID for item in late.stored}
    assert house.row("pacs").learned_sr_class == "comprehensive"
    assert set(RESULT_CLASSES) > set(takes)
    assert len(deliveries(house.db)) == 3
