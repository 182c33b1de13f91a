"""Who has a study open in the reading room: told by the page itself, every few seconds."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.clock import now
from db.films import lock_study
from db.insert import insert_if_absent
from db.models import Account, Opening
from db.positive_flags import flags_to_come

TELLS_EVERY: Final = timedelta(seconds=15)
"""How often a page tells that it is open."""
SILENT_AFTER: Final = 3 * TELLS_EVERY
"""Without a word after which nobody is said to have the study open: a browser may just vanish."""


@dataclass(frozen=True, slots=True)
class OpenedBy:
    """A person who has a study open.

    Parameters
    ----------
    account_id, person_name
        Who; the name as DICOM writes it.
    since
        Since when.
    """

    account_id: int
    person_name: str
    since: datetime


def note_open(session: Session, study_id: int, account_id: int, *, shown: bool) -> None:
    """Note that a person has a study open, and when somebody first had.

    Parameters
    ----------
    session
        A writing session.
    study_id, account_id
        Which, and who.
    shown
        Whether the person was shown just now what is known of it: flags that came since a page was
        opened are not seen by its being open still, nor those of a film that is being read, of
        which a page shows nothing.
    """
    at = now()
    insert_if_absent(session, Opening, study_id=study_id, account_id=account_id)
    row = session.scalars(
        select(Opening)
        .where(Opening.study_id == study_id, Opening.account_id == account_id)
        .with_for_update()
    ).one()
    if row.closed_at is not None or row.seen_at < at - SILENT_AFTER:
        row.opened_at = at
    row.seen_at = at
    row.closed_at = None
    if shown:
        study = lock_study(session, study_id)
        study.opened_at = study.opened_at or at
        if study.unseen_since is not None and not flags_to_come(session, study_id):
            study.unseen_since = None


def note_closed(session: Session, study_id: int, account_id: int) -> None:
    """Note that a person left a study; parameters as of `note_open`."""
    session.execute(
        update(Opening)
        .where(
            Opening.study_id == study_id,
            Opening.account_id == account_id,
            Opening.closed_at.is_(None),
        )
        .values(closed_at=now())
    )


def opened_by(session: Session, study_ids: Sequence[int]) -> dict[int, tuple[OpenedBy, ...]]:
    """List who has each study open now, the first to open it first.

    Parameters
    ----------
    session
        Any session.
    study_ids
        Which; one that nobody has open is left out.
    """
    found: dict[int, list[OpenedBy]] = defaultdict(list)
    rows = session.execute(
        select(Opening, Account.person_name)
        .join(Account, Account.id == Opening.account_id)
        .where(
            Opening.study_id.in_(study_ids),
            Opening.closed_at.is_(None),
            Opening.seen_at > now() - SILENT_AFTER,
        )
        .order_by(Opening.opened_at, Opening.id)
    )
    for row, name in rows:
        found[row.study_id].append(OpenedBy(row.account_id, name, row.opened_at))
    return {study_id: tuple(persons) for study_id, persons in found.items()}
