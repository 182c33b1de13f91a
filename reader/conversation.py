"""Several turns about one film: its image is encoded once and stands on the first turn only."""

from reader.film_cache import FilmCache
from reader.protocol import OnText, ignore
from reader.report_text import printable
from reader.text_sense import check_not_stuck


class FilmConversation:
    """A conversation; implements `reader.protocol.Conversation`.

    Parameters
    ----------
    cache
        The film in the model's memory.
    """

    def __init__(self, cache: FilmCache) -> None:
        self._cache = cache
        self._turns: tuple[tuple[str, str], ...] = ()

    @property
    def turns(self) -> tuple[tuple[str, str], ...]:
        """The questions that were answered, each with its answer, oldest first."""
        return self._turns

    def ask(self, question: str, on_text: OnText | None = None) -> str:
        """Ask the next question and give the answer; see `reader.protocol.Conversation`.

        Raises
        ------
        ValueError
            If the question is blank.
        """
        asked = self._cache.harmless(question)
        if not asked:
            message = f"a question needs words: {question[:40]!r}"
            raise ValueError(message)
        heard = on_text or ignore
        answer = self._cache.answer(self._turns, asked, lambda piece: heard(printable(piece)))
        text = self._cache.harmless(answer.text)
        check_not_stuck(text, "answer")
        self._turns = (*self._turns, (asked, text))
        return text
