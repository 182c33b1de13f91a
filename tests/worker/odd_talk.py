"""A conversation for tests: it says what it was asked, and how much it was told before."""

from collections.abc import Callable, Sequence

from core.reading import Box
from reader.answers import BoxesAnswer
from reader.engines.film import TooLongError
from reader.protocol import Look, OnText, ignore

BOX = Box(0.1, 0.2, 0.3, 0.4)


class OddTalk:
    """Follows the `Conversation` protocol.

    Parameters
    ----------
    act
        What happens at each word.
    room
        How many earlier turns it has room for.
    """

    encodings = 1

    def __init__(self, act: Callable[[str], None] = ignore, room: int = 100) -> None:
        self._act = act
        self._room = room
        self._turns: tuple[tuple[str, str], ...] = ()

    @property
    def look(self) -> Look:
        """Never asked for by a worker."""
        raise AssertionError

    @property
    def turns(self) -> tuple[tuple[str, str], ...]:
        """What it was told."""
        return self._turns

    def resume(self, turns: Sequence[tuple[str, str]]) -> None:
        """Let these be the turns so far."""
        self._turns = tuple(turns)

    def boxes_in(self, answer: str) -> BoxesAnswer:
        """Give the one box that it knows, where the answer speaks of a place."""
        return BoxesAnswer((BOX,) if "[0.1, 0.2, 0.3, 0.4]" in answer else ())

    def ask(self, question: str, on_text: OnText | None = None) -> str:
        """Answer, word by word."""
        if len(self._turns) > self._room:
            message = "no room"
            raise TooLongError(message)
        if question == "<image>":
            raise ValueError(question)
        answer = f"You asked {question} after {len(self._turns)} turns: at [0.1, 0.2, 0.3, 0.4]."
        for word in answer.split(" "):
            self._act(word)
            (on_text or ignore)(f" {word}")
        self._turns = (*self._turns, (question, answer))
        return answer
