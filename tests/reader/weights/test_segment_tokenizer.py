"""The halves of a prompt become the tokens of the whole, however the file sets its blanks."""

import pytest

from reader.weights.segment_tokenizer import SegmentTokenizer
from tests.reader.weights.small_llama import llama_tokenizer


@pytest.mark.parametrize("prepend", ["first", "always", "never"])
@pytest.mark.parametrize("after", ["\nthe image ASS:", " the image", "the ray", "x", ""])
def test_halves_are_the_whole(prepend: str, after: str) -> None:
    tokenizer = llama_tokenizer(special=("<image>",), prepend=prepend)
    before = "find the image of USER: "
    image = tokenizer.convert_tokens_to_ids("<image>")
    whole = tokenizer(f"{before}<image><image>{after}", add_special_tokens=False)["input_ids"]
    halves = SegmentTokenizer(tokenizer, "<image>")
    first = halves(f"<s>{before}", add_special_tokens=False)["input_ids"]
    rest = halves(after, add_special_tokens=False)["input_ids"]
    assert [*first, image, image, *rest] == [tokenizer.bos_token_id, *whole]


def test_all_else_is_the_tokenizers() -> None:
    tokenizer = llama_tokenizer(special=("<image>",))
    halves = SegmentTokenizer(tokenizer, "<image>")
    assert halves.get_added_vocab() == tokenizer.get_added_vocab()
    assert halves.decode([1, 300], skip_special_tokens=True) == tokenizer.decode([300])
    with pytest.raises(AttributeError):
        _ = halves._nothing_private
