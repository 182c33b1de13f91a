"""Calls about one study: its films, their states, and what models and persons said of them."""

from collections import defaultdict
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts import AccountRole
from db.models import Instance, ReadingRow
from db.study_facts import StudyFacts, study_facts
from db.verdicts import judgements_of
from web.access.guard import GuardedRouter
from web.access.refusals import NoSuchThingError
from web.access.studies import study_of
from web.access.who import Person
from web.api.study_values import (
    ActValues,
    FilmValues,
    ReadingSummary,
    ReadingValues,
    StudyValues,
    VerdictValues,
    VersionText,
)
from web.services import Given

router = GuardedRouter()
_ROLES: Final = (AccountRole.RADIOLOGIST,)
_STUDY: Final = "/api/v1/studies/{study_uid}"


@router.call(_STUDY, roles=_ROLES, tags=["studies"])
def study(ours: Given, who: Person, study_uid: str) -> StudyValues:
    """Give a study with its films, readings, versions of reports and verdicts.

    Readings of a model in shadow are not among them; `read_in_shadow` says that there are some.
    """
    found = study_of(ours, who, study_uid)
    with ours.db.read() as session:
        facts = study_facts(session, found.uid)
        if facts is None:
            message = "there is no such study"
            raise NoSuchThingError(message)
        films = _films(session, facts)
    return StudyValues.of(facts.study, signed_reports=len(facts.signed), films=films)


@router.call(f"{_STUDY}/films/{{film_uid}}/reading", roles=_ROLES, tags=["studies"])
def reading(ours: Given, who: Person, study_uid: str, film_uid: str) -> ReadingValues:
    """Give the whole reading of a film that stands; 404 where there is none to be shown."""
    found = study_of(ours, who, study_uid)
    query = (
        select(ReadingRow)
        .join(Instance, Instance.id == ReadingRow.instance_id)
        .where(
            Instance.study_id == found.id,
            Instance.uid == film_uid,
            Instance.rejection_code.is_(None),
            ReadingRow.current,
            ReadingRow.completed_at.is_not(None),
            ReadingRow.withdrawn_code.is_(None),
            ~ReadingRow.shadow,
        )
    )
    with ours.db.read() as session:
        row = session.scalars(query).one_or_none()
    if row is None or row.completed_at is None:
        message = "there is no such film, or no reading of it that stands"
        raise NoSuchThingError(message)
    return ReadingValues.of(row, film_uid, row.completed_at)


def _films(session: Session, facts: StudyFacts) -> list[FilmValues]:
    shown: dict[int, list[ReadingSummary]] = defaultdict(list)
    for row in facts.readings:
        if not row.shadow:
            shown[row.instance_id].append(_summary(session, facts, row))
    in_shadow = {row.instance_id for row in facts.readings if row.shadow}
    return [
        FilmValues.of(film, in_shadow=film.id in in_shadow, readings=shown[film.id])
        for film in facts.films
    ]


def _summary(session: Session, facts: StudyFacts, row: ReadingRow) -> ReadingSummary:
    return ReadingSummary(
        id=row.id,
        current=row.current,
        whole=row.completed_at is not None,
        model=row.model,
        demo=row.demo,
        tier=row.tier.name.lower(),
        flags=row.flags,
        flagged_at=row.flagged_at,
        completed_at=row.completed_at,
        withdrawn_code=row.withdrawn_code,
        versions=[VersionText.of(one) for one in facts.versions if one.reading_id == row.id],
        acts=[ActValues.of(one) for one in facts.reviews if one.reading_id == row.id],
        verdicts=[VerdictValues.of(one) for one in judgements_of(session, row.id)],
    )
