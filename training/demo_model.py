"""Make the demonstration model from nothing, on two CPU cores.

The documented command, from the repository's root::

    python -m training.demo_model --out reader/demo_model --work /var/tmp/firstread-training

Films are made first, then the encoder learns to see (`training.encoder_stage`), then projector and
decoder learn to say it (`training.language_stage`). A run that was killed goes on from its last
checkpoint when the same command is given again with the same work folder.
"""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from transformers import LlavaOnevisionForConditionalGeneration, PreTrainedTokenizerFast

from training.allocation import keep_freed_memory
from training.architecture import IMAGE_SIZE, model_config
from training.demo_folder import note_figures, save_folder
from training.encoder_stage import EncoderPlan, SeeingEncoder, train_encoder
from training.films import TRAINING_SEED, VALIDATION_SEED, FilmStore, open_store
from training.language_stage import LanguagePlan, conversations, train_language
from training.quick_figures import quick_figures
from training.tokenizer import IMAGE, train_tokenizer

_VOCABULARY: Final = 1000
_CORPUS_FILMS: Final = 3000
_HELD: Final = 500


def make_tokenizer(store: FilmStore) -> PreTrainedTokenizerFast:
    """Learn the tokenizer from what the films will be asked."""
    texts = ["user", "assistant", "system", "You are a helpful assistant."] * 5
    for number, truth in enumerate(store.truths[:_CORPUS_FILMS]):
        for spoken in conversations(truth, np.random.default_rng([number, 51])):
            texts += [text for turn in spoken for text in turn]
    return train_tokenizer(texts, _VOCABULARY)


def assemble(
    tokenizer: PreTrainedTokenizerFast, encoder: SeeingEncoder
) -> LlavaOnevisionForConditionalGeneration:
    """Give the whole model with the trained encoder in its place."""
    torch.manual_seed(0)
    config = model_config(
        len(tokenizer),
        pad_id=tokenizer.pad_token_id,
        end_id=tokenizer.eos_token_id,
        image_id=tokenizer.convert_tokens_to_ids(IMAGE),
    )
    model = LlavaOnevisionForConditionalGeneration(config)
    # On a CPU the fused kernel's backward pass takes longer than plain products.
    model.set_attn_implementation("eager")
    model.model.vision_tower.load_state_dict(encoder.encoder.state_dict())
    return model


def main(arguments: Sequence[str] | None = None) -> None:
    """Train all stages and write the folder."""
    parser = argparse.ArgumentParser(description="Train the demonstration model on phantoms.")
    parser.add_argument("--out", type=Path, required=True, help="folder of the finished model")
    parser.add_argument("--work", type=Path, required=True, help="folder of films and checkpoints")
    parser.add_argument("--films", type=int, default=30_000, help="phantoms to learn from")
    parser.add_argument("--encoder-steps", type=int, default=EncoderPlan.steps)
    parser.add_argument("--language-steps", type=int, default=LanguagePlan.steps)
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    keep_freed_memory()
    started = time.monotonic()
    held = open_store(chosen.work / "validation", VALIDATION_SEED, _HELD, IMAGE_SIZE)
    store = open_store(chosen.work / "films", TRAINING_SEED, chosen.films, IMAGE_SIZE)
    encoder = train_encoder(store, held, EncoderPlan(steps=chosen.encoder_steps), chosen.work)
    tokenizer = make_tokenizer(store)
    model = assemble(tokenizer, encoder)
    plan = LanguagePlan(steps=chosen.language_steps)
    train_language(model, tokenizer, store, plan, chosen.work)
    trained_with = {
        "command": "python -m training.demo_model --out reader/demo_model --work WORK",
        "films": chosen.films,
        "encoder_steps": chosen.encoder_steps,
        "language_steps": chosen.language_steps,
        "seconds_of_this_run": round(time.monotonic() - started),
    }
    save_folder(model, tokenizer, chosen.out, trained_with)
    figures = quick_figures(chosen.out, VALIDATION_SEED, _HELD)
    logging.getLogger(__name__).info("held-out phantoms: %s", figures)
    note_figures(chosen.out, figures)


if __name__ == "__main__":
    main()
