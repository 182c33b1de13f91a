"""What lies around the cast: peers, what went to them, what was kept aside, fetches, workers.

Nobody is called: what peers said is written down as they would have said it. Not for an
installation whose services run, which would call them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import now
from core.states import DeliveryState, JobKind, JobState, Purpose, ResultKind, SendingMode
from db.echoes import ask_echo
from db.engine import Database
from db.errands import Told, end_errand
from db.jobs import claim
from db.models import Delivery, Peer, ReadingRow, ReportVersionRow, ResultObject, Retrieval
from db.peer_entry import PeerEntry
from db.peers import save_peer
from db.quarantine import A_NOTE, set_aside
from db.retrievals import Wish, ask
from db.sending_modes import set_mode
from db.spool import Spool
from db.workers import SignOfLife, Vitals, sign_of_life
from evaluation.room.drafts import MODEL
from evaluation.room.traces import ACTOR, leave_traces

_GIGABYTE: Final = 1 << 30
_SR_CLASS: Final = "1.2.840.10008.5.1.4.1.1.88.34"
_PEERS: Final = (
    PeerEntry(
        name="xray-room", ae_title="XRAY_ROOM", host="10.20.4.11", port=104, sends_films=True
    ),
    PeerEntry(
        name="pacs",
        ae_title="PACS",
        host="10.20.1.5",
        port=11112,
        tls=True,
        takes_results=True,
        takes_rejections=True,
        gives_priors=True,
        accepts_demo=True,
    ),
    PeerEntry(name="archive", ae_title="VNA", host="10.20.1.9", port=104, takes_results=True),
    PeerEntry(name="ris", protocol="hl7", host="10.20.2.7", port=2575, takes_results=True),
)
_AWAY: Final = "10.20.1.9:104 cannot be reached: connection refused"
_REFUSED: Final = "0xA900 Data set does not match SOP class"
_ASIDE: Final = (
    ("patient ID or issuer differs from the study's", "XRAY_ROOM"),
    ("the data set ends in mid-element", "MOBILE_2"),
    (f"{A_NOTE}it names no instance of its own study", "PACS"),
)
_FATES: Final = (
    (ResultKind.FINDINGS_SR, "pacs", DeliveryState.SENT, "0x0000 Success"),
    (ResultKind.GSPS, "pacs", DeliveryState.COMMITTED, "0x0000 Success"),
    (
        ResultKind.REPORT_SR,
        "pacs",
        DeliveryState.FAILED,
        _REFUSED,
    ),
    (ResultKind.REPORT_SR, "archive", DeliveryState.WAITING, _AWAY),
    (ResultKind.FINDINGS_SR, "archive", DeliveryState.HELD, "held: a demonstration model's result"),
)


@dataclass(frozen=True, slots=True)
class _Made:
    """A version of a report, of which results are entered."""

    version: ReportVersionRow
    reading: ReadingRow


def surround(db: Database, spool: Spool) -> None:
    """Enter all of it, after the cast."""
    with db.write() as session:
        for entry in _PEERS:
            save_peer(session, entry)
        set_mode(session, "ris", SendingMode.PAUSE, actor=ACTOR)
    with db.write() as session:
        _use_peers(session)
        _deliver(session, spool)
        _fetch(session)
    _keep_aside(db, spool)
    _echo(db)
    keep_working(db)
    leave_traces(db)


def _use_peers(session: Session) -> None:
    peers = {peer.name: peer for peer in session.scalars(select(Peer))}
    peers["xray-room"].last_received_at = now() - timedelta(minutes=3)
    peers["pacs"].last_sent_at = now() - timedelta(minutes=4)
    archive = peers["archive"]
    archive.failures, archive.last_error = 4, _AWAY
    archive.next_attempt_at = now() + timedelta(minutes=2)


def _deliver(session: Session, spool: Spool) -> None:
    peers = {peer.name: peer.id for peer in session.scalars(select(Peer))}
    found = session.execute(
        select(ReportVersionRow, ReadingRow)
        .join(ReadingRow, ReadingRow.id == ReportVersionRow.reading_id)
        .order_by(ReportVersionRow.created_at)
        .limit(4)
    )
    for number, (version, reading) in enumerate(found):
        results = {
            kind: _result(session, spool, _Made(version, reading), kind, number)
            for kind in dict.fromkeys(kind for kind, *_ in _FATES)
        }
        for kind, peer, state, words in _FATES:
            sent = state in {DeliveryState.SENT, DeliveryState.COMMITTED}
            delivery = Delivery(
                result_id=results[kind].id,
                peer_id=peers[peer],
                state=state,
                words=words,
                attempts=0 if state is DeliveryState.HELD else 1,
                sent_at=now() - timedelta(minutes=4) if sent else None,
            )
            session.add(delivery)


def _result(
    session: Session, spool: Spool, made: _Made, kind: ResultKind, number: int
) -> ResultObject:
    uid = f"2.25.{7_000_000 + 100 * number + list(ResultKind).index(kind)}"
    result = ResultObject(
        uid=uid,
        kind=kind,
        variant_key="default",
        sop_class_uid=_SR_CLASS,
        series_uid=f"{uid}.1",
        path=str(spool.keep_bytes(b"a result", "result.dcm")),
        sha256="",
        study_id=made.reading.study_id,
        instance_id=made.reading.instance_id,
        reading_id=made.reading.id,
        version_id=made.version.id,
    )
    session.add(result)
    session.flush()
    return result


def _fetch(session: Session) -> None:
    pacs = session.scalars(select(Peer.id).where(Peer.name == "pacs")).one()
    for number, state in enumerate((JobState.DONE, JobState.FAILED, JobState.WAITING)):
        uid = f"2.25.{8_000_000 + number}"
        ask(session, Wish(pacs, uid, Purpose.AUDIT, "autumn-audit"), actor=ACTOR)
        row = session.scalars(select(Retrieval).where(Retrieval.study_uid == uid)).one()
        row.state, row.completed = state, 2 if state is JobState.DONE else 0
        if state is JobState.FAILED:
            row.error = "0xA801 Refused: move destination unknown (attempt 5, the last one)"
            row.attempts = 5
        if state is JobState.WAITING:
            row.due_at = now() + timedelta(days=1)


def _keep_aside(db: Database, spool: Spool) -> None:
    for number, (reason, sender) in enumerate(_ASIDE):
        temporary = spool.temporary()
        temporary.write_bytes(f"object {number}".encode())
        uid = f"2.25.{9_000_000 + number}"
        set_aside(
            db,
            spool,
            temporary,
            reason=reason,
            sop_instance_uid=f"{uid}.1",
            study_uid=uid,
            calling_ae=sender,
            called_ae="FIRSTREAD",
        )


def _echo(db: Database) -> None:
    outcomes: Sequence[tuple[str, Told]] = (
        ("pacs", Told("answers C-ECHO")),
        ("archive", Told("", _AWAY)),
    )
    for peer, told in outcomes:
        with db.write() as session:
            ask_echo(session, peer, actor=ACTOR)
        held = claim(db, (JobKind.ECHO,), worker="room", lease_seconds=60.0)
        if held is not None:
            with db.write() as session:
                end_errand(session, held, told)


def keep_working(db: Database) -> None:
    """Let the worker give a sign of life, without which it is silent a minute later."""
    model = f"{MODEL.name} {MODEL.version}"
    sign = SignOfLife("reading-gpu-1:room", 4711, MODEL.uid, "cuda:0", model)
    vitals = Vitals(1840, 212, 31 * _GIGABYTE, 80 * _GIGABYTE)
    sign_of_life(db, sign, progress="report", vitals=vitals)
