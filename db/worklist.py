"""The worklist: one row a study, urgent and old ones first; nothing unread looks normal."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, load_only

from core.labels import Label
from core.places import Place
from core.reading import Flag, Presence
from core.reading_json import flag_from_json
from core.states import STORED_STATES, DeliveryState, FilmState, Purpose, ReviewState, StudyState
from core.triage import Tier
from db.frontals import preference
from db.models import (
    Delivery,
    Instance,
    ReadingRow,
    ReportVersionRow,
    ResultObject,
    SignedReport,
    Study,
)
from db.retractions import left_behind
from db.review_state import film_reviews
from db.signed_reports import AFTER_REPORT
from db.status import status_counts
from db.unbuilt import unbuilt

__all__ = ["WorklistRow", "status_counts", "worklist"]


@dataclass(frozen=True, slots=True)
class WorklistRow:
    """A study as the worklist shows it.

    Parameters
    ----------
    study_id, study_uid
        Which.
    patient_id, patient_name, birth_date, sex, accession, description
        As last told.
    state, review, tier
        Where it stands. A study is accepted, edited or rejected once a person said so of every
        film that has a draft.
    reviews
        What was said of each of those films, `none` of those that wait for a person.
    later_readings
        Number of readings that were made after a person accepted or edited the film's draft: their
        flags count, and their drafts stay here.
    acquired_at, received_at
        When it was taken (None: unknown), and when its first object came in.
    films
        States of its instances; what was fetched as a prior or for an audit is none of them.
    reasons
        Why films were not read, failed or were quarantined.
    flagged
        Labels that any reading of any film calls present or uncertain: the union never falls,
        whatever a later reading says. A rejected film's are left out, and so is what was read in
        shadow.
    answered
        Whether any current reading is whole. An empty `flagged` means nothing without it.
    preferred_reading_id
        The reading shown first: PA before AP, newer first; None where there is no whole one.
    demo
        Whether a reading shown here is the demonstration model's.
    deliveries
        Number of deliveries in each state.
    sent_at
        When its last result left; None where none did.
    signed_since
        Since when a signed report of it is known; None where there is none.
    undelivered
        Number of its films whose draft is not delivered since a signed report is known.
    left_behind
        Names of the peers where a rejected draft, or the draft of a rejected film, remains.
    not_built
        Why results of it were not built, or not all of them: what is missing in `deliveries`.
    """

    study_id: int
    study_uid: str
    patient_id: str
    patient_name: str
    birth_date: str
    sex: str
    accession: str
    description: str
    state: StudyState
    review: ReviewState
    tier: Tier
    reviews: tuple[ReviewState, ...]
    later_readings: int
    acquired_at: datetime | None
    received_at: datetime
    films: tuple[FilmState, ...]
    reasons: tuple[str, ...]
    flagged: tuple[Label, ...]
    answered: bool
    preferred_reading_id: str | None
    demo: bool
    deliveries: dict[DeliveryState, int]
    sent_at: datetime | None
    signed_since: datetime | None
    undelivered: int
    left_behind: tuple[str, ...]
    not_built: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What there is of one study beside its row."""

    films: Sequence[Instance]
    readings: Sequence[ReadingRow]
    deliveries: dict[DeliveryState, int]
    sent_at: datetime | None
    signed_since: datetime | None
    undelivered: int
    left_behind: tuple[str, ...]
    not_built: tuple[str, ...]
    reviews: tuple[ReviewState, ...]


def worklist(session: Session, *, limit: int = 1000) -> list[WorklistRow]:
    """List the studies: higher tier first, then the one that came in first.

    A study that was only fetched, as a prior or for an audit, is none of today's; nor is one of
    which nothing was ever to be read, such as that of a CT whose report came in.

    Parameters
    ----------
    session
        A reading session.
    limit
        Most rows.
    """
    studies = session.scalars(
        select(Study)
        .where(Study.place != Place.NOWHERE)
        .order_by(Study.tier.desc(), Study.received_at, Study.id)
        .limit(limit)
    ).all()
    ids = [study.id for study in studies]
    films: dict[int, list[Instance]] = defaultdict(list)
    for film in session.scalars(
        select(Instance)
        .where(Instance.study_id.in_(ids), Instance.purpose == Purpose.READ)
        .order_by(Instance.id)
    ):
        films[film.study_id].append(film)
    readings = _readings(session, ids)
    deliveries, sent = _deliveries(session, ids)
    signed = _signed(session, ids)
    undelivered = _undelivered(session, list(signed))
    behind = left_behind(session, ids)
    missing = unbuilt(session, ids)
    reviews = film_reviews(session, ids)
    return [
        _row(
            study,
            _Facts(
                films[study.id],
                readings[study.id],
                deliveries[study.id],
                sent.get(study.id),
                signed.get(study.id),
                undelivered.get(study.id, 0),
                behind.get(study.id, ()),
                missing.get(study.id, ()),
                reviews.get(study.id, ()),
            ),
        )
        for study in studies
    ]


def _readings(session: Session, study_ids: Sequence[int]) -> dict[int, list[ReadingRow]]:
    found: dict[int, list[ReadingRow]] = defaultdict(list)
    for reading in session.scalars(
        select(ReadingRow)
        .join(ReadingRow.instance)
        .where(
            ReadingRow.study_id.in_(study_ids),
            Instance.purpose == Purpose.READ,
            Instance.rejection_code.is_(None),
            ReadingRow.shadow.is_(False),
        )
        .options(
            load_only(
                ReadingRow.study_id,
                ReadingRow.instance_id,
                ReadingRow.current,
                ReadingRow.flags,
                ReadingRow.demo,
                ReadingRow.completed_at,
                ReadingRow.withdrawn_code,
            )
        )
    ):
        found[reading.study_id].append(reading)
    return found


def _deliveries(
    session: Session, study_ids: Sequence[int]
) -> tuple[dict[int, dict[DeliveryState, int]], dict[int, datetime]]:
    counts: dict[int, dict[DeliveryState, int]] = defaultdict(dict)
    sent: dict[int, datetime] = {}
    for study_id, state, count, last in session.execute(
        select(ResultObject.study_id, Delivery.state, func.count(), func.max(Delivery.sent_at))
        .join(Delivery.result)
        .where(ResultObject.study_id.in_(study_ids))
        .group_by(ResultObject.study_id, Delivery.state)
    ):
        counts[study_id][state] = count
        if state in STORED_STATES and last is not None:
            sent[study_id] = max(last, sent.get(study_id, last))
    return counts, sent


def _signed(session: Session, study_ids: Sequence[int]) -> dict[int, datetime]:
    rows = session.execute(
        select(SignedReport.study_id, func.min(SignedReport.received_at))
        .where(SignedReport.study_id.in_(study_ids))
        .group_by(SignedReport.study_id)
    )
    return {study_id: value for study_id, value in rows}  # noqa: C416 - a row is no tuple to mypy


def _undelivered(session: Session, signed: Sequence[int]) -> dict[int, int]:
    """Count the films of signed studies whose current draft stays here since they are signed."""
    unbuilt = select(ReportVersionRow.reading_id).where(ReportVersionRow.published_at.is_(None))
    of_delivery = select(ResultObject.reading_id).join(
        Delivery, Delivery.result_id == ResultObject.id
    )
    stopped = of_delivery.where(Delivery.words == AFTER_REPORT)
    sent = of_delivery.where(Delivery.state.in_(STORED_STATES))
    rows = session.execute(
        select(ReadingRow.study_id, func.count())
        .join(ReadingRow.instance)
        .where(
            ReadingRow.study_id.in_(signed),
            ReadingRow.current,
            ReadingRow.completed_at.is_not(None),
            Instance.purpose == Purpose.READ,
            or_(ReadingRow.id.in_(unbuilt), ReadingRow.id.in_(stopped)),
            ReadingRow.id.not_in(sent),
        )
        .group_by(ReadingRow.study_id)
    )
    return dict(rows.all())


def _row(study: Study, facts: _Facts) -> WorklistRow:
    current = [reading for reading in facts.readings if reading.current]
    return WorklistRow(
        study_id=study.id,
        study_uid=study.uid,
        patient_id=study.patient_id,
        patient_name=study.patient_name,
        birth_date=study.birth_date,
        sex=study.sex,
        accession=study.accession,
        description=study.description,
        state=study.state,
        review=study.review,
        tier=study.tier,
        reviews=facts.reviews,
        later_readings=_later(facts.readings),
        acquired_at=study.acquired_at,
        received_at=study.received_at,
        films=tuple(film.state for film in facts.films),
        reasons=tuple(dict.fromkeys(film.reason for film in facts.films if film.reason)),
        flagged=_flagged(facts.readings),
        answered=any(reading.completed_at is not None for reading in current),
        preferred_reading_id=_preferred(facts.films, current),
        demo=any(reading.demo for reading in facts.readings),
        deliveries=facts.deliveries,
        sent_at=facts.sent_at,
        signed_since=facts.signed_since,
        undelivered=facts.undelivered,
        left_behind=facts.left_behind,
        not_built=facts.not_built,
    )


def _later(readings: Sequence[ReadingRow]) -> int:
    """Count whole readings that a reviewed one kept from becoming current."""
    current = {
        reading.instance_id: reading.completed_at
        for reading in readings
        if reading.current and reading.completed_at is not None
    }
    return sum(
        reading.completed_at is not None
        and not reading.current
        and reading.withdrawn_code is None
        and reading.instance_id in current
        and reading.completed_at > current[reading.instance_id]
        for reading in readings
    )


def _flagged(readings: Sequence[ReadingRow]) -> tuple[Label, ...]:
    flags: list[Flag] = [flag_from_json(values) for reading in readings for values in reading.flags]
    labels = {flag.label for flag in flags if flag.presence is not Presence.ABSENT}
    return tuple(label for label in Label if label in labels)


def _preferred(films: Sequence[Instance], readings: Sequence[ReadingRow]) -> str | None:
    whole = {
        reading.instance_id: reading.id for reading in readings if reading.completed_at is not None
    }
    read = [film for film in films if film.id in whole]
    return whole[min(read, key=preference).id] if read else None
