"""Passwords as they are kept: argon2id (RFC 9106), with the second recommended parameters."""

import threading
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import WrongArgumentError

SHORTEST_PASSWORD: Final = 12
"""Characters; NIST SP 800-63B asks for 8 at least, and for no other rule."""
LONGEST_PASSWORD: Final = 256
_HASHER: Final = PasswordHasher()
_AT_ONCE: Final = threading.BoundedSemaphore(4)
"""Each takes 64 MiB: strangers who try passwords must not take the machine's memory."""
_NOBODYS: Final = (
    "$argon2id$v=19$m=65536,t=3,p=4$bm9ib2R5cyBwYXNzd29yZA$"
    "CURIDHm1AOGKwrp6beY4SzpOFfRZUkiE6K9GZzWa0l4"
)
"""Compared with where an account has no password, so that it takes the same time."""


def hash_password(password: str) -> str:
    """Give the hash of a new password, in PHC string format.

    Raises
    ------
    WrongArgumentError
        If it is too short or too long.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        message = f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters"
        raise WrongArgumentError(message)
    with _AT_ONCE:
        return _HASHER.hash(password)


def fits(password_hash: str | None, password: str) -> bool:
    """Tell whether a password is the one; as slowly where there is none to compare with."""
    known = password_hash is not None
    with _AT_ONCE:
        try:
            _HASHER.verify(password_hash or _NOBODYS, password[:LONGEST_PASSWORD])
        except (VerificationError, InvalidHashError):
            return False
    return known and len(password) <= LONGEST_PASSWORD


def is_outdated(password_hash: str) -> bool:
    """Tell whether a hash was made with other parameters than new ones are."""
    return _HASHER.check_needs_rehash(password_hash)
