"""What a page of the worklist shows: a list, beside drafts what has no result, and numbers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from core.clock import now
from core.places import Place
from db.worklist_counts import WorklistCounts
from db.worklist_filters import Filters, Mark, Onlooker
from db.worklist_page import WorklistPage, worklist_page
from web.worklist.query import aside_of

_BESIDE: Final = 30
"""Studies without a result beside the drafts; there is a page of all of them."""


@dataclass(frozen=True, slots=True)
class ShownLists:
    """What is shown.

    Parameters
    ----------
    filters, after
        What was asked for.
    main
        The list.
    beside
        What has no result, beside the drafts; None beside other lists.
    counts
        Without filters.
    at
        When that was so.
    """

    filters: Filters
    after: Mark | None
    main: WorklistPage
    beside: WorklistPage | None
    counts: WorklistCounts
    at: datetime

    @property
    def without_result(self) -> bool:
        """Whether the list itself is that of the studies without a result."""
        return self.filters.place is Place.NO_RESULT

    def age(self, moment: datetime) -> timedelta:
        """Give how long ago something was."""
        return max(self.at - moment, timedelta())


def shown_lists(
    session: Session,
    filters: Filters,
    onlooker: Onlooker,
    after: Mark | None,
    counts: WorklistCounts,
) -> ShownLists:
    """Gather what is shown.

    Parameters
    ----------
    session
        A reading session.
    filters, onlooker
        What is asked for, and by whom.
    after
        Where the page before it ended.
    counts
        The numbers of the worklist.
    """
    beside = aside_of(filters)
    return ShownLists(
        filters=filters,
        after=after,
        main=worklist_page(session, filters, onlooker, after=after),
        beside=None if beside is None else worklist_page(session, beside, onlooker, limit=_BESIDE),
        counts=counts,
        at=now(),
    )
