"""What was fetched: which fetch an object came in through, and how far the fetches are.

An object that arrives at the second AE title, and whose study nobody asked for, is nobody's.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from core.clock import now
from core.states import JobState, Purpose
from db.engine import Database
from db.models import Instance, Peer, Quarantine, Retrieval, Study

STRAGGLERS: Final = timedelta(hours=1)
"""How long after a fetch ended its objects may still come in."""
_OPEN: Final = (JobState.WAITING, JobState.CLAIMED)


@dataclass(frozen=True, slots=True)
class Fetched:
    """The fetch that an object came in through.

    Parameters
    ----------
    retrieval_id, purpose
        Which, and what for.
    patient_id, issuer
        Whose the study should be.
    """

    retrieval_id: int
    purpose: Purpose
    patient_id: str
    issuer: str


def retrieval_for(session: Session, study_uid: str, calling_ae: str) -> Fetched | None:
    """Look up what an object that arrived at the second AE title was fetched for.

    Parameters
    ----------
    session
        A reading session.
    study_uid
        Its study.
    calling_ae
        Who sends it: the peer that was asked, or another enabled one on the same host, since
        many archives send under another AE title than they are asked under.

    Returns
    -------
    Fetched or None
        Of the fetch that is under way, else of the one that is open or ended last, an hour ago
        at most; None where nobody asked for it.
    """
    sender = aliased(Peer)
    same_place = exists().where(
        sender.enabled,
        sender.ae_title == calling_ae,
        or_(sender.id == Retrieval.peer_id, sender.host == Peer.host),
    )
    row = session.scalars(
        select(Retrieval)
        .join(Peer, Peer.id == Retrieval.peer_id)
        .where(
            Retrieval.study_uid == study_uid,
            or_(Retrieval.state.in_(_OPEN), Retrieval.finished_at >= now() - STRAGGLERS),
            same_place,
        )
        .order_by(
            case(
                (Retrieval.state == JobState.CLAIMED, 0),
                (Retrieval.state == JobState.WAITING, 1),
                else_=2,
            ),
            Retrieval.finished_at.desc(),
            Retrieval.id.desc(),
        )
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return Fetched(row.id, row.purpose, row.patient_id, row.issuer)


@dataclass(frozen=True, slots=True)
class RetrievalCounts:
    """How far the fetches are.

    Parameters
    ----------
    waiting, claimed, done, failed
        Numbers of fetches in each state.
    objects
        Objects that peers say they sent.
    last_error
        What was said last of one that is not done.
    """

    waiting: int = 0
    claimed: int = 0
    done: int = 0
    failed: int = 0
    objects: int = 0
    last_error: str | None = None

    @property
    def open(self) -> int:
        """How many are still to come."""
        return self.waiting + self.claimed


def retrieval_counts(session: Session, campaign: str | None = None) -> RetrievalCounts:
    """Count the fetches of a campaign, or all of them."""
    chosen = () if campaign is None else (Retrieval.campaign == campaign,)
    rows = session.execute(
        select(Retrieval.state, func.count(), func.sum(Retrieval.completed))
        .where(*chosen)
        .group_by(Retrieval.state)
    ).all()
    by_state = {state: count for state, count, _ in rows}
    error = session.scalars(
        select(Retrieval.error)
        .where(*chosen, Retrieval.state != JobState.DONE, Retrieval.error.is_not(None))
        .order_by(Retrieval.token.desc(), Retrieval.id.desc())
        .limit(1)
    ).first()
    return RetrievalCounts(
        waiting=by_state.get(JobState.WAITING, 0),
        claimed=by_state.get(JobState.CLAIMED, 0),
        done=by_state.get(JobState.DONE, 0),
        failed=by_state.get(JobState.FAILED, 0),
        objects=sum(int(objects) for _, _, objects in rows),
        last_error=error,
    )


def anything_came(db: Database, study_uid: str) -> bool:
    """Tell whether any object of a study is here, be it kept aside."""
    with db.read() as session:
        instance = select(Instance.id).join(Instance.study).where(Study.uid == study_uid)
        aside = select(Quarantine.id).where(Quarantine.study_uid == study_uid)
        return any(session.execute(one.limit(1)).first() for one in (instance, aside))


def refused_since(db: Database, peer_id: int, at: datetime) -> str | None:
    """Give why an object of a peer was kept aside here last.

    Parameters
    ----------
    db
        Where.
    peer_id
        Who sent it, under its own AE title or that of another peer on its host.
    at
        Earlier ones do not count.

    Returns
    -------
    str or None
        The reason; None where nothing was.
    """
    sender = aliased(Peer)
    titles = select(sender.ae_title).join(Peer, Peer.host == sender.host).where(Peer.id == peer_id)
    reasons = (
        select(Quarantine.reason)
        .where(Quarantine.last_at >= at, Quarantine.calling_ae.in_(titles))
        .order_by(Quarantine.last_at.desc())
        .limit(1)
    )
    with db.read() as session:
        return session.scalars(reasons).first()
