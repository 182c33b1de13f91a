"""Everything that a model of the RadVLM kind can be asked of a film, one plain function each.

    reader = load_reader(Path("models/radvlm"))
    look = reader.look(Image.open("film.png"))
    labels(look).labels
    report(look).report.findings
    locate(look, "pleural effusion").boxes
    locate(look, "left lung").boxes
    locate_sentence(look, "There is a small left pleural effusion.").boxes
    detect(look).places
    look.scores(labels(look).labels)
    conversation = reader.chat(Image.open("film.png"))
    conversation.ask("Is there a pneumothorax?")

The film is encoded once for all of them. Each function raises `UnparseableAnswerError` where the
model's words make no sense, `OutOfMemoryError` where there is no memory for it, and
`UnknownTaskError` where the model's family was not trained for the task.
"""

from typing import TypeVar

from core.errors import UnknownTaskError, UnparseableAnswerError
from reader.answers import BoxesAnswer, DetectionAnswer, LabelsAnswer, ReportAnswer
from reader.families.family import Task
from reader.protocol import Look
from reader.wishes import Told, Wish

_Kind = TypeVar("_Kind", bound=Told)


def labels(look: Look) -> LabelsAnswer:
    """Ask what is abnormal."""
    return _one(look, Wish(Task.CLASSIFICATION), LabelsAnswer)


def report(look: Look) -> ReportAnswer:
    """Ask for the report."""
    return _one(look, Wish(Task.REPORT), ReportAnswer)


def locate(look: Look, name: str, *, region: bool = False) -> BoxesAnswer:
    """Ask where an abnormality lies, or a region of the body.

    Parameters
    ----------
    look
        The film.
    name
        As the model was taught it, such as "pleural effusion" or "left lower lung zone".
    region
        Whether it is a region of the body.
    """
    task = Task.ANATOMY if region else Task.ABNORMALITY
    return _one(look, Wish(task, name), BoxesAnswer)


def locate_sentence(look: Look, sentence: str) -> BoxesAnswer:
    """Ask where that lies which a report's sentence speaks of."""
    return _one(look, Wish(Task.PHRASE, sentence), BoxesAnswer)


def detect(look: Look) -> DetectionAnswer:
    """Ask for all abnormalities with their places in one answer."""
    return _one(look, Wish(Task.DETECTION), DetectionAnswer)


def _one(look: Look, wish: Wish, kind: type[_Kind]) -> _Kind:
    if wish.task not in look.tasks:
        message = f"this model was not trained for {wish.task.value}"
        raise UnknownTaskError(message)
    for reply in list(look.ask([wish])):
        told = reply.sense()
        if isinstance(told, kind):
            return told
    message = f"the model gave no answer to {wish.task.value}"
    raise UnparseableAnswerError(message)
