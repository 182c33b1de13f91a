"""The statuses of N-EVENT-REPORT and N-ACTION (PS3.7 sections 10.1.1.1.8 and 10.1.4.1.10)."""

from enum import IntEnum, StrEnum
from typing import Final


class ReportStatus(IntEnum):
    """What FirstRead answers to an N-EVENT-REPORT; the first means that it is noted for good."""

    SUCCESS = 0x0000
    PROCESSING_FAILURE = 0x0110
    """The database is away: the report may be sent again."""
    NO_SUCH_INSTANCE = 0x0112
    """It is not about the well-known instance of the class."""
    NO_SUCH_EVENT = 0x0113
    """An event type other than 1 and 2."""
    INVALID_ARGUMENT = 0x0115
    """A transaction that this caller was never asked in, or that it answered otherwise before; or
    information that cannot be read or contradicts itself."""
    NO_SUCH_CLASS = 0x0118
    """It is about another class than its context."""
    UNRECOGNISED_OPERATION = 0x0211
    """Storage commitment was not negotiated, or this caller is not asked for it."""
    RESOURCE_LIMITATION = 0x0213
    """Too many reports at once, or one that is too long."""


class Refusal(StrEnum):
    """What a failure of N-ACTION is about."""

    FOR_NOW = "for_now"
    """The peer cannot take it at this moment."""
    OF_THIS = "of_this"
    """The peer does not take this very request."""
    OF_ALL = "of_all"
    """The peer does not take requests of us, or of the kind."""


ACTION_STATUSES: Final[dict[int, tuple[Refusal, str]]] = {
    0x0110: (Refusal.FOR_NOW, "Processing failure"),
    0x0112: (Refusal.OF_ALL, "No such SOP instance"),
    0x0114: (Refusal.OF_THIS, "No such argument"),
    0x0115: (Refusal.OF_THIS, "Invalid argument value"),
    0x0117: (Refusal.OF_ALL, "Invalid SOP instance"),
    0x0118: (Refusal.OF_ALL, "No such SOP class"),
    0x0119: (Refusal.OF_ALL, "Class-instance conflict"),
    0x0122: (Refusal.OF_ALL, "Refused: SOP class not supported"),
    0x0123: (Refusal.OF_ALL, "No such action"),
    0x0124: (Refusal.OF_ALL, "Refused: not authorised"),
    0x0131: (Refusal.OF_THIS, "Duplicate transaction UID"),
    0x0210: (Refusal.FOR_NOW, "Duplicate invocation"),
    0x0211: (Refusal.OF_ALL, "Unrecognised operation"),
    0x0212: (Refusal.OF_THIS, "Mistyped argument"),
    0x0213: (Refusal.FOR_NOW, "Resource limitation"),
}
"""Failures of N-ACTION; one that is not here refuses this very request."""
_WARNINGS: Final = frozenset({0x0001, 0x0107, 0x0116})
_UNKNOWN: Final = (Refusal.OF_THIS, "Status unknown to the standard")


def refusal_of(status: int) -> Refusal | None:
    """Tell what a peer's status to N-ACTION refuses; None where the request was taken."""
    if status == 0 or status in _WARNINGS or status >> 12 == 0xB:  # noqa: PLR2004 - PS3.7 annex C
        return None
    return ACTION_STATUSES.get(status, _UNKNOWN)[0]


def action_in_words(status: int, comment: str = "") -> str:
    """Say a peer's status to N-ACTION for an administrator."""
    words = f"0x{status:04X} {ACTION_STATUSES.get(status, _UNKNOWN)[1]}"
    return f"{words}: {comment}" if comment else words
