"""What a signature asks for beside the person's session."""

from dataclasses import dataclass

from web.access.who import Who
from web.services import Services


@dataclass(frozen=True, slots=True)
class Proof:
    """What the person has to show.

    Parameters
    ----------
    password
        Whether the password.
    provider
        Whether to come from the identity provider again.
    """

    password: bool
    provider: bool


def proof_of(ours: Services, who: Who) -> Proof:
    """Tell what a person has to show who signs now."""
    del ours, who
    return Proof(password=False, provider=False)


def check_proof(ours: Services, who: Who, password: str) -> None:
    """Hold that whoever signs showed it."""
    del ours, who, password
