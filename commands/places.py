"""What a user wants to be shown on a film beyond its reading."""

from collections.abc import Sequence
from typing import Any

from core.errors import UnknownTaskError, UnparseableAnswerError
from core.labels import Label
from core.reading import Box
from reader import tasks
from reader.answers import BoxesAnswer
from reader.protocol import Look

_ABNORMALITIES = frozenset(label.value for label in Label)


def places_of(look: Look, names: Sequence[str], *, detect: bool) -> dict[str, Any]:
    """Ask for places.

    Parameters
    ----------
    look
        The film.
    names
        A sentence, which ends with a full stop; an abnormality, by its label; or a region of the
        body.
    detect
        Whether to ask for everything at once, too.

    Returns
    -------
    dict
        Plain values: `located`, one entry a name with its `boxes` (x1, y1, x2, y2 as fractions of
        the film) or the reason why there are none; `detected`, boxes by label, where it was asked.
    """
    asked: dict[str, Any] = {"located": [{"name": name} | _place(look, name) for name in names]}
    if detect:
        asked["detected"] = _detected(look)
    return asked


def _place(look: Look, name: str) -> dict[str, Any]:
    try:
        return {"boxes": _edges(_locate(look, name).boxes)}
    except (UnknownTaskError, UnparseableAnswerError) as error:
        return {"boxes": [], "reason": str(error)}


def _locate(look: Look, name: str) -> BoxesAnswer:
    if name.endswith("."):
        return tasks.locate_sentence(look, name)
    return tasks.locate(look, name, region=name.lower() not in _ABNORMALITIES)


def _detected(look: Look) -> dict[str, Any]:
    try:
        found = tasks.detect(look)
    except (UnknownTaskError, UnparseableAnswerError) as error:
        return {"reason": str(error)}
    if not found.understood:
        return {"reason": "the answer makes no sense"}
    return {label.value: _edges(place.boxes) for label, place in found.places.items()}


def _edges(boxes: Sequence[Box]) -> list[list[float]]:
    return [[box.x1, box.y1, box.x2, box.y2] for box in boxes]
