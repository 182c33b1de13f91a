"""MedGemma as it is loaded: its turns, tokens and pixels against transformers' own processor."""

from pathlib import Path
from typing import Any

import pytest
import torch

from reader.families.medgemma import IMAGE_END, IMAGE_START, IMAGE_TOKEN, MEDGEMMA_1_5
from reader.weights.medgemma import load_medgemma
from tests.reader.weights.decoding import noise


@pytest.mark.parametrize("system", [False, True])
def test_prompt_and_tokens_are_those_of_transformers(
    family_folders: dict[str, Path], *, system: bool
) -> None:
    from transformers import Gemma3Processor  # noqa: PLC0415 - slow, and for this test only
    from transformers.models.gemma3.image_processing_pil_gemma3 import (  # noqa: PLC0415
        Gemma3ImageProcessorPil,
    )

    folder = family_folders["medgemma_1_5"]
    local = load_medgemma(folder, torch.device("cpu"), torch.float32)
    tokenizer: Any = local.tokenizer
    for name, mark in (("boi", IMAGE_START), ("eoi", IMAGE_END), ("image", IMAGE_TOKEN)):
        # Gemma's own tokenizer file names these.
        setattr(tokenizer, f"{name}_token", mark)
        setattr(tokenizer, f"{name}_token_id", tokenizer.convert_tokens_to_ids(mark))
    processor = Gemma3Processor(
        Gemma3ImageProcessorPil.from_pretrained(folder), tokenizer, image_seq_length=4
    )
    content = [{"type": "image"}, {"type": "text", "text": "Where is it?"}]
    messages: list[dict[str, Any]] = [{"role": "user", "content": content}]
    if system:
        told = [{"type": "text", "text": "You are an expert radiologist."}]
        messages.insert(0, {"role": "system", "content": told})
    film = noise(56, 56)
    text = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    theirs = processor(images=[[film]], text=[text], return_tensors="pt", add_special_tokens=False)
    prompt = MEDGEMMA_1_5.prompt((), "Where is it?", system=system)
    before = tokenizer(prompt.before, add_special_tokens=False)["input_ids"]
    after = tokenizer(prompt.after, add_special_tokens=False)["input_ids"]
    ours = [*before, *[local.image_id] * 4, *after]
    assert ours == theirs["input_ids"][0].tolist()
    assert torch.allclose(local.image_tensors(film)["pixel_values"], theirs["pixel_values"])
    types = local.film_inputs(ours)["token_type_ids"]
    assert torch.equal(types, theirs["token_type_ids"])
