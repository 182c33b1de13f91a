"""What a peer says of an object that it does not commit itself to keep, and what that means."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class NextStep(StrEnum):
    """What follows where a peer does not commit itself to an object."""

    SEND_AGAIN = "send_again"
    """It does not have it."""
    ASK_SOON = "ask_soon"
    """It cannot say for the moment."""
    ASK_LATE = "ask_late"
    """It commits itself to no object of the kind, until it is set up otherwise."""
    FAIL = "fail"
    """It has something else under this UID, which sending again cannot change."""


@dataclass(frozen=True, slots=True)
class FailureReason:
    """One value of Failure Reason (0008,1197).

    Parameters
    ----------
    code
        The value, 0 to 0xFFFF.
    step
        What follows.
    words
        The standard's own words.
    """

    code: int
    step: NextStep
    words: str

    def __str__(self) -> str:
        """Say it for an administrator."""
        return f"0x{self.code:04X} {self.words}"


FAILURE_REASONS: Final[tuple[FailureReason, ...]] = (
    FailureReason(0x0110, NextStep.ASK_SOON, "Processing failure"),
    FailureReason(0x0112, NextStep.SEND_AGAIN, "No such object instance"),
    FailureReason(0x0119, NextStep.FAIL, "Class/Instance conflict"),
    FailureReason(0x0122, NextStep.ASK_LATE, "Referenced SOP Class not supported"),
    FailureReason(0x0131, NextStep.ASK_SOON, "Duplicate transaction UID"),
    FailureReason(0x0213, NextStep.ASK_SOON, "Resource limitation"),
)
"""PS3.3 section C.14.1.1. A reason that is not here is asked about again: nobody knows whether the
peer has the object."""


def failure_reason(code: int) -> FailureReason:
    """Give the meaning of a Failure Reason; one that the standard does not know is asked again."""
    for reason in FAILURE_REASONS:
        if reason.code == code:
            return reason
    return FailureReason(code, NextStep.ASK_SOON, "Reason unknown to the standard")
