"""Boxes out of a model's words: exactly the written ones, or none.

RadVLM writes `[x1, y1, x2, y2]` in fractions of the image. Malformed, reversed and out-of-range
boxes happen; whatever is not four numbers in one plain pair of brackets, in order and in range,
is dropped and reported. Nothing is repaired: a swapped or clipped box would be an invented one.
"""

import re
from collections.abc import Iterator
from typing import Final

from core.reading import Box
from reader.answers import BoxesAnswer

# A longer number was not written by a model that knows what it does.
_NUMBER: Final = r"([0-9]{1,6}(?:\.[0-9]{1,17})?|\.[0-9]{1,17})"
_BOX: Final = re.compile(r"\s*,\s*".join([_NUMBER] * 4))
_BRACKET: Final = re.compile(r"[\[\]]")
_SHOWN: Final = 60
"""Characters of a dropped piece that are kept for the remark."""


def parse_boxes(text: str) -> BoxesAnswer:
    """Give the boxes of an answer.

    Parameters
    ----------
    text
        The model's words.

    Returns
    -------
    BoxesAnswer
        Each distinct valid box once, in the order written; and each bracketed piece that is no
        valid box, with its brackets. A text without brackets gives neither.
    """
    boxes: dict[Box, None] = {}
    dropped: list[str] = []
    for start, end in brackets(text):
        box = _box(text[start:end])
        if box is None:
            dropped.append(text[start : min(end, start + _SHOWN)])
        else:
            boxes[box] = None
    return BoxesAnswer(tuple(boxes), tuple(dropped))


def brackets(text: str) -> Iterator[tuple[int, int]]:
    """Give where each outermost bracketed piece begins and ends.

    One that is never closed goes to the end of the text; a closing bracket that closes nothing is
    a piece by itself.
    """
    depth = start = 0
    for mark in _BRACKET.finditer(text):
        place = mark.start()
        if mark.group() == "[":
            if depth == 0:
                start = place
            depth += 1
        else:
            if depth <= 1:
                yield (start if depth else place), place + 1
            depth = max(0, depth - 1)
    if depth:
        yield start, len(text)


def _box(piece: str) -> Box | None:
    match = _BOX.fullmatch(piece.removeprefix("[").removesuffix("]").strip())
    if match is None or not (piece.startswith("[") and piece.endswith("]")):
        return None
    try:
        return Box(*(float(number) for number in match.groups()))
    except ValueError:
        return None
