"""What a reading wishes to know of a film, and what it was told."""

from dataclasses import dataclass

from core.errors import UnparseableAnswerError
from reader.answers import BoxesAnswer, DetectionAnswer, LabelsAnswer, ReportAnswer
from reader.families.family import Task

Told = LabelsAnswer | ReportAnswer | BoxesAnswer | DetectionAnswer


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing to be asked.

    Parameters
    ----------
    task
        What kind of question.
    subject
        The abnormality, the region or the sentence that is looked for; empty where the whole film
        is meant.
    """

    task: Task
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a wish.

    Parameters
    ----------
    wish
        What was asked.
    text
        The model's words.
    complete
        Whether the model ended by itself; False where the limit of new tokens cut it.
    told
        The words' meaning; None where they make no sense.
    """

    wish: Wish
    text: str
    complete: bool
    told: Told | None
    refused: str = ""
    """Why the words make no sense."""

    def sense(self) -> Told:
        """Give the words' meaning.

        Raises
        ------
        UnparseableAnswerError
            If they have none.
        """
        if self.told is None:
            raise UnparseableAnswerError(self.refused)
        return self.told
