"""Which of a study's frontal films comes first: PA before AP, newer before older."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.states import FilmState, Purpose
from db.models import Instance

_ORDER = {"PA": 0, "AP": 1}


def preference(film: Instance) -> tuple[int, float, int]:
    """Give the key by which a study's films are sorted, the preferred one first."""
    taken: datetime = film.acquired_at or film.received_at
    return (_ORDER.get(film.view, len(_ORDER)), -taken.timestamp(), -film.id)


def frontals_of(session: Session, study_id: int) -> list[Instance]:
    """List the films of a study that were read for today's reading room, the preferred first."""
    films = session.scalars(
        select(Instance).where(
            Instance.study_id == study_id,
            Instance.purpose == Purpose.READ,
            Instance.state == FilmState.READ,
        )
    )
    return sorted(films, key=preference)
