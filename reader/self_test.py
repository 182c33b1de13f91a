"""Whether a model looks at its pictures at all.

A known failure of such models is an answer that ignores the image: a blank picture gets the same
report as a film. Then something is broken (a projector that did not load, a wrong image token, an
endpoint that drops pictures), however fluent the words are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from core.errors import ModelFolderError, UnparseableAnswerError
from core.labels import Label
from core.reading import Reading, new_reading_id
from reader.answers import LabelsAnswer
from reader.families.family import Task
from reader.picture import Picture
from reader.protocol import Look, OnText, Reader, ignore
from reader.wishes import Wish

_SIDE: Final = 512
_REFUSED: Final = "refused: "
_SAME_SCORE: Final = 0.01
"""Scores that differ by less are the same: half precision alone moves them by a thousandth."""


@dataclass(frozen=True, slots=True)
class SelfTest:
    """What a model makes of a blank picture and of a drawn chest.

    Parameters
    ----------
    same_answers
        Whether both got the very same report, and the same list of abnormalities.
    largest_score_change
        Largest difference of a label's score between the two; None where there are no scores.
    blank_says, chest_says
        The labels stated, "nothing", or why the answer was refused; empty where no whole reading
        was made.
    """

    same_answers: bool
    largest_score_change: float | None
    blank_says: str = ""
    chest_says: str = ""

    @property
    def looked(self) -> bool:
        """Whether the model looked at its picture: its answers or its scores differ."""
        change = self.largest_score_change
        return not self.same_answers or (change is not None and change >= _SAME_SCORE)

    @property
    def passed(self) -> bool:
        """Whether the model looked, and what it says of the chest makes sense."""
        return self.looked and not self.chest_says.startswith(_REFUSED)


def compare(reader: Reader, on_text: OnText = ignore) -> SelfTest:
    """Ask for report, list and scores of a blank picture and of a drawn chest.

    Parameters
    ----------
    reader
        The loaded model.
    on_text
        Hears every token.
    """
    before, scores_before = _told(reader.look(blank(), on_text=on_text))
    after, scores_after = _told(reader.look(drawn_chest(), on_text=on_text))
    common = scores_before.keys() & scores_after.keys()
    change = max(
        (abs(scores_before[label] - scores_after[label]) for label in common), default=None
    )
    return SelfTest(
        same_answers=before == after,
        largest_score_change=None if change is None else round(change, 4),
    )


def self_test(reader: Reader) -> SelfTest:
    """Compare, and have both pictures read as films are."""
    compared = compare(reader)
    return SelfTest(
        compared.same_answers,
        compared.largest_score_change,
        blank_says=says(reader, blank()),
        chest_says=says(reader, drawn_chest()),
    )


def require_sight(reader: Reader, on_text: OnText = ignore) -> None:
    """Refuse a model that does not look at its pictures, whatever it says of them.

    Costs two reports and two lists. Says nothing of how well the model reads.

    Raises
    ------
    ModelFolderError
        If a blank picture gets the same answers as a drawn chest, and the same scores.
    """
    if compare(reader, on_text).looked:
        return
    identity = reader.identity
    message = (
        f"{identity.name} {identity.version} does not look at its pictures: a blank one gets the "
        "same answers and scores as a drawn chest"
    )
    raise ModelFolderError(message)


def says(reader: Reader, picture: Picture) -> str:
    """Read a picture as a film and give what is stated as present, or why it was refused."""
    try:
        return stated(reader.read(picture, reading_id=new_reading_id()))
    except UnparseableAnswerError as error:
        return f"{_REFUSED}{error}"


def stated(reading: Reading) -> str:
    """Give the labels that a reading states as present, or "nothing"."""
    return ", ".join(finding.label.value for finding in reading.present) or "nothing"


def blank() -> npt.NDArray[np.uint8]:
    """Give a picture of one grey: uint8 [512, 512]."""
    return np.full((_SIDE, _SIDE), 128, np.uint8)


def drawn_chest() -> npt.NDArray[np.uint8]:
    """Draw two dark lungs in a bright body, by a formula: uint8 [512, 512]."""
    y, x = np.mgrid[0:_SIDE, 0:_SIDE] / _SIDE
    left = ((x - 0.32) / 0.15) ** 2 + ((y - 0.48) / 0.33) ** 2
    right = ((x - 0.68) / 0.15) ** 2 + ((y - 0.48) / 0.33) ** 2
    body = ((x - 0.5) / 0.46) ** 2 + ((y - 0.62) / 0.75) ** 2
    grey = 200 * (body < 1) - 140 * ((left < 1) | (right < 1)) + 20 * np.sin(40 * y) * (body < 1)
    return np.asarray(np.clip(grey + 20, 0, 255), dtype=np.uint8)


def _told(look: Look) -> tuple[dict[Task, str], Mapping[Label, float]]:
    asked = [task for task in (Task.REPORT, Task.CLASSIFICATION) if task in look.tasks]
    replies = list(look.ask([Wish(task) for task in asked]))
    listed = [reply.told for reply in replies if isinstance(reply.told, LabelsAnswer)]
    scores = look.scores(listed[0].labels) if listed else {}
    return {reply.wish.task: reply.text for reply in replies}, scores
