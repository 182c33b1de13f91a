"""Make the demonstration model from nothing, on two CPU cores.

The documented command, from the repository's root::

    python -m training.demo_model --out reader/demo_model --work /var/tmp/firstread-training

Films are made first, then the encoder learns to see (`training.encoder_stage`), then projector and
decoder learn to say it (`training.language_stage`), the projector beginning with what the encoder
can tell (`training.read_outs`). With `--continue-from` projector and decoder of a finished folder
learn on; the work folder must then be its own, for the encoder. A run that was killed goes on from
its last checkpoint when the same command is given again with the same work folder.
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
from transformers import (
    AutoTokenizer,
    LlavaOnevisionForConditionalGeneration,
    PreTrainedTokenizerFast,
)

from training.allocation import keep_freed_memory
from training.architecture import IMAGE_SIZE, model_config
from training.demo_folder import note_figures, save_folder
from training.encoder_stage import EncoderPlan, SeeingEncoder, train_encoder
from training.films import TRAINING_SEED, VALIDATION_SEED, FilmStore, open_store
from training.language_stage import (
    LanguagePlan,
    conversations,
    film_features,
    fresh_language,
    train_language,
)
from training.quick_figures import quick_figures
from training.read_outs import COUNT as READ_OUTS
from training.read_outs import begin_with_read_outs, idle_units
from training.tokenizer import IMAGE, train_tokenizer

_VOCABULARY: Final = 1000
_CORPUS_FILMS: Final = 3000
_HELD: Final = 500
_LOOKED_AT: Final = 16


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


def beginning(
    store: FilmStore, encoder: SeeingEncoder, folder: Path | None = None
) -> tuple[LlavaOnevisionForConditionalGeneration, PreTrainedTokenizerFast]:
    """Give model and tokenizer as the language stage finds them.

    Parameters
    ----------
    store
        Films to learn from.
    encoder
        The trained encoder with its heads.
    folder
        A finished folder whose projector and decoder are to learn on; None for new ones.
    """
    if folder is None:
        tokenizer = make_tokenizer(store)
        model = assemble(tokenizer, encoder)
        features = film_features(model, store.tiles[:_LOOKED_AT])
        fresh_language(model, features, tokenizer)
        units = list(range(READ_OUTS))
    else:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model = assemble(tokenizer, encoder)
        known = LlavaOnevisionForConditionalGeneration.from_pretrained(
            folder, dtype=torch.float32, local_files_only=True
        ).state_dict()
        model.load_state_dict(
            {name: value for name, value in known.items() if "vision_tower" not in name},
            strict=False,
        )
        features = film_features(model, store.tiles[:_LOOKED_AT])
        units = idle_units(model.model.multi_modal_projector, features)
    begin_with_read_outs(model, encoder, units, features)
    return model, tokenizer


def main(arguments: Sequence[str] | None = None) -> None:
    """Train all stages and write the folder."""
    parser = argparse.ArgumentParser(description="Train the demonstration model on phantoms.")
    parser.add_argument("--out", type=Path, required=True, help="folder of the finished model")
    parser.add_argument("--work", type=Path, required=True, help="folder of films and checkpoints")
    parser.add_argument(
        "--continue-from", type=Path, help="folder whose projector and decoder learn on"
    )
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
    model, tokenizer = beginning(store, encoder, chosen.continue_from)
    plan = LanguagePlan(steps=chosen.language_steps)
    train_language(model, tokenizer, store, plan, chosen.work)
    trained_with = {
        "command": "python -m training.demo_model --out reader/demo_model --work WORK",
        "films": chosen.films,
        "encoder_steps": chosen.encoder_steps,
        "language_steps": chosen.language_steps,
        "continued_from": None if chosen.continue_from is None else chosen.continue_from.name,
        "seconds_of_this_run": round(time.monotonic() - started),
    }
    save_folder(model, tokenizer, chosen.out, trained_with)
    figures = quick_figures(chosen.out, VALIDATION_SEED, _HELD)
    logging.getLogger(__name__).info("held-out phantoms: %s", figures)
    note_figures(chosen.out, figures)


if __name__ == "__main__":
    main()
