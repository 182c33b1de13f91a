"""Every DIMSE status that a C-STORE is answered with, by us and by others, in one place.

As a receiver FirstRead answers one of `StoreStatus`; as a sender it looks up what a peer's
status means with `judge`, and as one who asks and fetches with `query_in_words`. The ranges are
those of PS3.4 sections B.2.3, C.4.1.1.4, C.4.2.1.5 and GG.4.2 and of PS3.7 annex C.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class StoreStatus(IntEnum):
    """What FirstRead answers to a C-STORE; only the first means that the object is safe here."""

    SUCCESS = 0x0000
    PROCESSING_FAILURE = 0x0110
    """A fault of our own; the object may be sent again."""
    CLASS_NOT_SUPPORTED = 0x0122
    """A class that this caller may not send, or another than was negotiated."""
    NOT_AUTHORISED = 0x0124
    """A known peer that is not set to send films."""
    OUT_OF_RESOURCES = 0xA700
    """The disk passed its mark or the database is away; later it will do."""
    CLASS_MISMATCH = 0xA900
    """The data set is of another SOP class than its command says."""
    NOT_UNDERSTOOD = 0xC100
    """The data set cannot be parsed, is cut short or missing; kept aside."""
    BAD_IDENTIFIER = 0xC101
    """A UID or the patient's id is empty or malformed; kept aside."""
    INSTANCE_MISMATCH = 0xC102
    """The data set bears another SOP Instance UID than its command."""
    SYNTAX_NOT_SUPPORTED = 0xC122
    """STOW-RS only: a transfer syntax that is not decoded here (PS3.18 table I.2-2)."""
    OTHER_STUDY = 0xC409
    """STOW-RS only: the object is of another study than the request."""


class Verdict(StrEnum):
    """What a peer's answer means for a delivery."""

    STORED = "stored"
    TRANSIENT = "transient"
    """Not stored; the same object may be taken later."""
    PERMANENT = "permanent"
    """Not stored, and sending it again cannot help."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A range of statuses and what it means.

    Parameters
    ----------
    first, last
        The range, both ends included.
    verdict
        What it means for a delivery.
    words
        The standard's own words.
    """

    first: int
    last: int
    verdict: Verdict
    words: str


MEANINGS: tuple[Meaning, ...] = (
    Meaning(0x0000, 0x0000, Verdict.STORED, "Success"),
    Meaning(0x0001, 0x0001, Verdict.STORED, "Requested optional attributes are not supported"),
    Meaning(0x0107, 0x0107, Verdict.STORED, "Attribute list error"),
    Meaning(0x0116, 0x0116, Verdict.STORED, "Attribute value out of range"),
    # A result's UID is derived from what it was made of: whoever has the UID has the object.
    Meaning(0x0111, 0x0111, Verdict.STORED, "Duplicate SOP instance"),
    Meaning(0xB000, 0xB000, Verdict.STORED, "Coercion of data elements"),
    Meaning(0xB006, 0xB006, Verdict.STORED, "Elements discarded"),
    Meaning(0xB007, 0xB007, Verdict.STORED, "Data set does not match SOP class (warning)"),
    Meaning(0x0110, 0x0110, Verdict.TRANSIENT, "Processing failure"),
    Meaning(0x0213, 0x0213, Verdict.TRANSIENT, "Resource limitation"),
    Meaning(0xA700, 0xA7FF, Verdict.TRANSIENT, "Refused: out of resources"),
    Meaning(0x0105, 0x0105, Verdict.PERMANENT, "No such attribute"),
    Meaning(0x0106, 0x0106, Verdict.PERMANENT, "Invalid attribute value"),
    Meaning(0x0112, 0x0112, Verdict.PERMANENT, "No such SOP instance"),
    Meaning(0x0115, 0x0115, Verdict.PERMANENT, "Invalid argument value"),
    Meaning(0x0117, 0x0117, Verdict.PERMANENT, "Invalid SOP instance"),
    Meaning(0x0118, 0x0118, Verdict.PERMANENT, "No such SOP class"),
    Meaning(0x0119, 0x0119, Verdict.PERMANENT, "Class-instance conflict"),
    Meaning(0x0120, 0x0120, Verdict.PERMANENT, "Missing attribute"),
    Meaning(0x0121, 0x0121, Verdict.PERMANENT, "Missing attribute value"),
    Meaning(0x0122, 0x0122, Verdict.PERMANENT, "Refused: SOP class not supported"),
    Meaning(0x0124, 0x0124, Verdict.PERMANENT, "Refused: not authorised"),
    Meaning(0x0210, 0x0210, Verdict.TRANSIENT, "Duplicate invocation"),
    Meaning(0x0211, 0x0211, Verdict.PERMANENT, "Unrecognised operation"),
    Meaning(0x0212, 0x0212, Verdict.PERMANENT, "Mistyped argument"),
    Meaning(0xA900, 0xA9FF, Verdict.PERMANENT, "Data set does not match SOP class"),
    Meaning(0xC000, 0xCFFF, Verdict.PERMANENT, "Cannot understand"),
)
"""What peers answer to C-STORE; a status that is not here is permanent: a clear row, and no
endless retry."""


def judge(status: int) -> Meaning:
    """Give the meaning of a peer's status.

    Parameters
    ----------
    status
        The DIMSE status, 0 to 0xFFFF.

    Returns
    -------
    Meaning
        From `MEANINGS`; a status that the standard does not know is permanent.
    """
    for meaning in MEANINGS:
        if meaning.first <= status <= meaning.last:
            return meaning
    return Meaning(status, status, Verdict.PERMANENT, "Status unknown to the standard")


def in_words(status: int, comment: str = "") -> str:
    """Say a peer's status for an administrator, such as `0xA700 Refused: out of resources`."""
    words = f"0x{status:04X} {judge(status).words}"
    return f"{words}: {comment}" if comment else words


QUERY_WORDS: tuple[tuple[int, int, str], ...] = (
    (0x0000, 0x0000, "Success"),
    (0xA700, 0xA700, "Refused: out of resources"),
    (0xA701, 0xA701, "Refused: out of resources, cannot count the matches"),
    (0xA702, 0xA702, "Refused: out of resources, cannot send"),
    (0xA801, 0xA801, "Refused: move destination unknown"),
    (0xA900, 0xA900, "Identifier does not match SOP class"),
    (0xB000, 0xB000, "Some or all sub-operations failed"),
    (0xC000, 0xCFFF, "Unable to process"),
    (0xFE00, 0xFE00, "Cancelled"),
)
"""What peers answer to C-FIND and C-MOVE where the words differ from those for C-STORE; first and
last status, and the words."""


def query_in_words(status: int, comment: str = "") -> str:
    """Say a peer's status to C-FIND or C-MOVE for an administrator; as `in_words`."""
    for first, last, said in QUERY_WORDS:
        if first <= status <= last:
            words = f"0x{status:04X} {said}"
            return f"{words}: {comment}" if comment else words
    return in_words(status, comment)
