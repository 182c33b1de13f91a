"""A model's answer in pieces that a page can show: sentences, and the places within them.

A model writes a place as four numbers in brackets. Where these are a box of the answer, the page
shows a button instead; whatever else stands in brackets stays as it was written.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from core.reading import Box

_BRACKETS: Final = re.compile(r"\[([^\[\]]{1,100})\]")
_END: Final = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9\[(\"])|\n+")
_NUMBERS: Final = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a sentence, or a place.

    Parameters
    ----------
    text
        As the model wrote it.
    place
        Number of the answer's box that it stands for, from 1; None for words.
    """

    text: str
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer.

    Parameters
    ----------
    pieces
        In their order.
    """

    pieces: tuple[Piece, ...]

    @property
    def words(self) -> str:
        """What of it can stand in a report: its words without the numbers of places."""
        said = " ".join("".join(p.text for p in self.pieces if p.place is None).split())
        return re.sub(r" (?=[.,;:!?])", "", said)


def sentences(answer: str, boxes: Sequence[Box]) -> tuple[Sentence, ...]:
    """Divide an answer.

    Parameters
    ----------
    answer
        The model's words.
    boxes
        Those that were understood in it.

    Returns
    -------
    tuple of Sentence
        Joined with blanks, their pieces' texts are the answer, line breaks aside.
    """
    parts = (part.strip() for part in _END.split(answer))
    return tuple(Sentence(tuple(_pieces(part, boxes))) for part in parts if part)


def unwritten(told: Sequence[Sentence], boxes: Sequence[Box]) -> tuple[int, ...]:
    """Give the numbers of boxes that no sentence shows, such as those told in another notation."""
    shown = {piece.place for sentence in told for piece in sentence.pieces}
    return tuple(number for number in range(1, len(boxes) + 1) if number not in shown)


def _pieces(text: str, boxes: Sequence[Box]) -> Iterator[Piece]:
    at = 0
    for found in _BRACKETS.finditer(text):
        number = _number(found.group(1), boxes)
        if number is None:
            continue
        if found.start() > at:
            yield Piece(text[at : found.start()])
        yield Piece(found.group(), number)
        at = found.end()
    if at < len(text):
        yield Piece(text[at:])


def _number(written: str, boxes: Sequence[Box]) -> int | None:
    parts = written.split(",")
    if len(parts) != _NUMBERS:
        return None
    try:
        edges = tuple(float(part) for part in parts)
    except ValueError:
        return None
    for number, box in enumerate(boxes, start=1):
        if edges == (box.x1, box.y1, box.x2, box.y2):
            return number
    return None
