"""Greedy decoding in two ways: upon one encoding of the film, and afresh with its pixels."""

from typing import Any

import torch
from PIL import Image
from transformers import DynamicCache

from reader.engines.local_model import LocalModel
from reader.engines.prompt import Prompt


def noise(width: int, height: int, *, seed: int = 0) -> Image.Image:
    """Make a picture that no two seeds have in common."""
    generator = torch.Generator().manual_seed(seed)
    grey = torch.randint(0, 256, (height, width), generator=generator, dtype=torch.uint8)
    return Image.fromarray(grey.numpy()).convert("RGB")


def upon_one_encoding(
    local: LocalModel, film: Image.Image, prompts: list[Prompt], length: int
) -> list[list[int]]:
    """Encode the film once behind the prompts' common beginning; decode behind it, one by one."""
    before = {prompt.before for prompt in prompts}
    assert len(before) == 1, "these prompts share no encoding"
    answers = []
    with torch.inference_mode():
        features = local.features(local.image_tensors(film))
        start = local.tokenizer(before.pop(), add_special_tokens=False)["input_ids"]
        prefix = start + [local.image_id] * len(features)
        embedded = local.model.get_input_embeddings()(torch.tensor([prefix]))
        embedded[0, len(start) :] = features.to(embedded.dtype)
        cache = DynamicCache()
        local.model(
            inputs_embeds=embedded,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
            **local.film_inputs(prefix),
        )
        for prompt in prompts:
            ids = local.tokenizer(prompt.after, add_special_tokens=False)["input_ids"]
            answers.append(_greedy(local, cache, ids, length))
            cache.crop(len(prefix) - cache.get_seq_length())
    return answers


def afresh(local: LocalModel, film: Image.Image, prompt: Prompt, length: int) -> list[int]:
    """Let `generate` read the whole prompt with the film's pixels."""
    tensors = local.image_tensors(film)
    with torch.inference_mode():
        start = local.tokenizer(prompt.before, add_special_tokens=False)["input_ids"]
        rest = local.tokenizer(prompt.after, add_special_tokens=False)["input_ids"]
        count = len(local.features(tensors))
        ids = torch.tensor([start + [local.image_id] * count + rest])
        more: dict[str, Any] = dict(local.film_inputs(ids[0].tolist()))
        output = local.model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            **tensors,
            **more,
            do_sample=False,
            max_new_tokens=length,
            eos_token_id=sorted(local.end_ids),
            pad_token_id=0,
            suppress_tokens=list(local.silent_ids) or None,
        )
    answer: list[int] = output[0, ids.shape[1] :].tolist()
    return answer


def _greedy(local: LocalModel, cache: Any, ids: list[int], length: int) -> list[int]:
    answer: list[int] = []
    while len(answer) < length and not (answer and answer[-1] in local.end_ids):
        past = cache.get_seq_length()
        logits = local.model(
            input_ids=torch.tensor([ids]),
            attention_mask=torch.ones((1, past + len(ids)), dtype=torch.long),
            position_ids=torch.arange(past, past + len(ids))[None],
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits[0, -1]
        logits[list(local.silent_ids)] = -torch.inf
        ids = [int(logits.argmax())]
        answer += ids
    return answer
