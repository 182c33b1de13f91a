"""LLaVA-Rad as it is loaded: the halves of its prompt token by token, and what it may not say."""

from pathlib import Path

import pytest
import torch

from reader.families.llava_rad import LLAVA_RAD
from reader.weights.llava_rad import load_llava_rad


def test_a_blank_goes_before_each_half_as_in_the_published_code(
    family_folders: dict[str, Path],
) -> None:
    local = load_llava_rad(family_folders["llava_rad"], torch.device("cpu"), torch.float32)
    prompt = LLAVA_RAD.prompt((), "q")
    before = local.tokenizer(prompt.before, add_special_tokens=False)["input_ids"]
    after = local.tokenizer(prompt.after, add_special_tokens=False)["input_ids"]
    pieces = local.tokenizer.convert_ids_to_tokens
    assert pieces(before)[:2] == ["<s>", "\u2581A"]
    assert pieces(before)[-2:] == [":", "\u2581"]
    assert pieces(after)[:3] == ["\u2581", "<0x0A>", "q"]
    with pytest.raises(ValueError, match="special tokens already"):
        local.tokenizer("a", add_special_tokens=True)


def test_rows_behind_the_vocabulary_are_silent(family_folders: dict[str, Path]) -> None:
    local = load_llava_rad(family_folders["llava_rad"], torch.device("cpu"), torch.float32)
    rows = len(local.model.get_output_embeddings().weight)
    assert local.silent_ids == tuple(range(local.image_id, rows))
    assert rows % 64 == 0
