"""What the rest of FirstRead may ask of a model, whatever its family."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from core.labels import Label
from core.reading import Flag, ModelIdentity, Reading
from reader.answers import Answer, BoxesAnswer, LabelsAnswer
from reader.picture import Picture

OnText = Callable[[str], None]
"""Called with each new piece of text as the model writes it."""
OnFlags = Callable[[tuple[Flag, ...]], None]


def ignore(_value: object) -> None:
    """Take a callback's place where nobody listens."""


class Look(Protocol):
    """One film before a model's eyes: its picture is encoded once, whatever is asked.

    Every method may raise `UnparseableAnswerError` and `OutOfMemoryError`.
    """

    def labels(self) -> LabelsAnswer:
        """Ask what is abnormal."""

    def scores(self, labels: Sequence[Label]) -> Mapping[Label, float]:
        """Give the model's probability for each label that it knows, after its answer `labels`."""

    def report(self) -> Answer:
        """Ask for the report."""

    def locate(self, name: str) -> BoxesAnswer:
        """Ask where an abnormality or a region lies."""


class Conversation(Protocol):
    """Several turns about one film."""

    @property
    def turns(self) -> tuple[tuple[str, str], ...]:
        """The questions that were answered, each with its answer, oldest first."""

    def ask(self, question: str, on_text: OnText | None = None) -> str:
        """Ask the next question and give the answer.

        Parameters
        ----------
        question
            In the user's words.
        on_text
            Called with each piece of the answer while it is written; an exception from it ends
            the turn, which is then not kept.

        Raises
        ------
        UnparseableAnswerError
            If the answer is empty or goes round in circles; the turn is not kept.
        OutOfMemoryError
            If there is no memory for it; the turn is not kept.
        """


class Reader(Protocol):
    """A loaded model."""

    @property
    def identity(self) -> ModelIdentity:
        """Which model speaks."""

    @property
    def parameters(self) -> int:
        """Number of weights."""

    def look(self, image: Picture, on_text: OnText = ignore) -> Look:
        """Put a film before the model's eyes; `on_text` hears every token of every answer."""

    def read(
        self,
        image: Picture,
        *,
        reading_id: str,
        indication: str | None = None,
        on_flags: OnFlags = ignore,
        on_progress: OnText = ignore,
    ) -> Reading:
        """Read one film.

        Parameters
        ----------
        image
            uint8 picture in stored orientation, white for dense: PIL in mode L or RGB, or an
            array of shape [rows, columns] or [rows, columns, 3].
        reading_id
            The reading's identity, from `core.reading.new_reading_id`.
        indication
            Why the film was taken. A family that was trained without it does not use it, and
            then the reading carries None.
        on_flags
            Called once, as soon as the flags are known and before the report is written.
        on_progress
            Called with the stage, at its start and with each token.

        Returns
        -------
        Reading
            The whole of it; an exception from a callback ends the reading instead.

        Raises
        ------
        UnparseableAnswerError
            If the model's words make no sense.
        OutOfMemoryError
            If there is no memory for it.
        ValueError
            If the picture is none of the above.
        """

    def chat(self, image: Picture) -> Conversation:
        """Begin a conversation about a film."""
