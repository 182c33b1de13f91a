"""Which of a study's frontal films comes first: PA before AP, newer before older."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.states import Purpose
from db.models import Instance, ReadingRow

_ORDER = {"PA": 0, "AP": 1}


def preference(film: Instance) -> tuple[int, float, int]:
    """Give the key by which a study's films are sorted, the preferred one first."""
    taken: datetime = film.acquired_at or film.received_at
    return (_ORDER.get(film.view, len(_ORDER)), -taken.timestamp(), -film.id)


def frontals_of(session: Session, study_id: int) -> list[Instance]:
    """List the films of a study that have a draft for today's reading room, the preferred first.

    What becomes of another pass over a film does not take away the draft that it has.
    """
    films = session.scalars(
        select(Instance)
        .join(ReadingRow, ReadingRow.instance_id == Instance.id)
        .where(
            Instance.study_id == study_id,
            Instance.purpose == Purpose.READ,
            Instance.rejection_code.is_(None),
            ReadingRow.current,
            ReadingRow.completed_at.is_not(None),
        )
    )
    return sorted(films, key=preference)
