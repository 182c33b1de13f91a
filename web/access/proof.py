"""Proving once more who one is, as to sign a report: by the password, or at the provider."""

from datetime import timedelta
from typing import Final

from core.clock import now
from db.engine import Database
from db.models import Account
from db.passwords import fits, hash_password, is_outdated
from db.sign_in_attempts import attempt_was_right, begin_attempt
from db.sign_ins import prove_sign_in
from web.access.refusals import NotProvedError
from web.access.who import Who
from web.services import Services

FRESH: Final = timedelta(minutes=2)
"""How long a visit to the identity provider counts."""
PROOF_PATH: Final = "/prove"
"""Where somebody who has no password here goes to the provider once more, with `next`."""


def right_password(
    db: Database, account: Account | None, name: str, password: str, at: str
) -> bool:
    """Tell whether a password is an account's, with pauses for who guesses.

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

    Raises
    ------
    TooManyAttemptsError
        If there is a pause.
    """
    attempt = begin_attempt(db, name, at)
    kept = account.password_hash if account is not None and account.enabled else None
    if not fits(kept, password) or account is None or kept is None:
        return False
    renewed = hash_password(password) if is_outdated(kept) else None
    with db.write() as session:
        attempt_was_right(session, attempt)
        if renewed is not None:
            row = session.get_one(Account, account.id)
            # Not where it was changed meanwhile.
            row.password_hash = renewed if row.password_hash == kept else row.password_hash
    return True


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
    if not right_password(ours.db, account, account.name, password, address):
        message = "that is not your password"
        raise NotProvedError(message)
    if who.sign_in_id is not None:
        with ours.db.write() as session:
            prove_sign_in(session, who.sign_in_id)
