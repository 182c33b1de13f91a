"""Persons who may sign in: entered by an administrator, proved by a password (argon2id)."""

import re
from collections.abc import Collection
from typing import Final

from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts import AccountRole
from core.errors import WrongArgumentError
from core.person_name import person_name
from db.models import Account

_HASHER: Final = PasswordHasher()
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
SHORTEST_PASSWORD: Final = 12
"""Characters; NIST SP 800-63B asks for 8 at least, and for no other rule."""
LONGEST_PASSWORD: Final = 256


def add_account(
    session: Session,
    name: str,
    *,
    person: str,
    roles: Collection[AccountRole],
    password: str | None = None,
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
    if not roles:
        message = f"{wanted} needs a role"
        raise WrongArgumentError(message)
    if session.scalars(select(Account.id).where(Account.name == wanted)).first() is not None:
        message = f"there is an account {wanted} already"
        raise WrongArgumentError(message)
    account = Account(
        name=wanted,
        person_name=person_name(person),
        roles=sorted(role.value for role in set(roles)),
        password_hash=None if password is None else hash_password(password),
    )
    session.add(account)
    session.flush()
    return account


def hash_password(password: str) -> str:
    """Give the argon2id hash of a new password.

    Raises
    ------
    WrongArgumentError
        If it is too short or too long.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        message = f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters"
        raise WrongArgumentError(message)
    return _HASHER.hash(password)
