"""Persons who may sign in: entered by an administrator, or vouched for by an identity provider.

Accounts are never removed, so that a name in the audit stays one person's. Whatever changes what a
person may do ends the person's sessions: the next one begins under a new token. Another password,
and being let in no more, end links and programs' tokens too: whoever got hold of one keeps nothing.
"""

import re
from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts import AccountRole
from core.clock import now
from core.errors import WrongArgumentError
from core.person_name import person_name
from db.api_tokens import revoke_all_tokens
from db.audit import ADMINISTRATOR, record
from db.models import Account, AuditAction
from db.one_time_links import end_links
from db.passwords import hash_password
from db.sign_ins import end_all_sign_ins

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")


class NoSuchAccountError(WrongArgumentError):
    """Nobody has that name."""


class LastAdministratorError(WrongArgumentError):
    """Nobody would be left who may let others in."""


def add_account(
    session: Session,
    name: str,
    *,
    person: str,
    roles: Collection[AccountRole],
    password: str | None = None,
    actor: str = ADMINISTRATOR,
) -> Account:
    """Enter a person.

    Parameters
    ----------
    session
        A writing session.
    name
        By which the person signs in; kept in lower case.
    person
        The DICOM person name.
    roles
        At least one.
    password
        None where an identity provider vouches for the person, or a link signs in.
    actor
        Who enters the person.

    Raises
    ------
    WrongArgumentError
        If the name is none or taken, no role is given, or the password is too short.
    ReviewRefusedError
        If the person's name is none.
    """
    wanted = name.strip().lower()
    if not _NAME.fullmatch(wanted):
        message = f"a name of letters, digits and . _ @ - is wanted, not {name!r}"
        raise WrongArgumentError(message)
    if session.scalars(select(Account.id).where(Account.name == wanted)).first() is not None:
        message = f"there is an account {wanted} already"
        raise WrongArgumentError(message)
    _check_some(wanted, roles)
    account = Account(
        name=wanted,
        person_name=person_name(person),
        roles=_words(roles),
        password_hash=None if password is None else hash_password(password),
    )
    session.add(account)
    session.flush()
    record(
        session, AuditAction.ACCOUNT_ADDED, actor=actor, account=account.name, roles=account.roles
    )
    return account


def account_named(session: Session, name: str) -> Account:
    """Give the account of a name.

    Raises
    ------
    NoSuchAccountError
        If there is none.
    """
    wanted = name.strip().lower()
    found = session.scalars(select(Account).where(Account.name == wanted)).one_or_none()
    if found is None:
        message = f"there is no account {wanted!r}"
        raise NoSuchAccountError(message)
    return found


def unchanged_account(session: Session, account_id: int, password_hash: str) -> Account | None:
    """Give an account as long as it is what a password was compared with, which takes long.

    Until the transaction ends nobody changes it, so that a reset ends what is begun here.

    Parameters
    ----------
    session
        A writing session.
    account_id
        Which.
    password_hash
        With what the password was compared.

    Returns
    -------
    Account or None
        None where it has another password meanwhile, or none, or is disabled.
    """
    account = session.get_one(Account, account_id, populate_existing=True, with_for_update=True)
    return account if account.enabled and account.password_hash == password_hash else None


def every_account(session: Session) -> list[Account]:
    """Give all accounts by name."""
    return list(session.scalars(select(Account).order_by(Account.name)))


def set_roles(
    session: Session, account: Account, roles: Collection[AccountRole], *, actor: str
) -> None:
    """Change what a person may do; the person's sessions end where that changes anything.

    Raises
    ------
    WrongArgumentError
        If no role is given, or an identity provider gives this account its roles.
    LastAdministratorError
        If nobody else is an administrator.
    """
    if account.issuer is not None:
        message = f"the identity provider says what {account.name} may do"
        raise WrongArgumentError(message)
    if AccountRole.ADMINISTRATOR not in roles:
        _check_not_last(session, account)
    _check_some(account.name, roles)
    take_roles(session, account, roles, actor=actor)


def take_roles(
    session: Session, account: Account, roles: Collection[AccountRole], *, actor: str
) -> None:
    """Change what a person may do, as an identity provider says: with no role, nothing any more."""
    wanted = _words(roles)
    if wanted == account.roles:
        return
    if not wanted:
        _end_keys(session, account, actor)
    before, account.roles = account.roles, wanted
    _changed(session, account, actor, roles=wanted, before=before)


def set_enabled(session: Session, account: Account, *, enabled: bool, actor: str) -> None:
    """Say whether a person may sign in; if not, sessions, links and tokens end at once.

    Raises
    ------
    LastAdministratorError
        If nobody else is an administrator.
    """
    if account.enabled == enabled:
        return
    if not enabled:
        _check_not_last(session, account)
        _end_keys(session, account, actor)
    account.enabled = enabled
    _changed(session, account, actor, enabled=enabled)


def set_password(
    session: Session, account: Account, password_hash: str | None, *, actor: str
) -> None:
    """Give an account another password, or none; its sessions, links and tokens end.

    Parameters
    ----------
    session
        A writing session.
    account
        Whose.
    password_hash
        What `db.passwords.hash_password` gave before this transaction, since that takes long.
    actor
        Who does it.

    Raises
    ------
    WrongArgumentError
        If an identity provider vouches for the person.
    """
    if account.issuer is not None:
        message = f"{account.name} signs in at the identity provider, and has no password here"
        raise WrongArgumentError(message)
    _end_keys(session, account, actor)
    account.password_hash = password_hash
    _changed(session, account, actor, password="removed" if password_hash is None else "set")


def _changed(session: Session, account: Account, actor: str, **details: Any) -> None:
    account.changed_at = now()
    end_all_sign_ins(session, account.id)
    record(session, AuditAction.ACCOUNT_CHANGED, actor=actor, account=account.name, **details)


def _end_keys(session: Session, account: Account, actor: str) -> None:
    """End what signs in without a password; before the account changes.

    Links are locked before their account, as who uses one does, and tokens are looked for once the
    account is locked, so that none is made meanwhile.
    """
    end_links(session, account.id)
    session.refresh(account, with_for_update=True)
    revoke_all_tokens(session, account, actor=actor)


def _check_some(name: str, roles: Collection[AccountRole]) -> None:
    if not roles:
        message = f"{name} needs a role"
        raise WrongArgumentError(message)


def _words(roles: Collection[AccountRole]) -> list[str]:
    return sorted(role.value for role in set(roles))


def _check_not_last(session: Session, account: Account) -> None:
    role = AccountRole.ADMINISTRATOR.value
    if role not in account.roles or not account.enabled:
        return
    # Locked: two administrators who take each other's role away must see each other.
    enabled = select(Account).where(Account.enabled).order_by(Account.id).with_for_update()
    others = [one for one in session.scalars(enabled) if one.id != account.id]
    if not any(role in one.roles for one in others):
        message = f"{account.name} is the last administrator"
        raise LastAdministratorError(message)
