"""Growing pauses for who gives wrong passwords: by name, by address, by both, or by session.

An attempt counts as failed from before it is looked at until it has shown itself right, so that
many at once are counted like many in a row. Names that nobody has are counted the same.

A stranger who wants to keep somebody out can bring the name's pause about: from one address in some
hours, from several at once. So who is in a session already is counted by that session alone.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.clock import now
from core.errors import PermanentError
from db.audit import record
from db.engine import Database
from db.insert import insert_if_absent
from db.models import Account, AuditAction, FailedSignIn

_FIRST_PAUSE: Final = timedelta(seconds=30)
_LONGEST_PAUSE: Final = timedelta(minutes=15)
_MOST_DOUBLINGS: Final = 16
_FORGOTTEN: Final = timedelta(hours=24)
"""After the last attempt."""
_MOST_FORGOTTEN_AT_ONCE: Final = 100
_FREE_FOR_BOTH: Final = 5
_FREE_FOR_NAME: Final = 20
_FREE_FOR_ADDRESS: Final = 50
_FREE_FOR_SESSION: Final = 5


class TooManyAttemptsError(PermanentError):
    """Wrong passwords were given too often; nothing was looked at.

    Parameters
    ----------
    wait
        For how long yet.
    """

    def __init__(self, wait: timedelta) -> None:
        self.seconds = max(1, round(wait.total_seconds()))
        super().__init__(f"too many attempts: try again in {self.seconds} seconds")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to prove who one is.

    Parameters
    ----------
    free
        How many failures each of its keys has before pauses begin.
    """

    free: dict[str, int]

    @classmethod
    def of(cls, name: str, address: str) -> Self:
        """Give the attempt of a name from an address."""
        return cls(
            {
                _key("both", name, address): _FREE_FOR_BOTH,
                _key("name", name): _FREE_FOR_NAME,
                _key("address", address): _FREE_FOR_ADDRESS,
            }
        )

    @classmethod
    def within(cls, sign_in_id: int) -> Self:
        """Give the attempt of who has a session, from whatever address: a thief of it too."""
        return cls({_key("session", str(sign_in_id)): _FREE_FOR_SESSION})


def begin_attempt(
    db: Database, name: str, address: str, *, sign_in_id: int | None = None
) -> Attempt:
    """Count an attempt as failed, until `attempt_was_right` takes that back.

    Parameters
    ----------
    db
        The database.
    name
        Of the account, which need not exist.
    address
        Where it comes from.
    sign_in_id
        Of the session in which a person proves once more who it is, by which it is counted then.

    Raises
    ------
    TooManyAttemptsError
        If there is a pause for that name, address or session; the attempt is not counted then.
    """
    attempt = Attempt.of(name, address) if sign_in_id is None else Attempt.within(sign_in_id)
    at = now()
    # Who is held up costs no write, however often he comes.
    with db.read() as session:
        ours = FailedSignIn.key.in_(sorted(attempt.free))
        _refuse_in_pause(session.scalars(select(FailedSignIn).where(ours)).all(), at)
    with db.write() as session:
        _forget(session, at)
        # In one order everywhere, so that no two wait for each other.
        rows = [_row(session, key) for key in sorted(attempt.free)]
        _refuse_in_pause(rows, at)
        begun = False
        for row in rows:
            row.failures += 1
            row.last_at = at
            beyond = row.failures - attempt.free[row.key]
            if beyond >= 0:
                row.pause_until = at + _pause(beyond)
                begun = True
        if begun:
            _note(session, name, address)
    return attempt


def attempt_was_right(session: Session, attempt: Attempt) -> None:
    """Forget the failures that an attempt was counted with, since it has shown itself right."""
    session.execute(delete(FailedSignIn).where(FailedSignIn.key.in_(sorted(attempt.free))))


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()


def _pause(beyond: int) -> timedelta:
    doublings = min(beyond, _MOST_DOUBLINGS)
    return min(_FIRST_PAUSE * (1 << doublings), _LONGEST_PAUSE)


def _refuse_in_pause(rows: Sequence[FailedSignIn], at: datetime) -> None:
    waits = [row.pause_until - at for row in rows if row.pause_until and row.pause_until > at]
    if waits:
        raise TooManyAttemptsError(max(waits))


def _row(session: Session, key: str) -> FailedSignIn:
    insert_if_absent(session, FailedSignIn, key=key)
    return session.scalars(
        select(FailedSignIn).where(FailedSignIn.key == key).with_for_update()
    ).one()


def _forget(session: Session, at: datetime) -> None:
    old = (
        select(FailedSignIn.key)
        .where(FailedSignIn.last_at < at - _FORGOTTEN)
        .order_by(FailedSignIn.key)
        .limit(_MOST_FORGOTTEN_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    keys = session.scalars(old).all()
    if keys:
        session.execute(delete(FailedSignIn).where(FailedSignIn.key.in_(keys)))


def _note(session: Session, name: str, address: str) -> None:
    """Record it; a name that nobody has may be a password, and is not kept."""
    known = session.scalars(select(Account.name).where(Account.name == name)).first()
    record(session, AuditAction.SIGN_IN_PAUSED, actor=known or "unknown", address=address)
