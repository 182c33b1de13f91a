"""MAIRA-2's answers: phrases between marks, each with the boxes that follow it.

`<obj>phrase<box><x55><y45><x70><y56></box></obj>`: bin n of 100 stands for (n + 0.5) / 100 of the
square that the model saw (`processing_maira2.py` of the published folder). Its own parser ends in
an error at anything else; here whatever is no whole box is dropped and reported, and the words
are kept.
"""

import re
from collections.abc import Iterator
from typing import Final

from core.reading import Box
from reader.answers import BoxesAnswer, PlacedText

BINS: Final = 100
_EDGE: Final = re.compile(r"(</?obj>)")
_MARK: Final = re.compile(r"</?obj>|</?box>|<[xy][0-9]*>")
_BOX: Final = re.compile(
    r"<box>\s*<x([0-9]{1,2})>\s*<y([0-9]{1,2})>\s*<x([0-9]{1,2})>\s*<y([0-9]{1,2})>\s*</box>"
)
_SHOWN: Final = 60


def placed_texts(text: str) -> tuple[PlacedText, ...]:
    """Give the phrases of an answer in its order.

    Parameters
    ----------
    text
        The model's words.

    Returns
    -------
    tuple of PlacedText
        With a place where a phrase has boxes, or something that looks like them. Boxes of a
        phrase that was never closed, or that stand outside a phrase, are dropped. Pieces without
        any word are left out unless something had to be dropped.
    """
    return tuple(
        placed
        for placed in _phrases(text)
        if placed.text or (placed.place and placed.place.dropped)
    )


def all_boxes(text: str) -> BoxesAnswer:
    """Give the boxes of all phrases together, each once."""
    places = [placed.place for placed in placed_texts(text) if placed.place is not None]
    boxes = dict.fromkeys(box for place in places for box in place.boxes)
    return BoxesAnswer(tuple(boxes), tuple(piece for place in places for piece in place.dropped))


def _phrases(text: str) -> Iterator[PlacedText]:
    within: str | None = None
    for piece in _EDGE.split(text):
        if piece == "<obj>":
            if within is not None:
                yield _broken(within)
            within = ""
        elif piece == "</obj>":
            yield _broken(piece) if within is None else _phrase(within)
            within = None
        elif within is None:
            yield _broken(piece)
        else:
            within += piece
    if within is not None:
        yield _broken(within)


def _phrase(body: str) -> PlacedText:
    """Read what stands between a phrase's two marks."""
    mark = _MARK.search(body)
    if mark is None:
        return PlacedText(_words(body))
    boxes: dict[Box, None] = {}
    dropped: list[str] = []
    at = mark.start()
    for found in _BOX.finditer(body, at):
        _drop(body[at : found.start()], dropped)
        at = found.end()
        box = _box(found)
        if box is None:
            _drop(found.group(), dropped)
        else:
            boxes[box] = None
    _drop(body[at:], dropped)
    return PlacedText(_words(body), BoxesAnswer(tuple(boxes), tuple(dropped)))


def _broken(piece: str) -> PlacedText:
    """Keep the words of a piece that is no whole phrase, and none of its boxes."""
    if _MARK.search(piece) is None:
        return PlacedText(_words(piece))
    return PlacedText(_words(piece), BoxesAnswer((), (piece.strip()[:_SHOWN],)))


def _box(found: re.Match[str]) -> Box | None:
    try:
        return Box(*((int(number) + 0.5) / BINS for number in found.groups()))
    except ValueError:
        return None


def _drop(piece: str, dropped: list[str]) -> None:
    if piece.strip():
        dropped.append(piece.strip()[:_SHOWN])


def _words(piece: str) -> str:
    return " ".join(_MARK.sub(" ", piece).split())
