"""Bearer tokens (RFC 6750) by which programs do what their person may: kept as digests alone."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.clock import now
from core.errors import WrongArgumentError
from db.audit import record
from db.engine import Database
from db.models import Account, ApiToken, AuditAction
from db.sign_ins import token_digest

MOST_DAYS: Final = 366
USUAL_DAYS: Final = 90
LONGEST_LABEL: Final = 100
_PREFIX: Final = "firstread_"
"""By which programs that look for leaked secrets know one."""
_TOKEN_BYTES: Final = 32
_USED_STEP: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class FoundToken:
    """A token that is good.

    Parameters
    ----------
    account_id, name, person_name, roles
        For whom it acts, and what that account may do at present.
    made_at
        When it was made.
    """

    account_id: int
    name: str
    person_name: str
    roles: tuple[str, ...]
    made_at: datetime


def make_token(
    session: Session, account: Account, label: str, *, days: int = USUAL_DAYS, actor: str
) -> str:
    """Make a token, and give it: nothing else knows it.

    Parameters
    ----------
    session
        A writing session.
    account
        For whom it acts.
    label
        What it is for.
    days
        How long it is good.
    actor
        Who makes it.

    Raises
    ------
    WrongArgumentError
        If the label says nothing or too much, or the days are too many.
    """
    words = label.strip()
    if not words or len(words) > LONGEST_LABEL or not words.isprintable():
        message = f"say in 1 to {LONGEST_LABEL} characters what the token is for"
        raise WrongArgumentError(message)
    if not 1 <= days <= MOST_DAYS:
        message = f"a token is good for 1 to {MOST_DAYS} days, not {days}"
        raise WrongArgumentError(message)
    token, at = _PREFIX + secrets.token_urlsafe(_TOKEN_BYTES), now()
    session.add(
        ApiToken(
            token_sha256=token_digest(token),
            account_id=account.id,
            label=words,
            created_at=at,
            expires_at=at + timedelta(days=days),
        )
    )
    record(session, AuditAction.TOKEN_MADE, actor=actor, account=account.name, label=words)
    return token


def find_token(db: Database, token: str) -> FoundToken | None:
    """Give for whom a token acts, and note that it was used.

    Returns
    -------
    FoundToken or None
        None where it is none, was revoked, is too old, or its account is disabled.
    """
    at = now()
    with db.read() as session:
        row = session.scalars(
            select(ApiToken).where(ApiToken.token_sha256 == token_digest(token))
        ).one_or_none()
        if row is None or row.revoked_at is not None:
            return None
        if row.expires_at is not None and row.expires_at <= at:
            return None
        account = session.get_one(Account, row.account_id)
        if not account.enabled:
            return None
    if row.used_at is None or row.used_at <= at - _USED_STEP:
        with db.write() as session:
            session.get_one(ApiToken, row.id).used_at = at
    return FoundToken(
        account.id, account.name, account.person_name, tuple(account.roles), row.created_at
    )


def revoke_token(session: Session, token_id: int, *, account_id: int | None, actor: str) -> None:
    """Make a token useless.

    Parameters
    ----------
    session
        A writing session.
    token_id
        Which.
    account_id
        Whose it must be; None where an administrator revokes anybody's.
    actor
        Who does it.

    Raises
    ------
    WrongArgumentError
        If there is no such token of that account.
    """
    row = session.get(ApiToken, token_id)
    if row is None or account_id not in {None, row.account_id}:
        message = f"there is no token {token_id}"
        raise WrongArgumentError(message)
    if row.revoked_at is None:
        row.revoked_at = now()
        owner = session.get_one(Account, row.account_id).name
        record(session, AuditAction.TOKEN_REVOKED, actor=actor, account=owner, label=row.label)


def revoke_all_tokens(session: Session, account: Account, *, actor: str) -> None:
    """Make all tokens of an account useless."""
    for row in tokens_of(session, account.id):
        revoke_token(session, row.id, account_id=account.id, actor=actor)


def tokens_of(session: Session, account_id: int) -> list[ApiToken]:
    """Give the tokens of an account that are good, the newest first."""
    return [token for token, owner in every_token(session) if owner.id == account_id]


def every_token(session: Session) -> list[tuple[ApiToken, Account]]:
    """Give all tokens that are good, with their accounts, the newest first."""
    rows = session.execute(
        select(ApiToken, Account)
        .join(Account, Account.id == ApiToken.account_id)
        .where(
            ApiToken.revoked_at.is_(None),
            or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now()),
        )
        .order_by(ApiToken.id.desc())
    )
    return [(token, owner) for token, owner in rows]
