"""Links that sign a person in once, and soon: for a first password, or a demonstration."""

import secrets
from datetime import timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.clock import now
from db.audit import record
from db.models import Account, AuditAction, OneTimeLink
from db.sign_ins import token_digest

LINK_PATH: Final = "/sign-in/link"
"""Where the reading room takes them, with the token as its query's `token`."""
LINK_LIFETIME: Final = timedelta(minutes=30)
_TOKEN_BYTES: Final = 32


def make_link(
    session: Session, account: Account, *, actor: str, lifetime: timedelta = LINK_LIFETIME
) -> str:
    """Make a link for an account, and give its path with the token, which nothing else knows.

    Links that were made for it before are good no more.

    Parameters
    ----------
    session
        A writing session.
    account
        Who is signed in by it.
    actor
        Who makes it.
    lifetime
        How long it is good.
    """
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    end_links(session, account.id)
    session.add(
        OneTimeLink(
            token_sha256=token_digest(token), account_id=account.id, expires_at=now() + lifetime
        )
    )
    record(session, AuditAction.LINK_MADE, actor=actor, account=account.name)
    return f"{LINK_PATH}?token={token}"


def end_links(session: Session, account_id: int) -> None:
    """Make the links of an account that nobody used yet useless."""
    session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.account_id == account_id, OneTimeLink.used_at.is_(None))
        .values(used_at=now())
    )


def use_link(session: Session, token: str) -> Account | None:
    """Use a link up, and give whom it signs in.

    Returns
    -------
    Account or None
        None where there is no such link, it was used before, it is too old, or its account is
        disabled.
    """
    used = session.execute(
        update(OneTimeLink)
        .where(
            OneTimeLink.token_sha256 == token_digest(token),
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now(),
        )
        .values(used_at=now())
        .returning(OneTimeLink.account_id)
    ).scalar_one_or_none()
    if used is None:
        return None
    # Locked: who is disabled just now must see the session that begins by it.
    allowed = select(Account).where(Account.id == used, Account.enabled).with_for_update()
    return session.scalars(allowed).one_or_none()
