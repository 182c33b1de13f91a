"""What a person changed in a text, word by word."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import pairwise
from typing import Final

_TOKEN: Final = re.compile(r"\w+|\s+|[^\w\s]")
_MOST_COMPARISONS: Final = 4_000_000
"""Of one piece with another: above it lines are compared, and above it again nothing is."""


class Change(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that has one fate.

    Parameters
    ----------
    change
        Its fate.
    text
        The words with their spaces.
    """

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class ReportDifferences:
    """What changed from one report to another, section by section."""

    findings: tuple[Piece, ...]
    impression: tuple[Piece, ...]


def differences(before: str, after: str) -> tuple[Piece, ...]:
    """Give two texts as one, in pieces.

    Returns
    -------
    tuple of Piece
        The pieces that are not added make `before`, those that are not removed make `after`. Of a
        place where words were replaced the old ones come first.
    """
    old, new = _divided(before, after)
    found: list[Piece] = []
    # Its guess at what is too common to matter ("autojunk") would tear sentences apart.
    for _, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = "".join(old[i1:i2]), "".join(new[j1:j2])
        if gone == come:
            found.append(Piece(Change.SAME, gone))
            continue
        found.extend(_pieces(gone, come))
    return tuple(_merged(found))


def _divided(before: str, after: str) -> tuple[Sequence[str], Sequence[str]]:
    """Divide both texts as finely as can be compared in good time."""
    texts = before, after
    for divided in (
        [_TOKEN.findall(text) for text in texts],
        [text.splitlines(keepends=True) for text in texts],
    ):
        old, new = divided
        if len(old) * len(new) <= _MOST_COMPARISONS:
            return old, new
    return [before], [after]


def _pieces(gone: str, come: str) -> Iterator[Piece]:
    if gone:
        yield Piece(Change.REMOVED, gone)
    if come:
        yield Piece(Change.ADDED, come)


def _merged(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Let changes that only a space keeps apart be one: words are read, not letters."""
    gone = come = ""
    changed = [piece.change is not Change.SAME for piece in pieces]
    between = {
        index
        for index, (first, second) in enumerate(pairwise([*changed, False]))
        if not first and index > 0 and changed[index - 1] and second
    }
    for index, piece in enumerate(pieces):
        if piece.change is Change.REMOVED:
            gone += piece.text
        elif piece.change is Change.ADDED:
            come += piece.text
        elif index in between and piece.text.isspace() and "\n" not in piece.text:
            gone += piece.text
            come += piece.text
        else:
            yield from _pieces(gone, come)
            gone = come = ""
            yield piece
    yield from _pieces(gone, come)
