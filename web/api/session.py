"""The person's own session: what a page asks to lock and unlock its screen without leaving it."""

from typing import Annotated

from fastapi import Request
from pydantic import BaseModel, Field

from core.accounts import AccountRole
from core.errors import WrongArgumentError
from db.passwords import LONGEST_PASSWORD
from db.sign_ins import SignInLimits, lock_sign_in, use_sign_in
from web.access.address import client_address
from web.access.guard import EVERYBODY, GuardedRouter
from web.access.password_queue import PERSONS
from web.access.proof import prove
from web.access.who import Person, Who
from web.services import Given, Services

router = GuardedRouter()
_TAGS = ["session"]


class SessionState(BaseModel):
    """A session, as its page sees it."""

    name: str
    """Of the account."""
    person_name: str
    roles: list[AccountRole]
    locked: bool
    csrf_token: str
    """What changes bring along, in the header `x-csrf-token`."""
    idle_seconds: float
    """Without use after which the screen locks."""


class Unlocking(BaseModel):
    """What opens a locked screen."""

    password: Annotated[str, Field(max_length=LONGEST_PASSWORD)]


@router.call("/api/v1/session", roles=EVERYBODY, while_locked=True, tags=[*_TAGS])
def state(ours: Given, who: Person) -> SessionState:
    """Tell whose session it is, and whether its screen is locked."""
    return _state(ours, who, locked=who.locked)


@router.call("/api/v1/session/use", roles=EVERYBODY, methods=["POST"], tags=[*_TAGS])
def use(ours: Given, who: Person) -> SessionState:
    """Note that the person is at the screen: pages send it after keystrokes and clicks."""
    with ours.db.write() as session:
        use_sign_in(session, _of(who))
    return _state(ours, who, locked=False)


@router.call(
    "/api/v1/session/lock", roles=EVERYBODY, methods=["POST"], while_locked=True, tags=[*_TAGS]
)
def lock(ours: Given, who: Person) -> SessionState:
    """Lock the screen, in every window of the session."""
    with ours.db.write() as session:
        lock_sign_in(session, _of(who))
    return _state(ours, who, locked=True)


@router.call(
    "/api/v1/session/unlock",
    roles=EVERYBODY,
    methods=["POST"],
    while_locked=True,
    tags=[*_TAGS],
    dependencies=PERSONS.dependencies,
)
def unlock(request: Request, ours: Given, who: Person, given: Unlocking) -> SessionState:
    """Open the screen with the password; accounts of a provider open it at `/prove`."""
    _of(who)
    prove(ours, who, given.password, client_address(request))
    return _state(ours, who, locked=False)


def _of(who: Who) -> int:
    if who.sign_in_id is None:
        message = "a program has no screen"
        raise WrongArgumentError(message)
    return who.sign_in_id


def _state(ours: Services, who: Who, *, locked: bool) -> SessionState:
    return SessionState(
        name=who.name,
        person_name=who.person_name,
        roles=sorted(who.roles),
        locked=locked,
        csrf_token=who.csrf_token,
        idle_seconds=SignInLimits.of(ours.settings.web).idle.total_seconds(),
    )
