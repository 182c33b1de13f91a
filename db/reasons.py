"""Why somebody does what others will ask about."""

from typing import Final

from core.errors import WrongArgumentError

SHORTEST_REASON: Final = 10
LONGEST_REASON: Final = 500


def checked_reason(reason: str) -> str:
    """Give a reason without spaces around it.

    Raises
    ------
    WrongArgumentError
        If it says too little or too much.
    """
    words = reason.strip()
    if not SHORTEST_REASON <= len(words) <= LONGEST_REASON:
        message = f"say why in {SHORTEST_REASON} to {LONGEST_REASON} characters"
        raise WrongArgumentError(message)
    return words
