"""Covers packed conversations: alone or side by side, the model computes the same.

Also that only answers are learnt. Runs a small random LLaVA-OneVision of the real class.
"""

from pathlib import Path

import pytest
import torch
from transformers import AutoTokenizer, LlavaOnevisionForConditionalGeneration

from tests.reader.tiny_model import save_tiny_model
from training.packing import IGNORED, answer_tokens, attention_mask, pack, positions

TALKS = [
    [("Where is it?", "Here [0.1, 0.25, 1.0, 0.5].")],
    [("Is there edema?", "No, there is no edema."), ("And now?", "No.")],
    [("What?", "Nothing.")],
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_model(tmp_path_factory.mktemp("tiny"))


def test_only_answers_and_their_ends_are_learnt(folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokens, targets = answer_tokens(tokenizer, TALKS[1])
    learnt = [token for token in targets if token != IGNORED]
    said = "No, there is no edema.<|im_end|>No.<|im_end|>"
    assert tokenizer.decode(learnt) == said
    assert all(a == b for a, b in zip(tokens, targets, strict=True) if b != IGNORED)
    assert tokenizer.decode(tokens) == (
        "\nIs there edema?<|im_end|>\n<|im_start|>assistant\nNo, there is no edema.<|im_end|>"
        "\n<|im_start|>user\nAnd now?<|im_end|>\n<|im_start|>assistant\nNo.<|im_end|>"
    )


def test_tokens_in_pieces_are_the_tokens_of_the_whole(folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    for talk in TALKS:
        tokens, _ = answer_tokens(tokenizer, talk)
        assert tokens == tokenizer(tokenizer.decode(tokens), add_special_tokens=False).input_ids


def test_side_by_side_a_conversation_is_as_if_it_stood_alone(folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = LlavaOnevisionForConditionalGeneration.from_pretrained(folder, dtype=torch.float32)
    model.set_attn_implementation("eager")
    decoder = model.eval().model.language_model
    film = torch.randn(7, 32, generator=torch.Generator().manual_seed(1))
    embed = model.get_input_embeddings()
    packed = pack(tokenizer, TALKS)
    segments = torch.cat(
        [torch.zeros(len(film), dtype=torch.long), packed.segments, -torch.ones(3)]
    )
    segments = segments.long()[None]
    with torch.inference_mode():
        inputs = torch.cat([film, embed(packed.tokens), torch.zeros(3, 32)])[None]
        together = decoder(
            inputs_embeds=inputs,
            attention_mask=attention_mask(segments, torch.float32),
            position_ids=positions(segments),
        ).last_hidden_state[0]
        for number in range(1, len(TALKS) + 1):
            where = segments[0] == number
            own = packed.tokens[packed.segments == number]
            alone = decoder(inputs_embeds=torch.cat([film, embed(own)])[None]).last_hidden_state[0]
            assert torch.allclose(together[where], alone[len(film) :], atol=1e-4)
    assert bool(together.isfinite().all())
