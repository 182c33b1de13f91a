"""What the words of a manifest's `expected` column ask for, and whether an end is that.

========================  =========================================================================
word                      as expected is
========================  =========================================================================
`frontal_cxr`             read
`not_...`                 not read: listed with a reason, kept as no radiograph, or refused
`review`,                 not read with a reason, kept aside, or read with a remark on the picture
`skip_or_review`          that a reader of the draft cannot miss
`broken`,                 kept aside or refused: never read, and never listed as if it were whole
`no_pixel_data`
========================  =========================================================================
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class End(StrEnum):
    """How an object ended."""

    READ = "read"
    NOT_READ = "not_read"
    RECEIVED = "received"
    """Kept, and nothing of it is to be read."""
    QUARANTINED = "quarantined"
    """Kept aside, whether the sender was told so or not."""
    FAILED = "failed"
    REFUSED = "refused"
    """Not kept, and the sender was told why."""
    NOT_SENT = "not_sent"
    """The sending program could not read it itself."""
    NO_ANSWER = "no_answer"
    """The connection ended without a word: nobody knows."""
    STUCK = "stuck"
    """It came to no end in time."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How one object ended by one door.

    Parameters
    ----------
    end
        How.
    answer
        What the sender was told.
    reason
        Why it was not read, where it was not; empty where there is none.
    remarks
        Codes of the remarks on the picture, where it was read.
    """

    end: End
    answer: str = ""
    reason: str = ""
    remarks: tuple[str, ...] = ()


_ASIDE: Final = frozenset({End.QUARANTINED, End.REFUSED, End.NOT_SENT})
_UNREAD: Final = _ASIDE | {End.NOT_READ, End.RECEIVED}
_BROKEN: Final = frozenset({"broken", "no_pixel_data"})
_REVIEW: Final = frozenset({"review", "skip_or_review"})
_FRONTAL: Final = "frontal_cxr"
_TELLING: Final = frozenset({"mirrored", "perhaps_mirrored"})
"""Remarks that send a reader of the draft back to the picture, beside the quality gate's own."""
_GATE: Final = "quality_"


def is_known(expected: str) -> bool:
    """Tell whether a word of a manifest is understood."""
    return expected in _BROKEN | _REVIEW | {_FRONTAL} or expected.startswith("not_")


def as_expected(expected: str, ended: Ended) -> bool:
    """Tell whether an object ended as its manifest asks.

    Parameters
    ----------
    expected
        The manifest's word.
    ended
        How it ended.

    Raises
    ------
    ValueError
        If the word is not understood: a check must not pass by a slip of the pen.
    """
    if not is_known(expected):
        message = f"a manifest cannot expect {expected!r}"
        raise ValueError(message)
    if expected == _FRONTAL:
        return ended.end is End.READ
    if expected in _BROKEN:
        return ended.end in _ASIDE
    if expected in _REVIEW:
        unread = ended.end in _UNREAD and bool(ended.reason or ended.end in _ASIDE)
        told = any(code in _TELLING or code.startswith(_GATE) for code in ended.remarks)
        return unread or (ended.end is End.READ and told)
    return ended.end in _UNREAD
