"""Fetches of studies from peers: asked for once, claimed under a lease, ended well or badly.

The rows are the queue. A claim is one statement on both databases, and whoever holds it proves so
by its token in the transaction of each write, as with jobs (`db.jobs`). How far they are, and
what belongs to which, is in `db.fetched`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from core.clock import now
from core.errors import LostLeaseError
from core.process_mark import is_gone
from core.states import JobState, Purpose
from core.uids import is_uid
from db.audit import record
from db.engine import Database
from db.insert import insert_if_absent
from db.models import AuditAction, Peer, Retrieval


@dataclass(frozen=True, slots=True)
class Wish:
    """A study that is to be fetched, and what for.

    Parameters
    ----------
    peer_id
        From whom.
    study_uid
        Which.
    purpose
        `prior` or `audit`.
    campaign
        What it belongs to: the name of a backfill, or the UID of the study that the prior is for.
        The same study is fetched once in each campaign.
    series_uids
        Those of its series that are wanted; empty for all.
    for_study_id
        For priors, the study beside whose draft they are to stand.
    patient_id, issuer
        Whose it should be.
    study_date
        As the peer told it.
    due_at
        Not before; None is at once.

    Raises
    ------
    ValueError
        If a UID is none, or the purpose is to read: what is to be read is sent here, not fetched.
    """

    peer_id: int
    study_uid: str
    purpose: Purpose
    campaign: str
    series_uids: tuple[str, ...] = ()
    for_study_id: int | None = None
    patient_id: str = ""
    issuer: str = ""
    study_date: str = ""
    due_at: datetime | None = None

    def __post_init__(self) -> None:
        for uid in (self.study_uid, *self.series_uids):
            if not is_uid(uid):
                message = f"not a UID: {uid!r}"
                raise ValueError(message)
        if self.purpose is Purpose.READ:
            message = f"studies are fetched as priors or for an audit, not to {self.purpose.value}"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Fetch:
    """The right to fetch one study until the lease ends.

    Parameters
    ----------
    retrieval_id, peer_id, study_uid, series_uids, purpose
        The row's.
    token
        The fencing token.
    attempts
        How many there were, this one included.
    """

    retrieval_id: int
    peer_id: int
    study_uid: str
    series_uids: tuple[str, ...]
    purpose: Purpose
    token: int
    attempts: int


def ask(session: Session, wish: Wish, *, actor: str) -> bool:
    """Enter a fetch, unless its campaign has it already.

    Asked for again, one that failed is tried again.

    Returns
    -------
    bool
        Whether there is something to do now that was not before.
    """
    entered = insert_if_absent(
        session,
        Retrieval,
        peer_id=wish.peer_id,
        study_uid=wish.study_uid,
        series_uids=list(wish.series_uids),
        purpose=wish.purpose,
        campaign=wish.campaign,
        for_study_id=wish.for_study_id,
        patient_id=wish.patient_id,
        issuer=wish.issuer,
        study_date=wish.study_date,
        due_at=wish.due_at or now(),
    )
    if not entered and not _revive(session, wish):
        return False
    record(
        session,
        AuditAction.RETRIEVAL_ASKED,
        actor=actor,
        study_id=wish.for_study_id,
        study_uid=wish.study_uid,
        purpose=wish.purpose.value,
        campaign=wish.campaign,
        again=not entered,
    )
    return True


def claim(
    db: Database,
    purposes: Collection[Purpose],
    *,
    worker: str,
    lease_seconds: float,
    not_from: Collection[int] = (),
) -> Fetch | None:
    """Take the next fetch that is due, priors first; None where there is none.

    Parameters
    ----------
    db
        Where.
    purposes
        What for.
    worker
        Who takes it.
    lease_seconds
        How long it is the worker's without a sign of life.
    not_from
        Peers that are to be left alone for now.

    Returns
    -------
    Fetch or None
        From an enabled peer of whom nothing else is being fetched; two processes that claim at
        the same instant on PostgreSQL may rarely both ask one peer.
    """
    at = now()
    other = aliased(Retrieval)
    busy = exists().where(other.peer_id == Retrieval.peer_id, other.state == JobState.CLAIMED)
    due = (
        select(Retrieval.id)
        .join(Peer, Peer.id == Retrieval.peer_id)
        .where(
            Retrieval.state == JobState.WAITING,
            Retrieval.purpose.in_(purposes),
            Retrieval.due_at <= at,
            Retrieval.peer_id.not_in(not_from),
            Peer.enabled,
            ~busy,
        )
    )
    first = (
        due.order_by(
            case((Retrieval.purpose == Purpose.PRIOR, 0), else_=1), Retrieval.due_at, Retrieval.id
        )
        .limit(1)
        .with_for_update(skip_locked=True, of=Retrieval)
        .scalar_subquery()
    )
    with db.read() as session:
        if session.execute(due.limit(1)).first() is None:
            return None
    with db.write() as session:
        row = session.scalars(
            update(Retrieval)
            .where(Retrieval.id == first)
            .values(
                state=JobState.CLAIMED,
                token=Retrieval.token + 1,
                attempts=Retrieval.attempts + 1,
                worker=worker,
                lease_until=at + timedelta(seconds=lease_seconds),
                completed=0,
                failed=0,
            )
            .returning(Retrieval)
        ).one_or_none()
        if row is None:
            return None
        return Fetch(
            retrieval_id=row.id,
            peer_id=row.peer_id,
            study_uid=row.study_uid,
            series_uids=tuple(row.series_uids),
            purpose=row.purpose,
            token=row.token,
            attempts=row.attempts,
        )


def renew(db: Database, fetch: Fetch, lease_seconds: float) -> None:
    """Lengthen the lease from now on.

    Raises
    ------
    LostLeaseError
        If somebody else has the fetch by now.
    """
    _change(db, fetch, lease_until=now() + timedelta(seconds=lease_seconds))


def progress(db: Database, fetch: Fetch, *, completed: int, failed: int) -> None:
    """Note how many objects the peer says it sent, and could not send.

    Raises
    ------
    LostLeaseError
        If somebody else has the fetch by now.
    """
    _change(db, fetch, completed=completed, failed=failed)


def done(db: Database, fetch: Fetch, *, completed: int) -> None:
    """End a fetch well: the peer sent everything, and everything was kept.

    Raises
    ------
    LostLeaseError
        If somebody else has the fetch by now.
    """
    _change(
        db,
        fetch,
        state=JobState.DONE,
        completed=completed,
        failed=0,
        error=None,
        lease_until=None,
        finished_at=now(),
    )


def give_up(db: Database, fetch: Fetch, error: str) -> None:
    """End a fetch badly, until somebody asks for it again.

    Raises
    ------
    LostLeaseError
        If somebody else has the fetch by now.
    """
    _change(db, fetch, state=JobState.FAILED, error=error, lease_until=None, finished_at=now())


def put_back(
    db: Database, fetch: Fetch, error: str | None, *, pause_seconds: float, counted: bool = True
) -> None:
    """Return a fetch for another attempt after a pause.

    Parameters
    ----------
    db, fetch
        Where, and what.
    error
        What kept it from being done; None keeps what was said before.
    pause_seconds
        How long nobody is to claim it.
    counted
        Whether it was an attempt of this study's own; a peer that is away is not its fault.

    Raises
    ------
    LostLeaseError
        If somebody else has the fetch by now.
    """
    values: dict[str, Any] = {} if error is None else {"error": error}
    if not counted:
        values["attempts"] = fetch.attempts - 1
    _change(
        db,
        fetch,
        state=JobState.WAITING,
        worker=None,
        lease_until=None,
        due_at=now() + timedelta(seconds=pause_seconds),
        **values,
    )


def release_lost(db: Database) -> int:
    """Put fetches back whose holder fell silent or is gone; they count as attempts.

    Returns
    -------
    int
        How many.
    """
    claimed = Retrieval.state == JobState.CLAIMED
    with db.read() as session:
        held = session.execute(select(Retrieval.worker, Retrieval.lease_until).where(claimed)).all()
    gone = {name for name, _ in held if name is not None and is_gone(name)}
    if not gone and not any(until is not None and until < now() for _, until in held):
        return 0
    late = (claimed, or_(Retrieval.lease_until < now(), Retrieval.worker.in_(gone)))
    with db.write() as session:
        released = session.execute(
            update(Retrieval)
            .where(*late)
            .values(
                state=JobState.WAITING,
                worker=None,
                lease_until=None,
                error="whoever fetched it stopped answering",
            )
            .returning(Retrieval.id)
        ).all()
        return len(released)


def _revive(session: Session, wish: Wish) -> bool:
    revived = session.execute(
        update(Retrieval)
        .where(
            Retrieval.campaign == wish.campaign,
            Retrieval.peer_id == wish.peer_id,
            Retrieval.study_uid == wish.study_uid,
            Retrieval.purpose == wish.purpose,
            Retrieval.state == JobState.FAILED,
        )
        .values(
            state=JobState.WAITING,
            attempts=0,
            due_at=wish.due_at or now(),
            series_uids=list(wish.series_uids),
            finished_at=None,
        )
        .returning(Retrieval.id)
    ).first()
    return revived is not None


def _change(db: Database, fetch: Fetch, **values: Any) -> None:
    with db.write() as session:
        changed = session.execute(
            update(Retrieval)
            .where(
                Retrieval.id == fetch.retrieval_id,
                Retrieval.state == JobState.CLAIMED,
                Retrieval.token == fetch.token,
            )
            .values(**values)
            .returning(Retrieval.id)
        ).first()
    if changed is None:
        message = f"retrieval {fetch.retrieval_id} is no longer held under token {fetch.token}"
        raise LostLeaseError(message)
