"""Proving once more who one is, as to sign a report: by the password, or at the provider."""

from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from core.clock import now
from db.accounts import unchanged_account
from db.engine import Database
from db.models import Account
from db.passwords import fits, hash_password, is_outdated
from db.sign_in_attempts import attempt_was_right, begin_attempt
from db.sign_ins import account_of, prove_sign_in
from web.access.refusals import NotProvedError, NotSignedInError
from web.access.who import Who
from web.services import Services

FRESH: Final = timedelta(minutes=2)
"""How long a visit to the identity provider counts."""
PROOF_PATH: Final = "/prove"
"""Where somebody who has no password here goes to the provider once more, with `next`."""


def right_password(
    db: Database,
    account: Account | None,
    name: str,
    password: str,
    at: str,
    *,
    sign_in_id: int | None = None,
) -> str | None:
    """Compare a password with an account's, with pauses for who guesses.

    Parameters
    ----------
    db
        The database.
    account
        Whose; None where nobody has that name, which takes as long.
    name
        What was typed.
    password
        As it was typed.
    at
        The address that it came from.
    sign_in_id
        Of the person's session, where there is one: strangers' guesses hold nobody up in it.

    Returns
    -------
    str or None
        The hash that is kept of it, which says in a later transaction whether the password was
        changed since (`db.accounts.unchanged_account`); None where it is not the account's.

    Raises
    ------
    TooManyAttemptsError
        If there is a pause.
    """
    attempt = begin_attempt(db, name, at, sign_in_id=sign_in_id)
    kept = account.password_hash if account is not None and account.enabled else None
    if not fits(kept, password) or account is None or kept is None:
        return None
    renewed = hash_password(password) if is_outdated(kept) else kept
    with db.write() as session:
        row = unchanged_account(session, account.id, kept)
        if row is None:
            return None
        attempt_was_right(session, attempt)
        row.password_hash = renewed
    return renewed


def account_still_in(session: Session, who: Who) -> Account:
    """Give the account of a person at a browser, for an act that must not outlive the session.

    Raises
    ------
    NotSignedInError
        If the session ended meanwhile, as by a reset of the password.
    """
    found = None if who.sign_in_id is None else account_of(session, who.sign_in_id)
    if found is None:
        message = "the session has ended"
        raise NotSignedInError(message)
    return found


def prove(ours: Services, who: Who, password: str, address: str) -> None:
    """Have a person prove once more who it is.

    Parameters
    ----------
    ours
        The application's services.
    who
        The person, at a browser.
    password
        As it was typed; counts for nothing where a provider vouches for the person, who must have
        come from there within `FRESH`: the page `PROOF_PATH` goes there.
    address
        Of the browser (`web.access.address`).

    Raises
    ------
    NotProvedError
        If it is wrong or too long ago, or the account has neither password nor provider.
    TooManyAttemptsError
        If there is a pause after too many wrong ones.
    NotSignedInError
        If the session ended meanwhile.
    """
    with ours.db.read() as session:
        account = session.get_one(Account, who.account_id)
    if account.issuer is not None:
        if who.proved_at < now() - FRESH:
            message = "go to the identity provider once more"
            raise NotProvedError(message)
        return
    if account.password_hash is None:
        message = "this account has no password yet: set one first"
        raise NotProvedError(message)
    proved = right_password(
        ours.db, account, account.name, password, address, sign_in_id=who.sign_in_id
    )
    if proved is None:
        message = "that is not your password"
        raise NotProvedError(message)
    if who.sign_in_id is not None:
        with ours.db.write() as session:
            account_still_in(session, who)
            prove_sign_in(session, who.sign_in_id)
