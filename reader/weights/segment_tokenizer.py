"""A prompt's two halves, cut into tokens as the whole prompt would be.

Llama's tokenizers put a blank before the first word of a text, or of every piece of text between
special tokens, depending on their file. A half that is tokenized on its own would be taken for
the beginning of a text; here it is tokenized behind the token that it really follows.
"""

from typing import Any


class SegmentTokenizer:
    """Tokenizes the halves of a prompt; whatever else is asked of it, the tokenizer answers.

    Parameters
    ----------
    tokenizer
        The folder's own.
    image_token
        What stands between the halves.
    """

    def __init__(self, tokenizer: Any, image_token: str) -> None:
        self._tokenizer = tokenizer
        self._image_token = image_token

    def __call__(self, text: str, *, add_special_tokens: bool = False) -> dict[str, list[int]]:
        """Give the tokens of a half.

        Parameters
        ----------
        text
            The half before the image begins with the token that opens a text; any other text is
            taken to follow the image.
        add_special_tokens
            Must be False: the special tokens are in the text.
        """
        if add_special_tokens:
            message = "a prompt's halves hold their special tokens already"
            raise ValueError(message)
        bos: str = self._tokenizer.bos_token
        if text.startswith(bos):
            return {"input_ids": [self._tokenizer.bos_token_id, *self._ids(text[len(bos) :])]}
        return {"input_ids": self._ids(self._image_token + text)[1:]}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._tokenizer, name)

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids
