"""A report's sections and sentences."""

import re
from typing import Final

from core.errors import UnparseableAnswerError
from core.reading import DraftReport

_HEADING: Final = re.compile(
    r"(?:^|(?<=[.\n]))[ \t]*\**(findings?|impressions?|conclusions?)\**[ \t]*:\**[ \t]*",
    re.IGNORECASE,
)
_FINDINGS: Final = "finding"
# A full stop ends a sentence where a blank and a capital, a digit or a bracket follow: not in
# "2.5 cm", "vs. edema" or "Dr. Who" (titles are looked for behind it).
_SHORT: Final = ("Dr", "Mr", "Mrs", "Ms", "Prof", "St", "vs", "e.g", "i.e", "approx", "resp")
_END: Final = re.compile(
    r"(?<=[.!?])"
    + "".join(rf"(?<!\b{re.escape(word)}\.)" for word in _SHORT)
    + r"\s+(?=[A-Z0-9\[(\"])|\n+"
)
_COUNTER: Final = re.compile(r"\(?\d{1,2}[.)]")
_CONTROL: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]"
)


def printable(text: str) -> str:
    """Take control characters and bidirectional marks out of a piece of text.

    Line breaks and tabs stay.
    """
    return _CONTROL.sub("", text)


def clean(text: str) -> str:
    """Take control characters and outer blanks out of a whole text.

    A carriage return becomes a line break.
    """
    return printable(text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def sections(text: str) -> DraftReport:
    """Divide a report at its headings.

    Parameters
    ----------
    text
        The model's words, clean.

    Returns
    -------
    DraftReport
        Text before any heading belongs to the findings, and a report that has no findings
        section is findings as a whole; nothing is left out.

    Raises
    ------
    UnparseableAnswerError
        If there is nothing but blanks and headings.
    """
    pieces = _HEADING.split(text)
    findings: list[str] = [pieces[0]]
    impression: list[str] = []
    for heading, body in zip(pieces[1::2], pieces[2::2], strict=True):
        (findings if heading.lower().startswith(_FINDINGS) else impression).append(body)
    found, concluded = _joined(findings), _joined(impression)
    if not found and not concluded:
        message = f"the report has headings and nothing else: {text[:80]!r}"
        raise UnparseableAnswerError(message)
    return DraftReport(found, concluded) if found else DraftReport(concluded)


def sentences(text: str) -> tuple[str, ...]:
    """Divide a text into sentences, each with its words as they are.

    A counter such as "2." stays with the sentence that it counts.
    """
    found: list[str] = []
    for piece in _END.split(text):
        sentence = " ".join(piece.split())
        if found and _COUNTER.fullmatch(found[-1]):
            found[-1] = f"{found[-1]} {sentence}"
        elif sentence:
            found.append(sentence)
    return tuple(found)


def _joined(parts: list[str]) -> str:
    return "\n".join(part.strip() for part in parts if part.strip())
