"""Which studies a worklist shows, and in which order."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from sqlalchemy import ColumnElement, and_, exists, or_, select

from core.clock import now
from core.errors import WrongArgumentError
from core.labels import Label
from core.places import Place
from core.states import Purpose, StudyState
from core.triage import Tier
from db.models import Account, Instance, Opening, PositiveFlag, ReadingRow, ReviewRow, Study
from db.study_search import found_by

LONGEST_TEXT: Final = 64
_MICROSECOND: Final = timedelta(microseconds=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Period(StrEnum):
    """How long ago a study came in at most."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return _LENGTHS[self]


_LENGTHS: Final = {
    Period.HOUR: timedelta(hours=1),
    Period.DAY: timedelta(days=1),
    Period.WEEK: timedelta(weeks=1),
    Period.MONTH: timedelta(days=30),
}


class Only(StrEnum):
    """What else a study must be."""

    MINE = "mine"
    """The person had it open, or said something of it."""
    UNOPENED = "unopened"
    """Nobody ever had it open."""
    OVERDUE = "overdue"
    """A positive flag of it has waited too long for somebody to open it."""


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Who looks at a worklist, and by which rule of the site.

    Parameters
    ----------
    account_id
        The person's account.
    closed
        Studies that the person may not open (`db.restrictions.closed_studies`).
    unopened_after
        How long a positive flag may wait for somebody to open it.
    """

    account_id: int
    closed: frozenset[int]
    unopened_after: timedelta


@dataclass(frozen=True, slots=True)
class Filters:
    """What a person wants to see; None and "" ask for nothing.

    Parameters
    ----------
    place
        The part of the worklist; None shows all of it.
    state, tier
        Of the study.
    label
        That some reading calls present or uncertain.
    period
        In which it came in.
    only
        What else it must be.
    text
        Words, each of which begins a part of the patient's name, the patient's ID or the accession
        number.
    """

    place: Place | None = Place.DRAFTS
    state: StudyState | None = None
    tier: Tier | None = None
    label: Label | None = None
    period: Period | None = None
    only: Only | None = None
    text: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if len(self.text) > LONGEST_TEXT:
            message = f"a search has {LONGEST_TEXT} characters at most, not {len(self.text)}"
            raise WrongArgumentError(message)

    @property
    def urgent_first(self) -> bool:
        """Whether urgent and old studies come first, as where they wait; else the newest do."""
        return self.only is Only.OVERDUE or self.place in {Place.DRAFTS, Place.NO_RESULT}

    @property
    def narrowed(self) -> bool:
        """Whether anything but the part of the worklist is asked for."""
        return any(
            (self.state, self.tier is not None, self.label, self.period, self.only, self.text)
        )

    def conditions(self, onlooker: Onlooker) -> list[ColumnElement[bool]]:
        """Give what holds for each study that is shown to somebody.

        A study that the person may not open is found neither by whose it is nor by what was found.
        """
        found: list[ColumnElement[bool]] = []
        if self.place is None:
            found.append(Study.place != Place.NOWHERE)
        if self.state is not None:
            found.append(Study.state == self.state)
        if self.label is not None:
            found.append(has_flag(PositiveFlag.label == self.label))
        if self.period is not None:
            found.append(Study.received_at >= now() - self.period.length)
        if self.only is Only.MINE:
            found.append(_mine(onlooker.account_id))
        elif self.only is Only.UNOPENED:
            found.append(Study.opened_at.is_(None))
        elif self.only is Only.OVERDUE:
            found.append(is_overdue(onlooker.unopened_after))
        if onlooker.closed and (self.text or self.label is not None):
            found.append(Study.id.not_in(onlooker.closed))
        return [*found, *found_by(self.text)]


@dataclass(frozen=True, slots=True)
class Mark:
    """A study's place in an order, to go on from.

    Parameters
    ----------
    tier, received_at, study_id
        Of the study.
    """

    tier: Tier
    received_at: datetime
    study_id: int

    def __str__(self) -> str:
        since = (self.received_at - _EPOCH) // _MICROSECOND
        return f"{int(self.tier)}-{since}-{self.study_id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` wrote.

        Raises
        ------
        WrongArgumentError
            If it is something else.
        """
        found = re.fullmatch(r"([0-2])-([0-9]{1,17})-([0-9]{1,18})", text, re.ASCII)
        if found is None:
            message = "the worklist has no such place to go on from"
            raise WrongArgumentError(message)
        tier, since, study_id = map(int, found.groups())
        return cls(Tier(tier), _EPOCH + since * _MICROSECOND, study_id)


def is_overdue(unopened_after: timedelta) -> ColumnElement[bool]:
    """Whether a positive flag of a study has waited too long; a rejected film's waits no more."""
    return and_(Study.unseen_since <= now() - unopened_after, has_flag())


def has_flag(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a study has a positive flag that is shown and fulfils conditions."""
    return exists(
        select(PositiveFlag.id)
        .join(ReadingRow, ReadingRow.id == PositiveFlag.reading_id)
        .join(Instance, Instance.id == PositiveFlag.instance_id)
        .where(PositiveFlag.study_id == Study.id, *shown_flag(), *conditions)
    )


def shown_flag() -> tuple[ColumnElement[bool], ...]:
    """Give what holds for a positive flag, its reading and its film where it is shown."""
    # A superseded reading counts, too: what was once flagged stays flagged.
    return (
        ReadingRow.shadow.is_(False),
        Instance.purpose == Purpose.READ,
        Instance.rejection_code.is_(None),
    )


def _mine(account_id: int) -> ColumnElement[bool]:
    author = select(Account.person_name).where(Account.id == account_id).scalar_subquery()
    return or_(
        exists().where(Opening.study_id == Study.id, Opening.account_id == account_id),
        exists().where(ReviewRow.study_id == Study.id, ReviewRow.author == author),
    )
