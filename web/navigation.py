"""The pages that one goes to from everywhere, and who sees each."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from core.accounts import AccountRole
from web.texts import mark


@dataclass(frozen=True, slots=True)
class Entry:
    """One of them.

    Parameters
    ----------
    path, title
        Where, and how it is called, in the language of the source (`web.texts.mark`).
    roles
        Who sees it.
    """

    path: str
    title: str
    roles: Collection[AccountRole]


ENTRIES: Final = (Entry("/worklist", mark("Worklist"), (AccountRole.RADIOLOGIST,)),)


def first_page(roles: Collection[AccountRole]) -> str:
    """Give the page on which somebody of these roles begins."""
    return next(
        (entry.path for entry in ENTRIES if not set(roles).isdisjoint(entry.roles)), "/account"
    )
