"""Readings across studies, for who evaluates models and sees no patients.

What is given here still names patients, for pseudonyms to be made of and texts to be cleaned by; it
is `web.api.readings` that lets none of it out.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import FindingVerdict, Instance, ReadingRow, Restriction, ReviewRow, Study


@dataclass(frozen=True, slots=True)
class ReadingAbroad:
    """A whole reading with its film, its patient, and what persons said of it.

    Parameters
    ----------
    reading, film, study
        Its rows.
    verdicts
        The words on its findings that count, earliest first: each person's last one on each
        finding, none that was taken back.
    acts
        What persons did with its draft, in order.
    """

    reading: ReadingRow
    film: Instance
    study: Study
    verdicts: tuple[FindingVerdict, ...]
    acts: tuple[ReviewRow, ...]


def readings_abroad(
    session: Session, *, offset: int, limit: int, model_uid: str = ""
) -> list[ReadingAbroad]:
    """Give whole readings, the earliest first; none of a restricted study.

    Parameters
    ----------
    session
        A reading session.
    offset, limit
        Which of them. No reading is ever removed, so later ones come behind.
    model_uid
        Of one model; empty for all.
    """
    query = (
        select(ReadingRow, Instance, Study)
        .join(Instance, Instance.id == ReadingRow.instance_id)
        .join(Study, Study.id == ReadingRow.study_id)
        .where(
            ReadingRow.completed_at.is_not(None),
            ReadingRow.study_id.not_in(select(Restriction.study_id)),
        )
        .order_by(ReadingRow.completed_at, ReadingRow.id)
    )
    if model_uid:
        query = query.where(ReadingRow.model_uid == model_uid)
    rows = session.execute(query.offset(offset).limit(limit)).all()
    ids = [reading.id for reading, _film, _study in rows]
    verdicts, acts = _verdicts(session, ids), _acts(session, ids)
    return [
        ReadingAbroad(reading, film, study, tuple(verdicts[reading.id]), tuple(acts[reading.id]))
        for reading, film, study in rows
    ]


def _verdicts(session: Session, ids: Collection[str]) -> dict[str, list[FindingVerdict]]:
    latest: dict[tuple[str, str, int], FindingVerdict] = {}
    for row in session.scalars(
        select(FindingVerdict).where(FindingVerdict.reading_id.in_(ids)).order_by(FindingVerdict.id)
    ):
        latest[row.reading_id, row.finding_id, row.account_id] = row
    found: dict[str, list[FindingVerdict]] = defaultdict(list)
    for row in latest.values():
        if row.verdict is not None:
            found[row.reading_id].append(row)
    return found


def _acts(session: Session, ids: Collection[str]) -> dict[str, list[ReviewRow]]:
    found: dict[str, list[ReviewRow]] = defaultdict(list)
    query = select(ReviewRow).where(ReviewRow.reading_id.in_(ids)).order_by(ReviewRow.id)
    for row in session.scalars(query):
        found[row.reading_id].append(row)
    return found
