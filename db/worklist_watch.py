"""What changed in the worklist since one looked last, for pages that stay open."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import now
from core.places import Place
from core.triage import Tier
from db.models import Opening, Study
from db.openings import SILENT_AFTER

_OVERLAP: Final = timedelta(seconds=30)
"""A change bears the time at which it was made, and is seen once it is committed; clocks of other
machines may be behind, too."""
_MOST: Final = 1000
"""Changes in one look; more than these are not told one by one."""


@dataclass(frozen=True, slots=True)
class ChangedStudy:
    """A study of which something changed: it may have come, gone, risen or been opened.

    Parameters
    ----------
    study_id, uid
        Which.
    place, tier, received_at
        Where it stands now.
    """

    study_id: int
    uid: str
    place: Place
    tier: Tier
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """What one look found.

    Parameters
    ----------
    studies
        Those that changed.
    many
        Whether more changed than are told.
    """

    studies: tuple[ChangedStudy, ...]
    many: bool = False

    def __bool__(self) -> bool:
        return bool(self.studies) or self.many


class WorklistWatch:
    """Looks for changes; each look is a few small questions, whatever the size of the worklist.

    The first one also tells what changed shortly before.
    """

    def __init__(self) -> None:
        self._known: dict[int, datetime] = {}
        self._open: dict[int, frozenset[int]] = {}
        self._mark = now()

    def look(self, session: Session) -> Changes:
        """Give what changed since the last look.

        Parameters
        ----------
        session
            A reading session.
        """
        since = min(self._mark, now()) - _OVERLAP
        columns = (Study.id, Study.uid, Study.place, Study.tier, Study.received_at)
        rows = session.execute(
            select(*columns, Study.changed_at)
            .where(Study.changed_at > since)
            .order_by(Study.changed_at.desc())
            .limit(_MOST)
        ).all()
        changed = {row[0]: row[5] for row in rows}
        found = [ChangedStudy(*row[:5]) for row in rows if self._known.get(row[0]) != row[5]]
        opened = self._opened(session) - {study.study_id for study in found}
        if opened:
            again = session.execute(select(*columns).where(Study.id.in_(opened)))
            found += [ChangedStudy(*row) for row in again]
        self._known = changed
        self._mark = max([self._mark, *changed.values()])
        return Changes(tuple(found), many=len(rows) == _MOST)

    def _opened(self, session: Session) -> set[int]:
        """Give the studies that somebody opened or left."""
        persons: dict[int, set[int]] = defaultdict(set)
        for study_id, account_id in session.execute(
            select(Opening.study_id, Opening.account_id).where(
                Opening.closed_at.is_(None), Opening.seen_at > now() - SILENT_AFTER
            )
        ):
            persons[study_id].add(account_id)
        before, self._open = self._open, {one: frozenset(who) for one, who in persons.items()}
        return {
            study_id
            for study_id in before.keys() | self._open.keys()
            if before.get(study_id) != self._open.get(study_id)
        }
