"""How many studies stand where: for the heads of the worklist's parts, and for whoever watches."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.places import Place
from core.states import StudyState
from core.triage import Tier
from db.models import Study
from db.worklist_filters import is_overdue


@dataclass(frozen=True, slots=True)
class WorklistCounts:
    """Numbers of studies, without any filter.

    Parameters
    ----------
    drafts
        That wait for a person, by tier.
    no_result
        That have no result to show, by state; those that were read in shadow are `not_read`.
    overdue
        Of which a positive flag has waited too long for somebody to open it.
    """

    drafts: dict[Tier, int]
    no_result: dict[StudyState, int]
    overdue: int

    def of(self, place: Place) -> int:
        """Give the number of studies of a part of the worklist where persons have work to do."""
        return sum((self.drafts if place is Place.DRAFTS else self.no_result).values())


def worklist_counts(session: Session, unopened_after: timedelta) -> WorklistCounts:
    """Count; what is done is not counted, since it only grows.

    Parameters
    ----------
    session
        A reading session.
    unopened_after
        How long a positive flag may wait.
    """
    drafts = session.execute(
        select(Study.tier, func.count()).where(Study.place == Place.DRAFTS).group_by(Study.tier)
    )
    no_result = session.execute(
        select(Study.state, func.count())
        .where(Study.place == Place.NO_RESULT)
        .group_by(Study.state)
    )
    overdue = select(func.count()).select_from(Study).where(is_overdue(unopened_after))
    return WorklistCounts(dict(drafts.all()), dict(no_result.all()), session.scalars(overdue).one())
