"""Covers the demonstration model's tokenizer: coordinates in one token, any text there and back."""

from pathlib import Path

import pytest
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from reader.harmless import harmless
from training.tokenizer import IMAGE, NUMBERS, train_tokenizer

BOX = "It is located at the coordinates [0.12, 0.3, 1.0, 0.05] and [0.0, 0.5, 0.29, 0.61]."


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return train_tokenizer([BOX, "There is no pneumothorax, edema or fracture."] * 10, 420)


@pytest.mark.parametrize(
    "text",
    [
        BOX,
        "No, there is 10.05 or 0.123 of it; 1.01, 2.5 cm.",
        "<|im_start|>user\n<image>\nWo ist's? äöü 漢字 \t  x<|im_end|>\n",
    ],
)
def test_any_text_comes_back(tokenizer: PreTrainedTokenizerFast, text: str) -> None:
    assert tokenizer.decode(tokenizer(text).input_ids) == text


def test_a_box_is_nine_tokens(tokenizer: PreTrainedTokenizerFast) -> None:
    tokens = tokenizer.tokenize("[0.12, 0.3, 1.0, 0.05]")
    assert [token for token in tokens if token in NUMBERS] == ["0.12", "0.3", "1.0", "0.05"]
    assert len(tokens) == 9


def test_every_coordinate_is_one_token_of_its_own(tokenizer: PreTrainedTokenizerFast) -> None:
    assert len(NUMBERS) == 101
    ids = {tuple(tokenizer(number).input_ids) for number in NUMBERS}
    assert len(ids) == 101
    assert all(len(one) == 1 for one in ids)


def test_coordinates_are_words_not_marks(tokenizer: PreTrainedTokenizerFast) -> None:
    assert harmless(BOX, tokenizer.get_added_vocab()) == BOX


def test_a_saved_tokenizer_is_the_same(tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    tokenizer.save_pretrained(tmp_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    assert loaded(BOX).input_ids == tokenizer(BOX).input_ids
    assert loaded.padding_side == "left"
    assert loaded.eos_token_id == tokenizer.convert_tokens_to_ids("<|im_end|>")


def test_the_chat_template_gives_the_models_turns(tokenizer: PreTrainedTokenizerFast) -> None:
    content = [{"type": "image"}, {"type": "text", "text": "Where?"}]
    text = tokenizer.apply_chat_template(
        [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True
    )
    assert text == f"<|im_start|>user\n{IMAGE}\nWhere?<|im_end|>\n<|im_start|>assistant\n"
