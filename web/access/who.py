"""Who asks: the person behind a request, as an endpoint gets it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from core.accounts import AccountRole, SignInWay


@dataclass(frozen=True, slots=True)
class Who:
    """A person who was let in.

    Parameters
    ----------
    account_id, name
        The account.
    person_name
        DICOM person name, under which the person's acts are kept.
    roles
        What the account is for.
    sign_in_id
        The session in a browser; None where a program came with a token.
    proved_at
        When the person last gave the password or came from the identity provider.
    csrf_token
        What each change must bring along; empty where a program came with a token.
    way
        How the session began; None where a program came with a token.
    locked
        Whether the screen is locked; few routes work then.
    has_password
        Whether the account has one here.
    """

    account_id: int
    name: str
    person_name: str
    roles: frozenset[AccountRole]
    sign_in_id: int | None
    proved_at: datetime
    csrf_token: str
    way: SignInWay | None = None
    locked: bool = False
    has_password: bool = False

    def may(self, *roles: AccountRole) -> bool:
        """Whether the person has one of these roles."""
        return not self.roles.isdisjoint(roles)


def who_asks(request: Request) -> Who:
    """Give the person behind a request that `web.access.guard` let in."""
    who: Who = request.state.who
    return who


Person = Annotated[Who, Depends(who_asks)]
"""The person, as a parameter of an endpoint."""
