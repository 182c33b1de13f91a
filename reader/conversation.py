"""Several turns about one film: its picture is encoded once and stands on the first turn only."""

from collections.abc import Sequence

from reader.answers import BoxesAnswer
from reader.engines.film import Asked
from reader.film_look import FilmLook
from reader.protocol import OnText, ignore
from reader.report_text import printable
from reader.text_sense import check_not_stuck

CUT = " [cut at the limit of length]"
"""Ends an answer that the limit of new tokens cut."""


class FilmConversation:
    """A conversation; implements `reader.protocol.Conversation`.

    Parameters
    ----------
    look
        The film before the model's eyes.
    """

    def __init__(self, look: FilmLook) -> None:
        self.look = look
        self._turns: tuple[tuple[str, str], ...] = ()

    @property
    def turns(self) -> tuple[tuple[str, str], ...]:
        """The questions that were answered, each with its answer, oldest first."""
        return self._turns

    @property
    def encodings(self) -> int:
        """How often the film's picture went through the model."""
        return self.look.film.encodings

    def resume(self, turns: Sequence[tuple[str, str]]) -> None:
        """Let these be the turns so far, whoever held the conversation then."""
        harmless = self.look.film.harmless
        told = ((harmless(asked), harmless(said.removesuffix(CUT))) for asked, said in turns)
        self._turns = tuple((asked, said) for asked, said in told if asked and said)

    def boxes_in(self, answer: str) -> BoxesAnswer:
        """Give the boxes of an answer; see `reader.protocol.Conversation`."""
        # An answer that was cut has no boxes that could be trusted.
        return BoxesAnswer(()) if answer.endswith(CUT) else self.look.boxes_in(answer)

    def ask(self, question: str, on_text: OnText | None = None) -> str:
        """Ask the next question and give the answer; see `reader.protocol.Conversation`.

        An answer that the limit of length cut says so at its end.

        Raises
        ------
        ValueError
            If the question is blank.
        """
        film, family = self.look.film, self.look.family
        asked = film.harmless(question)
        if not asked:
            message = f"a question needs words: {question[:40]!r}"
            raise ValueError(message)
        heard = on_text or ignore
        prompt = family.prompt(self._turns, asked, system=self.look.system)
        one = (film, Asked(self._turns, asked, prompt))
        [(_, answer)] = self.look.engine.answers([one], lambda piece: heard(printable(piece)))
        text = film.harmless(answer.text)
        check_not_stuck(text, "answer")
        self._turns = (*self._turns, (asked, text))
        if answer.complete:
            return text
        heard(CUT)
        return text + CUT
