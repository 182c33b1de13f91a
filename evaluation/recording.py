"""Looks over a model's shoulder: which questions it was asked, and whether it made sense."""

from collections.abc import Mapping, Sequence

from core.errors import UnparseableAnswerError
from core.labels import Label
from reader.answers import Answer, BoxesAnswer, LabelsAnswer
from reader.protocol import Look
from reader.report_text import clean
from reader.text_sense import check_sense


class RecordingLook:
    """A look that counts, and asks no question twice; implements `reader.protocol.Look`.

    Parameters
    ----------
    look
        The model's own.
    """

    def __init__(self, look: Look) -> None:
        self._look = look
        self._places: dict[str, BoxesAnswer] = {}
        self.asked = 0
        """Number of questions."""
        self.parsed = 0
        """Number of answers that made sense: a list or denial of labels, a report of words, a
        place with at least one box and nothing that had to be dropped."""

    def labels(self) -> LabelsAnswer:
        """Ask what is abnormal."""
        self.asked += 1
        answer = self._look.labels()
        self.parsed += not answer.unknown
        return answer

    def scores(self, labels: Sequence[Label]) -> Mapping[Label, float]:
        """Give the model's probability for each label; no question, and not counted."""
        return self._look.scores(labels)

    def report(self) -> Answer:
        """Ask for the report."""
        self.asked += 1
        answer = self._look.report()
        try:
            check_sense(clean(answer.text), "report")
        except UnparseableAnswerError:
            return answer
        self.parsed += answer.complete
        return answer

    def locate(self, name: str) -> BoxesAnswer:
        """Ask where something lies."""
        if name not in self._places:
            self.asked += 1
            self._places[name] = self._look.locate(name)
            self.parsed += self._places[name].well_formed
        return self._places[name]
