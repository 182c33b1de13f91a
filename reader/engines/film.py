"""What a reading asks of an engine: films before a model's eyes, and many questions at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from core.errors import UnparseableAnswerError
from reader.answers import Answer
from reader.engines.prompt import Prompt

OnText = Callable[[str], None]
"""Called at every token with the new text, which may be empty."""


class TooLongError(UnparseableAnswerError):
    """A conversation is so long that the model has no positions left for an answer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question about a film.

    Parameters
    ----------
    turns
        Earlier questions with their answers, oldest first.
    question
        What is asked now.
    prompt
        The whole of it in the family's own turns. Neither it nor the turns may hold special
        tokens beyond those (`reader.harmless`).
    """

    turns: tuple[tuple[str, str], ...]
    question: str
    prompt: Prompt


class Film(Protocol):
    """One film before a model's eyes; it is encoded once, whatever is asked.

    Every method may raise `OutOfMemoryError`, and `EngineAwayError` where the engine is
    elsewhere.
    """

    @property
    def encodings(self) -> int:
        """How often the film's picture went through the model."""

    def harmless(self, text: str) -> str:
        """Take special tokens and control characters out of a text; see `reader.harmless`."""

    def log_probabilities(
        self, asked: Asked, answers: Sequence[str], *, ended: bool = True
    ) -> Sequence[float] | None:
        """Give the natural logarithm of the model's probability of each of some answers.

        Whole ones, the end of the turn included, or their beginnings. None where the engine
        cannot tell.
        """


class Engine(Protocol):
    """A model that runs somewhere."""

    @property
    def parameters(self) -> int | None:
        """Number of weights; None where it cannot be known."""

    def film(self, image: Image.Image) -> Film:
        """Put a film, in mode L or RGB, before the model's eyes.

        Raises
        ------
        OutOfMemoryError
            If there is no memory for it.
        """

    def beside(self) -> "Engine":
        """Give an engine of the same model that may speak while this one is in mid-answer.

        By the same thread, as from `on_text`: what this one has written is untouched.
        """

    def answers(
        self, questions: Sequence[tuple[Film, Asked]], on_text: OnText
    ) -> Iterator[tuple[int, Answer]]:
        """Let the model speak, greedily, about films of this engine, to all questions at once.

        Parameters
        ----------
        questions
            Films with what is asked of each; they do not depend on each other.
        on_text
            Called at every token with the new text of any of the answers.

        Yields
        ------
        (int, Answer)
            Number of the question and its answer, as soon as that answer is at its end.

        Raises
        ------
        TooLongError
            If a conversation is so long that the model has no positions left for an answer.
        OutOfMemoryError
            If there is no memory for them together.
        """
