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

_NUMBER: Final = r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
_BOX: Final = re.compile(r"\s*,\s*".join([_NUMBER] * 4))
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
    for piece in _bracketed(text):
        box = _box(piece)
        if box is None:
            dropped.append(piece[:_SHOWN])
        else:
            boxes[box] = None
    return BoxesAnswer(tuple(boxes), tuple(dropped))


def _bracketed(text: str) -> Iterator[str]:
    """Give each outermost bracketed piece; one that is never closed goes to the end."""
    depth = start = 0
    for place, character in enumerate(text):
        if character == "[":
            if depth == 0:
                start = place
            depth += 1
        elif character == "]":
            if depth == 0:
                yield "]"
            elif depth == 1:
                yield text[start : place + 1]
            depth = max(0, depth - 1)
    if depth:
        yield text[start:]


def _box(piece: str) -> Box | None:
    match = _BOX.fullmatch(piece.removeprefix("[").removesuffix("]").strip())
    if match is None or not (piece.startswith("[") and piece.endswith("]")):
        return None
    try:
        return Box(*(float(number) for number in match.groups()))
    except ValueError:
        return None
