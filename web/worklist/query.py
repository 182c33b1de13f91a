"""What the worklist shows, as part of an address.

What is searched for may be a patient's name: that is no part of an address that a server sees.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from enum import Enum, StrEnum
from typing import Annotated, Final, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from core.errors import WrongArgumentError
from core.labels import Label
from core.places import Place
from core.states import StudyState
from core.triage import Tier
from db.restrictions import closed_studies
from db.worklist_filters import Filters, Mark, Onlooker, Only, Period
from web.access.who import Who
from web.services import Services

_Value = TypeVar("_Value")
ALL: Final = "all"
"""The word for the whole worklist, where parts have their own."""
_PLACES: Final = {
    StudyState.WAITING: Place.NO_RESULT,
    StudyState.READING: Place.NO_RESULT,
    StudyState.FAILED: Place.NO_RESULT,
    StudyState.NOT_READ: Place.NO_RESULT,
    StudyState.DRAFT_READY: Place.DRAFTS,
}


class TierWord(StrEnum):
    """A tier as addresses and programs write it."""

    ROUTINE = "routine"
    RAISED = "raised"
    URGENT = "urgent"


TIERS: Final = {word.value: Tier[word.name] for word in TierWord}
"""The tiers by their words."""


def filters_of(values: Mapping[str, str], text: str = "") -> Filters:
    """Read filters.

    Parameters
    ----------
    values
        Such as an address holds: `place`, `state`, `tier`, `label`, `period`, `only`; empty ones
        ask for nothing.
    text
        What is searched for.

    Raises
    ------
    WrongArgumentError
        If a value is none of those that there are.
    """
    only = _one_of(values, "only", Only)
    state = _one_of(values, "state", StudyState)
    place = _one_of(values, "place", _place)
    if place in {None, Place.DRAFTS} and values.get("place") != ALL:
        # Drafts are what one is shown first, and seldom chosen: what is searched for or has waited
        # too long may stand anywhere, and a state has its own place.
        place = Place.DRAFTS if state is None else _PLACES.get(state, Place.DONE)
        place = None if only is Only.OVERDUE or text.strip() else place
    return Filters(
        place=place,
        state=state,
        tier=_one_of(values, "tier", TIERS.__getitem__),
        label=_one_of(values, "label", Label),
        period=_one_of(values, "period", Period),
        only=only,
        text=text.strip(),
    )


def tier_word(tier: Tier) -> TierWord:
    """Give the word of a tier."""
    return TierWord[tier.name]


def query_of(filters: Filters, after: Mark | None = None) -> str:
    """Give filters as the query of an address, without what is searched for."""
    values: dict[str, str | Enum | None] = {
        "place": filters.place or ALL,
        "state": filters.state,
        "tier": None if filters.tier is None else tier_word(filters.tier),
        "label": filters.label,
        "period": filters.period,
        "only": filters.only,
        "after": None if after is None else str(after),
    }
    if filters.place is Place.DRAFTS:
        del values["place"]
    return urlencode({name: str(value) for name, value in values.items() if value is not None})


def asked_filters(request: Request) -> Filters:
    """Give the filters in a request's address."""
    return filters_of(request.query_params)


def asked_mark(request: Request) -> Mark | None:
    """Give where a request's page begins."""
    after = request.query_params.get("after")
    return Mark.parse(after) if after else None


AskedFilters = Annotated[Filters, Depends(asked_filters)]
"""The filters of a request, as a parameter of an endpoint."""
AskedMark = Annotated[Mark | None, Depends(asked_mark)]
"""Where a request's page begins, as a parameter of an endpoint."""


def onlooker(session: Session, ours: Services, who: Who) -> Onlooker:
    """Give a person as somebody who looks at a worklist."""
    return Onlooker(
        account_id=who.account_id,
        closed=closed_studies(session, who.account_id, who.name),
        unopened_after=timedelta(minutes=ours.settings.web.unopened_minutes),
    )


def aside_of(filters: Filters) -> Filters | None:
    """Give what stands beside the drafts: the studies without a result; None beside other lists."""
    if filters.place is not Place.DRAFTS or filters.state is not None:
        return None
    return replace(filters, place=Place.NO_RESULT)


def _place(word: str) -> Place | None:
    place = None if word == ALL else Place(word)
    if place is Place.NOWHERE:
        raise ValueError(word)
    return place


def _one_of(values: Mapping[str, str], name: str, kind: Callable[[str], _Value]) -> _Value | None:
    word = values.get(name)
    if not word:
        return None
    try:
        return kind(word)
    except (KeyError, ValueError):
        message = f"the worklist knows no such {name}"
        raise WrongArgumentError(message) from None
