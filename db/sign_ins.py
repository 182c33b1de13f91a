"""Sessions of persons in browsers: kept here, so that each one can be ended here.

Only what a person does counts as use: pages that ask for news by themselves keep no screen open.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.accounts import SignInWay
from core.clock import now
from core.web_settings import WebSettings
from db.audit import record
from db.engine import Database
from db.models import Account, AuditAction, SignIn

_TOKEN_BYTES: Final = 32
_LONGEST_STEP: Final = timedelta(seconds=15)
"""How far apart notes of a session's use lie: not each keystroke costs a write."""
_STEPS: Final = 4
"""In the time after which a screen locks, so that it never locks under somebody's hands."""


@dataclass(frozen=True, slots=True)
class SignInLimits:
    """How long a session lasts.

    Parameters
    ----------
    idle
        Without use after which its screen is locked.
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

    @property
    def step(self) -> timedelta:
        """How far apart notes of use lie."""
        return min(_LONGEST_STEP, self.idle / _STEPS)


@dataclass(frozen=True, slots=True)
class FoundSignIn:
    """A session that goes on.

    Parameters
    ----------
    sign_in_id, account_id, name, person_name, roles
        Whose.
    way
        How it began.
    seen_at, begun_at
        When it was last used, and when it began.
    proved_at
        When the person last proved who it is.
    locked
        Whether its screen is locked.
    has_password
        Whether the account has one here.
    """

    sign_in_id: int
    account_id: int
    name: str
    person_name: str
    roles: tuple[str, ...]
    way: SignInWay
    begun_at: datetime
    seen_at: datetime
    proved_at: datetime
    locked: bool
    has_password: bool


def begin_sign_in(
    session: Session,
    account: Account,
    way: SignInWay,
    address: str = "",
    *,
    proved_at: datetime | None = None,
) -> str:
    """Begin a session, always under a new token, and give that token: nothing else knows it.

    Parameters
    ----------
    session
        The database session.
    account
        Whose.
    way
        How it begins.
    address
        Of the browser.
    proved_at
        When the person proved who it is; None means just now.
    """
    token, at = secrets.token_urlsafe(_TOKEN_BYTES), now()
    session.add(
        SignIn(
            token_sha256=token_digest(token),
            account_id=account.id,
            way=way,
            address=address,
            proved_at=proved_at or at,
        )
    )
    account.signed_in_at = at
    record(session, AuditAction.SIGNED_IN, actor=account.name, way=way.value, address=address)
    return token


def find_sign_in(
    db: Database, token: str, limits: SignInLimits, *, used: bool = True
) -> FoundSignIn | None:
    """Give the session of a token.

    Parameters
    ----------
    db
        The database.
    token
        From the cookie.
    limits
        Of the installation.
    used
        Whether the person did something, which is noted then.

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
    if locked and row.locked_at is None:
        _note(db, row.id, locked_at=at)
    elif used and not locked and row.seen_at <= at - limits.step:
        _note(db, row.id, seen_at=at)
        row.seen_at = at
    return FoundSignIn(
        sign_in_id=row.id,
        account_id=account.id,
        name=account.name,
        person_name=account.person_name,
        roles=tuple(account.roles),
        way=row.way,
        begun_at=row.begun_at,
        seen_at=row.seen_at,
        proved_at=row.proved_at,
        locked=locked,
        has_password=account.password_hash is not None,
    )


def goes_on(session: Session, sign_in_id: int, limits: SignInLimits) -> bool:
    """Tell whether a session still goes on with an open screen, as a stream of news asks."""
    at = now()
    row = session.get(SignIn, sign_in_id, populate_existing=True)
    if row is None or row.ended_at is not None or row.locked_at is not None:
        return False
    in_time = row.begun_at >= at - limits.whole and row.seen_at >= at - limits.idle
    return in_time and session.get_one(Account, row.account_id, populate_existing=True).enabled


def account_of(session: Session, sign_in_id: int) -> Account | None:
    """Give whose a session is, for an act that must not outlive it; None where it has ended.

    Until the transaction ends nobody changes the account, whose changes end its sessions.
    """
    row = session.get_one(SignIn, sign_in_id)
    account = session.get_one(Account, row.account_id, populate_existing=True, with_for_update=True)
    # Only now: it may have ended while the lock was waited for.
    session.refresh(row)
    return account if account.enabled and row.ended_at is None else None


def use_sign_in(session: Session, sign_in_id: int) -> None:
    """Note that the person did something just now, unless the screen was locked meanwhile."""
    session.execute(
        update(SignIn)
        .where(SignIn.id == sign_in_id, SignIn.locked_at.is_(None))
        .values(seen_at=now())
    )


def lock_sign_in(session: Session, sign_in_id: int) -> None:
    """Lock a session's screen."""
    row = session.get_one(SignIn, sign_in_id)
    row.locked_at = row.locked_at or now()


def prove_sign_in(session: Session, sign_in_id: int) -> None:
    """Note that the person has just proved who it is; a locked screen opens."""
    row = session.get_one(SignIn, sign_in_id)
    row.proved_at = row.seen_at = now()
    row.locked_at = None


def end_sign_in(session: Session, sign_in_id: int, *, actor: str) -> None:
    """End one session for good."""
    row = session.get_one(SignIn, sign_in_id)
    if row.ended_at is None:
        row.ended_at = now()
        record(session, AuditAction.SIGNED_OUT, actor=actor)


def end_all_sign_ins(session: Session, account_id: int, *, besides: int | None = None) -> int:
    """End all sessions of an account, besides one where that is named, and give their number."""
    going_on = select(SignIn.id).where(
        SignIn.account_id == account_id, SignIn.ended_at.is_(None), SignIn.id != (besides or 0)
    )
    ids = list(session.scalars(going_on))
    session.execute(update(SignIn).where(SignIn.id.in_(ids)).values(ended_at=now()))
    return len(ids)


def sign_ins_of(session: Session, account_id: int, limits: SignInLimits) -> list[SignIn]:
    """Give the sessions of an account that go on, the newest first."""
    return list(
        session.scalars(
            select(SignIn)
            .where(
                SignIn.account_id == account_id,
                SignIn.ended_at.is_(None),
                SignIn.begun_at >= now() - limits.whole,
            )
            .order_by(SignIn.begun_at.desc(), SignIn.id.desc())
        )
    )


def token_digest(token: str) -> str:
    """Give what is kept of a token: who reads the database can use none."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _note(db: Database, sign_in_id: int, **values: datetime) -> None:
    with db.write() as session:
        session.execute(update(SignIn).where(SignIn.id == sign_in_id).values(**values))
