"""What a peer's acknowledgement means for a delivery (HL7 v2.5.1 sections 2.9.2, 2.15.5, 2.15.8).

MSA-1 decides whether the peer has the message. What it refused is tried again where the peer says,
by the error code of ERR-3 or for want of one by MSA-1, that the same message may be taken later.
"""

import re
from dataclasses import dataclass

import hl7

from core.errors import PeerUnavailableError
from dicom_sr.text import cut, one_line
from gateway.statuses import Verdict

ACCEPTED = 0
UNSTATED = 1
"""Delivery statuses that are no codes of table 0357: accepted, and refused without a code."""
DUPLICATE = 205
_ESCAPED = {"F": "|", "S": "^", "R": "~", "E": "\\", "T": "&"}
_ESCAPE = re.compile(r"\\([FSRET])\\")
_LONGEST_WORDS = 500
"""Bytes of a peer's own words that are kept."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code of MSA-1 (table 0008) or ERR-3 (table 0357)."""

    verdict: Verdict
    words: str


ACKNOWLEDGEMENTS: dict[str, Code] = {
    "AA": Code(Verdict.STORED, "Application accept"),
    "CA": Code(Verdict.STORED, "Commit accept"),
    "AE": Code(Verdict.PERMANENT, "Application error"),
    "CE": Code(Verdict.TRANSIENT, "Commit error"),
    "AR": Code(Verdict.TRANSIENT, "Application reject"),
    "CR": Code(Verdict.PERMANENT, "Commit reject"),
}
"""MSA-1; the verdict on a refusal holds where no error code is told. AR is for reasons that have
nothing to do with the message, CE for those other than its header; AE and CR for its content."""
ERRORS: dict[int, Code] = {
    100: Code(Verdict.PERMANENT, "Segment sequence error"),
    101: Code(Verdict.PERMANENT, "Required field missing"),
    102: Code(Verdict.PERMANENT, "Data type error"),
    103: Code(Verdict.PERMANENT, "Table value not found"),
    200: Code(Verdict.PERMANENT, "Unsupported message type"),
    201: Code(Verdict.PERMANENT, "Unsupported event code"),
    202: Code(Verdict.PERMANENT, "Unsupported processing id"),
    203: Code(Verdict.PERMANENT, "Unsupported version id"),
    204: Code(Verdict.PERMANENT, "Unknown key identifier"),
    DUPLICATE: Code(Verdict.PERMANENT, "Duplicate key identifier"),
    206: Code(Verdict.TRANSIENT, "Application record locked"),
    207: Code(Verdict.TRANSIENT, "Application internal error"),
}
"""ERR-3 of a refusal."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A peer's answer to one message.

    Parameters
    ----------
    verdict
        What it means for the delivery.
    status
        The error code; `ACCEPTED`, or `UNSTATED` where a refusal has none.
    words
        The same for an administrator, with what the peer said itself.
    """

    verdict: Verdict
    status: int
    words: str


def acknowledgement(data: bytes, control_id: str) -> Acknowledgement:
    """Read the answer to a message.

    Parameters
    ----------
    data
        What came, without the framing of MLLP; untrusted.
    control_id
        MSH-10 of the message.

    Raises
    ------
    PeerUnavailableError
        If it is no acknowledgement of this very message: whether the peer has it is unknown.
    """
    message = _parsed(data)
    code = _field(message, "MSA", 1).upper()
    answered = _field(message, "MSA", 2)
    if answered != control_id:
        words = "an answer to another message" if answered else "an answer that names no message"
        raise PeerUnavailableError(words)
    known = ACKNOWLEDGEMENTS.get(code, Code(Verdict.PERMANENT, "Unknown to the standard"))
    said = f"{_clean(code) or 'no code'} {known.words}"
    own = _own_words(message)
    if known.verdict is Verdict.STORED:
        return Acknowledgement(Verdict.STORED, ACCEPTED, _joined(said, own))
    status = _error_code(message)
    error = ERRORS.get(status) if code in ACKNOWLEDGEMENTS else None
    if error is None:
        return Acknowledgement(known.verdict, status, _joined(said, own))
    return Acknowledgement(error.verdict, status, _joined(f"{said}, {status} {error.words}", own))


def _parsed(data: bytes) -> hl7.Message:
    """Parse an answer; segments that end by LF or CR LF, as some listeners write, are taken."""
    text = data.decode("utf-8", "replace").replace("\n", "\r")
    try:
        message = hl7.parse("\r".join(line for line in text.split("\r") if line.strip()) + "\r")
        message.segment("MSA")
    except Exception as error:
        # The parser raises of every kind at what is no message.
        words = "an answer that is no acknowledgement"
        raise PeerUnavailableError(words) from error
    return message


def _whole_field(message: hl7.Message, segment: str, number: int) -> str:
    """Give a field of the first such segment as it was written; "" where there is none."""
    found = [one for one in message if str(one[0]) == segment]
    return str(found[0][number]) if found and len(found[0]) > number else ""


def _field(message: hl7.Message, segment: str, number: int, component: int = 1) -> str:
    """Give a component of a field, in its first repetition and first subcomponent."""
    _, _, repetition, between, below = message.separators
    first = _whole_field(message, segment, number).split(repetition)[0]
    parts = first.split(between)
    return parts[component - 1].split(below)[0].strip() if len(parts) >= component else ""


def _error_code(message: hl7.Message) -> int:
    """Give the code of ERR-3, or of ERR-1 as before version 2.5 (the fourth component)."""
    for code in (_field(message, "ERR", 3), _field(message, "ERR", 1, 4)):
        if code.isascii() and code.isdigit() and int(code) in ERRORS:
            return int(code)
    return UNSTATED


def _own_words(message: hl7.Message) -> str:
    """Give what a peer says in its own words: MSA-3, ERR-7 and ERR-8, each once."""
    fields = (("MSA", 3), ("ERR", 7), ("ERR", 8))
    found = (_clean(_unescaped(_whole_field(message, *place))) for place in fields)
    return _clean("; ".join(dict.fromkeys(words for words in found if words)))


def _unescaped(text: str) -> str:
    """Undo the escapes of separators; the library's own way logs what it cannot undo."""
    return _ESCAPE.sub(lambda found: _ESCAPED[found.group(1)], text)


def _clean(words: str) -> str:
    return cut(one_line(words), _LONGEST_WORDS)


def _joined(said: str, own: str) -> str:
    return f"{said}: {own}" if own else said
