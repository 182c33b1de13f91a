"""One page of the reading room's worklist: what is shown of each study, and where to go on."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.labels import Label
from core.reading import Presence
from core.states import FilmState, Purpose
from db.listed_studies import ListedFlag, ListedPatient, ListedStudy
from db.models import Instance, PositiveFlag, ReadingRow, SignedReport, Study
from db.openings import OpenedBy, opened_by
from db.worklist_filters import Filters, Mark, Onlooker, shown_flag
from db.worklist_order import studies_after

PAGE: Final = 50
"""Studies on one page."""
IN_SHADOW: Final = "read in shadow"
"""Why a film that was read has no result to show."""
_NO_ANSWER: Final = frozenset({FilmState.QUEUED, FilmState.READING, FilmState.FAILED})


@dataclass(frozen=True, slots=True)
class WorklistPage:
    """Some studies of a worklist.

    Parameters
    ----------
    studies
        In order.
    following
        Where the next page begins; None at the end.
    """

    studies: tuple[ListedStudy, ...]
    following: Mark | None


def worklist_page(
    session: Session,
    filters: Filters,
    onlooker: Onlooker,
    *,
    after: Mark | None = None,
    limit: int = PAGE,
) -> WorklistPage:
    """Give one page of the worklist.

    Parameters
    ----------
    session
        A reading session.
    filters, onlooker
        What is shown, and to whom.
    after
        Where the page before it ended.
    limit
        Most studies.
    """
    found = studies_after(session, filters, onlooker, after=after, limit=limit + 1)
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    return WorklistPage(
        _listed(session, shown, onlooker),
        None if last is None else Mark(last.tier, last.received_at, last.id),
    )


@dataclass
class _Beside:
    """What there is of one study beside its row."""

    films: list[tuple[FilmState, str, str | None]] = field(default_factory=list)
    flags: dict[Label, Presence] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    unanswered: bool = False
    later: bool = False
    demo: bool = False
    signed: bool = False


@dataclass(frozen=True, slots=True)
class _ReadingFacts:
    """The little that a list says of a whole reading that may be shown."""

    completed_at: datetime
    current: bool
    demo: bool
    withdrawn: bool


def _listed(
    session: Session, studies: Sequence[Study], onlooker: Onlooker
) -> tuple[ListedStudy, ...]:
    ids = [study.id for study in studies]
    beside: dict[int, _Beside] = defaultdict(_Beside)
    _add_films(session, ids, beside)
    _add_flags(session, ids, beside)
    for study_id in session.scalars(
        select(SignedReport.study_id).where(SignedReport.study_id.in_(ids))
    ):
        beside[study_id].signed = True
    openings = opened_by(session, ids)
    return tuple(
        _row(
            study,
            beside[study.id],
            openings.get(study.id, ()),
            closed=study.id in onlooker.closed,
        )
        for study in studies
    )


def _add_films(session: Session, ids: Sequence[int], beside: dict[int, _Beside]) -> None:
    readings: dict[int, list[_ReadingFacts]] = defaultdict(list)
    for film_id, current, completed_at, demo, withdrawn_code in session.execute(
        select(
            ReadingRow.instance_id,
            ReadingRow.current,
            ReadingRow.completed_at,
            ReadingRow.demo,
            ReadingRow.withdrawn_code,
        ).where(
            ReadingRow.study_id.in_(ids),
            ReadingRow.completed_at.is_not(None),
            ReadingRow.shadow.is_(False),
        )
    ):
        if completed_at is not None:
            facts = _ReadingFacts(completed_at, current, demo, withdrawn_code is not None)
            readings[film_id].append(facts)
    for row in session.execute(
        select(
            Instance.id,
            Instance.study_id,
            Instance.state,
            Instance.view,
            Instance.reason,
            Instance.rejection_code,
        )
        .where(
            Instance.study_id.in_(ids),
            Instance.purpose == Purpose.READ,
            Instance.state != FilmState.RECEIVED,
        )
        .order_by(Instance.id)
    ):
        study = beside[row.study_id]
        study.films.append((row.state, row.view, row.reason))
        shown = readings[row.id]
        if row.state is FilmState.READ and not shown:
            study.reasons.append(IN_SHADOW)
            study.unanswered = True
        study.unanswered |= row.state in _NO_ANSWER
        if row.rejection_code is None:
            study.demo |= any(one.demo for one in shown)
            study.later |= _is_later(shown)


def _is_later(readings: Sequence[_ReadingFacts]) -> bool:
    """Whether a reviewed reading kept a later one from becoming current."""
    current = [one.completed_at for one in readings if one.current]
    return any(
        not one.current and not one.withdrawn and one.completed_at > at
        for one in readings
        for at in current
    )


def _add_flags(session: Session, ids: Sequence[int], beside: dict[int, _Beside]) -> None:
    for row in session.execute(
        select(PositiveFlag.study_id, PositiveFlag.label, PositiveFlag.presence)
        .join(ReadingRow, ReadingRow.id == PositiveFlag.reading_id)
        .join(Instance, Instance.id == PositiveFlag.instance_id)
        .where(PositiveFlag.study_id.in_(ids), *shown_flag())
    ):
        known = beside[row.study_id].flags
        if known.get(row.label) is not Presence.PRESENT:
            known[row.label] = row.presence


def _row(
    study: Study, facts: _Beside, openings: tuple[OpenedBy, ...], *, closed: bool
) -> ListedStudy:
    answered = not facts.unanswered and any(state is FilmState.READ for state, _, _ in facts.films)
    stands = ListedStudy(
        study_id=study.id,
        uid=study.uid,
        place=study.place,
        state=study.state,
        review=study.review,
        tier=study.tier,
        waited=study.waited,
        received_at=study.received_at,
        answered=answered,
    )
    if closed:
        return stands
    reasons = [*facts.reasons, *(reason for _, _, reason in facts.films if reason)]
    return replace(
        stands,
        patient=ListedPatient(
            study.patient_name,
            study.patient_id,
            study.birth_date,
            study.sex,
            study.accession,
            study.description,
        ),
        acquired_at=study.acquired_at,
        views=tuple(dict.fromkeys(view for _, view, _ in facts.films if view)),
        films=tuple(state for state, _, _ in facts.films),
        reasons=tuple(dict.fromkeys(reasons)),
        flags=tuple(ListedFlag(one, facts.flags[one]) for one in Label if one in facts.flags),
        later=facts.later,
        demo=facts.demo,
        signed=facts.signed,
        opened_at=study.opened_at,
        unseen_since=study.unseen_since,
        opened_by=openings,
    )
