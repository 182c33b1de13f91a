"""Calls by which a page says that a study is open in it, and hears who else has it open."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final, Self

from fastapi import Query
from pydantic import BaseModel

from core.accounts import AccountRole
from core.report import ReportKind, ReportVersion
from db.film_review import film_review
from db.openings import OpenedBy, note_closed, note_open, opened_by
from web.access.guard import GuardedRouter
from web.access.studies import study_of
from web.access.who import Person
from web.services import Given
from web.spoken import spoken_name

router = GuardedRouter()
_PATH: Final = "/api/v1/studies/{study_uid}/opening"
_ROLES: Final = (AccountRole.RADIOLOGIST,)


class OtherReader(BaseModel):
    """Somebody else who has the study open."""

    name: str
    since: datetime

    @classmethod
    def of(cls, opened: OpenedBy) -> Self:
        """Give a person's."""
        return cls(name=spoken_name(opened.person_name), since=opened.since)


class StandingVersion(BaseModel):
    """The version of a film's report that stands now."""

    id: str
    number: int
    kind: ReportKind
    name: str
    """Whose it is; empty of the model's draft."""

    @classmethod
    def of(cls, version: ReportVersion) -> Self:
        """Give a version's."""
        return cls(
            id=version.id,
            number=version.number,
            kind=version.kind,
            name=spoken_name(version.author or ""),
        )


class OpenNow(BaseModel):
    """What a page that is open hears each time."""

    others: list[OtherReader]
    standing: StandingVersion | None
    """Of the film that was named; null where there is none to review."""


@router.call(_PATH, roles=_ROLES, methods=["PUT"], tags=["review"])
def note(
    ours: Given,
    who: Person,
    study_uid: str,
    film: Annotated[str | None, Query(max_length=64)] = None,
    *,
    shown: bool = False,
) -> OpenNow:
    """Say that one has a study open, every 15 seconds; `shown` where it was shown just now."""
    study = study_of(ours, who, study_uid, viewing=False)
    with ours.db.write() as session:
        note_open(session, study.id, who.account_id, shown=shown)
        persons = opened_by(session, [study.id]).get(study.id, ())
        review = film_review(session, study.id, film) if film else None
    standing = None if review is None or review.no_draft is not None else review.latest
    return OpenNow(
        others=[OtherReader.of(one) for one in persons if one.account_id != who.account_id],
        standing=None if standing is None else StandingVersion.of(standing),
    )


@router.call(
    _PATH, roles=_ROLES, methods=["DELETE"], tags=["review"], status_code=HTTPStatus.NO_CONTENT
)
def close(ours: Given, who: Person, study_uid: str) -> None:
    """Say that one left a study."""
    study = study_of(ours, who, study_uid, viewing=False)
    with ours.db.write() as session:
        note_closed(session, study.id, who.account_id)
