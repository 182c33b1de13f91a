"""Stored films and our results as the objects of their studies, for whoever asks over DICOMweb.

What was kept aside is none of them. Of the results there are those that stand: objects of a film's
current reading that nothing replaced and nobody took back, and of no model in shadow; reports only
of its latest version. HL7 messages and our rejection notes are no documents to look at.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from core.states import REVIEWED_KINDS, FilmState, ResultKind
from db.models import Instance, ReadingRow, ReportVersionRow, ResultObject

SHOWN_KINDS: Final = tuple(
    kind for kind in ResultKind if kind not in {ResultKind.ORU, ResultKind.REJECTION}
)
"""Kinds of results that are documents or pictures."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object with its file.

    Parameters
    ----------
    study_id
        Whose.
    uid, sop_class_uid, series_uid
        As in its header; the series is empty for results that an early release made.
    transfer_syntax_uid
        Of its file; empty for results, whose file says it.
    path
        Its file; where `pixels_removed`, a file of its header alone.
    pixels_removed
        Whether the rule of retention took its pixels.
    """

    study_id: int
    uid: str
    sop_class_uid: str
    series_uid: str
    transfer_syntax_uid: str
    path: Path
    pixels_removed: bool = False


def stored_objects(
    session: Session, study_ids: Collection[int]
) -> dict[int, tuple[StoredObject, ...]]:
    """Give the objects of studies: what came in first, oldest first, then our results.

    Parameters
    ----------
    session
        A reading session.
    study_ids
        Which studies; one without any object is left out.
    """
    found: dict[int, list[StoredObject]] = defaultdict(list)
    for film in session.scalars(
        select(Instance)
        .where(Instance.study_id.in_(study_ids), Instance.state != FilmState.QUARANTINED)
        .order_by(Instance.id)
    ):
        found[film.study_id].append(
            StoredObject(
                film.study_id,
                film.uid,
                film.sop_class_uid,
                film.series_uid,
                film.transfer_syntax_uid,
                Path(film.path),
                pixels_removed=film.removed_at is not None,
            )
        )
    for result in _results(session, study_ids):
        found[result.study_id].append(
            StoredObject(
                result.study_id,
                result.uid,
                result.sop_class_uid,
                result.series_uid,
                "",
                Path(result.path),
            )
        )
    return {study_id: tuple(objects) for study_id, objects in found.items()}


def _results(session: Session, study_ids: Collection[int]) -> list[ResultObject]:
    replaced = select(ResultObject.predecessor_uid).where(
        ResultObject.study_id.in_(study_ids), ResultObject.predecessor_uid.is_not(None)
    )
    later = aliased(ReportVersionRow)
    # What a person overruled does not stand, even while that person's own report is not built or
    # never will be; and no object names a draft as replaced that had not left.
    overruled = (
        select(later.id)
        .where(
            later.reading_id == ReportVersionRow.reading_id,
            later.number > ReportVersionRow.number,
        )
        .exists()
    )
    return list(
        session.scalars(
            select(ResultObject)
            .join(ReadingRow, ReadingRow.id == ResultObject.reading_id)
            .join(ReportVersionRow, ReportVersionRow.id == ResultObject.version_id)
            .where(
                ResultObject.study_id.in_(study_ids),
                ResultObject.kind.in_(SHOWN_KINDS),
                ResultObject.removed_at.is_(None),
                ResultObject.uid.not_in(replaced),
                or_(ResultObject.kind.not_in(REVIEWED_KINDS), ~overruled),
                ReadingRow.current,
                ~ReadingRow.shadow,
                ReadingRow.withdrawn_code.is_(None),
            )
            .order_by(ResultObject.id)
        )
    )
