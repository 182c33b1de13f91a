"""What an administrator does for who forgot a password."""

from datetime import timedelta

from sqlalchemy.orm import Session

from core.errors import WrongArgumentError
from db.accounts import set_password
from db.models import Account
from db.one_time_links import make_link


def reset_by_link(session: Session, account: Account, lifetime: timedelta, *, actor: str) -> str:
    """Take an account's password away, and give the path of a link by which another one is set.

    Whose account it is notices, since the old password is good no more: nobody can use such a link
    in another one's name in secret.

    Parameters
    ----------
    session
        A writing session.
    account
        Whose.
    lifetime
        How long the link is good.
    actor
        Who does it.

    Raises
    ------
    WrongArgumentError
        If the account is disabled, or an identity provider vouches for the person.
    """
    if not account.enabled:
        message = f"{account.name} may not sign in: let the person in again first"
        raise WrongArgumentError(message)
    set_password(session, account, None, actor=actor)
    return make_link(session, account, actor=actor, lifetime=lifetime)
