"""After the longest wait that is allowed, a study that nobody has seen to rises to the top tier.

Whatever the model said of it, or did not say: a study whose film failed, was not read or still
waits rises like every other.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core.clock import now
from core.places import Place
from core.triage import Tier
from db.engine import Database
from db.films import lock_study
from db.models import Study
from db.tiers import raise_tier
from db.triage_policies import triage_at_work

AT_ONCE: Final = 100
"""Studies that rise in one look, each in a transaction of its own; the others do in the next."""
ACTOR: Final = "longest wait"
_WAITING: Final = (Place.DRAFTS, Place.NO_RESULT)
_TOP: Final = max(Tier)


def raise_waiting(db: Database) -> int:
    """Let studies rise that have waited for too long; tell how many did.

    The one that waits longest comes first. What a person opened, reviewed or reported elsewhere
    does not rise, and what rose does not rise again.

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
    studies that still wait, whatever lies behind them in years.
    """
    return (
        Study.place.in_(_WAITING),
        Study.tier < _TOP,
        Study.received_at <= since,
        Study.opened_at.is_(None),
        Study.waited_at.is_(None),
    )
