"""Every page of the reading room as a person sees it: for pictures of them, and for checks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Page, expect

from core.accounts import AccountRole
from evaluation.room.stage import Placed


@dataclass(frozen=True, slots=True)
class Sight:
    """One page, in one state.

    Parameters
    ----------
    name
        Of its picture.
    role
        Who looks; None is a stranger.
    path
        Its address, given the cast.
    ready
        Waits until everything that loads by itself is there, and does what the sight shows.
    """

    name: str
    role: AccountRole | None
    path: Callable[[Sequence[Placed]], str]
    ready: Callable[[Page], None]


def at(path: str) -> Callable[[Sequence[Placed]], str]:
    """Give a page whose address is always the same."""
    return lambda _placed: path


def study(surname: str, more: str = "") -> Callable[[Sequence[Placed]], str]:
    """Give the page of one patient's study."""

    def found(placed: Sequence[Placed]) -> str:
        (one,) = (one for one in placed if one.patient.name.startswith(f"{surname}^"))
        return f"/studies/{one.study_uid}{more}"

    return found


def _heading(page: Page) -> None:
    expect(page.get_by_role("heading").first).to_be_visible()


RADIOLOGIST, ADMINISTRATOR = AccountRole.RADIOLOGIST, AccountRole.ADMINISTRATOR
SIGHTS: Final = (
    Sight("sign-in", None, at("/sign-in"), _heading),
    Sight("worklist", RADIOLOGIST, at("/worklist"), _heading),
)
