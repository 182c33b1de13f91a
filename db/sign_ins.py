"""Sessions of persons in browsers: kept here, so that each one can be ended here."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts import SignInWay
from core.clock import now
from core.web_settings import WebSettings
from db.engine import Database
from db.models import Account, SignIn

_TOKEN_BYTES: Final = 32
_SEEN_STEP: Final = timedelta(seconds=15)
"""How far apart notes of a session's use lie: not each picture costs a write."""


@dataclass(frozen=True, slots=True)
class SignInLimits:
    """How long a session lasts.

    Parameters
    ----------
    idle
        Without a request after which its screen is locked.
    whole
        After which it ends.
    """

    idle: timedelta
    whole: timedelta

    @classmethod
    def of(cls, settings: WebSettings) -> Self:
        """Give those of an installation."""
        return cls(
            timedelta(minutes=settings.idle_minutes), timedelta(hours=settings.session_hours)
        )


@dataclass(frozen=True, slots=True)
class FoundSignIn:
    """A session that goes on.

    Parameters
    ----------
    sign_in_id, account_id, name, person_name, roles
        Whose.
    proved_at
        When the person last proved who it is.
    locked
        Whether its screen is locked.
    """

    sign_in_id: int
    account_id: int
    name: str
    person_name: str
    roles: tuple[str, ...]
    proved_at: datetime
    locked: bool


def begin_sign_in(session: Session, account: Account, way: SignInWay, address: str = "") -> str:
    """Begin a session, always under a new token, and give that token: nothing else knows it."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session.add(
        SignIn(token_sha256=token_digest(token), account_id=account.id, way=way, address=address)
    )
    account.signed_in_at = now()
    return token


def find_sign_in(db: Database, token: str, limits: SignInLimits) -> FoundSignIn | None:
    """Give the session of a token, and note that it was used.

    Returns
    -------
    FoundSignIn or None
        None where there is none, it has ended, or its account is disabled.
    """
    at = now()
    with db.read() as session:
        row = session.scalars(
            select(SignIn).where(SignIn.token_sha256 == token_digest(token))
        ).one_or_none()
        if row is None or row.ended_at is not None or row.begun_at < at - limits.whole:
            return None
        account = session.get_one(Account, row.account_id)
        if not account.enabled:
            return None
        locked = row.locked_at is not None or row.seen_at < at - limits.idle
        found = FoundSignIn(
            sign_in_id=row.id,
            account_id=account.id,
            name=account.name,
            person_name=account.person_name,
            roles=tuple(account.roles),
            proved_at=row.proved_at,
            locked=locked,
        )
        noted = row.locked_at is not None if locked else row.seen_at > at - _SEEN_STEP
    if not noted:
        with db.write() as session:
            row = session.get_one(SignIn, found.sign_in_id)
            if locked:
                row.locked_at = at
            else:
                row.seen_at = at
    return found


def token_digest(token: str) -> str:
    """Give what is kept of a token: who reads the database can use none."""
    return hashlib.sha256(token.encode()).hexdigest()
