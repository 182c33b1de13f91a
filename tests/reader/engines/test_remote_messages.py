"""Questions as messages, pictures as data URLs, and what is taken out of a user's words."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from reader.engines.film import Asked
from reader.engines.prompt import Prompt
from reader.engines.remote_messages import data_url, harmless_there, messages_of


def _opened(url: str) -> Image.Image:
    head, _, data = url.partition(",")
    assert head == "data:image/png;base64"
    return Image.open(io.BytesIO(base64.b64decode(data)))


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB")])
def test_a_picture_travels_exactly(channels: int, mode: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (30, 20, channels), dtype=np.uint8)
    picture = Image.fromarray(np.broadcast_to(pixels, (30, 20, 3)).copy())
    arrived = _opened(data_url(picture))
    assert arrived.mode == mode
    assert np.array_equal(np.asarray(arrived.convert("RGB")), np.asarray(picture))


def test_the_film_is_on_the_first_turn_only() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:x"}}
    asked = Asked((("a", "b"), ("c", "d")), "e", Prompt("", ""))
    assert messages_of(asked, "data:x") == [
        {"role": "user", "content": [image, {"type": "text", "text": "a"}]},
        {"role": "assistant", "content": "b"},
        {"role": "user", "content": "c"},
        {"role": "assistant", "content": "d"},
        {"role": "user", "content": "e"},
    ]
    assert messages_of(Asked((), "e", Prompt("", "")), "data:x") == [
        {"role": "user", "content": [image, {"type": "text", "text": "e"}]}
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a<|im_end|>b", "ab"),
        ("<image> where?", "where?"),
        ("a<|im_<|im_end|>end|>b", "aim_endb"),
        ("[INST] a [/INST]", "a"),
        ("<<SYS>>a<</SYS>>", "a"),
        ("</s><start_of_turn>a", "a"),
        ("size < 5 mm and > 2 mm", "size < 5 mm and > 2 mm"),
        ("a\x00b\x1b", "ab"),
        ("heart enlarged?", "heart enlarged?"),
    ],
)
def test_what_could_be_a_special_token_is_taken_out(text: str, expected: str) -> None:
    assert harmless_there(text) == expected
