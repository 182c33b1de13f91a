"""About which films a model may be asked, and why it may not be asked about the others."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import PermanentError
from core.states import FilmState, Purpose
from db import standings
from db.models import Instance, ReadingRow

IN_SHADOW: Final = "the model is on trial, in shadow: what it says is not shown"
"""Why such a model is not asked."""


class QuestionRefusedError(PermanentError):
    """A question that no model is asked; the text says why."""


def film_of(session: Session, study_id: int, film_uid: str) -> Instance | None:
    """Give an instance of a study; None where it has none of that UID."""
    return session.scalars(
        select(Instance).where(Instance.study_id == study_id, Instance.uid == film_uid)
    ).one_or_none()


def why_not(session: Session, film: Instance) -> str | None:
    """Say why nobody may be asked about a film; None where one may.

    A model is asked only about a film that it was allowed to read and did read, and of which
    today's reading room may see what was said.
    """
    if film.rejection_code is not None:
        return "the film was rejected"
    if film.purpose is not Purpose.READ:
        return "a film that was fetched from an archive is not put before a model"
    if film.removed_at is not None:
        return f"the film's picture was removed by retention on {film.removed_at:%Y-%m-%d}"
    if film.state is FilmState.NOT_READ and film.reason == standings.IN_SHADOW:
        return IN_SHADOW
    if film.state is not FilmState.READ:
        return _UNREAD.get(film.state, "the film has not been read yet")
    # The reading of a model in shadow is never a film's current one.
    readings = session.scalars(
        select(ReadingRow.current).where(ReadingRow.instance_id == film.id)
    ).all()
    return None if any(readings) else IN_SHADOW


_UNREAD: Final = {
    FilmState.RECEIVED: "this object is not read by a model",
    FilmState.NOT_READ: "the film is not read by a model",
    FilmState.FAILED: "the film's reading failed",
    FilmState.QUARANTINED: "the film is kept aside",
}
