"""Which files are needed no more: the rule of retention, as conditions that the database checks.

A film's file goes when nobody has anything left to do with its study and nothing has happened to
it for long enough; a result's, when every peer has it. What anybody may still need stays, however
old it is: see docs/adr/0035-what-retention-removes.md for each line.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

from sqlalchemy import ColumnElement, and_, exists, false, func, not_, or_, select
from sqlalchemy.orm import aliased

from core.settings import RetentionSettings
from core.states import DeliveryState, FilmState, JobKind, JobState, Purpose, ReviewState
from db.commitments import awaits_commitment
from db.models import (
    Delivery,
    Instance,
    Job,
    Quarantine,
    ReadingRow,
    Rejection,
    ReportVersionRow,
    ResultObject,
    Retrieval,
    ReviewRow,
    SignedReport,
    Study,
)

UNDELIVERED: Final = (
    DeliveryState.WAITING,
    DeliveryState.HELD,
    DeliveryState.FAILED,
    DeliveryState.REHEARSED,
)
"""States of a delivery whose peer does not have the object."""
_UNREAD: Final = (FilmState.QUEUED, FilmState.READING, FilmState.FAILED)
_ENDED: Final = (FilmState.RECEIVED, FilmState.READ, FilmState.NOT_READ)
_OPEN: Final = (JobState.WAITING, JobState.CLAIMED)
_STORAGE: Final = "1.2.840.10008.5.1.4.1.1."
_DOCUMENTS: Final = tuple(f"{_STORAGE}{number}.%" for number in (11, 88, 104))
"""Presentation states, structured reports and key objects, encapsulated documents: small, without
pixels, and what priors are read from."""


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """Before when something must have happened last, by the site's settings.

    Parameters
    ----------
    films
        To a study that a person reported on, or that nobody is to report on.
    unreviewed
        To one that nobody reported on; None keeps its films.
    results
        To a result object.
    quarantine
        To an object that was kept aside; None keeps it.
    """

    films: datetime
    unreviewed: datetime | None
    results: datetime
    quarantine: datetime | None

    @classmethod
    def at(cls, at: datetime, settings: RetentionSettings) -> Self:
        """Give those that hold at a time."""

        def before(days: float) -> datetime:
            return at - timedelta(days=days)

        unreviewed, quarantine = settings.unreviewed_films_days, settings.quarantine_days
        return cls(
            films=before(settings.films_days),
            unreviewed=None if unreviewed is None else before(unreviewed),
            results=before(settings.results_days),
            quarantine=None if quarantine is None else before(quarantine),
        )


def film_may_go(cutoffs: Cutoffs) -> ColumnElement[bool]:
    """Give the condition under which the file of an `Instance`, joined with its `Study`, goes."""
    old_enough = or_(
        and_(_reported_on(), _quiet_since(cutoffs.films)),
        false() if cutoffs.unreviewed is None else _quiet_since(cutoffs.unreviewed),
    )
    ended: ColumnElement[bool] = Instance.state.in_(_ENDED)
    if cutoffs.quarantine is not None:
        unusable = Instance.state == FilmState.QUARANTINED
        ended = or_(ended, and_(unusable, _quiet_since(cutoffs.quarantine)))
    latest = max(cutoffs.films, cutoffs.unreviewed or cutoffs.films)
    return and_(
        Instance.removed_at.is_(None),
        Instance.received_at < latest,
        *(not_(Instance.sop_class_uid.like(document)) for document in _DOCUMENTS),
        ended,
        not_(_has_work()),
        old_enough,
        not_(_stands_beside_a_draft(cutoffs)),
    )


def result_may_go(cutoffs: Cutoffs) -> ColumnElement[bool]:
    """Give the condition under which the file of a `ResultObject` goes.

    A message stays: later ones on the same film are made from it. So does what is for nobody.
    """
    delivery = exists().where(Delivery.result_id == ResultObject.id)
    return and_(
        ResultObject.removed_at.is_(None),
        ResultObject.sop_class_uid != "",
        ResultObject.created_at < cutoffs.results,
        delivery,
        not_(delivery.where(or_(_is_undelivered(), Delivery.changed_at >= cutoffs.results))),
    )


def quarantined_may_go(cutoffs: Cutoffs) -> ColumnElement[bool]:
    """Give the condition under which the file of a `Quarantine` row goes."""
    if cutoffs.quarantine is None:
        return false()
    return and_(Quarantine.removed_at.is_(None), Quarantine.last_at < cutoffs.quarantine)


def _has_work() -> ColumnElement[bool]:
    """Tell that something of a study is unread, failed, under way or undelivered."""
    film = aliased(Instance)
    return or_(
        exists().where(film.study_id == Study.id, film.state.in_(_UNREAD)),
        exists().where(Job.study_id == Study.id, Job.state.in_((*_OPEN, JobState.FAILED))),
        _is_unbuilt(),
        exists().where(Retrieval.study_uid == Study.uid, Retrieval.state.in_(_OPEN)),
        exists().where(
            ResultObject.study_id == Study.id,
            Delivery.result_id == ResultObject.id,
            _is_undelivered(),
        ),
    )


def _is_unbuilt() -> ColumnElement[bool]:
    """Tell that results were never built, since the job was cancelled: it may be retried."""
    film = aliased(Instance)
    return and_(
        exists().where(
            Job.study_id == Study.id,
            Job.kind == JobKind.PUBLISH,
            Job.state == JobState.CANCELLED,
        ),
        exists().where(
            film.study_id == Study.id,
            film.purpose == Purpose.READ,
            film.rejection_code.is_(None),
            ReadingRow.instance_id == film.id,
            ReadingRow.current,
            ReadingRow.completed_at.is_not(None),
            ReportVersionRow.reading_id == ReadingRow.id,
            ReportVersionRow.published_at.is_(None),
            # After a signed report nothing else is built.
            or_(ReportVersionRow.final, not_(_is_signed(Study.id))),
        ),
    )


def _is_undelivered() -> ColumnElement[bool]:
    return or_(Delivery.state.in_(UNDELIVERED), awaits_commitment())


def _reported_on() -> ColumnElement[bool]:
    """Tell that a person reported on a study, here or elsewhere, or that nobody is to."""
    film = aliased(Instance)
    today = exists().where(
        film.study_id == Study.id,
        film.purpose == Purpose.READ,
        film.state != FilmState.RECEIVED,
    )
    return or_(Study.review != ReviewState.NONE, _is_signed(Study.id), not_(today))


def _is_signed(study_id: Any) -> ColumnElement[bool]:
    return exists().where(SignedReport.study_id == study_id)


def _quiet_since(cutoff: datetime) -> ColumnElement[bool]:
    """Tell that nothing happened to a study since then."""
    film, result = aliased(Instance), aliased(ResultObject)
    return not_(
        or_(
            Study.received_at >= cutoff,
            exists().where(film.study_id == Study.id, film.received_at >= cutoff),
            exists().where(
                ReadingRow.study_id == Study.id,
                func.coalesce(ReadingRow.completed_at, ReadingRow.flagged_at) >= cutoff,
            ),
            exists().where(
                ReadingRow.study_id == Study.id,
                ReportVersionRow.reading_id == ReadingRow.id,
                ReportVersionRow.created_at >= cutoff,
            ),
            exists().where(
                result.study_id == Study.id,
                Delivery.result_id == result.id,
                Delivery.changed_at >= cutoff,
            ),
            exists().where(ReviewRow.study_id == Study.id, ReviewRow.at >= cutoff),
            exists().where(SignedReport.study_id == Study.id, SignedReport.received_at >= cutoff),
            exists().where(Rejection.study_uid == Study.uid, Rejection.received_at >= cutoff),
        )
    )


def _stands_beside_a_draft(cutoffs: Cutoffs) -> ColumnElement[bool]:
    """Tell that a study is a prior of a later one that a person has still to report on.

    The patient is the same as in `db.priors`.
    """
    later, film = aliased(Study), aliased(Instance)
    pending = [
        later.patient_id == Study.patient_id,
        later.issuer == Study.issuer,
        later.id != Study.id,
        _taken(later) > _taken(Study),
        later.review == ReviewState.NONE,
        not_(_is_signed(later.id)),
        exists().where(
            film.study_id == later.id,
            film.purpose == Purpose.READ,
            film.rejection_code.is_(None),
            film.state.in_((*_UNREAD, FilmState.READ)),
        ),
    ]
    if cutoffs.unreviewed is not None:
        # Whoever has not reported on it by then does not.
        pending.append(later.received_at >= cutoffs.unreviewed)
    return and_(Study.patient_id != "", select(later.id).where(*pending).exists())


def _taken(study: Any) -> ColumnElement[datetime]:
    return func.coalesce(study.acquired_at, study.received_at)
