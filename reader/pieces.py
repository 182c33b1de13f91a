"""From tokens, one after the other, to pieces of text that never split a character."""

from collections.abc import Callable
from typing import Any


class PieceWriter:
    """Hears each token of an answer and passes on the text that is certain.

    Parameters
    ----------
    tokenizer
        Decodes the tokens.
    on_text
        Called at every token with the new text, which is empty while a character of several
        tokens is unfinished; an exception from it ends the generation.
    """

    def __init__(self, tokenizer: Any, on_text: Callable[[str], None]) -> None:
        self._tokenizer = tokenizer
        self._on_text = on_text
        self._ids: list[int] = []
        self._written = 0

    @property
    def text(self) -> str:
        """All words so far, without special tokens and outer blanks."""
        return self._decoded().strip()

    def put(self, token: int) -> None:
        """Take the next token."""
        self._ids.append(token)
        text = self._decoded()
        certain = len(text.rstrip("\N{REPLACEMENT CHARACTER}"))
        piece = text[self._written : certain]
        self._written = max(self._written, certain)
        self._on_text(piece)

    def end(self) -> None:
        """Pass on what was held back: the model ended within a character."""
        rest = self._decoded()[self._written :]
        if rest:
            self._on_text(rest)

    def _decoded(self) -> str:
        text: str = self._tokenizer.decode(
            self._ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text
