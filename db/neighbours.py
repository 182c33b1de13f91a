"""The next and the previous study, in the worklist's order."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from db.models import Study
from db.worklist_filters import Filters, Mark, Onlooker
from db.worklist_order import studies_after, studies_before


@dataclass(frozen=True, slots=True)
class Neighbours:
    """UIDs of the studies before and after one; None where it is the first or the last.

    Parameters
    ----------
    previous, next
        Study Instance UIDs.
    """

    previous: str | None
    next: str | None


def neighbours(session: Session, study_id: int, filters: Filters, onlooker: Onlooker) -> Neighbours:
    """Give the studies beside one, without those that the person may not open.

    Parameters
    ----------
    session
        Any session.
    study_id
        The study, which itself may have left the list by now, as a signed one does: then those
        that would be beside it are given.
    filters, onlooker
        Which list, and who looks at it.
    """
    study = session.get_one(Study, study_id)
    mark = Mark(study.tier, study.received_at, study.id)
    # So many at least that one of them is open to the person.
    limit = len(onlooker.closed) + 1
    before = studies_before(session, filters, onlooker, before=mark, limit=limit)
    after = studies_after(session, filters, onlooker, after=mark, limit=limit)
    return Neighbours(_first(before, onlooker), _first(after, onlooker))


def _first(studies: Sequence[Study], onlooker: Onlooker) -> str | None:
    return next((study.uid for study in studies if study.id not in onlooker.closed), None)
