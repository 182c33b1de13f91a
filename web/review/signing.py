"""What a signature asks for beside the person's session, where the site wants that."""

from dataclasses import dataclass
from enum import StrEnum

from core.clock import now
from db.models import Account
from web.access.proof import FRESH, prove
from web.access.refusals import NotAllowedError
from web.access.who import Who
from web.services import Services


class Proof(StrEnum):
    """How a person proves once more who it is."""

    NONE = "none"
    PASSWORD = "password"  # noqa: S105 - the word, not a password
    PROVIDER = "provider"
    """By a visit to the identity provider, which has to come first."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs, and from where.

    Parameters
    ----------
    who
        The person.
    address
        Of the browser.
    password
        As it was typed; may be empty.
    """

    who: Who
    address: str
    password: str


def proof_of(ours: Services, who: Who) -> Proof:
    """Tell what a person has to show who is about to sign."""
    if not ours.settings.web.sign_with_password:
        return Proof.NONE
    with ours.db.read() as session:
        vouched = session.get_one(Account, who.account_id).issuer is not None
    if not vouched:
        return Proof.PASSWORD
    return Proof.NONE if who.proved_at >= now() - FRESH else Proof.PROVIDER


def check_proof(ours: Services, signer: Signer) -> None:
    """Hold that whoever signs proved who it is, where the site wants that.

    Raises
    ------
    NotAllowedError
        If a program signs: it has nobody to ask.
    NotProvedError
        If the password is wrong, or the visit to the provider too long ago.
    TooManyAttemptsError
        If there is a pause after too many wrong ones.
    """
    if not ours.settings.web.sign_with_password:
        return
    if signer.who.sign_in_id is None:
        message = "this site asks whoever signs to prove who it is: no program can sign here"
        raise NotAllowedError(message)
    prove(ours, signer.who, signer.password, signer.address)
