"""What the rest of FirstRead may ask of a model, whatever its family."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.errors import FirstReadError
from core.labels import Label
from core.reading import NOTHING_GIVEN, Flag, Given, ModelIdentity, Reading
from reader.answers import BoxesAnswer
from reader.calibration import Calibration
from reader.families.family import Task
from reader.picture import Picture
from reader.wishes import Reply, Wish

OnText = Callable[[str], None]
"""Called with each new piece of text as the model writes it."""
OnFlags = Callable[[tuple[Flag, ...]], None]


def ignore(_value: object) -> None:
    """Take a callback's place where nobody listens."""


@dataclass(frozen=True, slots=True)
class FilmToRead:
    """One of several films that are read together; see `Reader.read` for each field."""

    image: Picture
    reading_id: str
    given: Given = NOTHING_GIVEN
    on_flags: OnFlags = ignore


class Look(Protocol):
    """One film before a model's eyes: its picture is encoded once, whatever is asked.

    `reader.tasks` has a plain function for everything that can be asked. Every method may raise
    `OutOfMemoryError`.
    """

    @property
    def tasks(self) -> frozenset[Task]:
        """What the model was trained for; nothing else may be asked."""

    @property
    def calibration(self) -> Calibration | None:
        """The site's calibration of the model's scores; None where there is none."""

    def ask(self, wishes: Sequence[Wish]) -> Iterator[Reply]:
        """Ask several things at once; each reply comes as soon as its answer is at its end."""

    def scores(self, listed: Sequence[Label]) -> Mapping[Label, float]:
        """Give the model's own probability for each label that it knows, after it listed some.

        Empty where the model gives none.
        """


class Conversation(Protocol):
    """Several turns about one film."""

    @property
    def look(self) -> Look:
        """The film that is spoken of, for everything else that can be asked of it."""

    @property
    def encodings(self) -> int:
        """How often the film's picture went through the model."""

    @property
    def turns(self) -> tuple[tuple[str, str], ...]:
        """The questions that were answered, each with its answer, oldest first."""

    def resume(self, turns: Sequence[tuple[str, str]]) -> None:
        """Let these be the turns so far, as they were told elsewhere, oldest first."""

    def boxes_in(self, answer: str) -> BoxesAnswer:
        """Give the boxes in the film that an answer names; none of one that was cut."""

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
            If the answer is empty or goes round in circles; the turn is not kept. A
            `reader.engines.film.TooLongError` where the turns leave no room for one.
        OutOfMemoryError
            If there is no memory for it; the turn is not kept.
        """


class Reader(Protocol):
    """A loaded model."""

    @property
    def identity(self) -> ModelIdentity:
        """Which model speaks."""

    @property
    def parameters(self) -> int | None:
        """Number of weights; None where it cannot be known."""

    def look(
        self, image: Picture, *, given: Given = NOTHING_GIVEN, on_text: OnText = ignore
    ) -> Look:
        """Put a film before the model's eyes; `on_text` hears every token of every answer."""

    def read(
        self,
        image: Picture,
        *,
        reading_id: str,
        given: Given = NOTHING_GIVEN,
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
        given
            What is known beside the film. The reading says what of it the model was told: nothing
            where its family was trained without.
        on_flags
            Called once, as soon as the flags are known and before the report is at its end.
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

    def read_many(
        self, films: Sequence[FilmToRead], on_progress: OnText = ignore
    ) -> Iterator[tuple[int, Reading | FirstReadError]]:
        """Read several films at once, their answers decoded together.

        Parameters
        ----------
        films
            What is to be read.
        on_progress
            Called with the stage, at its start and with each token of any film.

        Yields
        ------
        (int, Reading or FirstReadError)
            Number of the film, and its reading or why there is none: one film's failure is no
            other's. Where memory is short the films are divided until single ones are read. An
            error of the project's own that `on_flags` raises is that film's outcome, and one that
            `on_progress` raises that of all films that are not at their end.

        Raises
        ------
        ValueError
            If a picture is none; no film is read then.
        """

    def chat(self, image: Picture) -> Conversation:
        """Begin a conversation about a film; may raise `UnknownTaskError`.

        It may be asked, by the same thread, from a callback of a reading that goes on.
        """
