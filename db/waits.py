"""After the longest wait that is allowed, a study that nobody has seen to rises to the top tier.

Whatever the model said of it, or did not say: a study whose film failed, was not read or still
waits rises like every other.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from core.clock import now
from core.places import Place
from core.states import Purpose
from core.triage import Tier
from db.engine import Database
from db.films import lock_study
from db.models import Instance, Opening, ReviewRow, Study
from db.tiers import raise_tier
from db.triage_policies import triage_at_work

AT_ONCE: Final = 100
"""Studies that rise in one look, each in a transaction of its own; the others do in the next."""
ACTOR: Final = "longest wait"
_WAITING: Final = (Place.DRAFTS, Place.NO_RESULT)
_TOP: Final = max(Tier)


def raise_waiting(db: Database) -> int:
    """Let studies rise that have waited for too long; tell how many did.

    The one that waits longest comes first. What was reviewed, or reported elsewhere, does not rise,
    and what rose does not rise again. A glance is no end of the wait: where somebody opened a study
    and left it, it waits anew from then on.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer.
    """
    with db.read() as session:
        minutes = triage_at_work(session).policy.longest_wait_minutes
        since = now() - timedelta(minutes=minutes)
        ids = session.scalars(
            select(Study.id).where(*_unseen(since)).order_by(Study.received_at).limit(AT_ONCE)
        ).all()
    return sum(_rises(db, study_id, since, minutes) for study_id in ids)


def _rises(db: Database, study_id: int, since: datetime, minutes: float) -> bool:
    with db.write() as session:
        study = lock_study(session, study_id)
        if not _still(session, study_id, since):
            return False
        raise_tier(session, study, _TOP, actor=ACTOR, waited_minutes=minutes)
        study.waited_at = study.changed_at = now()
        return True


def _still(session: Session, study_id: int, since: datetime) -> bool:
    """Whether it is still so now that nobody else can change the study."""
    found = select(Study.id).where(Study.id == study_id, *_unseen(since))
    return session.scalars(found).first() is not None


def _unseen(since: datetime) -> tuple[ColumnElement[bool], ...]:
    """Give the conditions under which a study has waited for too long.

    By its place it is neither reviewed nor reported, and the place's index leads to the few
    studies that still wait, whatever lies behind them in years. What one looks at beside them is
    indexed by the study.
    """
    # Whoever has a study open says so every few seconds.
    looked = exists().where(Opening.study_id == Study.id, Opening.seen_at > since)
    acted = exists().where(ReviewRow.study_id == Study.id, ReviewRow.at > since)
    reviewed = exists().where(ReviewRow.study_id == Study.id)
    # What was done with waits anew since a film came that nobody has reported on.
    came = exists().where(
        Instance.study_id == Study.id,
        Instance.purpose == Purpose.READ,
        Instance.received_at > since,
    )
    return (
        Study.place.in_(_WAITING),
        Study.tier < _TOP,
        Study.received_at <= since,
        ~looked,
        ~acted,
        ~(reviewed & came),
        Study.waited_at.is_(None),
    )
