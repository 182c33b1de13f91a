"""What came in and has no reading for good: films that were not read or failed, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from core.states import FilmState, Purpose
from db.models import Instance, Study

NO_READING: Final = (FilmState.FAILED, FilmState.QUARANTINED, FilmState.NOT_READ)
"""The states of films of which there is no reading and, by themselves, will be none."""
MOST_REASONS: Final = 200
"""Reasons that are listed at most."""


@dataclass(frozen=True, slots=True)
class FilmKeptBack:
    """A film without a reading.

    Parameters
    ----------
    film_uid, study_uid, accession
        Which.
    state, reason, rule
        How it ended, why, and by which rule of the policy.
    view, calling_ae
        As its header says, and who sent it.
    received_at
        When it came in.
    """

    film_uid: str
    study_uid: str
    accession: str
    state: FilmState
    reason: str
    rule: str
    view: str
    calling_ae: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class KeptBackReason:
    """How many films ended in one way for one reason."""

    state: FilmState
    reason: str
    films: int


def films_kept_back(
    session: Session, since: datetime, *, state: FilmState | None, limit: int, offset: int = 0
) -> Sequence[FilmKeptBack]:
    """List films without a reading, the newest first.

    Parameters
    ----------
    session
        A reading session.
    since
        Those that came in earlier are left out; so are priors, which are never read.
    state
        Those in this one of `NO_READING`; None is any.
    limit, offset
        How many, and after how many others.
    """
    rows = session.execute(
        select(Instance, Study.uid, Study.accession)
        .join(Instance.study)
        .where(_kept_back(since, state))
        .order_by(Instance.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [
        FilmKeptBack(
            film_uid=film.uid,
            study_uid=study_uid,
            accession=accession,
            state=film.state,
            reason=film.reason or "",
            rule=film.rule,
            view=film.view,
            calling_ae=film.calling_ae,
            received_at=film.received_at,
        )
        for film, study_uid, accession in rows
    ]


def reasons_kept_back(session: Session, since: datetime) -> list[KeptBackReason]:
    """Count the films without a reading by their reasons, the most frequent first."""
    number = func.count()
    rows = session.execute(
        select(Instance.state, func.coalesce(Instance.reason, ""), number)
        .where(_kept_back(since, None))
        .group_by(Instance.state, Instance.reason)
        .order_by(number.desc(), Instance.state, Instance.reason)
        .limit(MOST_REASONS)
    )
    return [KeptBackReason(*row) for row in rows]


def _kept_back(since: datetime, state: FilmState | None) -> ColumnElement[bool]:
    states = NO_READING if state is None else (state,)
    return and_(
        Instance.state.in_(states),
        Instance.purpose != Purpose.PRIOR,
        Instance.received_at >= since,
    )
