"""A question about a film as the messages of the chat completions API.

The endpoint's own chat template makes the turns of them, so it has to be the one that the model's
folder came with. The film is on the first turn only, before its words, as in every family.
"""

import base64
import io
import re
from typing import Any, Final

import numpy as np
from PIL import Image

from reader.engines.film import Asked
from reader.harmless import harmless

_MARK: Final = re.compile(
    r"<[^<>\s]{1,40}>|<\||\|>|\[/?(?:INST|IMG|SYS)\]|<</?SYS>>", re.IGNORECASE
)
"""Whatever is written like a special token of a model whose tokenizer is elsewhere."""
_QUICK: Final = 1


def data_url(picture: Image.Image) -> str:
    """Give a picture, in mode L or RGB, as a data URL, exactly.

    Where its three channels are the same, as a film's are, one is sent: a third of the bytes.
    """
    pixels = np.atleast_3d(np.asarray(picture))
    grey = bool((pixels[..., :1] == pixels).all())
    stream = io.BytesIO()
    sent = Image.fromarray(np.ascontiguousarray(pixels[..., 0])) if grey else picture
    sent.save(stream, "PNG", compress_level=_QUICK)
    return f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode('ascii')}"


def messages_of(asked: Asked, picture_url: str) -> list[dict[str, Any]]:
    """Give the conversation, the film on its first turn."""
    words = [text for turn in asked.turns for text in turn] + [asked.question]
    messages: list[dict[str, Any]] = [
        {"role": "assistant" if place % 2 else "user", "content": text}
        for place, text in enumerate(words)
    ]
    messages[0]["content"] = [
        {"type": "image_url", "image_url": {"url": picture_url}},
        {"type": "text", "text": words[0]},
    ]
    return messages


def harmless_there(text: str) -> str:
    """Take control characters and everything that could be a special token out of a text.

    Which special tokens the model has is known to its tokenizer alone, so whatever is written
    like one goes: a word in angle brackets, too.
    """
    before, plain = "", harmless(text, ())
    while plain != before:
        before, plain = plain, _MARK.sub("", plain)
    return plain.strip()
