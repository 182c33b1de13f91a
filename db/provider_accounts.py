"""Accounts of persons for whom an identity provider vouches."""

import hashlib
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts import AccountRole
from core.person_name import person_name
from db.accounts import add_account, take_roles
from db.audit import record
from db.models import Account, AuditAction


def provider_account(
    session: Session,
    issuer: str,
    subject: str,
    *,
    name: str,
    person: str,
    roles: Collection[AccountRole],
) -> Account | None:
    """Give the account of a person, entered or changed as the provider says now.

    A person is known by issuer and subject alone: an account of the same name that somebody entered
    here is somebody else's.

    Parameters
    ----------
    session
        A writing session.
    issuer, subject
        `iss` and `sub` of the person's ID token.
    name
        How the account is called where it is new, if nobody is called so.
    person
        The DICOM person name.
    roles
        What the person may do; with none, an account that is known loses its roles, and its
        sessions, links and tokens end.

    Returns
    -------
    Account or None
        None where the person may not sign in.
    """
    found = session.scalars(
        select(Account)
        .where(Account.issuer == issuer, Account.subject == subject)
        # Locked: who is disabled just now must see the session that begins.
        .with_for_update()
    ).one_or_none()
    if not roles:
        if found is not None:
            take_roles(session, found, roles, actor=issuer)
        return None
    if found is None:
        free = _free_name(session, name, issuer, subject)
        found = add_account(session, free, person=person, roles=roles, actor=issuer)
        found.issuer, found.subject = issuer, subject
        return found
    if not found.enabled:
        return None
    take_roles(session, found, roles, actor=issuer)
    now_called = person_name(person)
    if found.person_name != now_called:
        record(
            session,
            AuditAction.ACCOUNT_CHANGED,
            actor=issuer,
            account=found.name,
            person=now_called,
            before=found.person_name,
        )
        found.person_name = now_called
    return found


def _free_name(session: Session, wanted: str, issuer: str, subject: str) -> str:
    taken = session.scalars(select(Account.id).where(Account.name == wanted)).first()
    if taken is None:
        return wanted
    digest = hashlib.sha256(f"{issuer}\0{subject}".encode()).hexdigest()
    return f"{wanted}.{digest[:8]}"
