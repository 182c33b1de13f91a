"""All that is known of one study, for whoever looks at it alone."""

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from db.models import (
    Delivery,
    Instance,
    ReadingRow,
    Rejection,
    ReportVersionRow,
    ResultObject,
    Retrieval,
    ReviewRow,
    SignedReport,
    Study,
)
from db.priors import Prior, priors_of
from db.quarantine import waiting_notes
from db.retractions import TakeBack, take_backs
from db.unbuilt import unbuilt


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """A study with everything that belongs to it, oldest first.

    Parameters
    ----------
    study
        Its row.
    films
        Its instances.
    readings
        Of its films, superseded ones and those in shadow among them.
    versions
        Of its reports.
    reviews
        What persons did with its drafts.
    failures
        Why results of it were not built, or not all of them.
    deliveries
        Of its results, each with `result`, `peer` and `commitment`.
    rejections
        What rejection notes say of its instances.
    signed
        Signed reports of it.
    retrievals
        Fetches of it, and of priors for it.
    priors
        Earlier studies that stand beside it, newest first.
    left_behind
        At which peers a rejected draft, or the draft of a rejected film, remains, and how far its
        taking back is.
    waiting_notes
        Why rejection notes on its films were set aside; these have no effect.
    """

    study: Study
    films: tuple[Instance, ...]
    readings: tuple[ReadingRow, ...]
    versions: tuple[ReportVersionRow, ...]
    reviews: tuple[ReviewRow, ...]
    failures: tuple[str, ...]
    results: tuple[ResultObject, ...]
    deliveries: tuple[Delivery, ...]
    rejections: tuple[Rejection, ...]
    signed: tuple[SignedReport, ...]
    retrievals: tuple[Retrieval, ...]
    priors: tuple[Prior, ...]
    left_behind: dict[str, TakeBack]
    waiting_notes: tuple[str, ...]


def study_facts(session: Session, study_uid: str) -> StudyFacts | None:
    """Gather what is known of a study; None where nothing of it ever came in.

    Parameters
    ----------
    session
        A reading session.
    study_uid
        Its Study Instance UID.
    """
    study = session.scalars(select(Study).where(Study.uid == study_uid)).one_or_none()
    if study is None:
        return None
    readings = session.scalars(
        select(ReadingRow)
        .where(ReadingRow.study_id == study.id)
        .order_by(ReadingRow.flagged_at, ReadingRow.id)
    ).all()
    return StudyFacts(
        study=study,
        films=tuple(
            session.scalars(
                select(Instance).where(Instance.study_id == study.id).order_by(Instance.id)
            )
        ),
        readings=tuple(readings),
        versions=tuple(
            session.scalars(
                select(ReportVersionRow)
                .where(ReportVersionRow.reading_id.in_([reading.id for reading in readings]))
                .order_by(ReportVersionRow.created_at, ReportVersionRow.number)
            )
        ),
        reviews=tuple(
            session.scalars(
                select(ReviewRow).where(ReviewRow.study_id == study.id).order_by(ReviewRow.id)
            )
        ),
        failures=unbuilt(session, [study.id]).get(study.id, ()),
        results=tuple(
            session.scalars(
                select(ResultObject)
                .where(ResultObject.study_id == study.id)
                .order_by(ResultObject.id)
            )
        ),
        deliveries=tuple(
            session.scalars(
                select(Delivery)
                .join(Delivery.result)
                .where(ResultObject.study_id == study.id)
                .options(
                    joinedload(Delivery.result),
                    joinedload(Delivery.peer),
                    joinedload(Delivery.commitment),
                )
                .order_by(Delivery.id)
            )
        ),
        rejections=tuple(
            session.scalars(
                select(Rejection).where(Rejection.study_uid == study.uid).order_by(Rejection.id)
            )
        ),
        signed=tuple(
            session.scalars(
                select(SignedReport)
                .where(SignedReport.study_id == study.id)
                .order_by(SignedReport.id)
            )
        ),
        retrievals=tuple(
            session.scalars(
                select(Retrieval)
                .where(or_(Retrieval.study_uid == study.uid, Retrieval.for_study_id == study.id))
                .order_by(Retrieval.id)
            )
        ),
        priors=tuple(priors_of(session, study.id)),
        left_behind=take_backs(session, [study.id]).get(study.id, {}),
        waiting_notes=waiting_notes(session, study.uid),
    )
