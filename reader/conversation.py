"""Several turns about one film: its picture is encoded once and stands on the first turn only."""

from reader.engines.film import Asked, Engine, Film
from reader.families.family import Family
from reader.protocol import OnText, ignore
from reader.report_text import printable
from reader.text_sense import check_not_stuck

CUT = " [cut at the limit of length]"
"""Ends an answer that the limit of new tokens cut."""


class FilmConversation:
    """A conversation; implements `reader.protocol.Conversation`.

    Parameters
    ----------
    engine, film
        The model, and the film in its memory.
    family
        Whose turns are used.
    system
        Whether the family's optional system turn is used.
    """

    def __init__(self, engine: Engine, film: Film, family: Family, *, system: bool) -> None:
        self._engine = engine
        self._film = film
        self._family = family
        self._system = system
        self._turns: tuple[tuple[str, str], ...] = ()

    @property
    def turns(self) -> tuple[tuple[str, str], ...]:
        """The questions that were answered, each with its answer, oldest first."""
        return self._turns

    @property
    def encodings(self) -> int:
        """How often the film's picture went through the model."""
        return self._film.encodings

    def ask(self, question: str, on_text: OnText | None = None) -> str:
        """Ask the next question and give the answer; see `reader.protocol.Conversation`.

        An answer that the limit of length cut says so at its end.

        Raises
        ------
        ValueError
            If the question is blank.
        """
        asked = self._film.harmless(question)
        if not asked:
            message = f"a question needs words: {question[:40]!r}"
            raise ValueError(message)
        heard = on_text or ignore
        prompt = self._family.prompt(self._turns, asked, system=self._system)
        one = (self._film, Asked(self._turns, asked, prompt))
        [(_, answer)] = self._engine.answers([one], lambda piece: heard(printable(piece)))
        text = self._film.harmless(answer.text)
        check_not_stuck(text, "answer")
        self._turns = (*self._turns, (asked, text))
        if answer.complete:
            return text
        heard(CUT)
        return text + CUT
