"""The rule of retention once more: slow, in plain Python, one question after the other.

It is written from docs/adr/0035-what-retention-removes.md and shares nothing with the conditions
that the database checks.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.settings import RetentionSettings
from core.states import (
    CommitmentWay,
    DeliveryState,
    FilmState,
    JobKind,
    JobState,
    Purpose,
    ReviewState,
)
from db.models import (
    Delivery,
    Instance,
    Job,
    ReadingRow,
    Rejection,
    ReportVersionRow,
    ResultObject,
    Retrieval,
    ReviewRow,
    SignedReport,
    Study,
)

_WITHOUT_PIXELS = ("11.", "88.", "104.")


@dataclass
class Everything:
    """All rows of a small database."""

    studies: list[Study]
    films: list[Instance]
    jobs: list[Job]
    fetches: list[Retrieval]
    readings: list[ReadingRow]
    versions: list[ReportVersionRow]
    results: list[ResultObject]
    deliveries: list[Delivery]
    reviews: list[ReviewRow]
    signed: list[SignedReport]
    notes: list[Rejection]

    @classmethod
    def of(cls, session: Session) -> "Everything":
        """Read all rows; the session must outlive it."""
        return cls(
            list(session.scalars(select(Study))),
            list(session.scalars(select(Instance))),
            list(session.scalars(select(Job))),
            list(session.scalars(select(Retrieval))),
            list(session.scalars(select(ReadingRow))),
            list(session.scalars(select(ReportVersionRow))),
            list(session.scalars(select(ResultObject))),
            list(session.scalars(select(Delivery))),
            list(session.scalars(select(ReviewRow))),
            list(session.scalars(select(SignedReport))),
            list(session.scalars(select(Rejection))),
        )


@dataclass
class Reference:
    """The rule, asked at a time.

    Parameters
    ----------
    known
        All rows.
    at
        Now.
    settings
        The site's.
    """

    known: Everything
    at: datetime
    settings: RetentionSettings

    def films(self) -> set[int]:
        """Give the numbers of the films whose files may go."""
        return {film.id for film in self.known.films if self._film_may_go(film)}

    def results(self) -> set[int]:
        """Give the numbers of the results whose files may go."""
        return {result.id for result in self.known.results if self._result_may_go(result)}

    def _film_may_go(self, film: Instance) -> bool:
        study = next(one for one in self.known.studies if one.id == film.study_id)
        kind = film.sop_class_uid.removeprefix("1.2.840.10008.5.1.4.1.1.")
        if film.removed_at is not None or kind.startswith(_WITHOUT_PIXELS):
            return False
        last = self._last_event(study)
        if film.state is FilmState.QUARANTINED:
            days = self.settings.quarantine_days
            if days is None or last >= self._ago(days):
                return False
        elif film.state in {FilmState.QUEUED, FilmState.READING, FilmState.FAILED}:
            return False
        if self._has_work(study) or self._stands_beside_a_draft(study):
            return False
        unreviewed = self.settings.unreviewed_films_days
        if unreviewed is not None and last < self._ago(unreviewed):
            return True
        return self._needs_no_person(study) and last < self._ago(self.settings.films_days)

    def _result_may_go(self, result: ResultObject) -> bool:
        ways = [one for one in self.known.deliveries if one.result_id == result.id]
        limit = self._ago(self.settings.results_days)
        if result.removed_at is not None or not result.sop_class_uid or not ways:
            return False
        if result.created_at >= limit or any(one.changed_at >= limit for one in ways):
            return False
        return all(self._arrived(one) for one in ways)

    def _arrived(self, way: Delivery) -> bool:
        if way.state is DeliveryState.SENT:
            return way.peer.commitment is CommitmentWay.NONE or way.rejection_uid is not None
        return way.state in {DeliveryState.COMMITTED, DeliveryState.OBSOLETE}

    def _has_work(self, study: Study) -> bool:
        states = {film.state for film in self.known.films if film.study_id == study.id}
        if states & {FilmState.QUEUED, FilmState.READING, FilmState.FAILED}:
            return True
        for job in self.known.jobs:
            if job.study_id == study.id and job.state not in {JobState.DONE, JobState.CANCELLED}:
                return True
        if self._is_unbuilt(study):
            return True
        for fetch in self.known.fetches:
            if fetch.study_uid == study.uid and fetch.state in {
                JobState.WAITING,
                JobState.CLAIMED,
            }:
                return True
        return not all(
            self._arrived(way) for way in self.known.deliveries if way.result.study_id == study.id
        )

    def _is_unbuilt(self, study: Study) -> bool:
        if not any(
            (job.study_id, job.kind, job.state) == (study.id, JobKind.PUBLISH, JobState.CANCELLED)
            for job in self.known.jobs
        ):
            return False
        to_build = {
            reading.id
            for reading in self.known.readings
            for film in self.known.films
            if film.id == reading.instance_id
            and (film.study_id, film.purpose) == (study.id, Purpose.READ)
            and film.rejection_code is None
            and reading.current
            and reading.completed_at is not None
        }
        return any(
            version.reading_id in to_build
            and version.published_at is None
            and (version.final or not self._signed(study))
            for version in self.known.versions
        )

    def _signed(self, study: Study) -> bool:
        return any(report.study_id == study.id for report in self.known.signed)

    def _needs_no_person(self, study: Study) -> bool:
        if study.review is not ReviewState.NONE or self._signed(study):
            return True
        return not any(
            film.study_id == study.id
            and film.purpose is Purpose.READ
            and film.state is not FilmState.RECEIVED
            for film in self.known.films
        )

    def _stands_beside_a_draft(self, study: Study) -> bool:
        return any(self._waits_for_a_person(other, study) for other in self.known.studies)

    def _waits_for_a_person(self, later: Study, study: Study) -> bool:
        same = (later.patient_id, later.issuer) == (study.patient_id, study.issuer)
        if later.id == study.id or not study.patient_id or not same:
            return False
        if (later.acquired_at or later.received_at) <= (study.acquired_at or study.received_at):
            return False
        if later.review is not ReviewState.NONE or self._signed(later):
            return False
        days = self.settings.unreviewed_films_days
        if days is not None and later.received_at < self._ago(days):
            return False
        return any(
            film.study_id == later.id
            and film.purpose is Purpose.READ
            and film.rejection_code is None
            and film.state
            in {FilmState.QUEUED, FilmState.READING, FilmState.FAILED, FilmState.READ}
            for film in self.known.films
        )

    def _last_event(self, study: Study) -> datetime:
        known = self.known
        mine = {one.id for one in known.readings if one.study_id == study.id}
        times = [study.received_at]
        times += [one.received_at for one in known.films if one.study_id == study.id]
        times += [one.completed_at or one.flagged_at for one in known.readings if one.id in mine]
        times += [one.created_at for one in known.versions if one.reading_id in mine]
        times += [one.changed_at for one in known.deliveries if one.result.study_id == study.id]
        times += [one.at for one in known.reviews if one.study_id == study.id]
        times += [one.received_at for one in known.signed if one.study_id == study.id]
        times += [one.received_at for one in known.notes if one.study_uid == study.uid]
        return max(times)

    def _ago(self, days: float) -> datetime:
        return self.at - timedelta(days=days)
