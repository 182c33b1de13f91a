"""What families have in common that were taught no list of abnormalities."""

from collections.abc import Sequence

from core.errors import UnparseableAnswerError
from reader.answers import DetectionAnswer, LabelsAnswer

_SHOWN = 40


class WithoutList:
    """Refuses lists, scores and detection; a base of such families' classes."""

    __slots__ = ()
    key: str

    def label_answers(self, labels: Sequence[str]) -> tuple[str, ...]:  # noqa: ARG002 - no fixed wording
        """Give nothing: there are no scores."""
        return ()

    def parse_labels(self, text: str) -> LabelsAnswer:
        """Refuse: the family is never asked for a list of labels."""
        message = f"{self.key} lists no labels: {text[:_SHOWN]!r}"
        raise UnparseableAnswerError(message)

    def parse_detection(self, text: str) -> DetectionAnswer:
        """Say that nothing is to be read from it: the family is never asked for everything."""
        return DetectionAnswer({}, (text[:_SHOWN],), understood=False)


def refuse_turns(key: str, turns: Sequence[tuple[str, str]]) -> None:
    """Refuse a conversation with a family that was taught none.

    Raises
    ------
    ValueError
        If there are earlier turns.
    """
    if turns:
        message = f"{key} holds no conversation"
        raise ValueError(message)
