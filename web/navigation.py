"""The pages that one goes to from everywhere, those of operations, and who sees each."""

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


_ADMINISTRATOR: Final = (AccountRole.ADMINISTRATOR,)
_AUDITOR: Final = (AccountRole.AUDITOR,)
_PROGRAMMERS: Final = (AccountRole.ADMINISTRATOR, AccountRole.RESEARCHER)

ENTRIES: Final = (
    Entry("/worklist", mark("Worklist"), (AccountRole.RADIOLOGIST,)),
    Entry("/operations", mark("Operations"), _ADMINISTRATOR),
    Entry("/operations/audit", mark("Audit"), _AUDITOR),
    Entry("/api", mark("API"), _PROGRAMMERS),
)
SECTIONS: Final = (
    Entry("/operations", mark("Overview"), _ADMINISTRATOR),
    Entry("/operations/peers", mark("Peers"), _ADMINISTRATOR),
    Entry("/operations/queues", mark("Queues and jobs"), _ADMINISTRATOR),
    Entry("/operations/deliveries", mark("Deliveries"), _ADMINISTRATOR),
    Entry("/operations/kept-back", mark("Not read"), _ADMINISTRATOR),
    Entry("/operations/quarantine", mark("Quarantine"), _ADMINISTRATOR),
    Entry("/operations/retrievals", mark("Retrievals"), _ADMINISTRATOR),
    Entry("/operations/workers", mark("Workers and disk"), _ADMINISTRATOR),
    Entry("/operations/models", mark("Models"), _ADMINISTRATOR),
    Entry("/operations/triage", mark("Triage"), _ADMINISTRATOR),
    Entry("/operations/users", mark("Users"), _ADMINISTRATOR),
    Entry("/operations/audit", mark("Audit"), _AUDITOR),
)
"""The pages of operations (`operations/frame.html`)."""


def nearest(entries: Collection[Entry], path: str) -> str:
    """Give the path of the entry under which a page lies; empty where it lies under none."""
    above = [entry.path for entry in entries if f"{path}/".startswith(f"{entry.path}/")]
    return max(above, key=len, default="")


def first_page(roles: Collection[AccountRole]) -> str:
    """Give the page on which somebody of these roles begins."""
    return next(
        (entry.path for entry in ENTRIES if not set(roles).isdisjoint(entry.roles)), "/account"
    )
