"""The model's own tasks as commands of a conversation at the terminal."""

from collections.abc import Callable, Sequence
from typing import Final

from core.reading import Box
from reader import tasks
from reader.protocol import Look


def carry_out(look: Look, line: str) -> str:
    """Carry out a line such as `/locate pleural effusion` and word what came of it.

    Parameters
    ----------
    look
        The film.
    line
        A stroke, the task's name, and what it is about.

    Raises
    ------
    ValueError
        If there is no such task, or it lacks what it is about.
    UnknownTaskError, UnparseableAnswerError, OutOfMemoryError
        As `reader.tasks` does.
    """
    name, _, subject = line.removeprefix("/").partition(" ")
    if name in _WHOLE:
        return _WHOLE[name](look)
    if name not in _ABOUT:
        known = ", ".join(f"/{known}" for known in (*_WHOLE, *(f"{n} NAME" for n in _ABOUT)))
        message = f"there is no task {name!r}; known are {known}"
        raise ValueError(message)
    if not subject.strip():
        message = f"/{name} needs a name behind it"
        raise ValueError(message)
    return _ABOUT[name](look, subject.strip())


def _labels(look: Look) -> str:
    listed = tasks.labels(look)
    scores = look.scores(listed.labels)
    lines = [
        f"{label.value}: {'listed' if label in listed.labels else 'not listed'}, {score:.3f}"
        for label, score in scores.items()
    ]
    named = ", ".join(label.value for label in listed.labels) or "nothing"
    return "\n".join(lines) or f"{named} (no scores)"


def _report(look: Look) -> str:
    report = tasks.report(look).report
    return "\n".join(part for part in (report.findings, report.impression) if part)


def _detect(look: Look) -> str:
    found = tasks.detect(look)
    if not found.understood:
        return "the answer makes no sense"
    lines = [f"{label.value}: {_boxes(place.boxes)}" for label, place in found.places.items()]
    return "\n".join(lines) or "nothing"


def _boxes(boxes: Sequence[Box]) -> str:
    places = [f"[{box.x1}, {box.y1}, {box.x2}, {box.y2}]" for box in boxes]
    return " ".join(places) or "no place given"


_WHOLE: Final[dict[str, Callable[[Look], str]]] = {
    "labels": _labels,
    "report": _report,
    "detect": _detect,
}
_ABOUT: Final[dict[str, Callable[[Look, str], str]]] = {
    "locate": lambda look, name: _boxes(tasks.locate(look, name).boxes),
    "region": lambda look, name: _boxes(tasks.locate(look, name, region=True).boxes),
    "sentence": lambda look, words: _boxes(tasks.locate_sentence(look, words).boxes),
}
