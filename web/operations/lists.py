"""Lists that are looked at page by page, and what their filters say."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import urlencode

from core.errors import WrongArgumentError

AT_ONCE: Final = 50
"""Rows of one page."""
MOST_PAGES: Final = 10_000

_Member = TypeVar("_Member", bound=StrEnum)


def chosen(members: type[_Member], text: str) -> _Member | None:
    """Give the member that a filter names; None where it names none, as an empty choice does.

    Raises
    ------
    WrongArgumentError
        If there is no such member.
    """
    if not text:
        return None
    try:
        return members(text)
    except ValueError as error:
        message = f"one of {', '.join(members)} is wanted"
        raise WrongArgumentError(message) from error


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of a list.

    Parameters
    ----------
    number
        Which, from 1.
    more
        Whether another one follows.
    query
        Of its address, without the number.
    """

    number: int
    more: bool
    query: str

    @classmethod
    def of(cls, number: int, *, more: bool, **filters: str) -> "Sheet":
        """Give the page of a list with these filters; empty ones are left out."""
        return cls(number, more, urlencode({name: text for name, text in filters.items() if text}))

    def at(self, number: int) -> str:
        """Give the query of another page of the list."""
        numbered = f"page={number}" if number > 1 else ""
        return "?" + "&".join(part for part in (self.query, numbered) if part)
