"""Takes the power out of a user's words before they go into a prompt."""

from collections.abc import Iterable

from reader.report_text import clean


def harmless(text: str, special: Iterable[str]) -> str:
    """Give a text without control characters and without the model's special tokens.

    A question that holds the mark of a turn's end could speak for the model, and one that holds
    an image token would ask for an image that is not there.

    Parameters
    ----------
    text
        A user's words, or the model's own from an earlier turn.
    special
        The tokenizer's special tokens.
    """
    marks = [mark for mark in special if mark]
    plain = clean(text)
    before = ""
    while plain != before:  # taking one out may join another
        before = plain
        for mark in marks:
            plain = plain.replace(mark, "")
    return plain.strip()
